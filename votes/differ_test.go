package votes

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inShort writes each discrepancy on one line, in an order that does not hang
// on their keys.
func inShort(list []Discrepancy) []string {
	var lines []string
	for _, d := range list {
		lines = append(lines, d.Severity+" "+d.State+" "+d.Kind+": "+d.Message)
	}
	slices.Sort(lines)
	return lines
}

// Where sources part is told once for each place, with both sides named.
func TestReconcileTellsDifferences(t *testing.T) {
	_, list := Reconcile(seven(t), nil)
	want := []string{
		"minor open conflict: date: 2024-11-20 in starter, 2024-11-21 in sheet",
		"minor open roll_size: sheet: 14 positions for 15 seats: none for Guyana",
		"serious open conflict: position of United Kingdom: yes in starter, abstain in library",
		"serious open conflict: tally: 14-1-0 in starter, 13-1-1 in library",
		"serious open conflict: tally: 14-1-0 in starter, 13-1-1 in tallies",
	}
	if diff := cmp.Diff(want, inShort(list)); diff != "" {
		t.Errorf("discrepancies (-want +got):\n%s", diff)
	}
	i := slices.IndexFunc(list, func(d Discrepancy) bool { return d.Field == "position of United Kingdom" })
	if i < 0 {
		t.Fatal("no position differs")
	}
	sides := []Side{{Source: "starter", Edition: "2026-11-23", Line: 10, Says: "yes"}, {Source: "library", Edition: "2026-02-06", Line: 10, Says: "abstain"}}
	if diff := cmp.Diff(sides, list[i].Sides); diff != "" {
		t.Errorf("sides (-want +got):\n%s", diff)
	}
}

// What is serious comes first, and every key is one discrepancy.
func TestDiscrepanciesAreInOrder(t *testing.T) {
	_, list := Reconcile(seven(t), nil)
	keys := map[string]bool{}
	for i, d := range list {
		if i > 0 && d.Severity == SeveritySerious && list[i-1].Severity == SeverityMinor {
			t.Errorf("%s stands behind what is minor", d.Message)
		}
		if keys[d.Key] || len(d.Key) != 8 {
			t.Errorf("key %q of %s", d.Key, d.Message)
		}
		keys[d.Key] = true
	}
}

func TestReconcileTellsEachKindOfDifference(t *testing.T) {
	yes, no := true, false
	conflict := func(severity, s string) string { return severity + " open conflict: " + s }
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
			func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} }, []string{conflict("serious", "outcome: adopted in a, vetoed in b")}},
		{"draft", nil, func(a *Account) { a.Draft = "S/2024/836" }, []string{conflict("minor", "draft: S/2024/835 in a, S/2024/836 in b")}},
		{"a draft, and a meeting that stands for one", nil, func(a *Account) { a.Draft = "S/PV.9790" }, nil},
		{"meeting", nil, func(a *Account) { a.Meeting, a.Date = "S/PV.9789", "2024-11-19" },
			[]string{conflict("minor", "date: 2024-11-20 in a, 2024-11-19 in b"), conflict("minor", "meeting: S/PV.9790 in a, S/PV.9789 in b")}},
		{"who vetoed", tallied(13, 2, 0, "USA"), tallied(13, 2, 0, "GBR", "USA"), []string{conflict("serious", "vetoed_by: USA in a, GBR USA in b")}},
		{"a list that calls a failure a veto", tallied(3, 3, 9), func(a *Account) { a.Votes, a.VetoedBy = nil, []Code{"USA"} },
			[]string{conflict("serious", "outcome: failed in a, vetoed in b")}},
		{"one position, and with it the outcome", func(a *Account) { a.Kind = Amendment; set(a, "USA", Abstain) }, nil,
			[]string{conflict("serious", "outcome: adopted in a, vetoed in b"), conflict("serious", "position of United States: abstain in a, no in b"),
				conflict("serious", "tally: 14-0-1 in a, 14-1-0 in b")}},
		{"with or without a vote", consensus, func(a *Account) {
			consensus(a)
			a.NoVote, a.Stated, a.Tally = false, StatedNothing, &Tally{Yes: 15}
		}, []string{conflict("serious", "outcome: adopted without a vote in a, adopted in b")}},
		{"procedural or not", func(a *Account) { a.Kind, a.Procedural = OtherProposal, &yes }, func(a *Account) { a.Procedural = &no },
			[]string{"serious explained permanent_no_on_adopted: adopted over the negative vote of a permanent member (against: United States)",
				conflict("serious", "procedural: yes in a, no in b")}},
	}
	for _, tt := range cases {
		_, list := Reconcile([]*Account{from(t, "b", "undl", "", tt.other), from(t, "a", "undl", "", tt.lead)}, nil)
		if diff := cmp.Diff(tt.want, inShort(list)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// What an account that contradicts itself says of the votes is not held against
// the others: what is wrong with it is told once.
func TestUnsoundAccountIsNoSecondSide(t *testing.T) {
	bad := account(t, func(a *Account) {
		vetoed(a)
		set(a, "DZA", No)
		a.Stated = StatedUnanimous
		a.Source.Name = "bad"
	})
	Check(bad)
	_, list := Reconcile([]*Account{bad, from(t, "good", "draft-sheet", "", nil)}, nil)
	want := []string{"serious corrected outcome: bad: stated as adopted unanimously, but the rules say vetoed (13 in favour, 9 required; a permanent member voted against: United States)"}
	if diff := cmp.Diff(want, inShort(list)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list[0].Explanation != "the record follows good, which is sound" {
		t.Errorf("explanation %q", list[0].Explanation)
	}
}

// What Check mended stays visible, as corrected.
func TestReconcileTellsWhatWasMended(t *testing.T) {
	a := from(t, "sheet", "draft-sheet", "", func(a *Account) {
		a.Meeting, a.Date = "S/PV.9740", "2024-03-10"
		a.Problems = []Problem{{Kind: KindSponsor, Severity: Noted, Message: "kept as printed", Line: 10}}
	})
	_, list := Reconcile([]*Account{a}, nil)
	want := []string{
		"minor corrected date_swapped: sheet: 2024-03-10 read as 2024-10-03: day and month are swapped, as the numbers of S/PV.9740 tell",
		"minor open sponsor: sheet: kept as printed",
	}
	if diff := cmp.Diff(want, inShort(list)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A key names what is wrong, not where it stands: a newer edition, in which the
// lines have moved, keeps what an editor explained.
func TestKeysAreStable(t *testing.T) {
	keys := func(edition string, line int, position Position) []string {
		_, list := Reconcile([]*Account{
			from(t, "a", "scvotes", "2026-11-23", nil),
			from(t, "b", "undl", edition, func(a *Account) {
				a.Line, a.Source.Line = line, line
				set(a, "GBR", position)
				a.Votes = without(a.Votes, "GUY")
				a.Problems = []Problem{{Kind: KindSponsor, Severity: Noted, Message: "kept as printed", Line: line, File: edition}}
			}),
		}, nil)
		var keys []string
		for _, d := range list {
			keys = append(keys, d.Key)
		}
		return keys
	}
	first := keys("2025-01-01", 10, Abstain)
	if len(first) != 3 {
		t.Fatalf("%d discrepancies, want those of roll, sponsor and position", len(first))
	}
	if diff := cmp.Diff(first, keys("2026-02-06", 4711, Abstain)); diff != "" {
		t.Errorf("in a newer edition (-want +got):\n%s", diff)
	}
	if again := keys("2026-02-06", 4711, No); cmp.Equal(first, again) {
		t.Error("what says something else has the same key")
	}
}

// An editor's explanation is found by the key, and taken back by undo.
func TestEditorsExplain(t *testing.T) {
	accounts := seven(t)
	_, list := Reconcile(accounts, nil)
	key := list[0].Key
	edits := []Edit{{Number: 1, ID: "S-2024-835", Field: "discrepancy:" + key, Value: StateExplained, Reason: "seen in the record", Reference: "S/PV.9790"}}
	_, after := Reconcile(accounts, edits)
	for i, d := range after {
		want := list[i]
		if d.Key == key {
			want.State, want.Explanation, want.Reference = StateExplained, "seen in the record", "S/PV.9790"
		}
		if diff := cmp.Diff(want, d); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	_, after = Reconcile(accounts, append(edits, Edit{Number: 2, ID: "S-2024-835", Field: EditUndo, Value: "1"}))
	if diff := cmp.Diff(list, after); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
}
