package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

var discrepancyParameters = slices.Concat(votes.DiscrepancyParameters, pageParameters)

// discrepancyList is the answer of GET /v1/discrepancies.
type discrepancyList struct {
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
	if at := q.cursor(parseKeyedCursor); at != nil {
		after = (*votes.DiscrepancyMark)(at)
	}
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		p, err := s.reader.Discrepancies(ctx, filter, limit, after)
		if err != nil {
			return nil, err
		}
		next, err := q.next(c, (*cursor)(p.Next))
		return discrepancyList{
			list[votes.FoundDiscrepancy]{orEmpty(p.Data), p.Total, next, p.Revision},
			discrepancyFacets{orNone(p.Kinds), orNone(p.States)},
		}, err
	})
}

// orNone returns counts that JSON shows as {} where there are none.
func orNone(counts map[string]int) map[string]int {
	if counts == nil {
		return map[string]int{}
	}
	return counts
}
