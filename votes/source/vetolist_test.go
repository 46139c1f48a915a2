package source

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

func TestVetoListIsReadWhole(t *testing.T) {
	list, report, err := read(t, string(realFile(t, "un_veto_list_1946_2022.csv")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Report{Format: "un-vetoes", Rows: 213, AccountRows: 213, Accounts: 213}, report); diff != "" {
		t.Error(diff)
	}
	want := append(numbered(map[string][]int{"S/PV.49": {212, 210}}, "draft"), // the last row is the first vote
		`noted date: line 72, column published_date: "30 January 86" is not a day (20 November 2024)`)
	if diff := cmp.Diff(sorted(want), sorted(told(list, report))); diff != "" {
		t.Error(diff)
	}
	cast := map[votes.Code]int{}
	admissions, ranges, written := 0, 0, 0
	for _, a := range list {
		for _, c := range a.VetoedBy {
			cast[c]++
		}
		if a.Kind == votes.Recommendation {
			admissions++
		}
		if strings.Contains(a.Printed["published_date"], "-") {
			ranges++
		}
		if a.Meeting == "" {
			written++
		}
		if a.Stated != votes.StatedVetoed || a.Tally != nil || a.Draft == "" || a.AgendaItem == "" {
			t.Errorf("line %d: %+v", a.Line, *a)
		}
	}
	if diff := cmp.Diff(map[votes.Code]int{"CHN": 17, "FRA": 17, "GBR": 29, "RUS": 30, "SUN": 90, "USA": 82}, cast); diff != "" {
		t.Error(diff)
	}
	if admissions != 42 || ranges != 6 || written != 3 {
		t.Errorf("%d admissions, %d meetings of several days, %d votes without a meeting", admissions, ranges, written)
	}
}

// The lists call a proposal without a document by its meeting, and this record
// does so too: all must come to the same ids, or one vote would count twice.
func TestProposalsByTheirMeetingHaveOneName(t *testing.T) {
	ids := func(b []byte) []string {
		var list []string
		_, err := Read(bytes.NewReader(b), Options{}, func(a *votes.Account) error {
			if a.Draft.MeetingNumber() > 0 && len(a.VetoedBy) > 0 {
				list = append(list, votes.ID("", a.Draft, a.Part, ""))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return sorted(list)
	}
	record, err := os.ReadFile("../starter/resolutions.csv")
	if err != nil {
		t.Fatal(err)
	}
	held := ids(record)
	if diff := cmp.Diff(held, ids(realFile(t, "un_veto_list_1946_2022.csv"))); diff != "" {
		t.Errorf("(-starter record +veto list) %s", diff)
	}
	// The yearly tables do not say whose admission was vetoed on these three
	// days, nor which vote of S/PV.49 was the preliminary question.
	without := func(list []string, prefixes ...string) []string {
		return slices.DeleteFunc(list, func(id string) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p+"-") })
		})
	}
	unnamed := []string{"S-PV.49", "S-PV.186", "S-PV.190", "S-PV.206"}
	tables := ids(realFile(t, "un_outcomes_1946_1993.csv"))
	if n, of := len(tables), len(held); n != of || n != 23 {
		t.Errorf("%d vetoes in the yearly tables, %d in the record", n, of)
	}
	if diff := cmp.Diff(without(held, unnamed...), without(tables, unnamed...)); diff != "" {
		t.Errorf("(-starter record +yearly tables) %s", diff)
	}
}

func TestVetoListColumns(t *testing.T) {
	tests := []struct {
		row                   string
		draft, part, id, note string
		kind                  votes.Kind
		item, title           string
	}{
		{`15 September 1947,1947-09-15,"S/552 ,  S/PV.202",S/PV.202,The Greek question,USSR`,
			"S/552", "", "S-552", "", "", "The Greek question", ""},
		{"19 August 1947,1947-08-19,S/471  and  S/471/Add.1,S/PV.188,The Greek question,USSR", "S/471", "", "S-471", "", "", "The Greek question", ""},
		{"26 June 1982,1982-06-26,S/15255/Rev.2 (as corrected),S/PV.2381,Middle East,USA", "S/15255/Rev.2", "", "S-15255-Rev.2", "as corrected", "", "Middle East", ""},
		{"02 May 1958,1958-05-02,S/3995  (incorporating the amendment) S/3998,S/PV.817,Complaint by USSR,USSR",
			"S/3995", "", "S-3995", "incorporating the amendment", "", "Complaint by USSR", ""},
		{"17 March 1970,1970-03-17,S/9696  and Corr.1 & 2,S/PV.1534,Southern Rhodesia,UK; USA", "S/9696", "", "S-9696", "and Corr.1 & 2", "", "Southern Rhodesia", ""},
		{"26 June 1946,1946-06-26,S/PV.49,S/PV.49,The Spanish question preliminary question,France; USSR",
			"S/PV.49", "preliminary question", "S-PV.49-preliminary-question", "", votes.PreliminaryQuestion, "The Spanish question", ""},
		{"10 April 1948,1948-04-10,S/PV.279,S/PV.279,Application for Membership Italy,USSR",
			"S/PV.279", "", "S-PV.279", "", votes.Recommendation, "Application for Membership", "Admission of Italy"},
		{"23 June 1976,1976-06-23,S/12110,S/PV.1932,Admission of new Members Angola,USA", "S/12110", "", "S-12110", "", votes.Recommendation, "Admission of new Members", "Admission of Angola"},
		{"26 May 2022,2022-05-26,S/2022/431,S/PV.9048,Letter ( S/2014/136 ),China; Russian Federation", "S/2022/431", "", "S-2022-431", "", "", "Letter (S/2014/136)", ""},
	}
	for _, tt := range tests {
		a := one(t, vetoListHeader+tt.row+"\n")
		got := []any{string(a.Draft), a.Part, votes.ID("", a.Draft, a.Part, a.Meeting), a.Note, a.Kind, a.AgendaItem, a.Title, len(a.Problems)}
		if diff := cmp.Diff([]any{tt.draft, tt.part, tt.id, tt.note, tt.kind, tt.item, tt.title, 0}, got); diff != "" {
			t.Errorf("%s: %s %v", tt.row, diff, a.Problems)
		}
	}
}

const vetoListHeader = "published_date,date,draft,record,agenda_item,permanent_members_casting_negative_vote\n"

func TestVetoListKeepsWhatItPrints(t *testing.T) {
	a := one(t, vetoListHeader+"31 August 2020,2020-08-31,S/2020/852,S/2020/870; S/2020/865,Threats,USA\n")
	if a.Meeting != "" || len(a.Problems) > 0 || a.Printed["record"] != "S/2020/870; S/2020/865" || a.Printed["published_date"] != "31 August 2020" {
		t.Errorf("a vote in writing: %+v", *a)
	}
	a = one(t, vetoListHeader+"11-13 January 1980,1980-01-13,S/13735,S/PV.2191,Iran,USSR\n")
	if len(a.Problems) > 0 || a.Printed["published_date"] != "11-13 January 1980" {
		t.Errorf("a meeting of three days: %+v", *a)
	}
	a = one(t, vetoListHeader+"26 June 1946,1946-06-26,S/PV.49,S/PV.49,The Spanish question preliminary question,France; USSR\n")
	if a.Printed["agenda_item"] != "The Spanish question preliminary question" || !cmp.Equal(a.VetoedBy, []votes.Code{"FRA", "SUN"}) {
		t.Errorf("a preliminary question: %+v", *a)
	}
}

func TestVetoListProblems(t *testing.T) {
	const spanish = "26 June 1946,1946-06-26,S/PV.49,S/PV.49,The Spanish question,USSR\n"
	tests := []struct {
		name, rows string
		want       []string
	}{
		{"nothing is good", "May,2022,draft,here,,Atlantis\n", []string{
			`refused date: f.csv: line 2, column date: "2022" is not a date (YYYY-MM-DD)`,
			`refused symbol: f.csv: line 2, column draft: "draft" is not a draft's symbol (S/2024/835)`,
			`noted symbol: f.csv: line 2, column record: "here" is not a meeting's symbol (S/PV.9790)`}},
		{"nothing at all", ",,,,Middle East,\n", []string{
			"refused date: f.csv: line 2, column date: the day of the vote is missing",
			"refused symbol: f.csv: line 2, column draft: the draft's symbol is missing",
			"refused value: f.csv: line 2, column permanent_members_casting_negative_vote: no permanent member is named"}},
		{"days that differ", "25 May 2022,2022-05-26,S/2022/431,S/PV.9048,Korea,China\n3-4 December 1960,1960-12-05,S/4567,S/PV.911,Mauritania,USSR\n", []string{
			"noted date: f.csv: line 2, column published_date: published as 25 May 2022, but the day is given as 2022-05-26",
			"noted date: f.csv: line 3, column published_date: published as 3-4 December 1960, but the day is given as 1960-12-05"}},
		{"a day that is none", "31 April 2022,2022-05-26,S/2022/431,S/PV.9048,Korea,China\n4-3 December 1960,1960-12-04,S/4567,S/PV.911,Mauritania,USSR\n", []string{
			`noted date: f.csv: line 2, column published_date: "31 April 2022" is not a day (20 November 2024)`,
			`noted date: f.csv: line 3, column published_date: "4-3 December 1960" is not a day (20 November 2024)`}},
		{"a member that is none", "26 May 2022,2022-05-26,S/2022/431,S/PV.9048,Korea,China; Utopia\n",
			[]string{`serious state: f.csv: line 2, column permanent_members_casting_negative_vote: "Utopia" is not a state that the UN knew on 2022-05-26`}},
		{"a row copied", strings.Repeat("26 May 2022,2022-05-26,S/2022/431,S/PV.9048,Korea,China\n", 2),
			[]string{"refused duplicate: f.csv: line 2, column draft: the same vote stands on line 3 already"}},
		{"one applicant twice", strings.Repeat("29 August 1946,1946-08-29,S/PV.57,S/PV.57,Application for Membership Ireland,USSR\n", 2),
			[]string{"refused duplicate: f.csv: line 2, column draft: the same vote stands on line 3 already"}},
		{"two proposals and the preliminary question", spanish + "26 June 1946,1946-06-26,S/PV.49,S/PV.49,The Spanish question preliminary question,USSR\n" + spanish,
			numberedIn("f.csv: ", map[string][]int{"S/PV.49": {4, 2}}, "draft")},
		{"a row lost among proposals", spanish + "26 June 1946,1946-06-26\n", []string{
			"refused row: f.csv: line 3: 2 fields, the header has 6",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 2 fields, the header has 6"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, report, err := read(t, vetoListHeader+tt.rows, Options{File: "f.csv"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sorted(tt.want), sorted(told(list, report))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The same accounts come out of the three layouts however a program saved them.
func TestTallyAndVetoFilesHygiene(t *testing.T) {
	tables := map[string]string{
		"un-outcomes": outcomesHeader + "1946-09-20,S/PV.70,S/PV.70,vetoed,8-2-1,USSR,PRST\n1946-01-25,S/PV.2,S/RES/1(1946),adopted,without vote,,S/RES/1 (1946)\n",
		"un-vetoes": vetoListHeader + "18 August 1947,1947-08-18,S/PV.186,S/PV.186,Application for Membership Portugal,USSR\n" +
			"18 August 1947,1947-08-18,S/PV.186,S/PV.186,Application for Membership Ireland,USSR\n",
		"dppa-vetoes": dppaHeader + "1,2024-11-20,S/2024/835,9790,Middle East,Gaza,1,0,0,0,1,0,https://undocs.org/S/2024/835,2024-11-21\n",
	}
	for format, plain := range tables {
		want, _, err := read(t, plain, Options{})
		if err != nil || len(want) == 0 {
			t.Fatal(format, err)
		}
		for name, text := range map[string]string{
			"byte order mark": "\ufeff" + plain,
			"CRLF":            strings.ReplaceAll(plain, "\n", "\r\n"),
			"trailing comma":  strings.Replace(plain, "\n", ",\n", 1),
			"trailing commas": strings.ReplaceAll(plain, "\n", ",,\n"),
			"order":           reversed(plain),
			"capitals":        strings.ToUpper(plain[:strings.Index(plain, "\n")]) + plain[strings.Index(plain, "\n"):],
			"no-break spaces": strings.ReplaceAll(plain, "S/PV", "\u00a0S/PV"),
			"empty rows":      plain + ",,,,\n\n",
		} {
			t.Run(format+" "+name, func(t *testing.T) {
				got, report, err := read(t, text, Options{})
				if err != nil || report.Format != format || len(report.Problems) > 0 {
					t.Fatal(err, report)
				}
				for _, a := range slices.Concat(got, want) {
					a.Printed = nil // the header's own words
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// reversed writes the columns from the last to the first; no field has a comma.
func reversed(table string) string {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for i, l := range lines {
		fields := strings.Split(l, ",")
		slices.Reverse(fields)
		lines[i] = strings.Join(fields, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// numbered gives the notes on proposals of a symbol, by the lines of the first,
// the second and so on.
func numbered(lines map[string][]int, column string) []string { return numberedIn("", lines, column) }

func numberedIn(file string, lines map[string][]int, column string) []string {
	var list []string
	for symbol, of := range lines {
		for i, line := range of {
			list = append(list, fmt.Sprintf("noted identity: %sline %d, column %s: nothing tells the %d proposals that %s stands for apart: this one was read as proposal %d",
				file, line, column, len(of), symbol, i+1))
		}
	}
	return sorted(list)
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
