package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"scvotes/votes"
)

// Horseshoe draws the Council's table seen from above, with how each member
// voted, the tally and the outcome. Where the roll is not known the members of
// the day are drawn all the same, those known to have vetoed as such.
//
// The members are in the order of the record: the permanent ones, then the
// elected ones by name, from the lower left round to the lower right. In the
// chamber the order moves on by a seat each month.
func Horseshoe(r votes.Resolution, opt Options) Picture {
	seats := seatsOf(r)
	p := Picture{opt: opt, name: "council", Width: opt.width(640)}
	p.Title = fmt.Sprintf("How the Security Council voted on %s on %s: %s", nameOf(r), longDate(r.Date), outcomeWords(r))
	p.Description = inWords(r, seats)
	top := p.heading(nameOf(r)+", "+longDate(r.Date), about(r))
	table := newTable(p.Width, top, len(seats))
	p.add(table.draw(seats)...)
	p.add(table.verdict(r)...)
	p.Height = table.bottom + 6
	p.Height += p.legend(p.Height, true, rollLegend(r, seats)) + margin
	return p
}

// Council draws who sat on a day.
func Council(c votes.Council, opt Options) Picture {
	var seats []seat
	var names []string
	for _, s := range c.Seats {
		seats = append(seats, seat{code: s.Code, name: s.Name, permanent: s.Permanent})
		names = append(names, seats[len(seats)-1].words())
	}
	p := Picture{opt: opt, name: "council", Width: opt.width(640)}
	p.Title = "The Security Council on " + longDate(c.Date)
	p.Description = fmt.Sprintf("%d members: %s. %d votes in favour carry a proposal.", len(seats), listed(names), c.Required)
	table := newTable(p.Width, p.heading(p.Title), len(seats))
	p.add(table.draw(seats)...)
	p.add(table.lines(
		words{fmt.Sprint(len(seats)), 0.3, true, ink}, words{"members", 0.1, false, soft},
		words{longDate(c.Date), 0.1, false, ink}, words{fmt.Sprintf("%d votes carry", c.Required), 0.09, false, soft})...)
	p.Height = table.bottom + 6
	p.Height += p.legend(p.Height, true, []key{permanentKey()}) + margin
	return p
}

// Small draws the table 64 px wide for a line of a list: what it shows stands
// beside it in words, so that it is hidden from screen readers.
func Small(r votes.Resolution) Picture {
	p := Picture{Title: nameOf(r), name: "small", Width: 64, Height: 50, decorative: true}
	seats := seatsOf(r)
	t := table{at: point{32, 31}, r: 26, arm: 13, mark: 2.9}
	for i, s := range seats {
		at, _ := t.place(i, len(seats))
		size := t.mark
		if s.permanent {
			size *= 1.2
		}
		if s.veto {
			p.add(disc{at, size * 1.75, paint{fill: paper, edge: veto, width: 1.6}})
			size *= 0.9
		}
		p.add(mark(at, size, s.position)[0])
	}
	return p
}

// seat is one place at the table.
type seat struct {
	code      votes.Code
	name      string
	permanent bool
	voted     bool // it is shown with its position
	position  votes.Position
	veto      bool
}

func (s seat) words() string {
	switch {
	case s.veto:
		return s.name + " (permanent member, a veto)"
	case s.permanent:
		return s.name + " (permanent member)"
	}
	return s.name
}

// seatsOf lays the roll of a vote on the seats of its day.
func seatsOf(r votes.Resolution) []seat {
	var roll []votes.MemberVote
	if r.Detail != nil {
		roll = slices.Clone(r.Votes)
	}
	council, _ := votes.CouncilOn(r.Date)
	seats := make([]seat, 0, len(council.Seats))
	for _, m := range council.Seats {
		s := seat{code: m.Code, name: m.Name, permanent: m.Permanent, voted: r.AdoptedBy != votes.ByNoVote && r.Outcome != votes.Withdrawn}
		if i := slices.IndexFunc(roll, func(v votes.MemberVote) bool { return v.Code == m.Code }); i >= 0 {
			s.position, s.veto, s.voted = roll[i].Position, roll[i].Veto, true
			roll = slices.Delete(roll, i, i+1)
		} else if slices.Contains(r.VetoedBy, m.Code) {
			s.position, s.veto = votes.No, true
		}
		seats = append(seats, s)
	}
	for _, v := range roll { // a day of which no Council is known
		seats = append(seats, seat{v.Code, v.Name, v.Permanent, true, v.Position, v.Veto})
	}
	return seats
}

// table is where the horseshoe lies: half a circle around at, and two arms.
type table struct {
	at     point
	r, arm float64 // of the line on which the members sit
	mark   float64 // size of their marks
	codes  float64 // size of the letters of their codes; 0 for none
	bottom float64
}

// newTable fits a table of n seats into a width, below top.
func newTable(width, top float64, n int) table {
	t := table{mark: max(8, width/32), codes: max(leastPx, width/46)}
	if width < 280 { // no room for codes: they are in the titles of the seats
		t.codes = 0
	}
	outside := t.ring() + 4
	if t.codes > 0 {
		outside += measure("MMM", t.codes, true) + 2
	}
	t.r = width/2 - outside
	t.arm = t.r * 0.48
	above := t.ring() + 6
	if t.codes > 0 {
		above += t.codes * 1.3
	}
	t.at = point{width / 2, top + above + t.r}
	t.bottom = t.at.y + t.arm + t.ring() + 2
	// Fifteen seats set the measure; what is more crowded shrinks.
	if n > 15 {
		t.mark *= 15 / float64(n)
	}
	return t
}

// ring is the radius of the second ring of a permanent member.
func (t table) ring() float64 { return t.mark * 1.42 }

// place returns where seat i of n is, and which way is out.
func (t table) place(i, n int) (at, out point) {
	length := 2*t.arm + math.Pi*t.r
	along := length / 2
	if n > 1 {
		along = length * float64(i) / float64(n-1)
	}
	switch {
	case along < t.arm:
		return t.at.plus(-t.r, t.arm-along), point{-1, 0}
	case along > length-t.arm:
		return t.at.plus(t.r, along-(length-t.arm)), point{1, 0}
	}
	sin, cos := math.Sincos((along - t.arm) / t.r)
	return t.at.plus(-cos*t.r, -sin*t.r), point{-cos, -sin}
}

// draw draws the table and who sits at it.
func (t table) draw(seats []seat) []element {
	desk := t.mark * 1.1
	r := t.r - t.ring() - desk*0.5 - t.mark*0.35
	list := []element{arch{t.at, r, t.arm, line, desk + 2}, arch{t.at, r, t.arm, raised, desk}}
	for i, s := range seats {
		at, out := t.place(i, len(seats))
		list = append(list, t.seat(s, at, out))
	}
	return list
}

// seat draws one member: permanent ones in a second ring, a veto in a heavy one
// with the word beside it.
func (t table) seat(s seat, at, out point) element {
	g := group{title: s.words()}
	switch {
	case s.veto:
		g.list = append(g.list, disc{at, t.ring(), paint{fill: paper, edge: veto, width: max(2.5, t.mark*0.24)}})
	case s.permanent:
		g.list = append(g.list, disc{at, t.ring(), paint{fill: paper, edge: ink, width: max(1, t.mark*0.08)}})
	}
	if s.voted {
		g.title += ": " + signs[s.position].words
		g.list = append(g.list, mark(at, t.mark, s.position)...)
	} else {
		g.list = append(g.list, disc{at, t.mark, paint{fill: raised, edge: absent, width: max(1, t.mark*0.1)}})
	}
	if t.codes > 0 {
		wide := measure(string(s.code), t.codes, true)
		far := t.ring() + 4 + math.Abs(out.x)*wide/2 + math.Abs(out.y)*t.codes*0.4
		g.list = append(g.list, centred(at.plus(out.x*far, out.y*far), string(s.code), t.codes, true, ink))
	}
	if s.veto {
		g.list = append(g.list, t.tag(at, out)...)
	}
	return g
}

// tag is the word VETO on the table before a seat.
func (t table) tag(at, out point) []element {
	size := max(leastPx, t.mark*0.55)
	w, h := measure("VETO", size, true)+size*0.8, size*1.5
	far := t.ring() + size*0.35 + math.Abs(out.x)*w/2 + math.Abs(out.y)*h/2
	c := at.plus(-out.x*far, -out.y*far)
	return []element{box{c.plus(-w/2, -h/2), w, h, h / 2, paint{fill: veto}}, centred(c, "VETO", size, true, paper)}
}

// words is a line in the middle of the table.
type words struct {
	s      string
	size   float64 // as a share of the table's radius
	bold   bool
	colour colour
}

// lines sets lines in the middle of the table.
func (t table) lines(list ...words) []element {
	list = slices.DeleteFunc(list, func(w words) bool { return w.s == "" })
	room := 2 * (t.r - t.ring() - t.mark*1.9)
	height := 0.0
	for i := range list {
		w := &list[i]
		w.size = max(leastPx, w.size*t.r)
		if wide := measure(w.s, w.size, w.bold); wide > room {
			w.size = max(leastPx, w.size*room/wide)
			w.s = fit(w.s, room, w.size, w.bold)
		}
		height += w.size * 1.3
	}
	var out []element
	// The room is widest where the arms begin, a little below the circle's middle.
	y := t.at.y + t.r*0.02 - height/2
	for _, w := range list {
		out = append(out, centred(point{t.at.x, y + w.size*0.65}, w.s, w.size, w.bold, w.colour))
		y += w.size * 1.3
	}
	return out
}

// verdict writes outcome and tally.
func (t table) verdict(r votes.Resolution) []element {
	word, c := "ADOPTED", good
	switch r.Outcome {
	case votes.Vetoed:
		word, c = "VETOED", veto
	case votes.Failed:
		word, c = "NOT ADOPTED", no
	case votes.Withdrawn:
		word, c = "NOT PUT TO THE VOTE", soft
	}
	count, needed := "", ""
	if r.Tally != nil {
		count = fmt.Sprintf("%d–%d–%d", r.Tally.Yes, r.Tally.No, r.Tally.Abstain)
		needed = fmt.Sprintf("%d of %d needed", r.Tally.Required, r.Tally.Members)
		if r.Tally.NotVoting > 0 {
			needed += fmt.Sprintf(", %d not voting", r.Tally.NotVoting)
		}
	}
	return t.lines(words{word, 0.13, true, c}, words{count, 0.29, true, ink}, words{how(r), 0.085, false, ink},
		words{needed, 0.085, false, soft}, words{rollNote(r), 0.085, false, soft})
}

// how says in a few words why the outcome is what it is.
func how(r votes.Resolution) string {
	switch {
	case r.Outcome == votes.Vetoed && len(r.VetoedBy) > 2:
		return "by " + codes(r.VetoedBy)
	case r.Outcome == votes.Vetoed:
		return "by " + listed(namesOn(r.VetoedBy, r.Date))
	case r.Outcome == votes.Failed && r.Tally != nil:
		return plural(max(r.Tally.Required-r.Tally.Yes, 0), "vote", "votes") + " short"
	case r.AdoptedBy == votes.ByUnanimity:
		return "unanimously"
	case r.AdoptedBy == votes.ByNoVote:
		return "without a vote"
	case r.Procedural:
		return "procedural: no veto"
	}
	return ""
}

func rollNote(r votes.Resolution) string {
	switch {
	case r.RollCall == votes.RollDisputed:
		return "roll call disputed"
	case r.Tally == nil && r.AdoptedBy != votes.ByNoVote && r.Outcome != votes.Withdrawn:
		return "tally not known"
	}
	return ""
}

func codes(list []votes.Code) string {
	s := make([]string, len(list))
	for i, c := range list {
		s[i] = string(c)
	}
	return strings.Join(s, ", ")
}

// rollLegend explains the marks that the picture has.
func rollLegend(r votes.Resolution, seats []seat) []key {
	count := map[votes.Position]int{}
	shown := false
	for _, s := range seats {
		if s.voted {
			count[s.position]++
			shown = shown || s.position != unknown
		}
	}
	var keys []key
	for _, p := range votes.Positions {
		always := p == votes.Yes || p == votes.No || p == votes.Abstain
		if n := count[p]; n > 0 || always && shown && r.RollCall == votes.RollComplete {
			keys = append(keys, positionKey(p, n))
		}
	}
	if n := count[unknown]; n > 0 {
		keys = append(keys, positionKey(unknown, n))
	}
	return append(keys, permanentKey())
}

func permanentKey() key {
	return key{func(at point, r float64) []element {
		return []element{disc{at, r, paint{fill: paper, edge: ink, width: 1}}, disc{at, r * 0.6, paint{fill: raised, edge: absent, width: 1}}}
	}, "permanent member"}
}

// TallyBar draws a tally seat by seat, and the number of votes in favour that
// carry. Vetoes are marked among the votes against.
func TallyBar(t votes.Tally, vetoedBy []votes.Code, opt Options) Picture {
	p := Picture{opt: opt, name: "tally", Width: opt.width(640)}
	p.Title = fmt.Sprintf("%d in favour, %d needed", t.Yes, t.Required)
	p.Description = fmt.Sprintf("%d in favour, %d against, %d abstaining, %d not voting, of %d; %d in favour needed.",
		t.Yes, t.No, t.Abstain, t.NotVoting, cmp.Or(t.Members, t.Yes+t.No+t.Abstain+t.NotVoting), t.Required)
	if len(vetoedBy) > 0 {
		p.Description += " Vetoed by " + listed(namesOn(vetoedBy, "")) + "."
	}
	y := p.heading("Votes in favour and the number needed")
	size := smallSize(p.Width)
	seats := max(t.Members, t.Yes+t.No+t.Abstain+t.NotVoting, 1)
	cell := (p.Width - 2*margin) / float64(seats)
	high := min(max(cell, 16), 30)
	top := y + size*1.7
	x := margin
	var keys []key
	for _, part := range []struct {
		p votes.Position
		n int
	}{{votes.Yes, t.Yes}, {votes.No, t.No}, {votes.Abstain, t.Abstain}, {votes.NotParticipating, t.NotVoting}} {
		for i := range part.n {
			p.add(tallyCell(point{x, top}, cell, high, part.p, part.p == votes.No && i < len(vetoedBy))...)
			x += cell
		}
		if part.n > 0 {
			keys = append(keys, positionKey(part.p, part.n))
		}
	}
	if t.Required > 0 {
		p.add(requiredLine(point{margin + cell*float64(t.Required), top}, high, size, p.Width, t.Required)...)
	}
	p.Height = top + high + size*0.9
	p.Height += p.legend(p.Height, false, keys) + 4
	return p
}

func tallyCell(at point, w, h float64, p votes.Position, vetoed bool) []element {
	s := signs[p]
	look := paint{fill: s.colour}
	if s.hollow {
		look = paint{fill: paper, edge: s.colour, width: 1}
	}
	c := paper
	if s.hollow {
		c = s.colour
	}
	list := []element{box{at.plus(1, 0), w - 2, h, 2, look}}
	if vetoed {
		list = []element{box{at.plus(2.5, 1.5), w - 5, h - 3, 1, paint{fill: s.colour, edge: veto, width: 3}}}
	}
	if w >= leastPx+1 {
		list = append(list, centred(at.plus(w/2, h/2), s.letter, min(max(leastPx, h*0.5), 14), true, c))
	}
	return list
}

// requiredLine stands behind the last of the votes needed.
func requiredLine(at point, high, size, width float64, n int) []element {
	from, to := at.plus(0, -5), at.plus(0, high+5)
	label := text{at: at.plus(0, -8), s: fmt.Sprintf("%d needed", n), size: size, bold: true, anchor: middle, colour: ink}
	half := measure(label.s, size, true) / 2
	label.at.x = min(max(label.at.x, half+2), width-half-2)
	return []element{
		lines{list: []segment{{from, to}}, colour: paper, width: 6},
		lines{list: []segment{{from, to}}, colour: ink, width: 2}, label,
	}
}
