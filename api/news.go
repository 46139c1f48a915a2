package api

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"scvotes/votes"
)

const (
	// newsHolds is how long the last look at the revision holds: no answer is
	// made from a record that changed longer ago than that.
	newsHolds = time.Second
	// DefaultStale is how long kept answers are given while the database is away.
	DefaultStale = 10 * time.Minute
)

// News is what is known of the revision of the record without asking for it.
// Whoever follows the record tells it; while it is told often enough, the server
// reads the revision with no request. The zero News knows nothing.
type News struct{ last atomic.Pointer[told] }

// told is the last sighting, and when the database was last seen at all.
type told struct {
	votes.Sighting
	good time.Time
}

// Tell takes a sighting in. The one whose look began last counts.
func (n *News) Tell(s votes.Sighting) {
	for {
		last := n.last.Load()
		now := &told{Sighting: s, good: s.Seen}
		if last != nil && s.Seen.Before(last.Seen) {
			return
		}
		if s.Err != nil {
			now.good = time.Time{}
			if last != nil {
				now.good, now.Revision = last.good, last.Revision
			}
		}
		if n.last.CompareAndSwap(last, now) {
			return
		}
	}
}

// state is what an answer hangs on: a revision of the record, and the day, since
// citations tell when they were retrieved.
type state struct {
	name     string // tells it from every other
	program  string // the same of what hangs on the program and the day alone
	revision votes.Revision
	day      int64 // since 1970
	// away is how long the revision could not be looked at, 0 where it is
	// known to be the newest.
	away time.Duration
}

// stateAt is the state of the record at a revision, today. The last one is
// remembered: thousands of requests ask for the same.
func (s *server) stateAt(rev votes.Revision) state {
	now := s.now().UTC()
	day := now.Unix() / int64((24 * time.Hour).Seconds())
	if last := s.lastState.Load(); last != nil && last.day == day && last.is(rev) {
		return *last
	}
	st := state{program: string(votes.DateOf(now)), revision: rev, day: day}
	st.name = s.stateName(rev)
	s.lastState.Store(&st)
	s.answers.forget(st)
	return st
}

// stateName tells the state of the record at a revision, today, from every other.
func (s *server) stateName(rev votes.Revision) string {
	return fmt.Sprintf("%d.%d.%s", rev.Number, rev.Committed.UnixNano(), votes.DateOf(s.now().UTC()))
}

// is tells whether a state is of a revision.
func (st *state) is(rev votes.Revision) bool {
	return st.revision.Number == rev.Number && st.revision.Committed.Equal(rev.Committed)
}

// known is the state of the record as far as it can be told without the
// database: the newest, or where the database is away the last one seen, as long
// as that may be given out.
func (s *server) known() (state, bool) {
	last := s.news.last.Load()
	if last == nil {
		return state{}, false
	}
	if last.Err == nil {
		return s.stateAt(last.Revision), time.Since(last.Seen) < newsHolds
	}
	// At midnight, or where the clock is set, what is kept of the day before is
	// all there is.
	var st state
	if before := s.lastState.Load(); before != nil && before.is(last.Revision) {
		st = *before
	} else {
		st = s.stateAt(last.Revision)
	}
	st.away = max(time.Since(last.good), 1)
	return st, !last.good.IsZero() && st.away < s.stale
}

// current is the state of the record now. Where nobody follows the record, or
// nothing was heard for a while, it is read. While the last look found the
// database away the error is that of the look: asking again for every request
// would keep each of them waiting.
func (s *server) current(ctx context.Context) (state, error) {
	if st, ok := s.known(); ok && st.away == 0 {
		return st, nil
	}
	if last := s.news.last.Load(); last != nil && last.Err != nil && time.Since(last.Seen) < newsHolds {
		return state{}, fmt.Errorf("%w: %w", votes.ErrUnavailable, last.Err)
	}
	return s.look(ctx, time.Now().Add(-newsHolds))
}

// look reads the revision, and tells those that follow it. Thousands may need it
// in the same moment: they share one look, if it began no earlier than they want.
func (s *server) look(ctx context.Context, notBefore time.Time) (state, error) {
	l, own := s.looks.join(notBefore)
	for !own {
		select {
		case <-l.done:
			if !errors.Is(l.err, context.DeadlineExceeded) { // of whoever did it, who had less time left
				return l.state, l.err
			}
			l, own = s.looks.join(notBefore)
		case <-ctx.Done():
			return state{}, ctx.Err()
		}
	}
	return s.lookNow(ctx, l)
}

// lookNow does a look that others may be waiting for.
func (s *server) lookNow(ctx context.Context, l *oneLook) (state, error) {
	defer close(l.done)
	l.err = errLookBroke // for those who wait, should it not come to its end
	ctx, cancel := uncancelled(ctx)
	defer cancel()
	rev, err := s.record.Revision(ctx)
	if l.err = err; err != nil {
		return state{}, err
	}
	if s.news.last.Load() != nil {
		s.news.Tell(votes.Sighting{Revision: rev, Seen: l.began})
	}
	l.state = s.stateAt(rev)
	return l.state, nil
}

var errLookBroke = errors.New("the revision of the record could not be read")

// looks are the looks at the revision that are under way.
type looks struct {
	mu   sync.Mutex
	last *oneLook
}

// oneLook is what came of a look, once it is done.
type oneLook struct {
	began time.Time
	done  chan struct{}
	state state
	err   error
}

// join returns the look that is under way, or a new one, which is the caller's own
// to do, where there is none or it began too early.
func (l *looks) join(notBefore time.Time) (look *oneLook, own bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last != nil && !l.last.began.Before(notBefore) {
		select {
		case <-l.last.done:
		default:
			return l.last, false
		}
	}
	l.last = &oneLook{began: time.Now(), done: make(chan struct{})}
	return l.last, true
}
