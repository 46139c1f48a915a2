package chart

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// SVG writes the picture. Inlined in a page it holds neither style sheet nor
// style attribute, which a strict Content-Security-Policy would switch off:
// colours are attributes that name the page's custom properties.
func (p Picture) SVG() string {
	w := &svgWriter{theme: p.opt.Theme, alone: p.opt.Standalone}
	id := p.opt.prefix(p.name)
	w.raw(`<svg xmlns="http://www.w3.org/2000/svg"`)
	w.raw(` viewBox="0 0 ` + number(p.Width) + " " + number(p.Height) + `"`)
	w.num("width", p.Width)
	w.num("height", p.Height)
	w.raw(` font-family="system-ui,sans-serif"`)
	switch {
	case p.decorative:
		w.raw(` aria-hidden="true" focusable="false">`)
	default:
		// The children of an img are hidden from screen readers, links too.
		role := "img"
		if p.links {
			role = "group"
		}
		w.raw(` role="` + role + `" aria-labelledby="` + id + `-title ` + id + `-desc">`)
		w.raw(`<title id="` + id + `-title">` + escape(p.Title) + `</title>`)
		w.raw(`<desc id="` + id + `-desc">` + escape(p.Description) + `</desc>`)
	}
	if w.alone {
		w.raw(w.style())
		box{w: p.Width, h: p.Height, paint: paint{fill: paper}}.svg(w)
	}
	for _, e := range p.elements {
		e.svg(w)
	}
	w.raw("</svg>\n")
	return w.String()
}

// svgWriter gathers an SVG. Auto alone, it gives each colour twice: as an
// attribute in the light theme, and as a class for the sheet to turn dark.
type svgWriter struct {
	strings.Builder
	theme Theme
	alone bool
}

// style is the sheet of a file of its own. The attributes beside it hold the
// light colours, so that programs that know no media queries show those.
func (w *svgWriter) style() string {
	if !w.auto() {
		return ""
	}
	return "<style>" + sheet + "</style>"
}

// sheet is the same for every picture, so that a policy can name it.
var sheet = func() string {
	var b strings.Builder
	b.WriteString("@media(prefers-color-scheme:dark){")
	for _, c := range palette {
		b.WriteString(".f-" + c.name + "{fill:" + c.dark + "}.s-" + c.name + "{stroke:" + c.dark + "}")
	}
	b.WriteString("}")
	return b.String()
}()

// StyleSource names the style sheet of a picture of its own, for the style-src
// of a Content-Security-Policy.
func StyleSource() string {
	sum := sha256.Sum256([]byte(sheet))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func (w *svgWriter) auto() bool { return w.theme != Light && w.theme != Dark }

// raw writes what is markup already; all that comes from outside goes through
// escape first.
func (w *svgWriter) raw(s string) { w.WriteString(s) }

func (w *svgWriter) num(name string, v float64) { w.raw(" " + name + `="` + number(v) + `"`) }

// colours writes the colours of a shape.
func (w *svgWriter) colours(fill, edge colour) {
	var classes []string
	set := func(attribute, class string, c colour) {
		switch {
		case c.light == "":
			if attribute == "fill" {
				w.raw(` fill="none"`)
			}
		case !w.auto() || c.name == "":
			w.raw(" " + attribute + `="` + c.in(w.theme) + `"`)
		case w.alone:
			w.raw(" " + attribute + `="` + c.light + `"`)
			classes = append(classes, class+c.name)
		default:
			w.raw(" " + attribute + `="var(--` + c.name + "," + c.light + `)"`)
		}
	}
	set("fill", "f-", fill)
	set("stroke", "s-", edge)
	if classes != nil {
		w.raw(` class="` + strings.Join(classes, " ") + `"`)
	}
}

// paint ends an element with its colours.
func (w *svgWriter) paint(p paint) {
	w.colours(p.fill, p.edge)
	if p.opacity > 0 {
		w.num("fill-opacity", p.opacity)
	}
	if p.edge.light != "" {
		w.num("stroke-width", p.width)
	}
	w.raw("/>")
}

func (d disc) svg(w *svgWriter) {
	w.raw("<circle")
	w.num("cx", d.at.x)
	w.num("cy", d.at.y)
	w.num("r", d.r)
	w.paint(d.paint)
}

func (b box) svg(w *svgWriter) {
	w.raw("<rect")
	w.num("x", b.at.x)
	w.num("y", b.at.y)
	w.num("width", b.w)
	w.num("height", b.h)
	if b.rounded > 0 {
		w.num("rx", b.rounded)
	}
	w.paint(b.paint)
}

func (d diamond) svg(w *svgWriter) {
	r := number(d.r)
	w.raw(`<path d="M` + number(d.at.x) + " " + number(d.at.y-d.r) + "l" + r + " " + r + "l-" + r + " " + r + "l-" + r + " -" + r + `z"`)
	w.paint(d.paint)
}

func (l lines) svg(w *svgWriter) {
	if len(l.list) == 0 {
		return
	}
	w.raw(`<path d="`)
	for _, s := range l.list {
		w.raw("M" + number(s.from.x) + " " + number(s.from.y) + "L" + number(s.to.x) + " " + number(s.to.y))
	}
	w.raw(`"`)
	if l.dash > 0 {
		w.num("stroke-dasharray", l.dash)
	}
	w.paint(paint{edge: l.colour, width: l.width})
}

func (a arch) svg(w *svgWriter) {
	left, right, foot, r := number(a.at.x-a.r), number(a.at.x+a.r), number(a.at.y+a.arm), number(a.r)
	w.raw(`<path d="M` + left + " " + foot + "V" + number(a.at.y) + "A" + r + " " + r + " 0 0 1 " + right + " " + number(a.at.y) + "V" + foot + `"`)
	w.paint(paint{edge: a.colour, width: a.width})
}

func (t text) svg(w *svgWriter) {
	w.raw("<text")
	w.num("x", t.at.x)
	w.num("y", t.at.y)
	w.num("font-size", t.size)
	if t.bold {
		w.raw(` font-weight="700"`)
	}
	if t.anchor != start {
		w.raw(` text-anchor="` + string(t.anchor) + `"`)
	}
	if t.up {
		w.raw(` transform="rotate(-90 ` + number(t.at.x) + " " + number(t.at.y) + `)"`)
	}
	w.colours(t.colour, colour{})
	w.raw(">" + escape(t.s) + "</text>")
}

func (g group) svg(w *svgWriter) {
	tag := "g"
	if g.href != "" {
		tag = "a"
	}
	w.raw("<" + tag)
	if g.href != "" {
		w.raw(` href="` + escape(g.href) + `"`)
		if g.twin {
			w.raw(` tabindex="-1"`)
		}
	}
	if g.shift != (point{}) {
		w.raw(` transform="translate(` + number(g.shift.x) + " " + number(g.shift.y) + `)"`)
	}
	w.raw(">")
	if g.title != "" {
		w.raw("<title>" + escape(g.title) + "</title>")
	}
	for _, e := range g.list {
		e.svg(w)
	}
	w.raw("</" + tag + ">")
}

// escape makes text safe in XML, in an attribute too. Characters that XML does
// not know become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder returns no error
	return b.String()
}

// number writes a length in hundredths of a pixel at most.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100+0, 'f', -1, 64) // +0 turns -0 into 0
}
