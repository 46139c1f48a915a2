package store

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// laidDown is a condition over resolutions r: what is laid down of it is of the
// program's shape and of the row as it stands.
var laidDown = `r.item_form = ` + strconv.Itoa(votes.ItemForm) + ` AND r.item_revision = r.revision`

// itemOf returns item and item_detail of a resolution that is written at a
// revision.
func itemOf(r *votes.Resolution, revision int64) (line, detail []byte, err error) {
	written := *r
	written.Revision = revision
	if line, err = votes.LineJSON(&written); err != nil {
		return nil, nil, err
	}
	detail, err = votes.DetailJSON(&written)
	return line, detail, err
}

// layDownItems lays down every resolution that is not, or not as its columns
// have it. Nothing that the record tells changes by it, so that it makes no
// revision.
func (s *Store) layDownItems(ctx context.Context) error {
	return s.layDown(ctx, `SELECT id FROM resolutions WHERE id > $1 ORDER BY id LIMIT $2`, writeItems)
}

// layDown writes something of each resolution, batch by batch, in one transaction:
// of those whose ids the query tells, behind an id and as many as a batch has.
func (s *Store) layDown(ctx context.Context, query string, write func(ctx context.Context, tx pgx.Tx, ids []string, records map[string]*votes.Resolution) error) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock); err != nil {
			return err
		}
		for last := ""; ; {
			rows, err := tx.Query(ctx, query, last, rebuildBatch)
			if err != nil {
				return err
			}
			ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil || len(ids) == 0 {
				return err
			}
			last = ids[len(ids)-1]
			records, err := recordsOf(ctx, tx, ids)
			if err != nil {
				return err
			}
			if err := write(ctx, tx, ids, records); err != nil {
				return err
			}
		}
	})
}

func writeItems(ctx context.Context, tx pgx.Tx, ids []string, records map[string]*votes.Resolution) error {
	lines, details, revisions := make([]string, len(ids)), make([]string, len(ids)), make([]int64, len(ids))
	for i, id := range ids {
		r := records[id]
		line, detail, err := itemOf(r, r.Revision)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		lines[i], details[i], revisions[i] = string(line), string(detail), r.Revision
	}
	_, err := tx.Exec(ctx, `
		UPDATE resolutions r SET item = w.item, item_detail = w.detail, item_form = $5, item_revision = w.revision
		  FROM (SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS item, unnest($3::text[]) AS detail, unnest($4::bigint[]) AS revision) w
		 WHERE r.id = w.id
		   AND (r.item, r.item_detail, r.item_form, r.item_revision) IS DISTINCT FROM (w.item, w.detail, $5::smallint, w.revision)`,
		ids, lines, details, revisions, int16(votes.ItemForm))
	return err
}

// itemsUnlike returns which of some resolutions are laid down otherwise than
// their columns tell, by id.
func itemsUnlike(ctx context.Context, tx pgx.Tx, records map[string]*votes.Resolution, ids []string) (map[string]bool, error) {
	rows, err := tx.Query(ctx, `SELECT r.id, r.item, r.item_detail FROM resolutions r WHERE r.id = ANY($1) AND `+laidDown, ids)
	if err != nil {
		return nil, err
	}
	unlike := make(map[string]bool)
	var id string
	var line, detail []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &line, &detail}, func() error {
		wantLine, err := votes.LineJSON(records[id])
		if err != nil {
			return err
		}
		wantDetail, err := votes.DetailJSON(records[id])
		if err == nil && (!bytes.Equal(line, wantLine) || !bytes.Equal(detail, wantDetail)) {
			unlike[id] = true
		}
		return err
	})
	return unlike, err
}
