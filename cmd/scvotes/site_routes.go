package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"scvotes/api"
)

// needsServer are the addresses that a folder of files cannot answer, and why.
var needsServer = map[string]string{
	"POST /v1/decide":   "works out the outcome of a vote that somebody made up",
	"GET /v1/audit":     forTokens,
	"GET /v1/jobs/{id}": forTokens,

	"POST /v1/imports":                                          changesTheRecord,
	"DELETE /v1/jobs/{id}":                                      changesTheRecord,
	"POST /v1/resolutions/{id}/edits":                           changesTheRecord,
	"POST /v1/resolutions/{id}/statements":                      changesTheRecord,
	"POST /v1/resolutions/{id}/discrepancies/{key}/explanation": changesTheRecord,
	"POST /v1/edits":                                            changesTheRecord,
	"POST /v1/edits/{number}/undo":                              changesTheRecord,

	"GET /v1/webhooks":                 forTokens,
	"POST /v1/webhooks":                forTokens,
	"GET /v1/webhooks/{id}":            forTokens,
	"PATCH /v1/webhooks/{id}":          forTokens,
	"DELETE /v1/webhooks/{id}":         forTokens,
	"GET /v1/webhooks/{id}/deliveries": forTokens,
	"POST /v1/webhooks/{id}/test":      forTokens,

	"GET /healthz": "tells of the process at this moment",
	"GET /readyz":  "tells of the database at this moment",
	"GET /metrics": "tells whoever runs the server how it does at this moment",
}

const (
	changesTheRecord = "changes the record"
	forTokens        = "is for those who hold a token"
)

// siteRoute is one address of the server, or with {id} and the like many.
type siteRoute struct {
	path  string
	match *regexp.Regexp
	file  bool // the address has the name of a file: it ends as .csv or .png

	required, optional []siteParameter // of the query, those with a fixed list of values
	asks               bool            // a parameter may change the answer
	symbols            bool            // stands for the spellings that lead to another route
}

// siteParameter is a parameter with every value that it takes.
type siteParameter struct {
	name   string
	values []string
}

// several tells whether the route stands for many addresses.
func (r siteRoute) several() bool { return strings.Contains(r.path, "{") }

// picture tells whether it is the PNG of a vote, of which there are thousands.
func (r siteRoute) picture() bool { return r.several() && strings.HasSuffix(r.path, ".png") }

// siteRoutes is everything that the server answers to GET, the routes that stand
// for one address first: what the contract has, and the pages.
func siteRoutes(contract []byte) ([]siteRoute, error) {
	var doc openAPI
	if err := json.Unmarshal(contract, &doc); err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	var list []siteRoute
	known := make(map[string]bool)
	for address, operations := range doc.Paths {
		known[address] = true
		get, ok := operations["get"]
		if !ok || needsServer[http.MethodGet+" "+address] != "" {
			continue
		}
		r := newSiteRoute(address)
		if err := r.readParameters(doc, get); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	for _, address := range api.PagePaths() {
		if !known[address] {
			r := newSiteRoute(address)
			r.asks = !r.file
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b siteRoute) int {
		if a.several() != b.several() {
			return strings.Count(a.path, "{") - strings.Count(b.path, "{")
		}
		return strings.Compare(a.path, b.path)
	})
	// A symbol has slashes of its own: S/2024/835.
	for _, before := range []string{"/v1/resolutions/", "/resolutions/"} {
		list = append(list, siteRoute{path: before + "{symbol}", match: regexp.MustCompile("^" + before + ".+/.+$"), symbols: true})
	}
	return list, nil
}

var pathParameter = regexp.MustCompile(`\\\{\w+\\\}`)

func newSiteRoute(address string) siteRoute {
	last := path.Base(address)
	return siteRoute{
		path:  address,
		match: regexp.MustCompile("^" + pathParameter.ReplaceAllString(regexp.QuoteMeta(address), `([^/]+)`) + "$"),
		file:  strings.Contains(last, ".") && !strings.Contains(last, "{"),
	}
}

// routeOf finds the route of a path.
func routeOf(routes []siteRoute, address string) (siteRoute, bool) {
	for _, r := range routes {
		if r.match.MatchString(address) {
			return r, true
		}
	}
	return siteRoute{}, false
}

// openAPI is as much of the contract as tells its addresses.
type openAPI struct {
	Paths      map[string]map[string]openAPIOperation
	Components struct {
		Parameters map[string]openAPIParameter
		Schemas    map[string]openAPISchema
	}
}

type openAPIOperation struct{ Parameters []openAPIParameter }

type openAPIParameter struct {
	Ref      string `json:"$ref"`
	Name, In string
	Required bool
	Schema   openAPISchema
}

type openAPISchema struct {
	Ref   string `json:"$ref"`
	Enum  []any
	Items *openAPISchema
}

// readParameters reads which values the parameters of a route's query take.
func (r *siteRoute) readParameters(doc openAPI, o openAPIOperation) error {
	for _, p := range o.Parameters {
		if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
			if p, ok = doc.Components.Parameters[name]; !ok {
				return fmt.Errorf("the contract has no parameter %s", name)
			}
		}
		if p.In != "query" {
			continue
		}
		if p.Name != "fields" { // leaves out, and makes nothing wrong
			r.asks = true
		}
		one := siteParameter{p.Name, p.Schema.values(doc)}
		switch {
		case p.Required:
			r.required = append(r.required, one)
		case len(one.values) > 0:
			r.optional = append(r.optional, one)
		}
	}
	return nil
}

// values is every value that the schema names.
func (s openAPISchema) values(doc openAPI) (list []string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = doc.Components.Schemas[name]
	}
	if s.Items != nil {
		return s.Items.values(doc)
	}
	for _, v := range s.Enum {
		if text, ok := v.(string); ok {
			list = append(list, text)
		}
	}
	return list
}
