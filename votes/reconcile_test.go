package votes

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// from makes account a sound, checked one of a source.
func from(t testing.TB, name, format, edition string, change func(*Account)) *Account {
	t.Helper()
	a := account(t, func(a *Account) {
		vetoed(a)
		a.Stated = StatedNothing
		a.Source = Source{Name: name, Format: format, Edition: edition, Line: 10}
		if change != nil {
			change(a)
		}
	})
	if Check(a); !a.Sound() {
		t.Fatalf("%s: %v", name, a.Problems)
	}
	return a
}

func tallied(yes, no, abstain int, vetoedBy ...Code) func(*Account) {
	return func(a *Account) {
		a.Votes, a.Tally, a.VetoedBy = nil, &Tally{Yes: yes, No: no, Abstain: abstain}, vetoedBy
	}
}

// seven accounts of one vote that agree on little.
func seven(t testing.TB) []*Account {
	t.Helper()
	return []*Account{
		from(t, "starter", "scvotes", "2026-11-23", func(a *Account) { a.Title, a.Sponsors = "Ceasefire", []Sponsor{{"DZA", "Algeria"}} }),
		from(t, "library", "undl", "2026-02-06", func(a *Account) { set(a, "GBR", Abstain); a.Topic = "Gaza" }),
		from(t, "library", "undl", "2025-01-01", func(a *Account) { a.Region = "Middle East" }),
		from(t, "sheet", "draft-sheet", "", func(a *Account) { a.Meeting, a.Date, a.Title = "", "2024-11-21", "Another title" }),
		from(t, "sheet", "draft-sheet", "", func(a *Account) { a.Line, a.Key, a.Votes = 25, "2", without(a.Votes, "GUY") }),
		from(t, "tallies", "draft-sheet", "", tallied(13, 1, 1, "USA")),
		from(t, "veto list", "draft-sheet", "", func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} }),
	}
}

func TestReconcileDoesNotDependOnTheOrder(t *testing.T) {
	accounts := append(seven(t),
		&Account{ID: "S-2024-835", Draft: "S/2024/835", Source: Source{Name: "statements", Format: "statements"}, Statements: []Statement{
			{Speaker: "Robert Wood", For: "USA", Date: "2024-11-20", Text: "No."}, {Speaker: "Amar Bendjama", For: "DZA", Date: "2024-11-20", Text: "Yes."}}},
		&Account{ID: "S-2024-835", Draft: "S/2024/835", Source: Source{Name: "more statements", Format: "statements"}, Statements: []Statement{
			{Speaker: "Robert Wood", For: "USA", Date: "2024-11-20", Text: "No."}}},
	)
	before, err := json.Marshal(accounts)
	if err != nil {
		t.Fatal(err)
	}
	want, discrepancies := Reconcile(accounts, nil)
	if diff := cmp.Diff(want.Discrepancies, discrepancies); diff != "" {
		t.Errorf("two lists of discrepancies:\n%s", diff)
	}
	if n := len(want.Detail.Statements); n != 2 {
		t.Errorf("%d statements, want 2, the one that two sources have once", n)
	}
	if len(want.Detail.Sources) != len(accounts) {
		t.Errorf("%d sources of %d accounts", len(want.Detail.Sources), len(accounts))
	}
	random := rand.New(rand.NewPCG(1946, 2026))
	for range 500 {
		shuffled := slices.Clone(accounts)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got, _ := Reconcile(shuffled, nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
	}
	if after, err := json.Marshal(accounts); err != nil || string(after) != string(before) {
		t.Errorf("the accounts were changed (%v):\n%s", err, after)
	}
}

// For the votes a whole roll goes before a tally, a tally before a part of a
// roll, then the checked record before the library and the library before a
// sheet. For any other field it does not matter how much of the roll is told.
func TestReconcileRanks(t *testing.T) {
	// Each list is in the order of belief.
	bad := from(t, "a", "scvotes", "", nil)
	bad.Problems = []Problem{{Kind: KindTally, Severity: Serious}}
	words := &Account{Source: Source{Name: "a", Format: "scvotes-statements"}}
	cases := map[string][]*Account{
		"votes: how much is told": {
			from(t, "z", "draft-sheet", "", nil),
			from(t, "z", "scvotes", "", func(a *Account) { a.Meeting = ""; tallied(14, 1, 0, "USA")(a) }),
			from(t, "a", "scvotes", "", func(a *Account) { a.Votes = without(a.Votes, "GUY") }),
			from(t, "a", "scvotes", "", func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} }),
		},
		"title: how much is told is no matter": {
			from(t, "a", "scvotes", "", tallied(14, 1, 0, "USA")), from(t, "z", "draft-sheet", "", nil)},
		"topic: the sheet was made for it":    {from(t, "z", "scvotes", "", nil), from(t, "a", "draft-sheet", "", nil), from(t, "a", "undl", "", nil)},
		"region: the sheet was made for it":   {from(t, "a", "draft-sheet", "", nil), from(t, "a", "undl", "", nil)},
		"votes: one that contradicts is last": {from(t, "z", "draft-sheet", "", tallied(14, 1, 0, "USA")), bad},
		"title: one that contradicts is last": {from(t, "z", "draft-sheet", "", nil), bad},
		"votes: but before words of no vote":  {bad, words},
		"meeting: every format": {from(t, "a", "scvotes", "", nil), from(t, "a", "undl", "", nil), from(t, "a", "dppa-vetoes", "", nil),
			from(t, "a", "un-vetoes", "", nil), from(t, "a", "un-outcomes", "", nil), from(t, "a", "draft-sheet", "", nil)},
		"votes: who tells it":     {from(t, "z", "scvotes", "", nil), from(t, "y", "undl", "", nil), from(t, "x", "draft-sheet", "", nil)},
		"votes: the newer one":    {from(t, "a", "undl", "2026-02-06", nil), from(t, "a", "undl", "2025-01-01", nil)},
		"votes: the first line":   {from(t, "a", "undl", "", func(a *Account) { a.Line = 2 }), from(t, "a", "undl", "", func(a *Account) { a.Line = 17 })},
		"votes: without a vote":   {from(t, "a", "undl", "", consensus), from(t, "a", "scvotes", "", tallied(14, 1, 0, "USA"))},
		"votes: of other formats": {from(t, "b", "one", "", nil), from(t, "a", "two", "", nil)},
		"votes: the name at last": {from(t, "a", "undl", "", nil), from(t, "b", "undl", "", nil)},
	}
	for name, list := range cases {
		field, _, _ := strings.Cut(name, ":")
		by := byRank(field)
		for i := range list {
			for j := range i {
				if by(list[j], list[i]) >= 0 || by(list[i], list[j]) <= 0 {
					t.Errorf("%s: account %d does not go before account %d", name, j, i)
				}
			}
		}
	}
}

// consensus makes it an account of S/RES/963 (1994).
func consensus(a *Account) {
	a.Draft, a.Resolution, a.Meeting, a.Date = "", "S/RES/963 (1994)", "S/PV.3469", "1994-12-07"
	a.Votes, a.NoVote, a.Stated = nil, true, StatedNoVote
}

func TestReconcileTakesEachFieldFromTheFirstThatHasIt(t *testing.T) {
	r, _ := Reconcile(seven(t), nil)
	council, _ := CouncilOn("2024-11-20")
	want := Resolution{
		ID: "S-2024-835", Draft: "S/2024/835", Meeting: "S/PV.9790", Date: "2024-11-20", Kind: DraftResolution,
		Title: "Ceasefire", Topic: "Gaza", Region: "Middle East",
		Outcome: Vetoed, Reason: "14 in favour, 9 required; a permanent member voted against: United States",
		Tally:    &Tally{Yes: 14, No: 1, Members: 15, Required: 9},
		RollCall: RollComplete, VetoedBy: []Code{"USA"}, CarriedButForVeto: true,
		Sponsors: []Sponsor{{"DZA", "Algeria"}},
		Links:    Links{Draft: "https://undocs.org/S/2024/835", Meeting: "https://undocs.org/S/PV.9790"},
		Detail:   r.Detail, Discrepancies: r.Discrepancies, Provenance: r.Provenance,
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	usa := MemberVote{Code: "USA", Seat: "USA", Name: "United States", Permanent: true, Position: No, Veto: true}
	if v := r.Detail.Votes; len(v) != len(council.Seats) || v[4] != usa {
		t.Errorf("roll %v, want %v fifth", v, usa)
	}
}

func TestReconcileSaysHowMuchOfTheRollIsKnown(t *testing.T) {
	cases := []struct {
		change func(*Account)
		want   RollCall
		votes  int
	}{
		{nil, RollComplete, 15},
		{func(a *Account) { a.Votes = without(a.Votes, "GUY") }, RollPartial, 14},
		{tallied(14, 1, 0, "USA"), RollTallyOnly, 0},
		{func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} }, RollTallyOnly, 0},
		{consensus, RollNone, 0},
		{func(a *Account) { consensus(a); a.Votes = []Vote{{"FRA", Yes}} }, RollNone, 0},
		{func(a *Account) { a.Votes, a.Stated = nil, StatedWithdrawn }, RollNone, 0},
	}
	for i, tt := range cases {
		r, _ := Reconcile([]*Account{from(t, "a", "undl", "", tt.change)}, nil)
		if r.RollCall != tt.want || len(r.Detail.Votes) != tt.votes {
			t.Errorf("case %d: %q with %d positions; want %q with %d", i, r.RollCall, len(r.Detail.Votes), tt.want, tt.votes)
		}
	}
}

// Who vetoed may be known from one source, and the tally from another.
func TestReconcileJoinsTallyAndVeto(t *testing.T) {
	r, _ := Reconcile([]*Account{
		from(t, "table", "scvotes", "", func(a *Account) { a.Kind = OtherProposal; tallied(10, 5, 0)(a) }),
		from(t, "veto list", "draft-sheet", "", func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"GBR", "USA"} }),
	}, nil)
	if r.Outcome != Vetoed || r.Tally.String() != "10-5-0" || !slices.Equal(r.VetoedBy, []Code{"GBR", "USA"}) {
		t.Errorf("%+v", r)
	}
	if len(r.Discrepancies) > 0 {
		t.Errorf("a table that does not say who voted against does not contradict: %v", r.Discrepancies)
	}
}

func TestReconcileNeedsAVote(t *testing.T) {
	for _, list := range [][]*Account{nil, {{ID: "S-2024-835", Statements: []Statement{{Speaker: "Robert Wood"}}}}} {
		if r, d := Reconcile(list, nil); r.ID != "" || len(d) > 0 {
			t.Errorf("%d accounts: %+v, %v", len(list), r, d)
		}
	}
}
