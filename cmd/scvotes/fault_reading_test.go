//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// reading is a reader who keeps asking an instance what it has not been asked,
// while others write to it whatever they like. (A watch knows what they write.)
type reading struct {
	t    *testing.T
	api  *instance
	stop chan struct{}
	done sync.WaitGroup

	mu     sync.Mutex
	good   int
	gap    time.Duration // the longest without a good answer
	last   time.Time
	goneOK bool
	faults map[string]int
}

// startReading begins to ask; it ends with the test, or by end.
func startReading(t *testing.T, api *instance, goneOK bool) *reading {
	t.Helper()
	r := &reading{t: t, api: api, stop: make(chan struct{}), last: time.Now(), goneOK: goneOK, faults: make(map[string]int)}
	r.done.Go(r.ask)
	t.Cleanup(r.end)
	return r
}

func (r *reading) ask() {
	client := newClient()
	defer client.CloseIdleConnections()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		path := fmt.Sprintf("/v1/resolutions?from=19%d-0%d-01&limit=%d", 50+rand.IntN(50), 1+rand.IntN(9), 1+rand.IntN(50))
		a, err := receive(client, r.api.address+path)
		r.take(a, err)
	}
}

func (r *reading) take(a reply, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil && a.status == http.StatusOK:
		r.good++
		r.gap, r.last = max(r.gap, time.Since(r.last)), time.Now()
	case r.goneOK && (err != nil || a.away()):
	case err != nil:
		r.faults[err.Error()]++
	default:
		r.faults[fmt.Sprintf("answered %d: %.200s", a.status, a.body)]++
	}
}

// end stops asking. Every fault fails the test.
func (r *reading) end() {
	select {
	case <-r.stop:
		return
	default:
	}
	close(r.stop)
	r.done.Wait()
	for fault, n := range r.faults {
		r.t.Errorf("%d times a reader of %s: %s", n, r.api.name, fault)
	}
}

// heals holds that from now on every answer is good, and returns the longest time
// without one so far.
func (r *reading) heals() time.Duration {
	r.t.Helper()
	r.mu.Lock()
	r.goneOK = false
	before := r.good
	r.mu.Unlock()
	until(r.t, 30*time.Second, "readers are answered", func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.good < before+5 {
			return fmt.Errorf("%d good answers more", r.good-before)
		}
		return nil
	})
	r.end()
	return r.gap
}
