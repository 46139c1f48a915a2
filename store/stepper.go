package store

import (
	"context"
	"fmt"
	"io"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgx/v5"
)

const migrationsTable = "schema_migrations"

// stepper has golang-migrate take its steps in a transaction that is open and
// has its lock: its own driver for Postgres locks for a session, which behind a
// pooler stays with whoever has that connection next. What breaks off in a
// transaction leaves nothing half done.
type stepper struct {
	database.Driver // Open and Drop are not asked for
	ctx             context.Context
	tx              pgx.Tx
	version         int // of the step that is being taken
}

func (s *stepper) Close() error  { return nil }
func (s *stepper) Lock() error   { return nil }
func (s *stepper) Unlock() error { return nil }

func (s *stepper) Run(step io.Reader) error {
	sql, err := io.ReadAll(step)
	if err != nil {
		return fmt.Errorf("reading the step to version %d: %w", s.version, err)
	}
	if _, err := s.tx.Exec(s.ctx, string(sql)); err != nil {
		return fmt.Errorf("the step to version %d, of which nothing was kept: %w", s.version, err)
	}
	// What is checked at the end of a transaction is checked at the end of each
	// step: a table that has checks to come cannot be altered by the next.
	if _, err := s.tx.Exec(s.ctx, `SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED`); err != nil {
		return fmt.Errorf("checking the step to version %d, of which nothing was kept: %w", s.version, err)
	}
	return nil
}

func (s *stepper) SetVersion(version int, dirty bool) error {
	s.version = version
	if _, err := s.tx.Exec(s.ctx, `
		CREATE TABLE IF NOT EXISTS `+migrationsTable+` (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
		DELETE FROM `+migrationsTable); err != nil {
		return fmt.Errorf("setting the schema's version: %w", err)
	}
	if version == database.NilVersion && !dirty {
		return nil
	}
	if _, err := s.tx.Exec(s.ctx, `INSERT INTO `+migrationsTable+` (version, dirty) VALUES ($1, $2)`, version, dirty); err != nil {
		return fmt.Errorf("setting the schema's version: %w", err)
	}
	return nil
}

func (s *stepper) Version() (version int, dirty bool, err error) { return schemaVersion(s.ctx, s.tx) }

// schemaVersion reads the schema's version, database.NilVersion where there is
// none, and whether a step broke off.
func schemaVersion(ctx context.Context, q querier) (version int, dirty bool, err error) {
	var table *string
	// Asked first: in a transaction, a table that is not there would end it.
	if err := q.QueryRow(ctx, `SELECT to_regclass($1)::text`, migrationsTable).Scan(&table); err != nil {
		return 0, false, err
	}
	if table == nil {
		return database.NilVersion, false, nil
	}
	err = q.QueryRow(ctx, `SELECT coalesce(max(version), $1), coalesce(bool_or(dirty), false) FROM `+migrationsTable, database.NilVersion).
		Scan(&version, &dirty)
	return version, dirty, err
}
