package store

import (
	"context"
	"fmt"
)

// firstLoadVotes is from how many positions on it pays to load an empty table
// without its keys and to build them afterwards.
const firstLoadVotes = 5000

// firstLoad takes the foreign keys off an empty votes table before many
// positions are written, and returns what puts them back: the keys are then
// checked once over all rows, not row by row, which is most of the time of a
// load. Nobody waits for it who has anything to read: the table
// is locked until the import commits, and it is empty. With votes in the table
// nothing is taken off.
func (im *importer) firstLoad(ctx context.Context) (restore func() error, err error) {
	nothing := func() error { return nil }
	var empty bool
	if err := im.tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM votes)`).Scan(&empty); err != nil {
		return nil, err
	}
	if !empty || im.rep.Rows < firstLoadVotes {
		return nothing, nil
	}
	if _, err := im.tx.Exec(ctx, `
		ALTER TABLE votes DROP CONSTRAINT votes_resolution_no_fkey, DROP CONSTRAINT votes_code_fkey`); err != nil {
		return nil, fmt.Errorf("preparing the first load: %w", err)
	}
	return func() error {
		if _, err := im.tx.Exec(ctx, `
			ALTER TABLE votes
				ADD CONSTRAINT votes_resolution_no_fkey FOREIGN KEY (resolution_no) REFERENCES resolutions (no) ON DELETE CASCADE,
				ADD CONSTRAINT votes_code_fkey FOREIGN KEY (code) REFERENCES states (code)`); err != nil {
			return fmt.Errorf("building the keys of the first load: %w", err)
		}
		return nil
	}, nil
}
