// Package store keeps the record in Postgres. It is the only package that
// knows pgx: what goes in and out are the types of package votes, and driver
// errors become the errors of package votes at its border.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/maypok86/otter/v2"

	"scvotes/votes"
	"scvotes/votes/access"
)

// Store reads and writes the record. It is safe for use by many goroutines.
type Store struct {
	nodes      *nodes
	db         querier                               // what is read from: the nodes, or one moment of the record
	begin      func(context.Context) (pgx.Tx, error) // what is written to: the primary
	inner      querier                               // the primary as whoever writes: for what is not of the record, which whoever reads may not see
	counts     *otter.Cache[string, counts]
	items      *itemBatches
	lines      *lines
	chronicles *chronicles
	imported   func(context.Context, votes.ImportReport, time.Duration, error)
	call       *access.Call // for which it is used; nil for none, see As
	part       bool         // of a change: what is written may still be taken back, see Changes.Store
}

func newStore(n *nodes) *Store {
	s := &Store{nodes: n, db: n, begin: n.beginWriting, inner: writing{n},
		counts: otter.Must(&otter.Options[string, counts]{MaximumSize: rememberedCounts}),
		lines:  newLines(), chronicles: newChronicles()}
	s.items = &itemBatches{read: s.readItems}
	n.back = func() { // the same number may be of another revision from now on
		s.counts.InvalidateAll()
		s.lines.forget()
		s.chronicles.forget()
	}
	return s
}

// At lets read read several times from one moment of the record. It is begun
// anew, on another node, where a node goes away before anything was read.
func (s *Store) At(ctx context.Context, read func(*Store) error) error {
	return s.nodes.try(ctx, func(nd *node) (again bool, err error) {
		known := s.nodes.newest.Load()
		tx, err := nd.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return true, err
		}
		defer tx.Rollback(ctx) // there is nothing to commit
		m := &moment{nodes: s.nodes, node: nd, tx: tx, known: known}
		then := *s
		then.db, then.items = m, &itemBatches{read: then.readItems}
		err = read(&then)
		return m.failed && !m.answers, err
	})
}

// snapshot lets do read one moment of the primary.
func (s *Store) snapshot(ctx context.Context, do func(pgx.Tx) error) error {
	return told(ctx, pgx.BeginTxFunc(ctx, s.nodes.primary.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do))
}

// write lets do write to the primary, in one transaction. Where a connection is
// lost while it commits, nobody knows whether the work was kept: the error says so.
func (s *Store) write(ctx context.Context, do func(pgx.Tx) error) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return told(ctx, err)
	}
	defer tx.Rollback(ctx)
	var made votes.Revision
	if err = do(tx); err == nil && len(s.nodes.replicas) > 0 && !s.part {
		// What was written here is read here: by no replica that does not have it.
		made, err = newestRevision(ctx, tx)
	}
	// Not by the kind of error: what is read into the record fails in ways of its own.
	broken := tx.Conn().IsClosed() || sqlState(err) != "" && away(err)
	if err == nil {
		if err = tx.Commit(ctx); err == nil {
			s.nodes.heardOf(made)
			return nil
		}
		if broken = away(err); lost(err) {
			err = fmt.Errorf("%w: %w", votes.ErrUnsure, err)
		}
	}
	if sqlState(err) == readOnly {
		s.nodes.primary.reset() // the primary is another server by now
	}
	switch {
	case sqlState(err) == diskFull:
		return fmt.Errorf("%w, and nothing was kept: %w", votes.ErrNoRoom, err)
	case broken && ctx.Err() == nil:
		return unavailable(err)
	}
	return givenUp(ctx, err)
}

// Option changes how a store is opened.
type Option func(*opening)

type opening struct {
	tracer   pgx.QueryTracer
	reader   string
	replicas []string
	log      *slog.Logger
	kept     func(bytes int) // nil where nobody is to be told
	imported func(context.Context, votes.ImportReport, time.Duration, error)
	call     *access.Call
}

func opened(options []Option) opening {
	o := opening{log: slog.Default(), imported: func(context.Context, votes.ImportReport, time.Duration, error) {}}
	for _, option := range options {
		option(&o)
	}
	return o
}

// WithTracer shows every statement to a tracer.
func WithTracer(t pgx.QueryTracer) Option { return func(o *opening) { o.tracer = t } }

// WithVotesKept has tell told about how many bytes the votes take that are kept for
// the figures, whenever they were read.
func WithVotesKept(tell func(bytes int)) Option { return func(o *opening) { o.kept = tell } }

// WithReader reads as another role than the one that writes, by a URL of its
// own for the same database: see ReaderRole.
func WithReader(url string) Option { return func(o *opening) { o.reader = url } }

// WithReplicas reads from streaming replicas of the database too, each a URL,
// while Follow runs: it tells which of them stand where the record does. Only
// those are asked, in turn; where there is none, or it fails, the primary.
func WithReplicas(urls ...string) Option { return func(o *opening) { o.replicas = urls } }

// WithCall opens the store as it is used for a call, see Store.As.
func WithCall(c access.Call) Option { return func(o *opening) { o.call = &c } }

// WithLogger tells what nobody asked for: that the record went back, or a
// schema is newer than the program.
func WithLogger(l *slog.Logger) Option { return func(o *opening) { o.log = l } }

// WithImported tells of every import that was not a dry run: what came of it,
// how long it took, and why it failed.
func WithImported(tell func(ctx context.Context, rep votes.ImportReport, took time.Duration, err error)) Option {
	return func(o *opening) { o.imported = tell }
}

// Open connects to the database that dsn names (a URL or key=value words). It
// does not migrate: see Migrate. Several hosts and target_session_attrs=read-write
// lead to whichever of them is the primary. Without a dsn, what WithReader names
// is read from, and nothing can be written.
func Open(ctx context.Context, dsn string, options ...Option) (*Store, error) {
	s, err := open(ctx, dsn, opened(options))
	if err != nil {
		return nil, err
	}
	if err := s.Ping(ctx); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.pingWriting(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func open(ctx context.Context, dsn string, o opening) (*Store, error) {
	schema, err := newestMigration()
	if err != nil {
		return nil, err
	}
	n := &nodes{log: o.log, poll: lookEvery, schema: int64(schema)}
	if err := n.open(ctx, dsn, o); err != nil {
		n.close()
		return nil, err
	}
	s := newStore(n)
	s.imported, s.call = o.imported, o.call
	s.chronicles.tell = o.kept
	return s, nil
}

// open makes the pools; nothing is connected yet.
func (n *nodes) open(ctx context.Context, dsn string, o opening) (err error) {
	nd := &node{name: "the primary", poke: make(chan struct{}, 1)}
	n.primary = nd
	if dsn != "" {
		if nd.writes, err = newPool(ctx, "DATABASE_URL", dsn, o.tracer, func(*pgxpool.Config) {}); err != nil {
			return err
		}
		n.turns = make(chan struct{}, max(1, nd.writes.Config().MaxConns/2))
	}
	nd.pool = nd.writes
	if o.reader != "" {
		if nd.pool, err = newPool(ctx, "DATABASE_READ_URL", o.reader, o.tracer, readsFromPrimary); err != nil {
			return err
		}
	}
	if nd.pool == nil {
		return errors.New("connecting to the database: none was named")
	}
	for i, url := range o.replicas {
		nd := &node{name: fmt.Sprint("replica ", i+1), poke: make(chan struct{}, 1)}
		nd.pool, err = newPool(ctx, "DATABASE_REPLICA_URLS", url, o.tracer, func(cfg *pgxpool.Config) { cfg.PrepareConn = n.current(nd) })
		if err != nil {
			return err
		}
		n.replicas = append(n.replicas, nd)
	}
	return nil
}

func newPool(ctx context.Context, setting, url string, tracer pgx.QueryTracer, adjust func(*pgxpool.Config)) (*pgxpool.Pool, error) {
	cfg, err := poolConfig(url)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %s: %w", setting, err)
	}
	cfg.ConnConfig.Tracer = tracer
	adjust(cfg)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return pool, nil
}

// Close lets go of all connections.
func (s *Store) Close() {
	s.chronicles.closed()
	s.nodes.close()
}

func (n *nodes) close() {
	for nd := range n.all() {
		nd.close()
	}
}

// Ping tells whether a database answers from which the record can be read.
func (s *Store) Ping(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := s.nodes.try(within, func(nd *node) (bool, error) { return true, nd.pool.Ping(within) })
	if err != nil && ctx.Err() == nil && (away(err) || within.Err() != nil) {
		err = unavailable(err)
	}
	if err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return nil
}

// Revision returns the newest revision of the record; number 0 is the empty record.
func (s *Store) Revision(ctx context.Context) (votes.Revision, error) {
	return newestRevision(ctx, s.db)
}

func newestRevision(ctx context.Context, q querier) (votes.Revision, error) {
	var r votes.Revision
	var before *time.Time
	err := q.QueryRow(ctx, `
		SELECT number AS `+recordColumn+`, committed, (SELECT committed FROM revisions b WHERE b.number = r.number - 1)
		  FROM revisions r ORDER BY number DESC LIMIT 1`).Scan(&r.Number, &r.Committed, &before)
	if errors.Is(err, pgx.ErrNoRows) {
		return votes.Revision{Committed: time.Unix(0, 0).UTC()}, nil
	}
	r.Shared = sharesSecond(r.Committed, before)
	return r, err
}

// sharesSecond tells whether a revision was committed no second later than the
// one before it, if there is one.
func sharesSecond(committed time.Time, before *time.Time) bool {
	return before != nil && committed.Unix() <= before.Unix()
}

// newRevision makes the next revision. Revisions are made under the import lock,
// so that their numbers have no gaps and no number is used up by work that was
// taken back. The moments of later revisions are later too, whatever the
// machine's clock says: it may have been set back, and a writer that waited for
// the lock began before the one that had it. Where there is somebody to be told
// of the revision, a job to do so is put in with it.
func newRevision(ctx context.Context, tx pgx.Tx, summary string) (number int64, err error) {
	var tell bool
	if err := tx.QueryRow(ctx, `
		INSERT INTO revisions (number, committed, summary) OVERRIDING SYSTEM VALUE
		SELECT coalesce(max(number), 0) + 1, greatest(now(), max(committed) + interval '1 microsecond'), $1 FROM revisions
		RETURNING number, EXISTS (SELECT FROM webhooks WHERE state = 'active')`, summary).Scan(&number, &tell); err != nil || !tell {
		return number, err
	}
	return number, enqueue(ctx, tx, tellArgs{})
}
