package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"scvotes/votes"
)

// clean folds the white space that spreadsheets and web pages leave in a
// field (no-break spaces, line ends, zero-width marks) to single spaces.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	return strings.Join(strings.Fields(strings.Map(plainSpace, undoExcel(s))), " ")
}

// cleanLines is clean for a text of several lines, whose ends it keeps.
func cleanLines(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(undoExcel(s))
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// isClean tells, without allocating, whether clean would change nothing.
// Accented names are left to the slow path: they are few.
func isClean(s string) bool {
	space := true // a space at the start is one too many
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' && space, c < ' ', c >= utf8.RuneSelf, c == '_':
			return false
		default:
			space = c == ' '
		}
	}
	return !space || s == ""
}

// undoExcel removes the carriage returns that Excel writes as _x000D_ into
// its files and other programs then show. The escaped form _x005F_x000D_ is
// Excel's way of writing the letters themselves, and stays.
func undoExcel(s string) string {
	if !strings.Contains(s, "_x000") {
		return s
	}
	const kept = "\x00"
	s = strings.ReplaceAll(s, "_x005F_x000D_", kept)
	s = strings.NewReplacer("_x000D_\n", "\n", "_x000D_", "\n", "_x000d_", "\n").Replace(s)
	return strings.ReplaceAll(s, kept, "_x000D_")
}

func plainSpace(r rune) rune {
	switch {
	case r == '\u00a0', r == '\u2007', r == '\u202f':
		return ' '
	case unseen(r):
		return -1
	}
	return r
}

// unseen tells marks that nobody sees and that copied text brings along: of where
// a word may be broken or must not be, and of the direction of one sign.
func unseen(r rune) bool {
	switch r {
	case '\u00ad', '\u061c', '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	}
	return false
}

// firstUnseen returns the first such mark of a text, 0 where there is none.
func firstUnseen(s string) rune {
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			continue
		}
		for _, r := range s[i:] {
			if unseen(r) {
				return r
			}
		}
		break
	}
	return 0
}

// number reads a count: "15", and "15.0" as programs for statistics write it.
func number(s string) (int, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 16)
	if err != nil || strings.Trim(fraction, "0") != "" {
		return 0, fmt.Errorf("%s is not a number", votes.Quote(s))
	}
	return int(n), nil
}

// badText says what keeps a field from being text, or "".
func badText(s string) string {
	fault := votes.NotPlain(s)
	if strings.HasPrefix(fault, "not UTF-8") {
		fault += "; is the file Latin-1? Convert it, or read it with --encoding latin1"
	}
	return fault
}
