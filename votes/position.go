package votes

import (
	"fmt"
	"strings"
)

// Position is what one member did when a proposal was put to the vote.
type Position string

// The five positions. NotParticipating is a member that was present and took
// no part; the UN's files write X for it and for Absent alike.
const (
	Yes              Position = "yes"
	No               Position = "no"
	Abstain          Position = "abstain"
	NotParticipating Position = "not_participating"
	Absent           Position = "absent"
)

// Positions lists the five in the order in which a tally is read.
var Positions = []Position{Yes, No, Abstain, NotParticipating, Absent}

var positionWords = map[string]Position{
	"yes": Yes, "y": Yes, "in favour": Yes, "in favor": Yes, "for": Yes,
	"no": No, "n": No, "against": No,
	"abstain": Abstain, "abstention": Abstain, "abstaining": Abstain, "abstained": Abstain, "a": Abstain,
	"not_participating": NotParticipating, "not participating": NotParticipating, "did not participate": NotParticipating, "x": NotParticipating,
	"absent": Absent,
}

// ParsePosition reads a position as any of the sources writes it, in any case.
// X is read as NotParticipating: the UN's files do not tell it from Absent.
func ParsePosition(s string) (Position, error) {
	if p, ok := positionWords[strings.ToLower(strings.TrimSpace(s))]; ok {
		return p, nil
	}
	return "", fmt.Errorf("%s is not a position (yes, no, abstain, not_participating, absent)", Quote(s))
}

// Voted tells whether the member took part: in favour, against or abstaining.
func (p Position) Voted() bool { return p == Yes || p == No || p == Abstain }

// Vote is one member's position on one resolution.
type Vote struct {
	Code     Code     `json:"code"`
	Position Position `json:"position"`
}

// Tally counts positions. NotVoting counts members that did not participate
// and members that were absent; Members is the number of seats counted.
type Tally struct {
	Yes       int `json:"yes"`
	No        int `json:"no"`
	Abstain   int `json:"abstain"`
	NotVoting int `json:"not_voting"`
	Members   int `json:"members"`
	Required  int `json:"required"` // affirmative votes that carry, 7 of 11 or 9 of 15
}

// Count tallies a roll call. Required is left at 0: it follows from the day.
func Count(roll []Vote) Tally {
	var t Tally
	for _, v := range roll {
		switch v.Position {
		case Yes:
			t.Yes++
		case No:
			t.No++
		case Abstain:
			t.Abstain++
		default:
			t.NotVoting++
		}
	}
	t.Members = len(roll)
	return t
}

// ParseTally reads "14-1-0" (in favour, against, abstaining) or "9-1-0-1",
// the fourth number being the members that did not vote.
func ParseTally(s string) (Tally, error) {
	parts := strings.Split(strings.TrimSpace(s), "-")
	n := make([]int, 4)
	bad := fmt.Errorf("%s is not a tally (in favour-against-abstaining, as 14-1-0)", Quote(s))
	if len(parts) != 3 && len(parts) != 4 {
		return Tally{}, bad
	}
	for i, p := range parts {
		v, ok := smallNumber(p)
		if !ok {
			return Tally{}, bad
		}
		n[i] = v
	}
	return Tally{Yes: n[0], No: n[1], Abstain: n[2], NotVoting: n[3]}, nil
}

// smallNumber reads a count of at most two digits; no Council had more seats.
func smallNumber(s string) (int, bool) {
	if len(s) == 0 || len(s) > 2 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// String writes the tally as sources do, in favour-against-abstaining, with
// the members that did not vote as a fourth number where there are any.
func (t Tally) String() string {
	s := fmt.Sprintf("%d-%d-%d", t.Yes, t.No, t.Abstain)
	if t.NotVoting > 0 {
		s += fmt.Sprintf("-%d", t.NotVoting)
	}
	return s
}
