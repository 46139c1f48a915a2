package votes_test

import (
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"

	gocmp "github.com/google/go-cmp/cmp"
)

// These tests hold the rules against the real files, read by the real readers.

const (
	sheetFile   = "sc_draft_votes_1994_2025.csv"
	libraryFile = "undl_format_sample.csv"
	dataFolder  = "../../shared/data"
)

// checked reads a published file and passes every account through Check. The
// test is skipped where the folder that holds the files is missing, and
// nowhere else.
func checked(t testing.TB, name string) []*votes.Account {
	t.Helper()
	if _, err := os.Stat(dataFolder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the published files are not in %s", dataFolder)
	}
	f, err := os.Open(filepath.Join(dataFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return checkedFrom(t, f, source.Options{})
}

func checkedFrom(t testing.TB, in io.Reader, opt source.Options) []*votes.Account {
	t.Helper()
	var list []*votes.Account
	if _, err := source.Read(in, opt, func(a *votes.Account) error {
		votes.Check(a)
		list = append(list, a)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func starterAccounts(t testing.TB) []*votes.Account {
	t.Helper()
	return checkedFrom(t, starter.Resolutions(), source.Options{Source: starter.Name, Edition: starter.Edition})
}

// contradictions are the kinds of serious problem of an account, each once.
func contradictions(a *votes.Account) string {
	var kinds []string
	for _, p := range a.Problems {
		if p.Severity == votes.Serious {
			kinds = append(kinds, p.Kind)
		}
	}
	slices.Sort(kinds)
	return strings.Join(slices.Compact(kinds), " ")
}

type contradiction struct{ id, kinds string }

// sheetContradicts are the votes of the sheet that contradict themselves, the
// Charter or the membership, by its ID, but for the rolls of 1995 that name
// states without a seat. What is wrong stands beside each, and it is wrong in
// the sheet. The one exception is 397: France took no part, and the sheet leaves
// out who took no part, so that the roll looks the same as one that lost
// France's negative vote. Of the 1,647 votes that are sound in themselves one is
// flagged, then, where one in a hundred would be 16.
var sheetContradicts = map[string]contradiction{
	"75":   {"S-1995-394", "outcome"}, // vetoed; the sheet says adopted unanimously
	"76":   {"S-1996-952", "outcome"},
	"77":   {"S-1997-18", "outcome"},
	"78":   {"S-1997-199", "outcome"},
	"79":   {"S-1997-241", "outcome"},
	"80":   {"S-1999-201", "outcome"},
	"128":  {"S-RES-1018-1995", "outcome"}, // by consensus, with two against
	"206":  {"S-RES-1093-1997", "outcome symbol"},
	"207":  {"S-RES-1094-1997", "outcome symbol"},
	"226":  {"S-RES-1111-1997", "no_seat"}, // the members of 1977
	"348":  {"S-1999-328", "no_seat"},      // the members of 2000
	"397":  {"S-RES-1280-1999", "outcome"}, // see above
	"506":  {"S-RES-1385-2001", "no_seat"}, // the members of 2002
	"701":  {"S-RES-1567-2004", "outcome"}, // by majority, 15-0-0
	"800":  {"S-RES-1667-2006", "outcome"}, // the same
	"805":  {"S-RES-1672-2006", "outcome"}, // unanimously, 12-0-3
	"1623": {"S-RES-2454-2019", "outcome"}, // by majority, 15-0-0
	"1722": {"S-2020-797", "roll_size voted_twice"},
	"1735": {"S-2020-1054", "roll_size voted_twice"},
	"1790": {"S-RES-2602-2021", "voted_twice"},
	"2012": {"S-RES-2781-2025", "outcome"}, // six rows
}

func TestSheetIsJudged(t *testing.T) {
	sound, scrambled := 0, 0
	got := map[string]contradiction{}
	for _, a := range checked(t, sheetFile) {
		kinds := contradictions(a)
		switch {
		case kinds == "":
			sound++
		case a.Date.Year() == 1995 && strings.Contains(kinds, votes.KindSeat):
			scrambled++
		default:
			got[a.Key] = contradiction{a.ID, kinds}
		}
		if a.Refused() || a.Sound() != (kinds == "") {
			t.Errorf("%s: refused %t, sound %t, with %q", a.Key, a.Refused(), a.Sound(), kinds)
		}
	}
	if diff := gocmp.Diff(sheetContradicts, got, gocmp.AllowUnexported(contradiction{})); diff != "" {
		t.Errorf("votes that contradict (-want +got):\n%s", diff)
	}
	if sound != 1646 || scrambled != 54 {
		t.Errorf("%d sound, %d scrambled in 1995, want 1646 and 54", sound, scrambled)
	}
}

// What was mended is said, and only what can be mended in one way is; what
// casts no doubt on the votes is noted.
func TestSheetIsMended(t *testing.T) {
	accounts := map[string]int{}
	var years []string
	for _, a := range checked(t, sheetFile) {
		seen := map[string]bool{}
		for _, p := range a.Problems {
			if p.Severity == votes.Noted && !seen[p.Kind] {
				seen[p.Kind] = true
				accounts[p.Kind]++
			}
			if p.Line < a.Line || p.Line >= a.Line+a.Rows || p.Column == "" {
				t.Errorf("%s, lines %d to %d: a problem at %s", a.Key, a.Line, a.Line+a.Rows-1, p)
			}
			if p.Kind == votes.KindYear && p.Severity == votes.Noted {
				years = append(years, p.Message)
			}
		}
	}
	// Three drafts were adopted and have no number of a resolution: S/2019/725,
	// S/2023/1023, and 1425 (2002), which the sheet calls 425. A meeting of 2006
	// stands beside S/RES/1751 (2007).
	want := map[string]int{votes.KindDateSwap: 281, votes.KindRollSize: 18, votes.KindSponsor: 7, votes.KindState: 4, votes.KindSymbol: 6,
		votes.KindYear: 5, votes.KindMeeting: 2}
	if diff := gocmp.Diff(want, accounts); diff != "" {
		t.Errorf("accounts with a note, by kind (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{
		"S/RES/899 (1999) read as S/RES/899 (1994): the vote was on 1994-03-04",
		"S/RES/1184 (1989) read as S/RES/1184 (1998): the vote was on 1998-07-16",
		"S/1997/715 is a document of 1997, the vote was on 1999-06-25",
		"S/RES/1475 (2005) read as S/RES/1475 (2003): the vote was on 2003-04-14",
		"S/RES/1588 (2055) read as S/RES/1588 (2005): the vote was on 2005-03-17",
	}, years); diff != "" {
		t.Errorf("years that are wrong (-want +got):\n%s", diff)
	}
}

// The days as mended are those of the UN's own veto list, and follow the
// numbers of the meetings.
func TestSheetDaysAreSettled(t *testing.T) {
	listed := map[string]string{}
	for _, row := range publishedRows(t, "un_veto_list_1946_2022.csv") {
		listed[row["draft"]] = row["date"]
	}
	var meetings []*votes.Account
	compared, differing := 0, map[string]string{}
	for _, a := range checked(t, sheetFile) {
		if day := listed[string(a.Draft)]; day != "" && a.Resolution == "" {
			compared++
			if string(a.Date) != day {
				differing[a.Key+" "+string(a.Draft)] = string(a.Date) + ", listed " + day
			}
		}
		if a.Sound() && a.Meeting.MeetingNumber() > 0 {
			meetings = append(meetings, a)
		}
	}
	// Votes taken in the night, and one in writing that the sheet has twice.
	if diff := gocmp.Diff(map[string]string{
		"465 S/2001/270":  "2001-03-27, listed 2001-03-28",
		"505 S/2001/1199": "2001-12-14, listed 2001-12-15",
		"1711 S/2020/667": "2020-07-09, listed 2020-07-10",
	}, differing); diff != "" {
		t.Errorf("days that the veto list gives otherwise (-want +got):\n%s", diff)
	}
	if compared != 41 {
		t.Errorf("%d days compared, want 41", compared)
	}
	slices.SortStableFunc(meetings, func(a, b *votes.Account) int {
		return cmp.Compare(a.Meeting.MeetingNumber(), b.Meeting.MeetingNumber())
	})
	var late []string
	for i := 1; i < len(meetings); i++ {
		if a, b := meetings[i-1], meetings[i]; a.Date > b.Date {
			late = append(late, a.Key+" before "+b.Key)
		}
	}
	// S/PV.3928 and S/RES/1197 were of 18 September 1998; the sheet gives
	// S/PV.3929 and S/RES/1198 the day before.
	if diff := gocmp.Diff([]string{"313 before 312"}, late); diff != "" {
		t.Errorf("days against the order of the meetings (-want +got):\n%s", diff)
	}
}

// Every id that any of the files leads to is read back as it is.
func TestEveryIDLeadsBack(t *testing.T) {
	ids := map[string]bool{}
	for _, list := range [][]*votes.Account{checked(t, sheetFile), checked(t, libraryFile), starterAccounts(t)} {
		for _, a := range list {
			ids[a.ID] = true
		}
	}
	for file, column := range map[string]string{"un_outcomes_1946_1993.csv": "symbol", "un_veto_list_1946_2022.csv": "draft"} {
		for _, row := range publishedRows(t, file) {
			if r, err := votes.ParseResolution(row[column], ""); err == nil {
				ids[votes.ID(r, "", "", "")] = true
			} else if d, err := votes.ParseDraft(row[column]); err == nil {
				ids[votes.ID("", d.Symbol, d.Part, "")] = true
			} else {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if len(ids) < 2800 {
		t.Errorf("only %d ids", len(ids))
	}
	for id := range ids {
		if got, err := votes.ParseID(id); err != nil || got != id {
			t.Errorf("ParseID(%q) = %q, %v", id, got, err)
		}
		if got, err := votes.ParseID(strings.ToLower(id)); err != nil || got != id {
			t.Errorf("in small letters, ParseID(%q) = %q, %v", strings.ToLower(id), got, err)
		}
	}
}

// The starter record has nothing that contradicts the rules.
func TestStarterIsSound(t *testing.T) {
	for _, a := range starterAccounts(t) {
		if !a.Sound() {
			t.Errorf("line %d, %s: %v", a.Line, a.ID, a.Problems)
		}
	}
}

func publishedRows(t testing.TB, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dataFolder, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the published files are not in %s", dataFolder)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return rows(t, f)
}

func rows(t testing.TB, in io.Reader) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, s := range fields {
			row[all[0][i]] = s
		}
		list = append(list, row)
	}
	return list
}
