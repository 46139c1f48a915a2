package store_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// listeners is how many connections listen for revisions.
func (r record) listeners(t *testing.T) int {
	t.Helper()
	return one[int](t, r, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`)
}

func (r record) hangUpOnListeners(t *testing.T) {
	t.Helper()
	r.exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`)
}

// Without a look in between: it is the notification that tells.
func TestFollowIsToldOfAnImport(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.PollEvery(time.Hour)
	sightings := follow(t, r.Store)
	first := sighted(t, sightings, "the empty record", revision(0))
	if !first.Revision.Committed.Equal(time.Unix(0, 0)) {
		t.Errorf("the empty record is of %v", first.Revision.Committed)
	}
	until(t, "the listener", func() bool { return r.listeners(t) == 1 })
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	seen := sighted(t, sightings, "the import", revision(1))
	if now, err := r.Revision(t.Context()); err != nil || now != seen.Revision {
		t.Errorf("sighted %+v, want %+v (%v)", seen.Revision, now, err)
	}
	// What is taken back is no revision; what any program commits is one.
	if _, err := r.take(t, csvFile("b.csv", header+somalia), store.ImportOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	r.revise(t)
	sighted(t, sightings, "what another program committed", func(s votes.Sighting) bool {
		if s.Err != nil || s.Revision.Number > 2 {
			t.Errorf("next is %+v, want revision 2", s)
		}
		return s.Revision.Number == 2
	})

	r.hangUpOnListeners(t)
	until(t, "another listener", func() bool { return r.listeners(t) == 1 })
	r.revise(t)
	sighted(t, sightings, "what came after the connection was lost", revision(3))
}

// Nobody tells, as behind a pooler in transaction mode: looks have to do.
func TestFollowLooksWhereNobodyTells(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.exec(t, `DROP TRIGGER tell_of_revisions ON revisions`)
	r.PollEvery(10 * time.Millisecond)
	sightings := follow(t, r.Store)
	before := sighted(t, sightings, "the empty record", revision(0))
	after := sighted(t, sightings, "the empty record again", revision(0))
	if !after.Seen.After(before.Seen) {
		t.Errorf("seen at %v and then at %v", before.Seen, after.Seen)
	}
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	sighted(t, sightings, "the import", revision(1))
}

func TestFollowWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for what, breakOff := range map[string]func(*line){"gone": (*line).cut, "silent": (*line).fallSilent} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := newRecord(t)
			r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
			way := newLine(t, r.dsn)
			s := openStore(t, way.url()+"&connect_timeout=1")
			s.PollEvery(20 * time.Millisecond)
			sightings := follow(t, s)
			was := sighted(t, sightings, "revision 1", revision(1))
			breakOff(way)
			away := sighted(t, sightings, "nothing", isAway)
			if away.Revision != was.Revision {
				t.Errorf("what is kept is %+v, want %+v", away.Revision, was.Revision)
			}
			r.revise(t)
			// It may take a while until it is known that there is no connection any
			// more, but then nobody waits for one.
			until(t, "the read to be refused", func() bool {
				_, err := s.Revision(t.Context())
				return errors.Is(err, votes.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded)
			})
			way.cut() // and with it whatever was waited for
			way.mend()
			sighted(t, sightings, "revision 2", revision(2))
			until(t, "reads to be answered", func() bool { _, err := s.Revision(t.Context()); return err == nil })
		})
	}
}

// A follower that was never let in says so, with no revision.
func TestFollowWhereThereIsNoDatabase(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	way := newLine(t, r.dsn)
	s := openStore(t, way.url())
	way.cut()
	sightings := follow(t, s)
	if seen := <-sightings; !isAway(seen) || seen.Revision != (votes.Revision{}) || seen.Seen.IsZero() {
		t.Errorf("the first sighting is %+v", seen)
	}
}

// reads are all that a store reads, and writes all that it writes.
var reads = map[string]func(context.Context, *store.Store) error{
	"Revision": func(ctx context.Context, s *store.Store) error { _, err := s.Revision(ctx); return err },
	"Ping":     func(ctx context.Context, s *store.Store) error { return s.Ping(ctx) },
	"Verify":   func(ctx context.Context, s *store.Store) error { _, err := s.Verify(ctx); return err },
	"Imports":  func(ctx context.Context, s *store.Store) error { _, err := s.Imports(ctx, 9, 0); return err },
	"Imported": func(ctx context.Context, s *store.Store) error { _, err := s.Imported(ctx, 1, 9, 0); return err },
	"History":  func(ctx context.Context, s *store.Store) error { _, err := s.History(ctx, "S-2024-835"); return err },
	"HasSource": func(ctx context.Context, s *store.Store) error {
		_, err := s.HasSource(ctx, "a")
		return err
	},
}

var writes = map[string]func(context.Context, *store.Store) error{
	"Import": func(ctx context.Context, s *store.Store) error {
		_, err := s.Import(ctx, store.ImportOptions{}, csvFile("b.csv", header+somalia).read)
		return err
	},
	"Edit": func(ctx context.Context, s *store.Store) error {
		_, _, err := s.Edit(ctx, []votes.Edit{decide("S-2024-835", "topic", "Gaza")})
		return err
	},
	"Rebuild": func(ctx context.Context, s *store.Store) error { _, _, err := s.Rebuild(ctx); return err },
}

// Whatever is asked while the database is away, and on connections that broke,
// the error says that, and of a caller who gave up, that.
func TestTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	way := newLine(t, r.dsn)
	s := openStore(t, way.url())
	every := []map[string]func(context.Context, *store.Store) error{slow, reads, writes}
	for _, asked := range every {
		for name, ask := range asked {
			way.cut()
			if err := ask(t.Context(), s); !errors.Is(err, votes.ErrUnavailable) || errors.Is(err, votes.ErrInvalid) {
				t.Errorf("%s: err=%v, want it to wrap ErrUnavailable", name, err)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := ask(ended, s); !errors.Is(err, context.Canceled) || errors.Is(err, votes.ErrUnavailable) {
				t.Errorf("%s, given up: err=%v, want it to wrap context.Canceled", name, err)
			}
			way.mend()
			if err := ask(t.Context(), s); err != nil {
				t.Errorf("%s, with the database back: %v", name, err)
			}
		}
	}
	// A read over a connection that broke unnoticed is asked again.
	for range 5 {
		r.exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'scvotes' AND pid <> pg_backend_pid()`)
		if _, _, err := s.Resolution(t.Context(), "S-2024-835"); err != nil {
			t.Errorf("after the server ended the connection: %v", err)
		}
	}
}

// What fails in the file that is read is no fault of the database.
func TestAFileThatBreaksOffIsNoDatabaseAway(t *testing.T) {
	r := newRecord(t)
	for _, fault := range []error{io.ErrUnexpectedEOF, io.EOF} {
		err := broken(t, t.Context(), newRecord(t), store.ImportOptions{}, 400, func() error { return fault })
		if !errors.Is(err, fault) || errors.Is(err, votes.ErrUnavailable) {
			t.Errorf("err=%v, want the reader's own", err)
		}
	}
	torn := errors.New("the reader's own")
	if err := r.At(t.Context(), func(*store.Store) error { return errors.Join(torn, io.ErrUnexpectedEOF) }); !errors.Is(err, torn) || errors.Is(err, votes.ErrUnavailable) {
		t.Errorf("At: err=%v, want the reader's own", err)
	}
}

// The server turned read-only under the pool's connections: whoever writes next
// finds the one that is not.
func TestAPrimaryThatIsOneNoMore(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	name := one[string](t, r, `SELECT current_database()`)
	r.exec(t, `ALTER DATABASE "`+name+`" SET default_transaction_read_only = on`)
	s := openStore(t, r.dsn)
	r.exec(t, `ALTER DATABASE "`+name+`" RESET default_transaction_read_only`)
	if _, err := s.Import(t.Context(), store.ImportOptions{}, csvFile("a.csv", header+gaza).read); !errors.Is(err, votes.ErrUnavailable) {
		t.Errorf("err=%v, want it to wrap ErrUnavailable", err)
	}
	if rep, err := s.Import(t.Context(), store.ImportOptions{}, csvFile("a.csv", header+gaza).read); err != nil || !rep.Landed {
		t.Errorf("the next import: landed=%v, %v", rep.Landed, err)
	}
}

func TestTheNextHostIsTaken(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	a, b := newLine(t, r.dsn), newLine(t, r.dsn)
	s := openStore(t, a.url(b)+"&target_session_attrs=read-write")
	s.PollEvery(20 * time.Millisecond)
	sightings := follow(t, s)
	sighted(t, sightings, "the empty record", revision(0))
	a.cut()
	until(t, "the other host to be written to", func() bool {
		rep, err := s.Import(t.Context(), store.ImportOptions{}, csvFile("a.csv", header+gaza).read)
		return err == nil && rep.Landed
	})
	sighted(t, sightings, "the import", revision(1))
}

// Poolers that keep no prepared statements need one of these.
func TestWithoutPreparedStatements(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_describe", "exec"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dsn := newLine(t, pgtest.NewEmpty(t)).url() + "&default_query_exec_mode=" + mode
			migrate(t, dsn)
			r := record{openStore(t, dsn), connect(t, dsn), dsn}
			sightings := follow(t, r.Store)
			r.loadStarter(t)
			r.land(t, csvFile("a.csv", header+gaza).from("B", ""), store.ImportOptions{})
			sighted(t, sightings, "the imports", revision(3))
			for _, asked := range []map[string]func(context.Context, *store.Store) error{slow, reads, writes} {
				for name, ask := range asked {
					if err := ask(t.Context(), r.Store); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			if rep := r.verify(t); len(rep.Differences) > 0 {
				t.Errorf("the record differs:%s", differences(rep))
			}
		})
	}
}
