package votes

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
		{"adopted_by=unanimity,NO_VOTE", Filter{AdoptedBy: []AdoptedBy{ByUnanimity, ByNoVote}}},
		{"kind=amendment&kind=paragraph", Filter{Kind: []Kind{Amendment, Paragraph}}},
		{"procedural=true", Filter{Procedural: new(true)}},
		{"procedural=False", Filter{Procedural: new(false)}}, // not the same as not asked
		// Names hold commas of their own.
		{"topic=Peace and security, Africa&topic=Syria", Filter{Topic: []string{"Peace and security, Africa", "Syria"}}},
		{"agenda_item= The situation in the Middle East, including the Palestinian question ",
			Filter{AgendaItem: []string{"The situation in the Middle East, including the Palestinian question"}}},
		{"region=Türkiye", Filter{Region: []string{"Türkiye"}}},
		{"against_min=2", Filter{AgainstMin: 2}},
		{"margin=-1", Filter{Margin: []int{-1}}}, // failed by one
		{"margin=0, 1&margin=-15", Filter{Margin: []int{0, 1, -15}}},
		{"changed_since=0", Filter{ChangedSince: new(int64(0))}},
		{"changed_since=12", Filter{ChangedSince: new(int64(12))}},
		{"q=gaza", Filter{Q: Search{[]SearchTerm{{Words: []string{"gaza"}}}}}},
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
	cases := []filterFaults{
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
			{"sponsor", "q", `"q" is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)`},
			{"voted", "GBR:maybe", `"maybe" is not a position (yes, no, abstain, not_participating, absent)`},
			{"from", "x", `"x" is not a date (YYYY-MM-DD)`},
			{"to", "y", `"y" is not a date (YYYY-MM-DD)`},
			{"year", "0", `"0" is not a year from 1946 on`},
		}},
	}
	holdFaults(t, cases)
}

// filterFaults are the faults of a query.
type filterFaults struct {
	query string
	want  Faults
}

func holdFaults(t *testing.T, cases []filterFaults) {
	t.Helper()
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

func TestParseFilterFaultsOfKindAndCount(t *testing.T) {
	holdFaults(t, []filterFaults{
		{"adopted_by=acclamation", Faults{{"adopted_by", "acclamation", `"acclamation" is not a way of adoption (unanimity, majority, no_vote)`}}},
		{"kind=resolution", Faults{{"kind", "resolution",
			`"resolution" is not a kind of proposal (draft_resolution, amendment, paragraph, oral_proposal, recommendation, preliminary_question, other)`}}},
		{"procedural=1", Faults{{"procedural", "1", `"1" is neither true nor false`}}},
		{"procedural=true&procedural=false", Faults{{"procedural", "true, false", "may stand only once"}}},
		{"topic=&topic=%20", Faults{{"topic", "", "no text is given"}, {"topic", " ", "no text is given"}}},
		{"region=a%00b", Faults{{"region", "a\x00b", `"a\x00b" is not plain text in UTF-8`}}},
		{"agenda_item=%ff", Faults{{"agenda_item", "\xff", `"\xff" is not plain text in UTF-8`}}},
		{"against_min=0", Faults{{"against_min", "0", `"0" is not a number of votes against, 1 to 15`}}},
		{"against_min=16", Faults{{"against_min", "16", `"16" is not a number of votes against, 1 to 15`}}},
		{"margin=1,x,-16,16", Faults{
			{"margin", "x", `"x" is not a margin: votes in favour beyond the number required, -15 to 15, as -1 for one short`},
			{"margin", "-16", `"-16" is not a margin: votes in favour beyond the number required, -15 to 15, as -1 for one short`},
			{"margin", "16", `"16" is not a margin: votes in favour beyond the number required, -15 to 15, as -1 for one short`},
		}},
		{"changed_since=-1", Faults{{"changed_since", "-1", `"-1" is not a revision, a whole number from 0 on`}}},
		{"changed_since=99999999999999999999", Faults{{"changed_since", "99999999999999999999", `"99999999999999999999" is not a revision, a whole number from 0 on`}}},
		{"q=", Faults{{"q", "", `"" holds no word to look for`}}},
		{"q=gaza&q=iran", Faults{{"q", "gaza, iran", "may stand only once"}}},
	})
}

// FilterParameters is what a request is checked against: all of them are read,
// and a fault is told under each of those names.
func TestFilterParametersAreRead(t *testing.T) {
	q := url.Values{}
	for _, name := range FilterParameters {
		q.Set(name, "\x00")
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

func TestMargin(t *testing.T) {
	cases := []struct {
		symbol string
		tally  Tally
		want   int
	}{
		{"S/2014/916", Tally{Yes: 8, No: 2, Abstain: 5, Members: 15, Required: 9}, -1},
		{"S/RES/218 (1965)", Tally{Yes: 7, Abstain: 4, Members: 11, Required: 7}, 0},
		{"S/2024/835", Tally{Yes: 14, No: 1, Members: 15, Required: 9}, 5},
	}
	for _, tt := range cases {
		if got := tt.tally.Margin(); got != tt.want {
			t.Errorf("%s: margin %d, want %d", tt.symbol, got, tt.want)
		}
	}
}

func TestParseSort(t *testing.T) {
	gaza, err := ParseSearch("gaza")
	if err != nil {
		t.Fatal(err)
	}
	without, err := ParseSearch("-gaza")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		query  string
		filter Filter
		want   Sort
		fault  string
	}{
		{"", Filter{}, SortNewest, ""},
		{"", Filter{Outcome: []Outcome{Vetoed}}, SortNewest, ""},
		{"", Filter{Q: gaza}, SortRelevance, ""},
		{"", Filter{Q: without}, SortNewest, ""}, // all that is found is equally good
		{"", Filter{ChangedSince: new(int64(0))}, SortRevision, ""},
		{"", Filter{ChangedSince: new(int64(3)), Q: gaza}, SortRevision, ""},
		{"sort=-date", Filter{Q: gaza}, SortNewest, ""},
		{"sort=DATE", Filter{ChangedSince: new(int64(3))}, SortOldest, ""},
		{"sort=margin", Filter{}, SortMargin, ""},
		{"sort=revision", Filter{}, SortRevision, ""},
		{"sort=relevance", Filter{Q: gaza}, SortRelevance, ""},
		{"sort=relevance", Filter{}, "", "relevance is how well a resolution answers q, and q asks for no word"},
		{"sort=relevance", Filter{Q: without}, "", "relevance is how well a resolution answers q, and q asks for no word"},
		{"sort=title", Filter{}, "", `"title" is not an order (-date, date, margin, relevance, revision)`},
		{"sort=", Filter{}, "", `"" is not an order (-date, date, margin, relevance, revision)`},
		{"sort=date&sort=margin", Filter{}, "", "may stand only once"},
	}
	for _, tt := range cases {
		got, faults := ParseSort(query(t, tt.query), tt.filter)
		switch {
		case tt.fault == "" && (len(faults) > 0 || got != tt.want):
			t.Errorf("%q: %s, %v; want %s", tt.query, got, faults, tt.want)
		case tt.fault != "" && (len(faults) != 1 || faults[0].Parameter != "sort" || faults[0].Message != tt.fault):
			t.Errorf("%q: %v; want %s", tt.query, faults, tt.fault)
		}
	}
}

func TestParseFacets(t *testing.T) {
	cases := []struct {
		query  string
		want   []string
		faults int
	}{
		{"", nil, 0},
		{"facets=year", []string{"year"}, 0},
		{"facets=topic, vetoed_by,year&facets=outcome", []string{"topic", "vetoed_by", "year", "outcome"}, 0},
		{"facets=year,year&facets=year", []string{"year"}, 0},
		{"facets=" + strings.Join(FacetNames, ","), FacetNames, 0},
		{"facets=", nil, 1},
		{"facets=years,year,month", []string{"year"}, 2},
	}
	for _, tt := range cases {
		got, faults := ParseFacets(query(t, tt.query))
		if !slices.Equal(got, tt.want) || len(faults) != tt.faults {
			t.Errorf("%s: %v and %v; want %v and %d faults", tt.query, got, faults, tt.want, tt.faults)
		}
	}
}

// FuzzParseFilter: no query stops the reader, every fault is told under the
// name of a parameter, and what was read can be asked of a database as it is.
func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{"", "q=%22a%20b%22", "voted=USA:no,&voted=:", "margin=-1,0x1&against_min=+3", "topic=%ff&topic=,", "from=0000-00-00&to=9999-12-31",
		"vetoed_by=SUN,%00&sponsor=,,&year=1e3", "changed_since=-0&procedural=TRUE&sort=relevance&facets=,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := url.ParseQuery(s)
		if err != nil {
			t.Skip("no query")
		}
		got, faults := ParseFilter(q)
		for _, x := range faults {
			if !slices.Contains(FilterParameters, x.Parameter) || x.Message == "" {
				t.Errorf("a fault under %q: %q", x.Parameter, x.Message)
			}
		}
		for _, text := range slices.Concat(got.Topic, got.AgendaItem, got.Region) {
			if text == "" || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
				t.Errorf("text %q was taken", text)
			}
		}
		if got.AgainstMin < 0 || got.AgainstMin > 15 || got.ChangedSince != nil && *got.ChangedSince < 0 {
			t.Errorf("%d against, changed since %v", got.AgainstMin, got.ChangedSince)
		}
		if _, more := ParseSort(q, got); len(more) > 1 {
			t.Errorf("%d faults of one sort: %v", len(more), more)
		}
	})
}
