package votes_test

import (
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
)

func cohesion(groups []votes.MemberGroup, by votes.Period, events ...votes.Event) votes.Cohesion {
	c := votes.NewCohesion(groups, by)
	for _, e := range events {
		c.Add(e)
	}
	return c.Result()
}

func groupsOf(t testing.TB, names ...string) []votes.MemberGroup {
	var list []votes.MemberGroup
	for _, name := range names {
		list = append(list, votes.MemberGroup{Name: name, Members: members(t, name)})
	}
	return list
}

// The index of one vote at a time, worked out by hand.
func TestCohesionByHand(t *testing.T) {
	three := threeVotes(t)
	cases := []struct {
		group  string
		event  votes.Event
		index  float64
		united float64
	}{
		{"P5", three[0], .4, 0},   // 3-1-1: (3 - 1) / 5
		{"E10", three[0], .25, 0}, // 5-1-4: (5 - 2.5) / 10
		{"P5", three[1], .4, 0},   // 3-1-1
		{"E10", three[1], .7, 0},  // 8-0-2: (8 - 1) / 10
		{"P5", three[2], .7, 0},   // 4-1-0: (4 - 0.5) / 5
		{"E10", three[2], 1, 1},
		{"P3", three[1], 1, 1},
		{"RUS,USA", three[1], .25, 0}, // 1-1-0: of two members, apart is 0.25
		{"USA,RUS,CHN", three[1], 0, 0},
		{"all", three[2], 14.0/15 - .5/15, 0},
		// Who takes no part is left out of the vote, not counted as another position.
		{"P5", vote(t, "S-RES-333", "1973-05-22", "CHN:not_participating"), 1, 1},
	}
	for _, tt := range cases {
		r := cohesion(groupsOf(t, tt.group), votes.WholeTime, tt.event)
		row := r.Rows[0]
		if len(r.Rows) != 1 || row.Group != tt.group || row.N != 1 || row.LeftOut != 0 || !near(row.Index, &tt.index) || !near(row.United, &tt.united) {
			t.Errorf("%s in %s: index %s, united %s, %+v; want %.3f and %.0f", tt.group, tt.event.ID, show(row.Index), show(row.United), r, tt.index, tt.united)
		}
	}
}

func TestCohesionLeavesOut(t *testing.T) {
	list := threeVotes(t)
	want := map[votes.Exclusion]int{}
	for why, e := range unvoted(t) {
		list = append(list, e)
		want[why] = 1
	}
	r := cohesion(groupsOf(t, "USA", "CHN,ALB", "P5"), votes.WholeTime, list...)
	if diff := gocmp.Diff(want, r.Excluded); diff != "" || r.Events != 3 {
		t.Errorf("%d votes counted (-want +got excluded):\n%s", r.Events, diff)
	}
	// One member alone is no group; Albania sat in one of the three years.
	for i, n := range []int{0, 1, 3} {
		if row := r.Rows[i]; row.N != n || row.LeftOut != 3-n || (row.Index == nil) != (n == 0) || (row.United == nil) != (n == 0) {
			t.Errorf("%+v, want %d of three votes", row, n)
		}
	}
	inJSON(t, r, "rows")
}

func TestCohesionWithoutVotes(t *testing.T) {
	r := cohesion(groupsOf(t, "P5"), votes.WholeTime)
	want := `"rows":[{"group":"P5","key":null,"n":0,"left_out":0,"index":null,"united":null}]`
	if text := inJSON(t, r, "rows"); !strings.Contains(text, want) {
		t.Errorf("%s lacks %s", text, want)
	}
	if r := cohesion(groupsOf(t, "P5"), votes.ByYear); len(r.Rows) != 0 {
		t.Errorf("by year: %+v", r)
	}
	inJSON(t, cohesion(nil, votes.WholeTime), "rows")
}

func TestCohesionOnTheRecord(t *testing.T) {
	names := []string{"P5", "E10", "african", "western_european_others,USA", "CHN,SUN", "all"}
	records(t, func(t *testing.T, events []votes.Event) {
		for _, by := range []votes.Period{votes.WholeTime, votes.ByYear, votes.ByDecade} {
			got := cohesion(groupsOf(t, names...), by, events...)
			if added(got.Events, got.Excluded) != len(events) {
				t.Errorf("by %q: %d votes counted and %v left out, of %d", by, got.Events, got.Excluded, len(events))
			}
			keys := map[votes.Text]int{} // votes of each period
			for _, e := range events {
				if usable(e) {
					keys[periodOf(by, e)]++
				}
			}
			if len(got.Rows) != len(names)*len(keys) {
				t.Errorf("by %q: %d rows of %d groups and %d periods", by, len(got.Rows), len(names), len(keys))
			}
			for _, row := range got.Rows {
				name := row.Group
				if name == "all" {
					name = ""
				}
				indices, united := slowCohesion(name, by, row.Key, events)
				sum := 0.0
				for _, x := range indices {
					sum += x
				}
				if row.N != len(indices) || row.N+row.LeftOut != keys[row.Key] ||
					!near(row.Index, ratio(sum, len(indices))) || !near(row.United, ratio(float64(united), len(indices))) {
					t.Errorf("by %q: %+v, index %s; want %s over %d votes, %d united", by, row, show(row.Index), show(ratio(sum, len(indices))), len(indices), united)
				}
			}
		}
	})
}

// slowCohesion is the reference: the index of each vote in which two of the
// group took part, and in how many of them the group was united.
func slowCohesion(list string, by votes.Period, key votes.Text, events []votes.Event) (indices []float64, united int) {
	for _, e := range events {
		if !usable(e) || periodOf(by, e) != key {
			continue
		}
		counts := map[votes.Position]float64{votes.Yes: 0, votes.No: 0, votes.Abstain: 0}
		all := 0.0
		for seat, p := range took(e) {
			if inList(list, seat, e.Date) {
				counts[p]++
				all++
			}
		}
		if all < 2 {
			continue
		}
		most := slices.Max([]float64{counts[votes.Yes], counts[votes.No], counts[votes.Abstain]})
		indices = append(indices, (most-(all-most)/2)/all)
		if most == all {
			united++
		}
	}
	return indices, united
}
