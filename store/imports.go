package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

const importColumns = `
	i.id, s.name, s.edition, s.format, i.file, i.sha256, i.at, i.rows, i.rows_landed, i.rows_refused, i.accounts, i.revision,
	(SELECT count(*) FROM import_problems p WHERE p.import_id = i.id AND p.severity = 'refused'),
	(SELECT count(*) FROM import_problems p WHERE p.import_id = i.id AND p.severity = 'serious'),
	(SELECT count(*) FROM import_problems p WHERE p.import_id = i.id AND p.severity = 'noted')`

func scanImport(row pgx.CollectableRow) (i votes.Import, err error) {
	err = row.Scan(&i.ID, &i.Source.Name, &i.Source.Edition, &i.Source.Format, &i.File, &i.SHA256, &i.At, &i.Rows, &i.RowsLanded,
		&i.RowsRefused, &i.Accounts, &i.Revision, &i.Problems.Refused, &i.Problems.Serious, &i.Problems.Noted)
	return i, err
}

// Imports returns the files that were taken in, the newest first, from before
// an id on; 0 is from the newest.
func (s *Store) Imports(ctx context.Context, limit int, before int64) (votes.ImportPage, error) {
	var page votes.ImportPage
	batch := &pgx.Batch{}
	batch.Queue(`SELECT count(*), (SELECT coalesce(max(number), 0) FROM revisions) FROM imports`).QueryRow(func(row pgx.Row) error {
		return row.Scan(&page.Total, &page.Revision)
	})
	batch.Queue(`SELECT `+importColumns+` FROM imports i JOIN sources s ON s.id = i.source_id
		WHERE $1 = 0 OR i.id < $1 ORDER BY i.id DESC LIMIT $2`, before, limit+1).Query(func(rows pgx.Rows) (err error) {
		page.Data, err = pgx.CollectRows(rows, scanImport)
		return err
	})
	if err := s.db.SendBatch(ctx, batch).Close(); err != nil {
		return page, fmt.Errorf("reading the imports: %w", err)
	}
	if len(page.Data) > limit {
		page.Data = page.Data[:limit]
		page.Next = page.Data[limit-1].ID
	}
	return page, nil
}

// Imported returns one file that was taken in, with what was wrong with it line
// by line, from behind a problem on; an unknown id is an error that wraps
// votes.ErrNotFound.
func (s *Store) Imported(ctx context.Context, id int64, limit int, after int64) (votes.ImportDetail, error) {
	var d votes.ImportDetail
	rows, err := s.db.Query(ctx, `SELECT `+importColumns+` FROM imports i JOIN sources s ON s.id = i.source_id WHERE i.id = $1`, id)
	if err != nil {
		return d, fmt.Errorf("reading import %d: %w", id, err)
	}
	if d.Import, err = pgx.CollectExactlyOneRow(rows, scanImport); errors.Is(err, pgx.ErrNoRows) {
		return d, fmt.Errorf("import %d: %w", id, votes.ErrNotFound)
	} else if err != nil {
		return d, fmt.Errorf("reading import %d: %w", id, err)
	}
	rows, err = s.db.Query(ctx, `
		SELECT ord, line, col, kind, severity, message, suggestion FROM import_problems
		 WHERE import_id = $1 AND ord > $2 ORDER BY ord LIMIT $3`, id, after, limit+1)
	if err != nil {
		return d, fmt.Errorf("reading import %d: %w", id, err)
	}
	var ord []int64
	d.Found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p votes.ImportProblem, err error) {
		var n int64
		err = row.Scan(&n, &p.Line, &p.Column, &p.Kind, &p.Severity, &p.Message, &p.Suggestion)
		ord = append(ord, n)
		return p, err
	})
	if err != nil {
		return d, fmt.Errorf("reading import %d: %w", id, err)
	}
	if len(d.Found) > limit {
		d.Found, d.Next = d.Found[:limit], ord[limit-1]
	}
	return d, nil
}
