//go:build linux

package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// watch keeps asking instances, by a bounded number of clients, and holds each
// answer against all that came before it.
type watch struct {
	t    *testing.T
	base int // the revision before the first edition
	stop chan struct{}
	work sync.WaitGroup

	clients int           // for each instance
	every   time.Duration // each of them asks

	ended time.Time
	loose bool // bodies are not compared, see newLooseWatch

	mu     sync.Mutex
	awayOK bool                // the database is away, and a 503 no fault
	goneOK bool                // so is an instance, and no answer none
	bodies map[string]sum      // by path and edition, and by tag: of all instances
	seen   map[*instance]*seen // what each has answered so far
	done   []time.Time         // when each edition was acknowledged, from edition 1 on, where that is told
	faults map[string]int      // said once each
}

type sum = [sha256.Size]byte

// seen is what one instance has answered so far. A cold answer is one to a
// question that nobody had asked it before.
type seen struct {
	newest           int               // edition
	reached          map[int]time.Time // when each was first answered
	good, cold, away int
	hits             int           // of the instance's cache
	last, lastCold   time.Time     // good answers
	gap, gapCold     time.Duration // the longest time without
	slowest          time.Duration
	slowestPath      string
}

func newSeen() *seen {
	now := time.Now()
	return &seen{reached: make(map[int]time.Time), last: now, lastCold: now}
}

// give notes a good answer.
func (s *seen) give(edition int, hit, cold bool, now time.Time) {
	s.good++
	s.gap, s.last = max(s.gap, now.Sub(s.last)), now
	if hit {
		s.hits++
	}
	if cold {
		s.cold++
		s.gapCold, s.lastCold = max(s.gapCold, now.Sub(s.lastCold)), now
	}
	s.newest = max(s.newest, edition)
	if _, ok := s.reached[edition]; !ok {
		s.reached[edition] = now
	}
}

const (
	clientsEach = 3
	askEvery    = 8 * time.Millisecond
)

// newWatch begins to ask. It ends with the test, or by end.
func newWatch(t *testing.T, base int, instances ...*instance) *watch {
	t.Helper()
	return startWatch(t, &watch{base: base, clients: clientsEach, every: askEvery}, instances...)
}

// newLooseWatch is for older programs: where an import came between, they gave
// the new answer under the old tag, and a page told the revision before.
func newLooseWatch(t *testing.T, base int, instances ...*instance) *watch {
	t.Helper()
	return startWatch(t, &watch{base: base, loose: true, clients: clientsEach, every: askEvery}, instances...)
}

func startWatch(t *testing.T, w *watch, instances ...*instance) *watch {
	w.t, w.stop = t, make(chan struct{})
	w.bodies, w.seen, w.faults = make(map[string]sum), make(map[*instance]*seen), make(map[string]int)
	for _, i := range instances {
		w.seen[i] = newSeen()
	}
	for _, i := range instances {
		for range w.clients {
			w.work.Go(func() { w.ask(i) })
		}
	}
	t.Cleanup(w.end)
	return w
}

// end stops the clients; every fault they found fails the test.
func (w *watch) end() {
	select {
	case <-w.stop:
		return
	default:
	}
	close(w.stop)
	w.work.Wait()
	w.ended = time.Now()
	for fault, n := range w.faults {
		w.t.Errorf("%d times: %s", n, fault)
	}
	for i, s := range w.seen {
		w.t.Logf("%s: %d good answers, %d of them kept and %d cold, and %d that the database is away; longest without a good one %v, without a cold one %v; slowest %v, %s",
			i.name, s.good, s.hits, s.cold, s.away, round(s.gap), round(s.gapCold), round(s.slowest), s.slowestPath)
	}
}

// ask is one client, on a connection of its own.
func (w *watch) ask(i *instance) {
	client := newClient()
	defer client.CloseIdleConnections()
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for newest := 0; ; { // what this connection was told
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		q, cold := probes[rand.IntN(len(probes))], rand.IntN(5) == 0
		if cold {
			q = coldProbe()
		}
		w.mu.Lock()
		begun := time.Now()
		floor := max(newest, w.seen[i].newest, w.acknowledgedBefore(begun.Add(-visibleWithin)))
		w.mu.Unlock()
		a, err := receive(client, i.address+q.path)
		newest = max(newest, w.take(i, q, cold, a, err, floor, begun))
	}
}

// acknowledged tells that the next edition is in the record: a second later no
// answer may be older.
func (w *watch) acknowledged() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = append(w.done, time.Now())
}

// acknowledgedBefore is the newest edition that was acknowledged before a moment.
func (w *watch) acknowledgedBefore(moment time.Time) int {
	n, _ := slices.BinarySearchFunc(w.done, moment, time.Time.Compare)
	return n
}

// take holds one answer against the others and returns its edition. floor is
// the edition that the instance had answered before this was asked.
func (w *watch) take(i *instance, q probe, cold bool, a reply, err error, floor int, begun time.Time) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, now := w.seen[i], time.Now()
	if took := now.Sub(begun); took > s.slowest {
		s.slowest, s.slowestPath = took, q.path
	}
	switch {
	case err != nil && w.goneOK:
		s.away++
		return 0
	case err != nil:
		w.fault("%s: %v", i.name, err)
		return 0
	case a.away() && w.awayOK:
		s.away++
		return 0
	case a.status != http.StatusOK:
		w.fault("%s: %s is answered %d (Content-Type %q, Retry-After %q): %s", i.name, q.path, a.status, a.contentType, a.retryAfter, a.body[:min(len(a.body), 300)])
		return 0
	}
	edition, err := q.check(a, w.base)
	if err != nil {
		w.fault("%s: %s: %v", i.name, q.path, err)
		return 0
	}
	if edition < floor {
		w.fault("%s: %s goes back: edition %d after %d", i.name, q.path, edition, floor)
	}
	if !w.loose {
		body := sha256.Sum256(a.body)
		w.same("the tag "+a.etag, body)
		w.same(fmt.Sprintf("edition %d of %s", edition, q.path), body)
	}
	s.give(edition, strings.Contains(a.cache, "hit"), cold, now)
	return edition
}

// same holds that what goes by one name has one body, whoever answered.
func (w *watch) same(name string, body sum) {
	if before, ok := w.bodies[name]; ok && before != body {
		w.fault("%s has two bodies", name)
	}
	w.bodies[name] = body
}

func (w *watch) fault(format string, args ...any) {
	if len(w.faults) < 20 {
		w.faults[fmt.Sprintf(format, args...)]++
	}
}

// allowAway tells that the database is away from now on, or is not any more.
func (w *watch) allowAway(ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.awayOK = ok
}

// allowGone tells that an instance may be gone from now on, or may not any more.
func (w *watch) allowGone(ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.goneOK = ok
}

// again begins to measure the longest time without a good answer.
func (w *watch) again() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seen {
		s.gap, s.gapCold, s.last, s.lastCold = 0, 0, time.Now(), time.Now()
	}
}

// of is a copy of what an instance has answered so far. The time that has
// passed since its last good answer counts.
func (w *watch) of(i *instance) seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := *w.seen[i]
	if w.ended.IsZero() {
		s.gap = max(s.gap, time.Since(s.last))
		s.gapCold = max(s.gapCold, time.Since(s.lastCold))
	}
	return s
}

// reach waits until every instance has answered edition k and returns how long
// after done that was, for each.
func (w *watch) reach(k int, done time.Time, limit time.Duration) map[string]time.Duration {
	w.t.Helper()
	late := make(map[string]time.Duration)
	for i := range w.seen {
		until(w.t, limit, fmt.Sprintf("%s answers edition %d", i.name, k), func() error {
			w.mu.Lock()
			defer w.mu.Unlock()
			at, ok := w.seen[i].reached[k]
			if !ok {
				return fmt.Errorf("its newest is %d", w.seen[i].newest)
			}
			late[i.name] = at.Sub(done)
			return nil
		})
	}
	return late
}

// goOn waits until every instance has given n good cold answers more.
func (w *watch) goOn(n int) {
	w.t.Helper()
	for i := range w.seen {
		before := w.of(i).cold
		until(w.t, 30*time.Second, i.name+" goes on answering", func() error {
			if more := w.of(i).cold - before; more < n {
				return fmt.Errorf("%d cold answers more", more)
			}
			return nil
		})
	}
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
