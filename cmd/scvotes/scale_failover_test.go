//go:build scale && linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"scvotes/votes"
)

// oneWriter imports one edition after the other, each until it is acknowledged.
type oneWriter struct {
	acknowledged int       // the newest edition that was
	failed       []result  // what it was told in between
	firstAfter   time.Time // when the first was acknowledged since the primary was killed
}

// run goes on until edition last is acknowledged. It imports in places where
// any number of clients do, so a failed import is simply tried again.
func (w *oneWriter) run(t *testing.T, s *scene, last int, killed func() bool) {
	for k := w.acknowledged + 1; k <= last; {
		afterKill := killed()
		got := importEdition(t, s.bin, s.dsn, k)
		if got.code == 0 {
			w.acknowledged = k
			if afterKill && w.firstAfter.IsZero() {
				w.firstAfter = time.Now()
			}
			k++
			continue
		}
		w.failed = append(w.failed, got)
		if len(w.failed) > 500 {
			return
		}
	}
}

// The primary is killed under load and the standby takes its place: reads go
// on, writes fail in plain words until then, nothing acknowledged is lost, and
// all heals by itself.
func TestScaleFailover(t *testing.T) {
	s := newScene(t)
	w := newWatch(t, sceneBase, s.pooled, s.direct)
	w.goOn(20)

	before := &oneWriter{acknowledged: 1}
	before.run(t, s, 4, func() bool { return false })
	if len(before.failed) > 0 {
		t.Fatalf("an import failed while all was well: %+v", before.failed[0])
	}
	w.allowAway(true)
	after := &oneWriter{acknowledged: before.acknowledged}
	killed, promoted := failOver(t, s, w, after)
	last := after.acknowledged
	if last != before.acknowledged+4 {
		t.Fatalf("after %d failures the newest edition acknowledged is %d: %+v", len(after.failed), last, after.failed[len(after.failed)-1])
	}
	w.reach(last, time.Now(), 30*time.Second)
	w.goOn(20)
	w.allowAway(false) // healed: from here on a 503 is a fault again
	w.goOn(100)
	w.end()
	holdFailures(t, after.failed)
	verified(t, s.bin, s.dsn, last)
	if gap := w.of(s.direct).gap; gap > 5*time.Second {
		t.Errorf("the instance that knows both servers gave no good answer for %v", gap)
	}
	report(t, [][2]string{
		{"primary dead until the promotion began", round(promoted.Sub(killed)).String()},
		{"first import acknowledged, after the kill", round(after.firstAfter.Sub(killed)).String()},
		{"the same, after the promotion began", round(after.firstAfter.Sub(promoted)).String()},
		{"instance with both servers: longest without an answer", round(w.of(s.direct).gap).String()},
		{"instance with both servers: longest without an answer that was not kept", round(w.of(s.direct).gapCold).String()},
		{"instance behind the pooler: longest without an answer", round(w.of(s.pooled).gap).String()},
		{"instance behind the pooler: longest without an answer that was not kept", round(w.of(s.pooled).gapCold).String()},
	})
	t.Run("the old primary comes back", func(t *testing.T) { comesBack(t, s, last) })
}

// failOver kills the primary in the middle of an import, holds what there is
// then, and promotes the standby. It returns when it did the one and the other,
// once the writer has four editions more acknowledged.
func failOver(t *testing.T, s *scene, w *watch, writing *oneWriter) (killed, promoted time.Time) {
	t.Helper()
	dead, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		writing.run(t, s, writing.acknowledged+4, func() bool {
			select {
			case <-dead:
				return true
			default:
				return false
			}
		})
	}()
	until(t, 10*time.Second, "an import is under way", func() error {
		return s.primary.says("t", `SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'scvotes' AND backend_xid IS NOT NULL`)
	})
	s.primary.killAll()
	killed = time.Now()
	close(dead)
	holdWithoutPrimary(t, s, w)
	promoted = time.Now()
	s.standby.promote(t)
	s.pooler.point(t, s.standby)
	select {
	case <-written:
	case <-time.After(time.Minute):
		t.Fatal("no import is taken after the failover")
	}
	return killed, promoted
}

// holdWithoutPrimary holds what there is while nobody takes writes: both
// instances live, the one that knows the standby answers what nobody had asked
// before, the other at least what it keeps.
func holdWithoutPrimary(t *testing.T, s *scene, w *watch) {
	t.Helper()
	cold, kept := w.of(s.direct).cold, w.of(s.pooled).good
	until(t, 20*time.Second, "reads go on without a primary", func() error {
		if direct, pooled := w.of(s.direct).cold-cold, w.of(s.pooled).good-kept; direct < 30 || pooled < 30 {
			return fmt.Errorf("%d cold answers with both servers, %d behind the pooler", direct, pooled)
		}
		return nil
	})
	for _, i := range []*instance{s.pooled, s.direct} {
		if err := i.gives("/healthz", http.StatusOK); err != nil {
			t.Error(err)
		}
	}
	if err := s.direct.gives("/readyz", http.StatusOK); err != nil {
		t.Error(err)
	}
}

// holdFailures holds that whoever could not write was told so in plain words,
// and by the exit code.
func holdFailures(t *testing.T, failed []result) {
	t.Helper()
	if len(failed) == 0 {
		t.Error("no import failed while there was no primary")
	}
	for _, got := range failed {
		told := strings.Contains("\n"+got.stderr, "\nscvotes: ") && strings.Contains(got.stderr, votes.ErrUnavailable.Error())
		if got.code != exitFailed || !told || strings.Contains(got.stdout, "is at revision") {
			t.Errorf("an import without a primary: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			return
		}
	}
	t.Logf("%d imports failed, the first with: %s", len(failed), failed[0].stderr)
}

// comesBack makes the old primary a standby of the new one, as an operator
// does, and holds that it is read from again.
func comesBack(t *testing.T, s *scene, last int) {
	w := newWatch(t, sceneBase, s.direct)
	w.goOn(20)
	s.standby.exec(t, `SELECT pg_create_physical_replication_slot('standby')`) // the settings go with the data, its name too
	s.standby.exec(t, `CHECKPOINT`)                                            // or pg_rewind does not see that it was promoted
	s.primary.tool(t, "pg_rewind", "--no-sync", "--write-recovery-conf", "--target-pgdata", s.primary.data(),
		"--source-server", fmt.Sprintf("host=127.0.0.1 port=%d user=scvotes dbname=postgres application_name=primary", s.standby.port))
	s.primary.start(t)
	s.standby.streams(t, "async")
	since := s.primary.exec(t, `SELECT clock_timestamp()`)
	until(t, 20*time.Second, "the old primary is read from", func() error {
		return s.primary.says("t", `SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'scvotes'
			AND query_start > '`+since+`' AND query LIKE '%resolutions%'`)
	})
	mustImport(t, s.bin, s.dsn, last+1)
	w.reach(last+1, time.Now(), 5*time.Second)
	w.goOn(50)
	w.end()
	verified(t, s.bin, s.dsn, last+1)
}

// report logs what was measured, and writes it as a table to the file that
// SCVOTES_SCALE_REPORT names.
func report(t *testing.T, rows [][2]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what | how long |\n| --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", r[0], r[1])
	}
	t.Logf("failover\n%s", b.String())
	if file := os.Getenv("SCVOTES_SCALE_REPORT"); file != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// staleFor is how long the instances of TestScaleDatabaseAway may go on with
// what they keep.
const staleFor = 6 * time.Second

// Without any database what is kept goes on for the time stated, all else is a
// 503; when the database is back all heals without a restart.
func TestScaleDatabaseAway(t *testing.T) {
	s := newScene(t, "--stale", staleFor.String())
	both := []*instance{s.pooled, s.direct}
	for _, i := range both {
		for _, q := range probes {
			if err := i.gives(q.path, http.StatusOK); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.primary.stop(t)
	s.standby.stop(t)
	for _, i := range both {
		until(t, 10*time.Second, i.name+" is not ready", func() error { return i.gives("/readyz", http.StatusServiceUnavailable) })
		if err := i.gives("/healthz", http.StatusOK); err != nil {
			t.Error(err)
		}
		for _, q := range probes[:4] {
			if err := i.gives(q.path, http.StatusOK); err != nil {
				t.Errorf("kept, and not answered: %v", err)
			}
		}
		holdAway(t, i, coldProbe().path)
	}
	if got := importEdition(t, s.bin, s.dsn, 2); got.code != exitFailed {
		t.Errorf("an import without a database: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	} else {
		holdFailures(t, []result{got})
	}
	for _, i := range both {
		until(t, 3*staleFor, i.name+" lets go of what is too old", func() error {
			return i.gives(probes[0].path, http.StatusServiceUnavailable)
		})
		for _, q := range probes {
			holdAway(t, i, q.path)
		}
	}
	s.primary.start(t)
	s.standby.start(t)
	s.primary.streams(t, "sync")
	for _, i := range both {
		i.ready(t)
	}
	w := newWatch(t, sceneBase, both...)
	w.allowAway(true) // as long as connections are left that do not know of it
	w.goOn(20)
	w.allowAway(false)
	mustImport(t, s.bin, s.dsn, 2)
	w.reach(2, time.Now(), 10*time.Second)
	w.goOn(50)
	w.end()
	verified(t, s.bin, s.dsn, 2)
}

// holdAway holds that a path is answered that the database is away, soon.
func holdAway(t *testing.T, i *instance, path string) {
	t.Helper()
	begun := time.Now()
	a, err := i.get(path)
	if err != nil || !a.away() {
		t.Errorf("%s: %s without a database: %d, %q, Retry-After %q, %v", i.name, path, a.status, a.contentType, a.retryAfter, err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("%s: %s took %v to say that the database is away", i.name, path, took)
	}
}
