package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// mostPixels bounds the memory that one PNG takes: four bytes each.
const mostPixels = 24_000_000

// PNG paints the picture, width pixels wide, in its theme; Auto is light, for a
// PNG cannot ask. It returns an error for a width under 1, and for more than 24
// million pixels.
//
// It paints the same elements that SVG writes, with the rasteriser of
// golang.org/x/image, rather than reading the SVG back: no library in Go alone
// that is kept up draws SVG's text without fonts of the system.
func (p Picture) PNG(width int) ([]byte, error) {
	scale := float64(width) / p.Width
	height := math.Ceil(p.Height * scale)
	if width < 1 || float64(width)*height > mostPixels {
		return nil, fmt.Errorf("a picture of %d by %.0f pixels cannot be painted", width, height)
	}
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, width, int(height))), scale: scale, theme: p.opt.Theme}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(c.rgba(paper)), image.Point{}, draw.Src)
	for _, e := range p.elements {
		e.png(c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, c.img); err != nil {
		return nil, fmt.Errorf("encoding a PNG: %w", err)
	}
	return b.Bytes(), nil
}

// canvas paints outlines. An outline is gathered first, so that only the part of
// the image that it covers is rasterised.
type canvas struct {
	img   *image.RGBA
	scale float64
	shift point
	theme Theme

	outline []step
	ras     vector.Rasterizer
	glyphs  sfnt.Buffer
}

// step is one move of the pen, in pixels of the image: to the last of its points.
type step struct {
	kind   sfnt.SegmentOp
	points [3]point
}

// rgba is a colour in the picture's theme.
func (c *canvas) rgba(of colour) color.NRGBA {
	v, err := strconv.ParseUint(of.in(c.theme)[1:], 16, 32)
	if err != nil {
		return color.NRGBA{A: 255} // the palette is tested to hold hexadecimal numbers
	}
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

// pixel is where a point of the picture lies in the image.
func (c *canvas) pixel(p point) point {
	return point{(p.x + c.shift.x) * c.scale, (p.y + c.shift.y) * c.scale}
}

// step moves the pen.
func (c *canvas) step(kind sfnt.SegmentOp, points ...point) {
	s := step{kind: kind}
	for i, p := range points {
		s.points[i] = c.pixel(p)
	}
	c.outline = append(c.outline, s)
}

// polygon adds a closed outline. A hole is one that runs the other way round.
func (c *canvas) polygon(points ...point) {
	for i, p := range points {
		kind := sfnt.SegmentOpLineTo
		if i == 0 {
			kind = sfnt.SegmentOpMoveTo
		}
		c.step(kind, p)
	}
}

// rounded adds a rectangle with corners rounded by r. Four curves of this
// length come within 0.03 % of a circle.
func (c *canvas) rounded(x0, y0, x1, y1, r float64) {
	k := r * (1 - 0.5523)
	c.step(sfnt.SegmentOpMoveTo, point{x0, y0 + r})
	c.step(sfnt.SegmentOpCubeTo, point{x0, y0 + k}, point{x0 + k, y0}, point{x0 + r, y0})
	c.step(sfnt.SegmentOpLineTo, point{x1 - r, y0})
	c.step(sfnt.SegmentOpCubeTo, point{x1 - k, y0}, point{x1, y0 + k}, point{x1, y0 + r})
	c.step(sfnt.SegmentOpLineTo, point{x1, y1 - r})
	c.step(sfnt.SegmentOpCubeTo, point{x1, y1 - k}, point{x1 - k, y1}, point{x1 - r, y1})
	c.step(sfnt.SegmentOpLineTo, point{x0 + r, y1})
	c.step(sfnt.SegmentOpCubeTo, point{x0 + k, y1}, point{x0, y1 - k}, point{x0, y1 - r})
}

// fill paints the outline and forgets it.
func (c *canvas) fill(of colour, opacity float64) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, s := range c.outline {
		for _, p := range s.points[:s.count()] {
			low = point{min(low.x, p.x), min(low.y, p.y)}
			high = point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	bounds := c.img.Bounds()
	area := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y))).Intersect(bounds)
	if len(c.outline) > 0 && !area.Empty() {
		c.ras.Reset(area.Dx(), area.Dy())
		for _, s := range c.outline {
			s.draw(&c.ras, float64(area.Min.X), float64(area.Min.Y))
		}
		c.ras.ClosePath()
		shade := c.rgba(of)
		if opacity > 0 {
			shade.A = uint8(math.Round(opacity * 255))
		}
		c.ras.Draw(c.img, area, image.NewUniform(shade), image.Point{})
	}
	c.outline = c.outline[:0]
}

// count is the number of points that a step has.
func (s step) count() int {
	switch s.kind {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	}
	return 1
}

func (s step) draw(r *vector.Rasterizer, x, y float64) {
	var v [6]float32
	for i, p := range s.points {
		v[2*i], v[2*i+1] = float32(p.x-x), float32(p.y-y)
	}
	switch s.kind {
	case sfnt.SegmentOpMoveTo:
		r.ClosePath() // the outline before: fonts leave theirs open
		r.MoveTo(v[0], v[1])
	case sfnt.SegmentOpLineTo:
		r.LineTo(v[0], v[1])
	case sfnt.SegmentOpQuadTo:
		r.QuadTo(v[0], v[1], v[2], v[3])
	case sfnt.SegmentOpCubeTo:
		r.CubeTo(v[0], v[1], v[2], v[3], v[4], v[5])
	}
}

// shape fills and edges a shape that outline draws, grown by so much on each
// side. An edge is the grown shape filled in its colour, and the shrunken one
// filled over it; where there is no fill, the ground shows.
func (c *canvas) shape(p paint, outline func(grow float64)) {
	half := p.width / 2
	if p.edge.light == "" {
		half = 0
	} else {
		outline(half)
		c.fill(p.edge, 0)
		inside := p.fill
		if inside.light == "" || p.opacity > 0 {
			inside = paper
		}
		outline(-half)
		c.fill(inside, 0)
	}
	if p.fill.light != "" {
		outline(-half)
		c.fill(p.fill, p.opacity)
	}
}

func (d disc) png(c *canvas) {
	c.shape(d.paint, func(grow float64) {
		r := max(d.r+grow, 0)
		c.rounded(d.at.x-r, d.at.y-r, d.at.x+r, d.at.y+r, r)
	})
}

func (b box) png(c *canvas) {
	c.shape(b.paint, func(grow float64) {
		r := max(b.rounded+grow, 0) * min(b.rounded, 1)
		c.rounded(b.at.x-grow, b.at.y-grow, b.at.x+b.w+grow, b.at.y+b.h+grow, min(r, b.w/2+grow, b.h/2+grow))
	})
}

func (d diamond) png(c *canvas) {
	c.shape(d.paint, func(grow float64) {
		r := max(d.r+grow*math.Sqrt2, 0) // a side moves out by grow when its corners do by this
		c.polygon(d.at.plus(0, -r), d.at.plus(r, 0), d.at.plus(0, r), d.at.plus(-r, 0))
	})
}

func (l lines) png(c *canvas) {
	for _, s := range l.list {
		length := math.Hypot(s.to.x-s.from.x, s.to.y-s.from.y)
		if length == 0 {
			continue
		}
		dx, dy := (s.to.x-s.from.x)/length, (s.to.y-s.from.y)/length
		dash := l.dash
		if dash <= 0 {
			dash = length
		}
		for at := 0.0; at < length; at += 2 * dash {
			stop := min(at+dash, length)
			a, b := s.from.plus(dx*at, dy*at), s.from.plus(dx*stop, dy*stop)
			x, y := -dy*l.width/2, dx*l.width/2
			c.polygon(a.plus(x, y), b.plus(x, y), b.plus(-x, -y), a.plus(-x, -y))
		}
	}
	c.fill(l.colour, 0)
}

func (a arch) png(c *canvas) {
	var out, in []point
	for i := 0; i <= 90; i++ {
		sin, cos := math.Sincos(math.Pi * float64(i) / 90)
		out = append(out, a.at.plus(-cos*(a.r+a.width/2), -sin*(a.r+a.width/2)))
		in = append([]point{a.at.plus(-cos*(a.r-a.width/2), -sin*(a.r-a.width/2))}, in...)
	}
	out = append(out, out[len(out)-1].plus(0, a.arm), in[0].plus(0, a.arm))
	out = append(out, in...)
	c.polygon(append(out, in[len(in)-1].plus(0, a.arm), out[0].plus(0, a.arm))...)
	c.fill(a.colour, 0)
}

func (g group) png(c *canvas) {
	before := c.shift
	c.shift = c.shift.plus(g.shift.x, g.shift.y)
	for _, e := range g.list {
		e.png(c)
	}
	c.shift = before
}

func (t text) png(c *canvas) {
	f := face(t.bold)
	pen := 0.0
	switch t.anchor {
	case middle:
		pen = -advance(t.s, t.size, t.bold) / 2
	case end:
		pen = -advance(t.s, t.size, t.bold)
	}
	place := func(p fixed.Point26_6) point {
		x, y := pen+float64(p.X)/float64(f.em)*t.size, float64(p.Y)/float64(f.em)*t.size
		if t.up {
			return t.at.plus(y, -x)
		}
		return t.at.plus(x, y)
	}
	for _, r := range t.s {
		if i, err := f.font.GlyphIndex(&c.glyphs, r); err == nil { // a character it does not have is a box
			if outline, err := f.font.LoadGlyph(&c.glyphs, i, f.em, nil); err == nil {
				for _, s := range outline {
					c.step(s.Op, place(s.Args[0]), place(s.Args[1]), place(s.Args[2]))
				}
			}
		}
		pen += f.width(r) * t.size
	}
	c.fill(t.colour, 0)
}
