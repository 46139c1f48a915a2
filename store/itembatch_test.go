package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"scvotes/votes"
)

// reads is a reader of items that waits to be let go, and remembers what it was
// asked for.
type reads struct {
	begun chan []string
	goOn  chan struct{}
}

var errBroken = errors.New("broken")

func (r *reads) read(_ context.Context, ids []string) (map[string]readItem, error) {
	r.begun <- ids
	<-r.goOn
	if slices.Contains(ids, "broken") {
		return nil, errBroken
	}
	got := make(map[string]readItem)
	for _, id := range ids {
		if id != "none" {
			got[id] = readItem{item: votes.Item{ID: id}, found: true, laid: true}
		}
	}
	return got, nil
}

// busied returns batches of which all queries are under way, and what they tell.
func busied(t *testing.T) (*itemBatches, *reads, *sync.WaitGroup) {
	t.Helper()
	r := &reads{begun: make(chan []string), goOn: make(chan struct{})}
	b := &itemBatches{read: r.read}
	var asking sync.WaitGroup
	for i := range itemQueries {
		id := fmt.Sprint("first-", i)
		asking.Go(func() {
			if got := b.get(t.Context(), id); got.err != nil || got.item.ID != id {
				t.Errorf("%s: %+v", id, got)
			}
		})
		if ids := <-r.begun; len(ids) != 1 {
			t.Errorf("the first ones are read together: %v", ids)
		}
	}
	return b, r, &asking
}

// wait waits until so many wait.
func (b *itemBatches) wait(n int) {
	for ; ; runtime.Gosched() {
		b.mu.Lock()
		there := len(b.waiting)
		b.mu.Unlock()
		if there == n {
			return
		}
	}
}

func TestItemsThatAreAskedForMeanwhileAreReadTogether(t *testing.T) {
	b, r, asking := busied(t)
	const askers = itemsAtOnce + 20
	for i := range askers {
		id := fmt.Sprint("id-", i%10) // each by several
		if i == 0 {
			id = "none"
		}
		asking.Go(func() {
			if got := b.get(t.Context(), id); got.err != nil || got.found == (id == "none") || got.found && got.item.ID != id {
				t.Errorf("%s: %+v", id, got)
			}
		})
	}
	b.wait(askers)
	r.goOn <- struct{}{}
	if ids := <-r.begun; len(ids) > 11 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		t.Errorf("each id should be asked for once: %v", ids)
	}
	b.wait(askers - itemsAtOnce)
	r.goOn <- struct{}{}
	<-r.begun
	for range itemQueries {
		r.goOn <- struct{}{}
	}
	asking.Wait()
}

func TestWhoGoesAwayKeepsNobodyFromTheirItem(t *testing.T) {
	b, r, asking := busied(t)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan readItem)
	go func() { left <- b.get(ctx, "left") }()
	b.wait(1)
	asking.Go(func() {
		if got := b.get(t.Context(), "stays"); got.err != nil || got.item.ID != "stays" {
			t.Errorf("%+v", got)
		}
	})
	b.wait(2)
	leave()
	if got := <-left; !errors.Is(got.err, context.Canceled) {
		t.Errorf("%+v", got)
	}
	r.goOn <- struct{}{}
	if ids := <-r.begun; len(ids) != 2 {
		t.Errorf("asked for %v", ids)
	}
	for range itemQueries {
		r.goOn <- struct{}{}
	}
	asking.Wait()
}

func TestAFaultIsToldToAllWhoAsked(t *testing.T) {
	b, r, asking := busied(t)
	for _, id := range []string{"one", "broken", "two"} {
		asking.Go(func() {
			if got := b.get(t.Context(), id); !errors.Is(got.err, errBroken) || got.found {
				t.Errorf("%s: %+v", id, got)
			}
		})
	}
	b.wait(3)
	r.goOn <- struct{}{}
	<-r.begun
	for range itemQueries {
		r.goOn <- struct{}{}
	}
	asking.Wait()
}
