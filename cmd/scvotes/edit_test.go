package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store/pgtest"
)

const editHeader = "id,field,value,reason,reference\n"

// record2602 is a record that holds one vote, disputed, at revision 1.
func record2602(t *testing.T) string {
	t.Helper()
	db := pgtest.New(t)
	if got := cli(t, "import", "--database-url", db, write(t, "votes.csv", ownHeader+twice)); got.code != 0 {
		t.Fatal(got.stdout, got.stderr)
	}
	return db
}

func TestEditAndUndo(t *testing.T) {
	t.Setenv("DATABASE_URL", record2602(t))
	before := cli(t, "show", "S/RES/2602 (2021)").stdout
	for _, step := range []struct {
		args     []string
		says     string
		outcome  string // lines of show
		rollCall string
	}{
		{[]string{"S/RES/2602 (2021)", "tally", "13-0-2"}, "edit 1: S-RES-2602-2021 tally\nthe record is at revision 2\n",
			"ADOPTED - 13 in favour, 9 required", "tally only"},
		{[]string{"2602 (2021)", "title", "Western Sahara"}, "edit 2: S-RES-2602-2021 title\nthe record is at revision 3\n",
			"ADOPTED - 13 in favour, 9 required", "tally only"},
		{[]string{"S-RES-2602-2021", "undo", "1"}, "edit 3: S-RES-2602-2021 undo\nthe record is at revision 4\n",
			"ADOPTED - adopted, as its resolution's number tells; no sound roll call or tally is known", "disputed"},
		{[]string{"S-RES-2602-2021", "undo", "2"}, "edit 4: S-RES-2602-2021 undo\nthe record is at revision 5\n",
			"ADOPTED - adopted, as its resolution's number tells; no sound roll call or tally is known", "disputed"},
	} {
		got := cli(t, append([]string{"edit", "--reason", "the meeting record", "--reference", "S/PV.8890"}, step.args...)...)
		if diff := cmp.Diff(result{stdout: step.says}, got, cmp.AllowUnexported(result{})); diff != "" {
			t.Errorf("%q: %s", step.args, diff)
		}
		shown := cli(t, "show", "S/RES/2602 (2021)").stdout
		for _, want := range []string{"outcome      " + step.outcome, "roll call    " + step.rollCall} {
			if !strings.Contains(shown, "\n"+want+"\n") {
				t.Errorf("after %q: want %q in\n%s", step.args, want, shown)
			}
		}
	}
	if diff := cmp.Diff(before, cli(t, "show", "S/RES/2602 (2021)").stdout); diff != "" {
		t.Errorf("with all taken back: %s", diff)
	}
	if got := cli(t, "verify"); got.code != 0 || got.stdout != "revision 5: 1 account and 4 edits give 1 resolution; 0 differences\n" {
		t.Errorf("verify: exit code %d\n%s", got.code, got.stdout)
	}
}

func TestEditsOfAFileAreOneRevision(t *testing.T) {
	t.Setenv("DATABASE_URL", record2602(t))
	// The columns in any order, a byte order mark, a value with a comma.
	path := write(t, "edits.csv", "\ufeffreference,id,reason,value,field\n"+
		"S/PV.8890,S/RES/2602 (2021),it counts them,13-0-2,tally\n"+
		"S/PV.8890,2602 (2021),its agenda,\"Western Sahara, the mission\",title\n")
	want := "edit 1: S-RES-2602-2021 tally\nedit 2: S-RES-2602-2021 title\nthe record is at revision 2\n"
	if diff := cmp.Diff(result{stdout: want}, cli(t, "edit", "--file", path), cmp.AllowUnexported(result{})); diff != "" {
		t.Error(diff)
	}
	if got := cli(t, "show", "2602 (2021)"); !strings.HasPrefix(got.stdout, "S/RES/2602 (2021)  Western Sahara, the mission\n") {
		t.Error(got.stdout)
	}
	p := start(t, "", "edit", "--file", "-")
	if _, err := p.stdin.Write([]byte(editHeader + "2602 (2021),undo,1,a mistake,S/PV.8890\n")); err != nil {
		t.Fatal(err)
	}
	p.stdin.Close()
	if code := p.ends(t); code != 0 || p.stdout.String() != "edit 3: S-RES-2602-2021 undo\nthe record is at revision 3\n" {
		t.Errorf("from the standard input: exit code %d\n%s", code, p.stdout.String())
	}
}

// Every fault is told with its line, and of such a file nothing is kept.
func TestEveryFaultOfAFileOfEditsIsTold(t *testing.T) {
	db := record2602(t)
	const sound = "S/RES/2602 (2021),tally,13-0-2,it counts them,S/PV.8890\n"
	for name, c := range map[string]struct {
		content string
		says    []string // after the name of the file
	}{
		"in themselves": {editHeader + sound +
			"Newsweek,outcome,vetoed,,S/PV.8890\n" +
			"S/RES/2602 (2021),tally\n" +
			"S/RES/2602 (2021),position:Ruritania,no,\"two\nlines\",\n" +
			"S/RES/2602 (2021),date,yesterday,a guess,none\n", []string{
			`line 3, id: "Newsweek" is not an id or a symbol`,
			"line 3, reason: an edit needs a reason",
			`line 3, outcome: "outcome" is not a field that can be edited (draft, `,
			"line 4: 2 fields, the header has 5",
			"line 5, reference: an edit needs a reference",
			`line 5, position:Ruritania: "Ruritania" is not a state`,
			`line 7, date: "yesterday" is not a date`}},
		"against the record": {editHeader + sound +
			"S/1999/1,title,a draft,it has one,S/1999/1\n" +
			"S/RES/2602 (2021),undo,99,a mistake,S/PV.8890\n" +
			sound +
			"S/RES/2602 (2021),discrepancy:0a1b2c3d,explained,it is right,S/PV.8890\n", []string{
			"line 3, id: the record holds no such resolution",
			"line 4, undo: there is no such edit of S-RES-2602-2021",
			"line 6, discrepancy:0a1b2c3d: S-RES-2602-2021 shows no such discrepancy"}},
		"a quote":    {editHeader + sound + `S/1999/1,title,"a draft,it has one,S/1999/1` + "\n", []string{`line 3: a quote (") that begins or ends in the wrong place, or never ends`}},
		"UTF-16":     {"\xff\xfei\x00d\x00", []string{"the file is UTF-16: save it as CSV (UTF-8)"}},
		"a long row": {editHeader + sound + "S/1999/1,title," + strings.Repeat("x", 2<<20), []string{"line 3: a row longer than 1048576 bytes"}},
		"hidden text": {editHeader + "S/RES/2602 (2021),title,\u202eoteV,it has one,S/PV.8890\n" + "S/RES/2602 (2021),note,x,\"\x1b[2J\",S/PV.8890\n", []string{
			"line 2, title: the invisible character U+202E, which turns the order in which text is read",
			"line 3, reason: the control character U+001B, which is no text"}},
		"long text": {editHeader + "S/RES/2602 (2021),title," + strings.Repeat("x", 2001) + ",it has one,S/PV.8890\n", []string{
			"line 2, title: 2001 bytes, and no more than 2000 can be kept"}},
		"empty":       {"", []string{"no header (id,field,value,reason,reference)"}},
		"header only": {editHeader, []string{"there is no edit in it"}},
		"no reason":   {"id,field,value,reference\n", []string{"line 1: the columns are id,field,value,reference; they have to be id,field,value,reason,reference"}},
		"one more":    {"id,field,value,reason,reference,by\n", []string{"line 1: the columns are id,field,value,reason,reference,by; they have to be "}},
		"one twice":   {"id,field,value,reason,id\n", []string{"line 1: the columns are id,field,value,reason,id; they have to be "}},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "edits.csv", c.content)
			got := cli(t, "edit", "--database-url", db, "--file", path)
			told := strings.Split(strings.TrimSuffix(strings.TrimPrefix(got.stderr, "scvotes: "), "\n"), "\n")
			if !slices.EqualFunc(told, c.says, func(line, want string) bool { return strings.HasPrefix(line, path+": "+want) }) {
				t.Errorf("told:\n%s\nwant:\n%s", strings.Join(told, "\n"), strings.Join(c.says, "\n"))
			}
			if got.code != exitRefused || got.stdout != "" || strings.Contains(got.stderr, "invalid") {
				t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
		})
	}
	if got := cli(t, "verify", "--database-url", db); got.stdout != "revision 1: 1 account and 0 edits give 1 resolution; 0 differences\n" {
		t.Errorf("something was kept: %s", got.stdout)
	}
}

func TestEditTellsWhatIsWrongWithTheCommandLine(t *testing.T) {
	db := record2602(t)
	with := []string{"--reason", "r", "--reference", "S/PV.8890"}
	for line, c := range map[string]struct {
		args []string
		says string
		code int
	}{
		"nothing":       {nil, "edit needs ID FIELD VALUE, or --file (see scvotes edit --help)\n", exitUsage},
		"too little":    {append([]string{"2602 (2021)", "tally"}, with...), "edit needs ID FIELD VALUE, or --file (see scvotes edit --help)\n", exitUsage},
		"both":          {[]string{"2602 (2021)", "tally", "13-0-2", "--file", "edits.csv"}, "either --file or ID FIELD VALUE\n", exitUsage},
		"reasons twice": {append([]string{"--file", "edits.csv"}, with...), "with --file, reason and reference stand in the file\n", exitUsage},
		"no reason":     {[]string{"2602 (2021)", "tally", "13-0-2"}, "reason: an edit needs a reason\nreference: an edit needs a reference\n", exitUsage},
		"no tally":      {append([]string{"2602 (2021)", "tally", "most"}, with...), `tally: "most" is not a tally`, exitUsage},
		"no symbol":     {append([]string{"Newsweek", "title", "x"}, with...), `id: "Newsweek" is not an id or a symbol (S-2024-835, S/RES/2334 (2016))` + "\n", exitUsage},
		"no file":       {[]string{"--file", "/no/such/edits.csv"}, "/no/such/edits.csv: no such file or directory\n", exitFailed},
		"unknown":       {append([]string{"S/1999/1", "title", "x"}, with...), "resolution S-1999-1: not found\n", exitUnknown},
		"unknown merge": {append([]string{"2602 (2021)", "merge", "S/1999/1"}, with...), "resolution S-1999-1: not found\n", exitUnknown},
		"unknown edit":  {append([]string{"2602 (2021)", "undo", "99"}, with...), "undo: there is no such edit of S-RES-2602-2021\n", exitRefused},
	} {
		got := cli(t, slices.Concat([]string{"edit", "--database-url", db}, c.args)...)
		if got.code != c.code || !strings.HasPrefix(got.stderr, "scvotes: "+c.says) || got.stdout != "" {
			t.Errorf("%s: exit code %d, want %d\n%s", line, got.code, c.code, fmt.Sprint(got.stdout, got.stderr))
		}
	}
	if got := cli(t, "verify", "--database-url", db); !strings.HasPrefix(got.stdout, "revision 1: 1 account and 0 edits ") {
		t.Errorf("something was kept: %s", got.stdout)
	}
}
