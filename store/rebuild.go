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
	// While the database takes one batch in, the next is worked out.
	next, err := im.workOut(ctx, "")
	if err != nil {
		return err
	}
	for {
		b := <-next
		if b.err != nil {
			return b.err
		}
		im.refuseGroups(b.refused)
		if b.last != "" {
			if next, err = im.workOut(ctx, b.last); err != nil {
				return err
			}
		}
		if err := w.write(ctx, b.records); err != nil {
			return err
		}
		if b.last == "" {
			break
		}
	}
	return im.dropOrphans(ctx)
}

// batch is some resolutions worked out, and those from whose accounts no record
// follows. last is empty in the last batch.
type batch struct {
	records []*votes.Resolution
	refused []refusedGroup
	last    string
	err     error
}

type refusedGroup struct {
	accounts []*votes.Account
	err      error
}

// workOut reads the accounts of the next resolutions after last, and works
// them out beside whatever the caller does then.
func (im *importer) workOut(ctx context.Context, last string) (<-chan batch, error) {
	contents, end, err := im.touched(ctx, last)
	if err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	done := make(chan batch, 1)
	go func() {
		b := batch{last: end}
		for _, content := range contents {
			var accounts []*votes.Account
			if b.err = json.Unmarshal(content, &accounts); b.err != nil {
				break
			}
			r, err := votes.Reconcile(accounts)
			if err != nil {
				b.refused = append(b.refused, refusedGroup{accounts, err})
				continue
			}
			b.records = append(b.records, &r)
		}
		done <- b
	}()
	return done, nil
}

// touched returns the current accounts, as JSON, of the next resolutions after
// last, one entry a resolution, and the id to go on from: "" at the end.
func (im *importer) touched(ctx context.Context, last string) (contents [][]byte, end string, err error) {
	rows, err := im.tx.Query(ctx, `
		SELECT t.resolution_id, (SELECT json_agg(a.content ORDER BY a.id) FROM accounts a
		         WHERE a.resolution_id = t.resolution_id AND a.superseded_by IS NULL)
		  FROM touched t
		 WHERE t.resolution_id > $1
		   AND EXISTS (SELECT FROM accounts a WHERE a.resolution_id = t.resolution_id AND a.superseded_by IS NULL)
		 ORDER BY t.resolution_id
		 LIMIT $2`, last, rebuildBatch)
	if err != nil {
		return nil, "", err
	}
	var id string
	var content []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &content}, func() error {
		contents, end = append(contents, content), id
		content = nil
		return nil
	})
	if len(contents) < rebuildBatch {
		end = ""
	}
	return contents, end, err
}

// refuseGroups refuses accounts from which no record follows.
func (im *importer) refuseGroups(groups []refusedGroup) {
	for _, g := range groups {
		for _, a := range g.accounts {
			im.rep.Accounts--
			im.rep.RowsLanded -= a.Rows
			im.refuse(a.Rows, votes.Problem{Line: a.Line, Kind: votes.KindIdentity, Message: fmt.Sprintf("%s: %v", a.ID, g.err)})
		}
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
