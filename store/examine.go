package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Examination is how a database is, for whoever runs it. Nothing of it is
// repaired, and nothing written.
type Examination struct {
	Name, User string
	Settings   map[string]string // of the server, those of examinedSettings that it has
	Collation  string
	Standby    bool
	Size       int64 // bytes of the database
	Sessions   int   // connections that there are, to all databases

	// Ahead is how far the server's clock is before this machine's, Unsure by how
	// much that may be wrong: the question was under way for so long.
	Ahead, Unsure time.Duration

	Schema, Known int // versions of the schema; Schema is 0 in an empty database
	Dirty         bool
	Unfinished    []string // what a migration has left to do

	// Overdue are tasks of the queue, imports and webhooks, that nobody has taken up
	// for five minutes; GivenUp those that failed for good and are still listed.
	Overdue, GivenUp int

	Record *Totals // nil where the schema is not one to be read
}

// examinedSettings are the settings that matter to the record.
var examinedSettings = []string{"server_version", "server_version_num", "server_encoding", "TimeZone", "max_connections",
	"fsync", "full_page_writes", "archive_mode", "data_checksums"}

// Examine looks at the database that dsn names, whatever its schema is.
func Examine(ctx context.Context, dsn string) (Examination, error) {
	s, err := open(ctx, dsn, opened(nil))
	if err != nil {
		return Examination{}, err
	}
	defer s.Close()
	if err := s.Ping(ctx); err != nil {
		return Examination{}, err
	}
	e := Examination{Known: int(s.nodes.schema), Settings: make(map[string]string)}
	err = s.snapshot(ctx, func(tx pgx.Tx) error { return e.look(ctx, tx) })
	if err == nil && e.Schema == e.Known && !e.Dirty {
		var t Totals
		if t, err = s.Totals(ctx); err == nil {
			e.Record = &t
		}
	}
	if err != nil {
		return e, fmt.Errorf("examining the database: %w", err)
	}
	return e, nil
}

func (e *Examination) look(ctx context.Context, tx pgx.Tx) error {
	if err := e.lookAtServer(ctx, tx); err != nil {
		return err
	}
	version, dirty, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	e.Dirty = dirty
	if version == database.NilVersion {
		return nil
	}
	e.Schema = version
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass('unfinished') IS NOT NULL`).Scan(&there); err != nil || !there {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT task FROM unfinished ORDER BY task`)
	if err != nil {
		return err
	}
	if e.Unfinished, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || e.Schema != e.Known {
		return err
	}
	return tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE state IN ('available', 'retryable') AND scheduled_at < $1), count(*) FILTER (WHERE state = 'discarded')
		  FROM river_job`, time.Now().Add(e.Ahead-overdue)).Scan(&e.Overdue, &e.GivenUp)
}

// overdue is how long a task may wait for somebody to take it up.
const overdue = 5 * time.Minute

func (e *Examination) lookAtServer(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT name, setting FROM pg_settings WHERE name = ANY ($1)`, examinedSettings)
	if err != nil {
		return err
	}
	var name, setting string
	if _, err := pgx.ForEachRow(rows, []any{&name, &setting}, func() error {
		e.Settings[name] = setting
		return nil
	}); err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `
		SELECT d.datname, d.datcollate, pg_database_size(d.oid), pg_is_in_recovery(), CURRENT_USER,
		       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
		  FROM pg_database d WHERE d.datname = current_database()`).
		Scan(&e.Name, &e.Collation, &e.Size, &e.Standby, &e.User, &e.Sessions)
	if err != nil {
		return err
	}
	return e.compareClocks(ctx, tx)
}

// compareClocks asks what time it is, in a moment that is known here to lie
// between two others.
func (e *Examination) compareClocks(ctx context.Context, tx pgx.Tx) error {
	var there time.Time
	before := time.Now()
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&there); err != nil {
		return err
	}
	took := time.Since(before)
	e.Ahead, e.Unsure = there.Sub(before.Add(took/2)), took/2
	return nil
}

// Lag holds a replica against its primary: by how many revisions it is behind.
// The error wraps votes.ErrInvalid where it is no replica of that database.
func (e Examination) Lag(primary Examination) (int64, error) {
	switch {
	case !e.Standby:
		return 0, fmt.Errorf("it is no standby: %w", votes.ErrInvalid)
	case e.Record == nil || primary.Record == nil:
		return 0, errors.New("its record cannot be read")
	}
	return primary.Record.Revision - e.Record.Revision, nil
}
