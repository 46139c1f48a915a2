package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/votes"
)

// overhearing is a tracer that keeps the statements that are asked.
type overhearing struct {
	mu    sync.Mutex
	asked []statement
}

type statement struct {
	sql  string
	args []any
}

func (o *overhearing) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	o.keep(data.SQL, data.Args)
	return ctx
}
func (o *overhearing) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (o *overhearing) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (o *overhearing) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	o.keep(data.SQL, data.Args)
}
func (o *overhearing) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (o *overhearing) keep(sql string, args []any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, statement{sql, args})
}

// take returns what was asked since it was last called.
func (o *overhearing) take() []statement {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.asked
	o.asked = nil
	return list
}

// overheard opens a store on the record of which every statement is kept.
func (r record) overheard(t testing.TB) (*store.Store, *overhearing) {
	t.Helper()
	o := new(overhearing)
	s, err := store.Open(t.Context(), r.dsn, store.WithTracer(o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	o.take() // the ping
	return s, o
}

// However much there is to tell, few statements bring it.
func TestStatementsOfEachReading(t *testing.T) {
	askedOneByOne(t)
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	ctx := t.Context()
	many := parseFilter(t, "q=situation*&outcome=vetoed,failed&voted=USA:no&vetoed_by=USA&changed_since=0&discrepancy=true&sponsor=FRA")
	for name, c := range map[string]struct {
		most int
		read func() error
	}{
		"Resolutions": {1, func() error {
			_, err := s.Resolutions(ctx, votes.Filter{}, votes.PageRequest{Limit: 200})
			return err
		}},
		"Resolutions with all there is": {1, func() error {
			_, err := s.Resolutions(ctx, many, votes.PageRequest{Limit: 200, Detail: true, Facets: votes.FacetNames, Sort: votes.SortRelevance})
			return err
		}},
		"Resolution": {1, func() error { _, _, err := s.Resolution(ctx, "S-2024-835"); return err }},
		"Item":       {1, func() error { _, err := s.Item(ctx, "S-2024-835"); return err }},
		"Items": {1, func() error {
			_, err := s.Items(ctx, votes.Filter{}, votes.PageRequest{Limit: 200, Vetoes: true})
			return err
		}},
		"Each": {1, func() error {
			_, err := s.Each(ctx, votes.Filter{}, "", func(*votes.Resolution) error { return nil })
			return err
		}},
		"Events": {1, func() error {
			_, err := s.Events(ctx, votes.Filter{}, true, func(votes.Event) error { return nil })
			return err
		}},
		"Accounts": {1, func() error { _, err := s.Accounts(ctx, "S-2024-835"); return err }},
		"History":  {1, func() error { _, err := s.History(ctx, "S-2024-835"); return err }},
		"Discrepancies": {1, func() error {
			_, err := s.Discrepancies(ctx, votes.DiscrepancyFilter{}, 200, nil)
			return err
		}},
		"EachDiscrepancy": {1, func() error {
			_, err := s.EachDiscrepancy(ctx, votes.DiscrepancyFilter{}, func(votes.FoundDiscrepancy) error { return nil })
			return err
		}},
		"EachAccount": {1, func() error { _, err := s.EachAccount(ctx, func(votes.FoundAccount) error { return nil }); return err }},
		"Vetoes":      {1, func() error { _, err := s.Vetoes(ctx, many, "year"); return err }},
		"Members":     {1, func() error { _, _, err := membersOf(ctx, s, true); return err }},
		"Member":      {1, func() error { _, _, err := memberOf(ctx, s, "USA", true); return err }},
		"Near":        {1, func() error { _, err := s.Near(ctx, "S-2024-853"); return err }},
		"Revision":    {1, func() error { _, err := s.Revision(ctx); return err }},
		"Imports":     {1, func() error { _, err := s.Imports(ctx, 200, 0); return err }},
		"Imported":    {1, func() error { _, err := s.Imported(ctx, 1, 200, 0); return err }},
		"At": {3, func() error {
			return s.At(ctx, func(then *store.Store) error { _, err := then.Revision(ctx); return err })
		}},
	} {
		for range 2 { // also when the counts are remembered
			if err := c.read(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if n := len(o.take()); n == 0 || n > c.most {
				t.Errorf("%s asks %d statements, want %d at most", name, n, c.most)
			}
		}
	}
}

// No list reads the votes at all, of which there are more than of anything: they
// stand in the roll. And what can be asked has an index that the planner can use.
func TestPlansOfLists(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, _ := published(t)
	r.exec(t, `ANALYZE`)
	s, o := r.overheard(t)
	// plan explains the one statement of a list.
	plan := func(query string, p votes.PageRequest) string {
		t.Helper()
		if _, err := s.Resolutions(t.Context(), parseFilter(t, query), p); err != nil {
			t.Fatal(err)
		}
		asked := o.take()
		if len(asked) != 1 {
			t.Fatalf("%q asks %d statements", query, len(asked))
		}
		return strings.Join(r.list(t, `EXPLAIN `+asked[0].sql, asked[0].args...), "\n")
	}
	if all := strings.Join(r.list(t, `EXPLAIN SELECT count(*) FROM votes`), "\n"); !strings.Contains(all, " on votes ") {
		t.Fatalf("a plan that reads all votes looks otherwise than this test thinks:\n%s", all)
	}
	for _, c := range filters {
		for sort := range orders {
			p := votes.PageRequest{Sort: sort, Detail: true, Facets: votes.FacetNames}
			if text := plan(c.query, p); strings.Contains(text, " on votes ") {
				t.Errorf("%q by %s reads the votes:\n%s", c.query, sort, text)
			}
		}
	}
	// A table as small as this is read through faster than any index: not so one
	// of a hundred times its size.
	r.exec(t, `SET enable_seqscan = off`)
	for _, c := range []struct {
		query, index string
		sort         votes.Sort
	}{
		{"voted=USA:no", "resolutions_by_roll", ""},
		{"voted=USA:no&voted=GBR:abstain", "resolutions_by_roll", ""},
		{"q=somalia", "resolutions_by_words", votes.SortRelevance},
		{`q=S/2024/835`, "resolutions_by_words", ""},
		{`q="middle east" -syria veto*`, "resolutions_by_words", ""},
		{"topic=somalia", "resolutions_by_topic", ""},
		{"agenda_item=the situation in somalia", "resolutions_by_agenda_item", ""},
		{"region=africa", "resolutions_by_region", ""},
		{"region=africa&region=asia", "resolutions_by_region", ""},
		{"vetoes=2", "resolutions_by_outcome", ""},
		{"margin=-1", "resolutions_by_margin", ""},
		{"outcome=failed", "resolutions_by_outcome", ""},
		{"changed_since=3", "resolutions_by_revision", votes.SortRevision},
		{"", "resolutions_by_closeness", votes.SortMargin},
		{"", "resolutions_by_date", votes.SortNewest},
		{"", "resolutions_by_date", votes.SortOldest},
		{"year=2024", "resolutions_by_date", ""},
		{"from=2024-01-01&to=2024-03-31", "resolutions_by_date", ""},
		{"vetoed_by=USA", "resolutions_by_roll", ""},
		{"sponsor=JPN", "sponsors_by_code", ""},
	} {
		if text := plan(c.query, votes.PageRequest{Sort: c.sort, Limit: 20}); !strings.Contains(text, c.index) {
			t.Errorf("%q by %q has no use for %s:\n%s", c.query, c.sort, c.index, text)
		}
	}
}
