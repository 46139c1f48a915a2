package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
)

// slow are the readings that wait where another transaction holds the table of
// resolutions.
var slow = map[string]func(context.Context, *store.Store) error{
	"Resolutions": func(ctx context.Context, s *store.Store) error {
		_, err := s.Resolutions(ctx, votes.Filter{}, votes.PageRequest{Facets: votes.FacetNames})
		return err
	},
	"Resolution": func(ctx context.Context, s *store.Store) error {
		_, _, err := s.Resolution(ctx, "S-2024-835")
		return err
	},
	"Each": func(ctx context.Context, s *store.Store) error {
		_, err := s.Each(ctx, votes.Filter{}, "", func(*votes.Resolution) error { return nil })
		return err
	},
	"Events": func(ctx context.Context, s *store.Store) error {
		_, err := s.Events(ctx, votes.Filter{}, true, func(votes.Event) error { return nil })
		return err
	},
	"Members":  func(ctx context.Context, s *store.Store) error { _, _, err := membersOf(ctx, s, true); return err },
	"Accounts": func(ctx context.Context, s *store.Store) error { _, err := s.Accounts(ctx, "S-2024-835"); return err },
	"Vetoes": func(ctx context.Context, s *store.Store) error {
		_, err := s.Vetoes(ctx, votes.Filter{}, "year")
		return err
	},
	"Discrepancies": func(ctx context.Context, s *store.Store) error {
		_, err := s.Discrepancies(ctx, votes.DiscrepancyFilter{}, 10, nil)
		return err
	},
	"Near": func(ctx context.Context, s *store.Store) error { _, err := s.Near(ctx, "S-2024-853"); return err },
	"At": func(ctx context.Context, s *store.Store) error {
		return s.At(ctx, func(then *store.Store) error {
			_, _, err := then.Resolution(ctx, "S-2024-835")
			return err
		})
	},
}

// A query that is given up is given up in Postgres too, says so by the error
// that the caller knows, and leaves its connection to the next.
func TestADeadlineEndsTheQuery(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	busy := func() int {
		return one[int](t, r, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'scvotes' AND state <> 'idle'`)
	}
	connections := func() int {
		return one[int](t, r, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'scvotes'`)
	}
	r.exec(t, `BEGIN; LOCK TABLE resolutions, discrepancies IN ACCESS EXCLUSIVE MODE`)
	for range 2 { // the second time on connections that were given up before
		errs := make(map[string]chan error)
		began := time.Now()
		for name, read := range slow {
			done := make(chan error, 1)
			errs[name] = done
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				done <- read(ctx, r.Store)
			}()
		}
		for name, done := range errs {
			select {
			case err := <-done:
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: err=%v, want it to wrap context.DeadlineExceeded", name, err)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("%s does not come back", name)
			}
		}
		for ; busy() > 0; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 30*time.Second { // the lock would keep them for ever
				t.Fatalf("%d queries still go on in Postgres", busy())
			}
		}
		// What does not wait for the table is served meanwhile.
		if rev, err := r.Revision(t.Context()); err != nil || rev.Number != 1 {
			t.Errorf("revision %d, %v", rev.Number, err)
		}
	}
	// A caller who goes away is no deadline.
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, _, err := r.Resolution(ctx, "S-2024-835"); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err=%v, want it to wrap context.Canceled", err)
	}
	r.exec(t, `ROLLBACK`)
	if n := connections(); n == 0 {
		t.Error("every connection was lost")
	}
	for name, read := range slow {
		if err := read(t.Context(), r.Store); err != nil {
			t.Errorf("%s, with the table free again: %v", name, err)
		}
	}
}
