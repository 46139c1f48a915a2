package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Discrepancies returns a page of the discrepancies that a filter chooses, the
// newest vote first, with how many there are of each kind and state.
func (s *Store) Discrepancies(ctx context.Context, f votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error) {
	w := whereDiscrepancies(f)
	chosen := w.String()
	page := chosen
	if after != nil {
		page = strings.Join([]string{chosen, fmt.Sprintf("(r.date, r.id, d.key) < (%s, %s, %s)", w.name(after.Date), w.name(after.ID), w.name(after.Key))}, " AND ")
	}
	few, many := discrepancyPage(page, limit+1)
	var out votes.DiscrepancyPage
	var kinds, states, data []byte
	err := s.db.QueryRow(ctx, `
		WITH chosen AS MATERIALIZED (SELECT d.resolution_no, d.ord, d.kind, d.state FROM discrepancies d WHERE `+chosen+`),
		page AS (
			(SELECT r.id, r.date, d.* FROM chosen c JOIN discrepancies d USING (resolution_no, ord) `+few+`)
			UNION ALL
			(SELECT r.id, r.date, d.* FROM discrepancies d `+many+`))
		SELECT (SELECT count(*) FROM chosen),
		       (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (SELECT kind, count(*) AS n FROM chosen GROUP BY 1) k),
		       (SELECT coalesce(json_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n FROM chosen GROUP BY 1) k),
		       `+recordRevision+`,
		       (SELECT coalesce(json_agg(json_build_object('resolution', id, 'date', date, 'key', key, 'kind', kind, 'field', field,
		                   'severity', severity, 'state', state, 'message', message, 'sides', sides, 'explanation', explanation,
		                   'reference', reference) ORDER BY date DESC, id DESC, key DESC), '[]') FROM page)`,
		w.args...).Scan(&out.Total, &kinds, &states, &out.Revision, &data)
	if err != nil {
		return out, fmt.Errorf("reading discrepancies: %w", err)
	}
	for _, p := range []jsonPart{{kinds, &out.Kinds}, {states, &out.States}, {data, &out.Data}} {
		if err := json.Unmarshal(p.json, p.into); err != nil {
			return out, fmt.Errorf("reading discrepancies: %w", err)
		}
	}
	if len(out.Data) > limit {
		last := out.Data[limit-1]
		out.Data, out.Next = out.Data[:limit], &votes.DiscrepancyMark{Date: last.Date, ID: last.Resolution, Key: last.Key}
	}
	return out, nil
}

// fewDiscrepancies are so many that all of them are looked up and put in order
// faster than the votes are walked through, day by day, until a page is full: the
// votes that they are about may all be of one year long ago.
var fewDiscrepancies = 4000

// discrepancyPage is what a page is taken from where few discrepancies are chosen,
// and where many are: the other of the two is empty, and is not looked for.
func discrepancyPage(page string, limit int) (few, many string) {
	from := func(is string) string {
		return fmt.Sprintf(`JOIN resolutions r ON r.no = d.resolution_no
			  WHERE (SELECT count(*) FROM chosen) %s %d AND %s ORDER BY r.date DESC, r.id DESC, d.key DESC LIMIT %d`, is, fewDiscrepancies, page, limit)
	}
	return from("<="), from(">")
}

func whereDiscrepancies(f votes.DiscrepancyFilter) *where {
	w := &where{}
	w.oneOf("d.kind", f.Kind)
	w.oneOf("d.severity", f.Severity)
	w.oneOf("d.state", f.State)
	if len(f.Source) > 0 {
		w.add("d.sources && %s", f.Source)
	}
	return w
}

// EachDiscrepancy gives every discrepancy that a filter chooses to yield, in
// the order of Discrepancies and from one moment of the record, and returns the
// record's revision.
func (s *Store) EachDiscrepancy(ctx context.Context, f votes.DiscrepancyFilter, yield func(votes.FoundDiscrepancy) error) (revision int64, err error) {
	w := whereDiscrepancies(f)
	from := `discrepancies d JOIN resolutions r ON r.no = d.resolution_no WHERE ` + w.String()
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, r.id, r.date, d.key, d.kind, coalesce(d.field, ''), d.severity, d.state, d.message, d.sides,
		       coalesce(d.explanation, ''), coalesce(d.reference, '')
		  FROM `+from+` ORDER BY r.date DESC, r.id DESC, d.key DESC`, w.args...)
	if err != nil {
		return 0, fmt.Errorf("reading discrepancies: %w", err)
	}
	var found votes.FoundDiscrepancy
	var sides []byte
	tag, err := pgx.ForEachRow(rows, []any{&revision, &found.Resolution, &found.Date, &found.Key, &found.Kind, &found.Field, &found.Severity, &found.State,
		&found.Message, &sides, &found.Explanation, &found.Reference}, func() error {
		found.Sides = nil
		if err := json.Unmarshal(sides, &found.Sides); err != nil {
			return err
		}
		return yield(found)
	})
	if err != nil {
		return 0, fmt.Errorf("reading discrepancies: %w", err)
	}
	if tag.RowsAffected() > 0 {
		return revision, nil
	}
	revision, some, err := s.none(ctx, from, w.args...)
	if some {
		return s.EachDiscrepancy(ctx, f, yield)
	}
	return revision, err
}
