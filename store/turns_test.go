package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
)

// However many wait for an import that is under way, others still find a
// connection: readers, and the workers' signs of life.
func TestWhoWaitsForAnImportLeavesOthersAConnection(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	s, err := store.Open(t.Context(), r.dsn+" pool_max_conns=4")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	reading, end := make(chan struct{}), make(chan struct{})
	const many = 12
	done := make(chan error, many)
	go func() {
		_, err := s.Import(t.Context(), store.ImportOptions{}, func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
			close(reading)
			<-end
			return csvFile("b.csv", header+somalia).read(rep, yield)
		})
		done <- err
	}()
	<-reading
	for n := range many - 1 {
		go func() {
			var err error
			if n%2 == 0 {
				_, err = s.Import(t.Context(), store.ImportOptions{}, csvFile("b.csv", header+somalia).read)
			} else {
				_, err = s.Change(t.Context(), someCall(), func(ctx context.Context, c *store.Changes) (access.Reply, error) {
					_, err := c.Import(ctx, store.ImportOptions{}, csvFile("b.csv", header+somalia).read)
					return access.Reply{Status: 200}, err
				})
			}
			done <- err
		}()
	}
	waiting := `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
	until(t, "others wait for the lock", func() bool { return one[int](t, r, waiting) > 0 })
	time.Sleep(50 * time.Millisecond) // in which more of them would
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 5 {
		if _, _, err := s.Resolution(ctx, "S-2024-835"); err != nil {
			t.Errorf("a reader: %v", err)
		}
		if _, err := s.Backlog(ctx); err != nil {
			t.Errorf("the work: %v", err)
		}
	}
	gaveUp, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Import(gaveUp, store.ImportOptions{}, csvFile("b.csv", header+somalia).read); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who gave up while it waited: %v", err)
	}
	close(end)
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if rev, err := r.Revision(t.Context()); err != nil || rev.Number != 2 {
		t.Errorf("revision %d (%v), want 2", rev.Number, err)
	}
}
