package votes

import (
	"strings"
	"unicode/utf8"
)

// Spreadsheets take a cell that begins with one of these for a formula and run
// it, also behind spaces and quotation marks; the last four are the same signs as
// Chinese and Japanese keyboards write them.
const formulaSigns = "=+-@＝＋－＠"

// cellEnds are what a new cell may begin behind: where a spreadsheet splits lines
// at semicolons or tabs, quotation marks in the middle of a line hold nothing
// together.
const cellEnds = ";\t\r\n"

// Cell writes a text as a cell of a CSV file that no spreadsheet runs: an
// apostrophe goes before each beginning that would be taken for a formula.
// FromCell takes exactly these off again. Numbers are no text, and stay: -1.
func Cell(text string) string {
	var b []byte
	done := 0
	for at := 0; at < len(text); at = nextCell(text, at) {
		if runs(text[at:], at == 0) {
			b = append(append(b, text[done:at]...), '\'')
			done = at
		}
	}
	if b == nil {
		return text
	}
	return string(append(b, text[done:]...))
}

// FromCell returns the text of which Cell made a cell. In any other cell it
// changes nothing but to take off an apostrophe that Cell would have put there.
func FromCell(cell string) string {
	var b []byte
	done := 0
	for at := 0; at < len(cell); at = nextCell(cell, at) {
		if cell[at] == '\'' && runs(cell[at+1:], at == 0) {
			b = append(b, cell[done:at]...)
			done = at + 1
		}
	}
	if done == 0 {
		return cell
	}
	return string(append(b, cell[done:]...))
}

// nextCell is where the text behind the next separator begins.
func nextCell(text string, at int) int {
	if n := strings.IndexAny(text[at:], cellEnds); n >= 0 {
		return at + n + 1
	}
	return len(text)
}

// runs tells whether a spreadsheet would take the beginning of a text for a
// formula. One apostrophe more before it changes nothing of that, which is how
// FromCell knows what Cell did.
func runs(text string, first bool) bool {
	text = strings.TrimLeft(text, " '\"\u00a0")
	sign, _ := utf8.DecodeRuneInString(text)
	if first && (sign == '\t' || sign == '\r' || sign == '\n') {
		return true // spreadsheets drop these from the beginning of a cell
	}
	return strings.ContainsRune(formulaSigns, sign)
}
