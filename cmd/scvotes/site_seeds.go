package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"scvotes/api"
	"scvotes/votes"
)

// siteNames is what the record holds, by the word before its place in a path:
// the ids of resolutions, the codes of members, the numbers of imports and of edits.
type siteNames map[string][]string

// The words that stand before a name in a path.
const (
	namesResolutions = "resolutions"
	namesMembers     = "members"
	namesImports     = "imports"
	namesEdits       = "edits"
	namesPairs       = "agreement" // of two members: those that pages lead to
)

// readNames reads every name, and the symbols that lead to a resolution.
func readNames(ctx context.Context, r api.Reader) (siteNames, []string, error) {
	names := siteNames{namesResolutions: nil, namesMembers: nil, namesImports: nil, namesEdits: nil, namesPairs: nil}
	var symbols []string
	request := votes.PageRequest{Limit: votes.MaxLimit}
	for {
		page, err := r.Resolutions(ctx, votes.Filter{}, request)
		if err != nil {
			return nil, nil, err
		}
		for _, res := range page.Data {
			names[namesResolutions] = append(names[namesResolutions], res.ID)
			symbols = append(symbols, symbolsOf(res)...)
		}
		if request.After = page.Next; page.Next == nil {
			break
		}
	}
	if err := names.readNumbers(ctx, r); err != nil {
		return nil, nil, err
	}
	seen := make(map[votes.Code]bool)
	for _, t := range votes.Terms() {
		for _, code := range []votes.Code{t.Code, t.Code.Seat()} {
			if !seen[code] {
				seen[code] = true
				names[namesMembers] = append(names[namesMembers], string(code))
			}
		}
	}
	return names, symbols, nil
}

// readNumbers reads the numbers of imports and edits.
func (n siteNames) readNumbers(ctx context.Context, r api.Reader) error {
	for before := int64(0); ; {
		page, err := r.Imports(ctx, votes.MaxLimit, before)
		if err != nil {
			return err
		}
		for _, i := range page.Data {
			n[namesImports] = append(n[namesImports], fmt.Sprint(i.ID))
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	for before := int64(0); ; {
		page, err := r.Edits(ctx, votes.EditFilter{}, votes.MaxLimit, before)
		if err != nil {
			return err
		}
		for _, e := range page.Data {
			n[namesEdits] = append(n[namesEdits], fmt.Sprint(e.Number))
		}
		if before = page.Next; before == 0 {
			return nil
		}
	}
}

// symbolsOf are the symbols that documents name a resolution by, and the ids that
// they make: the server leads from each to the id of the vote, if there is one.
func symbolsOf(r votes.Resolution) (list []string) {
	for _, s := range []votes.Symbol{r.Draft, r.Resolution} {
		if s == "" {
			continue
		}
		list = append(list, string(s))
		if id, err := votes.ParseID(string(s)); err == nil && id != r.ID {
			list = append(list, id)
		}
	}
	return list
}

// freeParameters choose among votes, or shape the same answer. There is no end of
// what they can ask for, so that only what answers lead to is exported.
var freeParameters = append([]string{"sort", "facets", "include", "fields", "theme"}, votes.FilterParameters...)

// seeds are the addresses of a route that the record and the contract name: of a
// route that stands for one address that itself, and each value of each way to
// count by itself; of another one for each name.
func (r siteRoute) seeds(names siteNames) ([]string, error) {
	if r.path == "/oembed" || r.symbols {
		return nil, nil // asks for an address, and every page leads to its own; or is named by the symbols
	}
	if r.several() {
		return r.named(names)
	}
	bases := []string{r.path}
	for _, p := range r.required {
		if len(p.values) == 0 || len(r.required) > 1 {
			return nil, fmt.Errorf("GET %s: the export does not know what to ask for", r.path)
		}
		bases = nil
		for _, v := range p.values {
			bases = append(bases, r.path+"?"+url.Values{p.name: {v}}.Encode())
		}
	}
	list := bases
	for _, base := range bases[:1] {
		for _, p := range r.optional {
			if slices.Contains(freeParameters, p.name) {
				continue
			}
			for _, v := range p.values {
				list = append(list, withParameter(base, p.name, v))
			}
		}
	}
	return list, nil
}

func withParameter(address, name, value string) string {
	address, query, _ := strings.Cut(address, "?")
	values, _ := url.ParseQuery(query) // of our own making
	values.Set(name, value)
	return address + "?" + values.Encode()
}

// named are the addresses of a route with every name in it.
func (r siteRoute) named(names siteNames) (list []string, err error) {
	before, rest, _ := strings.Cut(r.path, "/{")
	word := before[strings.LastIndexByte(before, '/')+1:]
	known, ok := names[word]
	if !ok {
		return nil, fmt.Errorf("GET %s: the export does not know what stands there", r.path)
	}
	_, behind, _ := strings.Cut(rest, "}")
	for _, name := range known {
		list = append(list, before+"/"+url.PathEscape(name)+behind)
	}
	return list, nil
}
