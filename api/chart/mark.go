package chart

import (
	"fmt"

	"scvotes/votes"
)

// unknown is the position of a member of which no source tells it.
const unknown votes.Position = ""

// sign is how a position is shown: a shape, a colour and a letter.
type sign struct {
	letter string
	words  string // behind a number: 14 in favour
	colour colour
	hollow bool
}

// signs are the five positions. Y, N, A and X are the letters of the UN's own
// files; they write X for members absent as well, which here have a dash.
var signs = map[votes.Position]sign{
	votes.Yes:              {"Y", "in favour", yes, false},
	votes.No:               {"N", "against", no, false},
	votes.Abstain:          {"A", "abstaining", abstain, false},
	votes.NotParticipating: {"X", "not participating", absent, true},
	votes.Absent:           {"–", "absent", absent, true},
	unknown:                {"?", "not known", absent, true},
}

// mark draws a position: in favour a disc, against a square, abstaining a
// diamond, not taking part a ring. The areas are about equal. The letter is
// left out where it would be under 9 px.
func mark(at point, r float64, p votes.Position) []element {
	s := signs[p]
	look := paint{fill: s.colour}
	if s.hollow {
		look = paint{fill: paper, edge: s.colour, width: max(1, r*0.14)}
	}
	var shape element = disc{at, r, look}
	switch p {
	case votes.No:
		side := r * 1.78
		shape = box{at.plus(-side/2, -side/2), side, side, r * 0.18, look}
	case votes.Abstain:
		shape = diamond{at, r * 1.27, look}
	}
	// A diamond has less room in its middle than a disc of the same area.
	letter := r * 1.05
	if p == votes.Abstain {
		letter = r * 0.95
	}
	if letter = max(letter, leastPx); r < leastPx*0.72 { // half a letter's height would stand out
		return []element{shape}
	}
	c := paper // the ground shows through: see TestContrast
	if s.hollow {
		c = s.colour
	}
	return []element{shape, centred(at, s.letter, letter, true, c)}
}

// key is one entry of a legend.
type key struct {
	sign func(at point, r float64) []element
	text string
}

// positionKey explains a mark, with how many members it stands for.
func positionKey(p votes.Position, n int) key {
	return key{func(at point, r float64) []element { return mark(at, r, p) }, fmt.Sprintf("%d %s", n, signs[p].words)}
}

// legend lays entries in lines from y on, as many as fit each, and returns the
// height they take.
func (p *Picture) legend(y float64, middle bool, keys []key) float64 {
	size, r := smallSize(p.Width), max(6.6, smallSize(p.Width)*0.72)
	gap, between := r*0.8, r*2.4
	height, room := max(size, 2*r)*1.45, p.Width-2*margin
	first := y
	for len(keys) > 0 {
		n, used := 0, 0.0
		for n < len(keys) {
			next := 2*r + gap + measure(keys[n].text, size, false)
			if n > 0 {
				next += between
			}
			if n > 0 && used+next > room {
				break
			}
			used, n = used+next, n+1
		}
		x := margin
		if middle {
			x = max(margin, (p.Width-used)/2)
		}
		for _, k := range keys[:n] {
			p.add(k.sign(point{x + r, y + height/2}, r)...)
			x += 2*r + gap
			s := fit(k.text, p.Width-margin-x, size, false)
			p.add(text{at: point{x, y + height/2 + size*baseline}, s: s, size: size, colour: ink})
			x += measure(s, size, false) + between
		}
		y += height
		keys = keys[n:]
	}
	return y - first
}
