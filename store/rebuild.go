package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// rebuildBatch is how many resolutions are worked out and written at a time:
// enough to make COPY worth while, few enough to keep memory flat.
const rebuildBatch = 2000

// rebuild works out the record of every resolution that the import touched,
// from all the current accounts of it, and writes what changed.
func (im *importer) rebuild(ctx context.Context) error {
	if _, err := im.tx.Exec(ctx, `CREATE UNIQUE INDEX ON touched (resolution_id)`); err != nil {
		return err
	}
	w := &recordWriter{tx: im.tx, rep: im.rep}
	if err := w.prepare(ctx); err != nil {
		return err
	}
	for last, more := "", true; more; {
		groups, err := im.touched(ctx, last)
		if err != nil {
			return fmt.Errorf("reading the accounts: %w", err)
		}
		records := make([]*votes.Resolution, 0, len(groups))
		for _, accounts := range groups {
			last = accounts[0].ID
			r, err := votes.Reconcile(accounts)
			if err != nil {
				im.refuseGroup(accounts, err)
				continue
			}
			records = append(records, &r)
		}
		if err := w.write(ctx, records); err != nil {
			return err
		}
		more = len(groups) == rebuildBatch
	}
	return im.dropOrphans(ctx)
}

// touched returns the current accounts of the next resolutions after last, one
// inner list a resolution.
func (im *importer) touched(ctx context.Context, last string) ([][]*votes.Account, error) {
	rows, err := im.tx.Query(ctx, `
		SELECT (SELECT json_agg(a.content ORDER BY a.id) FROM accounts a
		         WHERE a.resolution_id = t.resolution_id AND a.superseded_by IS NULL)
		  FROM touched t
		 WHERE t.resolution_id > $1
		   AND EXISTS (SELECT FROM accounts a WHERE a.resolution_id = t.resolution_id AND a.superseded_by IS NULL)
		 ORDER BY t.resolution_id
		 LIMIT $2`, last, rebuildBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]*votes.Account, error) {
		var content []byte
		if err := row.Scan(&content); err != nil {
			return nil, err
		}
		var accounts []*votes.Account
		err := json.Unmarshal(content, &accounts)
		return accounts, err
	})
}

// refuseGroup refuses accounts from which no record follows.
func (im *importer) refuseGroup(accounts []*votes.Account, err error) {
	for _, a := range accounts {
		im.rep.Accounts--
		im.rep.RowsLanded -= a.Rows
		im.refuse(a.Rows, votes.Problem{Line: a.Line, Kind: votes.KindIdentity, Message: fmt.Sprintf("%s: %v", a.ID, err)})
	}
}

// dropOrphans deletes resolutions of which no account speaks any more: a newer
// edition gave the vote another symbol.
func (im *importer) dropOrphans(ctx context.Context) error {
	_, err := im.tx.Exec(ctx, `
		DELETE FROM resolutions r USING touched t
		 WHERE r.id = t.resolution_id
		   AND NOT EXISTS (SELECT FROM accounts a WHERE a.resolution_id = r.id AND a.superseded_by IS NULL)`)
	return err
}
