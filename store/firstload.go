package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// firstLoadAfter is from how many accounts on it pays to take keys and indexes
// off an empty record and to build them afterwards.
var firstLoadAfter = 4000

// firstLoad takes the foreign keys and the indexes off the large tables of a
// record that was empty before, while much is written to them, and returns what
// puts them back: the keys are then checked once over all rows, not row by row,
// and the indexes are built in one go. So are the rules that triggers hold, by
// the database's own function for them. Nobody waits for it who has anything to
// read: the tables are locked until the import commits, and are empty to
// everybody else. The checks of the columns stay, and the key by which a
// resolution is found.
//
// Only who owns the tables may do that: for any other role it does nothing, and
// restore is nil.
func (im *importer) firstLoad(ctx context.Context) (restore func() error, err error) {
	var owner bool
	err = im.tx.QueryRow(ctx, `SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('resolutions')`).Scan(&owner)
	if err != nil || !owner {
		im.slowly = true
		return nil, err
	}
	drop, create, err := im.guards(ctx)
	if err != nil {
		return nil, err
	}
	// A table that has checks to come cannot be altered.
	drop = slices.Concat([]string{`SET CONSTRAINTS ALL IMMEDIATE`, `SET CONSTRAINTS ALL DEFERRED`}, drop)
	for _, t := range rowTriggers {
		drop = append(drop, `ALTER TABLE `+t.table+` DISABLE TRIGGER `+t.name)
		create = append(create, `ALTER TABLE `+t.table+` ENABLE TRIGGER `+t.name)
	}
	create = append(create, `SELECT loaded_rows_are_sound()`,
		`INSERT INTO unchecked (nos) SELECT array_agg(no ORDER BY no) FROM resolutions HAVING count(*) > 0`)
	if _, err := im.tx.Exec(ctx, strings.Join(drop, ";")); err != nil {
		return nil, fmt.Errorf("preparing the first load: %w", err)
	}
	return func() error {
		if _, err := im.tx.Exec(ctx, strings.Join(create, ";")); err != nil {
			return fmt.Errorf("building the keys and indexes of the first load: %w", err)
		}
		return nil
	}, nil
}

// rowTriggers look at the rows of each statement. What they would have seen of a
// first load is looked at together, at its end.
var rowTriggers = []struct{ table, name string }{
	{"resolutions", "record_is_whole_insert"},
	{"votes", "votes_need_a_seat_insert"},
	{"vetoes", "vetoes_need_a_permanent_seat_insert"},
	{"sponsors", "sponsors_need_a_resolution_insert"},
}

// guards returns the statements that take the keys and indexes off, and those
// that put them back: foreign keys go first and come last, since they need the
// others.
func (im *importer) guards(ctx context.Context) (drop, create []string, err error) {
	rows, err := im.tx.Query(ctx, `
		SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), contype <> 'f' AS later
		  FROM pg_constraint
		 WHERE contype IN ('f', 'p', 'u') AND conrelid::regclass::text = ANY ($1) AND conname <> $2
		UNION ALL
		SELECT '', indexrelid::regclass::text, pg_get_indexdef(indexrelid), true
		  FROM pg_index
		 WHERE indrelid::regclass::text = ANY ($1) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
		 ORDER BY later, 1, 2`,
		[]string{"accounts", "changes", "resolutions", "sponsors", "votes"}, "resolutions_pkey")
	if err != nil {
		return nil, nil, err
	}
	var table, name, definition string
	var later bool
	_, err = pgx.ForEachRow(rows, []any{&table, &name, &definition, &later}, func() error {
		off := `DROP INDEX ` + name
		if table != "" {
			constraint := pgx.Identifier{name}.Sanitize()
			off, definition = `ALTER TABLE `+table+` DROP CONSTRAINT `+constraint, `ALTER TABLE `+table+` ADD CONSTRAINT `+constraint+` `+definition
		}
		drop, create = append(drop, off), append(create, definition)
		return nil
	})
	slices.Reverse(create)
	return drop, create, err
}
