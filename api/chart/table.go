package chart

import (
	"math"
	"slices"
)

// table is where the horseshoe lies: half a circle around at, and two arms.
type table struct {
	at     point
	r, arm float64 // of the line on which the members sit
	mark   float64 // size of their marks
	codes  float64 // size of the letters of their codes; 0 for none
	tags   bool    // vetoes have the word beside them; else the middle alone says it
	bottom float64
}

// newTable fits a table of n seats into a width, below top.
func newTable(width, top float64, n int) table {
	t := table{mark: max(6.6, width/32), codes: max(leastPx, width/46), tags: width >= 300}
	if width < 240 { // no room for codes: they are in the titles of the seats
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
	case along < t.arm: // up the left arm, round the head, down the right arm
		return t.at.plus(-t.r, t.arm-along), point{-1, 0}
	case along > length-t.arm:
		return t.at.plus(t.r, along-(length-t.arm)), point{1, 0}
	}
	sin, cos := math.Sincos((along - t.arm) / t.r)
	return t.at.plus(-cos*t.r, -sin*t.r), point{-cos, -sin}
}

// draw draws the table and who sits at it.
func (t table) draw(seats []seat) []element {
	desk := t.mark * 1.1 // the breadth of the table itself, inside of the seats
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
	g := group{title: string(s.code) + ", " + s.words()}
	switch {
	case s.veto:
		g.list = append(g.list, disc{at, t.ring(), paint{fill: paper, edge: veto, width: max(2.5, t.mark*0.24)}})
	case s.permanent:
		g.list = append(g.list, disc{at, t.ring(), paint{fill: paper, edge: ink, width: max(1, t.mark*0.08)}})
	}
	if s.voted {
		// The title tells by a pointer at rest what the marks tell by sight.
		g.title += ": " + signs[s.position].words
		g.list = append(g.list, mark(at, t.mark, s.position)...)
	} else {
		g.list = append(g.list, disc{at, t.mark, paint{fill: raised, edge: absent, width: max(1, t.mark*0.1)}})
	}
	if t.codes > 0 {
		wide := measure(string(s.code), t.codes, true)
		// As far out as the box around the letters needs in this direction.
		far := t.ring() + 4 + math.Abs(out.x)*wide/2 + math.Abs(out.y)*t.codes*0.4
		g.list = append(g.list, centred(at.plus(out.x*far, out.y*far), string(s.code), t.codes, true, ink))
	}
	if s.veto && t.tags {
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
	// What is not known is left out, and the rest moves to the middle.
	list = slices.DeleteFunc(list, func(w words) bool { return w.s == "" })
	room := 2 * (t.r - t.ring() - t.mark*1.9)
	height := 0.0
	for i := range list {
		w := &list[i]
		w.size = max(leastPx, w.size*t.r)
		if wide := measure(w.s, w.size, w.bold); wide > room { // smaller first; cut only at the least size
			if w.size *= room / wide; w.size < leastPx {
				w.size = leastPx
				w.s = fit(w.s, room, w.size, w.bold)
			}
		}
		height += w.size * 1.3
	}
	var out []element
	// The room is widest where the arms begin, a little below the circle's middle.
	y := t.at.y + t.r*0.08 - height/2
	for _, w := range list {
		out = append(out, centred(point{t.at.x, y + w.size*0.65}, w.s, w.size, w.bold, w.colour))
		y += w.size * 1.3
	}
	return out
}
