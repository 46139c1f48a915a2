package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// two is a primary and a replica that follows when the test says so: each a
// database, each behind a line that can be cut.
type two struct {
	*store.Store
	primary, replica         record // to look into, and to write to
	toPrimary, toReplica     *line
	sightings                <-chan votes.Sighting
	log                      *lockedBuffer
	tellPrimary, tellReplica string // what each says where they are asked who they are
}

// newTwo lets a store follow both, which hold the same record.
func newTwo(t *testing.T, poll time.Duration) *two {
	t.Helper()
	w := &two{primary: newRecord(t), replica: newRecord(t), log: new(lockedBuffer), tellPrimary: "primary", tellReplica: "replica"}
	w.toPrimary, w.toReplica = newLine(t, w.primary.dsn), newLine(t, w.replica.dsn)
	w.primary.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	w.replica.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	w.primary.exec(t, `UPDATE resolutions SET title = 'of the primary'`)
	w.replica.exec(t, `UPDATE resolutions SET title = 'of the replica'`)
	w.catchUp(t)
	s, err := store.Open(t.Context(), w.toPrimary.url(), store.WithReplicas(w.toReplica.url()),
		store.WithLogger(slog.New(slog.NewTextHandler(w.log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.PollEvery(poll)
	w.Store = s
	return w
}

// catchUp gives the replica the revisions of the primary.
func (w *two) catchUp(t *testing.T) {
	t.Helper()
	w.replica.exec(t, `DELETE FROM revisions WHERE number > 1`)
	for _, r := range w.primary.list(t, `SELECT number || ' ' || committed FROM revisions ORDER BY number`) {
		number, committed, _ := strings.Cut(r, " ")
		w.replica.exec(t, `INSERT INTO revisions (number, committed, summary) OVERRIDING SYSTEM VALUE VALUES ($1::text::bigint, $2::text::timestamptz, '')
			ON CONFLICT (number) DO UPDATE SET committed = excluded.committed`, number, committed)
	}
}

// revise makes one more revision, as another program would.
func (r record) revise(t *testing.T) {
	t.Helper()
	r.exec(t, `INSERT INTO revisions (number, summary) OVERRIDING SYSTEM VALUE SELECT max(number) + 1, 'one more' FROM revisions`)
}

func (w *two) follow(t *testing.T) {
	t.Helper()
	w.sightings = follow(t, w.Store)
}

// who asks for a record and tells which of the two answered.
func (w *two) who(t *testing.T) string {
	t.Helper()
	r, _, err := w.Resolution(t.Context(), "S-2024-835")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(string(r.Title), "of the ")
}

func (w *two) wantOnly(t *testing.T, when, want string) {
	t.Helper()
	for range 20 { // more often than there are nodes, and connections to each
		if got := w.who(t); got != want {
			t.Fatalf("%s the %s is asked, want the %s", when, got, want)
		}
	}
}

// until waits for something to become true.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for began := time.Now(); !true(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// follow lets a store follow the record until the test ends.
func follow(t *testing.T, s *store.Store) <-chan votes.Sighting {
	t.Helper()
	sightings := make(chan votes.Sighting, 10000)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { s.Follow(ctx, func(seen votes.Sighting) { sightings <- seen }) })
	t.Cleanup(func() { cancel(); done.Wait() })
	return sightings
}

// sighted waits for a sighting that is as wanted.
func sighted(t *testing.T, sightings <-chan votes.Sighting, what string, as func(votes.Sighting) bool) votes.Sighting {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case seen := <-sightings:
			if as(seen) {
				return seen
			}
		case <-deadline:
			t.Fatalf("waited in vain for the sighting of %s", what)
		}
	}
}

func revision(number int64) func(votes.Sighting) bool {
	return func(s votes.Sighting) bool { return s.Err == nil && s.Revision.Number == number }
}

func isAway(s votes.Sighting) bool { return errors.Is(s.Err, votes.ErrUnavailable) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestReadsGoToAReplicaThatIsNotBehind(t *testing.T) {
	t.Parallel()
	w := newTwo(t, 20*time.Millisecond)
	w.wantOnly(t, "while nobody follows", "primary")
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	w.wantOnly(t, "with both at one revision", "replica")

	w.primary.revise(t)
	sighted(t, w.sightings, "revision 2", revision(2))
	w.wantOnly(t, "with the replica behind", "primary")
	if err := w.At(t.Context(), func(then *store.Store) error {
		r, _, err := then.Resolution(t.Context(), "S-2024-835")
		if err == nil && r.Title != "of the primary" {
			err = fmt.Errorf("one moment is %s, which is behind", r.Title)
		}
		return err
	}); err != nil {
		t.Error(err)
	}

	w.catchUp(t)
	until(t, "the replica to be asked again", func() bool { return w.who(t) == "replica" })
	w.wantOnly(t, "with the replica there again", "replica")

	// A revision of the same number that is another is another record.
	w.replica.exec(t, `UPDATE revisions SET committed = now() + interval '1 second' WHERE number = 2`)
	until(t, "the stray replica to be left", func() bool { return w.who(t) == "primary" })
	w.wantOnly(t, "with the replica on another branch", "primary")
}

// What a store has written it reads, though the replica does not have it yet,
// and before anything was seen.
func TestWhatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	w := newTwo(t, time.Hour)
	w.primary.exec(t, `DROP TRIGGER tell_of_revisions ON revisions`)
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	rep, err := w.Import(t.Context(), store.ImportOptions{}, csvFile("b.csv", header+somalia).read)
	if err != nil || rep.Revision != 2 {
		t.Fatalf("revision %d, %v", rep.Revision, err)
	}
	if _, _, err := w.Resolution(t.Context(), rep.Source); !errors.Is(err, votes.ErrNotFound) {
		t.Errorf("err=%v", err)
	}
	w.wantOnly(t, "after an import", "primary")
}

// Of several replicas one may be ahead of what is known. What it answered, none
// that is behind it takes back.
func TestAnswersDoNotGoBack(t *testing.T) {
	t.Parallel()
	w := newTwo(t, time.Hour)
	ahead := w.replica
	behind := newRecord(t)
	behind.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	for _, committed := range w.primary.list(t, `SELECT committed::text FROM revisions`) {
		behind.exec(t, `UPDATE revisions SET committed = $1::text::timestamptz`, committed)
	}
	s, err := store.Open(t.Context(), w.primary.dsn, store.WithReplicas(ahead.dsn, behind.dsn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.PollEvery(time.Hour)
	w.Store = s
	w.primary.exec(t, `DROP TRIGGER tell_of_revisions ON revisions`)
	w.follow(t)
	read := func(db record) int {
		return one[int](t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'scvotes' AND query LIKE '%record_revision%'`)
	}
	until(t, "both replicas to be asked", func() bool { w.who(t); return read(ahead) > 0 && read(behind) > 0 })
	w.primary.revise(t)
	w.catchUp(t)
	var last int64
	until(t, "revision 2 to be answered", func() bool {
		_, now, err := s.Resolution(t.Context(), "S-2024-835")
		if err != nil || now < last {
			t.Fatalf("revision %d is answered after %d (%v)", now, last, err)
		}
		last = now
		return now == 2
	})
	for range 50 {
		if _, now, err := s.Resolution(t.Context(), "S-2024-835"); err != nil || now != 2 {
			t.Fatalf("revision %d is answered after 2 (%v)", now, err)
		}
	}
}

// Behind one address there may be another server the next time, which is behind.
func TestANewConnectionToAReplicaThatIsBehind(t *testing.T) {
	t.Parallel()
	w := newTwo(t, time.Hour)
	w.primary.revise(t)
	w.catchUp(t)
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	if err := w.At(t.Context(), func(then *store.Store) error { // on the one connection that there is
		if r, _, err := then.Resolution(t.Context(), "S-2024-835"); err != nil || r.Title != "of the replica" {
			return fmt.Errorf("%v (%w)", r, err)
		}
		// What is not there carries no revision by which the answer could be known.
		w.replica.exec(t, `DELETE FROM revisions WHERE number = 2; DELETE FROM resolutions`)
		w.wantOnly(t, "with other servers behind the address", "primary")
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// Behind a pooler it may be another server from one query to the next.
func TestAnAnswerThatIsBehind(t *testing.T) {
	t.Parallel()
	w := newTwo(t, time.Hour)
	w.primary.revise(t)
	w.catchUp(t)
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	w.replica.exec(t, `DELETE FROM revisions WHERE number = 2`)
	w.wantOnly(t, "with other servers behind the connection", "primary")
}

func TestAReplicaThatIsAway(t *testing.T) {
	t.Parallel()
	w := newTwo(t, 20*time.Millisecond)
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	w.toReplica.cut()
	w.wantOnly(t, "with the replica away", "primary")
	w.toReplica.mend()
	until(t, "the replica to be asked again", func() bool { return w.who(t) == "replica" })
}

func TestThePrimaryIsAway(t *testing.T) {
	t.Parallel()
	w := newTwo(t, 20*time.Millisecond)
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	w.toPrimary.cut()
	w.wantOnly(t, "with the primary away", "replica")
	if _, err := w.Import(t.Context(), store.ImportOptions{}, csvFile("b.csv", header+somalia).read); !errors.Is(err, votes.ErrUnavailable) {
		t.Errorf("an import: err=%v, want it to wrap ErrUnavailable", err)
	}
	began := time.Now()
	sighted(t, w.sightings, "the record, through the replica", func(s votes.Sighting) bool { return s.Seen.After(began) && revision(1)(s) })
	if err := w.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}

	// The primary answered a revision that the replica never gets.
	w.toPrimary.mend()
	w.primary.revise(t)
	sighted(t, w.sightings, "revision 2", revision(2))
	w.toPrimary.cut()
	seen := sighted(t, w.sightings, "nothing, with the replica behind", isAway)
	if seen.Revision.Number != 2 {
		t.Errorf("revision %d is kept, want 2", seen.Revision.Number)
	}
	if r, _, err := w.Resolution(t.Context(), "S-2024-835"); !errors.Is(err, votes.ErrUnavailable) {
		t.Errorf("%v is answered (%v), by a replica that is behind", r, err)
	}

	w.toPrimary.mend()
	sighted(t, w.sightings, "revision 2 again", revision(2))
	until(t, "the primary to be asked again", func() bool {
		_, _, err := w.Resolution(t.Context(), "S-2024-835")
		return err == nil
	})
	w.wantOnly(t, "with the primary back", "primary")
}

// A standby that took the primary's place without its last revisions has the
// last word, and it is logged.
func TestTheRecordWentBack(t *testing.T) {
	t.Parallel()
	w := newTwo(t, 20*time.Millisecond)
	w.primary.revise(t)
	w.catchUp(t)
	w.follow(t)
	until(t, "the replica to be asked", func() bool { return w.who(t) == "replica" })
	w.primary.exec(t, `DELETE FROM revisions WHERE number = 2`)
	sighted(t, w.sightings, "revision 1 after 2", revision(1))
	if !strings.Contains(w.log.String(), "level=ERROR") || !strings.Contains(w.log.String(), "known=2") {
		t.Errorf("the log says %q", w.log)
	}
	w.wantOnly(t, "with the replica on the branch that ended", "primary")
	w.primary.revise(t) // another revision 2
	sighted(t, w.sightings, "revision 2", revision(2))
	w.wantOnly(t, "with a replica whose revision 2 is another", "primary")
	if n := strings.Count(w.log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors are logged, want one:\n%s", n, w.log)
	}
}

func TestReplicaURLsAreChecked(t *testing.T) {
	_, err := store.Open(t.Context(), pgtest.New(t), store.WithReplicas("postgres://reader:secret@127.0.0.1:port/none"))
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "DATABASE_REPLICA_URLS") {
		t.Errorf("Open says %v; want the setting named and the password kept", err)
	}
}
