package store_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/starter"
)

const (
	outcomesName = "un_outcomes_1946_1993.csv"
	vetoListName = "un_veto_list_1946_2022.csv"
	membersName  = "sc_members_1946_2026.csv"
)

// starterEdits are the decisions that go with the starter record.
func starterEdits(t testing.TB) []votes.Edit {
	t.Helper()
	rows, err := csv.NewReader(starter.Edits()).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var edits []votes.Edit
	for _, f := range rows[1:] {
		edits = append(edits, votes.Edit{ID: f[0], Field: f[1], Value: f[2], Reason: f[3], Reference: f[4]})
	}
	return edits
}

// edit keeps edits that have no fault.
func (r record) edit(t testing.TB, edits ...votes.Edit) int64 {
	t.Helper()
	_, revision, err := r.Edit(t.Context(), edits)
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

// exported is the record as JSON, by id, without revisions.
func (r record) exported(t testing.TB) map[string]string {
	t.Helper()
	m := make(map[string]string)
	for _, res := range r.all(t) {
		res.Revision = 0
		text, err := json.MarshalIndent(res, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		m[res.ID] = string(text)
	}
	for _, row := range r.list(t, `SELECT id || ' ' || provenance FROM resolutions`) {
		id, provenance, _ := strings.Cut(row, " ")
		m[id] += provenance
	}
	return m
}

// sameRecord tells the first resolutions in which two records differ.
func sameRecord(t testing.TB, what string, want, got map[string]string) {
	t.Helper()
	told := 0
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if want[id] != got[id] {
			if told++; told < 4 {
				t.Errorf("%s: %s (-before +now):\n%s", what, id, firstLines(cmp.Diff(want[id], got[id]), 40))
			}
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("%s: %s is new", what, id)
		}
	}
	if told > 0 {
		t.Errorf("%s: %d of %d differ", what, told, len(want))
	}
}

// The record is a function of the accounts and the edits: the order in which
// they came makes no difference to it, and Verify, which works it out at once,
// finds the same.
func TestTheOrderOfImportsMakesNoDifference(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	files := map[string]file{"starter": starterResolutions(), "statements": starterStatements()}
	for _, name := range []string{sheetName, sampleName, outcomesName, vetoListName} {
		files[name] = publishedFile(t, name)
	}
	var first map[string]string
	for _, order := range [][]string{
		{"starter", "statements", "edits", sheetName, outcomesName, vetoListName, sampleName},
		{sheetName, sampleName, vetoListName, outcomesName, "starter", "edits", "statements"},
		{vetoListName, "starter", "edits", outcomesName, sampleName, "statements", sheetName},
		{outcomesName, sampleName, "starter", "statements", sheetName, vetoListName, "edits"},
	} {
		r.clear(t)
		for _, part := range order {
			if part == "edits" {
				r.edit(t, starterEdits(t)...)
				continue
			}
			r.land(t, files[part], store.ImportOptions{KeepGoing: true})
		}
		if rep := r.verify(t); len(rep.Differences) > 0 || rep.Resolutions != one[int](t, r, `SELECT count(*) FROM resolutions`) {
			t.Errorf("order %v: Verify looked at %d resolutions and finds%s", order, rep.Resolutions, differences(rep))
		}
		if got := r.exported(t); first == nil {
			first = got
		} else {
			sameRecord(t, "order "+strings.Join(order, ", "), first, got)
		}
	}

	// Each of them a second time changes nothing at all.
	before := r.counts(t)
	for name, f := range files {
		rep, err := r.take(t, f, store.ImportOptions{KeepGoing: true})
		if err != nil || rep.Landed || rep.AccountsUnchanged != rep.Accounts {
			t.Errorf("%s again: landed=%v, %d of %d accounts known, %v", name, rep.Landed, rep.AccountsUnchanged, rep.Accounts, err)
		}
	}
	sameCounts(t, before, r.counts(t))
	if again, revision, err := r.EditOnce(t.Context(), starterEdits(t)); err != nil || len(again) > 0 || revision != 0 {
		t.Errorf("%d of the edits are taken for new, in revision %d (%v)", len(again), revision, err)
	}
	// The fifth of the published files is of members, not of votes.
	rep, err := r.take(t, publishedFile(t, membersName), store.ImportOptions{KeepGoing: true})
	if !errors.Is(err, votes.ErrInvalid) || len(rep.Problems) != 1 || rep.Problems[0].Kind != votes.KindHeader {
		t.Errorf("the list of members: %v, %v; want its header refused", err, rep.Problems)
	}
}

// The same accounts, in pieces drawn at random and in any order, give what they
// give in whole files.
func TestFilesInPiecesGiveTheSameRecord(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	files := []file{starterResolutions()}
	for _, name := range []string{outcomesName, vetoListName, sheetName, sampleName} {
		files = append(files, publishedFile(t, name))
	}
	for _, f := range files {
		r.land(t, f, store.ImportOptions{KeepGoing: true})
	}
	r.edit(t, starterEdits(t)...)
	whole := r.exported(t)

	for _, seed := range []uint64{1, 2} {
		r.clear(t)
		rnd := rand.New(rand.NewPCG(seed, 4))
		var pieces []file
		for _, f := range files {
			pieces = append(pieces, split(f, 3, rnd)...)
		}
		edits := starterEdits(t)
		for at, i := range rnd.Perm(len(pieces)) {
			r.land(t, pieces[i], store.ImportOptions{KeepGoing: true})
			// Those of which the first has landed by now, but for the last few.
			edits = r.editPossible(t, edits, at == len(pieces)-1)
			if at%5 == 2 {
				if rep := r.verify(t); len(rep.Differences) > 0 {
					t.Fatalf("seed %d, after %d pieces:%s", seed, at+1, differences(rep))
				}
			}
		}
		if rep := r.verify(t); len(rep.Differences) > 0 {
			t.Errorf("seed %d:%s", seed, differences(rep))
		}
		sameRecord(t, "in pieces", whole, r.exported(t))
	}
}

// split gives each account of a file to one of n pieces.
func split(f file, n int, rnd *rand.Rand) []file {
	salt := rnd.Uint64()
	pieces := make([]file, n)
	for i := range pieces {
		pieces[i] = f.only(func(a *votes.Account) bool {
			return rand.New(rand.NewPCG(salt, uint64(a.Line))).IntN(n) == i
		})
	}
	return pieces
}

// editPossible makes the edits whose target has landed and returns the others,
// of which none may be left in the end.
func (r record) editPossible(t *testing.T, edits []votes.Edit, last bool) []votes.Edit {
	t.Helper()
	var left []votes.Edit
	for _, e := range edits {
		_, _, err := r.Edit(t.Context(), []votes.Edit{e})
		switch {
		case errors.Is(err, votes.ErrInvalid) && !last:
			left = append(left, e)
		case err != nil:
			t.Fatal(err)
		}
	}
	return left
}
