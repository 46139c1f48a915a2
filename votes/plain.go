package votes

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest texts that the record takes, in bytes. MaxLine is for what lists
// are chosen by and ids are made of, which has to fit into an index; the longest
// that the UN has published are some hundred.
const (
	MaxLine = 2000     // a title, an agenda item, a topic, a region
	MaxKey  = 400      // what tells votes apart: the part, the key of a source
	MaxText = 64 << 10 // a note, a statement
)

// NotPlain tells what keeps a text from being read as it is stored, or "": bytes
// that are no UTF-8, control characters, and characters that nobody sees and that
// turn the order in which the others are read. Line ends and tabs are plain.
func NotPlain(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && (c < '\t' || c > '\r') || c == 0x7f {
			return notPlain(s[i:])
		}
	}
	return ""
}

func notPlain(s string) string {
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			return fmt.Sprintf("not UTF-8 (byte 0x%02X)", s[i])
		case r == 0:
			return "a NUL byte, which is no text"
		case unicode.IsControl(r) && !unicode.IsSpace(r):
			return fmt.Sprintf("the control character U+%04X, which is no text", r)
		case turnsText(r):
			return fmt.Sprintf("the invisible character U+%04X, which turns the order in which text is read", r)
		case hidesText(r):
			return fmt.Sprintf("the invisible character U+%04X, which is no text", r)
		}
	}
	return ""
}

// turnsText tells the marks that turn the direction of all the text behind them
// (Unicode Annex 9: embeddings, overrides, isolates). The marks U+200E and U+200F,
// which turn nothing but themselves, come with copied names and are harmless.
func turnsText(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// hidesText tells characters that are made to be seen by nobody: tags, anchors
// of annotations, and what Unicode says is no character.
func hidesText(r rune) bool {
	return r >= 0xe0000 && r <= 0xe007f || r >= 0xfff9 && r <= 0xfffb || r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe
}

// maxQuoted is how much of a text a message repeats, in characters.
const maxQuoted = 200

// Quote puts a text between quotation marks for a message. What cannot be seen is
// written as its number, and so is all but ASCII where a letter or a digit of
// another alphabet may pass for a Latin one. Of a long text it gives the
// beginning.
func Quote(s string) string {
	more := ""
	if len(s) > maxQuoted {
		n := 0
		for i := range s {
			if n++; n > maxQuoted {
				s, more = s[:i], "..."
				break
			}
		}
	}
	for _, r := range s {
		if foreign(r) {
			return strconv.QuoteToASCII(s) + more
		}
	}
	return strconv.Quote(s) + more
}

// foreign tells letters and digits that are not of the Latin alphabet, or not in
// the shape in which it is written.
func foreign(r rune) bool {
	switch {
	case r < 0x250:
		return false
	case unicode.IsLetter(r):
		return !unicode.Is(unicode.Latin, r) || r >= 0xff00 && r <= 0xffef
	}
	return unicode.IsDigit(r)
}

// moves are characters of plain text that move the cursor of a terminal all the same.
const moves = "\v\f\r\u0085\u2028\u2029"

// Legible writes a text for a terminal: a control character, or one that turns
// or hides text, is written as its number, so that no text can move the cursor or
// pass for another. Line feeds and tabs stay.
func Legible(s string) string {
	if NotPlain(s) == "" && !strings.ContainsAny(s, moves) {
		return s
	}
	var b strings.Builder
	for s != "" {
		_, size := utf8.DecodeRuneInString(s)
		c := s[:size]
		if NotPlain(c) != "" || strings.Contains(moves, c) {
			c = strings.Trim(strconv.QuoteToASCII(c), `"`)
		}
		b.WriteString(c)
		s = s[size:]
	}
	return b.String()
}
