package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"scvotes/store"
	"scvotes/votes"
)

// eventsOf are the events that a filter chooses, and the revision they are of.
func eventsOf(ctx context.Context, s *store.Store, f votes.Filter) (list []votes.Event, revision int64, err error) {
	revision, err = s.Events(ctx, f, true, func(e votes.Event) error { list = append(list, e); return nil })
	return list, revision, err
}

// What is kept of the events is never told of a record that has changed since: each
// filter gives what the resolutions give, after every kind of change.
func TestEventsFollowTheRecord(t *testing.T) {
	askedOneByOne(t)
	r := newRecord(t)
	filters := []votes.Filter{{}, parseFilter(t, "outcome=vetoed"), parseFilter(t, "voted=USA:no"), parseFilter(t, "year=1999")}
	same := func(after string) {
		t.Helper()
		for range 2 {
			for _, f := range filters {
				got, revision, err := eventsOf(t.Context(), r.Store, f)
				if err != nil || revision != one[int64](t, r, `SELECT coalesce(max(number), 0) FROM revisions`) {
					t.Fatalf("after %s: revision %d, %v", after, revision, err)
				}
				var want []votes.Event
				for _, res := range r.all(t) {
					if chosen(f, res) {
						want = append(want, votes.EventOf(res))
					}
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("after %s: (-of the resolutions +Events):\n%s", after, firstLines(diff, 20))
				}
			}
		}
	}
	same("nothing")
	r.loadStarter(t)
	same("the starter record")
	r.land(t, csvFile("a.csv", header+gaza+sudan2).from("A", ""), store.ImportOptions{})
	same("an import")
	r.edit(t, decide("S-2024-835", "topic", "a topic of its own"))
	same("an edit")
	r.edit(t, decide("S-2024-835", "position:USA", "abstain"))
	same("a position that is no veto any more")
}

// Readers who ask while the record changes are each told of one revision.
func TestEventsAreOfOneRevision(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+somalia+sudan), store.ImportOptions{})
	var readers, begun sync.WaitGroup
	done := make(chan struct{})
	var mu sync.Mutex
	told := map[string]string{} // by filter and revision
	read := func(query string) {
		list, revision, err := eventsOf(t.Context(), r.Store, parseFilter(t, query))
		if err != nil {
			t.Error(err)
			return
		}
		text := ""
		for _, e := range list {
			text += fmt.Sprintln(e.ID, e.Topic, e.Outcome, len(e.Votes))
		}
		mu.Lock()
		defer mu.Unlock()
		if before, known := told[query+fmt.Sprint(revision)]; known && before != text {
			t.Errorf("%q at revision %d:\n%s\nand\n%s", query, revision, before, text)
		}
		told[query+fmt.Sprint(revision)] = text
	}
	for _, query := range []string{"", "outcome=adopted,vetoed,failed"} {
		begun.Add(1)
		readers.Go(func() {
			read(query)
			begun.Done()
			for last := false; !last; {
				select {
				case <-done:
					last = true
				default:
				}
				read(query)
			}
		})
	}
	begun.Wait()
	for i := range 12 {
		r.edit(t, decide(r.all(t)[0].ID, "topic", fmt.Sprintf("topic %d", i)))
	}
	close(done)
	readers.Wait()
	if len(told) < 4 {
		t.Errorf("only %d states were seen", len(told))
	}
}

// What is kept saves reading the record again, and only where it has not changed;
// too much of it is not kept.
func TestEventsAreReadOnceAtEachRevision(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	read := func(what string, f votes.Filter, statements int) []votes.Event {
		t.Helper()
		list, _, err := eventsOf(t.Context(), s, f)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(o.take()); n != statements {
			t.Errorf("%s: %d statements, want %d", what, n, statements)
		}
		return list
	}
	vetoed := parseFilter(t, "outcome=vetoed")
	few := read("a part, of which nothing is known", vetoed, 1)
	all := read("all, first", votes.Filter{}, 1)
	if diff := cmp.Diff(few, read("a part", vetoed, 1)); diff != "" {
		t.Error(diff)
	}
	r.edit(t, decide("S-2024-835", "topic", "another"))
	changed := read("a part, after a change", vetoed, 2) // the part, and all
	if cmp.Equal(few, changed) {
		t.Error("a part is told as it was before the change")
	}
	read("all, after that", votes.Filter{}, 1)

	// As if the database were another: the same number tells something else.
	r.exec(t, `UPDATE resolutions SET topic = 'as restored' WHERE id = 'S-2024-835'`)
	if diff := cmp.Diff(changed, read("a part, of the same revision", vetoed, 1)); diff != "" {
		t.Error(diff)
	}
	s.ForgetLines()
	if cmp.Equal(all, read("all, of a record that went back", votes.Filter{}, 1)) {
		t.Error("what went back is told as before")
	}

	s.KeepEvents(1000)
	read("too much, first", votes.Filter{}, 2)
	for range 2 {
		if list := read("too much", votes.Filter{}, 1); len(list) != len(all) {
			t.Errorf("%d events, want %d", len(list), len(all))
		}
	}
}

// What a large record takes longer to be read for than anybody waits is read to its
// end all the same, and told to who comes then.
func TestEventsThatComeAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	r.exec(t, `ALTER TABLE sponsors RENAME TO all_sponsors`)
	r.exec(t, `CREATE VIEW sponsors AS SELECT s.* FROM (SELECT pg_sleep(4)) p, all_sponsors s`) // these come last
	impatient, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, _, err := eventsOf(impatient, s, votes.Filter{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("told %v, want that its time is over", err)
	}
	list, _, err := eventsOf(t.Context(), s, votes.Filter{})
	if err != nil || len(list) == 0 {
		t.Fatalf("%d events, %v", len(list), err)
	}
	if asked := o.take(); len(asked) != 2 {
		t.Errorf("%d statements, want 2: of all there is, once, and of the revision", len(asked))
	}
}
