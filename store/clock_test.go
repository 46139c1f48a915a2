package store_test

import (
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
)

// The clock was ahead and is set right: later revisions are later all the same,
// and those that follow the changes miss none.
func TestTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.PollEvery(time.Hour)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	r.exec(t, `UPDATE revisions SET committed = now() + interval '1 day'`)
	sightings := follow(t, r.Store)
	sighted(t, sightings, "revision 1", revision(1))
	since := int64(1)
	last := newest(t, r)
	for n, write := range []func(){
		func() { r.land(t, csvFile("b.csv", header+somalia), store.ImportOptions{}) },
		func() { r.edit(t, decide("S-2024-835", "topic", "Gaza")) },
		func() { r.land(t, csvFile("c.csv", header+sudan), store.ImportOptions{}) },
	} {
		write()
		now := newest(t, r)
		if now.Number != int64(n+2) || !now.Committed.After(last.Committed) {
			t.Errorf("revision %d of %v comes after %d of %v", now.Number, now.Committed, last.Number, last.Committed)
		}
		if !now.Shared {
			t.Errorf("revision %d is told to be of a second of its own", now.Number)
		}
		seen := sighted(t, sightings, "the revision", revision(now.Number))
		if seen.Revision != now {
			t.Errorf("sighted %+v, read %+v", seen.Revision, now)
		}
		page, err := r.Resolutions(t.Context(), votes.Filter{ChangedSince: &since}, votes.PageRequest{Limit: 10})
		if err != nil || page.Total != 1 {
			t.Errorf("since revision %d, %d changed, %v; want 1", since, page.Total, err)
		}
		last, since = now, now.Number
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Errorf("the record differs:%s", differences(rep))
	}
}

// Once the clock has caught up the moments are its own again.
func TestTheClockHasCaughtUp(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	r.exec(t, `UPDATE revisions SET committed = now() - interval '1 minute'`)
	r.edit(t, decide("S-2024-835", "topic", "Palestine"))
	now := newest(t, r)
	if late := one[bool](t, r, `SELECT now() - $1 > interval '30 seconds'`, now.Committed); now.Shared || late {
		t.Errorf("the next revision is %+v", now)
	}
}

// A writer that waited for another one began before it, and comes after it.
func TestAWriterThatWaitedComesLater(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	r.exec(t, `BEGIN`)
	r.exec(t, `SELECT pg_advisory_xact_lock($1)`, store.ImportLock)
	done := make(chan error, 1)
	go func() {
		_, err := r.Import(t.Context(), store.ImportOptions{}, csvFile("b.csv", header+somalia).read)
		done <- err
	}()
	other := record{db: connect(t, r.dsn)}
	until(t, "the import to wait", func() bool {
		return one[bool](t, other, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`)
	})
	r.exec(t, `INSERT INTO revisions (number, committed, summary) OVERRIDING SYSTEM VALUE VALUES (2, clock_timestamp(), 'of the one that had the lock')`)
	r.exec(t, `COMMIT`)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if moments := other.list(t, `SELECT number::text FROM revisions ORDER BY committed`); len(moments) != 3 || moments[2] != "3" {
		t.Errorf("in the order of their moments the revisions are %v", moments)
	}
}

func newest(t *testing.T, r record) votes.Revision {
	t.Helper()
	now, err := r.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now
}
