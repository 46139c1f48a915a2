package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

const membersPath = "/v1/members/"

// members answers GET /v1/members.
func (s *server) members(c echo.Context) error {
	q := readQuery(c, "seat")
	seat := q.seat()
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		all, revision, err := s.reader.Members(ctx, seat)
		data := make([]votes.Member, len(all))
		for i, m := range all {
			data[i] = countEvery(m)
		}
		return list[votes.Member]{data, len(data), nil, revision}, err
	})
}

// memberAnswer is the answer of GET /v1/members/{code}.
type memberAnswer struct {
	votes.Member
	Revision int64 `json:"revision"` // of the whole record
}

// member answers GET /v1/members/{code}; any name of a state leads to its code.
func (s *server) member(c echo.Context) error {
	asked := pathValue(c, "code")
	code, ok := votes.FindState(asked)
	switch {
	case !ok:
		return unknownState(asked)
	case string(code) != asked:
		return movedTo(c, membersPath+string(code))
	}
	q := readQuery(c, "seat")
	seat := q.seat()
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		m, revision, err := s.reader.Member(ctx, code, seat)
		if err != nil {
			return nil, err
		}
		return memberAnswer{countEvery(*m), revision}, nil
	})
}

func unknownState(asked string) error {
	if near := votes.SuggestState(asked); near != "" {
		return notFoundf("%q is not a state that the United Nations knows; did you mean %s?", asked, near)
	}
	return notFoundf("%q is not a state that the United Nations knows, by ISO 3166 alpha-3 code or by name", asked)
}

// countEvery returns m with a count, if 0, for each position.
func countEvery(m votes.Member) votes.Member {
	counts := make(map[votes.Position]int, len(votes.Positions))
	for _, p := range votes.Positions {
		counts[p] = m.Votes[p]
	}
	m.Votes = counts
	m.Names, m.Terms = orEmpty(m.Names), orEmpty(m.Terms)
	return m
}
