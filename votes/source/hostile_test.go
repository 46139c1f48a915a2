package source

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"scvotes/votes"
)

// endless is a file that never ends, and tells how much of it was read and how
// much memory that took.
type endless struct {
	start, again string
	most         int64 // bytes, behind which it ends after all

	text string
	read int64
	next int64 // when to look at the memory again
	peak uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.text == "" {
		e.text = e.start + strings.Repeat(e.again, 1+(1<<16)/len(e.again))
		e.start = ""
	}
	if e.read >= e.most {
		return 0, io.EOF
	}
	if e.read >= e.next {
		e.next += 1 << 20
		e.peak = max(e.peak, held())
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	e.read += int64(n)
	return n, nil
}

// held is the memory that is in use.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

const gigabyte = 1 << 30

var endlessTests = []struct {
	name         string
	start, again string
	opt          Options
	within       int64 // bytes that may be read before it is refused
	want         string
}{
	{"a field that never ends", "draft,date,tally\nS/1,2024-11-20,", "aaaaaaaa", Options{}, 2 << 20,
		"f.csv: line 2: a row longer than 1048576 bytes"},
	{"a quote that is never closed", "draft,date,tally\nS/1,2024-11-20,1-0-0\n\"", "a\n", Options{}, 2 << 20,
		`f.csv: line 3, column draft: a row longer than 1048576 bytes: is a quote (") opened here and never closed?`},
	{"a quote that is never closed, in one line", "draft,date,tally\nS/1,2024-11-20,\"", "a,b", Options{}, 2 << 20,
		`f.csv: line 2, column tally: a row longer than 1048576 bytes: is a quote (") opened here and never closed?`},
	{"a line that never ends", "", "a,b,", Options{}, 2 << 20, "f.csv: line 1: a row longer than 1048576 bytes"},
	{"a row behind one of several lines", "draft,date,tally\nS/1,2024-11-20,\"\n\n\"\n", "x", Options{}, 2 << 20,
		"f.csv: line 5: a row longer than 1048576 bytes"},
	{"empty lines", own, "\n", Options{}, 2 << 20, "f.csv: line 2: more than 1048576 bytes of empty lines"},
	{"empty lines of another system", own, "\r\n", Options{}, 2 << 20, "f.csv: line 2: more than 1048576 bytes of empty lines"},
	{"rows of commas", own, ",,\n", Options{}, 4 << 20, "f.csv: line 1048578: more than 1048576 rows with nothing in them"},
	{"columns", "draft,date,tally", ",a", Options{}, 2 << 20, "f.csv: line 1: a row longer than 1048576 bytes"},
	{"votes on one symbol in one day", outcomesHeader, "1957-01-24,S/PV.57,S/PV.57,adopted,,,\n", Options{}, 1 << 20,
		"f.csv: line 1002: more than 1000 votes on one symbol in one day"},
	{"Latin-1", own, "\xe9", Options{Encoding: "latin1"}, 2 << 20, "f.csv: line 2: a row longer than 1048576 bytes"},
}

// A file that has no end is refused as soon as it shows, and takes no more memory
// than any other.
func TestEndless(t *testing.T) {
	for _, tt := range endlessTests {
		t.Run(tt.name, func(t *testing.T) {
			file := &endless{start: tt.start, again: tt.again, most: gigabyte}
			before := held()
			tt.opt.File = "f.csv"
			report, err := Read(file, tt.opt, func(*votes.Account) error { return nil })
			if !errors.Is(err, votes.ErrInvalid) || strings.TrimPrefix(err.Error(), "invalid: ") != tt.want {
				t.Errorf("%.300v\nnot %s", err, tt.want)
			}
			if file.read > tt.within {
				t.Errorf("%d bytes were read before it was refused, more than %d", file.read, tt.within)
			}
			if grown := int64(file.peak) - int64(before); grown > 64<<20 {
				t.Errorf("it took %d bytes of memory", grown)
			}
			if n := len(report.Problems); n == 0 || report.Problems[n-1].Severity != votes.Refused {
				t.Errorf("the report does not tell: %+v", report)
			}
		})
	}
}

// However many rows one vote has and however wrong they are, their account stays
// small, is refused, and has counted them.
func TestEndlessVote(t *testing.T) {
	for name, row := range map[string]string{
		"good rows": "1,20/11/2024,9790,,S/2024/835,Not adopted - veto,Yes,Algeria\n",
		"bad rows":  "1,20/11/2024,9790,,S/2024/835,Not adopted - veto,Q,Atlantis\n",
		"short":     "1,20/11/2024,9790\n",
	} {
		file := &endless{start: sheetHeader + sheetRows("1", "S/2024/835", "Yes Algeria"), again: row, most: 8 << 20}
		before := held()
		var got *votes.Account
		report, err := Read(file, Options{}, func(a *votes.Account) error { got = a; return nil })
		if err != nil || got == nil || !got.Refused() || got.Rows != report.Rows || report.Rows < 100_000 {
			t.Fatalf("%s: account %+v, %d rows, error %v", name, got, report.Rows, err)
		}
		if len(got.Votes) > maxOfVote || len(got.Problems) > maxProblemsOfVote+1 {
			t.Errorf("%s: %d votes and %d problems are kept", name, len(got.Votes), len(got.Problems))
		}
		if grown := int64(file.peak) - int64(before); grown > 64<<20 {
			t.Errorf("%s: it took %d bytes of memory", name, grown)
		}
	}
}

// Rows that tell no vote, behind a series, do not wait for the end of the file.
func TestEndlessRowsBesideASeries(t *testing.T) {
	file := &endless{start: outcomesHeader + "1957-01-24,S/PV.57,S/PV.57,adopted,,,\n", again: ",,,adopted,,,\n", most: 8 << 20}
	before, n := held(), 0
	report, err := Read(file, Options{}, func(*votes.Account) error { n++; return nil })
	if err != nil || n < 100_000 || report.Rows != n {
		t.Fatalf("%d accounts, %d rows, error %v", n, report.Rows, err)
	}
	if grown := int64(file.peak) - int64(before); grown > 64<<20 {
		t.Errorf("it took %d bytes of memory", grown)
	}
}

// The two bounds that take long to come to.
func TestVotesWithoutEnd(t *testing.T) {
	if os.Getenv("SCVOTES_FUZZ") == "" {
		t.Skip("SCVOTES_FUZZ is not set: it takes some ten seconds")
	}
	for _, tt := range []struct {
		opt  Options
		want string
	}{
		{Options{}, "more than 1000000 votes in one file"},
		{Options{Gather: true}, "the rows of one vote do not stand together, and the file has more than 67108864 bytes or 100000 votes: sort it by its votes"},
	} {
		// Every vote is the same one, and so refused; they count all the same.
		file := &endless{start: "draft,date,tally,title\n", again: "S/1,2024-11-20,1-0-0," + strings.Repeat("x", 1000) + "\n", most: 4 * gigabyte}
		before := held()
		_, err := Read(file, tt.opt, func(*votes.Account) error { return nil })
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%v, not %s", err, tt.want)
		}
		t.Logf("gather %v: %d bytes read, %d of memory", tt.opt.Gather, file.read, int64(file.peak)-int64(before))
	}
}

const zeroWidth = "\u200b"

var hostileTests = []struct {
	name, text string
	want       []string
}{
	{"NUL", own + "S/1\x00,2024-11-20,1-0-0\n", []string{"refused file: f.csv: line 2, column draft: a NUL byte, which is no text"}},
	{"no UTF-8", own + "S/1,2024-11-20,\xe9\n", []string{
		"refused file: f.csv: line 2, column tally: not UTF-8 (byte 0xE9); is the file Latin-1? Convert it, or read it with --encoding latin1"}},
	{"half a character", own + "S/1,2024-11-20,\xe2\x82\n", []string{
		"refused file: f.csv: line 2, column tally: not UTF-8 (byte 0xE2); is the file Latin-1? Convert it, or read it with --encoding latin1"}},
	{"UTF-16, little end first", "\xff\xfed\x00r\x00a\x00f\x00t\x00", []string{"refused file: f.csv: the file is UTF-16: save it as CSV (UTF-8)"}},
	{"UTF-16, big end first", "\xfe\xff\x00d\x00r\x00a\x00f\x00t", []string{"refused file: f.csv: the file is UTF-16: save it as CSV (UTF-8)"}},
	{"UTF-16 without a mark", "d\x00r\x00a\x00f\x00t\x00", []string{"refused file: f.csv: the file is UTF-16: save it as CSV (UTF-8)"}},
	{"a sequence that moves the cursor", own + "S/1,2024-11-20,\x1b[2J\n", []string{
		"refused file: f.csv: line 2, column tally: the control character U+001B, which is no text"}},
	{"text that is turned round", own + "S/\u202e538/4202,2024-11-20,14-1-0\n", []string{
		"refused file: f.csv: line 2, column draft: the invisible character U+202E, which turns the order in which text is read"}},
	{"text that is hidden", "draft,date,title\nS/1,2024-11-20,veto\U000e0041\n", []string{
		"refused file: f.csv: line 2, column title: the invisible character U+E0041, which is no text"}},
	{"marks that nobody sees", own + "S/2024/835\u200f,2024-11-20,1" + zeroWidth + "4-1-0\n", []string{
		`noted value: f.csv: line 2, column draft: "S/2024/835\u200f" has the invisible character U+200F in it, which was left out`,
		`noted value: f.csv: line 2, column tally: "1\u200b4-1-0" has the invisible character U+200B in it, which was left out`}},
	{"letters of another alphabet", own + "Ѕ/2024/835,2024-11-20,14-1-0\n", []string{
		`refused symbol: f.csv: line 2, column draft: "\u0405/2024/835" is not a draft's symbol (S/2024/835)`}},
	{"a name in letters of another alphabet", "draft,date,yes\nS/2024/835,2024-11-20,Jаpan\n", []string{
		`noted state: f.csv: line 2, column yes: "J\u0430pan" read as Japan`}},
	{"digits of another alphabet", own + "S/2024/835,2024-11-2٠,14-1-0\n", []string{
		`refused date: f.csv: line 2, column date: "2024-11-2\u0660" is not a date (YYYY-MM-DD)`}},
	{"a huge number", own + "S/2024/835,2024-11-20,99999999999999999999-1-0\n", []string{
		`refused tally: f.csv: line 2, column tally: "99999999999999999999-1-0" is not a tally (in favour-against-abstaining, as 14-1-0)`}},
	{"a number of another base", own + "S/2024/835,2024-11-20,1e1-1-0\n", []string{
		`refused tally: f.csv: line 2, column tally: "1e1-1-0" is not a tally (in favour-against-abstaining, as 14-1-0)`}},
	{"year 0", own + "S/2024/835,0000-11-20,1-0-0\n", []string{`refused date: f.csv: line 2, column date: "0000-11-20" is not a date (YYYY-MM-DD)`}},
	{"year 10000", own + "S/2024/835,10000-11-20,1-0-0\n", []string{`refused date: f.csv: line 2, column date: "10000-11-20" is not a date (YYYY-MM-DD)`}},
	{"a spreadsheet's day", own + "S/2024/835,45616,1-0-0\n", []string{
		`refused date: f.csv: line 2, column date: "45616" is not a date (YYYY-MM-DD); a spreadsheet's day 45616 is mostly 2024-11-20`}},
	{"a spreadsheet's day in a sheet", sheetHeader + "1,45616,9790,,S/2024/835,,Yes,Japan\n", []string{
		`refused date: f.csv: line 2, column Date: "45616" is not a date (dd/mm/yyyy); a spreadsheet's day 45616 is mostly 2024-11-20`}},
	{"columns twice", "draft,date,Draft\nS/1,2024-11-20,S/2\n", []string{"refused header: f.csv: line 1: the header has columns twice: Draft"}},
	{"a column without a name", "draft,,date\nS/1,x,2024-11-20\n", []string{`noted header: f.csv: line 1: the layout scvotes has no column "": it was not read`}},
	{"nothing but columns without names", ",,,\n1,2,3,4\n", []string{"refused header: f.csv: line 1: the header is empty"}},
	{"a name that is no text", "draft,date,ta\x1blly\n", []string{"refused header: f.csv: line 1: the name of column 3: the control character U+001B, which is no text"}},
	{"a name without end", "draft,date," + strings.Repeat("x", 300) + "\n", []string{"refused header: f.csv: line 1: the name of column 3 is longer than 200 bytes"}},
	{"too many columns", "draft,date" + strings.Repeat(",a", 1000) + "\n", []string{
		"refused header: f.csv: line 1: the header has 1002 columns, and no layout has more than 1000"}},
	{"a row of a hundred thousand fields", own + strings.Repeat("1,", 100_000) + "\n", []string{"refused row: f.csv: line 2: 100000 fields, the header has 3"}},
	{"a long field", own + "S/1,2024-11-20," + strings.Repeat("1", 9000) + "\n", []string{
		"refused file: f.csv: line 2, column tally: longer than 8192 bytes"}},
	{"a long title", "draft,date,title,yes\nS/1,2024-11-20," + strings.Repeat("x", 2001) + ",USA\n", []string{
		"refused value: f.csv: line 2, column title: 2001 bytes, and no more than 2000 can be kept"}},
	{"a long symbol", own + "S/1" + strings.Repeat("/Rev.1", 100) + ",2024-11-20,1-0-0\n", []string{
		"refused value: f.csv: line 2, column draft: 603 bytes, and no more than 400 can be kept"}},
	{"mixed line ends", "draft,date,tally\r\nS/1,2024-11-20,1-0-0\nS/2,2024-11-20,1-0-0\r\n", nil},
	{"a carriage return alone", own + "S/1,2024-11-20,1-0-0\rS/2,2024-11-20,1-0-0\n", []string{
		"refused row: f.csv: line 2: 5 fields, the header has 3 (a line of the row ends in a carriage return alone)"}},
	{"a compressed file", "\x1f\x8b\x08\x00\x00", []string{"refused file: f.csv: the file is compressed (gzip): unpack it first"}},
}

func TestHostile(t *testing.T) {
	for _, tt := range hostileTests {
		t.Run(tt.name, func(t *testing.T) {
			list, report, _ := read(t, tt.text, Options{File: "f.csv"})
			got := told(list, report)
			if len(got) != len(tt.want) {
				t.Fatalf("%.2000q", got)
			}
			for i, want := range tt.want {
				if got[i] != want {
					t.Errorf("%s\nnot %s", got[i], want)
				}
			}
		})
	}
}
