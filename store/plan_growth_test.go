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
	r.exec(t, `SET enable_seqscan = off`) // a table as small as this is read through faster
	asked := o.take()
	if len(asked) != 1 {
		t.Fatalf("%d statements", len(asked))
	}
	plan := strings.Join(r.list(t, `EXPLAIN `+asked[0].sql, asked[0].args...), "\n")
	for _, index := range indexes {
		if !strings.Contains(plan, index) {
			t.Errorf("no use for %s:\n%s", index, plan)
		}
	}
}

// The few votes on procedure are found without looking at the others.
func TestPlanOfVotesOnProcedure(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	if _, err := s.Items(t.Context(), parseFilter(t, "procedural=true"), votes.PageRequest{Limit: 50}); err != nil {
		t.Fatal(err)
	}
	r.uses(t, o, "resolutions_on_procedure")
}

// Of a filter of which one value chooses nearly all and another nothing, no plan
// fits every value; the others are prepared once.
func TestUnevenListsArePlannedEachTime(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	s, o := r.overheard(t)
	for query, want := range map[string]bool{"": false, "outcome=vetoed": false, "year=2024": false, "sponsor=USA": false,
		"voted=FRA:any": true, "vetoed_by=USA": true, "q=situation": true} {
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
