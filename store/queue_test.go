package store_test

import (
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"scvotes/store/pgtest"
)

// The queue's tables are made by a step of our own, in one transaction with the
// others. They have to be as River's own steps leave them.
func TestTheTablesOfTheQueueAreRivers(t *testing.T) {
	empty := pgtest.NewEmpty(t)
	pool, err := pgxpool.New(t.Context(), empty)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	theirs, ours := record{db: connect(t, empty)}, newRecord(t)
	for what, sql := range map[string]string{
		"columns": `SELECT table_name::text, column_name::text, data_type::text, udt_name::text, is_nullable::text, lower(column_default)
			FROM information_schema.columns WHERE table_name LIKE 'river\_%' AND table_name <> 'river_migration' ORDER BY 1, 2`,
		"indexes": `SELECT indexname::text, indexdef FROM pg_indexes WHERE tablename LIKE 'river\_%' AND tablename <> 'river_migration' ORDER BY 1`,
		"constraints": `SELECT conrelid::regclass::text, conname::text, replace(replace(pg_get_constraintdef(oid), '(', ''), ')', '')
			FROM pg_constraint WHERE conrelid::regclass::text LIKE 'river\_%' AND conrelid::regclass::text <> 'river_migration' ORDER BY 1, 2`,
		"states":      `SELECT enumlabel::text FROM pg_enum JOIN pg_type t ON t.oid = enumtypid WHERE typname = 'river_job_state' ORDER BY enumsortorder`,
		"functions":   `SELECT proname::text, provolatile::text, regexp_replace(prosrc, '\s+', ' ', 'g') FROM pg_proc WHERE proname LIKE 'river\_%' ORDER BY 1`,
		"persistence": `SELECT relname::text, relpersistence::text FROM pg_class WHERE relname LIKE 'river\_%' AND relkind = 'r' AND relname <> 'river_migration' ORDER BY 1`,
	} {
		want := theirs.rows(t, sql)
		if diff := cmp.Diff(want, ours.rows(t, sql)); diff != "" || len(want) == 0 {
			t.Errorf("%s (-River +ours):\n%s", what, diff)
		}
	}
}
