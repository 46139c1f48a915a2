package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"scvotes/votes"
)

// Heat draws how often each pair of members took the same position: the fuller
// the cell, the oftener. Every cell has its share in percent, and the number of
// votes behind it in its title; pairs without a common vote are hatched. href
// says where the cell of a pair leads; nil, or an empty address, is nowhere.
//
// It draws the matrix of a.Matrix, and so needs an Agreement of the whole time.
func Heat(a votes.Agreement, href func(a, b votes.Code) string, opt Options) Picture {
	n := min(len(a.Members), len(a.Matrix))
	h := heat{Agreement: a, n: n, pairs: map[[2]votes.Code]votes.Pair{}}
	for _, pair := range a.Pairs {
		h.pairs[[2]votes.Code{pair.A, pair.B}] = pair
		h.pairs[[2]votes.Code{pair.B, pair.A}] = pair
	}
	p := Picture{opt: opt, name: "agreement", Width: opt.width(640), links: href != nil}
	p.Title = fmt.Sprintf("How often members of the Security Council agreed, in %s", plural(a.Events, "vote", "votes"))
	p.Description = h.inWords()
	top := p.heading("How often members agreed", fmt.Sprintf("share of the votes in which both took part, in %%; %s counted", plural(a.Events, "vote", "votes")))
	h.layout(p.Width, top)
	p.add(h.labels()...)
	for i := range n {
		for j := range n {
			if i != j {
				p.add(h.cell(i, j, href))
			}
		}
	}
	p.Height = h.at.y + h.high*float64(n) + 8
	if n == 0 {
		p.add(text{at: point{margin, p.Height + 12}, s: "No pair of members to compare", size: bodySize(p.Width), colour: soft})
		p.Height += 24
		return p
	}
	p.Height += p.legend(p.Height, false, heatKeys()) + 4
	return p
}

// heat is a matrix on its way to be drawn.
type heat struct {
	votes.Agreement
	n          int
	pairs      map[[2]votes.Code]votes.Pair
	at         point // upper left corner of the cells
	wide, high float64
	size       float64 // of the letters
	turned     bool    // the codes above the columns are written upwards
	named      bool    // the rows have names, not codes
}

// layout makes room for names, or for codes alone where names would leave too
// little for the numbers.
func (h *heat) layout(width, top float64) {
	h.size = smallSize(width)
	left := 0.0
	for _, m := range h.Members[:h.n] {
		left = max(left, measure(m.Name, h.size, false))
	}
	code := measure("WWW", h.size, true)
	left += 4 + code
	cells := (width - 2*margin - left) / float64(max(h.n, 1))
	if h.named = left <= width*0.4 && cells >= h.number(); !h.named {
		left = code
	}
	h.at = point{margin + left + 6, top + margin + h.size*1.3}
	h.wide = (width - margin - h.at.x) / float64(max(h.n, 1))
	h.wide = min(h.wide, 84)
	if h.turned = h.wide < code; h.turned {
		h.at.y = top + margin + code + 4
	}
	h.high = min(max(h.wide, h.size*1.25), 40)
}

// number is the width of a cell that holds one.
func (h *heat) number() float64 { return measure("100", h.size, false) + 3 }

// labels name the rows, and the columns as often as there is room.
func (h *heat) labels() []element {
	var list []element
	step := 1
	if h.wide < h.size*1.05 { // codes written upwards are as wide as a line is high
		step = int(math.Ceil(h.size * 1.05 / h.wide))
	}
	for i, m := range h.Members[:h.n] {
		row := point{h.at.x - 6, h.at.y + h.high*(float64(i)+0.5) + h.size*baseline}
		list = append(list, text{at: row, s: string(m.Code), size: h.size, bold: true, anchor: end, colour: ink})
		if h.named {
			name := row.plus(-4-measure("WWW", h.size, true), 0)
			list = append(list, text{at: name, s: m.Name, size: h.size, anchor: end, colour: ink})
		}
		column := point{h.at.x + h.wide*(float64(i)+0.5), h.at.y - 5}
		t := text{at: column, s: string(m.Code), size: h.size, bold: true, anchor: middle, colour: ink}
		if h.turned {
			t.at, t.anchor, t.up = column.plus(h.size*baseline, 0), start, true
		}
		if i%step == 0 {
			list = append(list, t)
		}
	}
	return list
}

// cell draws one share.
func (h *heat) cell(i, j int, href func(a, b votes.Code) string) element {
	a, b := h.Members[i], h.Members[j]
	share, pair := h.Matrix[i][j], h.pairs[[2]votes.Code{a.Code, b.Code}]
	at := h.at.plus(h.wide*float64(j), h.high*float64(i))
	gap := min(1, h.wide*0.1)
	g := group{title: fmt.Sprintf("%s and %s: no vote in which both took part", a.Name, b.Name)}
	frame := box{at.plus(gap, gap), h.wide - 2*gap, h.high - 2*gap, 0, paint{fill: paper}}
	word := "–"
	if !known(share) {
		frame.edge, frame.width = line, 1
		g.list = append(g.list, frame, lines{list: rising.strokes(frame.at.x, frame.at.y, frame.at.x+frame.w, frame.at.y+frame.h), colour: line, width: 1})
	} else {
		frame.fill, frame.opacity = yes, shade(*share)
		g.title = fmt.Sprintf("%s and %s: agreed in %s of %s", a.Name, b.Name, percent(share), plural(pair.N, "vote", "votes"))
		g.list = append(g.list, frame)
		word = fmt.Sprintf("%.0f", *share*100)
	}
	if h.wide >= h.number() {
		g.list = append(g.list, centred(at.plus(h.wide/2, h.high/2), word, h.size, false, ink))
	}
	if href != nil && known(share) {
		// The matrix has each pair twice; the keyboard need not stop twice.
		g.href, g.twin = href(a.Code, b.Code), i < j
	}
	return g
}

// shade is how full a cell is. Shares crowd near the top, so that it grows with
// their square; it stops where the number could no longer be read on it.
func shade(share float64) float64 {
	share = min(max(share, 0), 1)
	return 0.03 + 0.47*share*share
}

// heatKeys explain the shades.
func heatKeys() []key {
	var keys []key
	for _, share := range []float64{0.25, 0.5, 0.75, 1} {
		keys = append(keys, key{func(at point, r float64) []element {
			return []element{box{at.plus(-r, -r), 2 * r, 2 * r, 0, paint{fill: yes, opacity: shade(share)}}}
		}, percent(&share)})
	}
	return append(keys, key{func(at point, r float64) []element {
		return []element{box{at.plus(-r, -r), 2 * r, 2 * r, 0, paint{fill: paper, edge: line, width: 1}},
			lines{list: rising.strokes(at.x-r, at.y-r, at.x+r, at.y+r), colour: line, width: 1}}
	}, "no common vote"})
}

// inWords tells the ends of the scale, and of few members every pair.
func (h *heat) inWords() string {
	pairs := slices.DeleteFunc(slices.Clone(h.Pairs), func(p votes.Pair) bool { return p.Share == nil })
	if h.n == 0 || len(pairs) == 0 {
		return "No pair of members took part in a vote together."
	}
	slices.SortStableFunc(pairs, func(a, b votes.Pair) int {
		return cmp.Or(cmp.Compare(*b.Share, *a.Share), cmp.Compare(b.N, a.N))
	})
	names := map[votes.Code]string{}
	for _, m := range h.Members {
		names[m.Code] = withArticle(m.Name)
	}
	tell := func(p votes.Pair) string {
		return fmt.Sprintf("%s and %s %s of %s", names[p.A], names[p.B], percent(p.Share), plural(p.N, "vote", "votes"))
	}
	if len(pairs) <= 15 { // as many as six members have
		told := make([]string, len(pairs))
		for i, p := range pairs {
			told[i] = tell(p)
		}
		return capital(strings.Join(told, "; ")) + "."
	}
	return fmt.Sprintf("%s compared in %s. Most often: %s. Least often: %s.", plural(h.n, "member", "members"), plural(len(pairs), "pair", "pairs"),
		tell(pairs[0]), tell(pairs[len(pairs)-1]))
}
