package votes_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
)

func tallies(by votes.Grouping, events ...votes.Event) votes.Tallies {
	c := votes.NewTallies(by)
	for _, e := range events {
		c.Add(e)
	}
	return c.Result()
}

func TestTalliesByHand(t *testing.T) {
	list := sponsoredVotes(t)
	list[0].Topic, list[2].Topic = "Middle East", "Middle East"
	list[0].Region = "Asia, and more"
	all := map[votes.Grouping][]votes.TallyRow{
		votes.GroupTopic: {
			{Key: "", Name: "not known", Resolutions: 2, Adopted: 2, Unanimity: 1, Majority: 1, Positions: votes.PositionCounts{Yes: 26, No: 1, Abstain: 3}},
			{Key: "Middle East", Name: "Middle East", Resolutions: 2, Vetoed: 1, Failed: 1, VetoesCast: 1, Positions: votes.PositionCounts{Yes: 22, No: 3, Abstain: 5}},
		},
		votes.GroupYear: {
			{Key: "2014", Name: "2014", Resolutions: 1, Failed: 1, Positions: votes.PositionCounts{Yes: 8, No: 2, Abstain: 5}},
			{Key: "2022", Name: "2022", Resolutions: 1, Adopted: 1, Majority: 1, Positions: votes.PositionCounts{Yes: 11, No: 1, Abstain: 3}},
			{Key: "2024", Name: "2024", Resolutions: 2, Adopted: 1, Vetoed: 1, Unanimity: 1, VetoesCast: 1, Positions: votes.PositionCounts{Yes: 29, No: 1}},
		},
		votes.GroupDecade: {
			{Key: "2010", Name: "2010s", Resolutions: 1, Failed: 1, Positions: votes.PositionCounts{Yes: 8, No: 2, Abstain: 5}},
			{Key: "2020", Name: "2020s", Resolutions: 3, Adopted: 2, Vetoed: 1, Unanimity: 1, Majority: 1, VetoesCast: 1, Positions: votes.PositionCounts{Yes: 40, No: 2, Abstain: 3}},
		},
		votes.GroupKind: {
			{Key: "draft_resolution", Name: "draft resolution", Resolutions: 4, Adopted: 2, Vetoed: 1, Failed: 1, Unanimity: 1, Majority: 1, VetoesCast: 1,
				Positions: votes.PositionCounts{Yes: 48, No: 4, Abstain: 8}},
		},
		votes.GroupOutcome: {
			{Key: "adopted", Name: "adopted", Resolutions: 2, Adopted: 2, Unanimity: 1, Majority: 1, Positions: votes.PositionCounts{Yes: 26, No: 1, Abstain: 3}},
			{Key: "failed", Name: "failed", Resolutions: 1, Failed: 1, Positions: votes.PositionCounts{Yes: 8, No: 2, Abstain: 5}},
			{Key: "vetoed", Name: "vetoed", Resolutions: 1, Vetoed: 1, VetoesCast: 1, Positions: votes.PositionCounts{Yes: 14, No: 1}},
		},
	}
	for by, want := range all {
		got := tallies(by, list...)
		if diff := gocmp.Diff(votes.Tallies{GroupBy: by, Events: 4, Excluded: map[votes.Exclusion]int{}, Rows: want}, got); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", by, diff)
		}
	}
	find := func(by votes.Grouping, key string) votes.TallyRow {
		rows := tallies(by, list...).Rows
		i := slices.IndexFunc(rows, func(r votes.TallyRow) bool { return r.Key == key })
		if i < 0 {
			t.Fatalf("no row %q by %s", key, by)
		}
		return rows[i]
	}
	// A member's row has its own positions and vetoes only, of the votes it was in.
	for _, want := range []votes.TallyRow{
		{Key: "USA", Name: "United States", Resolutions: 4, Adopted: 2, Vetoed: 1, Failed: 1, Unanimity: 1, Majority: 1, VetoesCast: 1, Positions: votes.PositionCounts{Yes: 2, No: 2}},
		{Key: "DZA", Name: "Algeria", Resolutions: 2, Adopted: 1, Vetoed: 1, Unanimity: 1, Positions: votes.PositionCounts{Yes: 2}},
	} {
		if diff := gocmp.Diff(want, find(votes.GroupMember, want.Key)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	// A sponsor's row has the positions of all members.
	if r := find(votes.GroupSponsor, "USA"); r.Resolutions != 3 || r.Positions.Yes != 33 || r.Name != "United States" {
		t.Errorf("%+v", r)
	}
	if r := find(votes.GroupSponsor, ""); r.Resolutions != 1 || r.Positions.Yes != 15 || r.Name != "not known" {
		t.Errorf("%+v", r)
	}
}

func TestTalliesLeaveOut(t *testing.T) {
	var list []votes.Event
	want := map[votes.Exclusion]int{}
	for why, e := range unvoted(t) {
		list = append(list, e)
		want[why] = 1
	}
	got := tallies(votes.GroupDecade, list...)
	if diff := gocmp.Diff(want, got.Excluded); diff != "" || got.Events != 4 {
		t.Errorf("%d votes (-want +got excluded):\n%s", got.Events, diff)
	}
	wantRows := []votes.TallyRow{{Key: "1940", Name: "1940s", Resolutions: 1, Vetoed: 1, VetoesCast: 1},
		{Key: "2020", Name: "2020s", Resolutions: 3, Adopted: 1, Vetoed: 1, Withdrawn: 1, NoVote: 1}}
	if diff := gocmp.Diff(wantRows, got.Rows); diff != "" {
		t.Errorf("by decade (-want +got):\n%s", diff)
	}
	// A veto is known where the roll is not.
	wantRows = []votes.TallyRow{{Key: "RUS", Name: "Russian Federation", VetoesCast: 1}}
	if diff := gocmp.Diff(wantRows, tallies(votes.GroupMember, list...).Rows); diff != "" {
		t.Errorf("by member (-want +got):\n%s", diff)
	}
	inJSON(t, tallies(votes.GroupYear), "rows")
}

func TestTalliesOnTheRecord(t *testing.T) {
	records(t, func(t *testing.T, events []votes.Event) {
		for _, by := range votes.Groupings {
			got := tallies(by, events...)
			want := slowTallies(by, events)
			for _, row := range got.Rows {
				if diff := gocmp.Diff(want[row.Key], countsOf(row)); diff != "" || row.Name == "" {
					t.Errorf("by %s, %q, shown as %q (-want +got):\n%s", by, row.Key, row.Name, diff)
				}
				delete(want, row.Key)
			}
			if len(want) > 0 || got.Events != len(events) {
				t.Errorf("by %s: %d votes in %d rows, and not %v", by, got.Events, len(got.Rows), want)
			}
			if !slices.IsSortedFunc(got.Rows, func(a, b votes.TallyRow) int {
				if by == votes.GroupYear || by == votes.GroupDecade {
					return cmp.Compare(a.Key, b.Key)
				}
				return cmp.Or(b.Resolutions-a.Resolutions, cmp.Compare(a.Key, b.Key))
			}) {
				t.Errorf("by %s: not in order", by)
			}
		}
	})
}

// countsOf is every count of a row that is not 0, by its name in JSON.
func countsOf(r votes.TallyRow) map[string]int {
	m := map[string]int{"resolutions": r.Resolutions, "adopted": r.Adopted, "vetoed": r.Vetoed, "failed": r.Failed, "withdrawn": r.Withdrawn,
		"unanimity": r.Unanimity, "majority": r.Majority, "no_vote": r.NoVote, "vetoes_cast": r.VetoesCast,
		"yes": r.Positions.Yes, "no": r.Positions.No, "abstain": r.Positions.Abstain,
		"not_participating": r.Positions.NotParticipating, "absent": r.Positions.Absent}
	for name, n := range m {
		if n == 0 {
			delete(m, name)
		}
	}
	return m
}

// slowTallies is the reference: what is known of each vote, counted by name.
func slowTallies(by votes.Grouping, events []votes.Event) map[string]map[string]int {
	sums := map[string]map[string]int{}
	count := func(key, name string, n int) {
		if n == 0 {
			return
		}
		if sums[key] == nil {
			sums[key] = map[string]int{}
		}
		sums[key][name] += n
	}
	for _, e := range events {
		for _, key := range slowKeys(by, e) {
			count(key, "resolutions", 1)
			count(key, string(e.Outcome), 1)
			if e.AdoptedBy != "" {
				count(key, string(e.AdoptedBy), 1)
			}
			for _, v := range e.Votes {
				if usable(e) && (by != votes.GroupMember || string(seatOf(v.Code)) == key) {
					count(key, string(v.Position), 1)
				}
			}
			if by != votes.GroupMember {
				count(key, "vetoes_cast", len(e.VetoedBy))
			}
		}
		for _, c := range e.VetoedBy {
			count(string(seatOf(c)), "vetoes_cast", boolToInt(by == votes.GroupMember))
		}
	}
	return sums
}

func slowKeys(by votes.Grouping, e votes.Event) []string {
	set := map[string]bool{}
	switch by {
	case votes.GroupMember:
		for _, v := range e.Votes {
			set[string(seatOf(v.Code))] = usable(e)
		}
	case votes.GroupSponsor:
		for _, c := range e.Sponsors {
			set[string(seatOf(c))] = true
		}
		set[""] = len(e.Sponsors) == 0
	default:
		set[map[votes.Grouping]string{votes.GroupYear: fmt.Sprint(e.Date.Year()), votes.GroupDecade: fmt.Sprint(e.Date.Year() / 10 * 10),
			votes.GroupOutcome: string(e.Outcome), votes.GroupTopic: string(e.Topic), votes.GroupAgendaItem: string(e.AgendaItem),
			votes.GroupRegion: string(e.Region), votes.GroupKind: string(e.Kind)}[by]] = true
	}
	var list []string
	for key, in := range set {
		if in {
			list = append(list, key)
		}
	}
	return list
}

func TestTalliesSort(t *testing.T) {
	got := tallies(votes.GroupMember, eventsOfStarter(t)...)
	fields := strings.Fields("resolutions adopted vetoed failed withdrawn unanimity majority no_vote vetoes_cast yes no abstain not_participating absent")
	for _, field := range fields {
		for _, sign := range []int{1, -1} {
			word := field
			if sign < 0 {
				word = "-" + field
			}
			if faults := got.Sort(word); len(faults) > 0 {
				t.Fatal(faults)
			}
			if !slices.IsSortedFunc(got.Rows, func(a, b votes.TallyRow) int {
				return cmp.Or(sign*cmp.Compare(countsOf(a)[field], countsOf(b)[field]), cmp.Compare(a.Key, b.Key))
			}) {
				t.Errorf("sort=%s: not in order", word)
			}
		}
	}
	if got.Sort("-key"); got.Rows[0].Key < got.Rows[1].Key {
		t.Error("sort=-key: not in order")
	}
	before := slices.Clone(got.Rows)
	for _, word := range []string{"abstentions", "", "-", "name"} {
		faults := got.Sort(word)
		if len(faults) != 1 || faults[0].Parameter != "sort" || faults[0].Value != word || !strings.Contains(faults[0].Message, "abstain, not_participating") {
			t.Errorf("sort=%q: %v", word, faults)
		}
	}
	if diff := gocmp.Diff(before, got.Rows); diff != "" {
		t.Errorf("what cannot be sorted was (-before +after):\n%s", diff)
	}
}

func TestParseGrouping(t *testing.T) {
	for _, g := range votes.Groupings {
		if got, err := votes.ParseGrouping(" " + strings.ToUpper(string(g))); got != g || err != nil {
			t.Errorf("%s: %q, %v", g, got, err)
		}
	}
	for _, word := range []string{"", "country", "members"} {
		if _, err := votes.ParseGrouping(word); err == nil || !strings.Contains(err.Error(), "agenda_item") {
			t.Errorf("%q: %v", word, err)
		}
	}
}
