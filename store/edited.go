package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

const madeEditColumns = `e.number, e.id, e.field, e.value, e.reason, e.reference, e.revision, v.committed`

func madeEditTargets(e *votes.MadeEdit) []any {
	return []any{&e.Number, &e.ID, &e.Field, &e.Value, &e.Reason, &e.Reference, &e.Revision, &e.At}
}

// Edits returns the decisions of editors, the newest first, from before a number
// on; 0 is from the newest.
func (s *Store) Edits(ctx context.Context, f votes.EditFilter, limit int, before int64) (votes.EditPage, error) {
	var page votes.EditPage
	rows, err := s.db.Query(ctx, `
		SELECT whole.*, l.*
		  FROM (SELECT `+recordRevision+`, (SELECT count(*) FROM edits WHERE ($2 = '' OR id = $2) AND ($3 = 0 OR revision = $3)) AS total, `+undos+`) whole
		  LEFT JOIN LATERAL (
			SELECT `+madeEditColumns+` FROM edits e JOIN revisions v ON v.number = e.revision
			 WHERE ($1 = 0 OR e.number < $1) AND ($2 = '' OR e.id = $2) AND ($3 = 0 OR e.revision = $3)
			 ORDER BY e.number DESC LIMIT $4) l ON true
		 ORDER BY l.number DESC`, before, f.ID, f.Revision, limit+1)
	if err != nil {
		return page, fmt.Errorf("reading the edits: %w", err)
	}
	defer rows.Close()
	var known []byte
	for rows.Next() {
		var e votes.MadeEdit
		targets := madeEditTargets(&e)
		none := rows.RawValues()[3] == nil // the one row that tells the total of an empty page
		if none {
			clear(targets) // a nil target is passed over
		}
		if err := rows.Scan(append([]any{&page.Revision, &page.Total, &known}, targets...)...); err != nil {
			return page, fmt.Errorf("reading the edits: %w", err)
		}
		if !none {
			page.Data = append(page.Data, e)
		}
	}
	if err := rows.Err(); err != nil {
		return page, fmt.Errorf("reading the edits: %w", err)
	}
	if len(page.Data) > limit {
		page.Data = page.Data[:limit]
		page.Next = page.Data[limit-1].Number
	}
	return page, markUndone(page.Data, known)
}

// MadeEdit returns one edit, and the revision of the whole record; an unknown
// number is an error that wraps votes.ErrNotFound.
func (s *Store) MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error) {
	one := make([]votes.MadeEdit, 1)
	var revision int64
	var known []byte
	err := s.db.QueryRow(ctx, `
		SELECT `+recordRevision+`, `+undos+`, `+madeEditColumns+` FROM edits e JOIN revisions v ON v.number = e.revision WHERE e.number = $1`, number).
		Scan(append([]any{&revision, &known}, madeEditTargets(&one[0])...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return votes.MadeEdit{}, 0, notFound(err, "edit", strconv.FormatInt(number, 10))
	}
	if err == nil {
		err = markUndone(one, known)
	}
	if err != nil {
		return votes.MadeEdit{}, 0, fmt.Errorf("reading edit %d: %w", number, err)
	}
	return one[0], revision, nil
}

// undos are all edits that take another back.
const undos = `(SELECT coalesce(json_agg(json_build_object('number', u.number, 'value', u.value)), '[]') FROM edits u WHERE u.field = 'undo')`

// markUndone fills in by which edit each was taken back.
func markUndone(list []votes.MadeEdit, known []byte) error {
	var all []votes.Edit
	if err := json.Unmarshal(known, &all); err != nil {
		return fmt.Errorf("reading what was undone: %w", err)
	}
	by := votes.Undone(all)
	for i := range list {
		if n, undone := by[list[i].Number]; undone {
			list[i].UndoneBy = &n
		}
	}
	return nil
}
