package store_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// chosen is what a Filter means, written down without a thought for speed.
func chosen(f votes.Filter, r *votes.Resolution) bool {
	sponsors := make([]votes.Code, len(r.Sponsors))
	for i, s := range r.Sponsors {
		sponsors[i] = s.Code.Seat()
	}
	vetoes := make([]votes.Code, len(r.VetoedBy))
	for i, c := range r.VetoedBy {
		vetoes[i] = c.Seat()
	}
	anyOf := func(list []votes.Code) func([]votes.Code) bool {
		return func(wanted []votes.Code) bool {
			return slices.ContainsFunc(wanted, func(c votes.Code) bool { return slices.Contains(list, c.Seat()) })
		}
	}
	voted := func(wanted []votes.Voted) bool {
		return slices.ContainsFunc(wanted, func(w votes.Voted) bool {
			return slices.ContainsFunc(r.Votes, func(v votes.MemberVote) bool {
				return v.Seat == w.Code.Seat() && (v.Position == w.Position || w.Position == "" && v.Position.Voted())
			})
		})
	}
	discrepancy := func(d votes.Discrepancy) bool {
		return f.Discrepancy == votes.AnyDiscrepancy || d.Severity == f.Discrepancy
	}
	return (len(f.RollCall) == 0 || slices.Contains(f.RollCall, r.RollCall)) &&
		(f.Discrepancy == "" || slices.ContainsFunc(r.Discrepancies, discrepancy)) &&
		(len(f.Outcome) == 0 || slices.Contains(f.Outcome, r.Outcome)) &&
		(len(f.Year) == 0 || slices.Contains(f.Year, r.Date.Year())) &&
		(f.From == "" || r.Date >= f.From) && (f.To == "" || r.Date <= f.To) &&
		every(f.VetoedBy, anyOf(vetoes)) && every(f.Sponsor, anyOf(sponsors)) && every(f.Voted, voted)
}

func every[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(v T) bool { return !holds(v) })
}

// filters are queries as they come in; those that choose nothing say so.
var filters = []struct {
	query string
	none  bool
}{
	{query: ""},
	{query: "outcome=vetoed"},
	{query: "outcome=vetoed,failed"},
	{query: "outcome=withdrawn", none: true},
	{query: "year=2024"},
	{query: "year=1946,2003,2024"},
	{query: "from=2024-11-20"},
	{query: "to=1946-12-31"},
	{query: "from=1970-01-01&to=1979-12-31"},
	{query: "from=2024-11-20&to=2024-11-20"},
	{query: "from=2024-11-21&to=2024-11-21", none: true},
	{query: "vetoed_by=USA"},
	{query: "vetoed_by=RUS"},
	{query: "vetoed_by=SUN"},
	{query: "vetoed_by=GBR&vetoed_by=FRA"},
	{query: "vetoed_by=GBR,CHN"},
	{query: "vetoed_by=USA&vetoed_by=RUS", none: true}, // not once in these files
	{query: "sponsor=USA"},
	{query: "sponsor=RUS&year=1995,1996"},
	{query: "sponsor=FRA&sponsor=GBR&sponsor=DEU"},
	{query: "sponsor=DZA,MLT"},
	{query: "voted=USA:no"},
	{query: "voted=SUN:abstain"},
	{query: "voted=USA:no&voted=GBR:abstain"},
	{query: "voted=CHN:no,RUS:no&outcome=failed"},
	{query: "voted=KEN:any"},
	{query: "voted=RUS:not_participating,RUS:absent"},
	{query: "voted=SUN:any&year=1950", none: true}, // absent, so it took no part
	{query: "roll_call=disputed"},
	{query: "roll_call=none,partial"},
	{query: "roll_call=disputed&voted=USA:any", none: true}, // such a roll feeds no figure
	{query: "roll_call=complete&year=1995"},
	{query: "discrepancy=true"},
	{query: "discrepancy=serious"},
	{query: "discrepancy=minor&outcome=vetoed"},
	{query: "discrepancy=serious&roll_call=complete"}, // another account settles it, or a rule explains it
	{query: "outcome=vetoed&vetoed_by=USA&year=2024&voted=DZA:yes&sponsor=DZA&from=2024-02-01&to=2024-12-31"},
}

func TestResolutionsByFilter(t *testing.T) {
	t.Parallel()
	r, all := published(t)
	for _, c := range filters {
		t.Run(c.query, func(t *testing.T) {
			f := parseFilter(t, c.query)
			var want []votes.Resolution
			for _, res := range all {
				if chosen(f, res) {
					line := *res
					line.Detail = nil
					want = append(want, line)
				}
			}
			if (len(want) == 0) != c.none {
				t.Fatalf("the reference chooses %d", len(want))
			}
			slices.SortFunc(want, newestFirst)
			page, err := r.Resolutions(t.Context(), f, votes.PageRequest{Limit: votes.MaxLimit})
			if err != nil {
				t.Fatal(err)
			}
			if page.Total != len(want) || (page.Next != nil) != (len(want) > votes.MaxLimit) {
				t.Errorf("%d in all, next %v; want %d", page.Total, page.Next, len(want))
			}
			if diff := cmp.Diff(want[:min(len(want), votes.MaxLimit)], page.Data, nothingIsEmpty); diff != "" {
				t.Errorf("(-reference +page)\n%s", firstLines(diff, 30))
			}
			var each []string
			if err := r.Each(t.Context(), f, func(res *votes.Resolution) error { each = append(each, res.ID); return nil }); err != nil {
				t.Fatal(err)
			}
			slices.Reverse(each)
			if !slices.Equal(ids(want), each) {
				t.Error("Each chooses otherwise")
			}
		})
	}
}

// nothingIsEmpty makes a nil list and an empty one the same.
var nothingIsEmpty = cmp.Transformer("list", func(list []votes.Resolution) map[int]votes.Resolution {
	m := make(map[int]votes.Resolution)
	for i, r := range list {
		m[i] = r
	}
	return m
})

func parseFilter(t *testing.T, query string) votes.Filter {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	f, faults := votes.ParseFilter(q)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return f
}

func ids(list []votes.Resolution) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}

func TestPagingGivesEveryOneOnce(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	for _, query := range []string{"", "outcome=vetoed", "year=2024"} {
		f := parseFilter(t, query)
		var want []votes.Resolution
		for _, res := range r.all(t) {
			if chosen(f, res) {
				want = append(want, *res)
			}
		}
		slices.SortFunc(want, newestFirst)
		for _, limit := range []int{1, 7, votes.MaxLimit} {
			if limit == 1 && query == "" {
				continue // 427 pages tell no more than the others
			}
			if got := paged(t, r, f, limit, nil); !slices.Equal(ids(want), got) {
				t.Errorf("%q by %d: %d resolutions in another order, or not all of the %d", query, limit, len(got), len(want))
			}
		}
	}
	page, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{})
	if err != nil || len(page.Data) != votes.DefaultLimit {
		t.Errorf("%d on a page of no given length (%v), want %d", len(page.Data), err, votes.DefaultLimit)
	}
}

// paged walks through the pages to the last and returns the ids; between is
// called before every page but the first.
func paged(t *testing.T, r record, f votes.Filter, limit int, between func(page int)) []string {
	t.Helper()
	var got []string
	var after *votes.Mark
	for n := 0; ; n++ {
		if n > 0 && between != nil {
			between(n)
		}
		page, err := r.Resolutions(t.Context(), f, votes.PageRequest{Limit: limit, After: after})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Data) > limit || len(page.Data) < limit && page.Next != nil || n > 1000 {
			t.Fatalf("page %d has %d of %d, next %v", n, len(page.Data), limit, page.Next)
		}
		got = append(got, ids(page.Data)...)
		if after = page.Next; after == nil {
			return got
		}
	}
}

// Whoever pages through the record while imports land sees everything that was
// there from the beginning, once, and of the new what is still to come.
func TestPagingWhileImportsLand(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	var before []string
	for _, res := range r.all(t) {
		before = append(before, res.ID)
	}
	slices.Reverse(before)
	added := make(map[string]bool)
	got := paged(t, r, votes.Filter{}, 7, func(page int) {
		if page > 6 {
			return
		}
		// One of the first page's month, and one of 1965, both new.
		recent, old := fmt.Sprintf("S/2025/%d", 700+page), fmt.Sprintf("S/70%d", page)
		added["S-70"+fmt.Sprint(page)] = true
		r.land(t, csvFile("more.csv", header+recent+",,,2025-06-20,,,,,,3-2-10,\n"+old+",,,1965-11-01,,,,,,3-2-6,\n"), store.ImportOptions{})
	})
	var known []string
	for _, id := range got {
		switch {
		case added[id]:
			delete(added, id)
		case strings.HasPrefix(id, "S-2025-70"):
			t.Errorf("%s came after its place was passed", id)
		default:
			known = append(known, id)
		}
	}
	if !slices.Equal(before, known) {
		t.Error("what was there from the beginning came twice, not at all or in another order")
	}
	if len(added) > 0 {
		t.Errorf("not seen, though still to come: %v", added)
	}
}
