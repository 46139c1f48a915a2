package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/labstack/echo/v4"

	"scvotes/votes/table"
)

// list is the shape of every list. Next is the address of the next page, null
// on the last one; Revision is that of the whole record.
type list[T any] struct {
	Data     []T     `json:"data"`
	Total    int     `json:"total"`
	Next     *string `json:"next"`
	Revision int64   `json:"revision"`
}

// whole is a list that comes on one page.
func whole[T any](data []T, revision int64) list[T] {
	return list[T]{orEmpty(data), len(data), nil, revision}
}

// ready is an answer that is encoded already.
type ready []byte

// rows is a list in all the forms it is answered in.
type rows[T any] struct {
	table table.Table[T]
	limit int // of the rows that stream; 0 for all

	// page answers as JSON.
	page func(ctx context.Context) (any, error)
	// each gives every row, for the forms that hold them all.
	each func(ctx context.Context, yield func(T) error) error
	// object is what a row is as JSON; nil for the row itself.
	object func(T) (any, error)
}

// errEnough ends a reading that has as many rows as were asked for.
var errEnough = errors.New("enough rows")

// answerRows answers a list in the form that the client wants.
func answerRows[T any](s *server, c echo.Context, r rows[T]) error {
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	form, err := representationOf(c)
	switch {
	case err != nil:
		return err
	case form.suffix == asJSON.suffix:
		return s.answer(c, r.page)
	}
	return s.stream(c, form.contentType, fileName{}, r.writer(form))
}

// writer writes every row in a form that holds them all.
func (r rows[T]) writer(form representation) func(ctx context.Context, w io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		write, flush := r.csv(w)
		if form.suffix == asNDJSON.suffix {
			write, flush = r.ndjson(w)
		}
		n := 0
		err := r.each(ctx, func(row T) error {
			if n++; r.limit > 0 && n > r.limit {
				return errEnough
			}
			return write(row)
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		return flush()
	}
}

func (r rows[T]) csv(w io.Writer) (write func(T) error, flush func() error) {
	out := table.NewCSV(w, r.table)
	return out.Write, out.Flush
}

func (r rows[T]) ndjson(w io.Writer) (write func(T) error, flush func() error) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return func(row T) error {
		var v any = row
		if r.object != nil {
			var err error
			if v, err = r.object(row); err != nil {
				return err
			}
		}
		return e.Encode(v)
	}, func() error { return nil }
}

// eachOf gives the rows of a list that is at hand.
func eachOf[T any](read func(ctx context.Context) ([]T, error)) func(ctx context.Context, yield func(T) error) error {
	return func(ctx context.Context, yield func(T) error) error {
		data, err := read(ctx)
		for _, row := range data {
			if err == nil {
				err = yield(row)
			}
		}
		return err
	}
}
