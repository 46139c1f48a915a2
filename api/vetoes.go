package api

import (
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
	page.Detail, page.Vetoes, page.GroupBy = shape.detail(), true, groupBy
	if err := q.err(); err != nil {
		return err
	}
	return answerRows(s, c, s.resolutionRows(c, q, filter, page, shape))
}

// vetoesOf is what was counted of the vetoes beside a page.
func vetoesOf[T any](p votes.PageOf[T]) votes.VetoRecord {
	record := *p.Vetoes
	record.Groups, record.Conventions = orEmpty(record.Groups), orEmpty(record.Conventions)
	return record
}
