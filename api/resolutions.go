package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

// resolutionsPath is where single resolutions stand, each under its id.
const resolutionsPath = "/v1/resolutions/"

var (
	pageParameters = []string{"limit", "cursor"}
	// listParameters are those of a list of resolutions beside its filter.
	listParameters       = slices.Concat([]string{"sort", "facets", "include", "fields"}, pageParameters)
	resolutionParameters = slices.Concat(votes.FilterParameters, listParameters)
)

// resolutionAnswer is the answer of GET /v1/resolutions.
type resolutionAnswer struct {
	Data []any `json:"data"`
	resolutionTail
}

// resolutionTail is what stands behind the data.
type resolutionTail struct {
	Total    int                      `json:"total"`
	Next     *string                  `json:"next"`
	Revision int64                    `json:"revision"`
	Facets   map[string][]votes.Facet `json:"facets"`
	Deleted  *[]votes.Removed         `json:"deleted,omitempty"` // where changed_since asks for it
}

// resolutions answers GET /v1/resolutions.
func (s *server) resolutions(c echo.Context) error {
	q := readQuery(c, resolutionParameters...)
	filter := q.filter()
	page, shape := q.page(filter), q.listShape()
	page.Detail = shape.detail()
	if err := q.err(); err != nil {
		return err
	}
	return answerRows(s, c, s.resolutionRows(c, q, filter, page, shape))
}

// resolutionRows is a list of resolutions in all its forms.
func (s *server) resolutionRows(c echo.Context, q *query, filter votes.Filter, page votes.PageRequest, shape shape) rows[votes.Resolution] {
	return rows[votes.Resolution]{
		table: table.Resolutions,
		limit: q.limitIfAny(),
		page: func(ctx context.Context) (any, error) {
			if shape.isLine() {
				p, err := s.reader.Items(ctx, filter, page)
				if err != nil {
					return nil, err
				}
				return readyList(c, q, p, page.Sort)
			}
			p, err := s.reader.Resolutions(ctx, filter, page)
			if err != nil {
				return nil, err
			}
			return resolutionList(c, q, p, page.Sort, shape)
		},
		each: func(ctx context.Context, yield func(votes.Resolution) error) error {
			_, err := s.reader.Each(ctx, filter, page.Sort, func(r *votes.Resolution) error { return yield(complete(*r)) })
			return err
		},
		object: shape.object,
	}
}

// resolution answers GET /v1/resolutions/{id}.
func (s *server) resolution(c echo.Context) error {
	q := readQuery(c, "fields")
	shape := q.singleShape()
	if shape.fields != nil {
		return s.oneResolution(c, q, "", func(r *votes.Resolution) (any, error) { return shape.object(*r) })
	}
	return s.underID(c, q, "", func(ctx context.Context, id string) (any, error) {
		item, err := s.reader.Item(ctx, id)
		if err = s.under(ctx, c, id, item.ID, "", err); err != nil {
			return nil, err
		}
		return ready(append(item.JSON, '\n')), nil
	})
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
	suffix := votesSuffix + formInPath(c)
	id, err := idInPath(c, readQuery(c), suffix)
	if err != nil {
		return err
	}
	return answerRows(s, c, rows[table.MemberVote]{
		table: table.Votes,
		page: func(ctx context.Context) (any, error) {
			r, err := s.find(ctx, c, id, suffix)
			if err != nil {
				return nil, err
			}
			all := complete(*r)
			return roll{all.ID, all.Date, all.Outcome, all.RollCall, all.Tally, all.Votes, len(all.Votes), all.Revision}, nil
		},
		each: func(ctx context.Context, yield func(table.MemberVote) error) error {
			r, err := s.find(ctx, c, id, suffix)
			if err != nil {
				return err
			}
			return eachVote(r, yield)
		},
		object: func(v table.MemberVote) (any, error) { return v.MemberVote, nil },
	})
}

// eachVote gives the positions of a resolution.
func eachVote(r *votes.Resolution, yield func(table.MemberVote) error) error {
	for _, v := range table.VotesOf(r) {
		if err := yield(v); err != nil {
			return err
		}
	}
	return nil
}

// What follows an id where one side of a resolution is asked for.
const (
	votesSuffix    = "/votes"
	accountsSuffix = "/accounts"
	historySuffix  = "/history"
	popoloSuffix   = "/popolo.json"
	bibtexSuffix   = "/citation.bib"
	cslSuffix      = "/citation.json"
	risSuffix      = "/citation.ris"
)

var sides = []string{votesSuffix + asCSV.suffix, votesSuffix + asNDJSON.suffix, votesSuffix, accountsSuffix, historySuffix,
	popoloSuffix, bibtexSuffix, cslSuffix, risSuffix, councilSuffix + ".svg", councilSuffix + ".png", cardSuffix}

// oneResolution answers from one resolution; the id of a draft that was
// adopted, and any other that the vote once went by, leads to the one it has.
func (s *server) oneResolution(c echo.Context, q *query, suffix string, shape func(*votes.Resolution) (any, error)) error {
	return s.underID(c, q, suffix, func(ctx context.Context, id string) (any, error) {
		r, err := s.find(ctx, c, id, suffix)
		if err != nil {
			return nil, err
		}
		return shape(r)
	})
}

// find reads a resolution. Where its id is another one, that is where to go.
func (s *server) find(ctx context.Context, c echo.Context, id, suffix string) (*votes.Resolution, error) {
	r, _, err := s.reader.Resolution(ctx, id)
	if err != nil {
		return nil, s.under(ctx, c, id, "", suffix, err)
	}
	return r, s.under(ctx, c, id, r.ID, suffix, nil)
}

// under is the error for an id that was asked for, once it was read what it is:
// not there, not to be read, or another.
func (s *server) under(ctx context.Context, c echo.Context, asked, is, suffix string, err error) error {
	switch {
	case errors.Is(err, votes.ErrNotFound):
		return s.notInRecord(ctx, asked)
	case err != nil:
		return err
	case is != asked:
		return movedTo(c, resolutionsPath+is+suffix)
	}
	return nil
}

// notInRecord is the error for an id that the record does not hold, with those
// that are like it.
func (s *server) notInRecord(ctx context.Context, id string) error {
	near, err := s.reader.Near(ctx, id)
	if err != nil {
		return err
	}
	n := notFound{message: fmt.Sprintf("the record holds no resolution %s", id), suggestions: near}
	if len(near) > 0 {
		n.message += "; near it are " + strings.Join(near, ", ")
	}
	return n
}

// underID answers what ask returns of the id in the path; any spelling of a
// symbol leads to its id.
func (s *server) underID(c echo.Context, q *query, suffix string, ask func(ctx context.Context, id string) (any, error)) error {
	id, err := idInPath(c, q, suffix)
	if err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) { return ask(ctx, id) })
}

// idInPath reads the id of a resolution in the path, and tells of what is wrong
// with the query.
func idInPath(c echo.Context, q *query, suffix string) (string, error) {
	asked := pathValue(c, "id")
	id, err := votes.ParseID(asked)
	if err != nil {
		return "", notFoundf("%q is not an id or a symbol of the record; they are written S-2024-835 or S/RES/2334 (2016)", asked)
	}
	if id != asked {
		return "", movedTo(c, resolutionsPath+id+suffix)
	}
	return id, q.err()
}

// symbol leads from a symbol written with its slashes, as in
// /v1/resolutions/S/2024/835, to the resolution's id.
func (s *server) symbol(c echo.Context) error {
	asked, suffix := strings.TrimRight(pathValue(c, "*"), "/"), ""
	if asked == "" {
		return movedTo(c, strings.TrimSuffix(resolutionsPath, "/"))
	}
	for _, side := range sides {
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

func resolutionList(c echo.Context, q *query, p votes.Page, order votes.Sort, shape shape) (any, error) {
	tail, err := tailOf(c, q, p, order)
	if err != nil {
		return nil, err
	}
	data := make([]any, len(p.Data))
	for i, r := range p.Data {
		if data[i], err = shape.object(r); err != nil {
			return nil, err
		}
	}
	answer := resolutionAnswer{data, tail}
	if p.Vetoes != nil {
		return vetoAnswer{vetoesOf(p), answer}, nil
	}
	return answer, nil
}

// readyList is resolutionList of lines that are encoded already.
func readyList(c echo.Context, q *query, p votes.ItemPage, order votes.Sort) (any, error) {
	tail, err := tailOf(c, q, p, order)
	if err != nil {
		return nil, err
	}
	behind, err := encode(tail)
	if err != nil {
		return nil, err
	}
	head := []byte("{")
	if p.Vetoes != nil {
		if head, err = encode(vetoesOf(p)); err != nil {
			return nil, err
		}
		head = append(bytes.TrimSuffix(head, []byte("}\n")), ',')
	}
	length := len(head) + len(`"data":[],`) + len(behind)
	for _, line := range p.Data {
		length += len(line) + len(",")
	}
	b := append(append(make([]byte, 0, length), head...), `"data":[`...)
	for i, line := range p.Data {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, line...)
	}
	return ready(append(append(b, "],"...), behind[1:]...)), nil
}

func tailOf[T any](c echo.Context, q *query, p votes.PageOf[T], order votes.Sort) (resolutionTail, error) {
	var at *cursor
	if p.Next != nil {
		at = &cursor{List: listOf(order), At: p.Next.At, Date: p.Next.Date, ID: p.Next.ID}
	}
	next, err := q.next(c, at)
	tail := resolutionTail{Total: p.Total, Next: next, Revision: p.Revision, Facets: p.Facets}
	if tail.Facets == nil {
		tail.Facets = map[string][]votes.Facet{}
	}
	if p.Deleted != nil {
		tail.Deleted = &p.Deleted
	}
	return tail, err
}

// complete returns r with its detail, its lists empty rather than null.
func complete(r votes.Resolution) votes.Resolution {
	var d votes.Detail
	if r.Detail != nil {
		d = *r.Detail
	}
	d.Votes, d.Statements, d.Sources = orEmpty(d.Votes), orEmpty(d.Statements), orEmpty(d.Sources)
	r.Detail = &d
	return r.NoNulls()
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
