package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Edit keeps editors' decisions and works out again what they touch, in one
// revision. Every fault of every edit is told (votes.Faults); then none is kept.
// It returns the edits with their numbers, and the revision.
func (s *Store) Edit(ctx context.Context, edits []votes.Edit) ([]votes.Edit, int64, error) {
	if len(edits) == 0 {
		return nil, 0, votes.Faults{{Parameter: "edits", Message: "there is no edit"}}
	}
	return s.edit(ctx, edits, func(pgx.Tx, []votes.Edit) ([]votes.Edit, error) { return edits, nil })
}

// EditOnce is Edit for those edits that were not made before, word for word,
// whether or not they were undone since. However many programs do it at once,
// each edit is made once. Where there is none to make the revision is 0.
func (s *Store) EditOnce(ctx context.Context, edits []votes.Edit) ([]votes.Edit, int64, error) {
	// Without the lock first: it would wait for an import that is under way,
	// though there is nothing to do.
	if left, err := notMade(ctx, s.db, edits); err != nil || len(left) == 0 {
		return nil, 0, err
	}
	return s.edit(ctx, edits, func(tx pgx.Tx, edits []votes.Edit) ([]votes.Edit, error) { return notMade(ctx, tx, edits) })
}

// edit makes the edits that choose, asked under the lock, leaves of them.
func (s *Store) edit(ctx context.Context, edits []votes.Edit, choose func(pgx.Tx, []votes.Edit) ([]votes.Edit, error)) ([]votes.Edit, int64, error) {
	var revision int64
	err := s.writeInTurn(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock); err != nil {
			return err
		}
		var err error
		if edits, err = choose(tx, edits); err != nil || len(edits) == 0 {
			return err
		}
		if edits, revision, err = makeEdits(ctx, tx, edits); err != nil {
			return err
		}
		return s.logDone(ctx, tx, revision)
	})
	return edits, revision, err
}

// makeEdits makes edits in a transaction that has the lock.
func makeEdits(ctx context.Context, tx pgx.Tx, edits []votes.Edit) ([]votes.Edit, int64, error) {
	rep := votes.ImportReport{Discrepancies: map[string]int{}}
	im := &importer{tx: tx, rep: &rep}
	if err := im.checkEdits(ctx, edits); err != nil {
		return edits, 0, err
	}
	var err error
	if rep.Revision, err = newRevision(ctx, tx, summaryOf(edits)); err != nil {
		return edits, 0, err
	}
	for i, e := range edits {
		if err := tx.QueryRow(ctx, `
			INSERT INTO edits (revision, id, field, value, reason, reference) VALUES ($1, $2, $3, $4, $5, $6) RETURNING number`,
			rep.Revision, e.ID, e.Field, e.Value, e.Reason, e.Reference).Scan(&edits[i].Number); err != nil {
			return edits, 0, fmt.Errorf("keeping the edit of %s: %w", e.ID, err)
		}
	}
	return edits, rep.Revision, im.rebuildEdited(ctx, edits)
}

// notMade leaves out the edits that were made before.
func notMade(ctx context.Context, db querier, edits []votes.Edit) ([]votes.Edit, error) {
	made, err := editsOf(ctx, db, nil)
	if err != nil {
		return nil, err
	}
	known := make(map[votes.Edit]bool, len(made))
	for _, e := range made {
		e.Number = 0
		known[e] = true
	}
	return slices.DeleteFunc(slices.Clone(edits), func(e votes.Edit) bool { return known[e] }), nil
}

// HasSource tells whether the record holds an account of a source, by name.
func (s *Store) HasSource(ctx context.Context, name string) (bool, error) {
	var has bool
	err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM accounts a JOIN sources s ON s.id = a.source_id WHERE s.name = $1)`, name).Scan(&has)
	return has, err
}

func summaryOf(edits []votes.Edit) string {
	if len(edits) == 1 {
		return "edit of " + edits[0].ID + ": " + edits[0].Field
	}
	return fmt.Sprintf("%d edits", len(edits))
}

// checkEdits holds the edits against themselves and against the record.
func (im *importer) checkEdits(ctx context.Context, edits []votes.Edit) error {
	var faults votes.Faults
	for i := range edits {
		e := &edits[i]
		faults = append(faults, e.Check()...)
		if err := im.address(ctx, e); err != nil {
			return err
		}
		for _, c := range refersTo(*e) {
			var there bool
			if err := im.tx.QueryRow(ctx, `SELECT EXISTS (`+c.sql+`)`, c.args...).Scan(&there); err != nil {
				return err
			}
			if !there {
				faults = append(faults, c.fault)
			}
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// address gives an edit the id that its resolution has, by whatever symbol it
// was named. Which symbols are joined and parted stays as it is: it is about
// the symbols themselves.
func (im *importer) address(ctx context.Context, e *votes.Edit) error {
	if id, err := votes.ParseID(e.ID); err == nil {
		e.ID = id
	}
	switch e.Field {
	case votes.EditMerge:
		if id, err := votes.ParseID(e.Value); err == nil {
			e.Value = id
		}
		return nil
	case votes.EditSplit, votes.EditUndo:
		return nil
	}
	return im.tx.QueryRow(ctx, `SELECT coalesce(`+canonical+`, $1)`, e.ID).Scan(&e.ID)
}

// reference is something that an edit speaks of, and the fault where it is not there.
type reference struct {
	sql   string
	args  []any
	fault votes.Fault
}

// refersTo lists what has to be in the record for an edit. Of a merge it is the
// resolution to merge into: what is merged may come later, with another source.
func refersTo(e votes.Edit) []reference {
	id := e.ID
	if e.Field == votes.EditMerge {
		id = e.Value
	}
	if e.Field == votes.EditUndo { // also of a merge that joins nothing yet
		return []reference{{`SELECT FROM edits WHERE number::text = $1 AND id = $2`, []any{e.Value, id},
			votes.Fault{Parameter: "undo", Value: e.Value, Message: "there is no such edit of " + id}}}
	}
	list := []reference{{`SELECT FROM resolutions WHERE id = $1 UNION ALL SELECT FROM accounts WHERE base_id = $1`, []any{id},
		votes.Fault{Parameter: "id", Value: id, Message: "the record holds no such resolution"}}}
	if _, key, ok := strings.Cut(e.Field, votes.EditExplain+":"); ok {
		list = append(list, reference{
			`SELECT FROM discrepancies d JOIN resolutions r ON r.no = d.resolution_no WHERE r.id = $1 AND d.key = $2`, []any{id, key},
			votes.Fault{Parameter: e.Field, Value: e.Value, Message: id + " shows no such discrepancy"}})
	}
	return list
}

// rebuildEdited works out again the resolutions that edits name, and those
// that their merges and splits touch.
func (im *importer) rebuildEdited(ctx context.Context, edits []votes.Edit) error {
	ids := make([]string, 0, len(edits))
	for _, e := range edits {
		ids = append(ids, e.ID)
		if e.Field == votes.EditMerge {
			ids = append(ids, e.Value)
		}
	}
	// What an undone merge had joined is found by the symbols of its accounts.
	for _, sql := range []string{`
		CREATE TEMPORARY TABLE touched (resolution_id text COLLATE "C") ON COMMIT DROP`, `
		INSERT INTO touched SELECT unnest(@ids::text[])
		UNION SELECT resolution_id FROM accounts WHERE base_id = ANY(@ids) AND superseded_by IS NULL`, `
		CREATE UNIQUE INDEX ON touched (resolution_id)`, `
		CREATE TEMPORARY TABLE prior ON COMMIT DROP AS
		SELECT base_id, CASE WHEN NOT numbered THEN meeting END AS meeting FROM accounts
		 WHERE superseded_by IS NULL AND (base_id = ANY(@ids) OR resolution_id = ANY(@ids))`, `
		CREATE TEMPORARY TABLE landing (resolution_id text COLLATE "C", line integer, rows integer) ON COMMIT DROP`,
	} {
		if _, err := im.tx.Exec(ctx, sql, pgx.NamedArgs{"ids": ids}); err != nil {
			return err
		}
	}
	if err := im.match(ctx); err != nil {
		return err
	}
	_, err := im.rebuild(ctx)
	return err
}

// editsOf returns the edits of some resolutions, of all where ids is nil.
func editsOf(ctx context.Context, q querier, ids []string) ([]votes.Edit, error) {
	rows, err := q.Query(ctx, `
		SELECT number, id, field, value, reason, reference FROM edits
		 WHERE $1::text[] IS NULL OR id = ANY($1) ORDER BY number`, ids)
	if err != nil {
		return nil, fmt.Errorf("reading the edits: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[votes.Edit])
}
