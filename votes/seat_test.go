package votes

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every day of the record: the right number of seats, five of them permanent
// and first, no state twice, the majority of the day, the groups' share.
func TestCouncilOnEveryDay(t *testing.T) {
	for d := firstMeeting; d <= "2026-12-31"; d = d.AddDays(1) {
		c, ok := CouncilOn(d)
		if !ok {
			t.Fatalf("%s: no Council", d)
		}
		seats, required := 15, 9
		if d < "1966-01-01" {
			seats, required = 11, 7
		}
		if c.Date != d || len(c.Seats) != seats || c.Required != required || len(c.Permanent()) != 5 {
			t.Fatalf("%s: dated %s, %d seats, %d permanent, %d required", d, c.Date, len(c.Seats), len(c.Permanent()), c.Required)
		}
		seen, groups := map[Code]bool{}, map[RegionalGroup]int{}
		for i, s := range c.Seats {
			if seen[s.Code] || s.Permanent != (i < 5) || d < s.From || s.To != "" && d > s.To || s.Name != s.Code.NameOn(d) {
				t.Fatalf("%s: seat %d is %+v", d, i, s)
			}
			seen[s.Code] = true
			groups[s.Group]++
		}
		want := map[RegionalGroup]int{"": 5, African: 3, AsiaPacific: 2, LatinAmericanCaribbean: 2, EasternEuropean: 1, WesternEuropeanOthers: 2}
		if d < "1966-01-01" {
			want = map[RegionalGroup]int{"": 11}
		}
		if diff := cmp.Diff(want, groups); diff != "" {
			t.Fatalf("%s: groups (-want +got):\n%s", d, diff)
		}
	}
}

func TestCouncilOutsideTheRecord(t *testing.T) {
	for _, d := range []Date{"", "1946-01-16", "2027-01-01", "2030-06-01"} {
		if c, ok := CouncilOn(d); ok || len(c.Seats) != 0 {
			t.Errorf("CouncilOn(%q) = %d seats, %v", d, len(c.Seats), ok)
		}
		if g, ok := CouncilGroup("P5", d); ok {
			t.Errorf("CouncilGroup(P5, %q) = %v", d, g)
		}
	}
}

// The Council against the published list of members, year by year. The list
// keeps the government in Taipei under TWN, and shows in 1971, 1991 and 1990
// only the state that ended the year in the seat.
func TestCouncilAgainstTheListOfMembers(t *testing.T) {
	listed := map[int][]Code{}
	for _, row := range sharedRows(t, "sc_members_1946_2026.csv") {
		year, _ := strconv.Atoi(row["year"])
		code := Code(row["iso3"])
		if code == "TWN" {
			code = "CHN"
		}
		listed[year] = append(listed[year], code)
	}
	for year := 1946; year <= 2026; year++ {
		c, _ := CouncilOn(Date(strconv.Itoa(year) + "-12-31"))
		var sat []Code
		for _, s := range c.Seats {
			sat = append(sat, s.Code)
		}
		want := listed[year]
		slices.Sort(sat)
		slices.Sort(want)
		if diff := cmp.Diff(want, sat); diff != "" {
			t.Errorf("%d (-listed +ours):\n%s", year, diff)
		}
	}
}

func TestWhoSat(t *testing.T) {
	cases := []struct {
		day        Date
		sat, notIn Code
		name       string
	}{
		{"1946-12-31", "EGY", "BEL", "Egypt"}, {"1947-01-01", "BEL", "EGY", "Belgium"},
		{"1946-12-31", "MEX", "COL", "Mexico"}, {"1946-12-31", "NLD", "SYR", "Netherlands"},
		{"1956-12-31", "YUG", "PHL", "Yugoslavia"}, {"1957-01-01", "PHL", "YUG", "Philippines"},
		{"1960-12-31", "POL", "TUR", "Poland"}, {"1961-01-01", "TUR", "POL", "Turkey"},
		{"1961-12-31", "LBR", "IRL", "Liberia"}, {"1962-01-01", "IRL", "LBR", "Ireland"},
		{"1962-12-31", "ROU", "PHL", "Romania"}, {"1963-01-01", "PHL", "ROU", "Philippines"},
		{"1964-12-31", "CSK", "MYS", "Czechoslovakia"}, {"1965-01-01", "MYS", "CSK", "Malaysia"},
		{"1965-11-23", "JOR", "MLI", "Jordan"}, {"1966-01-01", "MLI", "BOL", "Mali"},
		{"1966-12-31", "UGA", "ETH", "Uganda"}, {"1967-01-01", "ETH", "NZL", "Ethiopia"},
		{"1980-01-07", "MEX", "BOL", "Mexico"},
		{"1990-05-21", "YMD", "YEM", "Democratic Yemen"}, {"1990-05-22", "YEM", "YMD", "Yemen"},
		{"1991-12-23", "SUN", "RUS", "USSR"}, {"1991-12-24", "RUS", "SUN", "Russian Federation"},
		{"1984-08-03", "BFA", "BEN", "Upper Volta"}, {"1984-08-04", "BFA", "BEN", "Burkina Faso"},
		{"1961-06-01", "EGY", "SYR", "United Arab Republic"}, {"1960-06-01", "LKA", "IND", "Ceylon"},
		{"1977-04-17", "LBY", "DZA", "Libyan Arab Republic"}, {"1977-04-18", "LBY", "DZA", "Libyan Arab Jamahiriya"},
		{"2017-12-31", "ITA", "NLD", "Italy"}, {"2018-01-01", "NLD", "ITA", "Netherlands"},
		{"2026-01-01", "COD", "GUY", "Democratic Republic of the Congo"},
	}
	for _, c := range cases {
		council, _ := CouncilOn(c.day)
		if s, ok := council.Seat(c.sat); !ok || s.Name != c.name {
			t.Errorf("%s: seat of %s is %+v, %v, want %s", c.day, c.sat, s, ok, c.name)
		}
		if _, ok := council.Seat(c.notIn); ok {
			t.Errorf("%s: %s sat", c.day, c.notIn)
		}
	}
}

func TestSeatOfChina(t *testing.T) {
	for d, want := range map[Date]string{
		"1971-10-24": "represented by the Republic of China",
		"1971-10-25": "represented by the People's Republic of China",
	} {
		c, _ := CouncilOn(d)
		if s, _ := c.Seat("CHN"); s.Note != want || s.Name != "China" {
			t.Errorf("%s: %+v", d, s)
		}
	}
}

func TestOrderOfSeats(t *testing.T) {
	c, _ := CouncilOn("2024-11-20")
	if diff := cmp.Diff([]Code{"CHN", "FRA", "RUS", "GBR", "USA"}, c.Permanent()); diff != "" {
		t.Error(diff)
	}
	want := []Code{"DZA", "ECU", "GUY", "JPN", "MLT", "MOZ", "KOR", "SLE", "SVN", "CHE"}
	if diff := cmp.Diff(want, c.Elected()); diff != "" {
		t.Error(diff)
	}
	old, _ := CouncilOn("1965-01-01") // Ivory Coast, not Côte d'Ivoire, before Jordan
	if diff := cmp.Diff([]Code{"BOL", "CIV", "JOR", "MYS", "NLD", "URY"}, old.Elected()); diff != "" {
		t.Error(diff)
	}
}

func TestCouncilGroup(t *testing.T) {
	cases := []struct {
		name string
		day  Date
		want []Code
	}{
		{"P5", "1970-06-01", []Code{"CHN", "FRA", "SUN", "GBR", "USA"}},
		{"p3", "2024-11-20", []Code{"FRA", "GBR", "USA"}},
		{"E10", "2024-11-20", []Code{"DZA", "ECU", "GUY", "JPN", "MLT", "MOZ", "KOR", "SLE", "SVN", "CHE"}},
		{"E10", "1965-11-23", nil}, {"A3", "1965-11-23", nil},
		{"A3", "2024-11-20", []Code{"DZA", "MOZ", "SLE"}},
		{"A3+1", "2024-11-20", []Code{"DZA", "MOZ", "SLE", "GUY"}},
		{"A3+1", "2025-03-01", []Code{"DZA", "SLE", "SOM", "GUY"}},
		{"A3+1", "2021-03-01", []Code{"KEN", "NER", "TUN", "VCT"}},
		{"A3+1", "2022-03-01", nil},
		{"asia_pacific", "2024-11-20", []Code{"JPN", "KOR"}},
		{"Asia-Pacific Group", "2024-11-20", []Code{"JPN", "KOR"}},
		{"Eastern European Group", "2024-11-20", []Code{"SVN"}},
		{"GRULAC", "2024-11-20", []Code{"ECU", "GUY"}},
		{"WEOG", "2024-11-20", []Code{"MLT", "CHE"}},
		{"western_european_others", "1961-06-01", nil},
		{"E11", "2024-11-20", nil}, {"", "2024-11-20", nil},
	}
	for _, c := range cases {
		got, ok := CouncilGroup(c.name, c.day)
		if ok != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("CouncilGroup(%q, %s) = %v, %v, want %v", c.name, c.day, got, ok, c.want)
		}
	}
	for _, g := range RegionalGroups {
		if got, ok := CouncilGroup(string(g), "2000-01-01"); !ok || len(got) == 0 {
			t.Errorf("the group %s has no members", g)
		}
	}
	if all, ok := CouncilGroup("All Council Members", "1950-01-13"); !ok || len(all) != 11 {
		t.Errorf("all members: %v, %v", all, ok)
	}
}

func TestTerms(t *testing.T) {
	got := TermsOf("BFA")
	want := []Term{
		{Code: "BFA", From: "1984-01-01", To: "1985-12-31", Group: African},
		{Code: "BFA", From: "2008-01-01", To: "2009-12-31", Group: African},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("terms of Burkina Faso (-want +got):\n%s", diff)
	}
	if got := TermsOf("LVA"); len(got) != 1 || got[0].To != "2027-12-31" {
		t.Errorf("terms of Latvia: %+v", got)
	}
	if got := TermsOf("XXX"); got != nil {
		t.Errorf("terms of no state: %+v", got)
	}
	for i, term := range Terms() {
		if _, ok := StateByCode(term.Code); !ok {
			t.Errorf("%s is no state", term.Code)
		}
		if i > 0 && term.From < Terms()[i-1].From {
			t.Errorf("%+v stands after %+v", term, Terms()[i-1])
		}
		if term.To != "" && term.To < term.From {
			t.Errorf("%+v ends before it begins", term)
		}
	}
	Terms()[0].Code = "XXX"
	if Terms()[0].Code != "CHN" {
		t.Error("Terms is not a copy")
	}
}

func TestContinuingSeat(t *testing.T) {
	for c, want := range map[Code]Code{"SUN": "RUS", "RUS": "RUS", "CHN": "CHN", "YUG": "YUG", "": ""} {
		if got := c.Seat(); got != want {
			t.Errorf("%s.Seat() = %s, want %s", c, got, want)
		}
	}
}

func TestSeatJSON(t *testing.T) {
	c, _ := CouncilOn("2024-11-20")
	for i, want := range map[int]string{
		4: `{"code":"USA","name":"United States","permanent":true,"group":null,"from":"1946-01-17","to":null}`,
		5: `{"code":"DZA","name":"Algeria","permanent":false,"group":"african","from":"2024-01-01","to":"2025-12-31"}`,
	} {
		got, err := json.Marshal(c.Seats[i])
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

// CouncilOn is called for every vote of the record.
func TestCouncilOnAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { CouncilOn("1971-10-25") }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

func BenchmarkCouncilOn(b *testing.B) {
	for b.Loop() {
		CouncilOn("1971-10-25")
	}
}
