package votes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Grouping is what Tallies are counted by.
type Grouping string

// The groupings. GroupMember and GroupSponsor are by continuing seat, and put
// one vote in several rows.
const (
	GroupYear       Grouping = "year"
	GroupDecade     Grouping = "decade" // named by its first year
	GroupOutcome    Grouping = "outcome"
	GroupMember     Grouping = "member"
	GroupTopic      Grouping = "topic"
	GroupAgendaItem Grouping = "agenda_item"
	GroupRegion     Grouping = "region"
	GroupSponsor    Grouping = "sponsor"
	GroupKind       Grouping = "kind"
)

// Groupings lists them.
var Groupings = []Grouping{GroupYear, GroupDecade, GroupOutcome, GroupMember, GroupTopic, GroupAgendaItem, GroupRegion, GroupSponsor, GroupKind}

// ParseGrouping reads one of Groupings.
func ParseGrouping(s string) (Grouping, error) {
	if g := Grouping(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Groupings, g) {
		return g, nil
	}
	list := make([]string, len(Groupings))
	for i, g := range Groupings {
		list[i] = string(g)
	}
	return "", fmt.Errorf("%q is not what tallies are grouped by (%s)", s, strings.Join(list, ", "))
}

// Tallies counts votes by group. Excluded are the votes of which no positions
// are counted; they are among Events and in the other counts all the same. By
// member they have no row, but for the vetoes that are known of them.
type Tallies struct {
	GroupBy  Grouping          `json:"group_by"`
	Events   int               `json:"events"` // votes given to the counter
	Excluded map[Exclusion]int `json:"excluded"`
	Rows     []TallyRow        `json:"rows"`
}

// TallyRow is one group. Adopted is more than Unanimity, Majority and NoVote
// together where the roll of an adopted proposal is disputed. By member, a row
// counts the votes in which its position is known, and only its own positions
// and vetoes.
type TallyRow struct {
	Key         string         `json:"key"`  // "" where it is not known
	Name        string         `json:"name"` // for people
	Resolutions int            `json:"resolutions"`
	Adopted     int            `json:"adopted"`
	Vetoed      int            `json:"vetoed"`
	Failed      int            `json:"failed"`
	Withdrawn   int            `json:"withdrawn"`
	Unanimity   int            `json:"unanimity"`
	Majority    int            `json:"majority"`
	NoVote      int            `json:"no_vote"`
	VetoesCast  int            `json:"vetoes_cast"` // a proposal that two members vetoed has two
	Positions   PositionCounts `json:"positions"`
}

// TallyCounter works out Tallies from votes added one by one.
type TallyCounter struct {
	by       Grouping
	events   int
	excluded map[Exclusion]int
	rows     map[string]*TallyRow
}

// NewTallies starts a count.
func NewTallies(groupBy Grouping) *TallyCounter {
	return &TallyCounter{by: groupBy, excluded: make(map[Exclusion]int), rows: make(map[string]*TallyRow)}
}

// Add counts one vote.
func (c *TallyCounter) Add(e Event) {
	c.events++
	why := e.leftOut()
	if why != "" {
		c.excluded[why]++
		e.Votes = nil
	}
	if c.by == GroupMember {
		for _, v := range e.Votes {
			row := c.row(string(v.Code.Seat()))
			row.add(e)
			row.Positions.add(v.Position)
		}
		for _, code := range e.VetoedBy {
			c.row(string(code.Seat())).VetoesCast++
		}
		return
	}
	for _, key := range c.keys(e) {
		row := c.row(key)
		row.add(e)
		row.VetoesCast += len(e.VetoedBy)
		for _, v := range e.Votes {
			row.Positions.add(v.Position)
		}
	}
}

// keys are the groups that the vote is in, each once.
func (c *TallyCounter) keys(e Event) []string {
	switch c.by {
	case GroupYear:
		return []string{ByYear.key(e.Date)}
	case GroupDecade:
		return []string{ByDecade.key(e.Date)}
	case GroupOutcome:
		return []string{string(e.Outcome)}
	case GroupTopic:
		return []string{string(e.Topic)}
	case GroupAgendaItem:
		return []string{string(e.AgendaItem)}
	case GroupRegion:
		return []string{string(e.Region)}
	case GroupKind:
		return []string{string(e.Kind)}
	case GroupSponsor:
		var list []string
		for _, s := range e.Sponsors {
			if key := string(s.Seat()); !slices.Contains(list, key) {
				list = append(list, key)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return []string{""}
}

func (c *TallyCounter) row(key string) *TallyRow {
	row := c.rows[key]
	if row == nil {
		row = &TallyRow{Key: key, Name: c.name(key)}
		c.rows[key] = row
	}
	return row
}

// name is how a key is shown to people.
func (c *TallyCounter) name(key string) string {
	switch {
	case key == "":
		return "not known"
	case c.by == GroupMember || c.by == GroupSponsor:
		return Code(key).NameOn("")
	case c.by == GroupDecade:
		return key + "s"
	case c.by == GroupKind:
		return strings.ReplaceAll(key, "_", " ")
	}
	return key
}

func (r *TallyRow) add(e Event) {
	r.Resolutions++
	var n outcomeCounts
	n.add(e.Outcome)
	r.Adopted += n.adopted
	r.Vetoed += n.vetoed
	r.Failed += n.failed
	r.Withdrawn += n.withdrawn
	r.Unanimity += boolToInt(e.AdoptedBy == ByUnanimity)
	r.Majority += boolToInt(e.AdoptedBy == ByMajority)
	r.NoVote += boolToInt(e.AdoptedBy == ByNoVote)
}

// Result returns what was counted so far: years and decades in their order,
// else the groups with the most votes first.
func (c *TallyCounter) Result() Tallies {
	t := Tallies{GroupBy: c.by, Events: c.events, Excluded: maps.Clone(c.excluded), Rows: make([]TallyRow, 0, len(c.rows))}
	for _, row := range c.rows {
		t.Rows = append(t.Rows, *row)
	}
	t.order(func(r TallyRow) int {
		if c.by == GroupYear || c.by == GroupDecade {
			return 0
		}
		return -r.Resolutions
	})
	return t
}

// tallySorts are the counts by which rows can be put in order.
var tallySorts = []struct {
	field string
	of    func(TallyRow) int
}{
	{"resolutions", func(r TallyRow) int { return r.Resolutions }},
	{"adopted", func(r TallyRow) int { return r.Adopted }},
	{"vetoed", func(r TallyRow) int { return r.Vetoed }},
	{"failed", func(r TallyRow) int { return r.Failed }},
	{"withdrawn", func(r TallyRow) int { return r.Withdrawn }},
	{"unanimity", func(r TallyRow) int { return r.Unanimity }},
	{"majority", func(r TallyRow) int { return r.Majority }},
	{"no_vote", func(r TallyRow) int { return r.NoVote }},
	{"vetoes_cast", func(r TallyRow) int { return r.VetoesCast }},
	{"yes", func(r TallyRow) int { return r.Positions.Yes }},
	{"no", func(r TallyRow) int { return r.Positions.No }},
	{"abstain", func(r TallyRow) int { return r.Positions.Abstain }},
	{"not_participating", func(r TallyRow) int { return r.Positions.NotParticipating }},
	{"absent", func(r TallyRow) int { return r.Positions.Absent }},
}

// Sort puts the rows in the order of a count, the smallest first, or with a "-"
// before its name ("-abstain") the largest; equal ones by key. "key" and "-key"
// are orders too. A name that is no count is a fault of the parameter "sort",
// and leaves the order as it was.
func (t *Tallies) Sort(field string) Faults {
	name, falling := strings.CutPrefix(strings.ToLower(strings.TrimSpace(field)), "-")
	sign := 1 - 2*boolToInt(falling)
	if name == "key" {
		slices.SortFunc(t.Rows, func(a, b TallyRow) int { return sign * cmp.Compare(a.Key, b.Key) })
		return nil
	}
	names := []string{"key"}
	for _, s := range tallySorts {
		if s.field == name {
			t.order(func(r TallyRow) int { return sign * s.of(r) })
			return nil
		}
		names = append(names, s.field)
	}
	return Faults{{"sort", field, fmt.Sprintf("%q is not a count of a row (%s; with - before it the largest first)", field, strings.Join(names, ", "))}}
}

func (t *Tallies) order(by func(TallyRow) int) {
	slices.SortFunc(t.Rows, func(a, b TallyRow) int { return cmp.Or(cmp.Compare(by(a), by(b)), cmp.Compare(a.Key, b.Key)) })
}
