package source

import (
	"slices"
	"strings"

	"scvotes/votes"
)

// memory keeps what earlier fields were read as: one vote is much like the
// next. What depends on the day is kept for one Council at a time, and only of
// its members, whose names do not change while it sits.
type memory struct {
	positions map[string]votes.Position

	day      votes.Date // on which turnTo was last
	council  votes.Council
	members  map[string]votes.Code
	sponsors map[string]sponsorsRead
}

type sponsorsRead struct {
	list []votes.Sponsor
	as   string
}

// keep keeps what a field was read as, which is only of use while few are.
func keep[T any](in map[string]T, printed string, v T) {
	if len(in) == 1000 {
		clear(in)
	}
	in[strings.Clone(printed)] = v
}

// position is votes.ParsePosition.
func (m *memory) position(printed string) (votes.Position, error) {
	if p, ok := m.positions[printed]; ok {
		return p, nil
	}
	p, err := votes.ParsePosition(printed)
	if err == nil {
		if m.positions == nil {
			m.positions = map[string]votes.Position{}
		}
		keep(m.positions, printed, p)
	}
	return p, err
}

// state is votes.FindStateOn.
func (m *memory) state(printed string, day votes.Date) (votes.Code, bool) {
	m.turnTo(day)
	if c, ok := m.members[printed]; ok {
		return c, true
	}
	c, ok := votes.FindStateOn(printed, day)
	if ok && m.sits(c) {
		keep(m.members, printed, c)
	}
	return c, ok
}

// parseSponsors is votes.ParseSponsors.
func (m *memory) parseSponsors(printed string, day votes.Date) ([]votes.Sponsor, string, []votes.Problem) {
	m.turnTo(day)
	if s, ok := m.sponsors[printed]; ok {
		return slices.Clone(s.list), s.as, nil
	}
	list, as, problems := votes.ParseSponsors(printed, day)
	other := func(s votes.Sponsor) bool { return s.Code != "" && !m.sits(s.Code) }
	if len(problems) == 0 && m.sponsors != nil && !slices.ContainsFunc(list, other) {
		keep(m.sponsors, printed, sponsorsRead{slices.Clone(list), as})
	}
	return list, as, problems
}

// turnTo forgets what was kept of another Council than the one of the day.
func (m *memory) turnTo(day votes.Date) {
	if day == m.day && day != "" {
		return // the next row of the same vote
	}
	council, ok := votes.CouncilOn(day)
	switch {
	case !ok || len(council.Seats) == 0:
		*m = memory{positions: m.positions}
		return
	case len(m.council.Seats) == 0 || &council.Seats[0] != &m.council.Seats[0]: // CouncilOn shares them between its days
		m.council, m.members, m.sponsors = council, map[string]votes.Code{}, map[string]sponsorsRead{}
	}
	m.day = day
}

func (m *memory) sits(c votes.Code) bool {
	_, ok := m.council.Seat(c)
	return ok
}
