package cite

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"scvotes/votes"
	"scvotes/votes/anytext"
)

var textSeeds = []string{"x", "a {b} \\c", "}, author = {evil}", "\r\nER  - \r\nTY  - ", "100% & #1_~^$", "\x00\x1b", "\u202e", "\xff", "\u2028\u0085\v\f", `"`, "</script>", "İſ"}

// FuzzCitations: whatever the texts of a record are, each format is whole: one
// entry of BibTeX with its braces in pairs and no command, one record of RIS with
// a tag on each line, and JSON.
func FuzzCitations(f *testing.F) {
	for _, s := range textSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, id := range []string{"S-2024-835", "S-13729"} {
			r := *find(t, id)
			detail := *r.Detail
			r.Detail = &detail
			r.Part, r.Note, r.Title = "x", "x", "x"
			anytext.Fill(&r, text, "ID", "Detail", "Discrepancies", "Votes", "Provenance")
			a := accessTo(&r)
			a.URL = text
			for name, write := range map[string]func(*votes.Resolution, Access) ([]byte, error){"bib": BibTeX, "ris": RIS, "csl": CSL, "popolo": popoloJSON} {
				body, err := write(&r, a)
				if err == nil && utf8.ValidString(text) && !utf8.Valid(body) {
					err = errors.New("not UTF-8")
				}
				if err == nil {
					err = wholeCitation(name, string(body))
				}
				if err != nil {
					t.Errorf("%s with %q: %v\n%q", name, text, err, body)
				}
			}
		}
	})
}

var (
	reRISLine  = regexp.MustCompile(`^[A-Z][A-Z0-9]  - `)
	reBibField = regexp.MustCompile(`^  [a-z]+ *= `)
	// The only commands that a text may become.
	reBibCommand = regexp.MustCompile(`\{\\text(?:backslash|braceleft|braceright|asciitilde|asciicircum)\}|\\[#$%&_]`)
)

func wholeCitation(format, body string) error {
	switch format {
	case "ris":
		lines := strings.Split(strings.TrimSuffix(body, "\r\n"), "\r\n")
		for i, line := range lines {
			if !reRISLine.MatchString(line) || strings.ContainsAny(line, "\r\n") || (i == 0) != strings.HasPrefix(line, "TY") || (i == len(lines)-1) != strings.HasPrefix(line, "ER") {
				return errors.New("not a record of RIS: " + line)
			}
		}
	case "bib":
		lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
		if lines[0][0] != '@' || lines[len(lines)-1] != "}" {
			return errors.New("not one entry")
		}
		for _, line := range lines[1 : len(lines)-1] {
			if !reBibField.MatchString(line) || !strings.HasSuffix(line, ",") || strings.Count(line, "{") != strings.Count(line, "}") ||
				strings.Contains(reBibCommand.ReplaceAllString(line, ""), `\`) {
				return errors.New("not a field: " + line)
			}
			depth := 0
			for i, c := range line[:len(line)-1] {
				depth += map[rune]int{'{': 1, '}': -1}[c]
				if depth == 0 && c == '}' && i != len(line)-2 {
					return errors.New("the field ends before its line: " + line)
				}
			}
		}
	default:
		if !json.Valid([]byte(body)) {
			return errors.New("not JSON")
		}
	}
	return nil
}
