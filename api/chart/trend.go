package chart

import (
	"fmt"
	"math"
	"strings"
)

// Series is a share that changes from year to year: how often two members
// agreed, how united a group was.
type Series struct {
	Name   string
	Points []SharePoint // the earliest first
}

// SharePoint is the share of one year, from 0 to 1; nil where nothing was
// counted. N is the number of votes behind it.
type SharePoint struct {
	Year  int
	Share *float64
	N     int
}

// Trend draws up to five series as lines over the years, each with marks of its
// own. A line breaks where a year has no share. Series beyond the fifth are told
// in the description only.
func Trend(title string, series []Series, opt Options) Picture {
	p := Picture{opt: opt, name: "trend", Width: opt.width(640)}
	first, last := yearsOf(series)
	p.Title = fmt.Sprintf("%s, %s", title, spanOf(first, last))
	p.Description = trendInWords(series)
	size := smallSize(p.Width)
	y := p.heading(p.Title) + size
	a := axis{left: margin + measure("100%", size, false) + 6, right: p.Width - 2*margin, top: y, first: first, last: last, most: 100, step: 25}
	a.base = a.top + min(max(p.Width*0.32, 110), 280)
	grid := a.draw(1, size)
	for i, e := range grid { // the axis counts; here it counts hundredths
		if t, ok := e.(text); ok && t.anchor == end {
			t.s += "%"
			grid[i] = t
		}
	}
	p.add(grid...)
	p.add(lines{list: []segment{{point{a.left, a.base}, point{a.right, a.base}}}, colour: soft, width: 1})
	p.Height = a.base + size*2
	var keys []key
	for i, s := range series[:min(len(series), len(pens))] {
		p.add(s.draw(a, pens[i], size)...)
		keys = append(keys, key{pens[i].mark, s.Name})
	}
	p.Height += p.legend(p.Height, false, keys) + 4
	return p
}

// pen is how a series looks.
type pen struct {
	colour colour
	dash   float64
	mark   func(at point, r float64) []element
}

// pens differ in colour, mark and dash.
var pens = []pen{
	{azure, 0, func(at point, r float64) []element { return []element{disc{at, r, paint{fill: azure}}} }},
	{brick, 6, func(at point, r float64) []element {
		return []element{box{at.plus(-r*0.9, -r*0.9), r * 1.8, r * 1.8, 0, paint{fill: brick}}}
	}},
	{teal, 3, func(at point, r float64) []element { return []element{diamond{at, r * 1.25, paint{fill: teal}}} }},
	{violet, 9, func(at point, r float64) []element {
		return []element{disc{at, r, paint{fill: paper, edge: violet, width: 2}}}
	}},
	{ochre, 4, func(at point, r float64) []element {
		return []element{box{at.plus(-r*0.8, -r*0.8), r * 1.6, r * 1.6, 0, paint{fill: paper, edge: ochre, width: 2}}}
	}},
}

// draw draws one line and its marks; each mark tells its share and its n.
func (s Series) draw(a axis, pen pen, size float64) []element {
	where := func(at SharePoint) point {
		return point{(a.x(at.Year) + a.x(at.Year+1)) / 2, a.base - (a.base-a.top)*min(max(*at.Share, 0), 1)}
	}
	r := min(max((a.x(a.first+1)-a.x(a.first))*0.28, 1.5), size*0.4)
	stroke := lines{colour: pen.colour, width: 2, dash: pen.dash}
	list := []element{}
	for i, at := range s.Points {
		if !known(at.Share) {
			continue
		}
		if i > 0 && known(s.Points[i-1].Share) && s.Points[i-1].Year == at.Year-1 {
			stroke.list = append(stroke.list, segment{where(s.Points[i-1]), where(at)})
		}
		title := fmt.Sprintf("%s, %d: %s of %s", s.Name, at.Year, percent(at.Share), plural(at.N, "vote", "votes"))
		list = append(list, group{title: title, list: pen.mark(where(at), r)})
	}
	return append([]element{stroke}, list...)
}

func yearsOf(series []Series) (first, last int) {
	for _, s := range series {
		for _, at := range s.Points {
			if first == 0 || at.Year < first {
				first = at.Year
			}
			last = max(last, at.Year)
		}
	}
	return first, last
}

// trendInWords tells where each series begins and ends.
func trendInWords(series []Series) string {
	var told []string
	for _, s := range series {
		var from, to *SharePoint
		for i := range s.Points {
			if known(s.Points[i].Share) {
				to = &s.Points[i]
				if from == nil {
					from = to
				}
			}
		}
		if from == nil {
			told = append(told, s.Name+": no votes to compare")
			continue
		}
		told = append(told, fmt.Sprintf("%s: %s in %d, %s in %d", s.Name, percent(from.Share), from.Year, percent(to.Share), to.Year))
	}
	if told == nil {
		return "Nothing to compare."
	}
	return strings.Join(told, ". ") + "."
}

// known tells whether there is a share to draw.
func known(share *float64) bool { return share != nil && !math.IsNaN(*share) }

// percent writes a share without decimals, – where there is none.
func percent(share *float64) string {
	if !known(share) {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", *share*100)
}
