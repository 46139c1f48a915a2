package chart

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// typeface is a font with the widths of its commoner characters, in ems.
type typeface struct {
	font *sfnt.Font
	em   fixed.Int26_6 // one em in the font's own units
	wide [0x250]float64
}

// The Go fonts are part of the binary. They paint the text of PNG, and measure
// that of SVG, for which the reader's own font is not known.
var (
	regular = sync.OnceValue(func() *typeface { return newTypeface(goregular.TTF) })
	bold    = sync.OnceValue(func() *typeface { return newTypeface(gobold.TTF) })
)

// face is the font of plain or of heavy text.
func face(heavy bool) *typeface {
	if heavy {
		return bold()
	}
	return regular()
}

// newTypeface parses a font and looks up the widths of the scripts of Europe.
func newTypeface(ttf []byte) *typeface {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic(err) // the font is in the binary: it was parsed when the program was tested
	}
	t := &typeface{font: f, em: fixed.I(int(f.UnitsPerEm()))}
	var b sfnt.Buffer
	for r := range t.wide {
		t.wide[r] = otherWidth
		if i, err := f.GlyphIndex(&b, rune(r)); err == nil && i != 0 {
			if a, err := f.GlyphAdvance(&b, i, t.em, font.HintingNone); err == nil {
				t.wide[r] = float64(a) / float64(t.em)
			}
		}
	}
	return t
}

// otherWidth is that of a character that the font does not have, in ems.
const otherWidth = 0.7

func (t *typeface) width(r rune) float64 {
	switch {
	case int(r) < len(t.wide):
		return t.wide[max(r, 0)]
	case r >= 0x2e80: // East Asian characters fill the em
		return 1
	}
	return otherWidth
}

// spare is what the reader's font may be wider by than the Go fonts: DejaVu and
// Verdana are the widest that system-ui stands for.
const spare = 1.15

// measure returns the room in pixels that a line takes in any font.
func measure(s string, size float64, heavy bool) float64 { return advance(s, size, heavy) * spare }

// advance returns the width in pixels of a line painted in the Go fonts.
func advance(s string, size float64, heavy bool) float64 {
	f, ems := face(heavy), 0.0
	for _, r := range s {
		ems += f.width(r)
	}
	return ems * size
}

// fit shortens a line to a width, at a space if one is near; what is cut off
// shows as an ellipsis.
func fit(s string, width, size float64, heavy bool) string {
	if measure(s, size, heavy) <= width {
		return s
	}
	room := width - measure("…", size, heavy)
	f, used := face(heavy), 0.0
	for i, r := range s {
		used += f.width(r) * size * spare
		if used > room {
			kept := s[:i]
			if space := strings.LastIndexByte(kept, ' '); space > len(kept)/2 && s[i] != ' ' {
				kept = kept[:space]
			}
			return strings.TrimRight(kept, " ,;:") + "…"
		}
	}
	return s
}

// wrap breaks text into lines at its spaces. What does not fit the last of them
// shows as an ellipsis.
func wrap(s string, width, size float64, heavy bool, most int) []string {
	words := strings.Fields(s)
	var list []string
	for len(words) > 0 {
		n := 1
		for n < len(words) && measure(strings.Join(words[:n+1], " "), size, heavy) <= width {
			n++
		}
		if len(list) == most-1 {
			n = len(words)
		}
		list = append(list, fit(strings.Join(words[:n], " "), width, size, heavy))
		words = words[n:]
	}
	return list
}
