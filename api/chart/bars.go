package chart

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"scvotes/votes"
)

// VetoYear is the vetoes that were cast in one year, by permanent member.
type VetoYear struct {
	Year     int
	ByMember map[votes.Code]int
}

// Vetoes draws the vetoes cast in each year, stacked by member; predecessors
// count for their seat. Where years are too narrow to be told apart, the bars
// are of five years each.
func Vetoes(series []VetoYear, opt Options) Picture {
	// From the ground up by how often they vetoed: the longest runs lie on the
	// axis, where lengths compare best.
	members := []swatch{{"USSR and Russian Federation", brick, solid}, {"United States", azure, rising}, {"United Kingdom", violet, level},
		{"France", teal, falling}, {"China", ochre, hollow}}
	seats := []votes.Code{"RUS", "USA", "GBR", "FRA", "CHN"}
	s := stack{title: "Vetoes cast", unit: "vetoes", parts: members}
	for _, y := range series {
		values := make([]int, len(seats))
		for c, n := range y.ByMember {
			if i := slices.Index(seats, c.Seat()); i >= 0 {
				values[i] += n
			}
		}
		s.add(y.Year, values)
	}
	return s.draw("vetoes", opt)
}

// Positions draws how one member voted, year by year.
func Positions(member string, years []votes.MemberYear, opt Options) Picture {
	s := stack{title: "How " + withArticle(member) + " voted", unit: "votes", parts: []swatch{{"in favour", yes, solid}, {"against", no, rising},
		{"abstaining", abstain, level}, {"not participating or absent", absent, hollow}}}
	for _, y := range years {
		if year, err := strconv.Atoi(y.Key); err == nil { // keys of years are years
			c := y.Positions
			s.add(year, []int{c.Yes, c.No, c.Abstain, c.NotParticipating + c.Absent})
		}
	}
	return s.draw("positions", opt)
}

// swatch is how one part of a bar looks.
type swatch struct {
	name    string
	colour  colour
	pattern pattern
}

// pattern tells the parts of a bar apart where colour does not.
type pattern int

const (
	solid   pattern = iota
	rising          // strokes from the lower left to the upper right
	falling         // from the upper left to the lower right
	level
	hollow
)

// stack is counts by year, in parts that lie one upon the other.
type stack struct {
	title, unit string
	parts       []swatch
	values      map[int][]int // by year
	span        int           // years that share a bar
}

func (s *stack) add(year int, values []int) {
	if s.values == nil {
		s.values = map[int][]int{}
	}
	for i, n := range s.values[year] {
		values[i] += n
	}
	s.values[year] = values
}

// draw draws the bars of all years from the first to the last.
func (s *stack) draw(name string, opt Options) Picture {
	p := Picture{opt: opt, name: name, Width: opt.width(640)}
	first, last := s.years()
	p.Title = fmt.Sprintf("%s, %s", s.title, spanOf(first, last))
	p.Description = s.inWords()
	size := smallSize(p.Width)
	// Under 6.5 px a bar has no room for a pattern.
	if s.span = 1; (p.Width-2*margin-30)/float64(last-first+1) < 6.5 {
		s.span = 5
		s.gather()
		first, last = first-first%5, last-last%5+4
	}
	y := p.heading(p.Title) + size
	a := s.axis(first, last, p.Width, y+size*1.2)
	unit := s.unit + " a year"
	if s.span > 1 {
		unit = s.unit + " in five years"
	}
	p.add(text{at: point{margin, y + size*0.2}, s: unit, size: size, colour: soft})
	p.add(a.draw(s.span, size)...)
	for year := first; year <= last; year += s.span {
		if bar := s.bar(a, year); bar.list != nil {
			p.add(bar)
		}
	}
	p.add(lines{list: []segment{{point{a.left, a.base}, point{a.right, a.base}}}, colour: soft, width: 1})
	p.Height = a.base + size*2
	p.Height += p.legend(p.Height, false, s.keys()) + 4
	return p
}

// years are the first and the last with a count; with none, the Council's first.
func (s *stack) years() (first, last int) {
	list := slices.Sorted(maps.Keys(s.values))
	if len(list) == 0 {
		return votes.Terms()[0].From.Year(), votes.Terms()[0].From.Year()
	}
	return list[0], list[len(list)-1]
}

// gather puts the years of each half of a decade together.
func (s *stack) gather() {
	old := s.values
	s.values = nil
	for _, year := range slices.Sorted(maps.Keys(old)) {
		s.add(year-year%5, slices.Clone(old[year]))
	}
}

// totals are the counts of all years, by part.
func (s *stack) totals() []int {
	sum := make([]int, len(s.parts))
	for _, values := range s.values {
		for i, n := range values {
			sum[i] += n
		}
	}
	return sum
}

// inWords tells the totals and the peak: what one sees at a glance.
func (s *stack) inWords() string {
	all, most, when := 0, 0, []string(nil)
	for _, year := range slices.Sorted(maps.Keys(s.values)) {
		n := sumOf(s.values[year])
		all += n
		if n > most {
			most, when = n, nil
		}
		if n == most && n > 0 {
			when = append(when, strconv.Itoa(year))
		}
	}
	var parts []string
	for i, n := range s.totals() {
		parts = append(parts, fmt.Sprintf("%s %d", s.parts[i].name, n))
	}
	words := fmt.Sprintf("%d %s in all: %s.", all, s.unit, strings.Join(parts, ", "))
	if most > 0 && len(when) < 4 { // a peak of many years is none
		words += fmt.Sprintf(" Most in a year: %d, in %s.", most, listed(when))
	}
	return words
}

func sumOf(values []int) int {
	sum := 0
	for _, n := range values {
		sum += n
	}
	return sum
}

// axis places years and counts.
type axis struct {
	left, right, top, base float64
	first, last            int
	most                   int // the count at the top
	step                   int // between the counts that are written
}

func (s *stack) axis(first, last int, width, top float64) axis {
	a := axis{first: first, last: last, top: top, step: 1}
	for _, values := range s.values {
		a.most = max(a.most, sumOf(values))
	}
	a.most = max(a.most, 1)
	for i := 0; a.most > 5*a.step; i++ { // 1, 2, 5, 10, 20, 50 ...
		a.step = [3]int{1, 2, 5}[i%3] * power(10, i/3)
	}
	a.most = (a.most + a.step - 1) / a.step * a.step
	a.left = margin + measure(strconv.Itoa(a.most), smallSize(width), false) + 6
	a.right = width - max(margin, measure("2000", smallSize(width), false)/2)
	a.base = top + min(max(width*0.36, 110), 320)
	return a
}

func power(base, n int) int {
	v := 1
	for range n {
		v *= base
	}
	return v
}

// x is the left edge of a year, y the height of a count.
func (a axis) x(year int) float64 {
	return a.left + (a.right-a.left)*float64(year-a.first)/float64(a.last-a.first+1)
}

func (a axis) y(n int) float64 { return a.base - (a.base-a.top)*float64(n)/float64(a.most) }

// draw draws the grid, and writes counts and years as many as there is room for.
func (a axis) draw(span int, size float64) []element {
	var list []element
	var grid []segment
	for n := 0; n <= a.most; n += a.step {
		y := a.y(n)
		if n > 0 {
			grid = append(grid, segment{point{a.left, y}, point{a.right, y}})
		}
		list = append(list, text{at: point{a.left - 5, y + size*baseline}, s: strconv.Itoa(n), size: size, anchor: end, colour: soft})
	}
	list = append([]element{lines{list: grid, colour: line, width: 1}}, list...)
	room, every := measure("2000", size, false)*1.5, 1
	for _, every = range []int{1, 2, 5, 10, 20, 50} {
		if a.x(a.first+every)-a.x(a.first) >= room {
			break
		}
	}
	bar := (a.x(a.first+span) - a.x(a.first)) / 2
	for year := a.first; year <= a.last; year++ {
		if year%every == 0 && (year-a.first)%span == 0 {
			list = append(list, text{at: point{a.x(year) + bar, a.base + size*1.3}, s: strconv.Itoa(year), size: size, anchor: middle, colour: soft})
		}
	}
	return list
}

// bar draws one bar; it has nothing where nothing was counted.
func (s *stack) bar(a axis, year int) group {
	values, w := s.values[year], a.x(year+s.span)-a.x(year)
	gap := min(max(w*0.18, 0.5), 6)
	var g group
	var told []string
	base := 0
	for i, n := range values {
		if n > 0 {
			told = append(told, fmt.Sprintf("%s %d", s.parts[i].name, n))
			g.list = append(g.list, s.parts[i].fill(a.x(year)+gap/2, a.y(base+n), w-gap, a.y(base)-a.y(base+n))...)
			base += n
		}
	}
	g.title = spanOf(year, year+s.span-1) + ": " + strings.Join(told, ", ")
	return g
}

// fill draws a rectangle of the swatch's colour and pattern.
func (s swatch) fill(x, y, w, h float64) []element {
	if s.pattern == solid {
		return []element{box{at: point{x, y}, w: w, h: h, paint: paint{fill: s.colour}}}
	}
	// The edge keeps within the bar, so that patterned parts are as high as solid
	// ones of the same count.
	edge := min(1.2, w/4, h/3)
	list := []element{box{at: point{x + edge/2, y + edge/2}, w: w - edge, h: h - edge, paint: paint{fill: paper, edge: s.colour, width: edge}}}
	return append(list, lines{list: s.pattern.strokes(x+edge/2, y+edge/2, x+w-edge/2, y+h-edge/2), colour: s.colour, width: 1.5})
}

// strokes fills a rectangle with the strokes of a pattern. They lie on one grid
// for the whole picture, so that they run on from bar to bar.
func (p pattern) strokes(x0, y0, x1, y1 float64) []segment {
	const apart, slanted = 3.5, 5.0
	var list []segment
	from := func(v, step float64) float64 { return step * float64(int(v/step)+1) }
	switch p {
	case level:
		for y := from(y0, apart); y < y1; y += apart {
			list = append(list, segment{point{x0, y}, point{x1, y}})
		}
	case rising: // x + y = c
		for c := from(x0+y0, slanted); c < x1+y1; c += slanted {
			left, right := max(x0, c-y1), min(x1, c-y0)
			list = append(list, segment{point{left, c - left}, point{right, c - right}})
		}
	case falling: // x - y = c
		for c := slanted * float64(int((x0-y1)/slanted)-1); c < x1-y0; c += slanted {
			if left, right := max(x0, c+y0), min(x1, c+y1); left < right {
				list = append(list, segment{point{left, left - c}, point{right, right - c}})
			}
		}
	}
	return list
}

// keys explain the parts, with their totals.
func (s *stack) keys() []key {
	var keys []key
	for i, n := range s.totals() {
		part := s.parts[i]
		keys = append(keys, key{func(at point, r float64) []element { return part.fill(at.x-r, at.y-r, 2*r, 2*r) }, fmt.Sprintf("%s %d", part.name, n)})
	}
	return keys
}

// spanOf writes years as 1994, or 1990–1994.
func spanOf(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d–%d", first, last)
}
