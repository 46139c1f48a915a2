package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"scvotes/votes"
)

const importColumns = `
	i.id, s.name, s.edition, s.format, i.file, i.sha256, i.at, i.rows, i.rows_landed, i.rows_refused, i.accounts, i.revision,
	(SELECT count(*) FROM import_problems p WHERE p.import_id = i.id AND p.severity = 'refused') AS refused,
	(SELECT count(*) FROM import_problems p WHERE p.import_id = i.id AND p.severity = 'serious') AS serious,
	(SELECT count(*) FROM import_problems p WHERE p.import_id = i.id AND p.severity = 'noted') AS noted`

// importTargets are where importColumns land.
func importTargets(i *votes.Import) []any {
	return []any{&i.ID, &i.Source.Name, &i.Source.Edition, &i.Source.Format, &i.File, &i.SHA256, &i.At, &i.Rows, &i.RowsLanded,
		&i.RowsRefused, &i.Accounts, &i.Revision, &i.Problems.Refused, &i.Problems.Serious, &i.Problems.Noted}
}

// Imports returns the files that were taken in, the newest first, from before
// an id on; 0 is from the newest.
func (s *Store) Imports(ctx context.Context, limit int, before int64) (votes.ImportPage, error) {
	var page votes.ImportPage
	rows, err := s.db.Query(ctx, `
		SELECT whole.*, l.*
		  FROM (SELECT `+recordRevision+`, (SELECT count(*) FROM imports) AS total) whole
		  LEFT JOIN LATERAL (
			SELECT `+importColumns+` FROM imports i JOIN sources s ON s.id = i.source_id
			 WHERE $1 = 0 OR i.id < $1 ORDER BY i.id DESC LIMIT $2) l ON true
		 ORDER BY l.id DESC`, before, limit+1)
	if err != nil {
		return page, fmt.Errorf("reading the imports: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i votes.Import
		targets := importTargets(&i)
		none := rows.RawValues()[2] == nil // the one row that tells the total of an empty page
		if none {
			clear(targets) // a nil target is passed over
		}
		if err := rows.Scan(append([]any{&page.Revision, &page.Total}, targets...)...); err != nil {
			return page, fmt.Errorf("reading the imports: %w", err)
		}
		if !none {
			page.Data = append(page.Data, i)
		}
	}
	if err := rows.Err(); err != nil {
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
	var found []byte
	err := s.db.QueryRow(ctx, `
		SELECT `+recordRevision+`,
		       (SELECT coalesce(json_agg(json_build_object('ord', ord, 'line', line, 'column', col, 'kind', kind, 'severity', severity,
		                   'message', message, 'suggestion', suggestion) ORDER BY ord), '[]')
		          FROM (SELECT * FROM import_problems WHERE import_id = i.id AND ord > $2 ORDER BY ord LIMIT $3) p),
		       `+importColumns+` FROM imports i JOIN sources s ON s.id = i.source_id WHERE i.id = $1`, id, after, limit+1).
		Scan(append([]any{&d.Record, &found}, importTargets(&d.Import)...)...)
	if err != nil {
		return d, notFound(err, "import", strconv.FormatInt(id, 10))
	}
	var problems []struct {
		Ord int64
		votes.ImportProblem
	}
	if err := json.Unmarshal(found, &problems); err != nil {
		return d, fmt.Errorf("reading import %d: %w", id, err)
	}
	if len(problems) > limit {
		problems, d.Next = problems[:limit], problems[limit-1].Ord
	}
	for _, p := range problems {
		d.Found = append(d.Found, p.ImportProblem)
	}
	return d, nil
}
