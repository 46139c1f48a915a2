package chart

import (
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is what a title must not be able to break out with.
const hostile = `</title><script>alert("1")</script> & 'x' ` + "\x00\x0b\ufffe" + ` ]]> café 安全理事会 ` + "نص"

// drawings are all functions on real input, by the name of their golden file.
func drawings(t testing.TB) map[string]func(Options) Picture {
	gaza := find(t, "S-2024-835")
	failed := find(t, "S-2014-916")
	triple := first(t, "vetoed by three", func(r votes.Resolution) bool { return len(r.VetoedBy) == 3 })
	early := first(t, "vetoed, and known by its vetoes only", func(r votes.Resolution) bool { return r.Tally == nil && len(r.VetoedBy) > 0 })
	cuba, _ := votes.CouncilOn("1950-06-25")
	five, faults := votes.ParseMembers([]string{"P5"})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	permanent := votes.NewAgreement(votes.AgreementOptions{Members: five})
	for _, r := range record(t) {
		permanent.Add(votes.EventOf(&r))
	}
	href := func(a, b votes.Code) string {
		return fmt.Sprintf("/agreement/%s/%s?from=2024-01-01&method=exact", a, b)
	}
	return map[string]func(Options) Picture{
		"horseshoe-vetoed":  func(o Options) Picture { return Horseshoe(gaza, o) },
		"horseshoe-failed":  func(o Options) Picture { return Horseshoe(failed, o) },
		"horseshoe-tally":   func(o Options) Picture { return Horseshoe(triple, o) },
		"horseshoe-unknown": func(o Options) Picture { return Horseshoe(early, o) },
		"council-1950":      func(o Options) Picture { return Council(cuba, o) },
		"tally":             func(o Options) Picture { return TallyBar(*gaza.Tally, gaza.VetoedBy, o) },
		"tally-failed":      func(o Options) Picture { return TallyBar(*failed.Tally, nil, o) },
		"vetoes":            func(o Options) Picture { return Vetoes(vetoSeries(t), o) },
		"positions":         func(o Options) Picture { return Positions("United States", memberRecord(t, "USA").Years, o) },
		"trend":             func(o Options) Picture { return Trend("How often they agreed", trend(), o) },
		"heat-2024":         func(o Options) Picture { return Heat(agreement(t, "2024-01-01"), href, o) },
		"heat-p5":           func(o Options) Picture { return Heat(permanent.Result(), nil, o) },
		"timeline-name":     func(o Options) Picture { return Timeline(votes.Terms(), "2026-11-23", ByName, o) },
		"timeline-region":   func(o Options) Picture { return Timeline(votes.Terms(), "2026-11-23", ByRegion, o) },
		"terms":             func(o Options) Picture { return Terms("Japan", votes.TermsOf("JPN"), "2026-11-23", o) },
		"card-vote":         func(o Options) Picture { return ResolutionCard(gaza, o) },
		"card": func(o Options) Picture {
			return Card(CardText{"Figures", "Vetoes since 1946", "by member", "286", "cast"}, o)
		},
	}
}

// Golden files: look at them in a browser after -update.
func TestGolden(t *testing.T) {
	for name, draw := range drawings(t) {
		if name == "heat-2024" || name == "timeline-name" {
			continue // their kind has a smaller one
		}
		golden(t, name+".svg", draw(Options{Standalone: true}).SVG())
	}
	gaza := find(t, "S-2024-835")
	golden(t, "inline.svg", Horseshoe(gaza, Options{Width: 320, IDPrefix: "vote"}).SVG())
	golden(t, "dark.svg", Horseshoe(gaza, Options{Width: 160, Theme: Dark}).SVG())
	golden(t, "small.svg", Small(gaza).SVG())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and look at it:\n%s", name, cmp.Diff(tags(string(want)), tags(got)))
	}
}

// tags takes an SVG apart, for a difference that can be read.
func tags(svg string) []string { return strings.SplitAfter(svg, ">") }

func TestSameInputSameBytes(t *testing.T) {
	for name, draw := range drawings(t) {
		if a, b := draw(Options{}).SVG(), draw(Options{}).SVG(); a != b {
			t.Errorf("%s is not the same twice", name)
		}
	}
}

// Every picture, in every width, stays within its frame, and no two texts lie
// on one another.
func TestNothingOverflowsOrOverlaps(t *testing.T) {
	for name, draw := range drawings(t) {
		for _, width := range []int{MinWidth, 200, 239, 240, 299, 300, 320, 390, 480, 640, 960, 1280, MaxWidth} {
			for _, alone := range []bool{false, true} {
				p := draw(Options{Width: width, Standalone: alone})
				checkLayout(t, fmt.Sprintf("%s at %d", name, width), p)
				if len(p.SVG()) > 400_000 {
					t.Errorf("%s at %d is %d bytes", name, width, len(p.SVG()))
				}
			}
		}
	}
}

// frame is a rectangle on the picture.
type frame struct {
	x0, y0, x1, y1 float64
	s              string
}

func checkLayout(t *testing.T, name string, p Picture) {
	t.Helper()
	var texts []frame
	walk(p.elements, point{}, func(e element, shift point) {
		f, ok := extent(e, shift)
		if !ok {
			return
		}
		for _, v := range []float64{f.x0, f.y0, f.x1, f.y1} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: %T %v has a place that is no number", name, e, e)
				return
			}
		}
		if f.x0 < -0.5 || f.y0 < -0.5 || f.x1 > p.Width+0.5 || f.y1 > p.Height+0.5 {
			t.Errorf("%s: %T %q is at %.1f,%.1f to %.1f,%.1f, outside of %.0f by %.0f", name, e, f.s, f.x0, f.y0, f.x1, f.y1, p.Width, p.Height)
		}
		if w, ok := e.(text); ok {
			if w.size < leastPx {
				t.Errorf("%s: %q is set in %.1f px", name, w.s, w.size)
			}
			texts = append(texts, f)
		}
	})
	for i, a := range texts {
		for _, b := range texts[:i] {
			if a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 {
				t.Errorf("%s: %q and %q overlap", name, a.s, b.s)
			}
		}
	}
}

// walk goes through all elements, with where they are shifted to.
func walk(list []element, shift point, do func(element, point)) {
	for _, e := range list {
		if g, ok := e.(group); ok {
			walk(g.list, shift.plus(g.shift.x, g.shift.y), do)
			continue
		}
		do(e, shift)
	}
}

// extent is what an element covers, a text in the Go fonts.
func extent(e element, shift point) (frame, bool) {
	around := func(at point, left, up, right, down float64) (frame, bool) {
		return frame{at.x - left + shift.x, at.y - up + shift.y, at.x + right + shift.x, at.y + down + shift.y, ""}, true
	}
	switch e := e.(type) {
	case disc:
		r := e.r + e.width/2
		return around(e.at, r, r, r, r)
	case diamond:
		return around(e.at, e.r, e.r, e.r, e.r)
	case box:
		return around(e.at, 0, 0, e.w, e.h)
	case arch:
		return around(e.at, e.r, e.r, e.r, e.arm)
	case lines:
		f := frame{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1), ""}
		for _, s := range e.list {
			f.x0, f.x1 = min(f.x0, s.from.x, s.to.x), max(f.x1, s.from.x, s.to.x)
			f.y0, f.y1 = min(f.y0, s.from.y, s.to.y), max(f.y1, s.from.y, s.to.y)
		}
		return f, len(e.list) > 0
	case text:
		wide := advance(e.s, e.size, e.bold)
		before := map[anchor]float64{start: 0, middle: wide / 2, end: wide}[e.anchor]
		f, _ := around(e.at, before, e.size*0.7, wide-before, e.size*0.1)
		if e.up {
			f, _ = around(e.at, e.size*0.7, wide-before, e.size*0.1, before)
		}
		f.s = e.s
		return f, true
	}
	return frame{}, false
}

// Every vote of the starter record can be drawn: the XML is sound, and each
// member's code and position is in the text.
func TestEveryVote(t *testing.T) {
	for _, r := range record(t) {
		p := Horseshoe(r, Options{IDPrefix: "v"})
		svg := p.SVG()
		decode(t, r.ID, svg)
		decode(t, r.ID+" small", Small(r).SVG())
		decode(t, r.ID+" card", ResolutionCard(r, Options{}).SVG())
		if r.Tally != nil {
			decode(t, r.ID+" tally", TallyBar(*r.Tally, r.VetoedBy, Options{}).SVG())
		}
		for _, v := range r.Votes {
			seat := seat{name: v.Name, permanent: v.Permanent, veto: v.Veto}
			if want := "<title>" + escape(string(v.Code)+", "+seat.words()+": "+signs[v.Position].words) + "</title>"; !strings.Contains(svg, want) {
				t.Errorf("%s: no %s", r.ID, want)
			}
			if want := ">" + string(v.Code) + "</text>"; !strings.Contains(svg, want) {
				t.Errorf("%s: no %s", r.ID, want)
			}
		}
		for _, code := range r.VetoedBy {
			if n := strings.Count(svg, ">VETO</text>"); n != len(r.VetoedBy) {
				t.Errorf("%s: %d marks of a veto, by %v", r.ID, n, r.VetoedBy)
			}
			if name := code.NameOn(r.Date); !strings.Contains(p.Description, name) {
				t.Errorf("%s: the description does not name %s: %s", r.ID, name, p.Description)
			}
		}
	}
}

func TestHostileText(t *testing.T) {
	r := find(t, "S-2024-835")
	r.Title, r.Part, r.Draft = hostile, hostile, votes.Symbol(strings.Repeat(hostile, 9))
	r.Detail = &votes.Detail{Votes: []votes.MemberVote{{Code: hostile, Name: hostile, Position: hostile}}}
	series := []Series{{hostile, []SharePoint{{2020, share(math.NaN()), 1}, {2021, share(math.Inf(1)), 1}, {2022, share(-3), 1}}}}
	a := votes.Agreement{Members: []votes.NamedMember{{Code: hostile, Name: hostile}, {Code: "FRA", Name: "France"}},
		Matrix: [][]*float64{{nil, share(math.NaN())}, {share(2), nil}}}
	for name, p := range map[string]Picture{
		"horseshoe": Horseshoe(r, Options{IDPrefix: hostile, Standalone: true}), "small": Small(r), "card": ResolutionCard(r, Options{}),
		"tally": TallyBar(votes.Tally{}, []votes.Code{hostile}, Options{}), "vetoes": Vetoes(nil, Options{}),
		"positions": Positions(hostile, []votes.MemberYear{{Key: hostile}}, Options{}), "trend": Trend(hostile, series, Options{}),
		"no trend": Trend("", nil, Options{}), "heat": Heat(a, func(a, b votes.Code) string { return hostile }, Options{}), "no heat": Heat(votes.Agreement{}, nil, Options{}),
		"timeline": Timeline(nil, "", ByRegion, Options{}), "terms": Terms(hostile, nil, "", Options{}), "council": Council(votes.Council{}, Options{}),
		"words": Card(CardText{hostile, strings.Repeat(hostile+" ", 40), hostile, hostile, hostile}, Options{}),
	} {
		decode(t, name, p.SVG())
		if _, err := p.PNG(300); err != nil {
			t.Errorf("%s as PNG: %v", name, err)
		}
	}
}

var (
	rePlace  = regexp.MustCompile(`^-?\d+(\.\d{1,2})?$`)
	places   = []string{"x", "y", "cx", "cy", "r", "rx", "width", "height", "font-size", "stroke-width", "fill-opacity"}
	reNumber = regexp.MustCompile(`NaN|Inf|[0-9]e[+-]`)
)

// decode reads an SVG to its end, and looks at what it is made of.
func decode(t *testing.T, name, svg string) {
	t.Helper()
	ids := map[string]bool{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if e.Name.Local == "script" {
			t.Errorf("%s has a script", name)
		}
		for _, a := range e.Attr {
			at := a.Name.Local
			if strings.HasPrefix(at, "on") || at == "style" {
				t.Errorf("%s has an attribute %s", name, at)
			}
			if slices.Contains(places, at) && !rePlace.MatchString(a.Value) || at == "d" && reNumber.MatchString(a.Value) {
				t.Errorf("%s: %s of %s is %q", name, at, e.Name.Local, a.Value)
			}
			if at == "id" && ids[a.Value] {
				t.Errorf("%s has two elements %s", name, a.Value)
			}
			if at == "id" {
				ids[a.Value] = true
			}
			if at == "aria-labelledby" && a.Value == "" {
				t.Errorf("%s has no label", name)
			}
		}
	}
}

func TestTitlesAndRoles(t *testing.T) {
	for name, draw := range drawings(t) {
		p := draw(Options{IDPrefix: "p7"})
		svg := p.SVG()
		role := "img"
		if name == "heat-2024" {
			role = "group" // its links must stay reachable
		}
		for _, want := range []string{`role="` + role + `" aria-labelledby="p7-title p7-desc"`, `<title id="p7-title">` + escape(p.Title), `<desc id="p7-desc">` + escape(p.Description)} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
		if len(p.Description) < 10 || strings.Contains(p.Description, "..") || strings.Contains(p.Description, "  ") {
			t.Errorf("%s: description %q", name, p.Description)
		}
	}
	if svg := Small(find(t, "S-2024-835")).SVG(); !strings.Contains(svg, `aria-hidden="true"`) || strings.Contains(svg, "<title") {
		t.Errorf("the small one is not hidden: %s", svg)
	}
}

func TestThemes(t *testing.T) {
	r := find(t, "S-2024-835")
	inline, alone := Horseshoe(r, Options{}).SVG(), Horseshoe(r, Options{Standalone: true}).SVG()
	if strings.Contains(inline, "<style") || strings.Contains(inline, "style=") || !strings.Contains(inline, `fill="var(--yes,#2166ac)"`) {
		t.Error("inlined, it does not take the page's colours as attributes")
	}
	if !strings.Contains(alone, "prefers-color-scheme:dark") || strings.Contains(alone, "var(") || !strings.Contains(alone, `fill="#2166ac" class="f-yes"`) {
		t.Error("alone, it does not bring both themes")
	}
	for theme, want := range map[Theme]string{Light: yes.light, Dark: yes.dark} {
		svg := Horseshoe(r, Options{Theme: theme, Standalone: true}).SVG()
		if !strings.Contains(svg, `fill="`+want+`"`) || strings.Contains(svg, "<style") || strings.Contains(svg, "var(") {
			t.Errorf("%s: not its colours alone", theme)
		}
	}
}

func TestWidths(t *testing.T) {
	for asked, want := range map[int]float64{0: 640, 1: MinWidth, -5: MinWidth, 333: 333, 99999: MaxWidth} {
		p := Horseshoe(find(t, "S-2024-835"), Options{Width: asked})
		size := fmt.Sprintf(`viewBox="0 0 %s %s" width="%[1]s" height="%[2]s"`, number(want), number(p.Height))
		if p.Width != want || !strings.Contains(p.SVG(), size) {
			t.Errorf("asked for %d: %v wide, want %v", asked, p.Width, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.001: "0", 1.005: "1", 2.345: "2.35", -3.5: "-3.5", 1e7: "10000000", 1.0 / 3: "0.33"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %s, want %s", v, got, want)
		}
	}
	if got, err := strconv.ParseFloat(number(math.Pi), 64); err != nil || got != 3.14 {
		t.Errorf("number(pi) = %v, %v", got, err)
	}
}
