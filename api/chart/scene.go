package chart

// A picture is a list of elements, the lowest first. They are few and plain, so
// that each can be written as SVG and painted as PNG alike.
type element interface {
	svg(*svgWriter)
	png(*canvas)
}

type point struct{ x, y float64 }

func (p point) plus(x, y float64) point { return point{p.x + x, p.y + y} }

// paint is how a shape is filled and edged; a colour of zero is none.
type paint struct {
	fill    colour
	opacity float64 // of the fill; 0 is opaque
	edge    colour
	width   float64 // of the edge, which lies half inside and half outside
}

type disc struct {
	at point
	r  float64
	paint
}

// box is a rectangle by its upper left corner.
type box struct {
	at      point
	w, h    float64
	rounded float64
	paint
}

// diamond is a square on its corner; r is from its middle to a corner.
type diamond struct {
	at point
	r  float64
	paint
}

// lines are straight strokes of one kind.
type lines struct {
	list   []segment
	colour colour
	width  float64
	dash   float64 // length of the dashes; 0 for a whole line
}

type segment struct{ from, to point }

// arch is a horseshoe that opens downwards: half a circle around at, and an arm
// straight down from either end.
type arch struct {
	at     point
	r, arm float64
	colour colour
	width  float64
}

// text is one line, by the point where its baseline begins (or has its middle,
// or its end).
type text struct {
	at     point
	s      string
	size   float64
	bold   bool
	anchor anchor
	colour colour
	up     bool // written upwards, turned about the point
}

type anchor string

const (
	start  anchor = ""
	middle anchor = "middle"
	end    anchor = "end"
)

// centred is a line with its middle, both ways, on a point.
func centred(at point, s string, size float64, bold bool, c colour) text {
	return text{at: at.plus(0, size*baseline), s: s, size: size, bold: bold, anchor: middle, colour: c}
}

// group holds elements that have something to say together.
type group struct {
	title string // shown by a pointer that rests on it; empty for none
	href  string // where it leads; empty for nowhere
	twin  bool   // another leads there, too: this one is passed over by the keyboard
	shift point
	list  []element
}
