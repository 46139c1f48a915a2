package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"scvotes/votes"
)

const (
	revisionChannel = "scvotes_revision" // a trigger notifies it of each revision
	lookEvery       = 500 * time.Millisecond
	lookTimeout     = time.Second
	catchUpEvery    = 100 * time.Millisecond // of a replica that is behind
	listenAgain     = 10 * time.Second       // the longest wait for a listener's new connection
)

// Follow looks at the revision of the record until ctx ends: at once, whenever
// a revision is committed and at least twice a second. see is told of every
// look, one after another: also when nothing has changed, and when it failed.
//
// While it runs, reads may go to replicas. While the primary is away, a replica
// that stands at the newest revision known speaks for it.
//
// A record that went back is told as it is, and logged as an error: a standby
// took the primary's place without its last revisions, or a backup was restored.
// What was answered at those revisions is then no longer true; the same number
// may come again, committed at another moment.
func (s *Store) Follow(ctx context.Context, see func(votes.Sighting)) {
	n := s.nodes
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	defer n.newest.Store(nil) // what nobody follows is not known
	for _, nd := range n.replicas {
		all.Go(func() { n.watch(ctx, nd) })
	}
	all.Go(func() { n.listen(ctx) })

	to := newSightline(ctx, n.primary)
	defer to.close()
	var last votes.Revision // told whole: of one that was only heard of, its moment is not known
	for {
		sighting := n.sight(ctx, to)
		if ctx.Err() != nil {
			return
		}
		if sighting.Err != nil {
			sighting.Revision = last
		}
		last = sighting.Revision
		see(sighting)
		if !n.primary.waitToLook(ctx, n.poll) {
			return
		}
	}
}

// waitToLook waits until a look is due, and tells whether there is to be one.
func (nd *node) waitToLook(ctx context.Context, every time.Duration) bool {
	timer := time.NewTimer(every)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-nd.poke:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// sight looks at the primary; where that is away, a replica that stands at the
// newest revision known speaks for it.
func (n *nodes) sight(ctx context.Context, to *sightline) votes.Sighting {
	began := time.Now()
	found, err := n.sightPrimary(ctx, to)
	if err == nil {
		return votes.Sighting{Revision: found, Seen: began}
	}
	for nd := range n.all() {
		if at := nd.at.Load(); at != nil && at.err == nil {
			n.reached(at)
		}
	}
	newest := n.newest.Load()
	if newest == nil {
		return votes.Sighting{Seen: began, Err: unavailable(err)}
	}
	for nd := range n.all() {
		if n.ready(nd, newest) {
			return votes.Sighting{Revision: *newest, Seen: began}
		}
	}
	return votes.Sighting{Revision: *newest, Seen: began, Err: unavailable(err)}
}

// sightPrimary looks at the primary and settles what is the newest revision.
func (n *nodes) sightPrimary(ctx context.Context, to *sightline) (votes.Revision, error) {
	for {
		before := n.newest.Load()
		var number int64
		if before != nil {
			number = before.Number
		}
		at, committed, err := to.look(ctx, number)
		n.primary.stands(at, err)
		if err == nil && at.standby {
			to.drop() // to find the primary among several hosts, if it is one of them
			err = errNoPrimary
		}
		if err != nil {
			return votes.Revision{}, err
		}
		if n.settle(before, at.revision, committed) {
			return at.revision, nil
		}
	}
}

// all gives every node.
func (n *nodes) all() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, nd := range n.replicas {
			if !yield(nd) {
				return
			}
		}
		if n.primary != nil {
			yield(n.primary)
		}
	}
}

// errNoPrimary is told where the database's URL leads to a standby.
var errNoPrimary = fmt.Errorf("what DATABASE_URL (or DATABASE_READ_URL) names is a standby: %w", votes.ErrUnavailable)

// settle makes what the primary stands at the newest revision known. before is
// what was known when the look began, and committed when the primary committed
// that number: of what it no longer has, the record went back.
// It returns false where more was written while the look was under way.
func (n *nodes) settle(before *votes.Revision, found votes.Revision, committed time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := n.newest.Load()
	switch {
	case known != before && found.Number < known.Number:
		return false
	case before == nil || before.Number == 0:
	case committed.IsZero() || !same(*before, votes.Revision{Number: before.Number, Committed: committed}):
		n.log.Error("THE RECORD WENT BACK: a revision already answered is gone from the database (a failover that lost commits, or a restored backup)",
			"known", before.Number, "known_committed", before.Committed, "now", found.Number, "now_committed", found.Committed)
		n.back()
	}
	if known == nil || *known != found {
		n.newest.Store(&found)
	}
	n.primary.levelNow()
	return true
}

// reached takes note of where a standby stands while the primary is away.
func (n *nodes) reached(at *standing) {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := n.newest.Load()
	if known == nil || at.revision.Number > known.Number || known.Committed.IsZero() && same(at.revision, *known) {
		revision := at.revision
		n.newest.Store(&revision)
	}
}

// watch looks at one replica until ctx ends.
func (n *nodes) watch(ctx context.Context, nd *node) {
	to := newSightline(ctx, nd)
	defer to.close()
	for {
		at, _, err := to.look(ctx, 0)
		if ctx.Err() != nil {
			return
		}
		nd.stands(at, err)
		every := n.poll
		newest := n.newest.Load()
		switch {
		case err != nil || newest == nil:
		case n.ready(nd, newest):
			nd.levelNow()
		case at.revision.Number < newest.Number:
			every = min(every, catchUpEvery)
		}
		if !nd.waitToLook(ctx, every) {
			return
		}
	}
}

// stands keeps what a look at a node told. The idle connections to one that is
// gone, or is no longer what it was, are thrown away: each would have to be
// tried before a new one is made.
func (nd *node) stands(at *standing, err error) {
	before := nd.at.Load()
	if err != nil {
		var connecting *pgconn.ConnectError
		at = &standing{err: err, gone: errors.Is(err, errConnecting) || away(err) && errors.As(err, &connecting)}
	}
	nd.at.Store(at)
	fell := at.gone && (before == nil || !before.gone)
	turned := before != nil && before.err == nil && at.err == nil && before.standby != at.standby
	if fell || turned {
		nd.reset()
	}
}

// levelNow notes that the node stands at the newest revision.
func (nd *node) levelNow() {
	now := time.Now()
	nd.level.Store(&now)
}

// sightline is the connection by which a node is looked at: not one of the
// pool's, so that no look waits for a long answer.
type sightline struct {
	ctx     context.Context
	node    *node
	conn    *pgx.Conn
	dialing chan dialed // a connection is being made
}

type dialed struct {
	conn *pgx.Conn
	err  error
}

// errConnecting is told while a connection takes longer than a look may.
var errConnecting = fmt.Errorf("no answer while connecting: %w", votes.ErrUnavailable)

func newSightline(ctx context.Context, nd *node) *sightline { return &sightline{ctx: ctx, node: nd} }

// look asks the node where it stands; see the function look.
func (l *sightline) look(ctx context.Context, number int64) (*standing, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	err := l.connect(ctx)
	if sqlState(err) == "53300" {
		return look(ctx, l.node.pool, number) // no room for one more: one of those there are has to do
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	at, committed, err := look(ctx, l.conn, number)
	if err != nil {
		l.drop()
	}
	return at, committed, err
}

// connect makes the connection where there is none. To try several hosts may
// take longer than a look may: then the next look waits for it too.
func (l *sightline) connect(ctx context.Context) error {
	if l.conn != nil {
		return nil
	}
	if l.dialing == nil {
		done := make(chan dialed, 1)
		go func() {
			conn, err := pgx.ConnectConfig(l.ctx, ownConfig(l.node.pool))
			done <- dialed{conn, err}
		}()
		l.dialing = done
	}
	select {
	case d := <-l.dialing:
		l.conn, l.dialing = d.conn, nil
		return d.err
	case <-ctx.Done():
		return errConnecting
	}
}

func (l *sightline) drop() {
	if l.conn != nil {
		closeNow(l.conn)
		l.conn = nil
	}
}

func (l *sightline) close() {
	if l.dialing != nil {
		d := <-l.dialing // it ends with the follower
		l.conn, l.dialing = d.conn, nil
	}
	l.drop()
}

// closeNow ends a connection, whether or not its other end still answers.
func closeNow(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	conn.Close(ctx)
}

// listen has a look follow each notification until ctx ends. Where there is
// none to be had (a pooler in transaction mode passes none on), the looks that
// are made anyway have to do.
func (n *nodes) listen(ctx context.Context) {
	pause := lookEvery
	for {
		began := time.Now()
		n.hear(ctx)
		if time.Since(began) > listenAgain {
			pause = lookEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, listenAgain)
	}
}

// hear listens on one connection until it is lost.
func (n *nodes) hear(ctx context.Context) {
	conn, err := pgx.ConnectConfig(ctx, ownConfig(n.primary.pool))
	if err != nil {
		return
	}
	defer closeNow(conn)
	if _, err := conn.Exec(ctx, `LISTEN `+revisionChannel); err != nil {
		return
	}
	for err == nil {
		n.lookSoon() // first of all at what was told before anyone listened
		_, err = conn.WaitForNotification(ctx)
	}
}
