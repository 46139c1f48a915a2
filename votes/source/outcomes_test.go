package source

import (
	"errors"
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

func TestOutcomesAreReadWhole(t *testing.T) {
	list, report, err := read(t, string(realFile(t, "un_outcomes_1946_1993.csv")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Report{Format: "un-outcomes", Rows: 1137, AccountRows: 1137, Accounts: 1137}, report); diff != "" {
		t.Error(diff)
	}
	stated := map[votes.StatedOutcome]int{}
	tallies, symbols := 0, 0
	for _, a := range list {
		stated[a.Stated]++
		if a.Tally != nil {
			tallies++
		}
		if a.Resolution != "" {
			symbols++
		}
		if a.Meeting.MeetingNumber() == 0 || a.Date == "" || (a.Draft == "") == (a.Resolution == "") || a.Printed["published"] == "" {
			t.Errorf("line %d: %+v", a.Line, *a)
		}
		if (a.Stated == votes.StatedVetoed) != (len(a.VetoedBy) > 0) || a.NoVote != (a.Stated == votes.StatedNoVote) {
			t.Errorf("line %d: stated %q, vetoed by %v, no vote %t", a.Line, a.Stated, a.VetoedBy, a.NoVote)
		}
	}
	// 23 rows say "without vote" in the tally's column, and 3 in the printed line alone.
	want := map[votes.StatedOutcome]int{votes.StatedAdopted: 803, votes.StatedUnanimous: 60, votes.StatedNoVote: 26, votes.StatedVetoed: 163, votes.StatedFailed: 85}
	if diff := cmp.Diff(want, stated); diff != "" || tallies != 1043 || symbols != 889 {
		t.Errorf("%d tallies, %d resolutions, %s", tallies, symbols, diff)
	}
	if diff := cmp.Diff(numbered(map[string][]int{"S/PV.49": {15, 16, 17}, "S/PV.206": {32, 33, 34, 35, 36}, "S/PV.190": {50, 51}, "S/PV.186": {54, 55, 56}}, "symbol"),
		sorted(told(list, report))); diff != "" {
		t.Error(diff)
	}
}

// Where rows of one meeting share a symbol, the printed line tells them apart.
func TestOutcomesOfOneSymbol(t *testing.T) {
	const transjordan = "S/PV.57 (Transjordan) vetoed by USSR 8-2-1   Draft resolution S/PV.57 (Ireland) vetoed by USSR 9-1-1   Draft resolution S/PV.57 (Portugal) vetoed by USSR 9-1-1    S/RES/8 (1946)    1"
	const greece = `"Draft resolution  S/552 ,  S/202  (preliminary question) vetoed by USSR  8-2-1   Draft resolution  S/552  vetoed by USSR 9-2-0"`
	tests := []struct {
		name, rows string
		want       []string
	}{
		{"admissions", row57("8-2-1", transjordan) + row57("9-1-1", transjordan) + row57("9-1-1", transjordan), []string{
			"1946-08-29|S/PV.57|S/PV.57|1 Transjordan recommendation 8-2-1", "1946-08-29|S/PV.57|S/PV.57|2 Ireland recommendation 9-1-1",
			"1946-08-29|S/PV.57|S/PV.57|3 Portugal recommendation 9-1-1"}},
		{"a preliminary question, then the draft", "1947-09-15,S/PV.202,S/552,vetoed,8-2-1,USSR," + greece + "\n1947-09-15,S/PV.202,S/552,vetoed,9-2-0,USSR," + greece + "\n",
			[]string{"1947-09-15|S/PV.202|S/552|1 preliminary question preliminary_question 8-2-1", "1947-09-15|S/PV.202|S/552|2   9-2-0"}},
		{"words about the text are no part", "1964-12-21,S/PV.1182,S/6113,vetoed,8-3-0,USSR,S/6113  (as amended) vetoed by  USSR 8-3-0\n",
			[]string{"1964-12-21|S/PV.1182|S/6113|1   8-3-0 as amended"}},
		{"another document in the qualifier", "1958-05-02,S/PV.817,S/3995,vetoed,10-1-0,USSR,S/3995  (incorporating amendment in S/3998) vetoed by USSR 10-1-0   S/3998  not adopted 1-9-1\n",
			[]string{"1958-05-02|S/PV.817|S/3995|1   10-1-0 incorporating amendment in S/3998"}},
		{"the same document at two meetings of a day", "1961-02-20,S/PV.942,S/4733,not adopted,6-0-5,,S/4733 not adopted 6-0-5\n1961-02-20,S/PV.941,S/4733,not adopted,4-0-7,,S/4733 not adopted 4-0-7\n",
			[]string{"1961-02-20|S/PV.942|S/4733|1   6-0-5", "1961-02-20|S/PV.941|S/4733|1   4-0-7"}},
		{"an amendment in words", "1961-02-20,S/PV.942,Oral amendment 1,not adopted,6-0-5,,\n1961-02-20,S/PV.942,S/PV.942,not adopted,4-0-7,,\n",
			[]string{"1961-02-20|S/PV.942|oral amendment 1|1 oral amendment 1 amendment 6-0-5", "1961-02-20|S/PV.942|S/PV.942|1   4-0-7"}},
		{"an amendment", "1961-02-20,S/PV.942,S/4733,not adopted,6-0-5,,S/4733 (amendment of paragraph 2) not adopted 6-0-5\n",
			[]string{"1961-02-20|S/PV.942|S/4733|1 amendment of paragraph 2 amendment 6-0-5"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, report, err := read(t, outcomesHeader+tt.rows, Options{})
			if err != nil || len(told(list, report)) > 0 {
				t.Fatal(err, told(list, report))
			}
			var got []string
			for _, a := range list {
				got = append(got, strings.TrimSpace(a.Key+" "+a.Part+" "+string(a.Kind)+" "+a.Tally.String()+" "+a.Note))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const outcomesHeader = "date,meeting,symbol,outcome,tally,vetoed_by,published\n"

func row57(tally, published string) string {
	return "1946-08-29,S/PV.57 (Transjordan) vetoed by USSR 8-2-1,S/PV.57,vetoed," + tally + ",USSR," + published + "\n"
}

func TestOutcomeColumns(t *testing.T) {
	tests := []struct {
		row    string
		tally  string
		stated votes.StatedOutcome
		vetoes []votes.Code
	}{
		{"1956-10-30,S/PV.750,S/3713,vetoed,7-2-2,UK and France,", "7-2-2", votes.StatedVetoed, []votes.Code{"GBR", "FRA"}},
		{`1977-10-31,S/PV.2045,S/12310,vetoed,10-5-0,"USA, France and UK",`, "10-5-0", votes.StatedVetoed, []votes.Code{"USA", "FRA", "GBR"}},
		{"1993-05-11,S/PV.3211,S/25693,vetoed,14-1-0,Russian Federation,", "14-1-0", votes.StatedVetoed, []votes.Code{"RUS"}},
		{"1991-12-01,S/PV.3019,S/25693,vetoed,14-1-0,Russian Federation,", "14-1-0", votes.StatedVetoed, []votes.Code{"SUN"}},
		{"1947-10-31,S/PV.217,S/579,not adopted,5-1-5,,", "5-1-5", votes.StatedFailed, nil},
		{"1946-12-19,S/PV.87,S/RES/15(1946),adopted,unanimous,,", "", votes.StatedUnanimous, nil},
		{"1946-01-25,S/PV.2,S/RES/1(1946),adopted,without vote,,", "", votes.StatedNoVote, nil},
		{"1986-11-28,S/PV.2723,S/RES/591(1986),adopted,,,S/RES/591 (1986)    adopted by consensus", "", votes.StatedNoVote, nil},
		{"1986-11-28,S/PV.2723,S/RES/591(1986),adopted,,,S/RES/591 (1986)    15-0-0   S/RES/592 (1986) 14-0-1", "15-0-0", votes.StatedAdopted, nil},
		{"1978-07-27,S/PV.2082,S/RES/431(1978),adopted,,,S/RES/431 (1978) S/RES/432 (1978)", "", votes.StatedAdopted, nil},
		{"1986-11-28,S/PV.2723,S/RES/591(1986),adopted,12-0-3,,S/RES/591 (1986) 12-0", "12-0-3", votes.StatedAdopted, nil}, // cut short
		{"1960-09-17,S/PV.906,S/RES/157(1960),adopted,8-2-1,,", "8-2-1", votes.StatedAdopted, nil},
	}
	for _, tt := range tests {
		a := one(t, outcomesHeader+tt.row+"\n")
		tally := ""
		if a.Tally != nil {
			tally = a.Tally.String()
		}
		if tally != tt.tally || a.Stated != tt.stated || a.NoVote != (tt.stated == votes.StatedNoVote) || !cmp.Equal(a.VetoedBy, tt.vetoes) || len(a.Problems) > 0 {
			t.Errorf("%s\ntally %s, stated %q, vetoed by %v, problems %v", tt.row, tally, a.Stated, a.VetoedBy, a.Problems)
		}
	}
	a := one(t, outcomesHeader+"1990-12-20,S/PV.2970 (PartI),S/RES/681(1990),adopted,15-0-0,,\n")
	if a.Meeting != "S/PV.2970" || a.Resolution != "S/RES/681 (1990)" || a.Source.Name != "UN yearly tables of meetings and outcomes" ||
		a.Printed["meeting"] != "S/PV.2970 (PartI)" || a.Printed["symbol"] != "S/RES/681(1990)" || a.Printed["tally"] != "15-0-0" {
		t.Errorf("%+v", *a)
	}
	a = one(t, outcomesHeader+"1946-09-20,S/PV.70 vetoed by USSR 8-2-1,S/PV.70,vetoed,8-2-1,USSR,\n")
	if a.Meeting != "S/PV.70" || a.Draft != "S/PV.70" || a.Printed["meeting"] != "S/PV.70 vetoed by USSR 8-2-1" {
		t.Errorf("%+v", *a)
	}
}

func TestOutcomeProblems(t *testing.T) {
	const good = "1947-08-18,S/PV.186,S/PV.186,vetoed,9-1-1,USSR,\n"
	tests := []struct {
		name, rows string
		want       []string
	}{
		{"nothing is good", ",here,S/,perhaps,fourteen,Atlantis,\n", []string{
			"refused date: f.csv: line 2, column date: the day of the vote is missing",
			`refused symbol: f.csv: line 2, column symbol: "S/" is not a draft's symbol (S/2024/835)`,
			`noted symbol: f.csv: line 2, column meeting: "here" is not a meeting's symbol (S/PV.9790)`,
			`noted value: f.csv: line 2, column outcome: "perhaps" is not an outcome that is known here (adopted, vetoed, not adopted)`,
			`refused tally: f.csv: line 2, column tally: "fourteen" is not the tally of a proposal perhaps (14-1-0, unanimous, without vote)`}},
		{"a member that is none", "1947-08-18,S/PV.186,S/471,vetoed,9-1-1,USSR and Atlantis,\n",
			[]string{`serious state: f.csv: line 2, column vetoed_by: "Atlantis" is not a state that the UN knew on 1947-08-18`}},
		{"no symbol", "1947-08-18,S/PV.186,,vetoed,9-1-1,USSR,\n", []string{"refused symbol: f.csv: line 2, column symbol: the symbol is missing"}},
		{"day and month", "18/08/1947,S/PV.186,S/471,vetoed,9-1-1,USSR,\n",
			[]string{`refused date: f.csv: line 2, column date: "18/08/1947" is not a date (YYYY-MM-DD)`}},
		{"unanimous and vetoed", "1947-08-18,S/PV.186,S/471,vetoed,unanimous,USSR,\n",
			[]string{`refused tally: f.csv: line 2, column tally: "unanimous" is not the tally of a proposal vetoed (14-1-0, unanimous, without vote)`}},
		{"the printed line has another tally", "1947-08-19,S/PV.188,S/471,vetoed,9-2-0,USSR,S/471 vetoed by USSR 8-2-1\n",
			[]string{"serious tally: f.csv: line 2, column tally: the tally is given as 9-2-0, the printed line has 8-2-1"}},
		{"a row copied", "1947-08-19,S/PV.188,S/471,vetoed,9-2-0,USSR,\n1947-08-19,S/PV.188,S/471,vetoed,9-2-0,USSR,\n",
			[]string{"refused duplicate: f.csv: line 3, column symbol: the same vote stands on line 2 already"}},
		{"two votes on a document", "1947-08-19,S/PV.188,S/471,vetoed,9-2-0,USSR,\n1947-08-19,S/PV.188,S/471,vetoed,8-2-1,USSR,\n",
			numberedIn("f.csv: ", map[string][]int{"S/471": {2, 3}}, "symbol")},
		{"two of three rows", row57("8-2-1", "S/PV.57 (Transjordan) 8-2-1 S/PV.57 (Ireland) 9-1-1 S/PV.57 (Portugal) 9-1-1") + row57("9-1-1", "S/PV.57 (Transjordan) 8-2-1 S/PV.57 (Ireland) 9-1-1 S/PV.57 (Portugal) 9-1-1"),
			append([]string{
				"refused identity: f.csv: line 2, column published: the printed line has 3 votes on the symbol, the file has 2: which is which is not sure",
				"refused identity: f.csv: line 3, column published: the printed line has 3 votes on the symbol, the file has 2: which is which is not sure"},
				numberedIn("f.csv: ", map[string][]int{"S/PV.57": {2, 3}}, "symbol")...)},
		{"a row lost among proposals", good + "1947-08-18,S/PV.186\n" + good, append([]string{
			"refused row: f.csv: line 3: 2 fields, the header has 7",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 2 fields, the header has 7",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 2 fields, the header has 7"},
			numberedIn("f.csv: ", map[string][]int{"S/PV.186": {2, 4}}, "symbol")...)},
		{"a row lost beside a proposal", "1947-08-19,S/PV.188,S/471,vetoed,9-2-0,USSR,\nx\n" + good + "1946-12-19,S/PV.87,S/RES/15(1946),adopted,unanimous,,\n", []string{
			"refused row: f.csv: line 3: 1 fields, the header has 7",
			"refused row: f.csv: line 3: this row beside the vote may be one of its own: 1 fields, the header has 7"}},
		{"a row without its day beside a proposal", good + ",S/PV.186,S/PV.186,vetoed,9-1-1,USSR,\n1946-12-19,S/PV.87,S/RES/15(1946),adopted,unanimous,,\n", []string{
			"refused date: f.csv: line 3, column date: the day of the vote is missing",
			"refused date: f.csv: line 3, column date: this row beside the vote may be one of its own: the day of the vote is missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, gather := range []bool{false, true} {
				list, report, err := read(t, outcomesHeader+tt.rows, Options{File: "f.csv", Gather: gather})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(sorted(tt.want), sorted(told(list, report))); diff != "" {
					t.Errorf("gather %t: %s", gather, diff)
				}
			}
		})
	}
}

// Rows of one symbol that do not stand together are told apart all the same,
// once the whole file is held.
func TestOutcomesScattered(t *testing.T) {
	const line = "S/552 (preliminary question) vetoed by USSR 8-2-1 S/552 vetoed by USSR 9-2-0\n"
	text := outcomesHeader + "1947-09-15,S/PV.202,S/552,vetoed,8-2-1,USSR," + line + "1947-09-15,S/PV.202,S/RES/34(1947),adopted,9-2-0,,\n1947-09-15,S/PV.202,S/552,vetoed,9-2-0,USSR," + line
	if _, _, err := read(t, text, Options{}); !errors.Is(err, ErrScattered) || !strings.HasPrefix(err.Error(), "line 4: the votes of line 2 go on here") {
		t.Fatalf("error %v", err)
	}
	list, report, err := read(t, text, Options{Gather: true})
	if err != nil || len(list) != 3 || len(told(list, report)) > 0 {
		t.Fatal(len(list), err, told(list, report))
	}
	if list[0].Part != "preliminary question" || list[1].Resolution != "S/RES/34 (1947)" || list[2].Part != "" || list[2].Key != "1947-09-15|S/PV.202|S/552|2" {
		t.Errorf("%+v\n%+v", *list[0], *list[2])
	}
}
