package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

// editionOf is a sheet of one vote, on which another member was against in each edition.
func editionOf(edition, against string) file {
	return sheet(sheetVote{"8", "20/11/2024", "9790", "S/2024/835", against}).from("a sheet", edition)
}

// shown lists the accounts of a resolution as Accounts gives them: edition and
// which one took its place.
func (r record) shown(t *testing.T, id string) []string {
	t.Helper()
	got, err := r.Accounts(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	edition := make(map[int64]string)
	for _, a := range got.Accounts {
		edition[a.Number] = a.Source.Edition
	}
	var list []string
	for _, a := range got.Accounts {
		s := a.Source.Edition
		if a.SupersededBy != nil {
			s += " superseded by " + edition[*a.SupersededBy]
		}
		if len(a.Account.Votes) != 15 {
			t.Errorf("the account of edition %s is shown with %d votes", a.Source.Edition, len(a.Account.Votes))
		}
		list = append(list, s)
	}
	return list
}

// In whatever order the editions of one source come, the newest is followed and
// all stay to be read.
func TestTheNewestEditionIsFollowed(t *testing.T) {
	editions := map[string]file{"2024-12": editionOf("2024-12", "France"), "2025-06": editionOf("2025-06", "China"),
		"2026-01": editionOf("2026-01", "United States")}
	for _, c := range []struct {
		order []string
		shown []string
	}{
		{[]string{"2024-12", "2025-06", "2026-01"}, []string{"2026-01", "2025-06 superseded by 2026-01", "2024-12 superseded by 2025-06"}},
		{[]string{"2026-01", "2025-06", "2024-12"}, []string{"2026-01", "2025-06 superseded by 2026-01", "2024-12 superseded by 2026-01"}},
		{[]string{"2025-06", "2026-01", "2024-12"}, []string{"2026-01", "2025-06 superseded by 2026-01", "2024-12 superseded by 2026-01"}},
	} {
		t.Run(fmt.Sprint(c.order), func(t *testing.T) {
			r := newRecord(t)
			for _, e := range c.order {
				r.land(t, editions[e], store.ImportOptions{})
			}
			res := r.resolution(t, "S-2024-835")
			if !slices.Equal(res.VetoedBy, []votes.Code{"USA"}) || len(res.Sources) != 1 || res.Sources[0].Edition != "2026-01" {
				t.Errorf("vetoed by %v after %v, want the newest edition's USA", res.VetoedBy, res.Sources)
			}
			if got := r.shown(t, "S-2024-835"); !slices.Equal(got, c.shown) {
				t.Errorf("accounts %q, want %q", got, c.shown)
			}
			if rep := r.verify(t); len(rep.Differences) > 0 {
				t.Error(differences(rep))
			}
			// Any of them once more changes nothing.
			before := r.counts(t)
			for e, f := range editions {
				if rep, err := r.take(t, f, store.ImportOptions{}); err != nil || rep.Landed || rep.AccountsUnchanged != 1 {
					t.Errorf("%s once more: landed=%v, %d accounts known, %v", e, rep.Landed, rep.AccountsUnchanged, err)
				}
			}
			sameCounts(t, before, r.counts(t))
		})
	}
}

// An edition that leaves a vote out takes nothing back: what the older one said
// of it stands.
func TestAnEditionWithoutAVoteTakesNothingBack(t *testing.T) {
	r := newRecord(t)
	both := sheet(sheetVote{"7", "18/11/2024", "9786", "S/2024/826", "Russian Federation"}, sheetVote{"8", "20/11/2024", "9790", "S/2024/835", "China"})
	r.land(t, both.from("a sheet", "2025"), store.ImportOptions{})
	r.land(t, editionOf("2026", "United States"), store.ImportOptions{})
	if got := r.resolution(t, "S-2024-826").Sources[0].Edition; got != "2025" {
		t.Errorf("the vote that is in one edition alone is from %q", got)
	}
	if got := r.resolution(t, "S-2024-835").Sources[0].Edition; got != "2026" {
		t.Errorf("the vote that is in both is from %q", got)
	}
}

// The positions of a roll are read beside their members, whatever the planner
// makes of the table once it has statistics and is clustered.
func TestRollsAreReadInOneOrder(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	sheet := publishedFile(t, sheetName)
	r := newRecord(t)
	r.land(t, sheet, store.ImportOptions{KeepGoing: true})
	r.exec(t, `VACUUM (FULL, ANALYZE) votes`)
	r.exec(t, `VACUUM ANALYZE`)
	ids := r.list(t, `SELECT id FROM resolutions WHERE roll_call = 'complete' AND no_votes + abstain > 0 ORDER BY md5(id) LIMIT 200`)
	if len(ids) != 200 {
		t.Fatalf("%d rolls that are not unanimous, want 200", len(ids))
	}
	for _, id := range ids {
		var want, got []string
		accounts, err := r.Accounts(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range accounts.Accounts {
			if !a.Sound {
				continue
			}
			for _, v := range a.Account.Votes {
				want = append(want, string(v.Code)+" "+string(v.Position))
			}
			break
		}
		for _, v := range r.resolution(t, id).Votes {
			got = append(got, string(v.Code)+" "+string(v.Position))
		}
		if !slices.Equal(sorted(want), sorted(got)) {
			t.Fatalf("%s is read as\n%s\nits account gives\n%s", id, strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}
}

// Every symbol that a vote ever went by leads to it.
func TestEverySymbolLeadsToTheRecord(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("votes.csv", header+somalia+gaza), store.ImportOptions{})
	r.land(t, csvFile("other.csv", header+strings.Replace(gaza, "S/2024/835", "S/2024/835/Rev.1", 1)).from("B", ""), store.ImportOptions{})
	for asked, want := range map[string]string{
		"S-RES-2753-2024":  "S-RES-2753-2024",
		"S-2024-790":       "S-RES-2753-2024", // the draft that was adopted
		"S-2024-835":       "S-2024-835",
		"S-2024-835-Rev.1": "S-2024-835", // joined by its meeting
	} {
		if got := r.resolution(t, asked).ID; got != want {
			t.Errorf("%s leads to %s, want %s", asked, got, want)
		}
	}
	adrift := strings.Replace(strings.Replace(gaza, "S/2024/835", "S/2024/900", 1), "S/PV.9790", "", 1)
	r.land(t, csvFile("third.csv", header+adrift).from("C", ""), store.ImportOptions{})
	if got := r.resolution(t, "S-2024-900").ID; got != "S-2024-900" {
		t.Errorf("before it is merged, it leads to %s", got)
	}
	r.edit(t, votes.Edit{ID: "S-2024-900", Field: votes.EditMerge, Value: "S-2024-835", Reason: "a misprint", Reference: "S/PV.9790"})
	if got := r.resolution(t, "S-2024-900").ID; got != "S-2024-835" {
		t.Errorf("the merged id leads to %s", got)
	}
}
