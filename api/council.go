package api

import (
	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// councilAnswer is the answer of GET /v1/council.
type councilAnswer struct {
	Date     votes.Date   `json:"date"`
	Members  int          `json:"members"`
	Required int          `json:"required"` // affirmative votes that carry
	Seats    []seatAnswer `json:"seats"`
}

type seatAnswer struct {
	Code      votes.Code `json:"code"`
	Seat      votes.Code `json:"seat"`
	Name      string     `json:"name"` // of the day
	Permanent bool       `json:"permanent"`
	Group     votes.Text `json:"group"`
	From      votes.Date `json:"from"`
	To        votes.Date `json:"to"`
	Note      votes.Text `json:"note"`
}

// council answers GET /v1/council. Who sat when is among the rules of the
// program, so the answer hangs on the day and the version alone.
func (s *server) council(c echo.Context) error {
	q := readQuery(c, "date")
	date := q.date("date", votes.DateOf(s.now()))
	if err := q.err(); err != nil {
		return err
	}
	council, ok := votes.CouncilOn(date)
	if !ok {
		return noCouncil(date)
	}
	a := councilAnswer{Date: date, Members: len(council.Seats), Required: council.Required}
	for _, seat := range council.Seats {
		a.Seats = append(a.Seats, seatAnswer{seat.Code, seat.Code.Seat(), seat.Name, seat.Permanent,
			votes.Text(seat.Group), seat.From, seat.To, votes.Text(seat.Note)})
	}
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	return s.answerStatic(c, echo.MIMEApplicationJSON, func() ([]byte, error) { return encode(a) })
}

func noCouncil(date votes.Date) error {
	if first := votes.Terms()[0].From; date < first {
		return notFoundf("no Council sat on %s: it first met on %s", date, first)
	}
	return notFoundf("the Council of %s is not known: its elected members are not all on record here", date)
}
