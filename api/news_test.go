package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scvotes/votes"
)

// slowRevision is a record whose revision takes a while to read.
type slowRevision struct {
	*fake
	takes time.Duration
	looks atomic.Int64
	most  atomic.Int64 // at once
	now   atomic.Int64
}

func (r *slowRevision) Revision(ctx context.Context) (votes.Revision, error) {
	r.looks.Add(1)
	for n := r.now.Add(1); ; {
		if most := r.most.Load(); n <= most || r.most.CompareAndSwap(most, n) {
			break
		}
	}
	defer r.now.Add(-1)
	select {
	case <-time.After(r.takes):
	case <-ctx.Done():
		return votes.Revision{}, ctx.Err()
	}
	return r.fake.Revision(ctx)
}

// Where nothing was heard of the record for a second, all who ask in the same
// moment share one look at its revision.
func TestABurstLooksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		slow := &slowRevision{fake: f, takes: 300 * time.Millisecond}
		opt := testOptions(nil)
		opt.News = new(News)
		opt.News.Tell(votes.Sighting{Revision: f.revision, Seen: time.Now()})
		h := New(slow, opt)
		time.Sleep(2 * newsHolds)
		const burst = 5000
		var all sync.WaitGroup
		var good atomic.Int64
		for n := range burst {
			all.Go(func() {
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/v1/resolutions?limit="+strconv.Itoa(1+n%200), nil))
				if rec.Code == http.StatusOK {
					good.Add(1)
				}
			})
		}
		all.Wait()
		if good.Load() != burst || slow.looks.Load() != 1 {
			t.Errorf("%d good answers of %d, and %d looks", good.Load(), burst, slow.looks.Load())
		}
	})
}

// A look that takes longer than a second is not waited for by who comes later
// than that: the record may have changed since it began. One that runs out of
// time fails nobody who has more of it.
func TestALateComerLooksAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		slow := &slowRevision{fake: f, takes: 3 * time.Second}
		opt := testOptions(nil)
		opt.Timeout = 5 * time.Second
		h := New(slow, opt)
		var all sync.WaitGroup
		ask := func(within time.Duration, status int) {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/resolutions", nil))
				if rec.Code != status {
					t.Errorf("who has %v is answered %d, want %d", within, rec.Code, status)
				}
			})
		}
		ask(time.Minute, 200)
		time.Sleep(newsHolds / 2)
		ask(time.Minute, 200) // shares it
		time.Sleep(newsHolds)
		ask(time.Minute, 200) // does not
		all.Wait()
		if n := slow.looks.Load(); n != 2 {
			t.Errorf("%d looks, want 2", n)
		}
		slow.looks.Store(0)
		ask(time.Second, 503)
		synctest.Wait()
		ask(time.Minute, 200)
		all.Wait()
		if n := slow.looks.Load(); n != 2 {
			t.Errorf("where the first ran out of time, %d looks, want 2", n)
		}
	})
}
