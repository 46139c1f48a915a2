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
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/maypok86/otter/v2"

	"scvotes/votes"
)

// Store reads and writes the record. It is safe for use by many goroutines.
type Store struct {
	pool   *pgxpool.Pool
	db     querier // what is read from: the pool, or one moment of the record
	counts *otter.Cache[string, counts]
}

func newStore(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, db: asked{pool}, counts: otter.Must(&otter.Options[string, counts]{MaximumSize: rememberedCounts})}
}

// At lets read read several times from one moment of the record.
func (s *Store) At(ctx context.Context, read func(*Store) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return read(&Store{pool: s.pool, db: asked{tx}, counts: s.counts})
	})
}

// Option changes how a store is opened.
type Option func(*opening)

type opening struct{ pgx.QueryTracer }

// WithTracer shows every statement to a tracer.
func WithTracer(t pgx.QueryTracer) Option { return func(o *opening) { o.QueryTracer = t } }

// Open connects to the database that dsn names (a URL or key=value words). It
// does not migrate: see Migrate.
func Open(ctx context.Context, dsn string, options ...Option) (*Store, error) {
	var o opening
	for _, option := range options {
		option(&o)
	}
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// pgx prints the DSN with its password masked.
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "scvotes"
	cfg.ConnConfig.Tracer = o.QueryTracer
	// Whoever gives a request up has Postgres give up its query too, and keeps
	// the connection; a server that does not even hear that loses it.
	cfg.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	if cfg.MaxConns < 8 {
		cfg.MaxConns = 8
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	s := newStore(pool)
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
	err := s.db.QueryRow(ctx, `SELECT number, committed FROM revisions ORDER BY number DESC LIMIT 1`).
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
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error)
}
