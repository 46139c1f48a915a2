package api

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// accounts answers GET /v1/resolutions/{id}/accounts.
func (s *server) accounts(c echo.Context) error {
	return s.underID(c, readQuery(c), accountsSuffix, func(ctx context.Context, id string) (any, error) {
		a, err := s.reader.Accounts(ctx, id)
		if err != nil {
			return nil, s.elsewhere(ctx, c, id, accountsSuffix, err)
		}
		told := *a
		told.Fields, told.Accounts, told.Edits = orEmpty(a.Fields), orEmpty(a.Accounts), orEmpty(a.Edits)
		return told, nil
	})
}

// history answers GET /v1/resolutions/{id}/history.
func (s *server) history(c echo.Context) error {
	return s.underID(c, readQuery(c), historySuffix, func(ctx context.Context, id string) (any, error) {
		h, err := s.reader.History(ctx, id)
		if err != nil {
			return nil, s.elsewhere(ctx, c, id, historySuffix, err)
		}
		told := *h
		told.Data = make([]votes.Revised, len(h.Data))
		for i, r := range h.Data {
			r.Edits, r.Changes = orEmpty(r.Edits), orEmpty(r.Changes)
			told.Data[i] = r
		}
		return told, nil
	})
}

// elsewhere returns the address of the resolution that an id without one of
// its own leads to, else the error that told so. It costs a second reading,
// which only ids that are not there pay for.
func (s *server) elsewhere(ctx context.Context, c echo.Context, id, suffix string, cause error) error {
	if !errors.Is(cause, votes.ErrNotFound) {
		return cause
	}
	if _, err := s.find(ctx, c, id, suffix); err != nil {
		return err
	}
	return cause // it came while this was asked
}
