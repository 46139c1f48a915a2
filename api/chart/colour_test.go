package chart

import (
	"math"
	"strconv"
	"testing"

	"scvotes/votes"
)

// linear is a colour as light: red, green and blue from 0 to 1 (sRGB, IEC 61966-2-1).
type linear [3]float64

func light(t *testing.T, hex string) linear {
	t.Helper()
	v, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is not a colour", hex)
	}
	var l linear
	for i := range l {
		c := float64(v>>(16-8*i)&255) / 255
		if l[i] = c / 12.92; c > 0.04045 {
			l[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return l
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b linear) float64 {
	luminance := func(l linear) float64 { return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2] }
	high, low := max(luminance(a), luminance(b)), min(luminance(a), luminance(b))
	return (high + 0.05) / (low + 0.05)
}

var grounds = []Theme{Light, Dark}

// AA asks 4.5 of text and 3 of graphics. The letters of marks are in the colour
// of the ground, so that a mark has to reach 4.5, too.
func TestContrast(t *testing.T) {
	for _, theme := range grounds {
		ground := light(t, paper.in(theme))
		for _, c := range []colour{ink, soft, accent, yes, no, abstain, absent, veto, good} {
			if got := contrast(light(t, c.in(theme)), ground); got < 4.5 {
				t.Errorf("%s, %s on the ground: %.2f", theme, c.name, got)
			}
		}
		for _, c := range []colour{brick, azure, violet, teal, ochre} {
			if got := contrast(light(t, c.in(theme)), ground); got < 3 {
				t.Errorf("%s, series %s on the ground: %.2f", theme, c.in(theme), got)
			}
		}
		for _, s := range []float64{0, 0.5, 0.9, 1} {
			if got := contrast(light(t, ink.in(theme)), mix(t, yes.in(theme), paper.in(theme), shade(s))); got < 4.5 {
				t.Errorf("%s, the number on a share of %v: %.2f", theme, s, got)
			}
		}
	}
}

// mix lays a colour over another; browsers mix the numbers of sRGB as they are.
func mix(t *testing.T, over, under string, opacity float64) linear {
	a, errA := strconv.ParseUint(over[1:], 16, 32)
	b, errB := strconv.ParseUint(under[1:], 16, 32)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	v := uint64(0)
	for shift := 16; shift >= 0; shift -= 8 {
		part := opacity*float64(a>>shift&255) + (1-opacity)*float64(b>>shift&255)
		v = v<<8 | uint64(math.Round(part))
	}
	return light(t, "#"+strconv.FormatUint(1<<24|v, 16)[1:])
}

// How the eye without the green, the red or the blue cones sees linear light:
// Machado, Oliveira and Fernandes, "A Physiologically-based Model for
// Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), 1291-1298.
var deficiencies = map[string][3][3]float64{
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func (l linear) seenBy(m [3][3]float64) linear {
	var out linear
	for i := range out {
		for j := range l {
			out[i] += m[i][j] * l[j]
		}
		out[i] = min(max(out[i], 0), 1)
	}
	return out
}

// lab is CIE L*a*b*, in which distances are about as large as they look.
func (l linear) lab() [3]float64 {
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124*l[0] + 0.3576*l[1] + 0.1805*l[2]) / 0.9505)
	y := f(0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2])
	z := f((0.0193*l[0] + 0.1192*l[1] + 0.9505*l[2]) / 1.0891)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b linear) float64 {
	sum := 0.0
	for i, v := range a.lab() {
		sum += (v - b.lab()[i]) * (v - b.lab()[i])
	}
	return math.Sqrt(sum)
}

// A distance of 2 can just be seen; 15 is plain.
func TestPositionsApartForEveryEye(t *testing.T) {
	for _, theme := range grounds {
		for name, m := range deficiencies {
			list := []colour{yes, no, abstain}
			for i, a := range list {
				for _, b := range list[:i] {
					if got := distance(light(t, a.in(theme)).seenBy(m), light(t, b.in(theme)).seenBy(m)); got < 15 {
						t.Errorf("%s, %s: %s and %s are %.1f apart", theme, name, a.name, b.name, got)
					}
				}
			}
		}
	}
}

// Where no colour is seen at all, letter and shape tell the positions apart.
func TestPositionsApartWithoutColour(t *testing.T) {
	letters, shapes := map[string]bool{}, map[string]bool{}
	for _, p := range append(votes.Positions, unknown) {
		letters[signs[p].letter] = true
		switch e := mark(point{}, 20, p)[0].(type) {
		case disc:
			shapes["disc"+e.edge.name] = true
		case box:
			shapes["box"+e.edge.name] = true
		case diamond:
			shapes["diamond"+e.edge.name] = true
		}
	}
	if len(letters) != 6 || len(shapes) != 4 {
		t.Errorf("letters %v, shapes %v", letters, shapes)
	}
}
