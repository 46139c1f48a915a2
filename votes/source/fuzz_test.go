package source

import (
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
)

// seeds holds a file of every format, and what is wrong with files.
var seeds = []struct {
	text, encoding string
	gather         bool
}{
	{sheetHeader + sheetRows("1", "S/2024/835", "Yes Algeria", "No United States"), "", false},
	{sheetHeader + sheetRows("1", "S/2024/835", "Q Atlantis") + "1,\"", "", false},
	{sheetHeader + sheetRows("1", "S/1", "Yes France") + sheetRows("2", "S/2", "No France") + sheetRows("1", "S/1", "Yes Japan"), "", true},
	{undlVote("1970-06-24", "RUS,USSR,N", "FRA,FRANCE,X"), "", true},
	{ownHeader + "S/552 (preliminary question),,S/PV.303,24/05/1948,,maybe,,,,,E10;P5,all,,,,,8-2-1,SUN,,\n", "", false},
	{"draft,resolution,speaker,for,kind,date,text\nS/1,,A,B,reaction,,T\n\n,,,,,,\n", "", true},
	{outcomesHeader + row57("8-2-1", "S/PV.57 (Ireland) 8-2-1 S/PV.57") + ",,,\n" + row57("x", "") + ",S/PV.57,S/PV.57,,,,\n", "", false},
	{vetoListHeader + "3-4 May 1947,1947-05-04,S/PV.49,S/1;S/2,Application for Membership Italy,UK and USA\nx\n", "", true},
	{dppaHeader + "1,2024-11-20T00:00,S/2024/835,9790.0,,,2,0,1,0,1,,,\n", "", false},
	{"draft,date,tally\rS/1,\xe9\x00,\"\r\n", "latin1", false},
	{"\ufeffdraft,date,tally,title\r\n'=S/1,2024-11-20,1-0-0,'=1+1;'-2\n\n,,,\n", "", false},
	{"draft,date,tally\nS/1\u202e,45616,\x1b[2J\nЅ/1\u200f,10000-01-01,99999999999-0-0\n", "", false},
	{"\xff\xfe\x00", "", false},
}

// FuzzRead holds what is true of any bytes at all: no panic, rows that add up
// (see read) and of which none is lost, no error but those that Read names, a line
// for every problem, and the same account of it all in whatever pieces it comes.
func FuzzRead(f *testing.F) {
	for i, s := range seeds {
		f.Add(s.text, s.encoding, s.gather, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text, encoding string, gather bool, pieces uint64) {
		opt := Options{Encoding: encoding, Gather: gather}
		list, report, err := read(t, text, opt)
		if err != nil && !errors.Is(err, votes.ErrInvalid) && (gather || !errors.Is(err, ErrScattered)) {
			t.Fatalf("error %v", err)
		}
		lines := strings.Count(text, "\n") + 2
		for _, p := range report.Problems {
			if p.Message == "" || p.Kind == "" || p.Severity == "" || p.Line > lines || p.Line == 0 && p.Kind != votes.KindFile || votes.NotPlain(p.String()) != "" {
				t.Errorf("a problem that tells nothing: %+v", p)
			}
		}
		for _, a := range list {
			holdAccount(t, a, lines)
		}
		if want, clean := rowsOf(text); clean && err == nil && encoding == "" && report.Rows != want {
			t.Errorf("%d rows of %d", report.Rows, want)
		}
		inPieces := everything(readFrom(t, &piecewise{text, rand.New(rand.NewPCG(pieces, 1))}, opt))
		if whole := everything(list, report, err); inPieces != whole {
			t.Errorf("in pieces:\n%s\nwhole:\n%s", inPieces, whole)
		}
		if !gather && err == nil {
			opt.Gather = true
			if held, whole := everything(readFrom(t, strings.NewReader(text), opt)), everything(list, report, err); held != whole {
				t.Errorf("gathered:\n%s\nas it comes:\n%s", held, whole)
			}
		}
	})
}

// holdAccount holds what is true of every account.
func holdAccount(t *testing.T, a *votes.Account, lines int) {
	if a.Line < 2 || a.Line > lines || a.Rows < 1 || len(a.Problems) > maxProblemsOfVote+1 {
		t.Errorf("line %d, %d rows, %d problems", a.Line, a.Rows, len(a.Problems))
	}
	for _, p := range a.Problems {
		if p.Line < 2 || p.Line > lines || p.Message == "" || votes.NotPlain(p.String()) != "" {
			t.Errorf("a problem that tells nothing: %+v", p)
		}
	}
	if a.Refused() {
		return
	}
	for _, s := range []string{string(a.Draft), string(a.Resolution), a.Part, a.Title, a.AgendaItem, a.Topic, a.Region, a.Note, a.SponsoredAs, a.Key} {
		if fault := votes.NotPlain(s); fault != "" || len(s) > votes.MaxText {
			t.Errorf("%q was taken: %s", s, fault)
		}
	}
	votes.Check(a)
	if a.Date != "" && !a.Refused() {
		a.Match = votes.Match{ID: a.ID}
		votes.Reconcile([]*votes.Account{a}, nil)
	}
}

// rowsOf counts the rows of a file with the library alone. It is false where
// that cannot read it, or where the file goes on behind what it counts as a row.
func rowsOf(text string) (int, bool) {
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	in.FieldsPerRecord = -1
	all, err := in.ReadAll()
	if err != nil || len(all) == 0 || len(text) > maxRow {
		return 0, false
	}
	n := 0
	for _, row := range all[1:] {
		if !isEmpty(row) {
			n++
		}
	}
	return n, true
}

// piecewise gives a text in pieces of any size, nothing among them.
type piecewise struct {
	text string
	size *rand.Rand
}

func (r *piecewise) Read(p []byte) (int, error) {
	n := min(len(p), len(r.text), r.size.IntN(9))
	copy(p, r.text[:n])
	r.text = r.text[n:]
	if r.text == "" {
		return n, io.EOF
	}
	return n, nil
}

func readFrom(t *testing.T, r io.Reader, opt Options) (list []*votes.Account, report Report, err error) {
	report, err = Read(r, opt, func(a *votes.Account) error { list = append(list, a); return nil })
	for _, a := range list {
		holdAccount(t, a, 1<<30) // works out of it what the other reading worked out
	}
	return list, report, err
}

// everything is everything that a reading tells.
func everything(list []*votes.Account, report Report, err error) string {
	var b strings.Builder
	for _, a := range list {
		b.Write(a.AppendJSON(nil))
		b.WriteByte('\n')
	}
	for _, p := range report.Problems {
		b.WriteString(p.String() + "\n")
	}
	if err != nil {
		b.WriteString(err.Error())
	}
	return b.String()
}

// FuzzRoundTrip: whatever the texts of a record are, its CSV is read back to the
// same texts, is written again with the same bytes, and runs in no spreadsheet.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{"Ceasefire", "=HYPERLINK(\"http://x\")", "'=1", "-1;-2", "a\r\n\tb", "\u202e", "\x1b", " a  b ", `"=`, "A, B;C", "S/1 (x)", "_x000D_", "President", "(=)", "a)(b", "A3; Guyana", "A3;C"} {
		f.Add(s, "amendment", s, "President")
		f.Add("T", s, "N", s)
	}
	f.Fuzz(func(t *testing.T, title, part, note, sponsor string) {
		for _, s := range []string{title, part, note, sponsor} {
			if votes.NotPlain(s) != "" || len(s) > 300 || strings.Contains(s, "_x000") {
				t.Skip("no reader takes it")
			}
		}
		a := &votes.Account{Source: votes.Source{Name: "scvotes", Format: "scvotes", Line: 2}, Line: 2, Rows: 1, Draft: "S/2024/835", Part: clean(part), Date: "2024-11-20",
			Title: title, AgendaItem: note, Topic: title, Region: note, Note: note, Tally: &votes.Tally{Yes: 14, No: 1}, VetoedBy: []votes.Code{"USA"},
			Statements: []votes.Statement{{Speaker: clean(title), For: "USA", Kind: "reaction", Date: "2024-11-20", Text: cleanLines(note), Source: clean(sponsor)}}}
		a.Sponsors, a.SponsoredAs, _ = votes.ParseSponsors(clean(sponsor), a.Date)
		first := records([]*votes.Account{a})
		if len(first) != 1 {
			t.Skip("no record follows")
		}
		text := written(t, first)
		holdCells(t, text)
		list, report, err := read(t, text, Options{Format: "scvotes"})
		if err != nil || len(list) != 1 || list[0].Refused() {
			t.Fatalf("%s\n%q", err, told(list, report))
		}
		if got := list[0]; got.Title != clean(title) || got.Note != clean(note) {
			t.Errorf("title %q of %q, note %q of %q", got.Title, title, got.Note, note)
		}
		second := records(list)
		if again := written(t, second); again != text {
			t.Errorf("%q\nis written again as\n%q", text, again)
		}
		holdStatements(t, first[0])
	})
}

// holdStatements holds that what was said is read back as it was said.
func holdStatements(t *testing.T, r votes.Resolution) {
	want := r.Statements
	if len(want) != 1 || want[0].Text == "" || want[0].Speaker == "" {
		return
	}
	var b strings.Builder
	w := NewStatementWriter(&b)
	if err := errors.Join(w.Write(r), w.Flush()); err != nil {
		t.Fatal(err)
	}
	holdCells(t, b.String())
	list, report, err := read(t, b.String(), Options{})
	if err != nil || len(list) != 1 || !slices.Equal(list[0].Statements, want) {
		t.Errorf("%q\nis read as %+v\nnot %+v\n%q %v", b.String(), list, want, told(list, report), err)
	}
}

// holdCells holds that no cell of a file runs.
func holdCells(t *testing.T, text string) {
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		for _, cell := range row {
			if s := strings.TrimLeft(cell, " \""); s != "" && strings.ContainsAny(s[:1], "=+-@\t\r\n") {
				t.Errorf("the cell %q runs", cell)
			}
		}
	}
}

// FuzzEdits: whatever a file of edits holds, an edit that is taken can be made and
// stands on a line of its own, every fault tells its line, and it is the same in
// whatever pieces the file comes.
func FuzzEdits(f *testing.F) {
	const header = "id,field,value,reason,reference\n"
	for _, s := range []string{"", header, header + "S/2024/835,title,'=T,R,D\nS/2024/835,date,2024-11-21,R,D\n", header + "x\n,,,,\n\"", "reference,reason,value,field,id\r\nD,R,\"a\nb\",note,2334 (2016)\r\n",
		header + "S/1,title,\x1b,\u202e,\x00\n", "id,id,id,id,id\n", "\ufeff" + header + "S/1,undo,1,R,D"} {
		f.Add(s, uint64(len(s)))
	}
	f.Fuzz(func(t *testing.T, text string, pieces uint64) {
		list, err := ReadEdits(strings.NewReader(text))
		var faults votes.Faults
		if err != nil && !errors.As(err, &faults) {
			t.Fatal(err)
		}
		for _, fault := range faults {
			if fault.Message == "" || votes.NotPlain(fault.Parameter) != "" {
				t.Errorf("a fault that tells nothing: %+v", fault)
			}
		}
		if len(list.Lines) != len(list.Edits) {
			t.Fatalf("%d edits on %d lines", len(list.Edits), len(list.Lines))
		}
		for i, e := range list.Edits {
			if list.Lines[i] < 2 || i > 0 && list.Lines[i] <= list.Lines[i-1] {
				t.Errorf("edit %d stands on line %d", i, list.Lines[i])
			}
			if wrong := e.Check(); err == nil && wrong != nil {
				t.Errorf("%+v was taken: %v", e, wrong)
			}
		}
		again, other := ReadEdits(&piecewise{text, rand.New(rand.NewPCG(pieces, 1))})
		if !slices.Equal(again.Edits, list.Edits) || !slices.Equal(again.Lines, list.Lines) || (err == nil) != (other == nil) || err != nil && err.Error() != other.Error() {
			t.Errorf("in pieces: %+v, %v\nwhole: %+v, %v", again, other, list, err)
		}
	})
}
