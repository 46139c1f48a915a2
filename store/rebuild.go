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
const rebuildBatch = 500

// rebuild works out the record of every resolution that the import touched,
// from all the current accounts of it, and writes what changed. It returns
// errTakenBack, and the resolutions in question, where no record follows once
// this import's accounts are among them.
func (im *importer) rebuild(ctx context.Context) ([]withoutRecord, error) {
	edits, err := editsOf(ctx, im.tx, nil)
	if err != nil {
		return nil, err
	}
	im.edits = votes.EditsByID(edits)
	w := &recordWriter{tx: im.tx, rep: im.rep, byTables: im.byTables, words: &im.words}
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	if im.alone > 0 {
		if err := im.forgetTouched(ctx, w); err != nil {
			return nil, err
		}
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

// forgetTouched takes out the records of accounts that were alone in the file so
// far, and are found to be of a vote that others speak of too.
func (im *importer) forgetTouched(ctx context.Context, w *recordWriter) error {
	rows, err := im.tx.Query(ctx, `SELECT resolution_id FROM touched JOIN resolutions ON id = resolution_id WHERE revision = $1`, im.rep.Revision)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return err
	}
	return w.forget(ctx, ids)
}

// batch is some resolutions worked out, and those from whose accounts no record
// follows. last is empty in the last batch.
type batch struct {
	records []digested
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
	groups, err := accountGroups(ctx, im.tx, "touched", last)
	if err != nil {
		return nil, err
	}
	done := make(chan batch, 1)
	go func() {
		var b batch
		if len(groups) == rebuildBatch {
			b.last = groups[len(groups)-1].id
		}
		for _, g := range groups {
			accounts, err := g.accounts()
			if err != nil {
				b.err = err
				break
			}
			r, _ := votes.Reconcile(accounts, im.edits[g.id])
			if r.ID == "" {
				b.without = append(b.without, withoutRecord{g.id, errNoVote})
				continue
			}
			b.records = append(b.records, digest(&r))
		}
		done <- b
	}()
	return done, nil
}

// errNoVote tells why a resolution has accounts and no record.
var errNoVote = fmt.Errorf("no account tells of a vote: %w", votes.ErrInvalid)

// accountGroup is the current accounts of one resolution, as they are stored.
type accountGroup struct {
	id       string
	contents []byte // a JSON list of accounts
	doubts   []string
}

func (g accountGroup) accounts() ([]*votes.Account, error) {
	var list []*votes.Account
	if err := json.Unmarshal(g.contents, &list); err != nil {
		return nil, fmt.Errorf("reading the accounts of %s: %w", g.id, err)
	}
	for i, a := range list {
		a.Match = votes.Match{ID: g.id, Doubt: g.doubts[i]}
	}
	return list, nil
}

// accountGroups reads the next groups after the resolution last, of those whose
// ids stand in a table.
func accountGroups(ctx context.Context, q querier, table, last string) ([]accountGroup, error) {
	rows, err := q.Query(ctx, `
		SELECT t.resolution_id, l.contents, l.doubts
		  FROM `+table+` t CROSS JOIN LATERAL (
			SELECT json_agg(a.content ORDER BY a.id) AS contents, array_agg(a.match_doubt ORDER BY a.id) AS doubts
			  FROM accounts a WHERE a.resolution_id = t.resolution_id AND a.superseded_by IS NULL) l
		 WHERE t.resolution_id > $1 AND l.contents IS NOT NULL
		 ORDER BY t.resolution_id
		 LIMIT $2`, last, rebuildBatch)
	if err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g accountGroup, err error) {
		err = row.Scan(&g.id, &g.contents, &g.doubts)
		return g, err
	})
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
		WITH gone AS (
			DELETE FROM resolutions r USING touched t
			 WHERE r.id = t.resolution_id
			   AND (r.id = ANY($1)
			        OR NOT EXISTS (SELECT FROM accounts a WHERE a.resolution_id = r.id AND a.superseded_by IS NULL))
			RETURNING r.id)
		INSERT INTO changes SELECT id, $2, 'deleted', '[]' FROM gone`, ids, im.rep.Revision)
	return err
}
