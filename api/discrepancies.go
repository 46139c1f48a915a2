package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

var discrepancyParameters = slices.Concat(votes.DiscrepancyParameters, pageParameters)

// discrepancyAnswer is the answer of GET /v1/discrepancies.
type discrepancyAnswer struct {
	list[votes.FoundDiscrepancy]
	Facets discrepancyFacets `json:"facets"`
}

// discrepancyFacets count all that the filter chooses, not the page alone. A
// word that is not there counts none.
type discrepancyFacets struct {
	Kind  map[string]int `json:"kind"`
	State map[string]int `json:"state"`
}

// discrepancies answers GET /v1/discrepancies.
func (s *server) discrepancies(c echo.Context) error {
	q := readQuery(c, discrepancyParameters...)
	filter, faults := votes.ParseDiscrepancyFilter(q.values)
	q.faults = append(q.faults, faults...)
	limit := q.limit()
	var after *votes.DiscrepancyMark
	if at := q.cursor(discrepancyList); at != nil {
		after = &votes.DiscrepancyMark{Date: at.Date, ID: at.ID, Key: at.Key}
	}
	if err := q.err(); err != nil {
		return err
	}
	return answerRows(s, c, rows[votes.FoundDiscrepancy]{
		table: table.Discrepancies,
		limit: q.limitIfAny(),
		page: func(ctx context.Context) (any, error) {
			p, err := s.reader.Discrepancies(ctx, filter, limit, after)
			if err != nil {
				return nil, err
			}
			var at *cursor
			if p.Next != nil {
				at = &cursor{List: discrepancyList, Date: p.Next.Date, ID: p.Next.ID, Key: p.Next.Key}
			}
			next, err := q.next(c, at)
			return discrepancyAnswer{
				list[votes.FoundDiscrepancy]{orEmpty(p.Data), p.Total, next, p.Revision},
				discrepancyFacets{orNone(p.Kinds), orNone(p.States)},
			}, err
		},
		each: func(ctx context.Context, yield func(votes.FoundDiscrepancy) error) error {
			_, err := s.reader.EachDiscrepancy(ctx, filter, yield)
			return err
		},
	})
}

// orNone returns counts that JSON shows as {} where there are none.
func orNone(counts map[string]int) map[string]int {
	if counts == nil {
		return map[string]int{}
	}
	return counts
}
