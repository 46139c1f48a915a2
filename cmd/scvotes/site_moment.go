package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
)

// maxSiteWorkers bounds the connections that an export holds: a pool has eight
// at least, and others may use it.
const maxSiteWorkers = 6

func siteWorkers() int { return min(runtime.GOMAXPROCS(0), maxSiteWorkers) }

// moment is the record held still, for one reader at a time.
type moment struct {
	api.Reader
	revision votes.Revision

	events  []votes.Event // all of them, once they were read; nil before
	tooMany bool
}

// Revision needs no look: it cannot change.
func (m *moment) Revision(context.Context) (votes.Revision, error) { return m.revision, nil }

// At is the moment itself; the store would begin another.
func (m *moment) At(_ context.Context, read func(api.Reader) error) error { return read(m) }

// errOtherMoment tells that the record changed between the first moment and the last.
var errOtherMoment = errors.New("the record changed while it was being opened")

// atMoments holds the record still n times over, once for each worker, since a
// transaction reads one thing at a time. Every change to the record makes a
// revision, so moments of one revision are the same. An import that lands
// between them has all of them begun anew; ten in a row have it given up.
func atMoments(ctx context.Context, s *store.Store, n int, read func([]*moment) error) error {
	for try := 0; ; try++ {
		err := holdMoments(ctx, s, n, nil, read)
		if !errors.Is(err, errOtherMoment) {
			return err
		}
		if try == 9 {
			return fmt.Errorf("%w, ten times over: export when no import runs", errOtherMoment)
		}
	}
}

func holdMoments(ctx context.Context, s *store.Store, n int, held []*moment, read func([]*moment) error) error {
	if len(held) == n {
		return read(held)
	}
	return s.At(ctx, func(then *store.Store) error {
		rev, err := then.Revision(ctx) // the first reading: from here on the record is held
		if err != nil {
			return err
		}
		if len(held) > 0 && (rev.Number != held[0].revision.Number || !rev.Committed.Equal(held[0].revision.Committed)) {
			return errOtherMoment
		}
		return holdMoments(ctx, s, n, append(held, &moment{Reader: reader{then}, revision: rev}), read)
	})
}

// keptEvents bounds the votes that a moment remembers: some 25 MB of them.
const keptEvents = 20_000

// Events remembers all votes as the figures need them, since thousands of pages
// count over them. A larger record is read each time.
func (m *moment) Events(ctx context.Context, f votes.Filter, sponsors bool, yield func(votes.Event) error) (int64, error) {
	if !reflect.DeepEqual(f, votes.Filter{}) || sponsors || m.tooMany {
		return m.Reader.Events(ctx, f, sponsors, yield)
	}
	if m.events == nil {
		events := []votes.Event{}
		_, err := m.Reader.Events(ctx, f, sponsors, func(e votes.Event) error {
			if events = append(events, e); len(events) > keptEvents {
				m.tooMany = true
				return errTooMany
			}
			return nil
		})
		if m.tooMany {
			return m.Reader.Events(ctx, f, sponsors, yield)
		}
		if err != nil {
			return 0, err
		}
		m.events = events
	}
	for _, e := range m.events {
		if err := yield(e); err != nil {
			return 0, err
		}
	}
	return m.revision.Number, nil
}

var errTooMany = errors.New("too many votes to remember")
