package chart

import (
	"cmp"
	"fmt"

	"scvotes/votes"
)

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
	// A tally of no known Council is as wide as its votes.
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
			k := positionKey(part.p, part.n)
			if part.p == votes.No {
				k.text += vetoesAmong(part.n, len(vetoedBy))
			}
			keys = append(keys, k)
		}
	}
	if t.Required > 0 {
		p.add(requiredLine(point{margin + cell*float64(t.Required), top}, high, size, p.Width, t.Required)...)
	}
	p.Height = top + high + size*0.9
	p.Height += p.legend(p.Height, false, keys) + 4
	return p
}

// vetoesAmong tells how many of the votes against were vetoes.
func vetoesAmong(against, vetoes int) string {
	switch {
	case vetoes == 0:
		return ""
	case vetoes < against:
		return ", " + plural(vetoes, "of them a veto", "of them vetoes")
	case vetoes == 1:
		return ", a veto"
	}
	return ", all vetoes"
}

// tallyCell is one vote. A veto stands in a frame, as at the table in a ring.
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
		list = []element{box{at.plus(2, 1), w - 4, h - 2, 2, paint{fill: paper, edge: veto, width: 2}}}
		if w > leastPx+2 {
			list = append(list, box{at.plus(5, 4), w - 10, h - 8, 1, look})
		} else {
			list = append(list, box{at.plus(3, 2), w - 6, h - 4, 0, look})
		}
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
	// Near an end of the bar the words move in; the line stays where it is.
	label.at.x = min(max(label.at.x, half+2), width-half-2)
	return []element{
		lines{list: []segment{{from, to}}, colour: paper, width: 6},
		lines{list: []segment{{from, to}}, colour: ink, width: 2}, label,
	}
}
