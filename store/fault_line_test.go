package store_test

import (
	"errors"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// passed counts what passes over a line.
func (l *line) passed(t *testing.T, what func()) int64 {
	t.Helper()
	const plenty = 1 << 40
	l.breakAfter(plenty, cutOff)
	what()
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.left
	l.left = 0
	return plenty - left
}

// Wherever in an import the line to the database breaks, the import is in or it
// is not, whoever imports is told, and the next import finds the record free.
func TestFaultLineBreaksInMidImport(t *testing.T) {
	t.Parallel()
	r, rnd := newRecord(t), pgtest.Chance(t)
	way := newLine(t, r.dsn)
	s := openStore(t, way.url())
	f := starterResolutions()
	size := way.passed(t, func() {
		if _, err := s.Import(t.Context(), store.ImportOptions{}, f.read); err != nil {
			t.Fatal(err)
		}
	})
	want := r.exported(t)
	count := make(map[breaking]int)
	for n := range pgtest.Times(6, 300) {
		how := []breaking{cutOff, databaseHangsUp, programHangsUp}[n%3]
		count[how]++
		r.clear(t)
		at := 1 + rnd.Int64N(size)
		way.breakAfter(at, how)
		_, err := within(t, func() (votes.ImportReport, error) { return s.Import(t.Context(), store.ImportOptions{}, f.read) })
		if err != nil && (!errors.Is(err, votes.ErrUnavailable) || errors.Is(err, votes.ErrInvalid)) {
			t.Errorf("%s after %d of %d bytes: err=%v, want it to wrap ErrUnavailable", how, at, size, err)
		}
		way.breakAfter(0, "")
		way.cut()
		way.mend()
		revisions := one[int](t, r, `SELECT count(*) FROM revisions`)
		switch {
		case err == nil && revisions == 0:
			t.Fatalf("%s after %d of %d bytes: the import was acknowledged, and is lost", how, at, size)
		case err != nil && !errors.Is(err, votes.ErrUnsure) && revisions != 0:
			t.Errorf("%s after %d of %d bytes: %v, and yet it was kept", how, at, size, err)
		}
		rep, err := within(t, func() (votes.ImportReport, error) { return s.Import(t.Context(), store.ImportOptions{}, f.read) })
		if err != nil || rep.Landed != (revisions == 0) {
			t.Fatalf("%s after %d of %d bytes, the next import: landed=%v, %v", how, at, size, rep.Landed, err)
		}
		if pgtest.Times(0, 1) == 1 || n < 3 {
			sameRecord(t, string(how), want, r.exported(t))
		}
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Errorf("the record differs:%s", differences(rep))
	}
	t.Logf("figure: the line to the database broke in mid import, which sends %d bytes, %v times: every import was in or was not, the next found the record free", size, count)
}

// Where the line breaks at the commit nobody knows whether the import landed:
// that is said, and to import it again is right in either case.
func TestFaultLineBreaksAtTheCommit(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	way := newLine(t, r.dsn)
	s := openStore(t, way.url())
	for n := range pgtest.Times(4, 100) {
		before := n%2 == 0
		r.clear(t)
		way.breakAt("commit\x00", before) // the whole statement
		rep, err := s.Import(t.Context(), store.ImportOptions{}, csvFile("a.csv", header+gaza+somalia).read)
		way.breakAt("", false)
		way.mend()
		if !errors.Is(err, votes.ErrUnsure) || !errors.Is(err, votes.ErrUnavailable) || rep.Landed {
			t.Fatalf("landed=%v, err=%v, want it to wrap ErrUnsure", rep.Landed, err)
		}
		kept := one[int](t, r, `SELECT count(*) FROM revisions`)
		if want := map[bool]int{true: 0, false: 1}[before]; kept != want {
			t.Errorf("%d revisions are there, want %d", kept, want)
		}
		again, err := s.Import(t.Context(), store.ImportOptions{}, csvFile("a.csv", header+gaza+somalia).read)
		if err != nil || again.Landed != before || again.AccountsUnchanged != 2*kept {
			t.Errorf("again: landed=%v, %d known, %v", again.Landed, again.AccountsUnchanged, err)
		}
		if rep := r.verify(t); len(rep.Differences) > 0 || rep.Revision != 1 {
			t.Errorf("at revision %d the record differs:%s", rep.Revision, differences(rep))
		}
	}
	t.Logf("figure: the line to the database broke %d times at the commit of an import: whoever imported was told that nobody knows, and was right to import again", pgtest.Times(4, 100))
}

// A line that is slow, or says nothing for a while, is no fault.
func TestFaultSlowLine(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	way := newLine(t, r.dsn)
	way.delay = 2 * time.Millisecond
	s := openStore(t, way.url())
	if _, err := s.Import(t.Context(), store.ImportOptions{}, starterResolutions().read); err != nil {
		t.Error(err)
	}
	if rep := r.verify(t); len(rep.Differences) > 0 || rep.Revision != 1 {
		t.Errorf("at revision %d the record differs:%s", rep.Revision, differences(rep))
	}
}

// within is what do returns, which it has to in good time.
func within[T any](t *testing.T, do func() (T, error)) (v T, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); v, err = do() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("it does not come back")
	}
	return v, err
}
