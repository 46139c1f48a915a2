package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

// read reads a file that stands in the test, and holds the one thing that is
// true of every reading: the rows add up.
func read(t testing.TB, text string, opt Options) ([]*votes.Account, Report, error) {
	t.Helper()
	var list []*votes.Account
	rows := 0
	report, err := Read(strings.NewReader(text), opt, func(a *votes.Account) error {
		list = append(list, a)
		rows += a.Rows
		return nil
	})
	if report.Rows != report.AccountRows+report.RefusedRows || rows != report.AccountRows || len(list) != report.Accounts {
		t.Errorf("the report does not add up: %+v, %d rows in %d accounts", report, rows, len(list))
	}
	return list, report, err
}

// one reads a file of one good account.
func one(t *testing.T, text string) *votes.Account {
	t.Helper()
	list, report, err := read(t, text, Options{})
	if err != nil || len(list) != 1 || len(report.Problems) > 0 {
		t.Fatalf("accounts %d, report %+v, error %v", len(list), report, err)
	}
	return list[0]
}

// told lists every problem, those of the report first.
func told(list []*votes.Account, report Report) []string {
	var all []string
	add := func(p votes.Problem) { all = append(all, string(p.Severity)+" "+p.Kind+": "+p.String()) }
	for _, p := range report.Problems {
		add(p)
	}
	for _, a := range list {
		for _, p := range a.Problems {
			add(p)
		}
	}
	return all
}

const own = "draft,date,tally\n"

const sheetHeader = "ID,Date,Meeting,Resolution,Draft,Outcome results,Vote,Member State\n"

// sheetRows writes rows of one vote of 20 November 2024 in the sheet's layout.
func sheetRows(id, draft string, votes ...string) string {
	var b strings.Builder
	for _, v := range votes {
		position, state, _ := strings.Cut(v, " ")
		fmt.Fprintf(&b, "%s,20/11/2024,9790,,%s,Not adopted - veto,%s,%s\n", id, draft, position, state)
	}
	return b.String()
}

var problemTests = []struct {
	name, text string
	want       []string
}{
	{"a position that is none", sheetHeader + sheetRows("1", "S/2024/835", "Yes Algeria", "Q Japan"),
		[]string{`serious position: f.csv: line 3, column Vote: "Q" is not a position (yes, no, abstain, not_participating, absent)`}},
	{"a state that is none", sheetHeader + sheetRows("1", "S/2024/835", "Yes Atlantis"),
		[]string{`serious state: f.csv: line 2, column Member State: "Atlantis" is not a state that the UN knew on 2024-11-20`}},
	{"a member misspelt", sheetHeader + sheetRows("1", "S/2024/835", "Yes Mozambiqe"),
		[]string{`noted state: f.csv: line 2, column Member State: "Mozambiqe" read as Mozambique`}},
	{"a state misspelt that had no seat", sheetHeader + sheetRows("1", "S/2024/835", "Yes Ethipia"),
		[]string{`serious state: f.csv: line 2, column Member State: "Ethipia" is not a state that the UN knew on 2024-11-20 (did you mean "Ethiopia"?)`}},
	{"no state", sheetHeader + sheetRows("1", "S/2024/835", "Yes "),
		[]string{"serious state: f.csv: line 2, column Member State: the name of the state is missing"}},
	{"every fault, not the first", sheetHeader + sheetRows("1", "S/2024/835", "Q Atlantis", "R Japan"),
		[]string{`serious state: f.csv: line 2, column Member State: "Atlantis" is not a state that the UN knew on 2024-11-20`,
			`serious position: f.csv: line 2, column Vote: "Q" is not a position (yes, no, abstain, not_participating, absent)`,
			`serious position: f.csv: line 3, column Vote: "R" is not a position (yes, no, abstain, not_participating, absent)`}},
	{"no such day", sheetHeader + "1,31/02/2024,9790,,S/2024/835,,Yes,Japan\n",
		[]string{"refused date: f.csv: line 2, column Date: there is no day 31/02/2024"}},
	{"a day in words", sheetHeader + "1,May 2024,9790,,S/2024/835,,Yes,Japan\n",
		[]string{`refused date: f.csv: line 2, column Date: "May 2024" is not a date (dd/mm/yyyy)`}},
	{"no day", sheetHeader + "1,,9790,,S/2024/835,,Yes,Japan\n",
		[]string{"refused date: f.csv: line 2, column Date: the day of the vote is missing"}},
	{"month first", sheetHeader + "1,11/20/2024,9790,,S/2024/835,,Yes,Japan\n",
		[]string{"noted date_swapped: f.csv: line 2, column Date: 11/20/2024 read as 2024-11-20: there is no month 20"}},
	{"draft and resolution exchanged", sheetHeader + "1,08/05/2025,9913,S/2025/270,S/RES/2779(2025),,Yes,France\n",
		[]string{`noted symbol: f.csv: line 2, column Draft: "S/RES/2779(2025)" and "S/2025/270" stood in each other's column`}},
	{"a bad draft beside a resolution", sheetHeader + "1,08/05/2025,9913,2779 (2025),the draft,,Yes,France\n",
		[]string{`noted symbol: f.csv: line 2, column Draft: "the draft" is not a draft's symbol (S/2024/835)`}},
	{"a bad draft alone", sheetHeader + "1,08/05/2025,9913,,the draft,,Yes,France\n",
		[]string{`refused symbol: f.csv: line 2, column Draft: "the draft" is not a draft's symbol (S/2024/835)`}},
	{"a bad meeting", sheetHeader + "1,08/05/2025,New York,2779 (2025),,,Yes,France\n",
		[]string{`noted symbol: f.csv: line 2, column Meeting: "New York" is not a meeting's symbol (S/PV.9790)`}},
	{"an unknown outcome", sheetHeader + "1,08/05/2025,9913,2779 (2025),,Carried,Yes,France\n",
		[]string{`noted value: f.csv: line 2, column Outcome results: "Carried" is not an outcome that is known here`}},
	{"another day on the second row", sheetHeader + sheetRows("1", "S/2024/835", "Yes Japan") + "1,21/11/2024,9790,,S/2024/835,Not adopted - veto,Yes,Malta\n",
		[]string{`refused conflict: f.csv: line 3, column Date: "21/11/2024", but "20/11/2024" on the first row of the vote (line 2)`}},
	{"two drafts under one ID", sheetHeader + sheetRows("1", "S/2024/835", "Yes Japan") + sheetRows("1", "S/2024/836", "Yes Japan"),
		[]string{`refused conflict: f.csv: line 3, column Draft: "S/2024/836", but "S/2024/835" on the first row of the vote (line 2)`}},
	{"a row too short, with its key", sheetHeader + sheetRows("1", "S/2024/835", "Yes Japan") + "1,20/11/2024,9790\n" + sheetRows("2", "S/2024/836", "Yes Japan"),
		[]string{"refused row: f.csv: line 3: 3 fields, the header has 8"}},
	{"a row too long between two votes", sheetHeader + sheetRows("1", "S/2024/835", "Yes Japan") + "x,1,2,3,4,5,6,7,8,9\n" + sheetRows("2", "S/2024/836", "Yes Japan"),
		[]string{"refused row: f.csv: line 3: 10 fields, the header has 8",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 10 fields, the header has 8",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 10 fields, the header has 8"}},
	{"a row too short between two rows of one vote", sheetHeader + sheetRows("1", "S/2024/835", "Yes Japan") + "x\n" + sheetRows("1", "S/2024/835", "Yes Malta"),
		[]string{"refused row: f.csv: line 3: 1 fields, the header has 8",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 1 fields, the header has 8"}},
	{"a row without a key", sheetHeader + sheetRows("", "S/2024/835", "Yes Japan"),
		[]string{"refused identity: f.csv: line 2: nothing tells which vote the row belongs to"}},
	{"a stray quote", sheetHeader + "1,20/11/2024,97\"90,,S/2024/835,,Yes,Japan\n" + sheetRows("1", "S/2024/835", "Yes Malta"),
		[]string{`refused row: f.csv: line 2, column Meeting: a quote (") inside a field that does not begin with one`,
			`refused row: f.csv: line 2, column Meeting: this row beside the vote may be one of its own: a quote (") inside a field that does not begin with one`}},
	{"text behind a quote", own + "\"S/2024/835\"x,2024-11-20,14-1-0\nS/2024/836,2024-11-20,14-1-0\n",
		[]string{`refused row: f.csv: line 2, column draft: text behind a closing quote (") (a quote inside a quoted field is written twice)`}},
	{"text behind a quote at the end", own + "S/2024/835,2024-11-20,\"14-1-0\"x",
		[]string{`refused row: f.csv: line 2, column tally: text behind a closing quote (") (a quote inside a quoted field is written twice)`}},
	{"a quote closed lines later", own + "\"S/2024/835,2024-11-20,14-1-0\nS/2024/836,\"2024-11-20\",14-1-0\nS/2024/837,2024-11-20,14-1-0\n",
		[]string{`refused row: f.csv: line 2, column draft: a quote (") opened here is closed wrongly on line 3: the lines between cannot be read`}},
	{"Latin-1", own + "S/2024/835,2024-11-20,14-1-0\nS/2024/836,2024-11-20,caf\xe9\n",
		[]string{"refused file: f.csv: line 3, column tally: not UTF-8 (byte 0xE9); is the file Latin-1? Convert it, or read it with --encoding latin1"}},
	{"a NUL", own + "S/2024/835,2024-11-20,14\x00-1-0\n",
		[]string{"refused file: f.csv: line 2, column tally: a NUL byte, which is no text"}},
	{"a carriage return inside", own + "S/2024/835,2024-11-20,14-1-0\rS/2024/836,2024-11-20,14-1-0\n",
		[]string{"refused row: f.csv: line 2: 5 fields, the header has 3 (a line of the row ends in a carriage return alone)"}},
	{"a tally that is none", own + "S/2024/835,2024-11-20,fourteen\n",
		[]string{`refused tally: f.csv: line 2, column tally: "fourteen" is not a tally (in favour-against-abstaining, as 14-1-0)`}},
	{"a date in another order", own + "S/2024/835,20/11/2024,14-1-0\n",
		[]string{`refused date: f.csv: line 2, column date: "20/11/2024" is not a date (YYYY-MM-DD)`}},
	{"the same resolution twice", own + "S/2024/835,2024-11-20,14-1-0\nS/2024/0835,2024-11-20,13-1-1\n",
		[]string{"refused duplicate: f.csv: line 3: the vote S-2024-835 stands on line 2 already"}},
	{"kind and procedural", "draft,date,kind,procedural\nS/2024/835,2024-11-20,decree,perhaps\n",
		[]string{`refused value: f.csv: line 2, column kind: "decree" is not a kind of proposal (draft_resolution, amendment, paragraph, oral_proposal, recommendation, preliminary_question, other)`,
			`refused value: f.csv: line 2, column procedural: "perhaps" is neither yes nor no`}},
	{"below a field of two lines", "title,draft,date,tally\n\"A\nB\",S/2024/835,2024-11-20,x\n",
		[]string{`refused tally: f.csv: line 3, column tally: "x" is not a tally (in favour-against-abstaining, as 14-1-0)`}},
	{"an unknown column", "draft,date,tally,colour\nS/2024/835,2024-11-20,14-1-0,red\n",
		[]string{`noted header: f.csv: line 1, column colour: the layout scvotes has no column "colour": it was not read`}},
	{"a statement", "draft,resolution,speaker,for,kind,date,text\nS/2024/835,,,,speech,2024,\nS/2024/835,,,Atlantis,reaction,,Words\n",
		[]string{`refused date: f.csv: line 2, column date: "2024" is not a date (YYYY-MM-DD)`,
			`refused value: f.csv: line 2, column kind: "speech" is not a kind of statement (explanation_of_vote, reaction, joint_statement)`,
			"refused value: f.csv: line 2, column text: the statement has no text",
			"refused value: f.csv: line 2, column speaker: nobody is named as the speaker",
			`refused state: f.csv: line 3, column for: "Atlantis" is not a state; the field stays empty for a body that is none`,
			"refused value: f.csv: line 3, column speaker: nobody is named as the speaker"}},
}

func TestProblems(t *testing.T) {
	for _, tt := range problemTests {
		t.Run(tt.name, func(t *testing.T) {
			list, report, err := read(t, tt.text, Options{File: "f.csv"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, told(list, report)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var fileFaultTests = []struct {
	name, text string
	opt        Options
	want       string
}{
	{"empty", "", Options{}, "f.csv: the file is empty"},
	{"blank", "\ufeff\r\n \n", Options{}, "f.csv: the file is empty"},
	{"a spreadsheet", "PK\x03\x04xxxx", Options{}, "f.csv: the file is a spreadsheet or an archive: save the sheet as CSV (UTF-8)"},
	{"compressed", "\x1f\x8b\x08xxxx", Options{}, "f.csv: the file is compressed (gzip): unpack it first"},
	{"a web page", "<!doctype html>\n", Options{}, "f.csv: the file is a web page or XML, not CSV"},
	{"UTF-16 with its mark", "\xff\xfed\x00r\x00", Options{}, "f.csv: the file is UTF-16: save it as CSV (UTF-8)"},
	{"UTF-16 without", "d\x00r\x00a\x00f\x00", Options{}, "f.csv: the file is UTF-16: save it as CSV (UTF-8)"},
	{"carriage returns", "draft,date,tally\rS/2024/835,2024-11-20,14-1-0\r", Options{},
		"f.csv: the lines end in a carriage return alone (old Macintosh): convert the line ends to LF"},
	{"semicolons", "draft;date;tally\n", Options{}, "f.csv: line 1: the columns are not separated by commas: save the file as comma-separated values"},
	{"columns twice", "Draft,date,draft ,tally,DATE\n", Options{}, "f.csv: line 1: the header has columns twice: draft, DATE"},
	{"an empty header", ",,\nx,y,z\n", Options{}, "f.csv: line 1: the header is empty"},
	{"a broken header", "dr\"aft,date\n", Options{}, `f.csv: line 1: a quote (") inside a field that does not begin with one`},
	{"nothing known", "colour,size\n", Options{},
		"f.csv: line 1: the header is that of no known layout (scvotes, scvotes-statements, draft-sheet, undl, un-outcomes, un-vetoes, dppa-vetoes)"},
	{"columns missing", "undl_id,ms_code,ms_name,date,draft,total_yes\n", Options{},
		"f.csv: line 1: the header is that of no known layout; the closest is undl (UN Digital Library, voting data), which also needs: ms_vote; resolution"},
	{"no symbol", "date,title,topic,region,tally,note,source\n", Options{},
		"f.csv: line 1: the header is that of no known layout; the closest is scvotes (scvotes, a line a resolution), which also needs: one of draft, resolution, meeting"},
	{"mostly another's", "date,draft,agenda item,colour,size,shape\n", Options{},
		"f.csv: line 1: the header is that of no known layout; the closest is scvotes (scvotes, a line a resolution), but most of the columns are not its own"},
	{"not the layout asked for", own, Options{Format: "undl"},
		"f.csv: line 1: for the layout undl (UN Digital Library, voting data) the header lacks: undl_id; ms_code; ms_vote; resolution"},
	{"no such layout", own, Options{Format: "xlsx"}, `f.csv: line 1: there is no layout "xlsx" (scvotes, scvotes-statements, draft-sheet, undl, un-outcomes, un-vetoes, dppa-vetoes)`},
	{"no such encoding", own, Options{Encoding: "ebcdic"}, `f.csv: there is no encoding "ebcdic" (utf-8, latin1)`},
	{"Latin-1 and not", "\ufeff" + own, Options{Encoding: "latin1"}, "f.csv: the file says that it is UTF-8 (byte order mark): read it without --encoding latin1"},
	{"a quote left open", own + "S/2024/835,\"2024-11-20,14-1-0\nS/2024/836,2024-11-20,14-1-0\n", Options{},
		`f.csv: line 2, column date: a quote (") opened here is never closed: it hides the rest of the file`},
	{"a quote left open behind a field of two lines", own + "S/2024/834,2024-11-20,1-1-1\n\"S/2024/\n835\",\"2024", Options{},
		`f.csv: line 4, column date: a quote (") opened here is never closed: it hides the rest of the file`},
	{"a quote left open in a long file", own + "S/2024/835,2024-11-20,\"14-1-0\n" + strings.Repeat("S/2024/836,2024-11-20,14-1-0\n", 50_000), Options{},
		`f.csv: line 2, column tally: a row longer than 1048576 bytes: is a quote (") opened here and never closed?`},
}

func TestFileFaults(t *testing.T) {
	for _, tt := range fileFaultTests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opt.File = "f.csv"
			_, report, err := read(t, tt.text, tt.opt)
			if !errors.Is(err, votes.ErrInvalid) {
				t.Fatalf("error %v", err)
			}
			if got := strings.TrimPrefix(err.Error(), "invalid: "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if n := len(report.Problems); n == 0 || report.Problems[n-1].String() != tt.want || report.Problems[n-1].Severity != votes.Refused {
				t.Errorf("the report says %v", report.Problems)
			}
		})
	}
}

// The same vote comes out of a file however a program saved it.
func TestHygiene(t *testing.T) {
	plain := sheetHeader + sheetRows("1", "S/2024/835", "Yes Algeria", "No United States")
	want := one(t, plain)
	tests := map[string]string{
		"byte order mark":        "\ufeff" + plain,
		"CRLF":                   strings.ReplaceAll(plain, "\n", "\r\n"),
		"no last line end":       strings.TrimSuffix(plain, "\n"),
		"a trailing comma":       strings.Replace(plain, "Member State\n", "Member State,\n", 1),
		"trailing commas":        strings.ReplaceAll(plain, "\n", ",,\n"),
		"empty rows":             plain + ",,,,,,,\n\n,,,,,,,\n",
		"capitals and underline": strings.Replace(plain, "ID,Date", " id ,DATE", 1),
		"numbers with a point":   strings.ReplaceAll(strings.ReplaceAll(plain, "9790", "9790.0"), "\n1,", "\n1.0,"),
		"no-break spaces":        strings.ReplaceAll(plain, "S/2024/835", "\u00a0S/2024/835\u00a0"),
		"Excel's line ends":      strings.ReplaceAll(plain, "United States", "\"United_x000D_\nStates\""),
	}
	columns := "Vote,Draft,ID,Member State,Date,Outcome results,Resolution,Meeting\n"
	for _, v := range []string{"Yes,Algeria", "No,United States"} {
		p, s, _ := strings.Cut(v, ",")
		columns += p + ",S/2024/835,1," + s + ",20/11/2024,Not adopted - veto,,9790\n"
	}
	tests["columns in another order"] = columns
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got := one(t, text)
			for _, a := range []*votes.Account{got, want} {
				a.Printed = nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLatin1(t *testing.T) {
	text := "draft,date,title,yes\nS/2020/1054,2020-11-20,\x93C\xf4te d\x92Ivoire\x94 \x96 \x80,Niger\n"
	list, report, err := read(t, text, Options{Encoding: "Latin1"})
	if err != nil || len(list) != 1 || len(told(list, report)) > 0 {
		t.Fatal(err, told(list, report))
	}
	if want := "“Côte d’Ivoire” – €"; list[0].Title != want {
		t.Errorf("title %q, want %q", list[0].Title, want)
	}
	if n := len([]rune(windows1252)); n != 32 {
		t.Errorf("the table has %d characters, want 32", n)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"a b":                 "a b",
		" a  b ":              "a b",
		"a\u00a0b\u200b":      "a b",
		"a,_x000D_\nb":        "a, b",
		"Spain_x000D_and":     "Spain and",
		"_x005F_x000D_ stays": "_x000D_ stays",
		"ms_code":             "ms_code",
		"a\r\nb\tc":           "a b c",
		"Côte d'Ivoire":       "Côte d'Ivoire",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestScattered(t *testing.T) {
	text := sheetHeader + sheetRows("1", "S/2024/835", "Yes Algeria") + sheetRows("2", "S/2024/836", "Yes Malta") + sheetRows("1", "S/2024/835", "No United States")
	_, _, err := read(t, text, Options{})
	if !errors.Is(err, ErrScattered) || !strings.HasPrefix(err.Error(), "line 4: a vote that began on line 2 goes on here") {
		t.Fatalf("error %v", err)
	}
	list, report, err := read(t, text, Options{Gather: true})
	if err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	want := []votes.Vote{{Code: "DZA", Position: votes.Yes}, {Code: "USA", Position: votes.No}}
	if diff := cmp.Diff(want, list[0].Votes); diff != "" || list[0].Rows != 2 || list[1].Rows != 1 {
		t.Error(diff, list[0].Rows, list[1].Rows)
	}
	if got := told(list, report); len(got) > 0 {
		t.Error(got)
	}
}

// An account is handed over as soon as the next vote begins: the file may be
// longer than memory.
func TestStreams(t *testing.T) {
	r, w := io.Pipe()
	seen := make(chan string)
	done := make(chan error)
	go func() {
		_, err := Read(r, Options{}, func(a *votes.Account) error { seen <- a.Key; return nil })
		done <- err
	}()
	go func() {
		io.WriteString(w, sheetHeader)
		for i := 1; i <= 3; i++ {
			// More than the readers hold back between them.
			io.WriteString(w, strings.Repeat(sheetRows(fmt.Sprint(i), "S/2024/835", "Yes Algeria"), 5000))
		}
	}()
	if got := <-seen; got != "1" { // hangs if the file has to end first
		t.Errorf("first %s", got)
	}
	r.Close()
	for {
		select {
		case <-seen:
		case err := <-done:
			if !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("error %v", err)
			}
			return
		}
	}
}

func TestErrorsPassThrough(t *testing.T) {
	stop := errors.New("stop")
	text := sheetHeader + sheetRows("1", "S/2024/835", "Yes Algeria")
	if _, err := Read(strings.NewReader(text), Options{}, func(*votes.Account) error { return stop }); err != stop {
		t.Errorf("yield's error came back as %v", err)
	}
	broken := io.MultiReader(strings.NewReader(text), failing{stop})
	_, err := Read(broken, Options{File: "f.csv"}, func(*votes.Account) error { return nil })
	if !errors.Is(err, stop) || errors.Is(err, votes.ErrInvalid) {
		t.Errorf("the file's error came back as %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A file that is wrong from end to end does not fill the memory with problems.
func TestProblemsAreBounded(t *testing.T) {
	list, report, err := read(t, "draft,date,tally\n"+strings.Repeat("x\n", maxProblems+500), Options{})
	if err != nil || len(list) != 0 || report.RefusedRows != maxProblems+500 {
		t.Errorf("%d accounts, %d rows refused, error %v", len(list), report.RefusedRows, err)
	}
	if n := len(report.Problems); n != maxProblems+1 || report.Problems[n-1].Message != "problems from here on are counted, not listed" {
		t.Errorf("%d problems", n)
	}
}
