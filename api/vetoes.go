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
var vetoParameters = slices.Concat(
	slices.DeleteFunc(slices.Clone(votes.FilterParameters), func(p string) bool { return p == "outcome" }),
	[]string{"group_by"}, pageParameters)

// vetoList is the answer of GET /v1/vetoes.
type vetoList struct {
	votes.VetoRecord
	list[votes.Resolution]
}

// vetoes answers GET /v1/vetoes.
func (s *server) vetoes(c echo.Context) error {
	q := readQuery(c, vetoParameters...)
	filter, page, groupBy := q.filter(), q.page(), q.choice("group_by", "", vetoGroups...)
	filter.Outcome = []votes.Outcome{votes.Vetoed}
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		record, p, err := s.readVetoes(ctx, filter, page, groupBy)
		if err != nil {
			return nil, err
		}
		record.Groups = orEmpty(record.Groups)
		l, err := resolutionList(c, q, p)
		return vetoList{record, l}, err
	})
}

// readVetoes reads the counts and the list from one revision of the record: a
// change that lands between the two readings makes it read again. A record
// that changes three times in a row is answered as it was found last.
func (s *server) readVetoes(ctx context.Context, f votes.Filter, page votes.PageRequest, groupBy string) (votes.VetoRecord, votes.Page, error) {
	for attempt := 1; ; attempt++ {
		record, err := s.reader.Vetoes(ctx, f, groupBy)
		if err != nil {
			return record, votes.Page{}, err
		}
		p, err := s.reader.Resolutions(ctx, f, page)
		if err != nil || p.Revision == record.Revision || attempt == 3 {
			return record, p, err
		}
	}
}
