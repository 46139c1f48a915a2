package store_test

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"scvotes/store"
	"scvotes/votes"
)

// facetValues are the values that a resolution counts for, once each.
var facetValues = map[string]func(*votes.Resolution) []string{
	"outcome":     func(r *votes.Resolution) []string { return []string{string(r.Outcome)} },
	"adopted_by":  func(r *votes.Resolution) []string { return []string{string(r.AdoptedBy)} },
	"kind":        func(r *votes.Resolution) []string { return []string{string(r.Kind)} },
	"year":        func(r *votes.Resolution) []string { return []string{string(r.Date)[:4]} },
	"decade":      func(r *votes.Resolution) []string { return []string{string(r.Date)[:3] + "0"} },
	"topic":       func(r *votes.Resolution) []string { return []string{string(r.Topic)} },
	"agenda_item": func(r *votes.Resolution) []string { return []string{string(r.AgendaItem)} },
	"region":      func(r *votes.Resolution) []string { return []string{string(r.Region)} },
	"roll_call":   func(r *votes.Resolution) []string { return []string{string(r.RollCall)} },
	"vetoed_by": func(r *votes.Resolution) []string {
		var list []string
		for _, c := range r.VetoedBy {
			list = append(list, string(c.Seat()))
		}
		return list
	},
	"sponsor": func(r *votes.Resolution) []string {
		var list []string
		for _, s := range r.Sponsors {
			if seat := string(s.Code.Seat()); s.Code != "" && !slices.Contains(list, seat) {
				list = append(list, seat)
			}
		}
		return list
	},
}

// facetOf counts by a facet, the commonest value first, years in their order.
func facetOf(name string, list []*votes.Resolution) []votes.Facet {
	counts := make(map[string]int)
	for _, r := range list {
		for _, v := range facetValues[name](r) {
			counts[v]++
		}
	}
	facet := []votes.Facet{}
	for v, n := range counts {
		f := votes.Facet{Value: v, Name: v, Count: n}
		switch {
		case v == "":
			f.Name = "not known"
		case name == "vetoed_by" || name == "sponsor":
			state, _ := votes.StateByCode(votes.Code(v))
			f.Name = state.Names[len(state.Names)-1].Name
		}
		facet = append(facet, f)
	}
	slices.SortFunc(facet, func(a, b votes.Facet) int {
		if name == "year" || name == "decade" {
			return cmp.Compare(a.Value, b.Value)
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return facet
}

// Facets count all that the filter chooses, not the page, one by one or all together.
func TestFacets(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	if diff := gocmp.Diff(sorted(slices.Clone(votes.FacetNames)), sortedKeys(facetValues)); diff != "" {
		t.Fatalf("facets (-package votes +here):\n%s", diff)
	}
	for i, c := range filters {
		f := parseFilter(t, c.query)
		var list []*votes.Resolution
		for _, res := range all {
			if chosen(f, res) {
				list = append(list, res)
			}
		}
		asked := [][]string{votes.FacetNames, {votes.FacetNames[i%len(votes.FacetNames)]}, nil}
		for _, names := range asked {
			page, err := r.Resolutions(t.Context(), f, votes.PageRequest{Limit: 3, Facets: names})
			if err != nil {
				t.Fatal(err)
			}
			if page.Total != len(list) || len(page.Facets) != len(names) {
				t.Errorf("%q: %d in all with %d facets, want %d with %d", c.query, page.Total, len(page.Facets), len(list), len(names))
			}
			for _, name := range names {
				if diff := gocmp.Diff(facetOf(name, list), page.Facets[name]); diff != "" {
					t.Errorf("%q by %s (-counted one by one +facet):\n%s", c.query, name, firstLines(diff, 20))
				}
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	return sorted(list)
}

// What a page says of a resolution is what its own page says.
func TestPagesInDetailEqualTheResolutions(t *testing.T) {
	askedOneByOne(t)
	r := newRecord(t)
	r.loadStarter(t)
	r.land(t, csvFile("more.csv", header+sudan+tallied).from("B", ""), store.ImportOptions{})
	n := 0
	walk(t, r, votes.Filter{}, votes.PageRequest{Limit: 150, Detail: true}, func(_ int, page votes.Page) {
		for _, res := range page.Data {
			n++
			if diff := gocmp.Diff(r.resolution(t, res.ID), &res); diff != "" {
				t.Fatalf("%s (-Resolution +page):\n%s", res.ID, diff)
			}
		}
	})
	if n != one[int](t, r, `SELECT count(*) FROM resolutions`) {
		t.Errorf("%d resolutions on the pages", n)
	}
	page, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{Limit: 1})
	if err != nil || page.Data[0].Detail != nil {
		t.Errorf("detail %v, %v; want none where none is asked for", page.Data[0].Detail, err)
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	r := newRecord(t)
	search, err := votes.ParseSearch("-ceasefire")
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func() error{
		"an unknown order": func() error {
			_, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{Sort: "r.id; DROP TABLE votes"})
			return err
		},
		"an unknown facet": func() error {
			_, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{Facets: []string{"outcome", "' || no || '"}})
			return err
		},
		"relevance to nothing": func() error {
			_, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{Sort: votes.SortRelevance})
			return err
		},
		"relevance to what is left out": func() error {
			_, err := r.Resolutions(t.Context(), votes.Filter{Q: search}, votes.PageRequest{Sort: votes.SortRelevance})
			return err
		},
		"an export in an unknown order": func() error {
			_, err := r.Each(t.Context(), votes.Filter{}, "no", func(*votes.Resolution) error { return nil })
			return err
		},
	} {
		if err := ask(); !errors.Is(err, votes.ErrInvalid) {
			t.Errorf("%s: err=%v, want ErrInvalid", name, err)
		}
	}
}

// Values never become part of a statement, whatever stands in them.
func TestValuesAreOnlyValues(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	before := r.counts(t)
	for _, text := range []string{"'", "''", `\`, `"`, "@f0", "@id", "$1", "%s", "%d%%", "{USA:no}", "'; DROP TABLE votes; --", "NULL", "ARRAY[1]"} {
		f := votes.Filter{Topic: []string{text}, AgendaItem: []string{text, "The situation in Cyprus"}, Region: []string{text}}
		page, err := r.Resolutions(t.Context(), f, votes.PageRequest{Facets: votes.FacetNames})
		if err != nil || page.Total != 0 {
			t.Errorf("%s: %d found, %v; want none", text, page.Total, err)
		}
		want := votes.Page{Data: []votes.Resolution{}, Revision: 2}
		if diff := gocmp.Diff(want, page, cmpopts.IgnoreFields(votes.Page{}, "Facets")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if _, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{After: &votes.Mark{Date: "2024-11-20", ID: text}}); err != nil {
			t.Errorf("behind the id %s: %v", text, err)
		}
	}
	sameCounts(t, before, r.counts(t))
}
