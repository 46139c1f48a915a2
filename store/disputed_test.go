package store_test

import (
	"slices"
	"strings"
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

// contradictions are lines that can be read, and cannot be true: the kind of
// discrepancy that each becomes.
var contradictions = map[string]struct{ line, kind string }{
	"a member without a seat":     {strings.Replace(sudan, "RUS", "IND", 1), votes.KindSeat},
	"a member on both sides":      {strings.Replace(sudan, "RUS", "RUS;CHN", 1), votes.KindTwice},
	"vetoed by one in favour":     {strings.Replace(sudan, ",RUS,,,", ",,RUS,,USA", 1), votes.KindOutcome},
	"vetoed by an elected one":    {strings.Replace(sudan, ",RUS,,,", ",RUS,,,DZA", 1), votes.KindSeat},
	"a vetoed one with a number":  {strings.Replace(strings.Replace(sudan, "S/2024/826,", "S/2024/826,S/RES/2759 (2024)", 1), "S/PV.9786", "", 1), votes.KindSymbol},
	"a tally that is not counted": {strings.Replace(sudan, ",RUS,,,", ",RUS,,13-1-1,", 1), votes.KindTally},
}

// What contradicts itself, the Charter or the membership lands beside what is
// sound, is shown, and feeds no figure.
func TestImportKeepsWhatContradictsItself(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	for name, c := range contradictions {
		t.Run(name, func(t *testing.T) {
			r.clear(t)
			rep := r.land(t, csvFile("faulty.csv", header+gaza+c.line), store.ImportOptions{})
			if rep.RowsLanded != 2 || rep.RowsRefused != 0 || rep.Accounts != 2 || rep.AccountsDisputed != 1 || rep.ResolutionsNew != 2 {
				t.Errorf("%d rows landed, %d refused; %d accounts, %d disputed, %d resolutions; want 2, 0, 2, 1, 2\n%s",
					rep.RowsLanded, rep.RowsRefused, rep.Accounts, rep.AccountsDisputed, rep.ResolutionsNew, listed(rep.Problems))
			}
			if !slices.ContainsFunc(rep.Problems, func(p votes.Problem) bool {
				return p.Kind == c.kind && p.Severity == votes.Serious && p.Line == 3 && p.File == "faulty.csv"
			}) {
				t.Errorf("want a serious %s on line 3 among:\n%s", c.kind, listed(rep.Problems))
			}
			id := one[string](t, r, `SELECT resolution_id FROM accounts WHERE line = 3`)
			res := r.resolution(t, id)
			if res.RollCall != votes.RollDisputed || len(res.Votes) != 0 || res.Tally != nil || len(res.VetoedBy) != 0 {
				t.Errorf("%s is %s with %d votes, tally %v, vetoed by %v; want disputed, and nothing to count", id, res.RollCall, len(res.Votes), res.Tally, res.VetoedBy)
			}
			if !slices.ContainsFunc(res.Discrepancies, func(d votes.Discrepancy) bool {
				return d.Kind == c.kind && d.Severity == votes.SeveritySerious && d.State == votes.StateOpen && d.Sides[0].Line == 3
			}) {
				t.Errorf("want a serious, open %s of line 3 among %+v", c.kind, res.Discrepancies)
			}
			shown, err := r.Accounts(t.Context(), id)
			if err != nil || len(shown.Accounts) != 1 || shown.Accounts[0].Sound || len(shown.Accounts[0].Account.Votes) < 14 {
				t.Errorf("the account is shown as %+v, %v; want its positions, not sound", shown, err)
			}
			m, _, err := memberOf(t.Context(), r.Store, "CHN", true)
			if err != nil || m.Votes[votes.Yes]+m.Votes[votes.No] != 1 {
				t.Errorf("China has %v (%v), want the one vote on the sound draft", m.Votes, err)
			}
		})
	}
}

// A sound account beside one that is not: it is followed, whichever ranks
// higher and comes first, and the discrepancy is corrected by it.
func TestASoundAccountSettlesADispute(t *testing.T) {
	faulty := csvFile("a.csv", header+strings.Replace(sudan, "RUS", "IND", 1)).from("A", "")
	sound := sheet(sheetVote{"7", "18/11/2024", "9786", "S/2024/826", "Russian Federation"}).from("a sheet", "")
	for _, order := range [][]file{{faulty, sound}, {sound, faulty}} {
		r := newRecord(t)
		for _, f := range order {
			r.land(t, f, store.ImportOptions{})
		}
		res := r.resolution(t, "S-2024-826")
		if res.RollCall != votes.RollComplete || !slices.Equal(res.VetoedBy, []votes.Code{"RUS"}) || len(res.Votes) != 15 {
			t.Errorf("%s, vetoed by %v, %d votes; want the sheet's roll", res.RollCall, res.VetoedBy, len(res.Votes))
		}
		i := slices.IndexFunc(res.Discrepancies, func(d votes.Discrepancy) bool { return d.Kind == votes.KindSeat })
		if i < 0 || res.Discrepancies[i].State != votes.StateCorrected || res.Discrepancies[i].Explanation == "" {
			t.Errorf("want the seat that India had not, corrected, among %+v", res.Discrepancies)
		}
		accounts, err := r.Accounts(t.Context(), "S-2024-826")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range accounts.Fields {
			if want := "a sheet"; f.Field == "votes" && (f.Source != want || f.Rule == "") {
				t.Errorf("the votes are from %+v, want %s", f, want)
			}
		}
	}
}

// One source that tells of one draft twice, and differently, both times in a
// way that can be: two votes, and a doubt. Nothing is taken for wrong.
func TestOneSourceThatSpeaksTwiceOfADraft(t *testing.T) {
	r := newRecord(t)
	vote := func(id, against string) sheetVote { return sheetVote{id, "20/11/2024", "9790", "S/2024/835", against} }
	rep := r.land(t, sheet(vote("1", "United States"), vote("3", "France")), store.ImportOptions{})
	if rep.Accounts != 2 || rep.AccountsDisputed != 0 || rep.ResolutionsNew != 2 || rep.Discrepancies[votes.KindDoubt] != 1 {
		t.Errorf("%d accounts, %d disputed, %d resolutions, %v; want 2, 0, 2 and a doubt", rep.Accounts, rep.AccountsDisputed, rep.ResolutionsNew, rep.Discrepancies)
	}
	first, second := r.resolution(t, "S-2024-835"), r.resolution(t, "S-2024-835-2")
	if !slices.Equal(first.VetoedBy, []votes.Code{"USA"}) || !slices.Equal(second.VetoedBy, []votes.Code{"FRA"}) {
		t.Errorf("vetoed by %v and %v", first.VetoedBy, second.VetoedBy)
	}
	// Of a number too, though only one text can have it.
	r.clear(t)
	numbered := func(line int, key string, yes int) *votes.Account {
		return &votes.Account{Source: votes.Source{Name: "A", Format: "un-outcomes"}, Line: line, Rows: 1, Key: key, Date: "2024-10-30",
			Resolution: "S/RES/2753 (2024)", Tally: &votes.Tally{Yes: yes, Abstain: 15 - yes}}
	}
	if _, err := r.Import(t.Context(), store.ImportOptions{}, given(numbered(2, "1", 15), numbered(3, "2", 14))); err != nil {
		t.Fatal(err)
	}
	if got := sorted(r.list(t, `SELECT id || ' ' || yes FROM resolutions`)); !slices.Equal(got, []string{"S-RES-2753-2024 15", "S-RES-2753-2024-2 14"}) {
		t.Errorf("in the record: %v", got)
	}
}
