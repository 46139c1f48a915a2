package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// firstLoadVotes is from how many positions on it pays to load empty tables
// without their keys and indexes and to build them afterwards.
const firstLoadVotes = 5000

// firstLoad takes the foreign keys off the votes and the indexes off the
// resolutions before much is written to both, empty, and returns what puts them
// back: the keys are then checked once over all rows, not row by row, and the
// indexes are built in one go. Nobody waits for it who has anything to read: the
// tables are locked until the import commits, and they are empty. With anything
// in them nothing is taken off.
func (im *importer) firstLoad(ctx context.Context) (restore func() error, err error) {
	nothing := func() error { return nil }
	var empty bool
	if err := im.tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM votes) AND NOT EXISTS (SELECT FROM resolutions)`).Scan(&empty); err != nil {
		return nil, err
	}
	if !empty || im.rep.Rows < firstLoadVotes {
		return nothing, nil
	}
	indexes, err := im.dropIndexes(ctx)
	if err != nil {
		return nil, fmt.Errorf("preparing the first load: %w", err)
	}
	if _, err := im.tx.Exec(ctx, `
		ALTER TABLE votes DROP CONSTRAINT votes_resolution_no_fkey, DROP CONSTRAINT votes_code_fkey`); err != nil {
		return nil, fmt.Errorf("preparing the first load: %w", err)
	}
	return func() error {
		// What is checked at the end of the transaction is checked now: a table
		// that has checks to come takes no index.
		if _, err := im.tx.Exec(ctx, `
			ALTER TABLE votes
				ADD CONSTRAINT votes_resolution_no_fkey FOREIGN KEY (resolution_no) REFERENCES resolutions (no) ON DELETE CASCADE,
				ADD CONSTRAINT votes_code_fkey FOREIGN KEY (code) REFERENCES states (code);
			SET CONSTRAINTS ALL IMMEDIATE;
			`+strings.Join(indexes, ";\n")+`;
			SET CONSTRAINTS ALL DEFERRED`); err != nil {
			return fmt.Errorf("building the keys and indexes of the first load: %w", err)
		}
		return nil
	}, nil
}

// dropIndexes drops the indexes of the resolutions that no constraint needs,
// and returns the statements that make them again.
func (im *importer) dropIndexes(ctx context.Context) ([]string, error) {
	rows, err := im.tx.Query(ctx, `
		SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
		  FROM pg_index i
		 WHERE i.indrelid = 'resolutions'::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
		 ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var name, definition string
	var names, definitions []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		names, definitions = append(names, name), append(definitions, definition)
		return nil
	}); err != nil {
		return nil, err
	}
	_, err = im.tx.Exec(ctx, `DROP INDEX `+strings.Join(names, ", "))
	return definitions, err
}
