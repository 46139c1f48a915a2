package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

func TestHorseshoeInWords(t *testing.T) {
	gaza := find(t, "S-2024-835")
	disputed := gaza
	disputed.Detail, disputed.RollCall, disputed.VetoedBy = nil, votes.RollDisputed, nil
	consensus := votes.Resolution{Date: "2024-01-02", Outcome: votes.Adopted, AdoptedBy: votes.ByNoVote, RollCall: votes.RollNone}
	for name, c := range map[string]struct {
		r    votes.Resolution
		want []string
	}{
		"vetoed": {gaza, []string{"14 in favour, 1 against (United States, a veto), 0 abstaining; 9 in favour needed. Vetoed.",
			"In favour: China (permanent member), France (permanent member),", "Against: United States (permanent member, a veto)."}},
		"no veto, for want of votes": {find(t, "S-2014-916"), []string{"8 in favour, 2 against, 5 abstaining; 9 in favour needed. Not adopted."}},
		"of three": {first(t, "vetoed by three", func(r votes.Resolution) bool { return len(r.VetoedBy) == 3 }),
			[]string{"3 against (France, the United Kingdom and the United States, vetoes)", "Who else voted how is not known."}},
		"disputed":       {disputed, []string{"Who voted how is in dispute between the sources."}},
		"without a vote": {consensus, []string{"Adopted without a vote. There was no roll call."}},
	} {
		got := Horseshoe(c.r, Options{}).Description
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %q", name, want, got)
			}
		}
	}
}

// texts are all that a picture writes, and the titles of its groups.
func texts(p Picture) (written, titles []string) {
	walk(p.elements, point{}, func(e element, _ point) {
		if w, ok := e.(text); ok {
			written = append(written, w.s)
		}
	})
	for _, e := range p.elements {
		if g, ok := e.(group); ok && g.title != "" {
			titles = append(titles, g.title)
		}
	}
	return written, titles
}

func TestHorseshoeMiddle(t *testing.T) {
	for id, want := range map[string][]string{
		"S-2024-835":      {"VETOED", "14–1–0", "by the United States", "9 of 15 needed"},
		"S-2014-916":      {"NOT ADOPTED", "8–2–5", "1 vote short", "9 of 15 needed"},
		"S-RES-2623-2022": {"ADOPTED", "11–1–3", "procedural: no veto", "9 of 15 needed"},
	} {
		written, _ := texts(Horseshoe(find(t, id), Options{}))
		for _, w := range want {
			if !slices.Contains(written, w) {
				t.Errorf("%s: %q is not in %q", id, w, written)
			}
		}
	}
}

// The seats are those of the day, in the order of the record, and lie
// symmetrically along the horseshoe.
func TestSeats(t *testing.T) {
	for date, want := range map[votes.Date]int{"1946-06-26": 11, "1965-11-23": 11, "1966-01-01": 15, "2024-11-20": 15} {
		council, _ := votes.CouncilOn(date)
		_, titles := texts(Council(council, Options{}))
		if len(titles) != want || !strings.HasPrefix(titles[0], "CHN, China (permanent") {
			t.Errorf("%s: %d seats: %q", date, len(titles), titles)
		}
		table := newTable(640, 0, want)
		gap := math.Inf(1)
		for i := range want {
			at, out := table.place(i, want)
			other, _ := table.place(want-1-i, want)
			if math.Abs(at.x-table.at.x-(table.at.x-other.x)) > 1e-6 || math.Abs(at.y-other.y) > 1e-6 || math.Abs(math.Hypot(out.x, out.y)-1) > 1e-6 {
				t.Errorf("%s: seat %d at %v is not opposite %v", date, i, at, other)
			}
			if i > 0 {
				before, _ := table.place(i-1, want)
				gap = min(gap, math.Hypot(at.x-before.x, at.y-before.y))
			}
		}
		if gap < 2*table.ring() {
			t.Errorf("%s: seats %.1f apart, rings of %.1f", date, gap, table.ring())
		}
	}
}

// Two permanent members in a second ring and one with a veto cannot be taken
// for each other, nor for an elected member.
func TestRings(t *testing.T) {
	rings := map[string]int{}
	walk(Horseshoe(find(t, "S-2024-835"), Options{}).elements, point{}, func(e element, _ point) {
		if d, ok := e.(disc); ok && d.r > 15 && d.edge.light != "" {
			rings[fmt.Sprintf("%s %.1f", d.edge.name, d.width)]++
		}
	})
	if want := map[string]int{"ink 1.6": 4, "veto 4.8": 1}; cmp.Diff(want, rings) != "" {
		t.Error(cmp.Diff(want, rings))
	}
}

func TestTallyBar(t *testing.T) {
	for name, c := range map[string]struct {
		tally  votes.Tally
		vetoes []votes.Code
		cells  string
		keys   []string
		at     float64 // seats before the line
	}{
		"vetoed":  {votes.Tally{Yes: 14, No: 1, Members: 15, Required: 9}, []votes.Code{"USA"}, "YYYYYYYYYYYYYYN", []string{"14 in favour", "1 against, a veto"}, 9},
		"double":  {votes.Tally{Yes: 10, No: 3, Abstain: 2, Members: 15, Required: 9}, []votes.Code{"RUS", "CHN"}, "YYYYYYYYYYNNNAA", []string{"3 against, 2 of them vetoes"}, 9},
		"triple":  {votes.Tally{Yes: 10, No: 3, Abstain: 2, Members: 15, Required: 9}, []votes.Code{"FRA", "GBR", "USA"}, "YYYYYYYYYYNNNAA", []string{"3 against, all vetoes"}, 9},
		"absent":  {votes.Tally{Yes: 9, NotVoting: 2, Members: 11, Required: 7}, nil, "YYYYYYYYYXX", []string{"2 not participating"}, 7},
		"unknown": {votes.Tally{}, nil, "", nil, 0},
	} {
		p := TallyBar(c.tally, c.vetoes, Options{})
		written, _ := texts(p)
		cells := ""
		for _, w := range written {
			if len(w) == 1 {
				cells += w
			}
		}
		if !strings.HasPrefix(cells, c.cells) {
			t.Errorf("%s: cells %s, want %s", name, cells, c.cells)
		}
		for _, k := range c.keys {
			if !slices.Contains(written, k) {
				t.Errorf("%s: %q is not in %q", name, k, written)
			}
		}
		if c.at == 0 {
			continue
		}
		want := margin + (p.Width-2*margin)*c.at/float64(c.tally.Members)
		found := false
		walk(p.elements, point{}, func(e element, _ point) {
			if l, ok := e.(lines); ok && l.colour == ink {
				found = math.Abs(l.list[0].from.x-want) < 0.01
			}
		})
		if !found {
			t.Errorf("%s: no line at %.1f", name, want)
		}
	}
}

func TestVetoes(t *testing.T) {
	series := []VetoYear{{1971, map[votes.Code]int{"SUN": 2, "CHN": 1}}, {1992, map[votes.Code]int{"RUS": 1, "USA": 4, "GBR": 1}}, {1993, nil}}
	p := Vetoes(series, Options{Width: 1000})
	if want := "9 vetoes in all: USSR and Russian Federation 3, United States 4, United Kingdom 1, France 0, China 1. Most in a year: 6, in 1992."; p.Description != want {
		t.Errorf("described as %q, want %q", p.Description, want)
	}
	written, titles := texts(p)
	if want := []string{"1971: USSR and Russian Federation 2, China 1", "1992: USSR and Russian Federation 1, United States 4, United Kingdom 1"}; cmp.Diff(want, titles) != "" {
		t.Error(cmp.Diff(want, titles))
	}
	if !slices.Contains(written, "vetoes a year") || p.Title != "Vetoes cast, 1971–1993" {
		t.Errorf("%s: %q", p.Title, written)
	}
	narrow := Vetoes([]VetoYear{{1946, map[votes.Code]int{"SUN": 9}}, {1949, map[votes.Code]int{"SUN": 1}}, {2025, map[votes.Code]int{"USA": 1}}}, Options{Width: 320})
	written, titles = texts(narrow)
	if want := []string{"1945–1949: USSR and Russian Federation 10", "2025–2029: United States 1"}; cmp.Diff(want, titles) != "" || !slices.Contains(written, "vetoes in five years") {
		t.Errorf("%s, %q", cmp.Diff(want, titles), written)
	}
}

// A bar is as high as its count, whatever the parts look like.
func TestBarsToScale(t *testing.T) {
	s := stack{parts: []swatch{{"a", yes, solid}, {"b", no, rising}, {"c", abstain, hollow}}}
	s.add(2000, []int{3, 4, 5})
	s.add(2001, []int{0, 1, 0})
	s.span = 1
	a := s.axis(2000, 2001, 640, 0)
	if a.most < 12 || a.most > 15 || a.step != 5 {
		t.Errorf("to %d in steps of %d", a.most, a.step)
	}
	for year, n := range map[int]int{2000: 12, 2001: 1} {
		top, base := math.Inf(1), 0.0
		walk(s.bar(a, year).list, point{}, func(e element, shift point) {
			if b, ok := e.(box); ok {
				half := b.width / 2
				top, base = min(top, b.at.y-half), max(base, b.at.y+b.h+half)
			}
		})
		if want := (a.base - a.top) * float64(n) / float64(a.most); math.Abs(base-top-want) > 0.01 {
			t.Errorf("%d is %.2f high, want %.2f", year, base-top, want)
		}
	}
}

// Strokes stay in their rectangle.
func TestStrokes(t *testing.T) {
	for _, p := range []pattern{rising, falling, level} {
		list := p.strokes(10, 20, 33, 61)
		if len(list) < 5 {
			t.Errorf("pattern %d: %d strokes", p, len(list))
		}
		for _, s := range list {
			for _, at := range []point{s.from, s.to} {
				if at.x < 10-1e-9 || at.x > 33+1e-9 || at.y < 20-1e-9 || at.y > 61+1e-9 {
					t.Errorf("pattern %d: %v is outside", p, at)
				}
			}
		}
	}
	if solid.strokes(0, 0, 9, 9) != nil || hollow.strokes(0, 0, 9, 9) != nil {
		t.Error("a plain pattern has strokes")
	}
}

func TestHeat(t *testing.T) {
	a := votes.NewAgreement(votes.AgreementOptions{})
	for i, no := range []votes.Position{votes.No, votes.Yes, votes.Yes} {
		a.Add(votes.Event{Date: votes.Date(fmt.Sprintf("2024-0%d-01", i+1)), RollCall: votes.RollComplete, Outcome: votes.Adopted,
			Votes: []votes.Vote{{Code: "CHN", Position: votes.Yes}, {Code: "RUS", Position: no}, {Code: "USA", Position: votes.Absent}}})
	}
	p := Heat(a.Result(), func(a, b votes.Code) string { return "/agreement/" + string(a) + "/" + string(b) }, Options{})
	written, titles := texts(p)
	for _, want := range []string{"China and Russian Federation: agreed in 67% of 3 votes", "China and United States: no vote in which both took part"} {
		if !slices.Contains(titles, want) {
			t.Errorf("%q is not in %q", want, titles)
		}
	}
	if !slices.Contains(written, "67") || !slices.Contains(written, "–") {
		t.Errorf("the cells say %q", written)
	}
	svg := p.SVG()
	if strings.Count(svg, "<a ") != 2 || strings.Count(svg, `tabindex="-1"`) != 1 || !strings.Contains(svg, `<a href="/agreement/CHN/RUS" tabindex="-1">`) {
		t.Errorf("its links: %s", svg)
	}
	if p.Description != "China and the Russian Federation 67% of 3 votes." {
		t.Error(p.Description)
	}
}

func TestTimeline(t *testing.T) {
	terms := votes.Terms()
	members := map[votes.Code]bool{}
	for _, term := range terms {
		members[term.Code.Seat()] = true
	}
	for _, order := range []Order{ByName, ByRegion} {
		p := Timeline(terms, "2026-11-23", order, Options{Width: 960})
		if _, titles := texts(p); len(titles) != len(terms) {
			t.Errorf("%s: %d bars for %d terms", order, len(titles), len(terms))
		}
		if want := fmt.Sprintf("%d members in %d terms", len(members), len(terms)); !strings.HasPrefix(p.Description, want) {
			t.Errorf("%s: %s, want %s", order, p.Description, want)
		}
	}
	rows := 0
	parts := partsOf(rowsOf(terms), ByRegion)
	for _, part := range parts {
		rows += len(part.rows)
	}
	if rows != len(members) || parts[0].name != "Permanent members" || len(parts[0].rows) != 5 {
		t.Errorf("%d rows for %d members, first %s", rows, len(members), parts[0].name)
	}
	japan := Terms("Japan", votes.TermsOf("JPN"), "2026-11-23", Options{})
	if !strings.HasPrefix(japan.Description, "Japan 1958–1959, Japan 1966–1967,") || !strings.HasSuffix(japan.Description, "and Japan 2023–2024.") {
		t.Error(japan.Description)
	}
}

// A term begins and ends where its days lie on the line.
func TestTermToScale(t *testing.T) {
	s := scale{left: 0, right: 800, first: 1946, last: 2025, high: 20, until: "2025-06-30"}
	for _, c := range []struct {
		term     votes.Term
		from, to float64
	}{
		{votes.Term{Code: "KEN", From: "1973-01-01", To: "1974-12-31"}, 270, 290},
		{votes.Term{Code: "FRA", From: "1946-01-01", Permanent: true}, 0, 795},
	} {
		walk(s.row(row{terms: []votes.Term{c.term}}, 0, 10), point{}, func(e element, _ point) {
			if b := e.(box); math.Abs(b.at.x-c.from) > 0.1 || math.Abs(b.at.x+b.w-c.to) > 1 {
				t.Errorf("%v is from %.1f to %.1f, want %.0f to %.0f", c.term, b.at.x, b.at.x+b.w, c.from, c.to)
			}
		})
	}
}

func TestTrend(t *testing.T) {
	p := Trend("Agreement", trend(), Options{})
	if want := "France and United States: 90% in 2019, 85% in 2024. Russian Federation and United States: 60% in 2019, 45% in 2024."; p.Description != want {
		t.Errorf("described as %q", p.Description)
	}
	var strokes []int
	walk(p.elements, point{}, func(e element, _ point) {
		if l, ok := e.(lines); ok && l.width == 2 {
			strokes = append(strokes, len(l.list))
		}
	})
	if want := []int{3, 5}; cmp.Diff(want, strokes) != "" { // the first breaks in 2021
		t.Error(cmp.Diff(want, strokes))
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		s     string
		width float64
		want  string
	}{
		{"Gaza", 100, "Gaza"}, {"", 0, ""},
		{"The situation in the Middle East, including the Palestinian question", 200, "The situation in the Middle…"},
		{"Unconditionallongword", 60, "Uncond…"}, {"Gaza", 1, "…"},
	} {
		got := fit(c.s, c.width, 12, false)
		if got != c.want {
			t.Errorf("fit(%q, %v) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	long := "Immediate, unconditional and permanent ceasefire in Gaza, release of all hostages"
	for most, want := range map[int][]string{
		1: {"Immediate, unconditional and…"},
		2: {"Immediate, unconditional and", "permanent ceasefire in Gaza…"},
		9: {"Immediate, unconditional and", "permanent ceasefire in Gaza,", "release of all hostages"},
	} {
		if got := wrap(long, 200, 12, false, most); cmp.Diff(want, got) != "" {
			t.Errorf("in %d lines: %s", most, cmp.Diff(want, got))
		}
	}
	if got := wrap(" ", 200, 12, false, 3); got != nil {
		t.Errorf("nothing wraps to %q", got)
	}
}
