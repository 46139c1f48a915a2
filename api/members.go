package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

const membersPath = "/v1/members/"

// members answers GET /v1/members.
func (s *server) members(c echo.Context) error {
	q := readQuery(c, "seat")
	seat := q.seat()
	if err := q.err(); err != nil {
		return err
	}
	read := func(ctx context.Context) ([]votes.Member, int64, error) {
		counter := votes.NewMemberCount(seat)
		revision, err := s.count(ctx, votes.Filter{}, false, counter.Add)
		return countEvery(counter.Members()), revision, err
	}
	return answerRows(s, c, rows[votes.Member]{
		table: table.Members,
		page: func(ctx context.Context) (any, error) {
			all, revision, err := read(ctx)
			return whole(all, revision), err
		},
		each: eachOf(func(ctx context.Context) ([]votes.Member, error) { all, _, err := read(ctx); return all, err }),
	})
}

// memberAnswer is the answer of GET /v1/members/{code}.
type memberAnswer struct {
	votes.Member
	Record   votes.MemberRecord `json:"record"`
	Revision int64              `json:"revision"` // of the whole record
}

// member answers GET /v1/members/{code}; any name of a state leads to its code.
func (s *server) member(c echo.Context) error {
	code, err := memberInPath(c, "")
	if err != nil {
		return err
	}
	q := readQuery(c, "seat", "min_shared")
	opt := votes.MemberOptions{Code: code, Alone: !q.seat(), MinShared: q.number("min_shared", votes.DefaultMinShared, 1, 10_000)}
	if err := q.err(); err != nil {
		return err
	}
	return s.answer(c, func(ctx context.Context) (any, error) {
		counter, record := votes.NewMemberCount(!opt.Alone), votes.NewMemberRecord(opt)
		revision, err := s.count(ctx, votes.Filter{}, false, func(e votes.Event) { counter.Add(e); record.Add(e) })
		if err != nil {
			return nil, err
		}
		answer := memberAnswer{Record: record.Result(), Revision: revision}
		all := countEvery(counter.Members())
		at := slices.IndexFunc(all, func(m votes.Member) bool { return m.Code == answer.Record.Code })
		if at < 0 {
			return nil, neverSat(code)
		}
		answer.Member = all[at]
		return answer, nil
	})
}

func neverSat(code votes.Code) error {
	return notFoundf("%s (%s) never sat on the Council", code.NameOn(""), code)
}

// memberVoteList is the answer of GET /v1/members/{code}/votes.
type memberVoteAnswer struct {
	Code votes.Code `json:"code"`
	Name string     `json:"name"`
	list[votes.MemberLine]
}

// memberVotes answers GET /v1/members/{code}/votes: every vote of a member, the
// newest first.
func (s *server) memberVotes(c echo.Context) error {
	code, err := memberInPath(c, votesSuffix+formInPath(c))
	if err != nil {
		return err
	}
	q := readQuery(c, slices.Concat(votes.FilterParameters, []string{"seat", "position", "dissent", "lone", "limit", "cursor"})...)
	filter, opt := q.filter(), votes.MemberOptions{Code: code, Alone: !q.seat()}
	wanted := q.memberLine()
	limit, after := q.limit(), q.cursor(memberVoteList)
	if err := q.err(); err != nil {
		return err
	}
	if len(votes.TermsOf(code)) == 0 {
		return neverSat(code)
	}
	if !opt.Alone {
		code = code.Seat()
	}
	read := func(ctx context.Context, lines *newest[votes.MemberLine]) (revision int64, err error) {
		of := votes.MemberLines(opt)
		return s.count(ctx, filter, false, func(e votes.Event) {
			if line, ok := of(e); ok && wanted(line) {
				lines.add(line)
			}
		})
	}
	place := func(v votes.MemberLine) (votes.Date, string) { return v.Date, v.ID }
	return answerRows(s, c, rows[votes.MemberLine]{
		table: table.MemberLines,
		limit: q.limitIfAny(),
		page: func(ctx context.Context) (any, error) {
			lines := &newest[votes.MemberLine]{place: place, limit: limit, after: after}
			revision, err := read(ctx, lines)
			if err != nil {
				return nil, err
			}
			l, err := lines.page(c, q, memberVoteList, revision)
			return memberVoteAnswer{code, code.NameOn(""), l}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.MemberLine, error) {
			var lines newest[votes.MemberLine]
			_, err := read(ctx, &lines)
			return lines.rows(), err
		}),
	})
}

// memberLine reads which votes of a member are asked for.
func (q *query) memberLine() func(votes.MemberLine) bool {
	var positions []votes.Position
	for _, p := range q.words("position", positionWords()) {
		positions = append(positions, votes.Position(p))
	}
	dissent, lone := q.choice("dissent", "", "true", "false"), q.choice("lone", "", "true", "false")
	is := func(asked string, holds bool) bool { return asked == "" || (asked == "true") == holds }
	return func(l votes.MemberLine) bool {
		return (positions == nil || slices.Contains(positions, l.Position)) && is(dissent, l.Dissent) && is(lone, l.Lone)
	}
}

func positionWords() []string {
	list := make([]string, len(votes.Positions))
	for i, p := range votes.Positions {
		list[i] = string(p)
	}
	return list
}

// memberInPath reads the state in the path; any of its names leads to its code.
func memberInPath(c echo.Context, suffix string) (votes.Code, error) {
	asked := pathValue(c, "code")
	code, ok := votes.FindState(asked)
	switch {
	case !ok:
		return "", unknownState(asked)
	case string(code) != asked:
		return "", movedTo(c, membersPath+string(code)+suffix)
	}
	return code, nil
}

func unknownState(asked string) error {
	if near := votes.SuggestState(asked); near != "" {
		return notFoundf("%q is not a state that the United Nations knows; did you mean %s?", asked, near)
	}
	return notFoundf("%q is not a state that the United Nations knows, by ISO 3166 alpha-3 code or by name", asked)
}

// countEvery gives every member a count, if 0, for each position.
func countEvery(members []votes.Member) []votes.Member {
	for i, m := range members {
		counts := make(map[votes.Position]int, len(votes.Positions))
		for _, p := range votes.Positions {
			counts[p] = m.Votes[p]
		}
		m.Votes = counts
		m.Names, m.Terms = orEmpty(m.Names), orEmpty(m.Terms)
		members[i] = m
	}
	return members
}

// number reads a whole number within bounds.
func (q *query) number(name string, absent, least, most int) int {
	return parsed(q, name, absent, func(v string) (int, error) {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return absent, fmt.Errorf("%q is not a number from %d to %d", v, least, most)
		}
		return n, nil
	})
}
