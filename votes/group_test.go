package votes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
)

func TestParseMembers(t *testing.T) {
	cases := []struct {
		words []string
		want  string // as String gives it
	}{
		{nil, "all"},
		{[]string{"all"}, "all"},
		{[]string{"ALL,USA"}, "all"},
		{[]string{"USA,RUS"}, "USA,RUS"},
		{[]string{"USSR"}, "RUS"}, // its seat
		{[]string{"SUN, Russian Federation ,RUS"}, "RUS"},
		{[]string{"United States", "p5", "Côte d'Ivoire"}, "USA,P5,CIV"},
		{[]string{"E10,P3,a3,A3+1"}, "E10,P3,A3,A3+1"},
		{[]string{"A3 1"}, "A3+1"}, // ?members=A3+1, the plus not escaped
		{[]string{"African Group,african"}, "african"},
		{[]string{"asia_pacific,eastern_european,GRULAC,WEOG"}, "asia_pacific,eastern_european,latin_american_caribbean,western_european_others"},
	}
	for _, tt := range cases {
		got, faults := votes.ParseMembers(tt.words)
		if len(faults) > 0 || got.String() != tt.want || got.All() != (tt.want == "all") {
			t.Errorf("%q: %s, everyone: %t, faults %v; want %s", tt.words, got, got.All(), faults, tt.want)
		}
	}
}

func TestParseMembersFaults(t *testing.T) {
	_, faults := votes.ParseMembers([]string{"USA,Ethipia", "E11,P5", ""})
	want := []string{`members "Ethipia": "Ethipia" is not a state; did you mean Ethiopia?`,
		`members "E11": "E11" is neither a state nor a group`, `members "": "" is neither a state nor a group`}
	if len(faults) != len(want) {
		t.Fatalf("%d faults, want %d: %v", len(faults), len(want), faults)
	}
	for i, f := range faults {
		if got := fmt.Sprintf("%s %q: %s", f.Parameter, f.Value, f.Message); !strings.HasPrefix(got, want[i]) {
			t.Errorf("%s\nwant %s", got, want[i])
		}
	}
}

func TestMemberSetContains(t *testing.T) {
	cases := []struct {
		set  string
		code votes.Code
		day  votes.Date
		want bool
	}{
		{"", "TUV", "2024-11-20", true},
		{"RUS", "SUN", "1950-01-10", true},
		{"SUN", "RUS", "2022-02-27", true},
		{"USA", "GBR", "2024-11-20", false},
		{"P5", "SUN", "1970-11-10", true},
		{"P5", "RUS", "1970-11-10", true}, // the seat, under the code that holds it now
		{"P5", "RUS", "1991-12-24", true},
		{"P5", "JPN", "2024-11-20", false},
		{"P5", "USA", "1945-12-31", false}, // no Council yet
		{"P5,JPN", "JPN", "1950-01-10", true},
		{"E10", "JPN", "2024-12-31", true},
		{"E10", "JPN", "2025-01-01", false},
		{"E10", "NOR", "1963-06-01", false}, // six elected members
		{"A3", "DZA", "2024-11-20", true},
		{"A3", "GUY", "2024-11-20", false},
		{"A3+1", "GUY", "2024-11-20", true},
		{"A3+1", "VCT", "2021-12-31", true},
		{"western_european_others", "CHE", "2024-11-20", true},
		{"western_european_others", "FRA", "2024-11-20", false}, // permanent seats are allotted to no group
		{"african", "EGY", "1962-06-01", false},                 // nor was any before 1966
	}
	for _, tt := range cases {
		if got := members(t, tt.set).Contains(tt.code, tt.day); got != tt.want {
			t.Errorf("%q contains %s on %s: %t", tt.set, tt.code, tt.day, got)
		}
	}
}

// Whom a group contains on any day is whom CouncilGroup gives, and nobody else.
func TestMemberSetIsCouncilGroup(t *testing.T) {
	days := []votes.Date{"1945-06-26", "1946-01-16", "1965-12-31", "1991-12-23", "2026-12-31", "2027-01-01"}
	for y := 1946; y <= 2026; y++ {
		for m := 1; m <= 12; m++ {
			d, _ := votes.MakeDate(y, m, 20)
			days = append(days, d, d.AddDays(15))
		}
	}
	for _, name := range []string{"P5", "P3", "E10", "A3", "A3+1", "african", "asia_pacific", "eastern_european",
		"latin_american_caribbean", "western_european_others", "All Council Members"} {
		set, some := members(t, name), 0
		for _, d := range days {
			group, _ := votes.CouncilGroup(name, d)
			for _, s := range votes.States() {
				want := slices.ContainsFunc(group, func(c votes.Code) bool { return seatOf(c) == seatOf(s.Code) })
				if set.Contains(s.Code, d) != want {
					t.Fatalf("%s contains %s on %s: %t", name, s.Code, d, !want)
				}
			}
			some += len(group)
		}
		if some == 0 {
			t.Errorf("%s has no members on any day", name)
		}
	}
}
