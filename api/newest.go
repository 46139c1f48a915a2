package api

import (
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// newest gathers rows that come as the votes were cast, for a list that begins with
// the newest. For a page of it only the last rows are kept: of a long record they are
// few among many.
type newest[T any] struct {
	place func(T) (votes.Date, string)
	limit int     // rows of a page; 0 keeps all
	after *cursor // where the page before ended
	total int
	kept  []T // as they came: one more than the page, and sometimes as many again
}

func (n *newest[T]) add(row T) {
	n.total++
	if n.after != nil {
		if day, id := n.place(row); day > n.after.Date || day == n.after.Date && id >= n.after.ID {
			return
		}
	}
	if n.kept = append(n.kept, row); n.limit > 0 && len(n.kept) > 2*(n.limit+1) {
		n.kept = slices.Delete(n.kept, 0, len(n.kept)-(n.limit+1))
	}
}

// rows are those that were kept, the newest first. It is asked once, at the end.
func (n *newest[T]) rows() []T {
	slices.Reverse(n.kept)
	return n.kept
}

// page is what the list of that name answers with.
func (n *newest[T]) page(c echo.Context, q *query, name string, revision int64) (list[T], error) {
	l := list[T]{Data: orEmpty(n.rows()), Total: n.total, Revision: revision}
	if len(l.Data) <= n.limit {
		return l, nil
	}
	l.Data = l.Data[:n.limit]
	day, id := n.place(l.Data[n.limit-1])
	var err error
	l.Next, err = q.next(c, &cursor{List: name, Date: day, ID: id})
	return l, err
}
