package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
)

// broken imports the starter record with something going wrong after some of
// its accounts, and holds that nothing of it stays and that the next import
// finds the record free.
func broken(t *testing.T, ctx context.Context, r record, opt store.ImportOptions, after int, fault func() error) error {
	t.Helper()
	before := r.counts(t)
	done := make(chan error, 1)
	go func() {
		_, err := r.Import(ctx, opt, func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
			n := 0
			return starterResolutions().read(rep, func(a *votes.Account) error {
				if n++; n == after {
					if err := fault(); err != nil {
						return err
					}
				}
				return yield(a)
			})
		})
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the import tells of no error")
		}
		sameCounts(t, before, r.counts(t))
		r.land(t, starterResolutions(), store.ImportOptions{})
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("the import does not come back")
		return nil
	}
}

func TestAReaderThatFailsHalfWay(t *testing.T) {
	r := newRecord(t)
	for _, after := range []int{1, 2, 400} {
		for _, opt := range []store.ImportOptions{{}, {KeepGoing: true}} {
			t.Run(fmt.Sprintf("after %d, %+v", after, opt), func(t *testing.T) {
				r.clear(t)
				torn := errors.New("the tape tore")
				err := broken(t, t.Context(), r, opt, after, func() error { return torn })
				if !errors.Is(err, torn) {
					t.Errorf("err=%v, want the reader's own", err)
				}
			})
		}
	}
}

func TestAnImportCancelledHalfWay(t *testing.T) {
	for _, after := range []int{1, 400} {
		t.Run(fmt.Sprint("after ", after), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := broken(t, ctx, newRecord(t), store.ImportOptions{}, after, func() error { cancel(); return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("err=%v, want it to wrap context.Canceled", err)
			}
		})
	}
}

func TestADatabaseThatGoesAwayHalfWay(t *testing.T) {
	r := newRecord(t)
	broken(t, t.Context(), r, store.ImportOptions{}, 400, func() error {
		_, err := r.db.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`)
		return err
	})
}

// Whichever table cannot be written to, the import says so and leaves nothing.
func TestATableThatCannotBeWritten(t *testing.T) {
	r := newRecord(t)
	r.exec(t, `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room in %', TG_TABLE_NAME; END $$`)
	mended := strings.Replace(somalia, "2753 (2024)", "2753 (2023)", 1) // which is a problem to keep, and a discrepancy
	files := []file{csvFile("votes.csv", header+mended+gaza), csvFile("said.csv", statementHeader+onGaza)}
	for _, table := range everyTable {
		if table == "edits" {
			continue // an import makes none
		}
		t.Run(table, func(t *testing.T) {
			r.clear(t)
			r.exec(t, `CREATE TRIGGER full_disk BEFORE INSERT ON `+table+` FOR EACH ROW EXECUTE FUNCTION full_disk()`)
			defer r.exec(t, `DROP TRIGGER full_disk ON `+table)
			for _, f := range files {
				before := r.counts(t)
				_, err := r.take(t, f, store.ImportOptions{})
				if err == nil && table == "statements" && f.name == "votes.csv" {
					continue // there are none in it
				}
				if err == nil || !strings.Contains(err.Error(), "no room in "+table) || errors.Is(err, votes.ErrInvalid) {
					t.Errorf("%s: err=%v, want the fault of the table, and no blame on the file", f.name, err)
				}
				sameCounts(t, before, r.counts(t))
				return
			}
		})
	}
}

func TestImportsWaitForEachOther(t *testing.T) {
	r := newRecord(t)
	files := []file{starterResolutions(), csvFile("a.csv", header+somalia+sudan+gaza), csvFile("b.csv", header+gaza).from("B", "")}
	errs := make([]error, len(files))
	var all sync.WaitGroup
	for i, f := range files {
		all.Go(func() { _, errs[i] = r.Import(t.Context(), store.ImportOptions{}, f.read) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := len(r.resolution(t, "S-2024-835").Sources); n != 3 {
		t.Errorf("%d sources, want those of the three imports", n)
	}
	if rev, err := r.Revision(t.Context()); err != nil || rev.Number != 3 {
		t.Errorf("revision %d (%v), want 3", rev.Number, err)
	}
}

// An import that waits for another one can be given up.
func TestWaitingForAnImportEndsWithTheContext(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	reading, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := r.Import(t.Context(), store.ImportOptions{}, func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
			close(reading)
			<-end
			return csvFile("b.csv", header+somalia).read(rep, yield)
		})
		done <- err
	}()
	<-reading
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := r.Import(ctx, store.ImportOptions{}, csvFile("c.csv", header+sudan).read); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err=%v, want the deadline", err)
	}
	// Reading does not wait.
	if _, _, err := r.Resolution(t.Context(), "S-2024-835"); err != nil {
		t.Error(err)
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
