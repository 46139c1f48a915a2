package api

import (
	"context"
	"errors"
	"sync"
)

// together has an answer that is kept nowhere made once for all who wait for it.
// Who asks while it is being made is not given that one, which may be of a moment
// before the question: all of these together are given the next.
type together struct {
	mu     sync.Mutex
	making map[answerKey]*round
}

// round is the making of one answer.
type round struct {
	begun  bool
	next   *round // for those who came after it had begun
	done   chan struct{}
	answer *keptAnswer
	err    error
}

// errNotMade is what those who waited are told where a round broke off.
var errNotMade = errors.New("the answer that others were making was not made")

// get returns an answer of a round that had not begun when it was asked for, and
// how it came as Cache-Status tells it. Who makes one waits for the round before:
// that began earlier, so it ends before the time of this request is over.
func (t *together) get(ctx context.Context, key answerKey, make func(ctx context.Context) (*keptAnswer, error)) (k *keptAnswer, how []string, err error) {
	t.mu.Lock()
	r := t.making[key]
	switch {
	case r == nil:
		r = newRound()
		t.making[key] = r
	case r.begun && r.next == nil:
		before := r
		r = newRound()
		before.next = r
		t.mu.Unlock()
		<-before.done
		t.mu.Lock()
	default:
		if r.begun {
			r = r.next
		}
		t.mu.Unlock()
		select {
		case <-r.done:
			return r.answer, madeOnce, r.err
		case <-ctx.Done():
			return nil, madeOnce, ctx.Err()
		}
	}
	r.begun = true
	t.mu.Unlock()
	t.make(ctx, key, r, make)
	return r.answer, notKept, r.err
}

func newRound() *round { return &round{done: make(chan struct{}), err: errNotMade} }

// make makes the answer of a round that has begun.
func (t *together) make(ctx context.Context, key answerKey, r *round, make func(ctx context.Context) (*keptAnswer, error)) {
	defer func() { // also where it panics
		t.mu.Lock()
		if r.next == nil {
			delete(t.making, key)
		} else {
			t.making[key] = r.next
		}
		t.mu.Unlock()
		close(r.done)
	}()
	ctx, cancel := uncancelled(ctx)
	defer cancel()
	r.answer, r.err = make(ctx)
}
