package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
)

// tablesOfTheBundle is how many statements the whole record in one file takes:
// a table may be read more than once.
const tablesOfTheBundle = 6

// countStatements holds how many statements each answer takes that is not kept
// to a small and fixed number, whatever the number of rows, and a 304 to the look
// at the revision, of which there is none where somebody follows the record.
func (w *whole) countStatements(t *testing.T) {
	for name, looks := range map[string]int{"on its own": 1, "following": 0} {
		t.Run(name, func(t *testing.T) { w.uncached(t, looks).countStatements(t) })
	}
}

// counting is the server with nothing kept, on a store that tells its statements.
type counting struct {
	*whole
	looks   int // at the revision, for each answer that hangs on the record
	refresh func()
}

func (w *whole) uncached(t *testing.T, looks int) counting {
	t.Helper()
	c := counting{whole: &whole{contract: w.contract, statements: new(statements)}, looks: looks, refresh: func() {}}
	s, err := store.Open(t.Context(), w.db, store.WithTracer(c.statements))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	opt := api.Options{CacheBytes: -1}
	if looks == 0 {
		revision, err := s.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		opt.News = new(api.News)
		c.refresh = func() { opt.News.Tell(votes.Sighting{Revision: revision, Seen: time.Now()}) }
	}
	c.handler = api.New(reader{s}, opt)
	return c
}

func (c counting) countStatements(t *testing.T) {
	for _, o := range c.contract.Operations() {
		if o.Method == http.MethodGet && o.Path != "/" && o.Security == nil { // a page for people, which shows a bit of everything
			c.hold(t, documented(t, o)[0].address, http.StatusOK, c.of(o.Path))
		}
	}
	// The most that can be asked for takes as many as the least, also when the
	// counts are known; of what is not there, the record, the other ids of each
	// vote and the symbols like it are looked up.
	for range 2 {
		for address, want := range map[string]int{
			"/v1/resolutions?limit=1":   1,
			"/v1/resolutions?limit=200": 1,
			"/v1/resolutions?limit=200&include=votes,statements,sources&q=-x&facets=outcome,year,topic,region,vetoed_by,sponsor": 1,
			"/v1/resolutions?limit=200&changed_since=1":                  1,
			"/v1/resolutions?q=no+such+word":                             1,
			"/v1/vetoes?limit=200&group_by=member&include=votes,sources": 1,
			"/v1/discrepancies?limit=200":                                1,
			"/v1/agreement?members=P5&members=E10&group_by=year":         1,
			"/v1/imports?limit=200":                                      1,
			"/v1/imports/6?limit=200":                                    1,
		} {
			c.hold(t, address, http.StatusOK, c.looks+want)
		}
	}
	c.hold(t, "/v1/resolutions/S-2024-834", http.StatusNotFound, c.looks+3)
	c.hold(t, "/v1/resolutions?outcome=lost", http.StatusBadRequest, 0)
	c.hold(t, "/v1/resolutions/S/2024/835", http.StatusPermanentRedirect, 0)
}

// of is how many statements the answer to a path takes.
func (c counting) of(path string) int {
	switch {
	case path == "/readyz":
		return 1
	case !strings.HasPrefix(path, "/v1/"), path == "/v1/council": // not of the record
		return 0
	case strings.HasPrefix(path, "/v1/charts/timeline."): // nor this, for which the revision is looked at all the same
		return c.looks
	case path == "/v1/export/scvotes.zip": // the tables in it, one after the other
		return c.looks + 1 + tablesOfTheBundle
	case strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".ndjson"):
		return c.looks + 1 + 1 // the moment that all of it is of, which is named before it is read
	}
	return c.looks + 1
}

func (c counting) hold(t *testing.T, address string, status, want int) {
	t.Helper()
	c.refresh()
	c.statements.take()
	got := c.ask(t, http.MethodGet, address)
	if took := c.statements.take(); got.status != status || len(took) != want {
		t.Errorf("%s: status %d, want %d; %d statements, want %d:\n%s", address, got.status, status, len(took), want, strings.Join(took, "\n\n"))
	}
	tag := got.header.Get("ETag")
	if tag == "" {
		return
	}
	c.refresh()
	got = c.ask(t, http.MethodGet, address, "If-None-Match", tag)
	if took := c.statements.take(); got.status != http.StatusNotModified || len(took) != min(want, c.looks) {
		t.Errorf("%s: status %d and %d statements, want 304 and %d", address, got.status, len(took), min(want, c.looks))
	}
}

// statements collects what is asked of Postgres.
type statements struct {
	mu  sync.Mutex
	sql []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.add(q.SQL)
	return ctx
}

func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (*statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	s.add(q.SQL)
}

func (*statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) add(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sql = append(s.sql, sql)
}

// take returns what came since it was last asked, but for the beginning and the
// end of transactions.
func (s *statements) take() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sql := range s.sql {
		if verb, _, _ := strings.Cut(strings.TrimSpace(sql), " "); verb != "begin" && verb != "commit" && verb != "rollback" {
			list = append(list, sql)
		}
	}
	s.sql = nil
	return list
}
