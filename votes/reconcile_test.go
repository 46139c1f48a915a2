package votes

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
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
	if Check(a); a.Refused() {
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
	want, err := Reconcile(accounts)
	if err != nil {
		t.Fatal(err)
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
		got, err := Reconcile(shuffled)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("in another order: %v (-want +got):\n%s", err, diff)
		}
	}
	if after, err := json.Marshal(accounts); err != nil || string(after) != string(before) {
		t.Errorf("the accounts were changed (%v):\n%s", err, after)
	}
}

// A whole roll goes before a tally, a tally before a part of a roll, then the
// checked record before the library and the library before a sheet.
func TestReconcileRanks(t *testing.T) {
	// Each list is in the order of belief.
	cases := map[string][]*Account{
		"how much is told": {
			from(t, "z", "draft-sheet", "", nil),
			from(t, "z", "scvotes", "", func(a *Account) { a.Meeting = ""; tallied(14, 1, 0, "USA")(a) }),
			from(t, "a", "scvotes", "", func(a *Account) { a.Votes = without(a.Votes, "GUY") }),
			from(t, "a", "scvotes", "", func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} }),
		},
		"who tells it":     {from(t, "z", "scvotes", "", nil), from(t, "y", "undl", "", nil), from(t, "x", "draft-sheet", "", nil)},
		"the newer one":    {from(t, "a", "undl", "2026-02-06", nil), from(t, "a", "undl", "2025-01-01", nil)},
		"the first line":   {from(t, "a", "undl", "", func(a *Account) { a.Line = 2 }), from(t, "a", "undl", "", func(a *Account) { a.Line = 17 })},
		"without a vote":   {from(t, "a", "undl", "", consensus), from(t, "a", "scvotes", "", tallied(14, 1, 0, "USA"))},
		"of other formats": {from(t, "b", "one", "", nil), from(t, "a", "two", "", nil)},
		"the name at last": {from(t, "a", "undl", "", nil), from(t, "b", "undl", "", nil)},
	}
	for name, list := range cases {
		for i := range list {
			for j := range i {
				if byRank(list[j], list[i]) >= 0 || byRank(list[i], list[j]) <= 0 {
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
	r, err := Reconcile(seven(t))
	if err != nil {
		t.Fatal(err)
	}
	council, _ := CouncilOn("2024-11-20")
	want := Resolution{
		ID: "S-2024-835", Draft: "S/2024/835", Meeting: "S/PV.9790", Date: "2024-11-20", Kind: DraftResolution,
		Title: "Ceasefire", Topic: "Gaza", Region: "Middle East",
		Outcome: Vetoed, Reason: "14 in favour, 9 required; a permanent member voted against: United States",
		Tally:    &Tally{Yes: 14, No: 1, Members: 15, Required: 9},
		RollCall: RollComplete, VetoedBy: []Code{"USA"}, CarriedButForVeto: true,
		Sponsors: []Sponsor{{"DZA", "Algeria"}},
		Links:    Links{Draft: "https://undocs.org/S/2024/835", Meeting: "https://undocs.org/S/PV.9790"},
		Detail:   r.Detail, Discrepancies: r.Discrepancies,
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	usa := MemberVote{Code: "USA", Seat: "USA", Name: "United States", Permanent: true, Position: No, Veto: true}
	if v := r.Detail.Votes; len(v) != len(council.Seats) || v[4] != usa {
		t.Errorf("roll %v, want %v fifth", v, usa)
	}
}

// Where sources part is told once for each place, with both sides named.
func TestReconcileTellsDifferences(t *testing.T) {
	r, err := Reconcile(seven(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []Discrepancy{
		{KindRollSize, "serious", "open", "14 positions for 15 seats: none for Guyana", "sheet", 25},
		{KindConflict, "serious", "open", "tally: 14-1-0 in starter, 13-1-1 in library", "library", 10},
		{KindConflict, "serious", "open", "position of United Kingdom: yes in starter, abstain in library", "library", 10},
		{KindConflict, "minor", "open", "date: 2024-11-20 in starter, 2024-11-21 in sheet", "sheet", 10},
		{KindConflict, "serious", "open", "tally: 14-1-0 in starter, 13-1-1 in tallies", "tallies", 10},
	}
	if diff := cmp.Diff(want, r.Discrepancies); diff != "" {
		t.Errorf("discrepancies (-want +got):\n%s", diff)
	}
}

func TestReconcileTellsEachKindOfDifference(t *testing.T) {
	yes, no := true, false
	cases := []struct {
		name        string
		lead, other func(*Account)
		want        []string
	}{
		{"none", nil, nil, nil},
		{"what one does not say", nil, func(a *Account) { a.Meeting, a.Votes, a.VetoedBy = "", nil, []Code{"USA"} }, nil},
		{"absent or not participating: many sources do not tell", func(a *Account) { set(a, "GUY", Absent) }, func(a *Account) { set(a, "GUY", NotParticipating) }, nil},
		{"a tally without those that took no part", func(a *Account) { set(a, "GUY", Absent) }, tallied(13, 1, 0, "USA"), nil},
		{"a veto by one that abstained", func(a *Account) { a.Kind = Amendment; set(a, "USA", Abstain) },
			func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} }, []string{"serious outcome: adopted in a, vetoed in b"}},
		{"draft", nil, func(a *Account) { a.Draft = "S/2024/836" }, []string{"minor draft: S/2024/835 in a, S/2024/836 in b"}},
		{"meeting", nil, func(a *Account) { a.Meeting, a.Date = "S/PV.9789", "2024-11-19" },
			[]string{"minor date: 2024-11-20 in a, 2024-11-19 in b", "minor meeting: S/PV.9790 in a, S/PV.9789 in b"}},
		{"who vetoed", tallied(13, 2, 0, "USA"), tallied(13, 2, 0, "GBR", "USA"), []string{"serious vetoed by: USA in a, GBR, USA in b"}},
		{"a list that calls a failure a veto", tallied(3, 3, 9), func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} },
			[]string{"serious outcome: failed in a, vetoed in b"}},
		{"one position, and with it the outcome", func(a *Account) { a.Kind = Amendment; set(a, "USA", Abstain) }, nil,
			[]string{"serious outcome: adopted in a, vetoed in b", "serious tally: 14-0-1 in a, 14-1-0 in b", "serious position of United States: abstain in a, no in b"}},
		{"with or without a vote", consensus, func(a *Account) {
			consensus(a)
			a.NoVote, a.Stated, a.Tally = false, StatedNothing, &Tally{Yes: 15}
		}, []string{"serious outcome: adopted without a vote in a, adopted in b"}},
		{"procedural or not", func(a *Account) { a.Kind, a.Procedural = OtherProposal, &yes }, func(a *Account) { a.Procedural = &no },
			[]string{"serious procedural: yes in a, no in b"}},
	}
	for _, tt := range cases {
		r, err := Reconcile([]*Account{from(t, "b", "undl", "", tt.other), from(t, "a", "undl", "", tt.lead)})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, d := range r.Discrepancies {
			got = append(got, d.Severity+" "+d.Message)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// What Check mended stays visible, as corrected; a sponsor kept as printed is
// no doubt about the vote.
func TestReconcileTellsWhatWasMended(t *testing.T) {
	a := from(t, "sheet", "draft-sheet", "", func(a *Account) {
		a.Meeting, a.Date = "S/PV.9740", "2024-03-10"
		a.Problems = []Problem{{Kind: KindSponsor, Severity: Noted, Message: "kept as printed", Line: 10}}
	})
	r, err := Reconcile([]*Account{a})
	want := []Discrepancy{{KindDateSwap, "minor", "corrected",
		"2024-03-10 read as 2024-10-03: day and month are swapped, as the numbers of S/PV.9740 tell", "sheet", 10}}
	if diff := cmp.Diff(want, r.Discrepancies); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
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
		r, err := Reconcile([]*Account{from(t, "a", "undl", "", tt.change)})
		if err != nil || r.RollCall != tt.want || len(r.Detail.Votes) != tt.votes {
			t.Errorf("case %d: %q with %d positions, %v; want %q with %d", i, r.RollCall, len(r.Detail.Votes), err, tt.want, tt.votes)
		}
	}
}

// Who vetoed may be known from one source, and the tally from another.
func TestReconcileJoinsTallyAndVeto(t *testing.T) {
	r, err := Reconcile([]*Account{
		from(t, "table", "scvotes", "", func(a *Account) { a.Kind = OtherProposal; tallied(10, 5, 0)(a) }),
		from(t, "veto list", "draft-sheet", "", func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"GBR", "USA"} }),
	})
	if err != nil || r.Outcome != Vetoed || r.Tally.String() != "10-5-0" || !slices.Equal(r.VetoedBy, []Code{"GBR", "USA"}) {
		t.Errorf("%+v, %v", r, err)
	}
	if len(r.Discrepancies) > 0 {
		t.Errorf("a table that does not say who voted against does not contradict: %v", r.Discrepancies)
	}
}

func TestReconcileNeedsAVote(t *testing.T) {
	for _, list := range [][]*Account{nil, {{ID: "S-2024-835", Statements: []Statement{{Speaker: "Robert Wood"}}}}} {
		if r, err := Reconcile(list); !errors.Is(err, ErrInvalid) {
			t.Errorf("%d accounts: %+v, %v", len(list), r, err)
		}
	}
	// An account that Check would have refused is told with its id.
	bad := account(t, nil)
	bad.ID, bad.Votes, bad.Stated = "S-RES-2728-2024", nil, StatedNothing
	if _, err := Reconcile([]*Account{bad}); !errors.Is(err, ErrInvalid) ||
		err.Error() != "S-RES-2728-2024: neither a complete roll, a tally nor a recorded veto: no outcome follows: invalid" {
		t.Errorf("without a vote to decide on: %v", err)
	}
}
