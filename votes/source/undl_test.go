package source

import (
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

func TestUNDLIsReadWhole(t *testing.T) {
	list, report, err := read(t, string(realFile(t, "undl_format_sample.csv")), Options{File: "/data/2026_02_06_sc_voting.csv"})
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Format: "undl", Rows: 375, AccountRows: 375, Accounts: 25}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
	for _, a := range list {
		if len(a.Votes) != 15 || len(a.Problems) > 0 || a.Tally.String() != votes.Count(a.Votes).String() {
			t.Errorf("%s: %d positions, tally %s, problems %v", a.Resolution, len(a.Votes), a.Tally, a.Problems)
		}
		if a.Source.Edition != "2026-02-06" || a.Source.Name != "UN Digital Library" {
			t.Errorf("%s: source %+v", a.Resolution, a.Source)
		}
	}
	// Iran sanctions, 9 June 2010: Brazil and Turkey against, Lebanon abstaining.
	i := list[6]
	if i.Resolution != "S/RES/1929 (2010)" || i.Draft != "S/2010/283" || i.Topic != "Non-proliferation" || i.Tally.String() != "12-2-1" || i.Line != 92 {
		t.Errorf("%+v", *i)
	}
	if i.Source.URL != "https://digitallibrary.un.org/record/9000007" {
		t.Errorf("link %q", i.Source.URL)
	}
}

const undlHeader = "undl_id,ms_code,ms_name,ms_vote,date,resolution,draft,meeting,modality,total_yes,total_no,total_abstentions,total_non_voting,total_ms\n"

func undlVote(date string, members ...string) string {
	text := undlHeader
	for _, m := range members {
		text += "112190.0," + m + "," + date + ",S/RES/999(" + date[:4] + "),,S/PV.1500,VOTE,12.0,0,3,0,15\n"
	}
	return text
}

// Members stand in the file with today's code and the name of the day.
func TestUNDLMembersOfTheDay(t *testing.T) {
	tests := []struct {
		date, member string
		want         votes.Code
	}{
		{"1970-06-24", "RUS,USSR", "SUN"},
		{"1970-06-24", "RUS,UNION OF SOVIET SOCIALIST REPUBLICS", "SUN"},
		{"1991-12-23", "RUS,USSR", "SUN"},
		{"1991-12-31", "RUS,RUSSIAN FEDERATION", "RUS"},
		{"1961-11-24", "EGY,UNITED ARAB REPUBLIC", "EGY"},
		{"1970-06-24", "CHN,CHINA", "CHN"},
		{"1985-06-24", "BFA,BURKINA FASO", "BFA"},
		{"2010-06-09", "TUR,TÜRKIYE", "TUR"},
		{"2010-06-09", "TUR,", "TUR"},
		{"2010-06-09", "XXX,TURKEY", "TUR"},
	}
	for _, tt := range tests {
		a := one(t, undlVote(tt.date, tt.member+",Y"))
		if len(a.Votes) != 1 || a.Votes[0].Code != tt.want || len(a.Problems) > 0 {
			t.Errorf("%s on %s: %v %v, want %s", tt.member, tt.date, a.Votes, a.Problems, tt.want)
		}
	}
	for _, tt := range []struct {
		member   string
		severity votes.Severity
		want     string
	}{
		{"FRA,UNITED KINGDOM", votes.Serious, `line 2, column ms_code: the code is FRA, the name "UNITED KINGDOM" is that of another state`},
		{"ZZZ,ATLANTIS", votes.Serious, `line 2, column ms_code: "ZZZ" is not a state that the UN knew on 2010-06-09`},
	} {
		a := one(t, undlVote("2010-06-09", tt.member+",Y"))
		if len(a.Problems) != 1 || a.Problems[0].String() != tt.want || a.Problems[0].Severity != tt.severity {
			t.Errorf("%s: %v", tt.member, a.Problems)
		}
	}
}

func TestUNDLPositionsAndTally(t *testing.T) {
	a := one(t, undlVote("2010-06-09", "FRA,FRANCE,Y", "USA,UNITED STATES,N", "GBR,UNITED KINGDOM,A", "CHN,CHINA,X"))
	roll := []votes.Vote{{Code: "FRA", Position: votes.Yes}, {Code: "USA", Position: votes.No}, {Code: "GBR", Position: votes.Abstain}, {Code: "CHN", Position: votes.NotParticipating}}
	if diff := cmp.Diff(roll, a.Votes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&votes.Tally{Yes: 12, Abstain: 3, Members: 15}, a.Tally); diff != "" {
		t.Error(diff)
	}
	if a.Key != "112190" || a.Stated != votes.StatedAdopted || a.NoVote {
		t.Errorf("key %q, stated %q, no vote %t", a.Key, a.Stated, a.NoVote)
	}
}

func TestUNDLAdoptedWithoutVote(t *testing.T) {
	for modality, noted := range map[string]int{"ADOPTED WITHOUT VOTE": 0, "Consensus": 0, "BY ACCLAMATION": 0, "BY LOT": 1} {
		text := strings.ReplaceAll(undlVote("2010-06-09", "FRA,FRANCE,Y"), "VOTE,12.0", modality+",0")
		a := one(t, text)
		if !a.NoVote || a.Tally != nil || len(a.Problems) != noted || a.Printed["modality"] != modality {
			t.Errorf("%s: no vote %t, tally %v, problems %v, printed %v", modality, a.NoVote, a.Tally, a.Problems, a.Printed)
		}
	}
}

func TestUNDLSeveralDrafts(t *testing.T) {
	text := strings.ReplaceAll(undlVote("2010-06-09", "FRA,FRANCE,Y"), "S/RES/999(2010),,", "S/RES/999(2010),S/2010/283|S/2010/290,")
	a := one(t, text)
	if a.Draft != "S/2010/283" || a.Printed["draft"] != "S/2010/283|S/2010/290" || len(a.Problems) > 0 {
		t.Errorf("draft %q, printed %v, problems %v", a.Draft, a.Printed, a.Problems)
	}
}

func TestUNDLEdition(t *testing.T) {
	for file, want := range map[string]string{
		"2026_02_06_sc_voting.csv":    "2026-02-06",
		"/a/2026-02-06-sc_voting.csv": "2026-02-06",
		"2026_02_31_sc_voting.csv":    "",
		"sc_voting.csv":               "",
	} {
		if got := undlEdition(file); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}
