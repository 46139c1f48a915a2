package store_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"scvotes/votes"
)

// Programs that are started together on one database make the same edits: each
// is made once, in one revision, and again it is none.
func TestEditsMadeByManyAtOnceAreMadeOnce(t *testing.T) {
	t.Parallel()
	r := editable(t)
	before, err := r.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	edits := []votes.Edit{decide("S-2024-835", "title", "A ceasefire"), decide("S-2024-835", "topic", "Palestine")}
	begin := make(chan struct{})
	var all sync.WaitGroup
	var made, revisions atomic.Int64
	for range 8 {
		all.Go(func() {
			<-begin
			left, revision, err := r.EditOnce(t.Context(), edits)
			if err != nil {
				t.Error(err)
			}
			made.Add(int64(len(left)))
			if revision != 0 {
				revisions.Add(1)
			}
		})
	}
	close(begin)
	all.Wait()
	after, err := r.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if made.Load() != 2 || revisions.Load() != 1 || after.Number != before.Number+1 {
		t.Errorf("%d edits made in %d revisions, %d before and %d after", made.Load(), revisions.Load(), before.Number, after.Number)
	}
	more := append(slices.Clone(edits), decide("S-2024-835", "region", "Middle East"))
	left, revision, err := r.EditOnce(t.Context(), more)
	if err != nil || len(left) != 1 || left[0].Field != "region" || left[0].Number == 0 || revision != after.Number+1 {
		t.Errorf("with one that is new: %+v in revision %d, %v", left, revision, err)
	}
}
