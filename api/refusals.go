package api

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"scvotes/votes"
)

// refusalsEvery is how often the log tells how many requests were refused for a
// cause that it has told of.
const refusalsEvery = 5 * time.Second

// refusals tell the log of requests that are refused for want of the database.
// Thousands are refused for one cause, and a line for each would fill the disk
// on top: the first is told whole, of the others how many they were.
type refusals struct {
	log   *slog.Logger
	every time.Duration

	mu   sync.Mutex
	more map[string]int // since the last line, by cause; what is not there was not told of lately
}

// newRefusals tells log.
func newRefusals(log *slog.Logger) *refusals {
	return &refusals{log: log, every: refusalsEvery, more: make(map[string]int)}
}

// wantOfDatabase tells whether an error is one of those that come by the thousand.
// Of a change that may have been kept or not, each is told.
func wantOfDatabase(err error) bool {
	return !errors.Is(err, votes.ErrUnsure) &&
		(errors.Is(err, errNotReady) || errors.Is(err, votes.ErrUnavailable) || errors.Is(err, votes.ErrNoRoom))
}

// tell tells of one that was refused for a cause.
func (r *refusals) tell(ctx context.Context, cause string, err error, path string) {
	r.mu.Lock()
	_, told := r.more[cause]
	if told {
		r.more[cause]++
	} else {
		r.more[cause] = 0
	}
	r.mu.Unlock()
	if !told {
		r.log.ErrorContext(ctx, "request failed", "error", err, "path", path)
		time.AfterFunc(r.every, func() { r.sum(cause) })
	}
}

// sum tells how many more there were, and goes on until there are none.
func (r *refusals) sum(cause string) {
	r.mu.Lock()
	n := r.more[cause]
	r.more[cause] = 0
	if n == 0 {
		delete(r.more, cause)
	}
	r.mu.Unlock()
	if n > 0 {
		r.log.Error("more requests failed", "cause", cause, "requests", n, "within", r.every)
		time.AfterFunc(r.every, func() { r.sum(cause) })
	}
}
