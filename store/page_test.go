package store_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

func TestResolutionsByFilter(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	for _, c := range filters {
		t.Run(c.query, func(t *testing.T) {
			f := parseFilter(t, c.query)
			want := reference(all, f, votes.SortNewest)
			if (len(want) == 0) != c.none {
				t.Fatalf("the reference chooses %d", len(want))
			}
			for _, detail := range []bool{false, true} {
				page, err := r.Resolutions(t.Context(), f, votes.PageRequest{Limit: votes.MaxLimit, Detail: detail})
				if err != nil {
					t.Fatal(err)
				}
				if page.Total != len(want) || (page.Next != nil) != (len(want) > votes.MaxLimit) || page.Revision != 4 {
					t.Errorf("%d in all at revision %d, next %v; want %d at 4", page.Total, page.Revision, page.Next, len(want))
				}
				first := slices.Clone(want[:min(len(want), votes.MaxLimit)])
				for i := range first {
					if !detail {
						first[i].Detail = nil
					}
				}
				if diff := gocmp.Diff(first, page.Data, nothingIsEmpty); diff != "" {
					t.Errorf("detail=%v (-reference +page)\n%s", detail, firstLines(diff, 30))
				}
			}
		})
	}
}

// Every filter in every order, page by page; and all at once, in one of them.
func TestEveryOrderOfEveryFilter(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	for i, c := range filters {
		f := parseFilter(t, c.query)
		for j, sort := range inOrders {
			want := ids(reference(all, f, sort))
			limit := 7
			if len(want) > 300 {
				limit = 97 // as odd, and a tenth of the pages
			}
			var got []string
			walk(t, r, f, votes.PageRequest{Limit: limit, Sort: sort}, func(_ int, page votes.Page) {
				got = append(got, ids(page.Data)...)
				if page.Total != len(want) {
					t.Errorf("%q by %s: a page tells of %d in all, want %d", c.query, sort, page.Total, len(want))
				}
			})
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%q by %s, by %d (-reference +pages):\n%s", c.query, sort, limit, firstLines(diff, 20))
			}
			if j != i%len(inOrders) {
				continue
			}
			var each []string
			if _, err := r.Each(t.Context(), f, sort, func(res *votes.Resolution) error { each = append(each, res.ID); return nil }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(want, each) {
				t.Errorf("%q by %s: Each gives %d otherwise than the %d of the reference", c.query, sort, len(each), len(want))
			}
		}
	}
}

// Any three of the parameters together, as chance has it.
func TestFiltersTogether(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	var parameters []string
	for _, c := range filters {
		if c.query != "" && !c.none {
			parameters = append(parameters, strings.Split(c.query, "&")...)
		}
	}
	rnd := rand.New(rand.NewPCG(2024, 835))
	found := 0
	for range 250 {
		drawn := make(map[string]string)
		for range 3 {
			p := parameters[rnd.IntN(len(parameters))]
			name, _, _ := strings.Cut(p, "=")
			drawn[name] = p // of those that may stand only once, one
		}
		var query []string
		for _, p := range drawn {
			query = append(query, p)
		}
		text := strings.Join(sorted(query), "&")
		if strings.Contains(text, "from=") && strings.Contains(text, "to=") {
			continue // which may be the wrong way round
		}
		f, sort := parseFilter(t, text), inOrders[rnd.IntN(len(inOrders))]
		want := reference(all, f, sort)
		page, err := r.Resolutions(t.Context(), f, votes.PageRequest{Limit: votes.MaxLimit, Sort: sort})
		if err != nil {
			t.Fatalf("%q by %s: %v", text, sort, err)
		}
		if page.Total != len(want) || !slices.Equal(ids(page.Data), ids(want[:min(len(want), votes.MaxLimit)])) {
			t.Errorf("%q by %s: %d in all, or in another order; want %d", text, sort, page.Total, len(want))
		}
		if len(want) > 0 {
			found++
		}
	}
	if found < 60 {
		t.Errorf("only %d of the filters choose anything: they tell too little", found)
	}
}

// inOrders are the orders that need no words, and orders what they mean.
var inOrders = []votes.Sort{votes.SortNewest, votes.SortOldest, votes.SortMargin, votes.SortRevision}

var orders = map[votes.Sort]func(a, b votes.Resolution) int{
	votes.SortNewest: newestFirst,
	votes.SortOldest: func(a, b votes.Resolution) int { return -newestFirst(a, b) },
	votes.SortMargin: func(a, b votes.Resolution) int {
		return cmp.Or(cmp.Compare(closeness(a), closeness(b)), newestFirst(a, b))
	},
	votes.SortRevision: func(a, b votes.Resolution) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.ID, b.ID))
	},
}

// closeness is how many votes would have had to change for the number to be
// missed where it was reached, or reached where it was missed: tried out. What
// has no tally stands last.
func closeness(r votes.Resolution) int {
	if r.Tally == nil {
		return 99
	}
	reached := r.Tally.Yes >= r.Tally.Required
	for n := 1; ; n++ {
		if fewer, more := r.Tally.Yes-n, r.Tally.Yes+n; reached && fewer < r.Tally.Required || !reached && more >= r.Tally.Required {
			return n
		}
	}
}

// reference is what a filter chooses, in an order.
func reference(all []*votes.Resolution, f votes.Filter, sort votes.Sort) []votes.Resolution {
	var list []votes.Resolution
	for _, res := range all {
		if chosen(f, res) {
			list = append(list, *res)
		}
	}
	slices.SortFunc(list, orders[sort])
	return list
}

// walk goes through the pages to the last, and shows each as it comes.
func walk(t *testing.T, r record, f votes.Filter, p votes.PageRequest, see func(n int, page votes.Page)) {
	t.Helper()
	for n := 0; ; n++ {
		page, err := r.Resolutions(t.Context(), f, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Data) > p.Limit || len(page.Data) < p.Limit && page.Next != nil || n > 1000 {
			t.Fatalf("page %d has %d of %d, next %v", n, len(page.Data), p.Limit, page.Next)
		}
		see(n, page)
		if p.After = page.Next; page.Next == nil {
			return
		}
	}
}

func TestPagesOfAnyLength(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	f := parseFilter(t, "outcome=vetoed,failed&from=1970-01-01")
	want := ids(reference(r.all(t), f, votes.SortNewest))
	for _, limit := range []int{1, 2, len(want) - 1, len(want), len(want) + 1, votes.MaxLimit} {
		var got []string
		walk(t, r, f, votes.PageRequest{Limit: limit}, func(_ int, page votes.Page) { got = append(got, ids(page.Data)...) })
		if !slices.Equal(want, got) {
			t.Errorf("by %d: %d resolutions in another order, or not all of the %d", limit, len(got), len(want))
		}
	}
	page, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{})
	if err != nil || len(page.Data) != votes.DefaultLimit {
		t.Errorf("%d on a page of no given length (%v), want %d", len(page.Data), err, votes.DefaultLimit)
	}
	// A place behind the last is a place too.
	page, err = r.Resolutions(t.Context(), f, votes.PageRequest{Limit: 7, After: &votes.Mark{Date: "1946-01-17", ID: "S-1"}})
	if err != nil || len(page.Data) != 0 || page.Next != nil || page.Total != len(want) || page.Revision != 2 {
		t.Errorf("behind the last: %d of %d at revision %d, next %v, %v", len(page.Data), page.Total, page.Revision, page.Next, err)
	}
}
