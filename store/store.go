// Package store keeps the record in Postgres. It is the only package that
// knows pgx: what goes in and out are the types of package votes, and driver
// errors become the errors of package votes at its border.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"scvotes/votes"
)

// Store reads and writes the record. It is safe for use by many goroutines.
type Store struct {
	pool *pgxpool.Pool
}

// Open connects to the database that dsn names (a URL or key=value words). It
// does not migrate: see Migrate.
func Open(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// pgx prints the DSN with its password masked.
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "scvotes"
	if cfg.MaxConns < 8 {
		cfg.MaxConns = 8
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	s := &Store{pool: pool}
	if err := s.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// Close lets go of all connections.
func (s *Store) Close() { s.pool.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return nil
}

// Revision returns the newest revision of the record; number 0 is the empty record.
func (s *Store) Revision(ctx context.Context) (votes.Revision, error) {
	var r votes.Revision
	err := s.pool.QueryRow(ctx, `SELECT number, committed FROM revisions ORDER BY number DESC LIMIT 1`).
		Scan(&r.Number, &r.Committed)
	if errors.Is(err, pgx.ErrNoRows) {
		return votes.Revision{Committed: time.Unix(0, 0).UTC()}, nil
	}
	return r, err
}

// newRevision makes the next revision. Revisions are made under the import lock,
// so that their numbers have no gaps and no number is used up by work that was
// taken back.
const newRevision = `
	INSERT INTO revisions (number, summary) OVERRIDING SYSTEM VALUE
	SELECT coalesce(max(number), 0) + 1, $1 FROM revisions RETURNING number`

// querier is what a pool and a transaction have in common.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error)
}
