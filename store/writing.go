package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// writing is the primary as whoever writes sees it. What is not of the record
// (tokens, jobs, the audit log) is read through it, and never from a replica.
type writing struct{ *nodes }

// errReadsOnly is told where no database was named that may be written to.
var errReadsOnly = errors.New("this store only reads: neither DATABASE_WRITE_URL nor DATABASE_URL names a database")

// staleConnections is how many connections in a row may turn out to be dead.
const staleConnections = 16

// goneSoon has the server let go of a writer, and of the locks it holds, within
// half a minute where its machine has gone without a word: the system's own
// limit is two hours, for which nobody else could write. It ends with the
// transaction, and means nothing on a socket of the same machine.
const goneSoon = `SET LOCAL tcp_keepalives_idle = 10; SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 4; SET LOCAL tcp_user_timeout = 30000`

// beginWriting begins a transaction on the primary, on a connection that lives:
// one that has broken while nobody used it shows that only when it is used.
// Nothing was done by then, so that another can be taken.
func (n *nodes) beginWriting(ctx context.Context) (tx pgx.Tx, err error) {
	if n.primary.writes == nil {
		return nil, errReadsOnly
	}
	for range staleConnections {
		tx, err = n.primary.writes.BeginTx(ctx, pgx.TxOptions{BeginQuery: "BEGIN; " + goneSoon})
		var connecting *pgconn.ConnectError
		if err == nil || !lost(err) || errors.As(err, &connecting) || ctx.Err() != nil {
			return tx, err
		}
	}
	return nil, err
}

// writeInTurn is write for what may have to wait for somebody else's import. Of
// those that wait so, half the connections at most are taken up: what is read,
// delivered and told of jobs needs them too. The others wait for their turn.
func (s *Store) writeInTurn(ctx context.Context, do func(pgx.Tx) error) error {
	if s.part || s.nodes.turns == nil {
		return s.write(ctx, do)
	}
	select {
	case s.nodes.turns <- struct{}{}:
		defer func() { <-s.nodes.turns }()
	case <-ctx.Done():
		return givenUp(ctx, ctx.Err())
	}
	return s.write(ctx, do)
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
