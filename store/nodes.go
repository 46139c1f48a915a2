package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"scvotes/votes"
)

// nodes are the databases that hold the record: the primary, which is written
// to, and replicas of it, which are read from while they are not behind.
//
// What is known of them comes from a follower's looks (Follow). Without one
// nothing is known, and the primary is asked everything.
type nodes struct {
	primary  *node
	replicas []*node
	schema   int64 // the newest version that the program knows: a replica has to have it
	log      *slog.Logger
	poll     time.Duration
	turns    chan struct{} // see writeInTurn

	turn   atomic.Uint64                  // which replica is next
	newest atomic.Pointer[votes.Revision] // the newest revision seen or answered; nil while nobody follows
	mu     sync.Mutex                     // held by whoever changes newest
	back   func()                         // what to do where the record went back
}

// node is one database, or one address behind which there are several.
type node struct {
	name   string
	pool   *pgxpool.Pool // what is read from
	writes *pgxpool.Pool // of the primary: what is written to, by another role or the same pool; nil where nobody may write
	at     atomic.Pointer[standing]
	poke   chan struct{} // a look is due

	level         atomic.Pointer[time.Time] // when it was last seen at the newest revision
	asked, failed atomic.Uint64             // reads; those that were for another node to answer
}

// reset has all connections to a node made anew.
func (nd *node) reset() {
	nd.pool.Reset()
	if nd.writes != nil && nd.writes != nd.pool {
		nd.writes.Reset()
	}
}

func (nd *node) close() {
	if nd.pool != nil {
		nd.pool.Close()
	}
	if nd.writes != nil {
		nd.writes.Close() // a second time does nothing
	}
}

// standing is what the last look at a node told.
type standing struct {
	revision votes.Revision
	schema   int64
	standby  bool
	err      error // there was nothing to be seen
	gone     bool  // there was not even a connection
}

// same tells whether two revisions are of the same record. Of one that was only
// heard of, its moment is not known.
func same(a, b votes.Revision) bool {
	return a.Number == b.Number && (a.Committed.IsZero() || b.Committed.IsZero() || a.Committed.Equal(b.Committed))
}

// try asks a node, and once more another where the first one cannot answer for
// no fault of the question. again tells that it was the node that failed, and
// that ask may be repeated.
func (n *nodes) try(ctx context.Context, ask func(*node) (again bool, err error)) error {
	first, err := n.pick()
	if err != nil {
		return err
	}
	first.asked.Add(1)
	again, err := ask(first)
	if err == nil || !again {
		return err
	}
	if ctx.Err() != nil || !n.another(first, err) {
		return told(ctx, err)
	}
	first.failed.Add(1)
	n.lookSoon()
	second := n.afterwards(first, err)
	if second == nil {
		return told(ctx, err)
	}
	second.asked.Add(1)
	again, err = ask(second)
	// A standby for which commits wait shows each a moment before the primary does.
	for wait := time.Millisecond; again && second == n.primary && errors.Is(err, errBehind) && wait < mostBehind; wait *= 2 {
		select {
		case <-ctx.Done():
			return told(ctx, err)
		case <-time.After(wait):
		}
		again, err = ask(second)
	}
	if !again {
		return err
	}
	return told(ctx, err)
}

// mostBehind bounds how long a primary is waited for, which is twice that in all.
const mostBehind = 150 * time.Millisecond

// another tells whether another node may answer what this one did not.
func (n *nodes) another(nd *node, err error) bool {
	switch sqlState(err) {
	case "40001", "57P04": // on a standby: what is replayed was in the way of the query, or of its connection
		return nd != n.primary
	case "0A000": // a statement that was prepared before the schema grew; the next is prepared anew
		return true
	}
	return away(err)
}

// pick chooses the node for a read: the replicas that stand where the record
// does, in turn, else the primary.
func (n *nodes) pick() (*node, error) {
	if nd := n.replica(nil); nd != nil {
		return nd, nil
	}
	return n.primary, n.refused(n.primary)
}

// afterwards chooses the node to ask after one that failed; nil is none.
func (n *nodes) afterwards(failed *node, err error) *node {
	if failed != n.primary && n.refused(n.primary) == nil {
		return n.primary
	}
	if nd := n.replica(failed); nd != nil {
		return nd
	}
	// A connection that broke may be followed by one that holds: to the server
	// that came back, or to the one that took its place.
	var connecting *pgconn.ConnectError
	if failed == n.primary && !errors.As(err, &connecting) {
		return failed
	}
	return nil
}

// replica returns the next replica that may be read from, but for one.
func (n *nodes) replica(but *node) *node {
	newest := n.newest.Load()
	if newest == nil || len(n.replicas) == 0 {
		return nil
	}
	turn := n.turn.Add(1)
	for i := range uint64(len(n.replicas)) {
		nd := n.replicas[(turn+i)%uint64(len(n.replicas))]
		if nd != but && n.ready(nd, newest) {
			return nd
		}
	}
	return nil
}

// ready tells whether a node stood at the newest revision when it was looked at
// last. One that stands elsewhere is behind, or, after a failover that lost
// commits, on a branch that ended.
func (n *nodes) ready(nd *node, newest *votes.Revision) bool {
	at := nd.at.Load()
	return at != nil && at.err == nil && at.schema >= n.schema && !newest.Committed.IsZero() && same(at.revision, *newest)
}

// refused tells why the primary is not to be asked: the last look could not
// reach it, so that each question would only wait in vain, or found in its place
// a standby that is behind. The next look comes soon.
func (n *nodes) refused(nd *node) error {
	newest, at := n.newest.Load(), nd.at.Load()
	switch {
	case newest == nil || at == nil:
		return nil
	case at.gone:
		return unavailable(at.err)
	case at.err == nil && at.standby && !same(at.revision, *newest):
		return errBehind
	}
	return nil
}

// answered takes note of the revision that an answer is of. An answer older
// than what was known when it was asked for must not be given.
func (n *nodes) answered(nd *node, known *votes.Revision, number int64) error {
	if known == nil {
		return nil
	}
	if number < known.Number {
		if at := nd.at.Load(); at != nil && nd != n.primary {
			nd.at.CompareAndSwap(at, &standing{revision: votes.Revision{Number: number}, schema: at.schema, standby: at.standby})
		}
		n.lookSoon()
		return errBehind
	}
	n.heardOf(votes.Revision{Number: number})
	return nil
}

// heardOf takes note of a revision that is there, if it is newer than all known.
func (n *nodes) heardOf(r votes.Revision) {
	if known := n.newest.Load(); known == nil || r.Number <= known.Number {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if known := n.newest.Load(); known != nil && r.Number > known.Number {
		n.newest.Store(&r)
		n.lookSoon()
	}
}

// lookSoon has the follower look at all nodes now.
func (n *nodes) lookSoon() {
	n.primary.lookSoon()
	for _, nd := range n.replicas {
		nd.lookSoon()
	}
}

func (nd *node) lookSoon() {
	select {
	case nd.poke <- struct{}{}:
	default: // one is due already
	}
}

// current holds each connection to a replica against the newest revision before
// it is used, once a revision: behind one address there may be several servers,
// of which some lag. It is pgxpool's PrepareConn.
func (n *nodes) current(nd *node) func(context.Context, *pgx.Conn) (bool, error) {
	const key = "scvotes standing"
	return func(ctx context.Context, conn *pgx.Conn) (ok bool, err error) {
		newest := n.newest.Load()
		if newest == nil {
			return true, errBehind
		}
		data := conn.PgConn().CustomData()
		if at, ok := data[key].(*standing); ok && !newest.Committed.IsZero() && same(at.revision, *newest) {
			return true, nil
		}
		at, _, err := look(ctx, conn, 0)
		if err != nil {
			return false, err
		}
		if at.schema < n.schema || at.revision.Number <= newest.Number && !same(at.revision, *newest) {
			nd.at.Store(at)
			return true, errBehind
		}
		n.heardOf(at.revision)
		data[key] = at
		return true, nil
	}
}

// look asks a connection where its server stands, and when the revision of a
// number was committed there; the zero time is never.
func look(ctx context.Context, conn interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}, number int64) (*standing, time.Time, error) {
	var at standing
	var committed, before *time.Time
	err := conn.QueryRow(ctx, `
		SELECT coalesce(r.number, 0), coalesce(r.committed, to_timestamp(0)), (SELECT committed FROM revisions b WHERE b.number = r.number - 1),
		       pg_is_in_recovery(), (SELECT coalesce(max(version), 0) FROM schema_migrations), (SELECT committed FROM revisions WHERE number = $1)
		  FROM (SELECT) one LEFT JOIN (SELECT number, committed FROM revisions ORDER BY number DESC LIMIT 1) r ON true`, number).
		Scan(&at.revision.Number, &at.revision.Committed, &before, &at.standby, &at.schema, &committed)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("looking at the revision: %w", err)
	}
	at.revision.Shared = sharesSecond(at.revision.Committed, before)
	if at.revision.Number == 0 {
		at.revision.Committed = time.Unix(0, 0).UTC()
	}
	if committed == nil {
		return &at, time.Time{}, nil
	}
	return &at, *committed, nil
}
