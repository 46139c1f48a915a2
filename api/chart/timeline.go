package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"scvotes/votes"
)

// Order is how the rows of a Timeline lie.
type Order string

// The orders.
const (
	ByName   Order = "name"
	ByRegion Order = "region" // the permanent members, then the regional groups
)

// Timeline draws who sat on the Council when: a row for each member, a bar for
// each term. A permanent seat is one row, whoever held it. Terms that last are
// drawn to the day until.
func Timeline(terms []votes.Term, until votes.Date, order Order, opt Options) Picture {
	p := Picture{opt: opt, name: "timeline", Width: opt.width(960)}
	p.Title = "Who sat on the Security Council, " + spanOf(termYears(terms, until))
	rows := rowsOf(terms)
	p.Description = fmt.Sprintf("%s in %s; the permanent ones throughout.", plural(len(rows), "member", "members"), plural(len(terms), "term", "terms"))
	size := smallSize(p.Width)
	s := newScale(terms, until, p.Width)
	if s.left = margin + measure("WWW", size, true) + 8; p.Width >= 560 {
		s.left = margin + 0.27*p.Width
	}
	y := p.heading(p.Title) + size*1.6
	s.high = size * 1.5
	first := len(p.elements) // the grid goes below the rows, and is as long as they are
	s.top = y
	for _, part := range partsOf(rows, order) {
		if part.name != "" {
			y += s.high * 0.5
			p.add(text{at: point{margin, y + s.high*0.72}, s: fit(part.name, p.Width-2*margin, size, true), size: size, bold: true, colour: soft})
			y += s.high
		}
		for _, r := range part.rows {
			p.add(s.row(r, y, size)...)
			y += s.high
		}
	}
	s.bottom = y
	p.elements = slices.Insert(p.elements, first, s.grid(size)...)
	p.Height = y + size*1.6
	p.Height += p.legend(p.Height, false, termKeys()) + 4
	return p
}

// Terms draws the terms of one member on one line.
func Terms(member string, terms []votes.Term, until votes.Date, opt Options) Picture {
	p := Picture{opt: opt, name: "terms", Width: opt.width(640)}
	p.Title = "When " + withArticle(member) + " sat on the Security Council"
	var told []string
	for _, t := range terms {
		told = append(told, termWords(t))
	}
	p.Description = capital(cmp.Or(listed(told), "never")) + "."
	size := smallSize(p.Width)
	s := newScale(nil, until, p.Width) // the whole time, so that members' pages compare
	s.left, s.high = margin, 18
	s.top = p.heading(p.Title) + margin
	s.bottom = s.top + s.high
	p.add(s.grid(size)...)
	p.add(s.row(row{terms: terms}, s.top, size)...)
	p.Height = s.bottom + size*1.8
	return p
}

// row is the terms of one seat.
type row struct {
	code  votes.Code
	name  string
	terms []votes.Term
}

// rowsOf puts the terms of each member together, by name.
func rowsOf(terms []votes.Term) []row {
	place := map[votes.Code]int{}
	var rows []row
	for _, t := range terms {
		code := t.Code.Seat()
		i, ok := place[code]
		if !ok {
			i = len(rows)
			place[code] = i
			rows = append(rows, row{code: code, name: code.NameOn("")})
		}
		rows[i].terms = append(rows[i].terms, t)
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.code, b.code)) })
	return rows
}

// part is the rows under one heading.
type part struct {
	name string
	rows []row
}

var groupNames = map[votes.RegionalGroup]string{votes.African: "African states", votes.AsiaPacific: "Asia-Pacific states",
	votes.EasternEuropean: "Eastern European states", votes.LatinAmericanCaribbean: "Latin American and Caribbean states",
	votes.WesternEuropeanOthers: "Western European and other states"}

// partsOf orders the rows. A member is under the group of its latest term that
// has one: before 1966 the elected seats belonged to no group.
func partsOf(rows []row, order Order) []part {
	if order != ByRegion {
		return []part{{rows: rows}}
	}
	permanent, before := part{name: "Permanent members"}, part{name: "Before the groups of 1966"}
	byGroup := map[votes.RegionalGroup][]row{}
	for _, r := range rows {
		group := votes.RegionalGroup("")
		for _, t := range r.terms {
			group = cmp.Or(t.Group, group)
		}
		switch {
		case r.terms[0].Permanent:
			permanent.rows = append(permanent.rows, r)
		case group == "":
			before.rows = append(before.rows, r)
		default:
			byGroup[group] = append(byGroup[group], r)
		}
	}
	parts := []part{permanent}
	for _, g := range votes.RegionalGroups {
		parts = append(parts, part{groupNames[g], byGroup[g]})
	}
	return slices.DeleteFunc(append(parts, before), func(p part) bool { return len(p.rows) == 0 })
}

// scale places days on a line of years.
type scale struct {
	left, right, top, bottom, high float64
	first, last                    int // years
	until                          votes.Date
}

// newScale is a line from the first term to the last, still without its place.
func newScale(terms []votes.Term, until votes.Date, width float64) scale {
	first, last := termYears(terms, until)
	return scale{right: width - margin, first: first, last: max(last, first), until: until}
}

// termYears are the years of the first and the last day; without terms those
// since the Council first met.
func termYears(terms []votes.Term, until votes.Date) (first, last int) {
	first, last = votes.Terms()[0].From.Year(), until.Year()
	if len(terms) > 0 {
		first = terms[0].From.Year()
	}
	for _, t := range terms {
		first, last = min(first, t.From.Year()), max(last, t.From.Year(), t.To.Year())
	}
	return first, max(first, last)
}

// x places the beginning of a day.
func (s scale) x(d votes.Date) float64 {
	year := float64(d.Year()) + float64(d.Time().YearDay()-1)/366 // short of a whole year by less than a pixel
	return s.left + (s.right-s.left)*(year-float64(s.first))/float64(s.last-s.first+1)
}

// grid marks the decades, and names as many as there is room for; a tall picture
// has the names at its head, too.
func (s scale) grid(size float64) []element {
	every, room := 10, measure("2000", size, false)*1.4
	for (s.right-s.left)*float64(every)/float64(s.last-s.first+1) < room {
		every += 10
	}
	var list []element
	var strokes []segment
	for year := s.first; year <= s.last; year++ {
		if year%10 != 0 {
			continue
		}
		x := s.x(votes.Date(strconv.Itoa(year) + "-01-01"))
		strokes = append(strokes, segment{point{x, s.top}, point{x, s.bottom}})
		if year%every == 0 && x+room/2 < s.right+margin {
			list = append(list, text{at: point{x, s.bottom + size*1.2}, s: strconv.Itoa(year), size: size, anchor: middle, colour: soft})
			if s.bottom-s.top > 200 {
				list = append(list, text{at: point{x, s.top - size*0.5}, s: strconv.Itoa(year), size: size, anchor: middle, colour: soft})
			}
		}
	}
	return append([]element{lines{list: strokes, colour: line, width: 1}}, list...)
}

// row draws one member: its name and its terms.
func (s scale) row(r row, y, size float64) []element {
	var list []element
	if r.code != "" {
		label := text{at: point{s.left - 8, y + s.high/2 + size*baseline}, s: string(r.code), size: size, bold: true, anchor: end, colour: ink}
		if room := s.left - margin - 8; room > 100 {
			label.s, label.bold = fit(r.name, room, size, false), false
		}
		list = append(list, label)
	}
	for _, t := range r.terms {
		from, to := s.x(t.From), s.x(cmp.Or(t.To, s.until).AddDays(1))
		thick, look := termLook(t.Permanent)
		thick *= s.high
		list = append(list, group{title: termWords(t), list: []element{
			box{point{from, y + (s.high-thick)/2}, max(to-from-0.6, 0.5), thick, 0, look}}})
	}
	return list
}

// termLook tells permanent members by the breadth of their bars, too.
func termLook(permanent bool) (thick float64, look paint) {
	if permanent {
		return 0.85, paint{fill: soft}
	}
	return 0.55, paint{fill: accent}
}

// termWords tells a term: Kenya 1973–1974.
func termWords(t votes.Term) string {
	years := "since " + strconv.Itoa(t.From.Year())
	if t.To != "" {
		years = spanOf(t.From.Year(), t.To.Year())
	}
	words := t.Code.NameOn(t.From) + " " + years
	if t.Permanent {
		words += " (permanent)"
	}
	return words
}

// termKeys explain the bars.
func termKeys() []key {
	bar := func(permanent bool) func(at point, r float64) []element {
		thick, look := termLook(permanent)
		return func(at point, r float64) []element {
			return []element{box{at.plus(-r, -r*thick), 2 * r, 2 * r * thick, 0, look}}
		}
	}
	return []key{{bar(true), "permanent member"}, {bar(false), "elected member"}}
}
