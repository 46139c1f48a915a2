package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Resolutions returns a page of the resolutions that a filter chooses, in the
// order asked for, with how many there are in all and, by facet, of each value:
// one statement, so that all of it is of the same moment.
//
// Counting takes as long as there is to count. What was counted at one revision
// is remembered, and asked of the database again only at another.
func (s *Store) Resolutions(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error) {
	q, err := s.pageQuery(f, p)
	if err != nil {
		return votes.Page{}, err
	}
	columns := lineColumns
	if p.Detail {
		columns += detailColumns
	}
	return readPage(ctx, s, q, columns, func(scan func(into ...any) error) (votes.Resolution, votes.Mark, error) {
		var raw recordRow
		into := raw.line()
		if p.Detail {
			into = append(into, raw.detail()...)
		}
		if err := scan(into...); err != nil {
			return votes.Resolution{}, votes.Mark{}, err
		}
		r, err := raw.assemble(p.Detail)
		if err != nil {
			return votes.Resolution{}, votes.Mark{}, err
		}
		return *r, votes.Mark{Date: r.Date, ID: r.ID}, nil
	})
}

// pageQuery is a question for a page.
type pageQuery struct {
	w            *where
	order        order
	chosen, page string // the conditions of all there is, and of the page
	since        *int64
	counting     counting
	limit        int
	remembered   counts
}

func (s *Store) pageQuery(f votes.Filter, p votes.PageRequest) (q pageQuery, err error) {
	if unknown := slices.IndexFunc(p.Facets, func(name string) bool { return facets[name].value == "" }); unknown >= 0 {
		return q, fmt.Errorf("facet %q: %w", p.Facets[unknown], votes.ErrInvalid)
	}
	q = pageQuery{w: whereOf(f), since: f.ChangedSince, limit: p.Limit, counting: counting{facets: p.Facets}}
	if q.limit <= 0 {
		q.limit = votes.DefaultLimit
	}
	if p.Vetoes {
		if q.counting.vetoes, err = vetoGroupOf(p.GroupBy); err != nil {
			return q, err
		}
	}
	q.chosen = q.w.String()
	q.remembered = s.counted(q.w, q.counting)
	if q.order, err = orderOf(p.Sort, q.w, f); err != nil {
		return q, err
	}
	q.page = q.chosen
	if p.After != nil {
		q.page += " AND " + q.order.after(q.w, *p.After)
	}
	return q, nil
}

// most is one row more than the page has. It is no value of the statement: without
// one that it needs, a database keeps its plan and does not weigh it each time.
func (q pageQuery) most() string { return "LIMIT " + strconv.Itoa(q.limit+1) }

// places is what a page is selected FROM: its resolutions r, in order. Where the
// index of days tells what they are chosen by, none but those are looked at
// themselves.
func (q pageQuery) places() string {
	places := `resolutions r WHERE ` + q.page + ` ORDER BY ` + q.order.by() + ` ` + q.most()
	if !q.w.narrow || q.order.at != "" {
		return places
	}
	return `(SELECT r.no FROM ` + places + `) p JOIN resolutions r ON r.no = p.no ORDER BY ` + q.order.by()
}

// rows asks for the page and one row more, which tells that there is a next one.
// The one row of an empty page has no place in it. Where nothing was counted, now
// or before, no page is looked for: to find that there is nothing is to look at
// everything.
func (q pageQuery) rows(ctx context.Context, db querier, columns string) (pgx.Rows, error) {
	at, total := q.w.name(q.remembered.revision), q.w.name(q.remembered.total)
	q.page = `coalesce((counted.counts->>'total')::bigint, ` + total + `) > 0 AND ` + q.page
	// The outer order is that of the inner rows: they come as they were found.
	return db.Query(ctx, `
		WITH revision AS MATERIALIZED (SELECT `+recordNumber+` AS number),
		counted AS MATERIALIZED (
			SELECT number, CASE WHEN number <> `+at+` THEN `+countsOf(q.chosen, q.counting)+` END AS counts FROM revision)
		SELECT counted.number AS `+recordColumn+`, counted.counts, `+q.w.deleted(q.since)+`, l.*
		  FROM counted
		  LEFT JOIN LATERAL (
			SELECT row_number() OVER (ORDER BY `+q.order.by()+`) AS place, `+q.order.number()+` AS at, `+columns+`
			  FROM `+q.places()+`) l ON true
		 ORDER BY l.place`, q.w.planned()...)
}

// readPage reads a page, each row of it with read, which is given what scans the
// row's own columns.
func readPage[T any](ctx context.Context, s *Store, q pageQuery, columns string, read func(scan func(into ...any) error) (T, votes.Mark, error)) (votes.PageOf[T], error) {
	page := votes.PageOf[T]{Data: []T{}}
	rows, err := q.rows(ctx, s.db, columns)
	if err != nil {
		return page, fmt.Errorf("reading resolutions: %w", err)
	}
	defer rows.Close()
	var last votes.Mark
	var counted, deleted []byte
	var place *int64
	for rows.Next() {
		var at *float64
		head := []any{&page.Revision, &counted, &deleted, &place, &at}
		if none := rows.RawValues()[3] == nil; none {
			if err := rows.Scan(append(head, make([]any, len(rows.RawValues())-len(head))...)...); err != nil {
				return page, fmt.Errorf("reading resolutions: %w", err)
			}
			continue
		}
		if len(page.Data) == q.limit {
			page.Next = &last
			continue
		}
		row, mark, err := read(func(into ...any) error { return rows.Scan(append(head, into...)...) })
		if err != nil {
			return page, fmt.Errorf("reading resolutions: %w", err)
		}
		mark.At = *at
		page.Data, last = append(page.Data, row), mark
	}
	if err := rows.Err(); err != nil {
		return page, fmt.Errorf("reading resolutions: %w", err)
	}
	if deleted != nil {
		if err := json.Unmarshal(deleted, &page.Deleted); err != nil {
			return page, fmt.Errorf("reading what was deleted: %w", err)
		}
	}
	c, err := s.count(counted, page.Revision, q.remembered)
	page.Total, page.Facets, page.Vetoes = c.total, c.facets, c.vetoes
	return page, err
}

// Each gives every resolution that a filter chooses, with its votes, in the
// order asked for, to yield, and returns the record's revision. All of them are
// of one moment, and only one is held at a time. An order that is empty is
// oldest first.
func (s *Store) Each(ctx context.Context, f votes.Filter, sort votes.Sort, yield func(*votes.Resolution) error) (revision int64, err error) {
	w := whereOf(f)
	if sort == "" {
		sort = votes.SortOldest
	}
	from, chosen := `resolutions r WHERE `+w.String(), w.args
	order, err := orderOf(sort, w, f)
	if err != nil {
		return 0, err
	}
	rows, err := s.db.Query(ctx, `SELECT `+recordRevision+`, `+lineColumns+detailColumns+` FROM `+from+` ORDER BY `+order.by(), w.args...)
	if err != nil {
		return 0, fmt.Errorf("reading the record: %w", err)
	}
	defer rows.Close()
	some := false
	for rows.Next() {
		some = true
		var raw recordRow
		if err := rows.Scan(append(append([]any{&revision}, raw.line()...), raw.detail()...)...); err != nil {
			return 0, fmt.Errorf("reading the record: %w", err)
		}
		r, err := raw.assemble(true)
		if err != nil {
			return 0, err
		}
		if err := yield(r); err != nil {
			return 0, err
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("reading the record: %w", err)
	}
	if some {
		return revision, nil
	}
	revision, some, err = s.none(ctx, from, chosen...)
	if some {
		return s.Each(ctx, f, sort, yield)
	}
	return revision, err
}

// none tells, of a question that no row answered, the revision of the record at
// which there is none: a row that is not there carries no revision. Should there
// be some by now, the question is to be asked again.
func (s *Store) none(ctx context.Context, from string, args ...any) (revision int64, some bool, err error) {
	err = s.db.QueryRow(ctx, `SELECT `+recordRevision+`, EXISTS (SELECT FROM `+from+`)`, args...).Scan(&revision, &some)
	if err != nil {
		return 0, false, fmt.Errorf("reading the record: %w", err)
	}
	return revision, some, nil
}

// deleted is what the record no longer holds since a revision, as JSON.
func (w *where) deleted(since *int64) string {
	if since == nil {
		return "NULL::json"
	}
	return `(SELECT coalesce(json_agg(json_build_object('id', d.id, 'revision', d.revision) ORDER BY d.revision, d.id), '[]')
		FROM (SELECT c.resolution_id AS id, max(c.revision) AS revision FROM changes c
		       WHERE c.what = 'deleted' AND c.revision > ` + w.name(*since) + `
		         AND NOT EXISTS (SELECT FROM resolutions x WHERE x.id = c.resolution_id) GROUP BY 1) d)`
}
