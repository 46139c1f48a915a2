package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"scvotes/votes"
)

var errRowTooLong = errors.New("row too long")

// open looks at the start of the file and sets the CSV reader on it.
func (rd *reading) open(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	start, err := in.Peek(64 << 10)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", rd.opt.File, err)
	}
	fault := notCSV(start)
	marked := bytes.HasPrefix(start, []byte(byteOrderMark))
	if marked {
		in.Discard(len(byteOrderMark)) // it is in the buffer: it cannot fail
	}
	rd.guard = &guard{r: in}
	switch enc := strings.ToLower(rd.opt.Encoding); {
	case fault != "":
	case enc == "", enc == "utf-8", enc == "utf8":
	case enc != "latin1" && enc != "latin-1" && enc != "iso-8859-1" && enc != "windows-1252":
		fault = fmt.Sprintf("there is no encoding %s (utf-8, latin1)", votes.Quote(enc))
	case marked:
		fault = "the file says that it is UTF-8 (byte order mark): read it without --encoding " + enc
	default:
		rd.guard.r = &latin1{r: in}
	}
	if fault != "" {
		return rd.fail(votes.Problem{Kind: votes.KindFile, Message: fault})
	}
	rd.csv = csv.NewReader(bufio.NewReaderSize(rd.guard, 64<<10))
	rd.csv.FieldsPerRecord = -1 // counted by reading.row, which knows the commas too many
	rd.csv.ReuseRecord = true
	return nil
}

const byteOrderMark = "\ufeff"

// notCSV names the kinds of file that people hand over for a CSV file.
func notCSV(start []byte) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(start, []byte(byteOrderMark)))
	is := func(magic string) bool { return bytes.HasPrefix(start, []byte(magic)) }
	cr := bytes.IndexByte(start, '\r')
	switch {
	case len(text) == 0:
		return "the file is empty"
	case is("PK\x03\x04"), is("\xd0\xcf\x11\xe0"):
		return "the file is a spreadsheet or an archive: save the sheet as CSV (UTF-8)"
	case is("\x1f\x8b"):
		return "the file is compressed (gzip): unpack it first"
	case is("\xff\xfe"), is("\xfe\xff"), everySecondIsNUL(start):
		return "the file is UTF-16: save it as CSV (UTF-8)"
	case text[0] == '<':
		return "the file is a web page or XML, not CSV"
	case cr >= 0 && cr < len(start)-1 && bytes.IndexByte(start, '\n') < 0:
		return "the lines end in a carriage return alone (old Macintosh): convert the line ends to LF"
	}
	return ""
}

func everySecondIsNUL(b []byte) bool {
	return len(b) > 3 && (b[0] == 0) != (b[1] == 0) && b[0]|b[2] != b[1]|b[3] && (b[0]|b[2] == 0 || b[1]|b[3] == 0)
}

// next returns the next row, io.EOF at the end. A row with broken quoting comes
// as a problem with as many fields as were read before the fault; reading goes
// on at the next line.
func (rd *reading) next() ([]string, *votes.Problem, error) {
	rd.guard.left = maxRow
	begin := rd.csv.InputOffset()
	fields, err := rd.csv.Read()
	var broken *csv.ParseError
	switch {
	case err == nil:
		rd.line, _ = rd.csv.FieldPos(0)
		last := len(fields) - 1
		line, _ := rd.csv.FieldPos(last)
		rd.below = line + strings.Count(fields[last], "\n") + 1
		return fields, nil, nil
	case err == io.EOF:
		return nil, nil, io.EOF
	case errors.As(err, &broken):
		rd.line = broken.StartLine
	case errors.Is(err, errRowTooLong):
		return nil, nil, rd.rowTooLong(fields, begin)
	default:
		return nil, nil, fmt.Errorf("reading %s after line %d: %w", rd.opt.File, rd.line, err)
	}
	p := votes.Problem{Line: rd.openingLine(fields), Column: rd.columnWord(len(fields)), Kind: votes.KindRow, Severity: votes.Refused}
	switch {
	case rd.guard.ended && rd.csv.InputOffset() == rd.guard.given:
		p.Message = `a quote (") opened here is never closed: it hides the rest of the file`
		return nil, nil, rd.fail(p)
	case errors.Is(broken.Err, csv.ErrBareQuote):
		p.Line = broken.Line
		p.Message = `a quote (") inside a field that does not begin with one`
	case broken.Line > broken.StartLine:
		p.Message = fmt.Sprintf(`a quote (") opened here is closed wrongly on line %d: the lines between cannot be read`, broken.Line)
	default:
		p.Message = `text behind a closing quote (") (a quote inside a quoted field is written twice)`
	}
	return fields, &p, nil
}

// rowTooLong tells what the row is that began at an offset and is longer than
// rows may be. The fields are those read whole; outside of quotes, the one in
// which the guard stopped is among them.
func (rd *reading) rowTooLong(fields []string, begin int64) error {
	rd.line = max(rd.below, 1)
	p := votes.Problem{Line: rd.line, Kind: votes.KindRow, Message: fmt.Sprintf("a row longer than %d bytes", maxRow)}
	switch n := len(fields); {
	case rd.guard.text <= begin:
		p.Message = fmt.Sprintf("more than %d bytes of empty lines", maxRow)
	case n == 0 || !strings.HasSuffix(fields[n-1], stop):
		p.Line, p.Column = rd.openingLine(fields), rd.columnWord(n)
		p.Message += `: is a quote (") opened here and never closed?`
	}
	return rd.fail(p)
}

// openingLine returns the line on which the field after fields begins.
func (rd *reading) openingLine(fields []string) int {
	if len(fields) == 0 {
		return rd.line
	}
	last := len(fields) - 1
	line, _ := rd.csv.FieldPos(last)
	return line + strings.Count(fields[last], "\n")
}

// columnWord returns the header's word for a field.
func (rd *reading) columnWord(field int) string {
	if field < len(rd.head.words) {
		return rd.head.words[field]
	}
	return ""
}

// guard stands between the file and the CSV reader. It bounds what is taken for
// one row, which encoding/csv does not. And it puts two line ends behind the
// file: where they too are gone after a fault, a quote was left open.
type guard struct {
	r     io.Reader
	left  int   // bytes that the row may still take
	given int64 // bytes given out so far
	text  int64 // up to the last of them that is no line end
	ended bool

	stopped bool // a row was too long
}

// stop is given out where a row is too long, so that the CSV reader is in the
// middle of a line when it is told. No text that is read holds it.
const stop = "\x00"

func (g *guard) Read(p []byte) (int, error) {
	const end = "\n\n"
	switch {
	case g.left <= 0 && !g.stopped:
		g.stopped = true
		return copy(p, stop), nil
	case g.left <= 0:
		return 0, errRowTooLong
	case g.ended:
		return 0, io.EOF
	}
	n, err := g.r.Read(p)
	if err == io.EOF && len(p)-n >= len(end) {
		n += copy(p[n:], end)
		g.ended, err = true, nil
	} else if err == io.EOF {
		err = nil // no room: the next call finds the end again
	}
	g.left -= n
	if text := len(bytes.TrimRight(p[:n], "\r\n")); text > 0 {
		g.text = g.given + int64(text)
	}
	g.given += int64(n)
	return n, err
}

// latin1 turns the Western European code page into UTF-8. Programs that say
// Latin-1 mean Windows-1252, which has quotes and dashes where ISO 8859-1 has
// control characters.
type latin1 struct {
	r    io.Reader
	raw  [4096]byte
	text []byte
	err  error
}

// windows1252 holds the characters from 0x80 to 0x9F; those without one stay.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

var windows1252Runes = []rune(windows1252)

func (l *latin1) Read(p []byte) (int, error) {
	if len(l.text) == 0 && l.err == nil {
		var n int
		n, l.err = l.r.Read(l.raw[:])
		for _, c := range l.raw[:n] {
			r := rune(c)
			if c >= 0x80 && c < 0xa0 {
				r = windows1252Runes[c-0x80]
			}
			l.text = utf8.AppendRune(l.text, r)
		}
	}
	n := copy(p, l.text)
	l.text = l.text[n:]
	if len(l.text) > 0 {
		return n, nil
	}
	l.text = nil
	return n, l.err
}
