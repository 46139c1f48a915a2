package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// vetoGroups are the words of group_by.
var vetoGroups = []string{"member", "year", "decade", "topic"}

// vetoParameters leave outcome out: everything here was vetoed.
var vetoParameters = append(slices.DeleteFunc(slices.Clone(resolutionParameters), func(p string) bool { return p == "outcome" }), "group_by")

// vetoAnswer is the answer of GET /v1/vetoes.
type vetoAnswer struct {
	votes.VetoRecord
	resolutionAnswer
}

// vetoes answers GET /v1/vetoes.
func (s *server) vetoes(c echo.Context) error {
	q := readQuery(c, vetoParameters...)
	filter, groupBy := q.filter(), q.choice("group_by", "", vetoGroups...)
	if groupBy != "" && q.form.streams() {
		q.fault("group_by", groupBy, "the counts of the groups come as JSON alone")
	}
	filter.Outcome = []votes.Outcome{votes.Vetoed}
	page, shape := q.page(filter), q.listShape()
	page.Detail = shape.detail()
	if err := q.err(); err != nil {
		return err
	}
	r := s.resolutionRows(c, q, filter, page, shape)
	r.page = func(ctx context.Context) (any, error) {
		var record votes.VetoRecord
		var p votes.Page
		err := s.reader.At(ctx, func(now Reader) (err error) {
			if record, err = now.Vetoes(ctx, filter, groupBy); err == nil {
				p, err = now.Resolutions(ctx, filter, page)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		record.Groups, record.Conventions = orEmpty(record.Groups), orEmpty(record.Conventions)
		l, err := resolutionList(c, q, p, page.Sort, shape)
		return vetoAnswer{record, l}, err
	}
	return answerRows(s, c, r)
}
