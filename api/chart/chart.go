// Package chart draws the record: the Council's table with its votes, the tally
// against the number required, vetoes by year, agreement as a heat map, terms
// on a time line, and cards for social media.
//
// Every function is pure: the same input gives the same bytes, whatever the
// clock. It returns a Picture, which writes itself as SVG, for pages and for
// embedding, or as PNG, for those that show no SVG.
//
// Nothing is told by colour alone: each position has a shape and a letter of its
// own, each series a pattern, and the whole is told in words in the title and
// the description.
package chart

import (
	"cmp"
	"strings"
)

// Theme is the ground on which a picture stands.
type Theme string

// The themes. Auto follows the reader: inlined in a page it takes the page's
// colours, as a file of its own it asks prefers-color-scheme.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Themes lists them.
var Themes = []Theme{Auto, Light, Dark}

// Widths, in pixels. Below the least, text of 9 px has no room; a Small picture
// is made for such places.
const (
	MinWidth = 160
	MaxWidth = 1600
)

// Options say how to draw. The zero value draws for a page, in a width that
// suits the picture.
type Options struct {
	Width      int    // pixels, from MinWidth to MaxWidth; others are moved there; 0 for the picture's own
	Theme      Theme  // Auto if empty
	IDPrefix   string // begins the ids, so that several pictures fit one page; letters, digits, - and _
	Standalone bool   // a file of its own: with a heading, a ground, and its colours inside
}

// width is the width to draw in.
func (o Options) width(own int) float64 {
	return float64(min(max(cmp.Or(o.Width, own), MinWidth), MaxWidth))
}

// prefix is the beginning of the ids: what may not stand in one is left out.
func (o Options) prefix(own string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, o.IDPrefix)
	return cmp.Or(clean, own)
}

// Picture is a finished drawing.
type Picture struct {
	Title       string // what it shows, in a line
	Description string // all that it tells, in words
	Width       float64
	Height      float64

	opt        Options
	name       string // begins the ids where Options.IDPrefix does not
	elements   []element
	decorative bool // what it tells stands beside it in words: hidden from screen readers
	links      bool // it holds links, which role="img" would hide
}

// add lays elements over those that are there.
func (p *Picture) add(list ...element) { p.elements = append(p.elements, list...) }

// heading writes what a picture shows above it where it stands alone; on a page
// the page says it. It returns the height it takes.
func (p *Picture) heading(lines ...string) float64 {
	if !p.opt.Standalone {
		return 0
	}
	y := margin
	for i, s := range lines {
		if s == "" {
			continue
		}
		size, c := headingSize(p.Width), ink
		if i > 0 {
			size, c = bodySize(p.Width), soft
		}
		y += size
		p.add(text{at: point{margin, y}, s: fit(s, p.Width-2*margin, size, i == 0), size: size, bold: i == 0, colour: c})
		y += size * 0.35
	}
	return y + size(4, p.Width)
}

const (
	margin  = 8.0 // around every picture, in pixels
	leastPx = 9.0 // no text is smaller: below it letters run together on a plain screen
	// baseline is how far below its middle a line of capitals stands, in ems.
	// Attributes that would ask the renderer for it are read differently by each.
	baseline = 0.36
)

// size scales a measure of a picture 640 px wide to another width, gently: text
// has to stay readable in the small and not to shout in the large.
func size(px, width float64) float64 { return px * min(max(width/640, 0.6), 1.25) }

// The three sizes of letters, in pixels: for what a picture is, for what is said
// of it, and for axes, keys and labels.
func headingSize(width float64) float64 { return max(12, size(16, width)) }
func bodySize(width float64) float64    { return max(leastPx, size(12, width)) }
func smallSize(width float64) float64   { return max(leastPx, size(11, width)) }
