package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var oneKey = answerKey{"a", "b"}

// asking asks for an answer in the background, and returns what it is told.
func asking(ctx context.Context, a *answers, make func(context.Context) (*keptAnswer, error)) func() (*keptAnswer, string, error) {
	type told struct {
		k   *keptAnswer
		how []string
		err error
	}
	done := inBackground(func() told {
		k, how, err := a.get(ctx, oneKey, make)
		return told{k, how, err}
	})
	return func() (*keptAnswer, string, error) {
		t := <-done
		return t.k, t.how[0], t.err
	}
}

func inBackground[T any](f func() T) <-chan T {
	c := make(chan T, 1)
	go func() { c <- f() }()
	return c
}

// Where nothing is kept, many who ask for the same are given one answer, which
// nobody began to make before they asked.
func TestWhatIsNotKeptIsMadeOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswers(-1, NewMetrics("test"))
		var record, made atomic.Int64
		make := func(context.Context) (*keptAnswer, error) {
			made.Add(1)
			read := record.Load()
			time.Sleep(time.Second)
			return &keptAnswer{body: []byte{byte(read)}}, nil
		}
		first := asking(t.Context(), a, make)
		synctest.Wait()
		record.Store(1) // those who ask from here on must not be told of 0
		var later []func() (*keptAnswer, string, error)
		for range 20 {
			later = append(later, asking(t.Context(), a, make))
			synctest.Wait()
		}
		if k, how, err := first(); err != nil || k.body[0] != 0 || how != notKept[0] {
			t.Errorf("the first is answered %v, %s, %v", k.body, how, err)
		}
		collapsed := 0
		for _, answer := range later {
			k, how, err := answer()
			if err != nil || k.body[0] != 1 {
				t.Errorf("who asked later is answered %v, %v", k.body, err)
			}
			if how == madeOnce[0] {
				collapsed++
			}
		}
		if made.Load() != 2 || collapsed != 19 {
			t.Errorf("21 requests made %d answers, of which %d were given again: want 2, 19", made.Load(), collapsed)
		}
		if len(a.together.making) != 0 {
			t.Errorf("%d rounds are left behind", len(a.together.making))
		}
	})
}

// Whoever waits for others does so no longer than for itself.
func TestWhoWaitsForAnAnswerMayGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswers(-1, NewMetrics("test"))
		slow := func(context.Context) (*keptAnswer, error) { time.Sleep(time.Minute); return &keptAnswer{}, nil }
		asking(t.Context(), a, slow)
		synctest.Wait()
		asking(t.Context(), a, slow)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, _, err := asking(ctx, a, slow)(); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("told %v after %v", err, time.Since(began))
		}
		if _, err := a.together.other(t.Context(), "elsewhere"); err != nil || time.Since(began) != time.Second {
			t.Errorf("another answer took %v, %v", time.Since(began)-time.Second, err)
		}
		time.Sleep(3 * time.Minute) // all end
	})
}

// other asks for an answer that takes no time.
func (t *together) other(ctx context.Context, address string) (*keptAnswer, error) {
	k, _, err := t.get(ctx, answerKey{"a", address}, func(context.Context) (*keptAnswer, error) { return &keptAnswer{}, nil })
	return k, err
}

// One who was to make an answer for all leaves them an error behind where it
// breaks off, and is not in the way of those who come then.
func TestAnAnswerThatIsNotMadeIsNoTrap(t *testing.T) {
	a := newAnswers(-1, NewMetrics("test"))
	enter, leave := make(chan struct{}), make(chan struct{})
	var broken sync.WaitGroup
	broken.Go(func() {
		defer func() { recover() }()
		_, _, _ = a.get(t.Context(), oneKey, func(context.Context) (*keptAnswer, error) {
			close(enter)
			<-leave
			panic("breaks off")
		})
	})
	<-enter
	r := a.together.making[oneKey]
	close(leave)
	broken.Wait()
	if <-r.done; !errors.Is(r.err, errNotMade) || r.answer != nil {
		t.Errorf("left behind: %v, %v", r.answer, r.err)
	}
	if k, how, err := a.get(t.Context(), oneKey, func(context.Context) (*keptAnswer, error) { return &keptAnswer{}, nil }); k == nil || how[0] != notKept[0] || err != nil {
		t.Errorf("who comes then is told %v, %v, %v", k, how, err)
	}
}

// Nobody is given what was made for one who shows a token.
func TestWhoShowsATokenIsAnsweredAlone(t *testing.T) {
	s := newServer(newFake(t), testOptions(nil))
	c := s.echo(testOptions(nil)).NewContext(&http.Request{Header: http.Header{"Authorization": {"Bearer x"}}}, nil)
	if a := s.answersFor(c); a.together != nil || a.cache != nil {
		t.Error("its answers are of all")
	}
}
