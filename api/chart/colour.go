package chart

// colour is one colour in both themes, and the custom property by which a page
// gives its own. A colour without a name serves both themes as it is.
type colour struct{ name, light, dark string }

func (c colour) in(t Theme) string {
	if t == Dark {
		return c.dark
	}
	return c.light
}

// The palette. Blue, orange and grey stay apart in every common form of colour
// blindness; on its ground each reaches the contrast that WCAG AA asks of text,
// so that letters in the colour of the ground can be read on it, too.
var (
	ink     = colour{"ink", "#16202b", "#e8edf2"}
	soft    = colour{"soft", "#52606d", "#a9b5c1"}
	line    = colour{"line", "#d3dae1", "#36424e"}
	paper   = colour{"paper", "#ffffff", "#12181f"}
	raised  = colour{"raised", "#f4f6f8", "#1b242d"}
	accent  = colour{"accent", "#0b57a4", "#8cc1f5"}
	yes     = colour{"yes", "#2166ac", "#7db8ee"}
	no      = colour{"no", "#b2450b", "#f29a5c"}
	abstain = colour{"abstain", "#5d6670", "#b3bbc4"}
	absent  = colour{"absent", "#6b7280", "#a3adb8"}
	veto    = colour{"veto", "#8a0f1e", "#ff8d98"}
	good    = colour{"good", "#1b6b43", "#7fd3a5"}
)

// Colours of series that a page has no name for. They lie between the grounds:
// three to one on either, as WCAG asks of graphics.
var (
	brick  = colour{"", "#b8552a", "#b8552a"}
	azure  = colour{"", "#3f7fc8", "#3f7fc8"}
	violet = colour{"", "#8b6fc0", "#8b6fc0"}
	teal   = colour{"", "#2a8c7f", "#2a8c7f"}
	ochre  = colour{"", "#a37f14", "#a37f14"}
)

// palette is every colour that differs between the themes, in the order in
// which a style sheet names them.
var palette = []colour{ink, soft, line, paper, raised, accent, yes, no, abstain, absent, veto, good}
