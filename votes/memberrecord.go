package votes

import (
	"cmp"
	"maps"
	"slices"
)

// MemberOptions name the member of a MemberRecord.
type MemberOptions struct {
	Code      Code
	Alone     bool // the state by itself; else all that held its permanent seat
	MinShared int  // votes that another member must have in common with it to be compared; 0 is DefaultMinShared
}

// DefaultMinShared is about half a year of votes: a share over fewer says more
// of what was on the agenda than of the two members.
const DefaultMinShared = 30

// neighboursShown is the length of each list of a MemberRecord.
const neighboursShown = 5

// MemberRecord is how one member voted. Events and Excluded add up to the votes
// that were given to the counter and were held while the member sat.
type MemberRecord struct {
	Code     Code              `json:"code"`
	Name     string            `json:"name"`
	Events   int               `json:"events"` // votes in which its position is known
	Excluded map[Exclusion]int `json:"excluded"`
	MemberFigures
	Years []MemberYear `json:"years"` // those in which it has a vote or a veto, the earliest first

	MinShared    int         `json:"min_shared"`
	TooFewShared int         `json:"too_few_shared"` // members left out of the two lists, having fewer votes in common with it
	Nearest      []Neighbour `json:"nearest"`        // at most five, the highest share first
	Farthest     []Neighbour `json:"farthest"`       // at most five, the lowest share first
}

// MemberFigures are one member's counts. A dissent is a position other than the
// one that most members took (Event.MostTook); it needs a tally and a member
// that took part. Vetoes are counted where no roll is known, too.
type MemberFigures struct {
	Positions    PositionCounts `json:"positions"`
	Dissents     int            `json:"dissents"`
	LoneDissents int            `json:"lone_dissents"` // all others that took part did the same
	LoneNo       int            `json:"lone_no"`       // the only vote against
	LoneAbstain  int            `json:"lone_abstain"`  // the only abstention
	Vetoes       int            `json:"vetoes"`
	VetoesAlone  int            `json:"vetoes_alone"` // no other permanent member vetoed it
}

// MemberYear is one calendar year.
type MemberYear struct {
	Key string `json:"key"`
	MemberFigures
}

// Neighbour is how often another member took the same position, by Exact.
type Neighbour struct {
	Code   Code     `json:"code"` // its seat
	Name   string   `json:"name"`
	N      int      `json:"n"` // votes in which both took part
	Agreed int      `json:"agreed"`
	Share  *float64 `json:"share"`
}

// MemberRecordCounter works out a MemberRecord from votes added one by one.
type MemberRecordCounter struct {
	opt      MemberOptions
	events   int
	excluded map[Exclusion]int
	total    MemberFigures
	years    map[string]*MemberFigures
	others   roster
	shared   []struct{ n, agreed int } // by number in others
}

// NewMemberRecord starts a count.
func NewMemberRecord(opt MemberOptions) *MemberRecordCounter {
	opt.MinShared = cmp.Or(opt.MinShared, DefaultMinShared)
	if !opt.Alone {
		opt.Code = opt.Code.Seat()
	}
	return &MemberRecordCounter{opt: opt, excluded: make(map[Exclusion]int), years: make(map[string]*MemberFigures)}
}

// Add counts one vote.
func (c *MemberRecordCounter) Add(e Event) {
	if slices.ContainsFunc(e.VetoedBy, c.opt.is) {
		for _, f := range c.figures(e.Date) {
			f.Vetoes++
			f.VetoesAlone += boolToInt(len(e.VetoedBy) == 1)
		}
	}
	line, why := c.opt.line(e)
	if why != "" {
		if c.opt.sat(e.Date) {
			c.excluded[why]++
		}
		return
	}
	c.events++
	for _, f := range c.figures(e.Date) {
		f.add(line)
	}
	if line.Position.Voted() {
		c.compare(line.Position, e.Votes)
	}
}

// figures are the counts that a vote of the day goes into.
func (c *MemberRecordCounter) figures(d Date) []*MemberFigures {
	key := ByYear.key(d)
	if c.years[key] == nil {
		c.years[key] = new(MemberFigures)
	}
	return []*MemberFigures{&c.total, c.years[key]}
}

func (f *MemberFigures) add(l MemberLine) {
	f.Positions.add(l.Position)
	f.Dissents += boolToInt(l.Dissent)
	f.LoneDissents += boolToInt(l.Lone)
	if l.Tally != nil {
		f.LoneNo += boolToInt(l.Position == No && l.Tally.No == 1)
		f.LoneAbstain += boolToInt(l.Position == Abstain && l.Tally.Abstain == 1)
	}
}

func (c *MemberRecordCounter) compare(own Position, roll []Vote) {
	for _, v := range roll {
		if c.opt.is(v.Code) || !v.Position.Voted() {
			continue
		}
		i := c.others.number(v.Code.Seat())
		if i == len(c.shared) {
			c.shared = append(c.shared, struct{ n, agreed int }{})
		}
		c.shared[i].n++
		c.shared[i].agreed += boolToInt(v.Position == own)
	}
}

// Result returns what was counted so far.
func (c *MemberRecordCounter) Result() MemberRecord {
	r := MemberRecord{Code: c.opt.Code, Name: c.opt.Code.NameOn(""), Events: c.events, Excluded: maps.Clone(c.excluded),
		MemberFigures: c.total, Years: []MemberYear{}, MinShared: c.opt.MinShared}
	for _, key := range slices.Sorted(maps.Keys(c.years)) {
		r.Years = append(r.Years, MemberYear{key, *c.years[key]})
	}
	list := []Neighbour{}
	for i, s := range c.shared {
		if s.n < c.opt.MinShared {
			r.TooFewShared++
			continue
		}
		code := c.others.codes[i]
		list = append(list, Neighbour{code, code.NameOn(""), s.n, s.agreed, shareOf(float64(s.agreed), s.n)})
	}
	r.Nearest = firstNeighbours(list, -1)
	r.Farthest = firstNeighbours(list, 1)
	return r
}

// firstNeighbours returns the first of the list by share, rising or, with sign
// -1, falling. Of equal shares the one over more votes says more.
func firstNeighbours(list []Neighbour, sign int) []Neighbour {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Neighbour) int {
		return cmp.Or(sign*cmp.Compare(*a.Share, *b.Share), cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code))
	})
	return list[:min(len(list), neighboursShown)]
}

// MemberLine is one vote of a member.
type MemberLine struct {
	ID       string    `json:"id"`
	Date     Date      `json:"date"`
	Title    Text      `json:"title"`
	Outcome  Outcome   `json:"outcome"`
	Position Position  `json:"position"`
	Majority *Position `json:"majority"` // what most members did; null where no tally is known
	Dissent  bool      `json:"dissent"`
	Lone     bool      `json:"lone"` // a dissent, and all others that took part did the same
	Veto     bool      `json:"veto"`
	Tally    *Tally    `json:"tally"`
}

// MemberLines returns what tells, vote by vote, how the member voted. It
// answers false where its position is not known, and so for the same votes that
// a MemberRecord does not count among its events.
func MemberLines(opt MemberOptions) func(Event) (MemberLine, bool) {
	return func(e Event) (MemberLine, bool) {
		line, why := opt.line(e)
		return line, why == ""
	}
}

func (o MemberOptions) line(e Event) (MemberLine, Exclusion) {
	if why := e.leftOut(); why != "" {
		return MemberLine{}, why
	}
	i := slices.IndexFunc(e.Votes, func(v Vote) bool { return o.is(v.Code) })
	if i < 0 {
		return MemberLine{}, LeftNoPosition
	}
	l := MemberLine{ID: e.ID, Date: e.Date, Title: e.Title, Outcome: e.Outcome, Position: e.Votes[i].Position,
		Veto: slices.ContainsFunc(e.VetoedBy, o.is), Tally: e.Tally}
	if most, known := e.MostTook(); known {
		t := e.Tally
		l.Majority = &most
		l.Dissent = l.Position.Voted() && l.Position != most
		l.Lone = l.Dissent && t.Yes+t.No+t.Abstain-max(t.Yes, t.No, t.Abstain) == 1
	}
	return l, ""
}

func (o MemberOptions) is(c Code) bool {
	return c == o.Code || !o.Alone && c.Seat() == o.Code.Seat()
}

func (o MemberOptions) sat(d Date) bool {
	council, _ := CouncilOn(d)
	return slices.ContainsFunc(council.Seats, func(s Seat) bool { return o.is(s.Code) })
}
