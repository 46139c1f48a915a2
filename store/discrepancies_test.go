package store_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// discrepancyFilters are filters of every field, of several, and of nothing.
var discrepancyFilters = map[string]votes.DiscrepancyFilter{
	"all":               {},
	"one kind":          {Kind: []string{votes.KindSeat}},
	"two kinds":         {Kind: []string{votes.KindOutcome, votes.KindTwice}},
	"serious":           {Severity: []string{votes.SeveritySerious}},
	"serious and open":  {Severity: []string{votes.SeveritySerious}, State: []string{votes.StateOpen}},
	"settled":           {State: []string{votes.StateCorrected, votes.StateExplained}},
	"one source":        {Source: []string{"UN Digital Library"}},
	"a kind and source": {Kind: []string{votes.KindConflict}, Source: []string{"UN Digital Library", "scvotes starter record"}},
	"nothing":           {Source: []string{"a newspaper"}},
}

// allows is what a DiscrepancyFilter means, written down without a thought for speed.
func allows(f votes.DiscrepancyFilter, d votes.Discrepancy) bool {
	one := func(wanted []string, has string) bool { return len(wanted) == 0 || slices.Contains(wanted, has) }
	source := len(f.Source) == 0 || slices.ContainsFunc(d.Sides, func(s votes.Side) bool { return slices.Contains(f.Source, s.Source) })
	return one(f.Kind, d.Kind) && one(f.Severity, d.Severity) && one(f.State, d.State) && source
}

func TestDiscrepanciesByFilter(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := allFiles(t)
	all := r.all(t)
	r.exec(t, `VACUUM ANALYZE`)
	revision := one[int64](t, r, `SELECT max(number) FROM revisions`)
	for name, f := range discrepancyFilters {
		t.Run(name, func(t *testing.T) {
			var want []votes.FoundDiscrepancy
			kinds, states := map[string]int{}, map[string]int{}
			for _, res := range all {
				for _, d := range res.Discrepancies {
					if allows(f, d) {
						want = append(want, votes.FoundDiscrepancy{Resolution: res.ID, Date: res.Date, Discrepancy: d})
						kinds[d.Kind]++
						states[d.State]++
					}
				}
			}
			if (len(want) == 0) != (name == "nothing") {
				t.Fatalf("the reference chooses %d", len(want))
			}
			slices.SortFunc(want, func(a, b votes.FoundDiscrepancy) int {
				return -cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Resolution, b.Resolution), cmp.Compare(a.Key, b.Key))
			})
			for _, limit := range []int{votes.MaxLimit, 37} {
				got := r.pagedDiscrepancies(t, f, limit, votes.DiscrepancyPage{Total: len(want), Kinds: kinds, States: states, Revision: revision})
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("by %d (-reference +pages):\n%s", limit, firstLines(diff, 30))
				}
			}
			var each []votes.FoundDiscrepancy
			if _, err := r.EachDiscrepancy(t.Context(), f, func(d votes.FoundDiscrepancy) error { each = append(each, d); return nil }); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want, each); diff != "" {
				t.Errorf("(-reference +EachDiscrepancy):\n%s", firstLines(diff, 30))
			}
		})
	}
}

// Many discrepancies are found by walking through the days of the votes, and few
// by looking them up: the pages are the same.
func TestFewAndManyDiscrepancies(t *testing.T) {
	askedOneByOne(t)
	r := allFiles(t)
	for name, f := range discrepancyFilters {
		t.Run(name, func(t *testing.T) {
			first, err := r.Discrepancies(t.Context(), f, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			var found [2][]votes.FoundDiscrepancy
			for i, most := range []int{0, first.Total} {
				store.FewDiscrepancies(t, most)
				found[i] = r.pagedDiscrepancies(t, f, 150, first)
			}
			if diff := gocmp.Diff(found[0], found[1]); diff != "" || len(found[0]) != first.Total {
				t.Errorf("%d of %d (-many +few):\n%s", len(found[0]), first.Total, firstLines(diff, 30))
			}
		})
	}
}

// pagedDiscrepancies walks through the pages to the last. Every one of them has
// to tell of all that the filter chooses what want tells.
func (r record) pagedDiscrepancies(t *testing.T, f votes.DiscrepancyFilter, limit int, want votes.DiscrepancyPage) []votes.FoundDiscrepancy {
	t.Helper()
	var got []votes.FoundDiscrepancy
	var after *votes.DiscrepancyMark
	for {
		page, err := r.Discrepancies(t.Context(), f, limit, after)
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != want.Total || page.Revision != want.Revision || !gocmp.Equal(page.Kinds, want.Kinds) || !gocmp.Equal(page.States, want.States) {
			t.Errorf("a page tells of %d, %v, %v at revision %d; want %+v", page.Total, page.Kinds, page.States, page.Revision, want)
		}
		if len(page.Data) > limit || len(page.Data) < limit && page.Next != nil || len(got) > want.Total {
			t.Fatalf("%d on a page of %d, next %v", len(page.Data), limit, page.Next)
		}
		got = append(got, page.Data...)
		if after = page.Next; after == nil {
			return got
		}
	}
}

// Several discrepancies of one vote stand on either side of a page's end.
func TestPagingWithinOneVote(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+sudan).from("A", ""), store.ImportOptions{})
	r.land(t, csvFile("b.csv", header+strings.Replace(sudan2, "2024-11-18", "2024-11-19", 1)).from("B", ""), store.ImportOptions{})
	want := len(r.resolution(t, "S-2024-826").Discrepancies)
	if want < 3 {
		t.Fatalf("%d discrepancies, want some", want)
	}
	seen := make(map[string]bool)
	var after *votes.DiscrepancyMark
	for pages := 1; ; pages++ {
		page, err := r.Discrepancies(t.Context(), votes.DiscrepancyFilter{}, 1, after)
		if err != nil || len(page.Data) != 1 {
			t.Fatalf("page %d: %d, %v", pages, len(page.Data), err)
		}
		seen[page.Data[0].Key] = true
		if after = page.Next; after == nil {
			if pages != want || len(seen) != want {
				t.Errorf("%d pages of one with %d different, want %d", pages, len(seen), want)
			}
			return
		}
	}
}
