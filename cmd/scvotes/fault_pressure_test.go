//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
	"scvotes/votes/source"
)

// A record that changes many times a second, read through a memory for answers
// that holds few of them: each answer is of one revision, none is older than a
// second, and the memory does not grow.
func testPressure(t *testing.T, s *site) {
	const everySoOften, cacheBytes = 50 * time.Millisecond, 256 << 10
	dsn := s.database(t, "pressure")
	api := newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + dsn, "GOMEMLIMIT=128MiB"}, "--cache-bytes", fmt.Sprint(cacheBytes))
	api.ready(t)
	record, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	importEditionHere(t, record, 1)
	until(t, 10*time.Second, "edition 1 is answered", func() error { return api.gives(probes[0].path, 200) })
	w := s.watched(t, api)
	w.acknowledged()
	w.goOn(5)
	before, most := memoryOf(t, api), int64(0)
	begun, k := time.Now(), 1
	tick := time.NewTicker(everySoOften)
	defer tick.Stop()
	for lasts := time.Duration(pgtest.Times(3, 60)) * time.Second; time.Since(begun) < lasts; <-tick.C {
		k++
		importEditionHere(t, record, k)
		w.acknowledged()
		if k%10 == 0 {
			most = max(most, memoryOf(t, api))
		}
	}
	took := time.Since(begun)
	w.reach(k, time.Now(), visibleWithin)
	w.end()
	clean(t, dsn, "many changes")
	if most > 256<<20 {
		t.Errorf("the server takes %d MiB", most>>20)
	}
	seen := w.of(api)
	if seen.hits == 0 {
		t.Error("no answer was kept")
	}
	t.Logf("figure: %.1f changes a second for %v, %d answers of which %d were kept, %d editions answered, none mixed and none older than %v; memory %d MiB before, %d MiB at the most",
		float64(k-1)/took.Seconds(), round(took), seen.good, seen.hits, len(seen.reached), visibleWithin, before>>20, most>>20)
}

// importEditionHere is importEdition in this process, which takes less time.
func importEditionHere(t *testing.T, s *store.Store, k int) {
	t.Helper()
	rep, err := s.Import(t.Context(), store.ImportOptions{}, func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		opt := source.Options{File: "edition.csv", Source: "Canary", Edition: editionDay(k)}
		read, err := source.Read(strings.NewReader(edition(k)), opt, func(a *votes.Account) error {
			rep.Source, rep.Edition = a.Source.Name, a.Source.Edition
			return yield(a)
		})
		rep.File, rep.Format, rep.Rows, rep.SHA256 = opt.File, read.Format, read.Rows, strings.Repeat("0", 64)
		return err
	})
	if err != nil || !rep.Landed {
		t.Fatalf("edition %d: landed=%v, %v", k, rep.Landed, err)
	}
}
