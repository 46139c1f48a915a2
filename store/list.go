package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
	if unknown := slices.IndexFunc(p.Facets, func(name string) bool { return facets[name].value == "" }); unknown >= 0 {
		return votes.Page{}, fmt.Errorf("facet %q: %w", p.Facets[unknown], votes.ErrInvalid)
	}
	w := whereOf(f)
	chosen := w.String()
	remembered := s.counted(w, p.Facets)
	order, err := orderOf(p.Sort, w, f)
	if err != nil {
		return votes.Page{}, err
	}
	page := chosen
	if p.After != nil {
		page += " AND " + order.after(w, *p.After)
	}
	columns := lineColumns
	if p.Detail {
		columns += detailColumns
	}
	limit := p.Limit
	if limit <= 0 {
		limit = votes.DefaultLimit
	}
	// The outer order is that of the inner rows: they come as they were found.
	rows, err := s.db.Query(ctx, `
		WITH revision AS (SELECT coalesce(max(number), 0) AS number FROM revisions)
		SELECT revision.number,
		       CASE WHEN revision.number <> `+w.name(remembered.revision)+` THEN `+countsOf(chosen, p.Facets)+` END,
		       `+w.deleted(f.ChangedSince)+`,
		       l.*
		  FROM revision
		  LEFT JOIN LATERAL (
			SELECT row_number() OVER (ORDER BY `+order.by()+`) AS place, `+order.number()+` AS at, `+columns+`
			  FROM resolutions r WHERE `+page+`
			 ORDER BY `+order.by()+` LIMIT `+w.name(limit+1)+`) l ON true
		 ORDER BY l.place`, w.args)
	if err != nil {
		return votes.Page{}, fmt.Errorf("reading resolutions: %w", err)
	}
	return s.collectPage(rows, limit, p.Detail, remembered)
}

// collectPage reads up to limit rows; one more tells that there is a next page.
func (s *Store) collectPage(rows pgx.Rows, limit int, detail bool, remembered counts) (votes.Page, error) {
	page := votes.Page{Data: []votes.Resolution{}}
	defer rows.Close()
	var at []float64
	var counted, deleted []byte
	for rows.Next() {
		var raw recordRow
		var number float64
		var place int64
		line := append([]any{&place, &number}, raw.line()...)
		if detail {
			line = append(line, raw.detail()...)
		}
		none := rows.RawValues()[3] == nil // the one row that tells the total of an empty page
		if none {
			clear(line) // a nil target is passed over
		}
		if err := rows.Scan(append([]any{&page.Revision, &counted, &deleted}, line...)...); err != nil {
			return votes.Page{}, fmt.Errorf("reading resolutions: %w", err)
		}
		if none {
			continue
		}
		r, err := raw.assemble(detail)
		if err != nil {
			return votes.Page{}, err
		}
		page.Data, at = append(page.Data, *r), append(at, number)
	}
	if err := rows.Err(); err != nil {
		return votes.Page{}, fmt.Errorf("reading resolutions: %w", err)
	}
	if len(page.Data) > limit {
		last := page.Data[limit-1]
		page.Data, page.Next = page.Data[:limit], &votes.Mark{At: at[limit-1], Date: last.Date, ID: last.ID}
	}
	if deleted != nil {
		if err := json.Unmarshal(deleted, &page.Deleted); err != nil {
			return votes.Page{}, fmt.Errorf("reading what was deleted: %w", err)
		}
	}
	return page, s.count(&page, counted, remembered)
}

// Each gives every resolution that a filter chooses, with its votes, in the
// order asked for, to yield. All of them are of one moment, and only one is
// held at a time. An order that is empty is oldest first.
func (s *Store) Each(ctx context.Context, f votes.Filter, sort votes.Sort, yield func(*votes.Resolution) error) error {
	w := whereOf(f)
	if sort == "" {
		sort = votes.SortOldest
	}
	order, err := orderOf(sort, w, f)
	if err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, `SELECT `+lineColumns+detailColumns+` FROM resolutions r WHERE `+w.String()+` ORDER BY `+order.by(), w.args)
	if err != nil {
		return fmt.Errorf("reading the record: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw recordRow
		if err := rows.Scan(append(raw.line(), raw.detail()...)...); err != nil {
			return fmt.Errorf("reading the record: %w", err)
		}
		r, err := raw.assemble(true)
		if err != nil {
			return err
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the record: %w", err)
	}
	return nil
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

// counts is what was counted of a filter at a revision; -1 is none.
type counts struct {
	key      string
	revision int64
	total    int
	facets   map[string][]votes.Facet
}

// rememberedCounts is how many filters the counts of are remembered.
const rememberedCounts = 4096

// counted returns what is remembered of a filter. It is called before anything
// but the filter has a name in w.
func (s *Store) counted(w *where, facets []string) counts {
	names := make([]string, 0, len(w.args))
	for name := range w.args {
		names = append(names, name)
	}
	slices.Sort(names)
	var key strings.Builder
	fmt.Fprintf(&key, "%s %q", w.String(), facets)
	for _, name := range names {
		fmt.Fprintf(&key, " %#v", w.args[name])
	}
	if c, ok := s.counts.GetIfPresent(key.String()); ok {
		return c
	}
	return counts{key: key.String(), revision: -1}
}

// count fills in what was counted, now or before.
func (s *Store) count(page *votes.Page, counted []byte, remembered counts) error {
	if counted != nil {
		var c struct {
			Total  int
			Facets map[string][]votes.Facet
		}
		if err := json.Unmarshal(counted, &c); err != nil {
			return fmt.Errorf("reading counts: %w", err)
		}
		remembered.revision, remembered.total, remembered.facets = page.Revision, c.Total, named(c.Facets)
		s.counts.Set(remembered.key, remembered)
	}
	page.Total, page.Facets = remembered.total, remembered.facets
	return nil
}
