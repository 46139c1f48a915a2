package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// wouldChange tells what a revision makes of the record, before it is taken back.
// What only gets another source comes last.
func wouldChange(ctx context.Context, tx pgx.Tx, revision int64) (*votes.WouldChange, error) {
	would := &votes.WouldChange{Data: []votes.ChangeToCome{}}
	rows, err := tx.Query(ctx, `
		SELECT c.total, c.resolution_id, coalesce(r.title, ''), coalesce(r.date::text, ''), coalesce(r.outcome, ''), c.what, c.fields
		  FROM (SELECT resolution_id, what, fields, count(*) OVER () AS total, what = 'changed' AND fields::text = '[]' AS same
		          FROM changes WHERE revision = $1
		         ORDER BY same, resolution_id LIMIT $2) c
		  LEFT JOIN resolutions r ON r.id = c.resolution_id
		 ORDER BY c.same, c.resolution_id`, revision, votes.MaxWouldChange)
	if err != nil {
		return nil, fmt.Errorf("reading what would change: %w", err)
	}
	var c votes.ChangeToCome
	var fields []byte
	_, err = pgx.ForEachRow(rows, []any{&would.Total, &c.ID, &c.Title, &c.Date, &c.Outcome, &c.What, &fields}, func() error {
		c.Changes = nil // of the one before
		if err := json.Unmarshal(fields, &c.Changes); err != nil {
			return fmt.Errorf("%s: %w", c.ID, err)
		}
		would.Data = append(would.Data, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what would change: %w", err)
	}
	return would, nil
}
