//go:build linux

package main

import (
	"net/http"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// The database is restarted, or killed, under load: what is kept is answered
// all the while, what is not is a 503 that says when to ask again, and once the
// database is back nobody has to do anything.
func testRestartedUnderLoad(t *testing.T, s *site) {
	dsn := s.database(t, "restarted")
	api := newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + dsn})
	api.ready(t)
	landed(t, dsn, 1)
	w := s.watched(t, api)
	w.goOn(5)
	w.allowAway(true)
	var gap, cold time.Duration
	n := pgtest.Times(2, 20)
	for round := range n {
		w.again()
		for _, q := range probes {
			until(t, 10*time.Second, "the answers are kept", func() error { return api.gives(q.path, http.StatusOK) })
		}
		before := w.of(api)
		if round%2 == 0 {
			s.stop(t)
		} else {
			s.killAll()
		}
		until(t, 10*time.Second, "what is kept is answered while the database is away", func() error {
			if now := w.of(api); now.hits-before.hits < 20 {
				return api.gives(probes[0].path, http.StatusOK)
			}
			return nil
		})
		if err := api.gives("/healthz", http.StatusOK); err != nil {
			t.Error(err)
		}
		s.start(t)
		back := time.Now()
		w.goOn(3)
		cold = max(cold, time.Since(back))
		gap = max(gap, w.of(api).gap)
		landed(t, dsn, round+2)
		w.reach(round+2, time.Now(), 10*time.Second)
	}
	w.goOn(5)
	w.allowAway(false)
	w.goOn(5)
	w.end()
	clean(t, dsn, "a restart")
	if now := w.of(api); now.slowest > 10*time.Second {
		t.Errorf("%s took %v", now.slowestPath, now.slowest)
	}
	s.asUndisturbed(t, dsn, n+1)
	t.Logf("figure: the database was restarted or killed %d times under load; longest without a good answer %v; answers from the database %v after it was back", n, round(gap), round(cold))
}
