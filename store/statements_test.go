package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

const (
	statementHeader = "draft,speaker,for,kind,date,text,source\n"
	onGaza          = "S/2024/835,Robert Wood,USA,explanation_of_vote,2024-11-20,Could not support it.,S/PV.9790\n"
	onNothing       = "S/2024/999,A. Nobody,USA,reaction,2024-11-21,Said in vain.,\n"
)

func TestStatementsOnAKnownVote(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("votes.csv", header+gaza), store.ImportOptions{})
	// A state may speak without a name, and a line may name no document.
	nameless := "S/2024/835,,FRA,reaction,2024-11-21,Regretted the veto.,\n"
	rep := r.land(t, csvFile("said.csv", statementHeader+onGaza+nameless), store.ImportOptions{})
	if rep.Rows != 2 || rep.Accounts != 1 || rep.ResolutionsChanged != 1 || rep.Votes != 15 {
		t.Errorf("%d rows, %d accounts, %d changed, %d votes written; want 2, 1, 1, 15", rep.Rows, rep.Accounts, rep.ResolutionsChanged, rep.Votes)
	}
	res := r.resolution(t, "S-2024-835")
	want := []votes.Statement{
		{Speaker: "Robert Wood", For: "USA", Kind: "explanation_of_vote", Date: "2024-11-20", Text: "Could not support it.", Source: "S/PV.9790"},
		{For: "FRA", Kind: "reaction", Date: "2024-11-21", Text: "Regretted the veto."},
	}
	if !slices.Equal(res.Statements, want) {
		t.Errorf("statements %v, want %v", res.Statements, want)
	}
}

func TestStatementsOnAnUnknownVoteAreRefused(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("votes.csv", header+gaza), store.ImportOptions{})
	said := csvFile("said.csv", statementHeader+onGaza+onNothing)
	rep := r.refuse(t, said, store.ImportOptions{})
	if got := refusals(rep); !slices.Equal(got, []string{"identity, line 3"}) {
		t.Errorf("refused %v, want line 3", got)
	}

	rep = r.land(t, said, store.ImportOptions{KeepGoing: true})
	if rep.RowsLanded != 1 || rep.RowsRefused != 1 || rep.Accounts != 1 || rep.AccountsRefused != 1 {
		t.Errorf("%d rows landed, %d refused; %d accounts, %d refused; want one each", rep.RowsLanded, rep.RowsRefused, rep.Accounts, rep.AccountsRefused)
	}
	if n := len(r.resolution(t, "S-2024-835").Statements); n != 1 {
		t.Errorf("%d statements on the known vote, want 1", n)
	}
	if n := one[int](t, r, `SELECT count(*) FROM accounts WHERE resolution_id = 'S-2024-999'`); n != 0 {
		t.Error("the refused statement was kept as an account")
	}

	// It is refused as long as the vote is not known, and lands when it is.
	rep, err := r.take(t, said, store.ImportOptions{KeepGoing: true})
	if err != nil || rep.Landed || rep.RowsRefused != 1 {
		t.Errorf("again: landed=%v, %d rows refused, %v; want 1 refused", rep.Landed, rep.RowsRefused, err)
	}
	r.land(t, csvFile("more.csv", header+strings.Replace(gaza, "S/2024/835", "S/2024/999", 1)), store.ImportOptions{})
	if rep = r.land(t, said, store.ImportOptions{}); rep.AccountsUnchanged != 1 || rep.RowsRefused != 0 {
		t.Errorf("%d accounts known, %d rows refused; want 1 and 0", rep.AccountsUnchanged, rep.RowsRefused)
	}
	if n := len(r.resolution(t, "S-2024-999").Statements); n != 1 {
		t.Errorf("%d statements, want 1", n)
	}
}

// A newer edition moves a vote to another symbol: what was said of the old one
// has no vote any more. That is told, keeps nothing out, and is mended when the
// vote comes back.
func TestStatementsWaitForTheirVote(t *testing.T) {
	r := newRecord(t)
	edition := func(number, draft string) file {
		return sheet(sheetVote{"8", "20/11/2024", "9790", draft, "United States"}).from("a sheet", number)
	}
	r.land(t, edition("1", "S/2024/835"), store.ImportOptions{})
	r.land(t, csvFile("said.csv", statementHeader+onGaza), store.ImportOptions{})

	rep := r.land(t, edition("2", "S/2024/836"), store.ImportOptions{})
	if rep.RowsLanded != 15 || rep.RowsRefused != 0 {
		t.Errorf("%d rows landed, %d refused; want all 15 landed", rep.RowsLanded, rep.RowsRefused)
	}
	if !slices.ContainsFunc(rep.Problems, func(p votes.Problem) bool {
		return p.Severity == votes.Noted && strings.Contains(p.Message, "S-2024-835 is no longer in the record")
	}) {
		t.Errorf("nothing is told of the vote that went:\n%s", listed(rep.Problems))
	}
	if got := r.list(t, `SELECT id FROM resolutions`); !slices.Equal(got, []string{"S-2024-836"}) {
		t.Errorf("in the record: %v", got)
	}

	r.land(t, edition("3", "S/2024/835"), store.ImportOptions{})
	if n := len(r.resolution(t, "S-2024-835").Statements); n != 1 {
		t.Errorf("%d statements on the vote that came back, want 1", n)
	}
}

// A file in which every other statement is on an unknown vote, longer than the
// batches in which the record is worked out.
func TestManyStatementsWithoutAVote(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	var rolls, said strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&rolls, "S/2024/%d,,S/PV.9790,2024-11-20,,,,,,5-1-9,\n", 10000+i)
		fmt.Fprintf(&said, "S/2024/%d,S. Peaker,USA,reaction,2024-11-21,Words.,\nS/2024/%d,S. Peaker,USA,reaction,2024-11-21,Words.,\n", 10000+i, 30000+i)
	}
	r.land(t, csvFile("votes.csv", header+rolls.String()), store.ImportOptions{})
	rep := r.land(t, csvFile("said.csv", statementHeader+said.String()), store.ImportOptions{KeepGoing: true})
	if rep.RowsLanded != 2500 || rep.RowsRefused != 2500 || rep.ResolutionsChanged != 2500 {
		t.Errorf("%d rows landed, %d refused, %d resolutions changed; want 2500 each", rep.RowsLanded, rep.RowsRefused, rep.ResolutionsChanged)
	}
	if n := one[int](t, r, `SELECT count(*) FROM statements`); n != 2500 {
		t.Errorf("%d statements, want 2500", n)
	}
}
