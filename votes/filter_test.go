package votes

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFilter(t *testing.T) {
	cases := []struct {
		query string
		want  Filter
	}{
		{"", Filter{}},
		{"limit=-1&cursor=x&format=y", Filter{}}, // the page's, not the filter's
		{"outcome=vetoed", Filter{Outcome: []Outcome{Vetoed}}},
		{"outcome=Adopted, failed", Filter{Outcome: []Outcome{Adopted, Failed}}},
		{"outcome=withdrawn&outcome=vetoed", Filter{Outcome: []Outcome{Withdrawn, Vetoed}}},
		{"year=1946,2024&year=1971", Filter{Year: []int{1946, 2024, 1971}}},
		{"from=2024-01-01&to=2024-12-31", Filter{From: "2024-01-01", To: "2024-12-31"}},
		{"from=2024-01-01&to=2024-01-01", Filter{From: "2024-01-01", To: "2024-01-01"}},
		{"to=1950-06-25", Filter{To: "1950-06-25"}},
		{"vetoed_by=USA", Filter{VetoedBy: [][]Code{{"USA"}}}},
		// One seat, whoever holds it; a comma is or, a repetition is and.
		{"vetoed_by=SUN", Filter{VetoedBy: [][]Code{{"RUS"}}}},
		{"vetoed_by=Soviet%20Union,china&vetoed_by=RUS", Filter{VetoedBy: [][]Code{{"RUS", "CHN"}, {"RUS"}}}},
		{"sponsor=DZA,Guyana&sponsor=Cote%20d'Ivoire", Filter{Sponsor: [][]Code{{"DZA", "GUY"}, {"CIV"}}}},
		{"sponsor=SUN", Filter{Sponsor: [][]Code{{"SUN"}}}}, // a sponsor is the state, not the seat
		{"voted=USA:no", Filter{Voted: [][]Voted{{{"USA", No}}}}},
		{"voted=USSR:absent", Filter{Voted: [][]Voted{{{"RUS", Absent}}}}},
		{"voted=United%20States:Against,France:N&voted=china:abstain", Filter{Voted: [][]Voted{{{"USA", No}, {"FRA", No}}, {{"CHN", Abstain}}}}},
		{"voted=USA:any", Filter{Voted: [][]Voted{{{"USA", ""}}}}},
		{"voted=USA: ANY ", Filter{Voted: [][]Voted{{{"USA", ""}}}}},
		{"outcome=vetoed&year=2024&vetoed_by=USA&voted=GBR:yes&sponsor=DZA&from=2024-01-01&to=2024-12-31",
			Filter{Outcome: []Outcome{Vetoed}, Year: []int{2024}, VetoedBy: [][]Code{{"USA"}}, Voted: [][]Voted{{{"GBR", Yes}}},
				Sponsor: [][]Code{{"DZA"}}, From: "2024-01-01", To: "2024-12-31"}},
	}
	for _, tt := range cases {
		got, faults := ParseFilter(query(t, tt.query))
		if diff := cmp.Diff(tt.want, got); len(faults) > 0 || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.query, faults, diff)
		}
	}
}

func query(t *testing.T, s string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestParseFilterFaults(t *testing.T) {
	cases := []struct {
		query string
		want  Faults
	}{
		{"outcome=carried", Faults{{"outcome", "carried", `"carried" is not an outcome (adopted, vetoed, failed, withdrawn)`}}},
		{"outcome=", Faults{{"outcome", "", `"" is not an outcome (adopted, vetoed, failed, withdrawn)`}}},
		{"year=1945", Faults{{"year", "1945", `"1945" is not a year from 1946 on`}}},
		{"year=MMXXIV", Faults{{"year", "MMXXIV", `"MMXXIV" is not a year from 1946 on`}}},
		{"year=10000", Faults{{"year", "10000", `"10000" is not a year from 1946 on`}}},
		{"from=20/11/2024", Faults{{"from", "20/11/2024", `"20/11/2024" is not a date (YYYY-MM-DD)`}}},
		{"to=2024-02-30", Faults{{"to", "2024-02-30", `"2024-02-30" is not a date (YYYY-MM-DD)`}}},
		{"from=2024-12-31&to=2024-01-01", Faults{{"from", "2024-12-31", "from is later than to (2024-01-01)"}}},
		{"from=2024-01-01&from=2024-01-01", Faults{{"from", "2024-01-01, 2024-01-01", "may stand only once"}}},
		{"sponsor=Untied%20States", Faults{{"sponsor", "Untied States", `"Untied States" is not a state; did you mean United States?`}}},
		{"sponsor=E10", Faults{{"sponsor", "E10", `"E10" is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)`}}},
		{"vetoed_by=Ethipia", Faults{{"vetoed_by", "Ethipia", `"Ethipia" is not a state; did you mean Ethiopia?`}}},
		{"vetoed_by=DZA", Faults{{"vetoed_by", "DZA", "DZA never held a permanent seat, and only permanent members can veto"}}},
		{"voted=USA", Faults{{"voted", "USA", `"USA" is not MEMBER:POSITION, as USA:no`}}},
		{"voted=USA:nay", Faults{{"voted", "USA:nay", `"nay" is not a position (yes, no, abstain, not_participating, absent)`}}},
		{"voted=USA:", Faults{{"voted", "USA:", `"" is not a position (yes, no, abstain, not_participating, absent)`}}},
		{"voted=Frence:no", Faults{{"voted", "Frence:no", `"Frence" is not a state; did you mean France?`}}},
		// What can be read is no excuse for what cannot.
		{"vetoed_by=USA,xx&voted=GBR:yes,GBR:maybe&outcome=vetoed,lost&year=1999,0&from=x&to=y&sponsor=q", Faults{
			{"outcome", "lost", `"lost" is not an outcome (adopted, vetoed, failed, withdrawn)`},
			{"vetoed_by", "xx", `"xx" is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)`},
			{"voted", "GBR:maybe", `"maybe" is not a position (yes, no, abstain, not_participating, absent)`},
			{"sponsor", "q", `"q" is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)`},
			{"year", "0", `"0" is not a year from 1946 on`},
			{"from", "x", `"x" is not a date (YYYY-MM-DD)`},
			{"to", "y", `"y" is not a date (YYYY-MM-DD)`},
		}},
	}
	for _, tt := range cases {
		_, got := ParseFilter(query(t, tt.query))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.query, diff)
		}
		if !errors.Is(got, ErrInvalid) {
			t.Errorf("%s: the faults do not wrap ErrInvalid", tt.query)
		}
		for _, f := range tt.want {
			if !strings.Contains(got.Error(), f.Parameter+": "+f.Message) {
				t.Errorf("%s: %q leaves out %s", tt.query, got.Error(), f.Parameter)
			}
		}
	}
}

// FilterParameters is what a request is checked against: all of them are read,
// and a fault is told under each of those names.
func TestFilterParametersAreRead(t *testing.T) {
	q := url.Values{}
	for _, name := range FilterParameters {
		q.Set(name, "?")
	}
	told := map[string]bool{}
	_, faults := ParseFilter(q)
	for _, f := range faults {
		told[f.Parameter] = true
	}
	for _, name := range FilterParameters {
		if !told[name] {
			t.Errorf("%s is not read", name)
		}
	}
	if len(told) != len(FilterParameters) {
		t.Errorf("faults under %v, parameters %v", told, FilterParameters)
	}
}
