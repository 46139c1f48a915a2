package votes

import "slices"

// RollOf puts positions in the order of the seats, with the names of the day.
// Positions of states without a seat are left out: Check refuses them before.
func RollOf(council Council, roll []Vote, vetoedBy []Code) []MemberVote {
	positions := make(map[Code]Position, len(roll))
	for _, v := range roll {
		positions[v.Code] = v.Position
	}
	list := make([]MemberVote, 0, len(roll))
	for _, s := range council.Seats {
		p, ok := positions[s.Code]
		if !ok {
			continue
		}
		list = append(list, MemberVote{Code: s.Code, Seat: s.Code.Seat(), Name: s.Name, Permanent: s.Permanent,
			Position: p, Veto: p == No && slices.Contains(vetoedBy, s.Code)})
	}
	return list
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
