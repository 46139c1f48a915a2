package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// adrift are votes that two sources know by different symbols, until an editor
// finds that they are one, and the second symbol leaves the record.
var adrift = []drifting{
	{"S/2025/880", "S/2025/990", "2025-06-14"}, {"S/78", "S/77", "1946-06-14"}, {"S/2016/880", "S/2016/990", "2016-06-14"},
	{"S/887", "S/997", "1948-06-14"}, {"S/2006/880", "S/2006/990", "2006-06-14"}, {"S/9887", "S/9997", "1970-06-14"},
	{"S/19887", "S/19997", "1988-06-14"},
}

type drifting struct {
	kept, gone string
	day        votes.Date
}

func idOf(draft string) string { return strings.ReplaceAll(draft, "/", "-") }

// changing is a record that changes while it is walked through.
type changing struct {
	record
	sort    votes.Sort
	before  []string                    // ids in their order, as it began
	seen    []string                    // as they came
	deleted map[string]int              // on the way, with how many had been seen
	moved   map[string]bool             // to the end, in the order of changes
	landed  map[string]votes.Resolution // on the way, with the place that was reached
}

// A walk in any order, while new votes land before, behind and beside the place
// that was reached, some votes are changed and others deleted. Whatever was
// there all the time and kept its place is seen once, in its order.
func TestPagingWhileTheRecordChanges(t *testing.T) {
	t.Parallel()
	for _, sort := range votes.Sorts {
		t.Run(string(sort), func(t *testing.T) {
			t.Parallel()
			var f votes.Filter
			if sort == votes.SortRelevance {
				f = parseFilter(t, "q=situation*")
			}
			c := changing{record: newRecord(t), sort: sort, deleted: map[string]int{}, moved: map[string]bool{}, landed: map[string]votes.Resolution{}}
			c.loadStarter(t)
			one, other := header, header
			for _, a := range adrift {
				rest := fmt.Sprintf(",,,%s,The situation in question,,,,,%s,\n", a.day, tallyOf(a.day, 3))
				one, other = one+a.kept+rest, other+a.gone+rest
			}
			c.land(t, csvFile("one.csv", one).from("one", ""), store.ImportOptions{})
			c.land(t, csvFile("other.csv", other).from("another", ""), store.ImportOptions{})
			walk(t, c.record, f, votes.PageRequest{Limit: 200, Sort: sort}, func(_ int, page votes.Page) { c.before = append(c.before, ids(page.Data)...) })
			if len(c.before) < 60 {
				t.Fatalf("only %d to walk through", len(c.before))
			}
			every := len(c.before)/7/len(adrift) + 1
			walk(t, c.record, f, votes.PageRequest{Limit: 7, Sort: sort}, func(n int, page votes.Page) {
				c.seen = append(c.seen, ids(page.Data)...)
				if round := n / every; n%every == 0 && page.Next != nil && round < len(adrift) {
					c.change(t, round, page.Data[len(page.Data)-1])
				}
			})
			c.check(t)
		})
	}
}

// tallyOf is a vote that failed by so many votes.
func tallyOf(day votes.Date, by int) string {
	members, required := 15, 9
	if day < "1966-01-01" {
		members, required = 11, 7
	}
	yes := max(required-by, 0)
	return fmt.Sprintf("%d-1-%d", yes, members-yes-1)
}

// change lands, edits and deletes when the place of last has been reached.
func (c *changing) change(t *testing.T, round int, last votes.Resolution) {
	t.Helper()
	text := header
	var landed []string
	for _, a := range []struct {
		draft string
		day   votes.Date
		by    int
	}{
		{"S/%d/1000%d", last.Date, closeness(last)}, // of the same day and as close, so that the id decides
		{"S/%d/9999%d", last.Date, closeness(last)},
		{"S/%d/5555%d", "2025-06-20", 1},
		{"S/%d/5555%d", "1950-06-20", 7},
	} {
		draft := fmt.Sprintf(a.draft, a.day.Year(), round)
		if a.day.Year() < 1994 {
			draft = strings.Replace(draft, fmt.Sprintf("/%d", a.day.Year()), "", 1)
		}
		text += fmt.Sprintf("%s,,,%s,A question,,,,,%s,\n", draft, a.day, tallyOf(a.day, a.by))
		landed = append(landed, idOf(draft))
	}
	c.land(t, csvFile("more.csv", text), store.ImportOptions{})
	for _, id := range landed {
		if _, known := c.landed[id]; known || slices.Contains(c.before, id) {
			t.Fatalf("%s was there already: the test wants another symbol", id)
		}
		c.landed[id] = last
	}
	gone, kept := idOf(adrift[round].gone), idOf(adrift[round].kept)
	edits := []votes.Edit{decide(gone, votes.EditMerge, kept)}
	c.deleted[gone], c.moved[kept] = len(c.seen), true
	for _, id := range []string{c.before[round], c.before[len(c.before)-2-round]} {
		if slices.ContainsFunc(adrift, func(a drifting) bool { return idOf(a.gone) == id }) {
			continue // it is deleted in this round or another
		}
		edits = append(edits, decide(id, "note", fmt.Sprint("changed in round ", round)))
		c.moved[id] = true
	}
	c.edit(t, edits...)
}

// check holds what was seen against what was there.
func (c *changing) check(t *testing.T) {
	t.Helper()
	count := make(map[string]int)
	for _, id := range c.seen {
		count[id]++
	}
	steady := func(id string) bool {
		_, deleted := c.deleted[id]
		return !deleted && c.landed[id].ID == "" && (c.sort != votes.SortRevision || !c.moved[id])
	}
	without := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(id string) bool { return !steady(id) })
	}
	if want, got := without(c.before), without(c.seen); !slices.Equal(want, got) {
		t.Errorf("of %d that kept their places %d were seen, or in another order:\n%s", len(want), len(got), firstLines(cmp.Diff(want, got), 30))
	}
	behind := 0
	for id, last := range c.landed {
		if c.sort == votes.SortRelevance {
			continue // its place is for the words to tell
		}
		want := 0
		if orders[c.sort](last, *c.resolution(t, id)) < 0 {
			want = 1
			behind++
		}
		if count[id] != want {
			t.Errorf("%s landed when %s of %s had been reached: seen %d times, want %d", id, last.ID, last.Date, count[id], want)
		}
	}
	all := behind == len(c.landed) && c.sort != votes.SortRevision
	if c.sort != votes.SortRelevance && (behind == 0 || all) {
		t.Errorf("%d of %d landed behind the place: the test tells nothing", behind, len(c.landed))
	}
	for id, seen := range c.deleted {
		if slices.Contains(c.seen[seen:], id) {
			t.Errorf("%s was deleted and came after that", id)
		}
	}
	if c.sort != votes.SortRevision {
		return
	}
	place := make(map[string]int) // the last one
	end := 0
	for i, id := range c.seen {
		if place[id] = i; steady(id) {
			end = i
		}
	}
	for id := range c.moved {
		if place[id] <= end {
			t.Errorf("%s was changed, and not seen behind all that was not", id)
		}
	}
}

// follower keeps a copy of the record as a client would: it asks for what
// changed since the last answer, page by page, and drops what was deleted.
type follower struct {
	since   int64
	copy    map[string]votes.Resolution
	deleted []votes.Removed // of the last round
	read    int             // in the last round
}

// follow goes one round; between is called after each page but the last.
func (f *follower) follow(t *testing.T, r record, between func()) {
	t.Helper()
	f.read = 0
	var revision int64
	walk(t, r, votes.Filter{ChangedSince: &f.since}, votes.PageRequest{Limit: 7, Sort: votes.SortRevision, Detail: true}, func(_ int, page votes.Page) {
		f.read += len(page.Data)
		for _, res := range page.Data {
			f.copy[res.ID] = res
		}
		for _, d := range page.Deleted {
			delete(f.copy, d.ID)
		}
		if page.Deleted == nil {
			t.Error("a page since a revision tells nothing of what was deleted, not even that nothing was")
		}
		revision, f.deleted = page.Revision, page.Deleted
		if page.Next != nil && between != nil {
			between()
		}
	})
	f.since = revision
}

// Whoever follows the changes ends with the record, though it goes on changing
// under the hand: new ids, other contents, merges, and ids that come back.
func TestFollowingTheChanges(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	c := follower{copy: make(map[string]votes.Resolution)}
	same := func(when string) {
		t.Helper()
		c.follow(t, r, nil)
		want := make(map[string]votes.Resolution)
		for _, res := range r.all(t) {
			want[res.ID] = *res
		}
		if diff := cmp.Diff(want, c.copy); diff != "" {
			t.Errorf("%s (-record +copy):\n%s", when, firstLines(diff, 30))
		}
		if revision, err := r.Revision(t.Context()); err != nil || c.since != revision.Number {
			t.Errorf("%s: the copy is of revision %d, the record of %d, %v", when, c.since, revision.Number, err)
		}
	}
	same("before anything")
	r.land(t, csvFile("a.csv", header+somalia+sudan+gaza).from("A", ""), store.ImportOptions{})
	apart := strings.Replace(strings.Replace(gaza, "S/2024/835", "S/2024/853", 1), "S/PV.9790", "", 1)
	var merged []votes.Edit
	steps := []func(){
		func() { r.land(t, csvFile("b.csv", header+apart+sudan2).from("B", ""), store.ImportOptions{}) },
		func() {
			var err error
			if merged, _, err = r.Edit(t.Context(), []votes.Edit{decide("S-2024-853", votes.EditMerge, "S-2024-835")}); err != nil {
				t.Fatal(err)
			}
		},
		func() { r.edit(t, decide("S-RES-2753-2024", "topic", "Somalia, once more")) },
		func() { r.edit(t, decide("S-2024-853", votes.EditUndo, fmt.Sprint(merged[0].Number))) },
		func() { r.land(t, csvFile("c.csv", header+tallied).from("C", ""), store.ImportOptions{}) },
	}
	c.follow(t, r, nil)
	r.land(t, starterResolutions(), store.ImportOptions{})
	c.follow(t, r, func() { // 61 pages, with a change after each of the first
		if len(steps) > 0 {
			steps[0]()
			steps = steps[1:]
		}
	})
	same("after a round in which everything changed")

	c.follow(t, r, nil)
	if c.read != 0 || len(c.deleted) != 0 {
		t.Errorf("%d read and %d deleted, though nothing changed", c.read, len(c.deleted))
	}
	revision := r.edit(t, decide("S-2024-853", votes.EditMerge, "S-2024-835"))
	same("after a merge")
	if c.read != 1 || !slices.Equal(c.deleted, []votes.Removed{{ID: "S-2024-853", Revision: revision}}) {
		t.Errorf("%d read, deleted %v; want the merged one read and S-2024-853 deleted at %d", c.read, c.deleted, revision)
	}
	r.edit(t, decide("S-RES-2753-2024", "topic", "Somalia"))
	same("after an edit")
	if c.read != 1 || len(c.deleted) != 0 {
		t.Errorf("%d read, deleted %v; want one read: the deletion was told before", c.read, c.deleted)
	}
	// Deletions are told whatever else is asked for, for the client may hold the id.
	page, err := r.Resolutions(t.Context(), votes.Filter{ChangedSince: new(int64(0)), Outcome: []votes.Outcome{votes.Failed}}, votes.PageRequest{Limit: 7})
	if err != nil || !slices.Equal(page.Deleted, []votes.Removed{{ID: "S-2024-853", Revision: revision}}) {
		t.Errorf("deleted %v, %v", page.Deleted, err)
	}
	page, err = r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{Limit: 7})
	if err != nil || page.Deleted != nil {
		t.Errorf("deleted %v, %v; want nothing told where it is not asked", page.Deleted, err)
	}
}
