package votes_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
)

// publishedEvents are the votes of the whole published record.
func publishedEvents(t *testing.T) []votes.Event {
	t.Helper()
	var list []votes.Event
	for _, g := range published(t).groups {
		if r, _ := votes.Reconcile(g.accounts, g.edits); r.ID != "" {
			list = append(list, votes.EventOf(&r))
		}
	}
	return list
}

func historyOf(rule votes.Rule, events []votes.Event) votes.RuleHistory {
	c := votes.NewRuleHistory(rule)
	for _, e := range events {
		c.Add(e)
	}
	return c.Result()
}

func TestRuleHistory(t *testing.T) {
	title := votes.Text("Ceasefire")
	tally := func(yes, no, abstain int) *votes.Tally {
		return &votes.Tally{Yes: yes, No: no, Abstain: abstain, Members: 15, Required: 9}
	}
	events := []votes.Event{
		{ID: "S-1", Date: "1970-03-17", Outcome: votes.Vetoed, RollCall: votes.RollTallyOnly, VetoedBy: []votes.Code{"GBR", "USA"}, Tally: tally(9, 2, 4)},
		{ID: "S-2", Date: "1972-09-10", Outcome: votes.Vetoed, RollCall: votes.RollTallyOnly, VetoedBy: []votes.Code{"USA"}}, // no tally
		{ID: "S-3", Date: "2024-11-20", Title: title, Outcome: votes.Vetoed, RollCall: votes.RollTallyOnly, VetoedBy: []votes.Code{"USA"}, Tally: tally(14, 1, 0)},
		{ID: "S-4", Date: "2024-11-20", Outcome: votes.Adopted, AdoptedBy: votes.ByUnanimity, RollCall: votes.RollTallyOnly},
		{ID: "S-5", Date: "2024-11-21", Outcome: votes.Failed, RollCall: votes.RollTallyOnly, Tally: tally(4, 0, 11)},
		{ID: "S-6", Date: "2024-11-21", Outcome: votes.Adopted, AdoptedBy: votes.ByNoVote, RollCall: votes.RollNone},
		{ID: "S-7", Date: "2024-11-21", Outcome: votes.Withdrawn},
		{ID: "S-8", Date: "2024-11-21", Outcome: votes.Vetoed, RollCall: votes.RollDisputed},
		{ID: "S-9", Date: "2024-11-21", Outcome: votes.Failed, RollCall: votes.RollTallyOnly},
	}
	got := historyOf(votes.RuleTwoVetoes, events)
	want := votes.RuleHistory{RuleText: votes.Rules[1], Considered: 5, WouldPass: 3, WouldFail: 2, Unchanged: 3,
		Excluded: map[votes.Exclusion]int{votes.LeftNoVote: 1, votes.LeftWithdrawn: 1, votes.LeftDisputed: 1, votes.LeftNoTally: 1},
		Outcomes: map[string]int{"adopted": 3, "vetoed": 1, "failed": 1, "vetoed_or_failed": 0, "undecided": 0},
		Changed: []votes.ChangedVote{
			{ID: "S-3", Date: "2024-11-20", Title: title, Outcome: votes.Vetoed, Under: "adopted", Tally: events[2].Tally, VetoedBy: []votes.Code{"USA"},
				Reason: "14 in favour, 9 required; a permanent member voted against: United States, and it takes 2"},
			{ID: "S-2", Date: "1972-09-10", Outcome: votes.Vetoed, Under: "adopted", VetoedBy: []votes.Code{"USA"},
				Reason: "at least 9 in favour, as it was vetoed, 9 required; a permanent member voted against: United States, and it takes 2"},
		}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("two vetoes (-want +got):\n%s", diff)
	}
	large := historyOf(votes.RuleCouncil25, events)
	// S-1 and S-2 fail or are vetoed, S-3 is vetoed, S-4 has fifteen, S-5 depends.
	if diff := gocmp.Diff(map[string]int{"adopted": 1, "vetoed": 1, "failed": 0, "vetoed_or_failed": 2, "undecided": 1}, large.Outcomes); diff != "" {
		t.Errorf("Council of 25 (-want +got):\n%s", diff)
	}
	if len(large.Changed) != 1 || large.Changed[0].ID != "S-5" || large.Changed[0].Under != "" || large.Undecided != 1 || large.WouldFail != 3 {
		t.Errorf("Council of 25: %+v", large)
	}
}

// On the whole published record: the Charter's rule finds what Decide found,
// the sums hold, and each rule turns what its text says and nothing else.
func TestRulesOnTheRecord(t *testing.T) {
	events := publishedEvents(t)
	byID := map[string]votes.Event{}
	vetoed, alone := 0, 0
	for _, e := range events {
		byID[e.ID] = e
		if e.Outcome == votes.Vetoed && len(e.VetoedBy) > 0 {
			vetoed++
			alone += map[bool]int{true: 1}[len(e.VetoedBy) == 1]
		}
	}
	histories := map[votes.Rule]votes.RuleHistory{}
	for _, rule := range votes.Rules {
		h := historyOf(rule.Rule, events)
		histories[rule.Rule] = h
		left, outcomes := 0, 0
		for _, n := range h.Excluded {
			left += n
		}
		for _, n := range h.Outcomes {
			outcomes += n
		}
		if h.Considered+left != len(events) || h.WouldPass+h.WouldFail+h.Undecided != h.Considered || outcomes != h.Considered || h.Unchanged+len(h.Changed) != h.Considered {
			t.Errorf("%s: of %d votes %d considered, %d left out; %d pass, %d fail, %d undecided; %d unchanged, %d changed", rule.Rule,
				len(events), h.Considered, left, h.WouldPass, h.WouldFail, h.Undecided, h.Unchanged, len(h.Changed))
		}
		if !slices.IsSortedFunc(h.Changed, func(a, b votes.ChangedVote) int { return cmp.Compare(b.Date, a.Date) }) {
			t.Errorf("%s: not the newest first", rule.Rule)
		}
		for _, c := range h.Changed {
			if e := byID[c.ID]; rule.Rule != votes.RuleCouncil25 && e.Outcome != votes.Vetoed {
				t.Errorf("%s turns %s, which was %s", rule.Rule, c.ID, e.Outcome)
			}
		}
	}
	if vetoed < 200 || alone < 150 {
		t.Fatalf("only %d vetoed, %d by one member", vetoed, alone)
	}
	holdsPage(t, histories)
	charter, two, none := histories[votes.RuleCharter], histories[votes.RuleTwoVetoes], histories[votes.RuleNoVeto]
	if len(charter.Changed) > 0 || charter.Undecided > 0 || charter.Outcomes["vetoed"] != vetoed {
		t.Errorf("the Charter's rule turns %v; %d undecided, %d vetoed", charter.Changed, charter.Undecided, charter.Outcomes["vetoed"])
	}
	if len(two.Changed) != alone || two.Outcomes["vetoed"] != vetoed-alone {
		t.Errorf("two vetoes turn %d, %d stay vetoed; %d of %d were of one member", len(two.Changed), two.Outcomes["vetoed"], alone, vetoed)
	}
	if len(none.Changed) != vetoed || none.Outcomes["vetoed"] != 0 || none.WouldPass != charter.WouldPass+vetoed {
		t.Errorf("no veto turns %d of %d, and leaves %d", len(none.Changed), vetoed, none.Outcomes["vetoed"])
	}
	if atrocity := histories[votes.RuleNoVetoMassAtrocity]; atrocity.Undecided != vetoed {
		t.Errorf("which proposals were against mass atrocities is not recorded, but %d of %d are decided", vetoed-atrocity.Undecided, vetoed)
	}
}

// holdsPage holds the counts of docs/whatif.md against the record.
func holdsPage(t *testing.T, histories map[votes.Rule]votes.RuleHistory) {
	t.Helper()
	page, err := os.ReadFile("../docs/whatif.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([\\d,]+) \\| ([\\d,]+) \\| ([\\d,]+) \\| ([\\d,]+) \\|$").
		FindAllStringSubmatch(strings.ReplaceAll(string(page), ",", ""), -1)
	if len(rows) != len(votes.Rules) {
		t.Errorf("docs/whatif.md has counts of %d rules, there are %d", len(rows), len(votes.Rules))
	}
	for _, row := range rows {
		h := histories[votes.Rule(row[1])]
		want := fmt.Sprint(h.WouldPass, h.WouldFail, h.Undecided, len(h.Changed))
		if got := strings.Join(row[2:], " "); got != want {
			t.Errorf("docs/whatif.md says of %s: %s; the record says %s", row[1], got, want)
		}
	}
}

// A history under the Charter's rule finds each outcome of the record again.
func TestCharterIsDecide(t *testing.T) {
	seen := 0
	for _, e := range publishedEvents(t) {
		h := historyOf(votes.RuleCharter, []votes.Event{e})
		if h.Considered == 0 {
			continue
		}
		seen++
		if h.Outcomes[string(e.Outcome)] != 1 {
			t.Errorf("%s is %s, by the rule %v", e.ID, e.Outcome, h.Outcomes)
		}
	}
	if seen < 2500 {
		t.Errorf("only %d votes", seen)
	}
}
