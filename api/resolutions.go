package api

import (
	"context"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// resolutionsPath is where single resolutions stand, each under its id.
const resolutionsPath = "/v1/resolutions/"

var (
	pageParameters       = []string{"limit", "cursor"}
	resolutionParameters = slices.Concat(votes.FilterParameters, pageParameters)
)

// resolutions answers GET /v1/resolutions.
func (s *server) resolutions(c echo.Context) error {
	q := readQuery(c, resolutionParameters...)
	filter, page := q.filter(), q.page()
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		p, err := s.reader.Resolutions(ctx, filter, page)
		if err != nil {
			return nil, err
		}
		return resolutionList(c, q, p)
	})
}

// resolution answers GET /v1/resolutions/{id}.
func (s *server) resolution(c echo.Context) error {
	return s.oneResolution(c, "", func(r *votes.Resolution) any { return complete(*r) })
}

// roll is the answer of GET /v1/resolutions/{id}/votes: the roll call and as
// much of its resolution as is needed to read it.
type roll struct {
	ID       string             `json:"id"`
	Date     votes.Date         `json:"date"`
	Outcome  votes.Outcome      `json:"outcome"`
	RollCall votes.RollCall     `json:"roll_call"`
	Tally    *votes.Tally       `json:"tally"`
	Data     []votes.MemberVote `json:"data"`
	Total    int                `json:"total"`
	Revision int64              `json:"revision"` // the last change to the resolution
}

// rollCall answers GET /v1/resolutions/{id}/votes.
func (s *server) rollCall(c echo.Context) error {
	return s.oneResolution(c, votesSuffix, func(r *votes.Resolution) any {
		all := complete(*r)
		return roll{all.ID, all.Date, all.Outcome, all.RollCall, all.Tally, all.Votes, len(all.Votes), all.Revision}
	})
}

// What follows an id where one side of a resolution is asked for.
const (
	votesSuffix    = "/votes"
	accountsSuffix = "/accounts"
	historySuffix  = "/history"
)

// oneResolution answers from one resolution; the id of a draft that was
// adopted, and any other that the vote once went by, leads to the one it has.
func (s *server) oneResolution(c echo.Context, suffix string, shape func(*votes.Resolution) any) error {
	return s.underID(c, suffix, func(ctx context.Context, id string) (any, error) {
		r, err := s.reader.Resolution(ctx, id)
		if err != nil {
			return nil, err
		}
		if r.ID != id {
			return nil, movedTo(c, resolutionsPath+r.ID+suffix)
		}
		return shape(r), nil
	})
}

// underID answers what ask returns of the id in the path; any spelling of a
// symbol leads to its id.
func (s *server) underID(c echo.Context, suffix string, ask func(ctx context.Context, id string) (any, error)) error {
	asked := pathValue(c, "id")
	id, err := votes.ParseID(asked)
	if err != nil {
		return notFoundf("%q is not an id or a symbol of the record; they are written S-2024-835 or S/RES/2334 (2016)", asked)
	}
	if id != asked {
		return movedTo(c, resolutionsPath+id+suffix)
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) { return ask(ctx, id) })
}

// symbol leads from a symbol written with its slashes, as in
// /v1/resolutions/S/2024/835, to the resolution's id.
func (s *server) symbol(c echo.Context) error {
	asked, suffix := strings.TrimRight(pathValue(c, "*"), "/"), ""
	if asked == "" {
		return movedTo(c, strings.TrimSuffix(resolutionsPath, "/"))
	}
	for _, side := range []string{votesSuffix, accountsSuffix, historySuffix} {
		if cut, ok := strings.CutSuffix(asked, side); ok {
			asked, suffix = cut, side
			break
		}
	}
	id, err := votes.ParseID(asked)
	if err != nil {
		return notFoundf("%q is not a symbol of the record; they are written S/2024/835 or S/RES/2334 (2016)", asked)
	}
	return movedTo(c, resolutionsPath+id+suffix)
}

func resolutionList(c echo.Context, q *query, p votes.Page) (list[votes.Resolution], error) {
	var at *cursor
	if p.Next != nil {
		at = &cursor{Date: p.Next.Date, ID: p.Next.ID}
	}
	next, err := q.next(c, at)
	data := make([]votes.Resolution, len(p.Data))
	for i, r := range p.Data {
		r.Detail = nil // a list is for choosing from
		data[i] = noNulls(r)
	}
	return list[votes.Resolution]{data, p.Total, next, p.Revision}, err
}

// complete returns r with its detail, its lists empty rather than null.
func complete(r votes.Resolution) votes.Resolution {
	var d votes.Detail
	if r.Detail != nil {
		d = *r.Detail
	}
	d.Votes, d.Statements, d.Sources = orEmpty(d.Votes), orEmpty(d.Statements), orEmpty(d.Sources)
	r.Detail = &d
	return noNulls(r)
}

// noNulls returns r with empty lists in place of the null that Go would write.
func noNulls(r votes.Resolution) votes.Resolution {
	r.VetoedBy, r.Sponsors, r.Discrepancies = orEmpty(r.VetoedBy), orEmpty(r.Sponsors), orEmpty(r.Discrepancies)
	return r
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
