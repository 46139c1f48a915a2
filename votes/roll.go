package votes

import "slices"

// RollOf puts positions in the order of the seats, with the names of the day.
// Positions of states without a seat are left out: Check refuses them before.
func RollOf(council Council, roll []Vote, vetoedBy []Code) []MemberVote {
	list := make([]MemberVote, 0, len(roll))
	for _, s := range council.Seats {
		p, ok := positionOf(s.Code, roll)
		if !ok {
			continue
		}
		list = append(list, MemberVote{Code: s.Code, Seat: s.Code.Seat(), Name: s.Name, Permanent: s.Permanent,
			Position: p, Veto: p == No && slices.Contains(vetoedBy, s.Code)})
	}
	return list
}

// positionOf returns the last position that a roll gives a member. So few are
// looked through faster than put into a map.
func positionOf(c Code, roll []Vote) (Position, bool) {
	for i := len(roll) - 1; i >= 0; i-- {
		if roll[i].Code == c {
			return roll[i].Position, true
		}
	}
	return "", false
}

// InOrder puts codes of members in the order of their seats.
func (c Council) InOrder(codes []string) []Code {
	list := make([]Code, 0, len(codes))
	for _, s := range c.Seats {
		if slices.Contains(codes, string(s.Code)) {
			list = append(list, s.Code)
		}
	}
	return list
}

// CodesOfSeat returns every state that held the seat of c, c among them: SUN
// and RUS for either of them, else c alone.
func CodesOfSeat(c Code) []Code {
	switch c.Seat() {
	case "RUS":
		return []Code{"SUN", "RUS"}
	default:
		return []Code{c}
	}
}
