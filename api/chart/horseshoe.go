package chart

import (
	"fmt"
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
		if s.veto { // the one thing to be seen at this size
			p.add(disc{at, size * 1.75, paint{fill: paper, edge: veto, width: 1.6}})
			size *= 0.9
		}
		if !s.voted || s.position == unknown { // a dot: a ring would be taken for absence
			p.add(disc{at, size * 0.5, paint{fill: soft}})
			continue
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

// words name the member for those who do not see rings.
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
	// Of an adoption without a vote, and of what was not put to one, no position
	// is missing: there was none.
	seats := make([]seat, 0, len(council.Seats))
	for _, m := range council.Seats {
		s := seat{code: m.Code, name: m.Name, permanent: m.Permanent, voted: r.AdoptedBy != votes.ByNoVote && r.Outcome != votes.Withdrawn}
		if i := slices.IndexFunc(roll, func(v votes.MemberVote) bool { return v.Code == m.Code }); i >= 0 {
			s.position, s.veto, s.voted = roll[i].Position, roll[i].Veto, true
			roll = slices.Delete(roll, i, i+1)
		} else if slices.Contains(r.VetoedBy, m.Code) { // known where the roll is not
			s.position, s.veto = votes.No, true
		}
		seats = append(seats, s)
	}
	for _, v := range roll { // a day of which no Council is known
		seats = append(seats, seat{v.Code, v.Name, v.Permanent, true, v.Position, v.Veto})
	}
	return seats
}

// verdict writes outcome and tally.
func (t table) verdict(r votes.Resolution) []element {
	word, c := outcomeWord(r.Outcome)
	count, needed := "", ""
	if r.Tally != nil {
		count = fmt.Sprintf("%d–%d–%d", r.Tally.Yes, r.Tally.No, r.Tally.Abstain)
		needed = fmt.Sprintf("%d of %d needed", r.Tally.Required, r.Tally.Members)
		if r.Tally.NotVoting > 0 {
			needed += fmt.Sprintf(", %d not voting", r.Tally.NotVoting)
		}
	}
	return t.lines(words{word, 0.13, true, c}, words{count, 0.29, true, ink}, words{how(r, t.codes == 0), 0.085, false, ink},
		words{needed, 0.085, false, soft}, words{rollNote(r), 0.085, false, soft})
}

// outcomeWord is an outcome as it is set large.
func outcomeWord(o votes.Outcome) (string, colour) {
	switch o {
	case votes.Vetoed:
		return "VETOED", veto
	case votes.Failed:
		return "NOT ADOPTED", no
	case votes.Withdrawn:
		return "NOT PUT TO THE VOTE", soft
	}
	return "ADOPTED", good
}

// how says in a few words why the outcome is what it is, in fewer with the codes
// of members than with their names.
func how(r votes.Resolution, short bool) string {
	switch {
	case r.Outcome == votes.Vetoed && (short || len(r.VetoedBy) > 2):
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

// rollNote says what a reader might miss in the middle, and why it is missing.
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
	// A complete roll has its three votes explained even where nobody cast one:
	// that there were none is news, too.
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

// permanentKey explains the second ring.
func permanentKey() key {
	return key{func(at point, r float64) []element {
		return []element{disc{at, r, paint{fill: paper, edge: ink, width: 1}}, disc{at, r * 0.6, paint{fill: raised, edge: absent, width: 1}}}
	}, "permanent member"}
}
