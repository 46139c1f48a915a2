package votes

import (
	"fmt"
	"slices"
	"strings"
)

// Exclusion is why a figure leaves a vote out. What each figure leaves out is
// counted by reason in its result, so that the votes counted and the votes left
// out always add up to the votes it was given.
type Exclusion string

// The reasons.
const (
	LeftNoVote     Exclusion = "no_vote"        // adopted without a vote: some files print a roll all the same, but nobody voted
	LeftWithdrawn  Exclusion = "withdrawn"      // not put to the vote
	LeftDisputed   Exclusion = "disputed"       // no source of the roll can be trusted
	LeftNoRoll     Exclusion = "no_roll"        // the tally alone is known, or less
	LeftUnanimous  Exclusion = "unanimous"      // all who voted took the same position, and the figure was asked to leave that out
	LeftTooFew     Exclusion = "fewer_than_two" // the roll has fewer than two of the members asked for
	LeftNoPosition Exclusion = "no_position"    // a partial roll, without the member's position
	LeftNoSponsor  Exclusion = "no_sponsor"     // no state is known to have put it forward, or none of those asked for
)

// leftOut returns why no figure about positions can use the vote, "" if it can.
func (e Event) leftOut() Exclusion {
	switch {
	case e.Outcome == Withdrawn:
		return LeftWithdrawn
	case e.AdoptedBy == ByNoVote || e.RollCall == RollNone:
		return LeftNoVote
	case e.RollCall == RollDisputed:
		return LeftDisputed
	case len(e.Votes) == 0:
		return LeftNoRoll
	}
	return ""
}

// Period is the stretch of time that a figure is given for: all of it, or each
// year or decade by itself.
type Period string

// The periods. A decade is named by its first year.
const (
	WholeTime Period = ""
	ByYear    Period = "year"
	ByDecade  Period = "decade"
)

// ParsePeriod reads "year" or "decade".
func ParsePeriod(s string) (Period, error) {
	if p := Period(strings.ToLower(strings.TrimSpace(s))); p == ByYear || p == ByDecade {
		return p, nil
	}
	return "", fmt.Errorf("%q is not a period (year, decade)", s)
}

// key names the period that d is in: "2024", "2020" for the decade, "" for WholeTime.
func (p Period) key(d Date) string {
	if p == WholeTime || len(d) < 4 {
		return ""
	}
	year := string(d[:4])
	if p == ByDecade {
		return year[:3] + "0"
	}
	return year
}

// NamedMember is a member with the name it has now, or had last.
type NamedMember struct {
	Code Code   `json:"code"`
	Name string `json:"name"`
}

// PositionCounts counts positions, members absent apart from members present
// that did not participate, as far as the sources tell them apart.
type PositionCounts struct {
	Yes              int `json:"yes"`
	No               int `json:"no"`
	Abstain          int `json:"abstain"`
	NotParticipating int `json:"not_participating"`
	Absent           int `json:"absent"`
}

func (c *PositionCounts) add(p Position) {
	switch p {
	case Yes:
		c.Yes++
	case No:
		c.No++
	case Abstain:
		c.Abstain++
	case NotParticipating:
		c.NotParticipating++
	case Absent:
		c.Absent++
	}
}

// shareOf is part of n; nil, null in JSON, where n is 0, since nothing of
// nothing is no share.
func shareOf(part float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	share := part / float64(n)
	return &share
}

// roster numbers members in the order in which they are met.
type roster struct {
	index map[Code]int
	codes []Code
}

func (r *roster) number(c Code) int {
	if i, ok := r.index[c]; ok {
		return i
	}
	if r.index == nil {
		r.index = make(map[Code]int)
	}
	i := len(r.codes)
	r.index[c], r.codes = i, append(r.codes, c)
	return i
}

// byCode returns the numbers in the order of the codes.
func (r *roster) byCode() []int {
	order := make([]int, len(r.codes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(string(r.codes[a]), string(r.codes[b])) })
	return order
}

// pairTable holds something for each pair of numbers of a roster. It grows
// with the roster without a move: the pairs of a number come after those of all
// numbers before it.
type pairTable[T any] []T

// at returns the place of the pair; i and j must differ.
func (t *pairTable[T]) at(i, j int) *T {
	place := pairPlace(i, j)
	if place >= len(*t) {
		*t = append(*t, make([]T, place+1-len(*t))...)
	}
	return &(*t)[place]
}

// get is at for reading: the zero value for a pair that was never met.
func (t pairTable[T]) get(i, j int) T {
	var none T
	if place := pairPlace(i, j); place < len(t) {
		return t[place]
	}
	return none
}

func pairPlace(i, j int) int {
	if i > j {
		i, j = j, i
	}
	return j*(j-1)/2 + i
}
