package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// edits answers GET /v1/edits: what editors decided, the newest first.
func (s *server) edits(c echo.Context) error {
	q := readQuery(c, "id", "revision", "limit", "cursor")
	f := votes.EditFilter{ID: parsed(q, "id", "", votes.ParseID), Revision: int64(q.number("revision", 0, 1, maxRevision))}
	limit, before := q.limit(), q.place(editList)
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		p, err := s.reader.Edits(ctx, f, limit, before)
		if err != nil {
			return nil, err
		}
		next, err := q.nextPlace(c, editList, p.Next)
		return list[votes.MadeEdit]{orEmpty(p.Data), p.Total, next, p.Revision}, err
	})
}

// maxRevision bounds what a revision may be asked by.
const maxRevision = 1<<31 - 1

// madeEdit answers GET /v1/edits/{number}.
func (s *server) madeEdit(c echo.Context) error {
	number, err := editNumber(c)
	if err != nil {
		return err
	}
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		e, _, err := s.reader.MadeEdit(ctx, number)
		return e, missingEdit(err, number)
	})
}
