package api

import (
	"context"
	"strconv"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// imports answers GET /v1/imports: the files that were taken in, the newest first.
func (s *server) imports(c echo.Context) error {
	q := readQuery(c, pageParameters...)
	limit, before := q.limit(), q.place(importList)
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		p, err := s.reader.Imports(ctx, limit, before)
		if err != nil {
			return nil, err
		}
		next, err := q.nextPlace(c, importList, p.Next)
		return list[votes.Import]{orEmpty(p.Data), p.Total, next, p.Revision}, err
	})
}

// importAnswer is the answer of GET /v1/imports/{id}.
type importAnswer struct {
	Import votes.Import `json:"import"`
	list[votes.ImportProblem]
}

// imported answers GET /v1/imports/{id}: one file, and what was wrong with it,
// line by line.
func (s *server) imported(c echo.Context) error {
	asked := pathValue(c, "id")
	id, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || id < 1 {
		return notFoundf("%q is not the number of an import", asked)
	}
	q := readQuery(c, pageParameters...)
	limit, after := q.limit(), q.place(problemList)
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		d, err := s.reader.Imported(ctx, id, limit, after)
		if err != nil {
			return nil, err
		}
		next, err := q.nextPlace(c, problemList, d.Next)
		total := d.Import.Problems.Refused + d.Import.Problems.Serious + d.Import.Problems.Noted
		return importAnswer{d.Import, list[votes.ImportProblem]{orEmpty(d.Found), total, next, d.Import.Revision}}, err
	})
}

// place reads a cursor that is a number; 0 is the beginning.
func (q *query) place(list string) int64 {
	at := q.cursor(list)
	if at == nil {
		return 0
	}
	n, err := strconv.ParseInt(at.ID, 10, 64)
	if err != nil || n < 1 {
		q.fault("cursor", q.values.Get("cursor"), errCursor.Error())
	}
	return n
}

func (q *query) nextPlace(c echo.Context, list string, n int64) (*string, error) {
	if n == 0 {
		return nil, nil
	}
	return q.next(c, &cursor{List: list, ID: strconv.FormatInt(n, 10)})
}
