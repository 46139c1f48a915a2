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
// from all the current accounts of it, and writes what changed. It returns
// errTakenBack, and the resolutions in question, where no record follows once
// this import's accounts are among them.
func (im *importer) rebuild(ctx context.Context) ([]withoutRecord, error) {
	if _, err := im.tx.Exec(ctx, `CREATE UNIQUE INDEX ON touched (resolution_id)`); err != nil {
		return nil, err
	}
	w := &recordWriter{tx: im.tx, rep: im.rep}
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	// While the database takes one batch in, the next is worked out.
	next, err := im.workOut(ctx, "")
	if err != nil {
		return nil, err
	}
	var without []withoutRecord
	for {
		b := <-next
		if b.err != nil {
			return nil, b.err
		}
		without = append(without, b.without...)
		if b.last != "" {
			if next, err = im.workOut(ctx, b.last); err != nil {
				return nil, err
			}
		}
		if err := w.write(ctx, b.records); err != nil {
			return nil, err
		}
		if b.last == "" {
			break
		}
	}
	return without, im.dropOrphans(ctx, without)
}

// batch is some resolutions worked out, and those from whose accounts no record
// follows. last is empty in the last batch.
type batch struct {
	records []*votes.Resolution
	without []withoutRecord
	last    string
	err     error
}

// withoutRecord is a resolution of which the accounts give no record.
type withoutRecord struct {
	id  string
	err error
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
				b.without = append(b.without, withoutRecord{accounts[0].ID, err})
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

// refuseWithoutRecord refuses the accounts of this import that speak of
// resolutions without a record.
func (im *importer) refuseWithoutRecord(ctx context.Context, without []withoutRecord) error {
	for _, w := range without {
		rows, err := im.tx.Query(ctx, `DELETE FROM landing WHERE resolution_id = $1 RETURNING line, rows`, w.id)
		if err != nil {
			return err
		}
		var line, n int
		if _, err := pgx.ForEachRow(rows, []any{&line, &n}, func() error {
			im.rep.Accounts--
			im.rep.RowsLanded -= n
			im.refuse(n, votes.Problem{Line: line, Kind: votes.KindIdentity, Message: fmt.Sprintf("%s: %v", w.id, w.err)})
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// dropOrphans deletes the resolutions that lost their last account of a vote:
// a newer edition gave the vote another symbol. Statements alone keep none; they
// wait for the vote to come back. It returns errTakenBack where the accounts of
// this import are themselves without a record.
func (im *importer) dropOrphans(ctx context.Context, without []withoutRecord) error {
	ids := make([]string, len(without))
	for i, w := range without {
		ids[i] = w.id
	}
	var own bool
	if err := im.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM landing WHERE resolution_id = ANY($1))`, ids).Scan(&own); err != nil {
		return err
	}
	if own {
		return errTakenBack
	}
	for _, w := range without {
		im.rep.Problems = append(im.rep.Problems, votes.Problem{File: im.rep.File, Kind: votes.KindIdentity, Severity: votes.Noted,
			Message: fmt.Sprintf("%s is no longer in the record: %v", w.id, w.err)})
	}
	_, err := im.tx.Exec(ctx, `
		DELETE FROM resolutions r USING touched t
		 WHERE r.id = t.resolution_id
		   AND (r.id = ANY($1)
		        OR NOT EXISTS (SELECT FROM accounts a WHERE a.resolution_id = r.id AND a.superseded_by IS NULL))`, ids)
	return err
}
