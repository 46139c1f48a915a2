package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"

	"scvotes/votes"
)

// Item returns one resolution as it is answered, put together from what was laid
// down when it was written: one row by its key, and nothing to be encoded. What
// is not laid down as the program knows it is read from the columns. An id that
// is not there is an error that wraps votes.ErrNotFound. Those who ask at the same
// time are answered together.
func (s *Store) Item(ctx context.Context, id string) (votes.Item, error) {
	got := s.items.get(ctx, id)
	switch {
	case got.err != nil:
		return votes.Item{}, notFound(got.err, "resolution", id)
	case got.laid:
		return got.item, nil
	case got.found:
		return itemFrom(s.resolutionWhere(ctx, `$1`, id))
	}
	return itemFrom(s.resolutionWhere(ctx, canonical, id))
}

func itemFrom(r *votes.Resolution, revision int64, err error) (votes.Item, error) {
	if err != nil {
		return votes.Item{}, err
	}
	line, err := votes.LineJSON(r)
	if err != nil {
		return votes.Item{}, err
	}
	detail, err := votes.DetailJSON(r)
	if err != nil {
		return votes.Item{}, err
	}
	whole, err := votes.WholeJSON(line, detail, r.Votes)
	return votes.Item{ID: r.ID, JSON: whole, Record: revision}, err
}

// itemLine is a line of a list as it was laid down; null where it was not.
var itemLine = `r.id, r.date, CASE WHEN ` + laidDown + ` THEN r.item END AS item`

// errNotLaidDown tells of a resolution that was written by a program of another
// release.
var errNotLaidDown = errors.New("not laid down")

// Items is Resolutions, each as it stands in a list as JSON. The Detail of p
// means nothing here.
func (s *Store) Items(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.ItemPage, error) {
	p.Detail = false
	q, err := s.pageQuery(f, p)
	if err != nil {
		return votes.ItemPage{}, err
	}
	if q.remembered.total > 0 && q.since == nil && !s.part {
		kept := s.lines.kept.Load()
		number, read := kept.page(q), s.itemsCounted
		if _, known := kept.pages.GetIfPresent(number); known {
			read = s.itemPlaces
		}
		if page, ok, err := read(ctx, kept, q); ok || err != nil {
			if ok {
				kept.pages.Set(number, struct{}{})
			}
			return page, err
		}
		if q, err = s.pageQuery(f, p); err != nil {
			return votes.ItemPage{}, err
		}
	}
	var b []byte // all lines, one behind the other
	page, err := readPage(ctx, s, q, itemLine, func(scan func(into ...any) error) (json.RawMessage, votes.Mark, error) {
		var mark votes.Mark
		var line pgtype.DriverBytes
		if err := scan(&mark.ID, &mark.Date, &line); err != nil {
			return nil, mark, err
		}
		if line == nil {
			return nil, mark, errNotLaidDown
		}
		return keepIn(&b, line), mark, nil
	})
	if !errors.Is(err, errNotLaidDown) {
		return page, err
	}
	records, err := s.Resolutions(ctx, f, p)
	if err != nil {
		return votes.ItemPage{}, err
	}
	return encoded(records)
}

// counted is a page that is yet to be filled, with what was counted before.
func (q pageQuery) counted() votes.ItemPage {
	return votes.ItemPage{Data: make([]json.RawMessage, 0, q.limit), Total: q.remembered.total, Facets: q.remembered.facets,
		Vetoes: q.remembered.vetoes}
}

// itemsCounted is itemPlaces with the lines from the database.
func (s *Store) itemsCounted(ctx context.Context, kept *keptLines, q pageQuery) (page votes.ItemPage, ok bool, err error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, `+q.order.number()+` AS at, r.no, r.revision, `+itemLine+`
		  FROM `+q.places(), q.w.planned()...)
	if err != nil {
		return page, false, fmt.Errorf("reading resolutions: %w", err)
	}
	defer rows.Close()
	page = q.counted()
	var mark votes.Mark
	for rows.Next() {
		if len(page.Data) == q.limit {
			page.Next = &mark
			continue
		}
		var key lineKey
		var line pgtype.DriverBytes
		if err := rows.Scan(&page.Revision, &mark.At, &key.no, &key.revision, &mark.ID, &mark.Date, &line); err != nil {
			return page, false, fmt.Errorf("reading resolutions: %w", err)
		}
		if line == nil || page.Revision != q.remembered.revision {
			return page, false, nil
		}
		known, ok := kept.lines.GetIfPresent(key)
		if !ok {
			known = keptLine{slices.Clone(json.RawMessage(line)), mark.ID, mark.Date}
			kept.lines.Set(key, known)
		}
		page.Data = append(page.Data, known.json)
	}
	if err := rows.Err(); err != nil {
		return page, false, fmt.Errorf("reading resolutions: %w", err)
	}
	return page, len(page.Data) > 0, nil
}

// keepIn copies a line behind others. A buffer that is full is left to the lines
// that are in it.
func keepIn(b *[]byte, line []byte) json.RawMessage {
	const some = 48 << 10 // fifty lines, about
	if cap(*b)-len(*b) < len(line) {
		*b = make([]byte, 0, max(some, len(line)))
	}
	at := len(*b)
	*b = append(*b, line...)
	return json.RawMessage(slices.Clip((*b)[at:]))
}

// encoded is a page of resolutions as one of their lines.
func encoded(p votes.Page) (votes.ItemPage, error) {
	page := votes.ItemPage{Data: make([]json.RawMessage, len(p.Data)), Total: p.Total, Next: p.Next, Facets: p.Facets,
		Deleted: p.Deleted, Vetoes: p.Vetoes, Revision: p.Revision}
	for i := range p.Data {
		line, err := votes.LineJSON(&p.Data[i])
		if err != nil {
			return page, err
		}
		page.Data[i] = line
	}
	return page, nil
}
