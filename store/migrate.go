package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"scvotes/migrations"
	"scvotes/votes"
)

// Migrate brings the database to the newest schema and lays down the states
// and terms of package votes. It may be run by several programs at once.
func Migrate(ctx context.Context, dsn string) error {
	return withMigrations(ctx, dsn, func(m *migrate.Migrate, pool *pgxpool.Pool) error {
		before, _, err := m.Version()
		if err != nil && !errors.Is(err, migrate.ErrNilVersion) {
			return fmt.Errorf("migrating: %w", err)
		}
		err = m.Up()
		if err != nil && !errors.Is(err, migrate.ErrNoChange) {
			return fmt.Errorf("migrating: %w", err)
		}
		if seedErr := seedReference(ctx, pool); seedErr != nil || before == 0 || errors.Is(err, migrate.ErrNoChange) {
			return seedErr
		}
		// What a new schema keeps of the record, its accounts have to tell.
		if _, _, err := newStore(pool).Rebuild(ctx); err != nil {
			return fmt.Errorf("working out the record for the new schema: %w", err)
		}
		if err := layDownWords(ctx, pool); err != nil {
			return fmt.Errorf("laying down the words of the record: %w", err)
		}
		return nil
	})
}

// MigrateDown takes back the newest steps, all of them when steps is 0 or more
// than there are. The
// tables of a step go with it, and what they hold.
func MigrateDown(ctx context.Context, dsn string, steps int) error {
	return withMigrations(ctx, dsn, func(m *migrate.Migrate, _ *pgxpool.Pool) error {
		if _, _, err := m.Version(); errors.Is(err, migrate.ErrNilVersion) {
			return nil // there is nothing to take back
		}
		run := m.Down
		if steps > 0 {
			run = func() error { return m.Steps(-steps) }
		}
		var fewer migrate.ErrShortLimit // all were taken back, and there were fewer
		if err := run(); err != nil && !errors.Is(err, migrate.ErrNoChange) && !errors.As(err, &fewer) {
			return fmt.Errorf("migrating down: %w", err)
		}
		return nil
	})
}

// MigrationStatus returns the schema's version, the newest that the program
// knows, and whether a step broke off half way. Version 0 is the empty database.
func MigrationStatus(ctx context.Context, dsn string) (version, newest uint, dirty bool, err error) {
	err = withMigrations(ctx, dsn, func(m *migrate.Migrate, _ *pgxpool.Pool) error {
		var e error
		if version, dirty, e = m.Version(); errors.Is(e, migrate.ErrNilVersion) {
			e = nil
		}
		return e
	})
	if err != nil {
		return 0, 0, false, err
	}
	newest, err = newestMigration()
	return version, newest, dirty, err
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

func withMigrations(ctx context.Context, dsn string, do func(*migrate.Migrate, *pgxpool.Pool) error) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer pool.Close()
	src, err := iofs.New(migrations.FS, ".")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	driver, err := migratepgx.WithInstance(db, &migratepgx.Config{})
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	m, err := migrate.NewWithInstance("iofs", src, "pgx5", driver)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	defer m.Close()
	return do(m, pool)
}

// seedReference writes the states, their names and the terms on the Council.
// They are facts of package votes, so what the table held before is replaced.
func seedReference(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock); err != nil {
			return err
		}
		if err := seedStates(ctx, tx); err != nil {
			return fmt.Errorf("laying down the states: %w", err)
		}
		if err := seedTerms(ctx, tx); err != nil {
			return fmt.Errorf("laying down the terms: %w", err)
		}
		return nil
	})
}

func seedStates(ctx context.Context, tx pgx.Tx) error {
	var codes, seats, latest []string
	var names [][]any
	for _, s := range votes.States() {
		codes, seats = append(codes, string(s.Code)), append(seats, string(s.Code.Seat()))
		latest = append(latest, s.Names[len(s.Names)-1].Name)
		for _, n := range s.Names {
			names = append(names, []any{string(s.Code), n.Name, orInfinity(n.From, -1), orInfinity(n.To, 1)})
		}
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO states (code, seat, name) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
		ON CONFLICT (code) DO UPDATE SET seat = excluded.seat, name = excluded.name
		WHERE (states.seat, states.name) <> (excluded.seat, excluded.name)`, codes, seats, latest); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM state_names`); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"state_names"}, []string{"code", "name", "from_date", "to_date"}, pgx.CopyFromRows(names))
	return err
}

func seedTerms(ctx context.Context, tx pgx.Tx) error {
	var rows [][]any
	for _, t := range votes.Terms() {
		rows = append(rows, []any{string(t.Code), t.Permanent, orInfinity(t.From, -1), orInfinity(t.To, 1), string(t.Group), t.Note})
	}
	if _, err := tx.Exec(ctx, `DELETE FROM terms`); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"terms"},
		[]string{"code", "permanent", "from_date", "to_date", "regional_group", "note"}, pgx.CopyFromRows(rows))
	return err
}
