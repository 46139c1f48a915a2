package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// writing is the primary as whoever writes sees it. What is not of the record
// (tokens, jobs, the audit log) is read through it, and never from a replica.
type writing struct{ *nodes }

// errReadsOnly is told where no database was named that may be written to.
var errReadsOnly = errors.New("this store only reads: neither DATABASE_WRITE_URL nor DATABASE_URL names a database")

// beginWriting begins a transaction on the primary.
func (n *nodes) beginWriting(ctx context.Context) (pgx.Tx, error) {
	if n.primary.writes == nil {
		return nil, errReadsOnly
	}
	return n.primary.writes.Begin(ctx)
}

// Writes tells whether anything can be written.
func (s *Store) Writes() bool { return s.nodes.primary.writes != nil }

func (w writing) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if w.primary.writes == nil {
		return nil, errReadsOnly
	}
	rows, err := w.primary.writes.Query(ctx, sql, args...)
	if err != nil {
		return nil, told(ctx, err)
	}
	return &answer{Rows: rows, ctx: ctx}, nil
}

func (w writing) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := w.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

// pingWriting tells what keeps a store from writing whose reads are another
// role's: a password, mostly.
func (s *Store) pingWriting(ctx context.Context) error {
	nd := s.nodes.primary
	if nd.writes == nil || nd.writes == nd.pool {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := nd.writes.Ping(within); err != nil {
		return fmt.Errorf("connecting to the database to write: %w", told(ctx, err))
	}
	return nil
}
