package votes

import (
	"maps"
	"slices"
)

// cohesionFormula is the agreement index of Hix, Noury and Roland, "Power to
// the Parties: Cohesion and Competition in the European Parliament, 1979-2001",
// British Journal of Political Science 35 (2005), 209-234.
const cohesionFormula = "index of a vote = (max(yes, no, abstain) - (total - max(yes, no, abstain)) / 2) / total, " +
	"total = yes + no + abstain of the group; index = mean over n votes"

// MemberGroup is a set of members with the name it is shown under.
type MemberGroup struct {
	Name    string
	Members MemberSet
}

// Cohesion is how much groups voted as one. Events and Excluded add up to the
// votes that were given to the counter.
type Cohesion struct {
	Formula  string            `json:"formula"`
	Events   int               `json:"events"`
	Excluded map[Exclusion]int `json:"excluded"`
	Rows     []CohesionRow     `json:"rows"` // in the order of the groups, then by key
}

// CohesionRow is one group in one period. N and LeftOut add up to the events of
// the period.
type CohesionRow struct {
	Group   string   `json:"group"`
	Key     Text     `json:"key"`      // the year or decade; null where it is of the whole time
	N       int      `json:"n"`        // votes in which two of the group or more took part
	LeftOut int      `json:"left_out"` // votes in which fewer did
	Index   *float64 `json:"index"`    // 1 when the group always votes as one, 0 when it splits evenly three ways
	United  *float64 `json:"united"`   // share of the votes in which all of the group that took part did the same
}

// CohesionCounter works out a Cohesion from votes added one by one.
type CohesionCounter struct {
	groups   []MemberGroup
	by       Period
	events   int
	excluded map[Exclusion]int
	periods  map[string][]cohesionSum // in the order of the groups
}

type cohesionSum struct {
	n, leftOut, united int
	index              float64
}

// NewCohesion starts a count of the groups, over the whole time or by period.
func NewCohesion(groups []MemberGroup, by Period) *CohesionCounter {
	return &CohesionCounter{groups: groups, by: by, excluded: make(map[Exclusion]int), periods: make(map[string][]cohesionSum)}
}

// Add counts one vote.
func (c *CohesionCounter) Add(e Event) {
	if why := e.leftOut(); why != "" {
		c.excluded[why]++
		return
	}
	c.events++
	key := c.by.key(e.Date)
	sums := c.periods[key]
	if sums == nil {
		sums = make([]cohesionSum, len(c.groups))
		c.periods[key] = sums
	}
	for i, g := range c.groups {
		sums[i].add(g.Members.on(e.Date), e)
	}
}

func (s *cohesionSum) add(members membersOn, e Event) {
	var p PositionCounts
	for _, v := range e.Votes {
		if members.contains(v.Code) {
			p.add(v.Position)
		}
	}
	total, most := p.Yes+p.No+p.Abstain, max(p.Yes, p.No, p.Abstain)
	if total < 2 { // one member is always at one with itself
		s.leftOut++
		return
	}
	s.n++
	s.index += (float64(most) - float64(total-most)/2) / float64(total)
	s.united += boolToInt(most == total)
}

// Result returns what was counted so far. By period every group has a row for
// every period that any vote was in.
func (c *CohesionCounter) Result() Cohesion {
	r := Cohesion{Formula: cohesionFormula, Events: c.events, Excluded: maps.Clone(c.excluded), Rows: []CohesionRow{}}
	keys := slices.Sorted(maps.Keys(c.periods))
	if len(keys) == 0 && c.by == WholeTime {
		keys = []string{""}
	}
	for i, g := range c.groups {
		for _, key := range keys {
			var s cohesionSum
			if sums := c.periods[key]; sums != nil {
				s = sums[i]
			}
			r.Rows = append(r.Rows, CohesionRow{Group: g.Name, Key: Text(key), N: s.n, LeftOut: s.leftOut,
				Index: shareOf(s.index, s.n), United: shareOf(float64(s.united), s.n)})
		}
	}
	return r
}
