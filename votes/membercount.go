package votes

import (
	"slices"
	"strings"
)

// MemberCount counts every member's votes. The holders of a permanent seat are
// one member where Seat is set. Use NewMemberCount.
type MemberCount struct {
	seat    bool
	members map[Code]*Member
}

// NewMemberCount starts a count in which every state that ever sat has its
// place, if it never voted.
func NewMemberCount(seat bool) *MemberCount {
	c := &MemberCount{seat: seat, members: make(map[Code]*Member)}
	for _, t := range Terms() {
		m := c.of(t.Code)
		m.Terms = append(m.Terms, t)
		m.Permanent = m.Permanent || t.Permanent
	}
	for key, m := range c.members {
		codes := []Code{key}
		if seat {
			codes = CodesOfSeat(key)
		}
		for _, code := range codes {
			s, _ := StateByCode(code)
			m.Names = append(m.Names, s.Names...)
			m.Name = s.Names[len(s.Names)-1].Name
		}
		slices.SortStableFunc(m.Terms, func(a, b Term) int { return strings.Compare(string(a.From), string(b.From)) })
	}
	return c
}

func (c *MemberCount) of(code Code) *Member {
	if c.seat {
		code = code.Seat()
	}
	m, ok := c.members[code]
	if !ok {
		m = &Member{Code: code, Seat: code.Seat(), Votes: make(map[Position]int, len(Positions))}
		c.members[code] = m
	}
	return m
}

// Add counts one vote. Adoptions without a vote and disputed rolls have no
// positions, and so no part in it.
func (c *MemberCount) Add(e Event) {
	most, known := e.MostTook()
	for _, v := range e.Votes {
		m := c.of(v.Code)
		m.Votes[v.Position]++
		if known && v.Position.Voted() && v.Position != most {
			m.Dissents++
		}
	}
	for _, code := range e.VetoedBy {
		c.of(code).Vetoes++
	}
}

// Members returns every member, by name.
func (c *MemberCount) Members() []Member {
	list := make([]Member, 0, len(c.members))
	for _, m := range c.members {
		list = append(list, *m)
	}
	slices.SortFunc(list, ByMemberName)
	return list
}

// MostTook returns the position that the most members took, of those that took
// part; in favour before against before abstaining where they are as many. It
// returns false where the tally is not known.
func (e Event) MostTook() (Position, bool) {
	switch t := e.Tally; {
	case t == nil:
		return "", false
	case t.Yes >= t.No && t.Yes >= t.Abstain:
		return Yes, true
	case t.No >= t.Abstain:
		return No, true
	}
	return Abstain, true
}
