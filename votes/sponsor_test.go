package votes

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseSponsors(t *testing.T) {
	cases := []struct {
		name, printed string
		day           Date
		want          string // codes, or "words" where there is no code
		as            string
		problems      []Problem
	}{
		{name: "nothing", printed: " "},
		{name: "none", printed: "-none-"},
		{name: "commas", printed: "France,United Kingdom, United States", want: "FRA GBR USA"},
		{name: "semicolons and codes", printed: "FRA;GBR; USA", want: "FRA GBR USA"},
		{name: "and", printed: "Ecuador and United States", want: "ECU USA"},
		{name: "last after a comma", printed: "Mexico, Peru, and the Niger.", want: "MEX PER NER"},
		{name: "names that hold and", want: "ATG BIH KNA VCT STP TTO GBR",
			printed: "Antigua and Barbuda, Bosnia and Herzegovina, Saint Kitts and Nevis, Saint Vincent and the Grenadines, Sao Tome and Principe and Trinidad and Tobago, and the United Kingdom of Great Britain and Northern Ireland"},
		{name: "capitals", printed: "TRINIDAD AND TOBAGO AND FRANCE", want: "TTO FRA"},
		{name: "inverted", printed: "Korea, Republic of, Iran, Islamic Republic of, Japan", want: "KOR IRN JPN"},
		{name: "brackets", printed: "Micronesia (Federated States of), Monaco", want: "FSM MCO"},
		{name: "spreadsheet line ends", printed: "\"Austria, the_x000D_\nBahamas, Spain_x000D_\nand Sweden.", want: "AUT BHS ESP SWE"},
		{name: "a count", printed: "Japan, United States of America and Viet Nam (80)", want: "JPN USA VNM"},
		{name: "one state or two", printed: "Serbia and Montenegro", day: "2005-01-01", want: "SCG"},
		{name: "two states or one", printed: "Serbia and Montenegro", day: "2015-01-01", want: "SRB MNE"},
		{name: "identity of the day", printed: "Russian Federation, Zaire", day: "1985-01-01", want: "SUN COD"},
		{name: "E10", printed: "E10", as: "E10", want: "DZA ECU GUY JPN MLT MOZ KOR SLE SVN CHE"},
		{name: "E10 of another year", printed: "E10", day: "2022-02-27", as: "E10", want: "ALB BRA GAB GHA IND IRL KEN MEX NOR ARE"},
		{name: "group among states", printed: "A3, Guyana and Algeria", as: "A3, Guyana and Algeria", want: "DZA MOZ SLE GUY",
			problems: []Problem{{Kind: KindSponsor, Message: "Algeria is named twice"}}},
		{name: "no E10 in a Council of 11", printed: "E10", day: "1960-01-01", want: `"E10"`,
			problems: []Problem{{Kind: KindSponsor, Message: `"E10" is not a state, a group or a body: kept as printed`}}},
		{name: "President", printed: "President", as: "President", want: `"President"`},
		{name: "President in doubt", printed: "President?", as: "President?", want: `"President?"`,
			problems: []Problem{{Kind: KindSponsor, Message: `the source itself doubts "President?"`}}},
		{name: "committee", printed: "Committee on the Admission of New Members and Others", as: "Committee on the Admission of New Members and Others",
			want: `"Committee on the Admission of New Members and Others"`},
		{name: "broken by a comma", printed: "Bulgaria,Cabo,Verde,Canada", want: "BGR CPV CAN",
			problems: []Problem{{Kind: KindState, Message: `"Cabo,Verde" is one name, broken by a comma`, Suggestion: "Cabo Verde"}}},
		{name: "broken at the end", printed: "Russian Federation and United,States", want: "RUS USA",
			problems: []Problem{{Kind: KindState, Message: `"United,States" is one name, broken by a comma`, Suggestion: "United States"}}},
		{name: "near-miss", printed: "United Kindgom", want: "GBR",
			problems: []Problem{{Kind: KindState, Message: `"United Kindgom" is not a state: read as United Kingdom`, Suggestion: "United Kingdom"}}},
		{name: "cut short", printed: "Slovenia, Solomon", want: "SVN SLB",
			problems: []Problem{{Kind: KindState, Message: `"Solomon" is not a state: read as Solomon Islands`, Suggestion: "Solomon Islands"}}},
		{name: "too far to be sure", printed: "Equitoreal Guinea", want: `"Equitoreal Guinea"`,
			problems: []Problem{{Kind: KindSponsor, Message: `"Equitoreal Guinea" is not a state, a group or a body: kept as printed`, Suggestion: "Equatorial Guinea"}}},
		{name: "half a name", printed: "Russian Federation and United", want: `RUS "United"`,
			problems: []Problem{{Kind: KindSponsor, Message: `"United" is not a state, a group or a body: kept as printed`}}},
		{name: "twice", printed: "Belarus,Belarus,India", want: "BLR IND",
			problems: []Problem{{Kind: KindSponsor, Message: "Belarus is named twice"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.day == "" {
				c.day = "2024-11-20"
			}
			got, as, problems := ParseSponsors(c.printed, c.day)
			var codes []string
			for _, s := range got {
				if s.Code == "" {
					codes = append(codes, `"`+s.Name+`"`)
					continue
				}
				codes = append(codes, string(s.Code))
				if s.Name != s.Code.NameOn(c.day) {
					t.Errorf("%s is called %q", s.Code, s.Name)
				}
			}
			for i := range c.problems {
				c.problems[i].Severity = Noted
			}
			if joined := strings.Join(codes, " "); joined != c.want || as != c.as {
				t.Errorf("ParseSponsors(%q) = %s, %q; want %s, %q", c.printed, joined, as, c.want, c.as)
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// The whole column "Submitted by" of the draft-level sheet: every state is
// known, but for the faults listed here.
func TestSponsorsOfTheDraftSheet(t *testing.T) {
	var words, faults []string
	seen := map[string]bool{}
	for _, row := range sharedRows(t, "sc_draft_votes_1994_2025.csv") {
		printed := row["Submitted by"]
		if seen[printed] {
			continue
		}
		seen[printed] = true
		day, err := time.Parse("02/01/2006", row["Date"])
		if err != nil {
			t.Fatal(err)
		}
		sponsors, _, problems := ParseSponsors(printed, DateOf(day))
		for _, s := range sponsors {
			if s.Code == "" {
				words = append(words, s.Name)
			}
		}
		for _, p := range problems {
			faults = append(faults, p.Message)
		}
	}
	slices.Sort(words)
	slices.Sort(faults)
	if diff := cmp.Diff([]string{"Committee on the Admission of New Members", "President", "President?", "States", "United"}, words); diff != "" {
		t.Errorf("sponsors that are no state (-want +got):\n%s", diff)
	}
	want := []string{
		`"Cabo,Verde" is one name, broken by a comma`,
		`"Solomon" is not a state: read as Solomon Islands`,
		`"States" is not a state, a group or a body: kept as printed`,
		`"United Kindgom" is not a state: read as United Kingdom`,
		`"United" is not a state, a group or a body: kept as printed`,
		`Belarus is named twice`,
		`Republic of Moldova is named twice`,
		`United States is named twice`,
		`the source itself doubts "President?"`,
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
