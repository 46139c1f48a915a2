package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"scvotes/votes"
)

// NodeStats is what is known of one database without asking it.
type NodeStats struct {
	Name     string // "primary", "replica 1"
	Up       bool   // the last look found it there
	ReadFrom bool   // it stands at the newest revision, and reads may go to it
	Revision int64  // where it stood at the last look
	Schema   int64
	Behind   time.Duration // since it was last seen at the newest revision, 0 where it is there
	Asked    uint64        // reads sent to it
	Failed   uint64        // of them, those that it did not answer for no fault of the question

	Pool   PoolStats
	Writes *PoolStats // the connections to write by, where they are others
}

// PoolStats is the state of the connections to a database.
type PoolStats struct {
	Idle, Used, Opening, Limit int32
	Acquired                   int64         // how often a connection was taken
	Waited                     int64         // of these, how often none was free
	WaitTime                   time.Duration // all waits together
	Opened                     int64
}

// Nodes tells of every database, the primary first. What looks find is known
// while Follow runs.
func (s *Store) Nodes() []NodeStats {
	n := s.nodes
	list := []NodeStats{n.stats(n.primary)}
	for _, nd := range n.replicas {
		list = append(list, n.stats(nd))
	}
	return list
}

func (n *nodes) stats(nd *node) NodeStats {
	st := NodeStats{Name: strings.TrimPrefix(nd.name, "the "), Asked: nd.asked.Load(), Failed: nd.failed.Load(), Pool: poolStats(nd.pool)}
	if nd.writes != nil && nd.writes != nd.pool {
		writes := poolStats(nd.writes)
		st.Writes = &writes
	}
	at, newest := nd.at.Load(), n.newest.Load()
	if at == nil || newest == nil {
		return st
	}
	st.Up, st.Revision, st.Schema = at.err == nil, at.revision.Number, at.schema
	st.ReadFrom = n.ready(nd, newest)
	if level := nd.level.Load(); level != nil && !st.ReadFrom {
		st.Behind = time.Since(*level)
	}
	return st
}

func poolStats(pool *pgxpool.Pool) PoolStats {
	p := pool.Stat()
	return PoolStats{Idle: p.IdleConns(), Used: p.AcquiredConns(), Opening: p.ConstructingConns(), Limit: p.MaxConns(),
		Acquired: p.AcquireCount(), Waited: p.EmptyAcquireCount(), WaitTime: p.EmptyAcquireWaitTime(), Opened: p.NewConnsCount()}
}

// Totals is the whole record in a few numbers.
type Totals struct {
	Revision    int64
	Schema      int64
	Resolutions int64
	NewestVote  votes.Date // "" in an empty record
	Imports     int64
	LastImport  time.Time // the zero time where there was none
}

// Totals reads how much the record holds and how new it is.
func (s *Store) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	var newest, last *time.Time
	err := s.db.QueryRow(ctx, `
		SELECT `+recordRevision+`, (SELECT coalesce(max(version), 0) FROM schema_migrations),
		       (SELECT count(*) FROM resolutions), (SELECT max(date) FROM resolutions),
		       (SELECT count(*) FROM imports), (SELECT max(at) FROM imports)`).
		Scan(&t.Revision, &t.Schema, &t.Resolutions, &newest, &t.Imports, &last)
	if err != nil {
		return t, fmt.Errorf("counting the record: %w", err)
	}
	if newest != nil {
		t.NewestVote = votes.DateOf(*newest)
	}
	if last != nil {
		t.LastImport = *last
	}
	return t, nil
}

// SchemaKnown is the newest version of the schema that the program knows.
func (s *Store) SchemaKnown() int64 { return s.nodes.schema }
