package votes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// roll is the whole roll of a day: in favour, but for the members named, each
// list by code with spaces between.
func roll(t testing.TB, day Date, named map[Position]string) []Vote {
	t.Helper()
	council, ok := CouncilOn(day)
	if !ok {
		t.Fatalf("no Council on %s", day)
	}
	positions := map[Code]Position{}
	for p, codes := range named {
		for _, c := range strings.Fields(codes) {
			if _, ok := council.Seat(Code(c)); !ok {
				t.Fatalf("%s had no seat on %s", c, day)
			}
			positions[Code(c)] = p
		}
	}
	list := make([]Vote, len(council.Seats))
	for i, s := range council.Seats {
		list[i] = Vote{s.Code, Yes}
		if p, ok := positions[s.Code]; ok {
			list[i].Position = p
		}
	}
	return list
}

// without leaves members out of a roll.
func without(list []Vote, codes ...Code) []Vote {
	return slices.DeleteFunc(list, func(v Vote) bool { return slices.Contains(codes, v.Code) })
}

func tally(t testing.TB, s string) *Tally {
	t.Helper()
	v, err := ParseTally(s)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

// Votes that were taken, with the positions of those who did not vote in favour.
func TestDecideOnRolls(t *testing.T) {
	cases := []struct {
		name       string
		day        Date
		procedural bool
		named      map[Position]string
		tally      string
		want       Decision // Tally is compared as text, above
	}{
		{"S/2024/835, ceasefire in Gaza", "2024-11-20", false, map[Position]string{No: "USA"}, "14-1-0",
			Decision{Outcome: Vetoed, VetoedBy: []Code{"USA"}, CarriedButForVeto: true,
				Reason: "14 in favour, 9 required; a permanent member voted against: United States"}},
		{"S/2014/916, one short, and so no veto", "2014-12-30", false, map[Position]string{No: "AUS USA", Abstain: "LTU NGA KOR RWA GBR"}, "8-2-5",
			Decision{Outcome: Failed,
				Reason: "8 in favour, 9 required: 1 short; the negative vote of United States was therefore no veto"}},
		{"S/RES/2623, procedural", "2022-02-27", true, map[Position]string{No: "RUS", Abstain: "CHN IND ARE"}, "11-1-3",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority,
				Reason: "11 in favour, 9 required; procedural, so the negative vote of Russian Federation was no veto"}},
		{"the same, were it not procedural", "2022-02-27", false, map[Position]string{No: "RUS", Abstain: "CHN IND ARE"}, "11-1-3",
			Decision{Outcome: Vetoed, VetoedBy: []Code{"RUS"}, CarriedButForVeto: true,
				Reason: "11 in favour, 9 required; a permanent member voted against: Russian Federation"}},
		{"S/RES/218, 7 of 11", "1965-11-23", false, map[Position]string{Abstain: "FRA NLD GBR USA"}, "7-0-4",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority, Reason: "7 in favour, 7 required"}},
		{"S/RES/82, the USSR absent", "1950-06-25", false, map[Position]string{Absent: "SUN", Abstain: "YUG"}, "9-0-1-1",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority, Reason: "9 in favour, 7 required"}},
		{"S/RES/83, two not participating", "1950-06-27", false, map[Position]string{Absent: "SUN", No: "YUG", NotParticipating: "EGY IND"}, "7-1-0-3",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority, Reason: "7 in favour, 7 required"}},
		{"S/RES/84", "1950-07-07", false, map[Position]string{Absent: "SUN", Abstain: "EGY IND YUG"}, "7-0-3-1",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority, Reason: "7 in favour, 7 required"}},
		{"S/11713, three vetoes, in the order of the seats", "1975-06-06", false, map[Position]string{No: "USA GBR FRA", Abstain: "ITA JPN"}, "10-3-2",
			Decision{Outcome: Vetoed, VetoedBy: []Code{"FRA", "GBR", "USA"}, CarriedButForVeto: true,
				Reason: "10 in favour, 9 required; 3 permanent members voted against: France, United Kingdom, United States"}},
		{"the preliminary question on Czechoslovakia", "1948-05-24", false, map[Position]string{No: "SUN UKR", Abstain: "FRA"}, "8-2-1",
			Decision{Outcome: Vetoed, VetoedBy: []Code{"SUN"}, CarriedButForVeto: true,
				Reason: "8 in favour, 7 required; a permanent member voted against: USSR"}},
		{"S/RES/2728, a permanent member abstaining", "2024-03-25", false, map[Position]string{Abstain: "USA"}, "14-0-1",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority, Reason: "14 in favour, 9 required"}},
		{"S/RES/338, a permanent member not participating", "1973-10-22", false, map[Position]string{NotParticipating: "CHN"}, "14-0-0-1",
			Decision{Outcome: Adopted, AdoptedBy: ByMajority, Reason: "14 in favour, 9 required"}},
		{"S/RES/1441", "2002-11-08", false, nil, "15-0-0",
			Decision{Outcome: Adopted, AdoptedBy: ByUnanimity, Reason: "15 in favour, 9 required"}},
		{"S/2022/720", "2022-09-30", false, map[Position]string{No: "RUS", Abstain: "BRA CHN GAB IND"}, "10-1-4",
			Decision{Outcome: Vetoed, VetoedBy: []Code{"RUS"}, CarriedButForVeto: true,
				Reason: "10 in favour, 9 required; a permanent member voted against: Russian Federation"}},
	}
	for _, tt := range cases {
		got, err := Decide(Ballot{Date: tt.day, Procedural: tt.procedural, Votes: roll(t, tt.day, tt.named)})
		if err != nil || got.Tally == nil {
			t.Errorf("%s: tally %v, error %v", tt.name, got.Tally, err)
			continue
		}
		if s := got.Tally.String(); s != tt.tally {
			t.Errorf("%s: counted as %s, want %s", tt.name, s, tt.tally)
		}
		tt.want.Tally = got.Tally
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// The seven resolutions adopted over a permanent member's negative vote, and
// what each would have been, were it not for Article 27(2).
func TestProceduralResolutions(t *testing.T) {
	cases := []struct {
		symbol  Symbol
		day     Date
		named   map[Position]string
		tally   string
		against []Code
	}{
		{"S/RES/87 (1950)", "1950-09-29", map[Position]string{No: "CHN CUB USA", Abstain: "EGY"}, "7-3-1", []Code{"CHN", "USA"}},
		{"S/RES/119 (1956)", "1956-10-31", map[Position]string{No: "FRA GBR", Abstain: "AUS BEL"}, "7-2-2", []Code{"FRA", "GBR"}},
		{"S/RES/120 (1956)", "1956-11-04", map[Position]string{No: "SUN"}, "10-1-0", []Code{"SUN"}},
		{"S/RES/132 (1959)", "1959-09-07", map[Position]string{No: "SUN"}, "10-1-0", []Code{"SUN"}},
		{"S/RES/157 (1960)", "1960-09-17", map[Position]string{No: "POL SUN", Abstain: "FRA"}, "8-2-1", []Code{"SUN"}},
		{"S/RES/462 (1980)", "1980-01-09", map[Position]string{No: "DDR SUN", Abstain: "ZMB"}, "12-2-1", []Code{"SUN"}},
		{"S/RES/2623 (2022)", "2022-02-27", map[Position]string{No: "RUS", Abstain: "CHN IND ARE"}, "11-1-3", []Code{"RUS"}},
	}
	if len(cases) != len(procedural) {
		t.Errorf("%d cases for %d procedural resolutions", len(cases), len(procedural))
	}
	for _, tt := range cases {
		b := Ballot{Date: tt.day, Procedural: procedural[tt.symbol], Votes: roll(t, tt.day, tt.named)}
		d, err := Decide(b)
		if err != nil || d.Outcome != Adopted || d.AdoptedBy != ByMajority || len(d.VetoedBy) > 0 || d.CarriedButForVeto || d.Tally.String() != tt.tally {
			t.Errorf("%s: %+v, %v; want adopted %s", tt.symbol, d, err, tt.tally)
		}
		if !strings.Contains(d.Reason, "procedural, so the negative vote of ") {
			t.Errorf("%s: the reason does not tell why there was no veto: %s", tt.symbol, d.Reason)
		}
		b.Procedural = false
		if d, err := Decide(b); err != nil || d.Outcome != Vetoed || !slices.Equal(d.VetoedBy, tt.against) {
			t.Errorf("%s were it substantive: %+v, %v; want vetoed by %v", tt.symbol, d, err, tt.against)
		}
		// The tally alone must come out the same as the roll.
		b = Ballot{Date: tt.day, Procedural: true, Tally: tally(t, tt.tally)}
		if d, err := Decide(b); err != nil || d.Outcome != Adopted || d.AdoptedBy != ByMajority {
			t.Errorf("%s by its tally: %+v, %v", tt.symbol, d, err)
		}
	}
}

// What is known is less than a whole roll.
func TestDecideOnLess(t *testing.T) {
	five := []Code{"CHN", "FRA", "RUS", "GBR", "USA"}
	cases := []struct {
		name   string
		ballot Ballot
		want   Outcome
		by     string // adopted by, or who vetoed
		tally  string
		reason string
	}{
		{"no vote", Ballot{Date: "1994-12-07", NoVote: true}, Adopted, "no_vote", "", "adopted without a vote"},
		{"no vote, though a list shows all in favour", Ballot{Date: "1994-12-07", NoVote: true, Votes: roll(t, "1994-12-07", nil)},
			Adopted, "no_vote", "", "adopted without a vote"},
		{"withdrawn", Ballot{Date: "1998-03-03", Withdrawn: true}, Withdrawn, "", "", "not put to the vote"},
		{"a veto without a tally", Ballot{Date: "1946-06-26", Vetoes: []Code{"SUN", "FRA"}}, Vetoed, "FRA SUN", "",
			"tally not known; recorded as vetoed by France, USSR"},
		{"the veto that lists of 16 French vetoes leave out, twice", Ballot{Date: "1946-06-26", Vetoes: []Code{"FRA", "FRA"}}, Vetoed, "FRA", "",
			"tally not known; recorded as vetoed by France"},
		{"tally and vetoes", Ballot{Date: "1977-10-31", Tally: tally(t, "10-5-0"), Vetoes: []Code{"USA", "GBR", "FRA"}}, Vetoed, "FRA GBR USA", "10-5-0",
			"10 in favour, 9 required; 3 permanent members voted against: France, United Kingdom, United States"},
		{"tally, no veto recorded", Ballot{Date: "1970-03-18", Tally: tally(t, "14-0-1")}, Adopted, "majority", "14-0-1", "14 in favour, 9 required"},
		{"tally of all", Ballot{Date: "1990-09-27", Tally: tally(t, "15-0-0")}, Adopted, "unanimity", "15-0-0", "15 in favour, 9 required"},
		{"tally of all but the one that was away", Ballot{Date: "1950-05-24", Tally: tally(t, "10-0-0")}, Adopted, "majority", "10-0-0-1", "10 in favour, 7 required"},
		{"S/10768, listed as vetoed", Ballot{Date: "1972-08-25", Tally: tally(t, "3-3-9"), Vetoes: []Code{"SUN"}}, Failed, "", "3-3-9",
			"3 in favour, 9 required: 6 short; the negative vote of USSR was therefore no veto"},
		{"14 of 15, all but Syria in favour: S/RES/1402", Ballot{Date: "2002-03-30", Votes: without(roll(t, "2002-03-30", nil), "SYR")},
			Adopted, "majority", "14-0-0", "14 in favour, 9 required; no position known for Syrian Arab Republic"},
		{"14 of 15, and a veto: S/2001/270", Ballot{Date: "2001-03-27",
			Votes: without(roll(t, "2001-03-27", map[Position]string{No: "USA", Abstain: "FRA IRL NOR GBR"}), "UKR")},
			Vetoed, "USA", "9-1-4", "9 in favour, 9 required; a permanent member voted against: United States; no position known for Ukraine"},
		{"14 of 15, lost whatever the last did: S/2020/797", Ballot{Date: "2020-08-14",
			Votes: without(roll(t, "2020-08-14", map[Position]string{No: "CHN", Abstain: "BEL EST FRA DEU IDN NER VCT ZAF TUN GBR VNM"}), "RUS")},
			Failed, "", "2-1-11", "2 in favour, 9 required: 7 short; the negative vote of China was therefore no veto; no position known for Russian Federation"},
		{"lost all the same, though a list calls it a veto", Ballot{Date: "2020-08-14", Vetoes: []Code{"CHN"},
			Votes: without(roll(t, "2020-08-14", map[Position]string{No: "CHN", Abstain: "BEL EST FRA DEU IDN NER VCT ZAF TUN GBR VNM"}), "RUS")},
			Failed, "", "2-1-11", "2 in favour, 9 required: 7 short; the negative vote of China was therefore no veto; no position known for Russian Federation"},
		{"the roll leaves out who vetoed", Ballot{Date: "2024-11-20", Votes: without(roll(t, "2024-11-20", nil), "USA"), Vetoes: []Code{"USA"}},
			Vetoed, "USA", "14-1-0", "14 in favour, 9 required; a permanent member voted against: United States"},
		{"a roll too short to show more than the veto", Ballot{Date: "2024-11-20", Vetoes: []Code{"USA"},
			Votes: []Vote{{"USA", No}, {"DZA", Yes}}}, Vetoed, "USA", "", "tally not known; recorded as vetoed by United States"},
		{"procedural, permanent members missing", Ballot{Date: "2022-02-27", Procedural: true, Votes: without(roll(t, "2022-02-27", nil), five...)},
			Adopted, "majority", "10-0-0", "10 in favour, 9 required; no position known for China, France, Russian Federation, United Kingdom, United States"},
	}
	for _, tt := range cases {
		d, err := Decide(tt.ballot)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		by, counted := string(d.AdoptedBy), ""
		if len(d.VetoedBy) > 0 {
			by = strings.Trim(fmt.Sprint(d.VetoedBy), "[]")
		}
		if d.Tally != nil {
			counted = d.Tally.String()
		}
		got, want := []string{string(d.Outcome), by, counted, d.Reason}, []string{string(tt.want), tt.by, tt.tally, tt.reason}
		if diff := cmp.Diff(want, got); diff != "" || d.CarriedButForVeto != (d.Outcome == Vetoed) {
			t.Errorf("%s, carried but for the veto %t (-want +got):\n%s", tt.name, d.CarriedButForVeto, diff)
		}
	}
}

func TestDecideRefuses(t *testing.T) {
	whole := func() []Vote { return roll(t, "2024-11-20", map[Position]string{No: "USA"}) }
	cases := []struct {
		name   string
		ballot Ballot
		want   string
	}{
		{"no day", Ballot{Tally: tally(t, "14-1-0")}, `no Council is known for ""`},
		{"before the Council", Ballot{Date: "1946-01-16", NoVote: true}, `no Council is known for "1946-01-16"`},
		{"nothing", Ballot{Date: "2024-11-20"}, "neither a complete roll, a tally nor a recorded veto: no outcome follows"},
		{"a veto of what cannot be vetoed", Ballot{Date: "2022-02-27", Procedural: true, Vetoes: []Code{"RUS"}},
			"neither a complete roll, a tally nor a recorded veto: no outcome follows"},
		{"16 votes", Ballot{Date: "2024-11-20", Tally: tally(t, "14-2-0")}, "16 votes by a Council of 15"},
		{"15 votes in a Council of 11", Ballot{Date: "1965-12-31", Tally: tally(t, "15-0-0")}, "15 votes by a Council of 11"},
		{"more vetoes than votes against", Ballot{Date: "1977-10-31", Tally: tally(t, "13-2-0"), Vetoes: []Code{"FRA", "GBR", "USA"}},
			"3 permanent members against, but only 2 votes against"},
		{"a veto by an elected member", Ballot{Date: "2024-11-20", Tally: tally(t, "14-1-0"), Vetoes: []Code{"DZA"}},
			"DZA had no permanent seat on 2024-11-20 and cannot have vetoed"},
		{"a veto by the successor, too early", Ballot{Date: "1983-09-12", Tally: tally(t, "9-2-4"), Vetoes: []Code{"RUS"}},
			"RUS had no permanent seat on 1983-09-12 and cannot have vetoed"},
		{"a veto by one that voted in favour", Ballot{Date: "2024-11-20", Votes: whole(), Vetoes: []Code{"GBR"}},
			"United Kingdom is recorded as having vetoed, but its position is yes"},
		{"a vote without a seat", Ballot{Date: "2024-11-20", Votes: append(without(whole(), "DZA"), Vote{"BRA", Yes})}, "BRA had no seat on 2024-11-20"},
		{"one member twice", Ballot{Date: "2024-11-20", Votes: append(without(whole(), "DZA"), Vote{"USA", No})}, "USA has more than one position"},
		{"one member twice, once with nothing", Ballot{Date: "2024-11-20", Votes: append(without(whole(), "USA"), Vote{"USA", ""}, Vote{"USA", No})}, "USA has more than one position"},
		{"a permanent member missing: S/RES/1280", Ballot{Date: "1999-12-03",
			Votes: without(roll(t, "1999-12-03", map[Position]string{Abstain: "CHN MYS RUS"}), "FRA")},
			"the position of France, a permanent member, is missing: no outcome follows"},
		{"one that could still have carried it: S/2014/916 without Lithuania", Ballot{Date: "2014-12-30",
			Votes: without(roll(t, "2014-12-30", map[Position]string{No: "AUS USA", Abstain: "LTU NGA KOR RWA GBR"}), "LTU")},
			"8 in favour and no position known for Lithuania: no outcome follows"},
		{"six of fifteen: S/RES/2781", Ballot{Date: "2025-05-30",
			Votes: without(roll(t, "2025-05-30", nil), "FRA", "GBR", "USA", "DNK", "GRC", "GUY", "PAN", "KOR", "SVN")},
			"6 in favour and no position known for France, United Kingdom, United States, Denmark, Greece, Guyana, Panama, Republic of Korea, Slovenia: no outcome follows"},
	}
	for _, tt := range cases {
		d, err := Decide(tt.ballot)
		if !errors.Is(err, ErrInvalid) || trimInvalid(err) != tt.want {
			t.Errorf("%s: %+v, %v; want %s", tt.name, d, err, tt.want)
		}
	}
}

// Every roll of both Councils, told apart by what each permanent member did and
// how many elected members voted how, obeys Article 27.
func TestDecideObeysArticle27(t *testing.T) {
	threeToTheFifth := 243
	for _, day := range []Date{"1965-12-31", "1966-01-01"} {
		council, _ := CouncilOn(day)
		permanent, elected := council.Permanent(), council.Elected()
		for n := range threeToTheFifth {
			for others := range positionCounts(len(elected)) {
				votes, against := make([]Vote, 0, len(council.Seats)), 0
				for i, rest := 0, n; i < len(permanent); i, rest = i+1, rest/3 {
					votes = append(votes, Vote{permanent[i], []Position{Yes, No, Abstain}[rest%3]})
					against += boolToInt(rest%3 == 1)
				}
				for i, p := range others {
					votes = append(votes, Vote{elected[i], p})
				}
				checkArticle27(t, council, Ballot{Date: day, Votes: votes}, against)
				checkArticle27(t, council, Ballot{Date: day, Procedural: true, Votes: votes}, against)
			}
		}
	}
}

// positionCounts yields, for every way to share n members out over in favour,
// against and abstaining, one roll of it.
func positionCounts(n int) func(func([]Position) bool) {
	return func(yield func([]Position) bool) {
		for yes := range n + 1 {
			for no := range n + 1 - yes {
				list := slices.Concat(slices.Repeat([]Position{Yes}, yes), slices.Repeat([]Position{No}, no),
					slices.Repeat([]Position{Abstain}, n-yes-no))
				if !yield(list) {
					return
				}
			}
		}
	}
}

func checkArticle27(t *testing.T, council Council, b Ballot, against int) {
	t.Helper()
	d, err := Decide(b)
	if err != nil {
		t.Fatalf("%v: %v", b.Votes, err)
	}
	n := Count(b.Votes)
	enough := n.Yes >= map[int]int{11: 7, 15: 9}[len(council.Seats)]
	want := Adopted
	switch {
	case !enough:
		want = Failed
	case against > 0 && !b.Procedural:
		want = Vetoed
	}
	vetoes := 0
	if want == Vetoed {
		vetoes = against
	}
	if d.Outcome != want || len(d.VetoedBy) != vetoes || d.CarriedButForVeto != (want == Vetoed) ||
		(d.AdoptedBy == "") != (want != Adopted) || (d.AdoptedBy == ByUnanimity) != (n.Yes == len(council.Seats)) || d.Reason == "" {
		t.Fatalf("%s of %d, %d permanent members against, procedural %t: %+v, want %s", n, len(council.Seats), against, b.Procedural, d, want)
	}
	// The tally with the vetoes must say the same as the roll.
	tallied := Ballot{Date: b.Date, Procedural: b.Procedural, Tally: &n}
	for _, v := range b.Votes {
		if s, _ := council.Seat(v.Code); s.Permanent && v.Position == No {
			tallied.Vetoes = append(tallied.Vetoes, v.Code)
		}
	}
	if same, err := Decide(tallied); err != nil || !cmp.Equal(d, same) {
		t.Fatalf("%s by tally: %+v, %v, by roll: %+v", n, same, err, d)
	}
}

func BenchmarkDecide(b *testing.B) {
	ballot := Ballot{Date: "2024-11-20", Votes: roll(b, "2024-11-20", map[Position]string{No: "USA"})}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decide(ballot); err != nil {
			b.Fatal(err)
		}
	}
}
