package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"

	"scvotes/migrations"
)

// Migrate brings the database to the newest schema and lays down the states
// and terms of package votes. It may be run by several programs at once: one
// does the work, the others wait for it. All steps are taken in one transaction,
// or none.
//
// A schema that is newer than the program is left as it is, with a warning: its
// steps have only added to what the program knows, see package migrations.
func Migrate(ctx context.Context, dsn string, options ...Option) error {
	o := opened(options)
	o.replicas, o.reader = nil, ""
	s, err := open(ctx, dsn, o)
	if err != nil {
		return err
	}
	defer s.Close()
	version, dirty, err := s.schemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case dirty:
		return fmt.Errorf("migrating: %w", dirtyError(version))
	case version > int(s.nodes.schema):
		o.log.Warn("the schema was made by a newer scvotes than this one, and is left as it is", "schema", version, "known", s.nodes.schema)
		return nil
	}
	// Mostly there is nothing to do, and nobody to wait for.
	if version == int(s.nodes.schema) {
		if done, err := s.laidDown(ctx); err != nil || done {
			return told(ctx, err)
		}
	}
	if err := s.migrating(ctx, func(tx pgx.Tx) error { return stepUp(ctx, tx) }); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return s.migrating(ctx, func(tx pgx.Tx) error { return s.finish(ctx, tx) })
}

// stepUp takes the steps that are missing.
func stepUp(ctx context.Context, tx pgx.Tx) error {
	// An import under way is waited for here, not by what a step locks: whoever
	// reads would wait behind that.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock); err != nil {
		return err
	}
	before, _, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	err = withMigrations(ctx, tx, (*migrate.Migrate).Up)
	if err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return err
	}
	if err == nil && before != database.NilVersion {
		left := []string{taskStatistics}
		if before < migrations.RecordAnew {
			left = append(left, taskRecord)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO unfinished (task) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, left); err != nil {
			return err
		}
	}
	if err := grantNew(ctx, tx); err != nil {
		return err
	}
	return seedReference(ctx, tx)
}

// What steps can leave to do, as the table unfinished has it.
const (
	taskRecord     = "record"     // working it out anew: what a new schema keeps of it, its accounts have to tell
	taskStatistics = "statistics" // an index over an expression holds what is known once the table is analyzed, and building it has nobody do that
)

// finish does what the steps have left to do. It is a transaction of its own,
// beside which the record can be read.
func (s *Store) finish(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `DELETE FROM unfinished WHERE task = ANY ($1) RETURNING task`, []string{taskRecord, taskStatistics})
	if err != nil {
		return err
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(left) == 0 {
		return err
	}
	if slices.Contains(left, taskRecord) {
		within := *s
		within.begin = tx.Begin
		if _, _, err := within.Rebuild(ctx); err != nil {
			return fmt.Errorf("working out the record for the new schema: %w", err)
		}
		if err := within.layDownWords(ctx); err != nil {
			return fmt.Errorf("laying down the words of the record: %w", err)
		}
	}
	_, err = tx.Exec(ctx, `ANALYZE resolutions`)
	return err
}

// laidDown tells whether nothing is left to do in a schema that is the newest.
func (s *Store) laidDown(ctx context.Context) (bool, error) {
	pool := s.nodes.primary.pool
	var left bool
	if err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM unfinished)`).Scan(&left); err != nil || left {
		return false, err
	}
	return referenceStands(ctx, pool)
}

// MigrateDown takes back the newest steps, all of them when steps is 0 or more
// than there are. The tables of a step go with it, and what they hold.
func MigrateDown(ctx context.Context, dsn string, steps int, options ...Option) error {
	s, err := open(ctx, dsn, opened(options))
	if err != nil {
		return err
	}
	defer s.Close()
	err = s.migrating(ctx, func(tx pgx.Tx) error {
		version, _, err := schemaVersion(ctx, tx)
		switch {
		case err != nil:
			return err
		case version == database.NilVersion:
			return nil // there is nothing to take back
		case version > int(s.nodes.schema):
			return fmt.Errorf("the schema is at version %d, of which this program knows %d: the one that made it has to take the newer steps back", version, s.nodes.schema)
		}
		if err := withMigrations(ctx, tx, func(m *migrate.Migrate) error {
			run := m.Down
			if steps > 0 {
				run = func() error { return m.Steps(-steps) }
			}
			var fewer migrate.ErrShortLimit // all were taken back, and there were fewer
			if err := run(); err != nil && !errors.Is(err, migrate.ErrNoChange) && !errors.As(err, &fewer) {
				return err
			}
			return nil
		}); err != nil {
			return err
		}
		return s.logDown(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("migrating down: %w", err)
	}
	return nil
}

// logDown tells the audit log of steps that were taken back, unless it went with them.
func (s *Store) logDown(ctx context.Context, tx pgx.Tx) error {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass('audit_log') IS NOT NULL`).Scan(&there); err != nil || !there {
		return err
	}
	return s.logDone(ctx, tx, 0)
}

// MigrationStatus returns the schema's version, the newest that the program
// knows, and whether a step broke off half way. Version 0 is the empty database.
func MigrationStatus(ctx context.Context, dsn string) (version, newest uint, dirty bool, err error) {
	s, err := open(ctx, dsn, opened(nil))
	if err != nil {
		return 0, 0, false, err
	}
	defer s.Close()
	at, dirty, err := s.schemaVersion(ctx)
	if err != nil {
		return 0, 0, false, err
	}
	return uint(max(at, 0)), uint(s.nodes.schema), dirty, nil
}

// schemaVersion is what a migration asks first, as it connects.
func (s *Store) schemaVersion(ctx context.Context) (version int, dirty bool, err error) {
	version, dirty, err = schemaVersion(ctx, s.nodes.primary.pool)
	switch {
	case err == nil:
		return version, dirty, nil
	case lost(err):
		return 0, false, fmt.Errorf("connecting to the database: %w", told(ctx, err))
	default:
		return 0, false, fmt.Errorf("reading the schema's version: %w", told(ctx, err))
	}
}

func newestMigration() (uint, error) {
	src, err := iofs.New(migrations.FS, ".")
	if err != nil {
		return 0, err
	}
	defer src.Close()
	v, err := src.First()
	for err == nil {
		var next uint
		if next, err = src.Next(v); err == nil {
			v = next
		}
	}
	return v, nil
}

const (
	lockTimeout    = "2s"                   // of a step, for a table: whoever reads waits behind it
	tryAgain       = 100 * time.Millisecond // for the lock of the migrations
	triesForTables = 30
)

// migrating lets do change the schema in one transaction, while no other program
// does. The lock is one that ends with the transaction, so that it works behind
// a pooler, and the same that releases before took for their session. It is
// tried for: whoever waited in a transaction would keep one of the pooler's
// connections from whoever has the lock.
func (s *Store) migrating(ctx context.Context, do func(pgx.Tx) error) error {
	for tries := 1; ; {
		locked := false
		err := s.write(ctx, func(tx pgx.Tx) error {
			key, err := migrationLock(ctx, tx)
			if err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, key).Scan(&locked); err != nil || !locked {
				return err
			}
			return do(tx)
		})
		wait := tryAgain
		switch {
		case sqlState(err) == lockNotAvailable && tries < triesForTables:
			tries++
			wait = time.Second // whoever waited behind the step has a turn
		case sqlState(err) == lockNotAvailable:
			return fmt.Errorf("long queries keep the tables from being changed: %w", err)
		case err != nil || locked:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// lockNotAvailable is the code of a statement that waited for lockTimeout.
const lockNotAvailable = "55P03"

// migrationLock is the number of golang-migrate's own lock.
func migrationLock(ctx context.Context, tx pgx.Tx) (key int64, err error) {
	var db, schema string
	if err := tx.QueryRow(ctx, `SELECT current_database(), coalesce(current_schema(), '')`).Scan(&db, &schema); err != nil {
		return 0, err
	}
	id, err := database.GenerateAdvisoryLockId(db, schema, migrationsTable)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(id, 10, 64)
}

// withMigrations lets do take steps in a transaction.
func withMigrations(ctx context.Context, tx pgx.Tx, do func(*migrate.Migrate) error) error {
	if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '`+lockTimeout+`'`); err != nil {
		return err
	}
	src, err := iofs.New(migrations.FS, ".")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	m, err := migrate.NewWithInstance("iofs", src, "pgx5", &stepper{ctx: ctx, tx: tx})
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	defer m.Close()
	err = do(m)
	var dirty migrate.ErrDirty
	if errors.As(err, &dirty) {
		return dirtyError(dirty.Version)
	}
	return err
}

// dirtyError tells the way out of what only releases before this one leave: a
// step of which part was kept.
func dirtyError(version int) error {
	return fmt.Errorf("%w A step to version %d broke off half way. Restore a backup; or put the tables right by hand as "+
		"migrations/%06d_*.sql would have them, and tell it: UPDATE %s SET dirty = false", migrate.ErrDirty{Version: version}, version, version, migrationsTable)
}
