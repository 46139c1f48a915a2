package votes_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"scvotes/votes"
)

// The figures are held against reference implementations, which stand in the
// test files beside them: slow, over maps, and written from docs/figures.md.

var (
	publishedEventsOnce sync.Once
	publishedEventsList []votes.Event
	starterEventsOnce   sync.Once
	starterEventsList   []votes.Event
)

// records gives the two records that figures are tested on: the starter record,
// and all published files reconciled, where these are to be had.
func records(t *testing.T, test func(*testing.T, []votes.Event)) {
	t.Run("starter", func(t *testing.T) { test(t, eventsOfStarter(t)) })
	t.Run("published", func(t *testing.T) {
		all := published(t)
		publishedEventsOnce.Do(func() { publishedEventsList = eventsOf(all) })
		if len(publishedEventsList) < 2500 {
			t.Fatalf("only %d votes", len(publishedEventsList))
		}
		test(t, publishedEventsList)
	})
}

func eventsOfStarter(t testing.TB) []votes.Event {
	t.Helper()
	starterEventsOnce.Do(func() {
		all := everything{accounts: starterAccounts(t)}
		all.match()
		starterEventsList = eventsOf(all)
	})
	return starterEventsList
}

// eventsOf reconciles every vote, the oldest first.
func eventsOf(all everything) []votes.Event {
	var list []votes.Event
	for _, g := range all.groups {
		if r, _ := votes.Reconcile(g.accounts, g.edits); r.ID != "" {
			list = append(list, votes.EventOf(&r))
		}
	}
	slices.SortFunc(list, func(a, b votes.Event) int { return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.ID, b.ID)) })
	return list
}

// vote is a vote in which every member of the day was in favour but for those
// named, as "USA:no". Its outcome is worked out as that of any other.
func vote(t testing.TB, id string, day votes.Date, others ...string) votes.Event {
	t.Helper()
	council, ok := votes.CouncilOn(day)
	if !ok {
		t.Fatalf("no Council on %s", day)
	}
	e := votes.Event{ID: id, Date: day, Kind: votes.DraftResolution, RollCall: votes.RollComplete,
		Procedural: id == "S-RES-2623-2022"}
	for _, s := range council.Seats {
		p := votes.Yes
		for _, o := range others {
			if code, position, _ := strings.Cut(o, ":"); code == string(s.Code) {
				p = votes.Position(position)
			}
		}
		e.Votes = append(e.Votes, votes.Vote{Code: s.Code, Position: p})
	}
	d, err := votes.Decide(votes.Ballot{Date: day, Procedural: e.Procedural, Votes: e.Votes})
	if err != nil {
		t.Fatal(err)
	}
	e.Outcome, e.AdoptedBy, e.VetoedBy, e.Tally = d.Outcome, d.AdoptedBy, d.VetoedBy, d.Tally
	return e
}

// threeVotes are the worked example of docs/figures.md.
func threeVotes(t testing.TB) []votes.Event {
	return []votes.Event{
		// Palestine: 8-2-5, and so no veto.
		vote(t, "S-2014-916", "2014-12-30", "AUS:no", "USA:no", "GBR:abstain", "LTU:abstain", "NGA:abstain", "KOR:abstain", "RWA:abstain"),
		// Ukraine, an emergency special session of the General Assembly called: 11-1-3.
		vote(t, "S-RES-2623-2022", "2022-02-27", "RUS:no", "ARE:abstain", "CHN:abstain", "IND:abstain"),
		// Gaza: 14-1-0.
		vote(t, "S-2024-835", "2024-11-20", "USA:no"),
	}
}

// unvoted are votes that hold nothing for a figure about positions.
func unvoted(t testing.TB) map[votes.Exclusion]votes.Event {
	consensus := vote(t, "consensus", "2024-06-01") // a roll of fifteen in favour, as the Digital Library prints it
	consensus.AdoptedBy, consensus.RollCall = votes.ByNoVote, votes.RollNone
	disputed := vote(t, "disputed", "2024-06-02", "USA:no")
	disputed.RollCall, disputed.Tally, disputed.VetoedBy = votes.RollDisputed, nil, nil
	tallied := vote(t, "tallied", "1947-06-01", "SUN:no")
	tallied.RollCall, tallied.Votes = votes.RollTallyOnly, nil
	withdrawn := vote(t, "withdrawn", "2024-06-04")
	withdrawn.Outcome, withdrawn.AdoptedBy, withdrawn.RollCall, withdrawn.Votes, withdrawn.Tally = votes.Withdrawn, "", votes.RollNone, nil, nil
	return map[votes.Exclusion]votes.Event{votes.LeftNoVote: consensus, votes.LeftDisputed: disputed,
		votes.LeftNoRoll: tallied, votes.LeftWithdrawn: withdrawn}
}

// usable is the reference for what figures about positions count.
func usable(e votes.Event) bool {
	return e.AdoptedBy != votes.ByNoVote && e.Outcome != votes.Withdrawn &&
		(e.RollCall == votes.RollComplete || e.RollCall == votes.RollPartial)
}

// took is the reference for who took part, by seat.
func took(e votes.Event) map[votes.Code]votes.Position {
	m := map[votes.Code]votes.Position{}
	for _, v := range e.Votes {
		if v.Position == votes.Yes || v.Position == votes.No || v.Position == votes.Abstain {
			m[seatOf(v.Code)] = v.Position
		}
	}
	return m
}

func seatOf(c votes.Code) votes.Code {
	if c == "SUN" {
		return "RUS"
	}
	return c
}

// periodOf is the reference for the key of a period.
func periodOf(by votes.Period, e votes.Event) votes.Text {
	switch by {
	case votes.ByYear:
		return votes.Text(fmt.Sprint(e.Date.Year()))
	case votes.ByDecade:
		return votes.Text(fmt.Sprint(e.Date.Year() / 10 * 10))
	}
	return ""
}

// ratio is the reference for a share.
func ratio(part float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	return new(part / float64(n))
}

// near lets sums of the same numbers in another order pass as equal.
func near(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) < 1e-9
}

func members(t testing.TB, list string) votes.MemberSet {
	t.Helper()
	if list == "" {
		return votes.MemberSet{}
	}
	m, faults := votes.ParseMembers([]string{list})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return m
}

// added is the sum of a result's events and of what it left out.
func added(events int, excluded map[votes.Exclusion]int) int {
	for _, n := range excluded {
		events += n
	}
	return events
}

// inJSON is what is sent. It fails the test where that is no JSON, as NaN is
// not, or where a list is null.
func inJSON(t *testing.T, v any, lists ...string) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(lists, "excluded") {
		if !strings.Contains(string(text), `"`+name+`":`) || strings.Contains(string(text), `"`+name+`":null`) {
			t.Errorf("%s is null or missing in %s", name, text)
		}
	}
	return string(text)
}

func show(f *float64) string {
	if f == nil {
		return "null"
	}
	return fmt.Sprintf("%.3f", *f)
}

// The worked example of the page is what the program answers.
func TestFiguresPage(t *testing.T) {
	text, err := os.ReadFile("../docs/figures.md")
	if err != nil {
		t.Fatal(err)
	}
	exact := votes.NewAgreement(votes.AgreementOptions{Members: members(t, "P5")})
	half := votes.NewAgreement(votes.AgreementOptions{Members: members(t, "P5"), Method: votes.Lijphart})
	groups := votes.NewCohesion([]votes.MemberGroup{{"P5", members(t, "P5")}, {"E10", members(t, "E10")}}, votes.WholeTime)
	usa := votes.NewMemberRecord(votes.MemberOptions{Code: "USA", MinShared: 3})
	for _, e := range threeVotes(t) {
		exact.Add(e)
		half.Add(e)
		groups.Add(e)
		usa.Add(e)
	}
	var want []string
	halves := half.Result().Pairs
	for i, p := range exact.Result().Pairs {
		want = append(want, fmt.Sprintf("| %s, %s | %d | %g | %s | %g | %s |", p.A, p.B, p.N, p.Agreed, show(p.Share), halves[i].Agreed, show(halves[i].Share)))
	}
	for _, r := range groups.Result().Rows {
		want = append(want, fmt.Sprintf("| %s | %d | %s | %s |", r.Group, r.N, show(r.Index), show(r.United)))
	}
	r := usa.Result()
	want = append(want, fmt.Sprintf("%d dissents, %d of them alone, %d lone vote against, %d veto", r.Dissents, r.LoneDissents, r.LoneNo, r.Vetoes))
	page := strings.Join(strings.Fields(string(text)), " ")
	for _, line := range want {
		if !strings.Contains(page, line) {
			t.Errorf("docs/figures.md lacks %q", line)
		}
	}
	for _, formula := range []string{votes.Exact.Formula(), votes.Lijphart.Formula(), groups.Result().Formula} {
		if !strings.Contains(page, formula) {
			t.Errorf("docs/figures.md lacks the formula %q", formula)
		}
	}
}
