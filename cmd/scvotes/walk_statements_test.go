package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// countStatements holds how many statements each answer takes to a small and
// fixed number, whatever the number of rows, and a 304 to one.
func (w *whole) countStatements(t *testing.T) {
	for _, o := range w.contract.Operations() {
		if o.Method == http.MethodGet && o.Path != "/" { // a page for people, which shows a bit of everything
			w.holdStatements(t, documented(t, o)[0].address, http.StatusOK, statementsOf(o.Path))
		}
	}
	// The most that can be asked for takes as many as the least; of what is not
	// there, the record and the symbols like it are looked up.
	for address, want := range map[string]int{
		"/v1/resolutions?limit=1": 2,
		"/v1/resolutions?limit=200&include=votes,statements,sources&q=-x&facets=outcome,year,topic,region,vetoed_by,sponsor": 2,
		"/v1/resolutions?limit=200&changed_since=1":                  2,
		"/v1/vetoes?limit=200&group_by=member&include=votes,sources": 3,
		"/v1/discrepancies?limit=200":                                2,
		"/v1/agreement?members=P5&members=E10&group_by=year":         2,
		"/v1/imports?limit=200":                                      statementsOf("/v1/imports"),
		"/v1/imports/6?limit=200":                                    statementsOf("/v1/imports/{id}"),
	} {
		w.holdStatements(t, address, http.StatusOK, want)
	}
	w.holdStatements(t, "/v1/resolutions/S-2024-834", http.StatusNotFound, 3)
	w.holdStatements(t, "/v1/resolutions?outcome=lost", http.StatusBadRequest, 0)
	w.holdStatements(t, "/v1/resolutions/S/2024/835", http.StatusPermanentRedirect, 0)
}

// statementsOf is how many statements the answer to a path takes: the revision
// for the ETag, and the record.
func statementsOf(path string) int {
	switch {
	case !strings.HasPrefix(path, "/v1/"), path == "/v1/council": // not of the record
		if path == "/readyz" {
			return 1
		}
		return 0
	case path == "/v1/export/scvotes.zip": // the tables in it, one after the other
		return 9
	case strings.HasPrefix(path, "/v1/export/"), // the revision also names the file
		strings.HasPrefix(path, "/v1/feed."), // when the feed was last changed, as of its entries
		path == "/v1/vetoes",                 // counts and list, of one moment
		path == "/v1/imports",                // the files and how many there are,
		path == "/v1/imports/{id}":           // or one and its problems, on one way to Postgres
		return 3
	}
	return 2
}

func (w *whole) holdStatements(t *testing.T, address string, status, want int) {
	t.Helper()
	w.statements.take()
	got := w.ask(t, http.MethodGet, address)
	if took := w.statements.take(); got.status != status || len(took) != want {
		t.Errorf("%s: status %d, want %d; %d statements, want %d:\n%s", address, got.status, status, len(took), want, strings.Join(took, "\n\n"))
	}
	tag := got.header.Get("ETag")
	if tag == "" {
		return
	}
	got = w.ask(t, http.MethodGet, address, "If-None-Match", tag)
	again := min(want, 1)
	if strings.HasPrefix(address, "/v1/export/") {
		again = 2
	}
	if took := w.statements.take(); got.status != http.StatusNotModified || len(took) != again {
		t.Errorf("%s: status %d and %d statements, want 304 and %d", address, got.status, len(took), again)
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
