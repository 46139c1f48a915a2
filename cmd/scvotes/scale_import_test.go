//go:build scale && linux

package main

import (
	"fmt"
	"testing"
	"time"
)

// scene is what a larger installation looks like: a primary and a standby that
// streams from it, a pooler before the primary, one instance of the API behind
// the pooler and one that knows both servers.
type scene struct {
	bin              string
	primary, standby *node
	pooler           *bouncer
	dsn              string // of both servers, whichever takes writes
	pooled, direct   *instance
}

// newScene sets the scene. Both instances hold edition 1 of the canaries,
// which made revision 4.
func newScene(t *testing.T, args ...string) *scene {
	t.Helper()
	s := &scene{bin: binary(t), primary: newPrimary(t)}
	s.standby = s.primary.newStandby(t)
	s.pooler = newBouncer(t, s.primary, 10)
	s.dsn = dsnOf("scvotes", s.primary, s.standby)
	s.pooled = newInstance(t, "behind the pooler", s.bin, []string{"DATABASE_URL=" + s.pooler.dsnOf("scvotes")}, args...)
	s.direct = newInstance(t, "with both servers", s.bin, []string{"DATABASE_URL=" + s.dsn,
		"DATABASE_REPLICA_URLS=" + dsnOf("scvotes", s.primary) + " " + dsnOf("scvotes", s.standby)}, args...)
	s.pooled.ready(t)
	s.direct.ready(t)
	mustImport(t, s.bin, s.dsn, 1)
	for _, i := range []*instance{s.pooled, s.direct} {
		until(t, 5*time.Second, i.name+" answers edition 1", func() error { return i.gives(probes[0].path, 200) })
	}
	return s
}

// An import is on every instance within a second, and until then, while and
// after it each answer is of one revision.
func TestScaleImportIsVisibleOnEveryInstance(t *testing.T) {
	s := newScene(t)
	w := newWatch(t, sceneBase, s.pooled, s.direct)
	w.goOn(20)
	for k := 2; k <= 6; k++ {
		mustImport(t, s.bin, s.dsn, k)
		done := time.Now()
		late := w.reach(k, done, 10*time.Second)
		for name, after := range late {
			if after > visibleWithin {
				t.Errorf("edition %d was seen %s %v after the import had ended", k, name, round(after))
			}
		}
		t.Logf("edition %d seen after %v", k, late)
	}
	w.goOn(100)
	w.end()
	if w.of(s.pooled).hits+w.of(s.direct).hits == 0 {
		t.Error("no answer was kept")
	}
	for k := 7; k <= 8; k++ {
		holdQuietImport(t, s, k)
	}
	verified(t, s.bin, s.dsn, 8)
}

// holdQuietImport imports while nobody asks anything: no answer to somebody
// else tells an instance of the new revision, and the kept one must not outlive
// the second.
func holdQuietImport(t *testing.T, s *scene, k int) {
	t.Helper()
	q := probes[0]
	mustImport(t, s.bin, s.dsn, k)
	done := time.Now()
	for _, i := range []*instance{s.pooled, s.direct} {
		until(t, 10*time.Second, fmt.Sprintf("%s answers edition %d", i.name, k), func() error {
			a, err := i.get(q.path)
			if err != nil {
				return err
			}
			if got, err := q.check(a, sceneBase); err != nil || got != k {
				return fmt.Errorf("edition %d, %v", got, err)
			}
			return nil
		})
		if after := time.Since(done); after > visibleWithin {
			t.Errorf("edition %d was seen %s %v after the import had ended, when nobody else asked", k, i.name, round(after))
		} else {
			t.Logf("edition %d, when nobody else asked, seen %s after %v", k, i.name, round(after))
		}
	}
}

// A standby that lags is not read from until it has caught up.
func TestScaleStandbyThatLagsIsPassedOver(t *testing.T) {
	s := newScene(t)
	w := newWatch(t, sceneBase, s.direct)
	readsSince := func(moment string) int {
		t.Helper()
		var n int
		got := s.standby.exec(t, `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scvotes'
			AND query_start > '`+moment+`' AND query LIKE '%resolutions%'`)
		if _, err := fmt.Sscan(got, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	now := func() string { return s.standby.exec(t, `SELECT clock_timestamp()`) }
	isRead := func(when string) {
		t.Helper()
		since := now()
		until(t, 20*time.Second, "the standby is read from "+when, func() error {
			if readsSince(since) == 0 {
				return fmt.Errorf("no query since %s", since)
			}
			return nil
		})
	}
	isRead("at first")
	s.standby.exec(t, `SELECT pg_wal_replay_pause()`)
	until(t, 5*time.Second, "replay is paused", func() error { return s.standby.says("paused", `SELECT pg_get_wal_replay_pause_state()`) })
	for k := 2; k <= 3; k++ {
		mustImport(t, s.bin, s.dsn, k)
		w.reach(k, time.Now(), 5*time.Second)
	}
	w.goOn(20) // those that were under way on the standby are through
	since := now()
	w.goOn(100)
	if n := readsSince(since); n > 0 {
		t.Errorf("%d connections read from a standby that lags", n)
	}
	s.standby.exec(t, `SELECT pg_wal_replay_resume()`)
	isRead("again")
	w.goOn(50)
	w.end()
	verified(t, s.bin, s.dsn, 3)
}
