package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// What every source says of one resolution is found without reading the accounts
// of all others, those that a newer edition took the place of among them.
func TestPlanOfAccounts(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	if _, err := s.Accounts(t.Context(), "S-2024-835"); err != nil {
		t.Fatal(err)
	}
	r.uses(t, o, "accounts_current_by_resolution", "accounts_replaced_by_resolution")
}

// uses holds the one statement that was asked to the indexes it is meant to use.
func (r record) uses(t *testing.T, o *overhearing, indexes ...string) {
	t.Helper()
	plan := strings.Join(r.explained(t, o, ""), "\n")
	for _, index := range indexes {
		if !strings.Contains(plan, index) {
			t.Errorf("no use for %s:\n%s", index, plan)
		}
	}
}

// explained is the plan of the one statement that was asked, line by line.
func (r record) explained(t *testing.T, o *overhearing, how string) []string {
	t.Helper()
	r.exec(t, `SET enable_seqscan = off`) // a table as small as this is read through faster
	asked := o.take()
	if len(asked) != 1 {
		t.Fatalf("%d statements", len(asked))
	}
	return r.list(t, `EXPLAIN `+how+asked[0].sql, asked[0].args...)
}

// What the index of days tells is counted and found in it alone, however few
// there are; a region is by an index of its own. Each is counted, then listed.
func TestPlansThatLookAtNoOthers(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	r.exec(t, `VACUUM ANALYZE resolutions`) // what was just written is looked at to know whether it counts
	s, o := r.overheard(t)
	for query, want := range map[string][]string{
		"kind=amendment":                {"Index Only Scan using resolutions_by_date", "Index Only Scan using resolutions_by_date"},
		"adopted_by=no_vote":            {"Index Only Scan using resolutions_by_date", "Index Only Scan using resolutions_by_date"},
		"roll_call=tally_only":          {"Index Only Scan using resolutions_by_date", "Index Only Scan using resolutions_by_date"},
		"against_min=5":                 {"Index Only Scan using resolutions_by_date", "Index Only Scan using resolutions_by_date"},
		"roll_call=disputed&year=1995":  {"Index Only Scan using resolutions_by_date", "Index Only Scan using resolutions_by_date"},
		"outcome=vetoed&kind=amendment": {"Index Only Scan using resolutions_by_date"}, // listed by the outcome where that is rarer
		"procedural=false":              {"Index Only Scan using resolutions_by_date", "Index Scan using resolutions_by_date"},
		"region=africa":                 {"Index Scan using resolutions_by_region", "resolutions_by_region"},
	} {
		if _, err := s.Items(t.Context(), parseFilter(t, query), votes.PageRequest{Limit: 5}); err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(r.explained(t, o, ""), "\n")
		for _, scan := range want {
			if rest, ok := cutOut(plan, scan+" "); ok {
				plan = rest
				continue
			}
			t.Errorf("%s: no %s in:\n%s", query, scan, plan)
		}
	}
}

func cutOut(text, part string) (string, bool) {
	before, after, ok := strings.Cut(text, part)
	return before + after, ok
}

// A list that is empty is known to be so as soon as it is counted: no page is
// looked for, which would take as long as to read all there is.
func TestPlanOfAnEmptyList(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	looks := func() (n int) {
		t.Helper()
		page, err := s.Items(t.Context(), parseFilter(t, "kind=oral_proposal"), votes.PageRequest{Limit: 50})
		if err != nil || page.Total != 0 || len(page.Data) != 0 || page.Revision == 0 {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, line := range r.explained(t, o, "(ANALYZE, COSTS OFF, TIMING OFF) ") {
			if strings.Contains(line, " on resolutions ") && !strings.Contains(line, "never executed") {
				n++
			}
		}
		return n
	}
	if n := looks(); n != 1 {
		t.Errorf("counted and listed by %d looks at the resolutions, want 1", n)
	}
	if n := looks(); n != 0 {
		t.Errorf("what is known to be empty takes %d looks at the resolutions", n)
	}
}

// The few votes on procedure are found without looking at the others, and what was
// deleted without reading all that ever changed.
func TestPlansOfWhatIsRare(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	for query, index := range map[string]string{"procedural=true": "resolutions_on_procedure", "changed_since=0": "changes_of_the_deleted"} {
		if _, err := s.Items(t.Context(), parseFilter(t, query), votes.PageRequest{Limit: 50}); err != nil {
			t.Fatal(err)
		}
		r.uses(t, o, index)
	}
}

// Of a filter of which one value chooses nearly all and another nothing, no plan
// fits every value; the others are prepared once.
func TestUnevenListsArePlannedEachTime(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	s, o := r.overheard(t)
	for query, want := range map[string]bool{"": false, "outcome=vetoed": false, "year=2024": false, "sponsor=USA": false,
		"margin=0": false, "margin=0,1": true, "voted=FRA:any": true, "vetoed_by=USA": true, "q=situation": true} {
		if _, err := s.Resolutions(t.Context(), parseFilter(t, query), votes.PageRequest{}); err != nil {
			t.Fatal(err)
		}
		asked := o.take()
		if len(asked) != 1 {
			t.Fatalf("%q asks %d statements", query, len(asked))
		}
		mode, _ := asked[0].args[0].(pgx.QueryExecMode)
		if got := mode == pgx.QueryExecModeCacheDescribe; got != want {
			t.Errorf("%q is planned each time: %t, want %t", query, got, want)
		}
	}
}
