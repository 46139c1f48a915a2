package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"scvotes/votes"
)

func painted(t *testing.T, p Picture, width int) image.Image {
	t.Helper()
	b, err := p.PNG(width)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// is tells whether a pixel has a colour, give or take what rounding does.
func is(m image.Image, x, y float64, want string) bool {
	c := color.NRGBAModel.Convert(m.At(int(x), int(y))).(color.NRGBA)
	hex := (&canvas{}).rgba(colour{light: want})
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 2 }
	return near(c.R, hex.R) && near(c.G, hex.G) && near(c.B, hex.B) && c.A == 255
}

func TestEveryPictureAsPNG(t *testing.T) {
	for name, draw := range drawings(t) {
		p := draw(Options{Standalone: true})
		m := painted(t, p, 600)
		if b := m.Bounds(); b.Dx() != 600 || b.Dy() < int(600*p.Height/p.Width) || b.Dy() > int(600*p.Height/p.Width)+1 {
			t.Errorf("%s is %v", name, b)
		}
		inked := 0
		for y := 0; y < m.Bounds().Dy(); y++ {
			for x := range 600 {
				if !is(m, float64(x), float64(y), paper.light) {
					inked++
				}
			}
		}
		if share := float64(inked) / float64(600*m.Bounds().Dy()); share < 0.01 || share > 0.7 {
			t.Errorf("%s: %.3f of it is painted", name, share)
		}
	}
}

// A shape is painted where SVG puts it, in both themes.
func TestPaint(t *testing.T) {
	for _, theme := range grounds {
		p := Picture{Width: 100, Height: 100, opt: Options{Theme: theme}}
		p.add(disc{point{20, 20}, 10, paint{fill: yes}}, box{point{40, 10}, 20, 20, 4, paint{fill: no}}, diamond{point{80, 20}, 10, paint{fill: abstain}},
			disc{point{20, 50}, 10, paint{fill: paper, edge: veto, width: 4}}, box{point{40, 40}, 20, 20, 0, paint{fill: yes, opacity: 0.5}},
			lines{list: []segment{{point{70, 50}, point{90, 50}}}, colour: ink, width: 4}, lines{list: []segment{{point{10, 95}, point{90, 95}}}, colour: ink, width: 2, dash: 10},
			arch{point{50, 85}, 15, 5, accent, 4}, group{shift: point{70, 70}, list: []element{box{w: 10, h: 10, paint: paint{fill: good}}}})
		m := painted(t, p, 200)
		for _, c := range []struct {
			what string
			x, y float64
			want colour
		}{
			{"disc", 20, 20, yes}, {"corner of the disc", 12, 12, paper}, {"box", 50, 20, no}, {"its rounded corner", 40, 10, paper}, {"diamond", 80, 20, abstain},
			{"beside its corner", 88, 12, paper}, {"in the ring", 20, 50, paper}, {"the ring", 20, 40.5, veto}, {"outside of it", 20, 37, paper}, {"line", 80, 50, ink},
			{"first dash", 15, 95, ink}, {"gap", 25, 95, paper}, {"third dash", 35, 95, ink}, {"top of the arch", 50, 70, accent}, {"its left arm", 35, 88, accent},
			{"its middle", 50, 85, paper}, {"shifted", 75, 75, good}, {"not shifted", 5, 5, paper},
		} {
			if !is(m, 2*c.x, 2*c.y, c.want.in(theme)) {
				t.Errorf("%s, %s: %v", theme, c.what, m.At(int(2*c.x), int(2*c.y)))
			}
		}
		half := mix(t, yes.in(theme), paper.in(theme), 0.5)
		r, g, b, _ := m.At(100, 100).RGBA()
		if got := mix(t, "#"+hexOf(r, g, b), paper.in(theme), 1); distance(got, half) > 1 {
			t.Errorf("%s, half a shade: %x %x %x", theme, r>>8, g>>8, b>>8)
		}
	}
}

func hexOf(parts ...uint32) string {
	const digits = "0123456789abcdef"
	s := ""
	for _, p := range parts {
		s += string(digits[p>>12&15]) + string(digits[p>>8&15])
	}
	return s
}

// A text is as wide as advance says, begins at its anchor, and runs upwards if
// it is to.
func TestPaintText(t *testing.T) {
	for name, c := range map[string]struct {
		text
		inside image.Rectangle
	}{
		"start":  {text{at: point{100, 100}, anchor: start}, image.Rect(100, 80, 160, 101)},
		"middle": {text{at: point{100, 100}, anchor: middle}, image.Rect(70, 80, 130, 101)},
		"end":    {text{at: point{100, 100}, anchor: end}, image.Rect(40, 80, 100, 101)},
		"up":     {text{at: point{100, 100}, anchor: start, up: true}, image.Rect(80, 40, 101, 100)},
	} {
		c.text.s, c.text.size, c.text.colour = "VETO", 20, ink
		if wide := advance("VETO", 20, false); wide < 45 || wide > 60 {
			t.Fatalf("VETO is %.1f wide", wide)
		}
		p := Picture{Width: 200, Height: 200, elements: []element{c.text}}
		m := painted(t, p, 200)
		var covered image.Rectangle
		for y := range 200 {
			for x := range 200 {
				if !is(m, float64(x), float64(y), paper.light) {
					covered = covered.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if !covered.In(c.inside) || max(covered.Dx(), covered.Dy()) < 40 {
			t.Errorf("%s covers %v, not within %v", name, covered, c.inside)
		}
	}
}

func TestNoPNG(t *testing.T) {
	p := Horseshoe(find(t, "S-2024-835"), Options{})
	for _, width := range []int{0, -1, 20_000} {
		if b, err := p.PNG(width); err == nil {
			t.Errorf("a PNG %d wide has %d bytes", width, len(b))
		}
	}
}

// A card is what Open Graph asks for.
func TestCardAsPNG(t *testing.T) {
	for _, r := range []votes.Resolution{find(t, "S-2024-835"), {}} {
		m := painted(t, ResolutionCard(r, Options{}), CardWidth)
		if m.Bounds() != image.Rect(0, 0, 1200, 630) {
			t.Errorf("%s: the card is %v", r.ID, m.Bounds())
		}
	}
}

func BenchmarkCardPNG(b *testing.B) {
	p := ResolutionCard(find(b, "S-2024-835"), Options{})
	for b.Loop() {
		if _, err := p.PNG(CardWidth); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHorseshoe(b *testing.B) {
	r := find(b, "S-2024-835")
	for b.Loop() {
		_ = Horseshoe(r, Options{}).SVG()
	}
}
