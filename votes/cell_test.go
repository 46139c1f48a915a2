package votes_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"scvotes/votes"
)

func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"Togo":                       "Togo",
		"S-2024-835":                 "S-2024-835",
		"a=b":                        "a=b",
		"'a":                         "'a",
		"d'Ivoire":                   "d'Ivoire",
		`=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`,
		"+1":                         "'+1",
		"-none-":                     "'-none-",
		"@SUM(A1)":                   "'@SUM(A1)",
		"\t=1":                       "'\t'=1",
		"\r=1":                       "'\r'=1",
		"\nx":                        "'\nx",
		"  =1":                       "'  =1",
		`"=1"`:                       `'"=1"`,
		"'=1":                        "''=1",
		"''=1":                       "'''=1",
		"＝1":                         "'＝1",
		"Togo;=1":                    "Togo;'=1",
		"A; -5; B":                   "A;' -5; B",
		"first\n- second":            "first\n'- second",
		"\xff=":                      "\xff=",
	} {
		if got := votes.Cell(text); got != want {
			t.Errorf("Cell(%q) = %q, not %q", text, got, want)
		}
		if got := votes.FromCell(want); got != text {
			t.Errorf("FromCell(%q) = %q, not %q", want, got, text)
		}
	}
}

// A cell that a hand wrote is read as it stands, but for one apostrophe that
// keeps a formula from running.
func TestFromCellOfHands(t *testing.T) {
	for cell, want := range map[string]string{"=1": "=1", "'=1": "=1", "'quoted'": "'quoted'", "a;'-b": "a;-b", "''": "''"} {
		if got := votes.FromCell(cell); got != want {
			t.Errorf("FromCell(%q) = %q, not %q", cell, got, want)
		}
	}
}

// reFormula is what spreadsheets run, written anew: the beginning of a cell, or of
// what a spreadsheet may take for one, behind what it skips.
var reFormula = regexp.MustCompile("(?:^|[;\t\r\n])[ \u00a0\"]*[=+\\-@＝＋－＠]|^[ \u00a0\"]*[\t\r\n]")

func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "=1+1", "'=1", "''' \"=cmd|' /C calc'!A0", "a;\t- b", "\t", "'\t'", "＝1", "x\r\n@y", "\xff'=", "- a\n- b\n'- c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cell := votes.Cell(text)
		if back := votes.FromCell(cell); back != text {
			t.Errorf("%q became %q and then %q", text, cell, back)
		}
		if found := reFormula.FindString(cell); found != "" {
			t.Errorf("%q became %q, which runs at %q", text, cell, found)
		}
		if len(cell) > len(text) && !reFormula.MatchString(strings.ReplaceAll(text, "'", "")) {
			t.Errorf("%q became %q, and is no formula", text, cell)
		}
		if utf8.ValidString(text) != utf8.ValidString(cell) {
			t.Errorf("%q became %q", text, cell)
		}
		// A second writer that knows nothing of the first harms nothing.
		if twice := votes.FromCell(votes.FromCell(votes.Cell(cell))); twice != text {
			t.Errorf("%q written twice is read as %q", text, twice)
		}
	})
}
