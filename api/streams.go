package api

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// maxStreams is how many answers may be written while they are read at a
	// time. Each holds a connection to the database until its client has taken
	// it in: the others are for those who are answered at once.
	maxStreams = 4
	// patience is how long a client may keep one piece of an answer from being
	// sent while another waits for its turn.
	patience = 3 * time.Second
	// turnTimeout is how long a client waits for its turn.
	turnTimeout = 8 * time.Second
	lookAround  = 50 * time.Millisecond
)

// errNoTurn is returned where others keep all the turns to themselves.
var errNoTurn = errors.New("too many long answers are under way; ask again in a moment")

// streamsAtOnce bounds how many answers are streamed at a time. Clients that
// take theirs in slowly are let be while nobody waits for them. Where somebody
// does, one that stands still is cut off: else a few that read nothing would
// keep all others from every download.
type streamsAtOnce struct {
	turns   chan struct{}
	mu      sync.Mutex
	running map[*streaming]struct{}
}

// streaming is an answer that is being streamed.
type streaming struct {
	all *streamsAtOnce
	cut func()

	mu    sync.Mutex
	since time.Time // the piece that is being sent; zero while none is
	gone  bool      // it was cut off
}

func newStreamsAtOnce(most int) *streamsAtOnce {
	return &streamsAtOnce{turns: make(chan struct{}, most), running: make(map[*streaming]struct{})}
}

// begin waits for a turn. cut has to end the writing to the client. The error is
// errNoTurn, or that of the context.
func (a *streamsAtOnce) begin(ctx context.Context, cut func()) (*streaming, error) {
	select {
	case a.turns <- struct{}{}:
		return a.start(cut), nil
	default:
	}
	given := time.NewTimer(turnTimeout)
	defer given.Stop()
	look := time.NewTicker(lookAround)
	defer look.Stop()
	for {
		select {
		case a.turns <- struct{}{}:
			return a.start(cut), nil
		case <-look.C:
			a.cutOne()
		case <-given.C:
			return nil, errNoTurn
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (a *streamsAtOnce) start(cut func()) *streaming {
	st := &streaming{all: a, cut: cut}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running[st] = struct{}{}
	return st
}

// cutOne cuts off the client that has stood still for longest, if it did for
// too long.
func (a *streamsAtOnce) cutOne() {
	a.mu.Lock()
	defer a.mu.Unlock()
	var worst *streaming
	longest := patience
	for st := range a.running {
		if still := st.still(); still > longest {
			worst, longest = st, still
		}
	}
	if worst != nil {
		worst.mu.Lock()
		worst.gone = true
		worst.mu.Unlock()
		worst.cut()
	}
}

// still is how long the client has taken nothing in; 0 for one that was cut off.
func (st *streaming) still() time.Duration {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.since.IsZero() || st.gone {
		return 0
	}
	return time.Since(st.since)
}

func (st *streaming) sends(piece time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.since = piece
}

// end gives the turn to the next.
func (st *streaming) end() {
	st.all.mu.Lock()
	defer st.all.mu.Unlock()
	delete(st.all.running, st)
	<-st.all.turns
}

// over is w, with each piece timed that goes through it.
func (st *streaming) over(w io.Writer) io.Writer { return timedWriter{w, st} }

type timedWriter struct {
	io.Writer
	*streaming
}

func (w timedWriter) Write(b []byte) (int, error) {
	w.sends(time.Now())
	defer w.sends(time.Time{})
	return w.Writer.Write(b)
}
