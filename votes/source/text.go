package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
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
	switch r {
	case '\u00a0', '\u2007', '\u202f':
		return ' '
	case '\u200b', '\u200e', '\u200f', '\ufeff':
		return -1
	}
	return r
}

// number reads a count: "15", and "15.0" as programs for statistics write it.
func number(s string) (int, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 16)
	if err != nil || strings.Trim(fraction, "0") != "" {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return int(n), nil
}

// badText says what keeps a field from being text, or "".
func badText(s string) string {
	if !utf8.ValidString(s) {
		for i := 0; i < len(s); {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				return fmt.Sprintf("not UTF-8 (byte 0x%02X); is the file Latin-1? Convert it, or read it with --encoding latin1", s[i])
			}
			i += size
		}
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "a NUL byte, which is no text"
	}
	return ""
}
