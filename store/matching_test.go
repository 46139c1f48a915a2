package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// Two meetings of 1947 in which the sources name the proposals in every way
// they have: by a document, by a revision of it, by what they were about, by a
// number in the meeting.
var meetingsOf1947 = []struct {
	symbol votes.Symbol
	day    votes.Date
}{{"S/PV.186", "1947-08-18"}, {"S/PV.202", "1947-09-15"}}

var publishersOf1947 = []votes.Source{
	{Name: "a tracker", Format: "scvotes"}, {Name: "a veto list", Format: "un-vetoes"},
	{Name: "yearly tables", Format: "un-outcomes"}, {Name: "a sheet", Format: "draft-sheet"},
}

// accountOf1947 draws an account of one of a few votes: sound or not, with a
// key that may be that of an earlier account of the same source.
func accountOf1947(rnd *rand.Rand, from votes.Source) *votes.Account {
	m := meetingsOf1947[rnd.IntN(len(meetingsOf1947))]
	a := &votes.Account{Source: from, Line: 2 + rnd.IntN(90), Rows: 1, Key: fmt.Sprint("k", rnd.IntN(6)), Date: m.day, Meeting: m.symbol}
	switch a.Draft = []votes.Symbol{m.symbol, m.symbol, "S/471", "S/471/Rev.1", "S/480"}[rnd.IntN(5)]; {
	case a.Draft == m.symbol:
		a.Part = []string{"", "ireland", "portugal", "proposal 1", "proposal 2"}[rnd.IntN(5)]
	case rnd.IntN(4) == 0:
		a.Meeting = "" // the document alone
	}
	switch rnd.IntN(7) {
	case 6:
		a.Tally, a.Resolution = &votes.Tally{Yes: 9 + rnd.IntN(2)}, []votes.Symbol{"S/RES/29 (1947)", "S/RES/30 (1947)"}[rnd.IntN(2)]
	case 0:
		a.Tally = &votes.Tally{Yes: 5, No: 2, Abstain: 4}
	case 1:
		a.Tally = &votes.Tally{Yes: 5, No: 2, Abstain: 4}
		a.Stated = votes.StatedUnanimous // which makes it unsound
	case 2:
		a.VetoedBy = []votes.Code{"SUN"}
	case 3:
		a.Tally, a.VetoedBy = &votes.Tally{Yes: 8, No: 2, Abstain: 1}, []votes.Code{"SUN"}
	default:
		a.Tally, a.VetoedBy = &votes.Tally{Yes: 9, No: 1, Abstain: 1}, []votes.Code{"SUN"}
	}
	return a
}

// Whatever lands in whatever order, edition upon edition, joined and parted by
// editors in between: the matches found piece by piece are those of all the
// accounts at once, and the record is what they give.
func TestMatchingPieceByPiece(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r.clear(t)
			rnd := rand.New(rand.NewPCG(seed, 1947))
			for step := range 25 {
				what := "an edit"
				if step < 3 || rnd.IntN(3) > 0 {
					what = r.importRandom(t, rnd)
				} else if e, ok := r.randomEdit(t, rnd); ok {
					what = fmt.Sprintf("%+v", e)
					if _, _, err := r.Edit(t.Context(), []votes.Edit{e}); err != nil {
						t.Fatalf("step %d, %s: %v", step, what, err)
					}
				}
				if rep := r.verify(t); len(rep.Differences) > 0 {
					t.Fatalf("after step %d (%s):%s", step, what, differences(rep))
				}
			}
		})
	}
}

// importRandom imports up to four accounts of one source and edition.
func (r record) importRandom(t *testing.T, rnd *rand.Rand) string {
	t.Helper()
	from := publishersOf1947[rnd.IntN(len(publishersOf1947))]
	from.Edition = fmt.Sprint(rnd.IntN(3))
	var list []*votes.Account
	for range 1 + rnd.IntN(4) {
		list = append(list, accountOf1947(rnd, from))
	}
	what := ""
	for _, a := range list {
		what += fmt.Sprintf("\n  %s %s #%s: %s %s of %s, %v %v", from.Name, from.Edition, a.Key, a.Draft, a.Part, a.Meeting, a.Tally, a.VetoedBy)
	}
	if _, err := r.Import(t.Context(), store.ImportOptions{KeepGoing: true}, given(list...)); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return what
}

// given reads accounts that are there already, all of one source.
func given(list ...*votes.Account) store.ReadFile {
	return func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		from := list[0].Source
		sum := sha256.Sum256([]byte(from.Name + from.Edition))
		rep.File, rep.SHA256 = "given.csv", hex.EncodeToString(sum[:])
		rep.Source, rep.Edition, rep.Format = from.Name, from.Edition, from.Format
		for _, a := range list {
			rep.Rows += a.Rows
			if err := yield(a); err != nil {
				return err
			}
		}
		return nil
	}
}

// randomEdit draws a merge, a split or an undo that the record allows.
func (r record) randomEdit(t *testing.T, rnd *rand.Rand) (votes.Edit, bool) {
	t.Helper()
	e := votes.Edit{Reason: "drawn", Reference: "a hat"}
	switch rnd.IntN(3) {
	case 0:
		ids := r.list(t, `SELECT DISTINCT base_id FROM accounts ORDER BY 1`)
		e.ID, e.Field, e.Value = ids[rnd.IntN(len(ids))], votes.EditMerge, ids[rnd.IntN(len(ids))]
		return e, e.ID != e.Value
	case 1:
		keys := r.list(t, `SELECT base_id || ' ' || format || '#' || key FROM accounts a JOIN sources s ON s.id = source_id ORDER BY 1`)
		e.Field = votes.EditSplit
		_, err := fmt.Sscan(keys[rnd.IntN(len(keys))], &e.ID, &e.Value)
		return e, err == nil
	default:
		made := r.list(t, `SELECT number || ' ' || id FROM edits ORDER BY number`)
		if len(made) == 0 {
			return e, false
		}
		e.Field = votes.EditUndo
		_, err := fmt.Sscan(made[rnd.IntN(len(made))], &e.Value, &e.ID)
		return e, err == nil
	}
}

func (r record) verify(t testing.TB) store.VerifyReport {
	t.Helper()
	rep, err := r.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, r, `SELECT count(*) FROM accounts WHERE superseded_by IS NULL`); rep.Accounts != n {
		t.Errorf("Verify looked at %d of %d accounts", rep.Accounts, n)
	}
	return rep
}

// differences lists the first things that Verify found.
func differences(rep store.VerifyReport) string {
	s := ""
	for _, d := range rep.Differences[:min(5, len(rep.Differences))] {
		s += fmt.Sprintf("\n%s: %s", d.ID, d.What)
		for _, c := range d.Changes {
			s += fmt.Sprintf("\n  %s: %s, but the accounts give %s", c.Field, c.From, c.To)
		}
	}
	return fmt.Sprintf("%s\n%d differences in all", s, len(rep.Differences))
}

// found returns the ids in which Verify found something, once each.
func found(rep store.VerifyReport) []string {
	var list []string
	for _, d := range rep.Differences {
		list = append(list, d.ID)
	}
	return slices.Compact(sorted(list))
}

// An account of another source that leaves the roll as it was has nothing of it
// written again; one that changes a roll has that roll written.
func TestARollThatStandsIsLeftStanding(t *testing.T) {
	askedOneByOne(t)
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+sudan+gaza).from("A", "1"), store.ImportOptions{})
	written := func(id string) []string {
		return r.rows(t, `
			SELECT code, position, v.ctid FROM votes v JOIN resolutions ON no = resolution_no WHERE id = $1
			UNION ALL SELECT code, 'veto', v.ctid FROM vetoes v JOIN resolutions ON no = resolution_no WHERE id = $1 ORDER BY 1, 2`, id)
	}
	onSudan, onGaza := written("S-2024-826"), written("S-2024-835")
	rep := r.land(t, csvFile("b.csv", header+strings.NewReplacer("GBR;SLE", "GBR", "Gaza", "Palestine").Replace(sudan+gaza)).from("B", ""), store.ImportOptions{})
	if rep.ResolutionsChanged != 2 || rep.Votes != 30 || len(onSudan) != 16 {
		t.Errorf("%d resolutions changed, with %d votes", rep.ResolutionsChanged, rep.Votes)
	}
	if diff := cmp.Diff(slices.Concat(onSudan, onGaza), slices.Concat(written("S-2024-826"), written("S-2024-835"))); diff != "" {
		t.Errorf("rolls that stand were written again (-before +after):\n%s", diff)
	}
	swapped := strings.Replace(gaza, "GBR;RUS,USA", "GBR;USA,RUS", 1)
	r.land(t, csvFile("a.csv", header+sudan+swapped).from("A", "2"), store.ImportOptions{})
	r.land(t, csvFile("b.csv", header+sudan+swapped).from("B", "2"), store.ImportOptions{})
	if diff := cmp.Diff(onSudan, written("S-2024-826")); diff != "" {
		t.Errorf("a roll that stands was written again (-before +after):\n%s", diff)
	}
	if got := r.resolution(t, "S-2024-835"); !slices.Equal(got.VetoedBy, []votes.Code{"RUS"}) || len(got.Votes) != 15 {
		t.Errorf("vetoed by %v, %d votes", got.VetoedBy, len(got.Votes))
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Error(differences(rep))
	}
}
