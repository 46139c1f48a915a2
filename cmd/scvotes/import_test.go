package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store/pgtest"
	"scvotes/votes"
	"scvotes/votes/source"
)

const ownHeader = "draft,resolution,meeting,date,yes,no,abstain,tally,vetoed_by\n"

// Lines of votes as they were, and a faulty one.
const (
	vetoed   = "S/2024/835,,S/PV.9790,2024-11-20,,,,14-1-0,USA\n"
	adopted  = "S/2016/1110,S/RES/2334 (2016),S/PV.7853,2016-12-23,AGO;CHN;EGY;ESP;FRA;GBR;JPN;MYS;NZL;RUS;SEN;UKR;URY;VEN,,USA,,\n"
	twoAreNo = "S/2023/773,,S/PV.9442,2023-10-18,ALB;BRA,Ethipia,RUS,,\n"
	twice    = "S/2021/898,S/RES/2602 (2021),S/PV.8890,2021-10-29,CHN;EST;FRA;GBR;IND;IRL;KEN;MEX;NER;NOR;TUN;USA;VCT;VNM,,RUS;TUN,,\n" // Tunisia is
)

func TestImportTellsWhatIsWrongWithAFile(t *testing.T) {
	db := pgtest.New(t)
	dir := t.TempDir()
	names := strings.Join(formatNames(), ", ")
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		content string
		args    []string
		says    string // a line of the report
		code    int
	}{
		"empty.csv":     {"", nil, "    the file is empty", exitRefused},
		"header.csv":    {ownHeader, nil, "  dry run: so it would be; nothing was written", 0},
		"folder":        {"", nil, "    it is a folder, not a file", exitRefused},
		"missing.csv":   {"", nil, "    no such file or directory", exitRefused},
		"unknown.csv":   {"a,b\n1,2\n", nil, "    line 1: the header is that of no known layout (" + names + ")", exitRefused},
		"nearly.csv":    {"undl_id,ms_code,ms_vote\n1,USA,Y\n", nil, "    line 1: the header is that of no known layout; the closest is undl (UN Digital Library, voting data), which also needs: ", exitRefused},
		"twice.csv":     {"draft,date,date\nS/2024/835,2024-11-20,\n", nil, "    line 1: the header has columns twice: date", exitRefused},
		"latin1.csv":    {"draft,date,tally,vetoed_by,title\nS/2024/835,2024-11-20,14-1-0,USA,caf\xe9\n", nil, "    line 2, column title: not UTF-8 (byte 0xE9); is the file Latin-1? Convert it, or read it with --encoding latin1", exitRefused},
		"latin1ok.csv":  {"draft,date,tally,vetoed_by,title\nS/2024/835,2024-11-20,14-1-0,USA,caf\xe9\n", []string{"--encoding", "latin1"}, "  rows:        1 = 1 landed + 0 refused", 0},
		"encoding.csv":  {ownHeader + vetoed, []string{"--encoding", "ebcdic"}, `    there is no encoding "ebcdic" (utf-8, latin1)`, exitRefused},
		"quote.csv":     {ownHeader + vetoed + `S/2023/773,,,2023-10-18,"ALB;BRA` + "\n" + adopted, nil, `    line 3, column yes: a quote (") opened here is never closed: it hides the rest of the file`, exitRefused},
		"crlf.csv":      {"\ufeff" + strings.ReplaceAll(ownHeader+vetoed, "\n", "\r\n"), nil, "  rows:        1 = 1 landed + 0 refused", 0},
		"sheet.xlsx":    {"PK\x03\x04\x14\x00", nil, "    the file is a spreadsheet or an archive: save the sheet as CSV (UTF-8)", exitRefused},
		"semicolon.csv": {strings.ReplaceAll(ownHeader, ",", ";"), nil, "    line 1: the columns are not separated by commas: save the file as comma-separated values", exitRefused},
		"state.csv":     {ownHeader + twoAreNo, nil, `    line 2, column no: "Ethipia" is not a state that the UN knew on 2023-10-18 (did you mean "Ethiopia"?)`, exitRefused},
		"short.csv":     {ownHeader + "S/2024/835,,S/PV.9790\n", nil, "    line 2: 3 fields, the header has 9", exitRefused},
		"noformat.csv":  {ownHeader + vetoed, []string{"--format", "xml"}, `    line 1: there is no layout "xml" (` + names + ")", exitRefused},
		"wrongform.csv": {ownHeader + vetoed, []string{"--format", "undl"}, "    line 1: for the layout undl (UN Digital Library, voting data) the header lacks: ", exitRefused},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			if name != "missing.csv" && name != "folder" {
				if err := os.WriteFile(path, []byte(tt.content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			// A dry run, so that one case is not the past of the next.
			got := cli(t, slices.Concat([]string{"import", "--database-url", db, "--dry-run", path}, tt.args)...)
			if got.code != tt.code {
				t.Errorf("exit code %d, want %d", got.code, tt.code)
			}
			whole := tt.says
			if !strings.HasSuffix(whole, ": ") { // where a list follows, the start is enough
				whole += "\n"
			}
			if !strings.Contains("\n"+got.stdout, "\n"+whole) {
				t.Errorf("want %q in:\n%s", tt.says, got.stdout)
			}
			if refused := tt.code == exitRefused; refused != strings.Contains(got.stdout, "\n  nothing landed") ||
				refused != strings.Contains(got.stderr, name+": ") {
				t.Errorf("the end of the report:\n%s%s", got.stdout, got.stderr)
			}
		})
	}
	if n := resolutions(t, db); n != 0 {
		t.Errorf("%d resolutions landed", n)
	}
}

func TestImportReportAddsUp(t *testing.T) {
	db := pgtest.New(t)
	path := write(t, "votes.csv", ownHeader+vetoed+twoAreNo+adopted+twice)
	imported := func(args ...string) result {
		t.Helper()
		return cli(t, slices.Concat([]string{"import", "--database-url", db, path}, args)...)
	}
	got := imported()
	if got.code != exitRefused || !strings.HasSuffix(got.stdout, `
votes.csv (scvotes; scvotes)
  rows:        4 = 0 landed + 4 refused
  accounts:    3 could land (1 disputed), 1 refused
  nothing landed; --keep-going lands what was not refused
`) {
		t.Errorf("refused: exit code %d\n%s", got.code, got.stdout)
	}
	if want := "reading " + path + fmt.Sprintf(" (%d bytes)\nscvotes: votes.csv: 1 of 4 rows refused, so nothing landed\n", len(ownHeader+vetoed+twoAreNo+adopted+twice)); got.stderr != want {
		t.Errorf("standard error: %q, want %q", got.stderr, want)
	}
	got = imported("--keep-going", "--dry-run", "--quiet", "--source", "A newspaper", "--edition", "2024-12-01")
	if want := `votes.csv (scvotes; A newspaper, edition 2024-12-01)
  rows:        4 = 3 landed + 1 refused
  accounts:    3 landed (0 known before, 1 disputed), 1 refused
  matched:     0 with another source's account of the same vote, 3 alone
  resolutions: 3 new, 0 changed, 0 as before
  with them:   15 votes, 0 sponsors
  they show:   2 discrepancies (roll size 1, voted twice 1)
  dry run: so it would be; nothing was written
`; got.code != exitRefused || got.stdout != want {
		t.Errorf("dry run: exit code %d\n%s", got.code, cmp.Diff(want, got.stdout))
	}
	if n := resolutions(t, db); n != 0 {
		t.Fatalf("%d resolutions landed", n)
	}
	got = imported("--keep-going")
	if got.code != exitRefused || !regexp.MustCompile(`\n  the record is at revision \d+\n$`).MatchString(got.stdout) {
		t.Errorf("keep going: exit code %d\n%s", got.code, got.stdout)
	}
	if n := resolutions(t, db); n != 3 {
		t.Errorf("%d resolutions landed, want the 2 sound ones and the disputed one", n)
	}
	got = imported("--keep-going", "--quiet")
	if want := `votes.csv (scvotes; scvotes)
  rows:        4 = 3 landed + 1 refused
  accounts:    3 landed (3 known before, 1 disputed), 1 refused
  matched:     0 with another source's account of the same vote, 0 alone
  resolutions: 0 new, 0 changed, 0 as before
  with them:   0 votes, 0 sponsors
  nothing changed: all of it was in the record already
`; got.stdout != want {
		t.Error(cmp.Diff(want, got.stdout))
	}
}

func TestImportReportAsJSON(t *testing.T) {
	db := pgtest.New(t)
	path := write(t, "votes.csv", ownHeader+vetoed+twoAreNo+adopted)
	missing := filepath.Join(t.TempDir(), "missing.csv")
	got := cli(t, "import", "--database-url", db, "--json", "--keep-going", path, missing)
	d := json.NewDecoder(strings.NewReader(got.stdout))
	d.DisallowUnknownFields()
	var rep, none votes.ImportReport
	if err := d.Decode(&rep); err != nil {
		t.Fatalf("%v in\n%s", err, got.stdout)
	}
	if err := d.Decode(&none); err != nil || d.More() {
		t.Fatalf("want one object a file: %v", err)
	}
	kinds := make([]string, len(rep.Problems))
	for i, p := range rep.Problems {
		kinds[i] = fmt.Sprintf("line %d %s %s %s", p.Line, p.Column, p.Kind, p.Suggestion)
	}
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(rep.SHA256) || !slices.Contains(kinds, "line 3 no state Ethiopia") {
		t.Errorf("sha256 %q, problems %q", rep.SHA256, kinds)
	}
	rep.SHA256, rep.Problems = "", nil
	want := votes.ImportReport{File: "votes.csv", Format: "scvotes", Source: "scvotes", Landed: true, Rows: 3, RowsLanded: 2, RowsRefused: 1,
		Accounts: 2, AccountsRefused: 1, AccountsUnmatched: 2, ResolutionsNew: 2, Votes: 15, Discrepancies: map[string]int{}, Revision: 1, Import: 1}
	if diff := cmp.Diff(want, rep); diff != "" {
		t.Error(diff)
	}
	if none.File != missing || none.Landed || len(none.Problems) != 1 || none.Problems[0].Message != "no such file or directory" {
		t.Errorf("the missing file: %+v", none)
	}
	if got.code != exitRefused || got.stderr != "scvotes: votes.csv: 1 of 3 rows refused\n" {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

func TestImportOfSeveralFiles(t *testing.T) {
	db := pgtest.New(t)
	good, bad, other := write(t, "1.csv", ownHeader+vetoed), write(t, "2.csv", ownHeader+twoAreNo), write(t, "3.csv", ownHeader+adopted)
	got := cli(t, "import", "--database-url", db, good, bad, other)
	if got.code != exitRefused || !strings.HasSuffix(got.stderr, "scvotes: 2.csv: 1 of 1 rows refused, so nothing landed\n") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
	if n := resolutions(t, db); n != 2 {
		t.Errorf("%d resolutions: a refused file must not keep the others from landing", n)
	}
	got = cli(t, "import", "--database-url", db, good, other)
	if got.code != 0 || strings.Count(got.stdout, "nothing changed") != 2 {
		t.Errorf("a second time: exit code %d\n%s", got.code, got.stdout)
	}
}

func TestImportOfRowsThatDoNotStandTogether(t *testing.T) {
	const header = "ID,Date,Meeting,Draft,Vote,Member State,Membership_Status,Year,Resolution,Outcome results\n"
	row := func(draft, member, vote string) string {
		return "1,20/11/2024,S/PV.9790," + draft + "," + vote + "," + member + ",,2024,,\n"
	}
	path := write(t, "sheet.csv", header+row("S/2024/835", "China", "Y")+row("S/2024/900", "China", "N")+row("S/2024/835", "France", "Y"))
	got := cli(t, "import", "--database-url", pgtest.New(t), "--dry-run", path)
	if !strings.Contains(got.stdout, "(draft-sheet; Security Council draft votes)\n  rows:        3 = ") || strings.Contains(got.stderr, "stand together") {
		t.Errorf("%s%s", got.stdout, got.stderr)
	}
}

func TestImportFromStandardInput(t *testing.T) {
	db := pgtest.New(t)
	t.Setenv("DATABASE_URL", db)
	p := start(t, "", "import", "-")
	if _, err := p.stdin.Write([]byte(ownHeader + vetoed)); err != nil {
		t.Fatal(err)
	}
	p.stdin.Close()
	if code := p.ends(t); code != 0 || !strings.HasPrefix(p.stdout.String(), "- (scvotes; scvotes)\n") {
		t.Errorf("exit code %d", code)
	}
	if n := resolutions(t, db); n != 1 {
		t.Errorf("%d resolutions", n)
	}
}

func formatNames() (names []string) {
	for _, f := range source.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// resolutions counts what a database holds.
func resolutions(t *testing.T, db string) int {
	t.Helper()
	got := cli(t, "export", "--database-url", db, "--format", "ndjson")
	if got.code != 0 {
		t.Fatal(got.stderr)
	}
	return strings.Count(got.stdout, "\n")
}

func TestADryRunTellsWhatItWouldWrite(t *testing.T) {
	db, path := pgtest.New(t), filepath.Join(t.TempDir(), "votes.csv")
	for i, title := range []string{"Before", "After"} {
		csv := "draft,meeting,date,title,yes,no\nS/2024/835,9790,2024-11-20," + title + ",E10;CHN;FRA;GBR;RUS,USA\n"
		if i == 1 {
			csv += "S/2024/826,9786,2024-11-18,Sudan,E10;CHN;FRA;GBR;USA,RUS\n"
		}
		if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"import", "--database-url", db, path, "--edition", fmt.Sprintf("2024-12-0%d", i+1)}
		if i == 1 {
			args = append(args, "--dry-run")
		}
		got := cli(t, args...)
		if want := `
  it would write:
    S-2024-826: new, vetoed of 2024-11-18
    S-2024-835: title from "Before" to "After"
  dry run: so it would be; nothing was written
`; got.code != 0 || i == 1 && !strings.HasSuffix(got.stdout, want) {
			t.Errorf("exit code %d\n%s%s\nwant%s", got.code, got.stdout, got.stderr, want)
		}
	}
}
