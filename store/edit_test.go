package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

const (
	// tallied is a veto of which no roll is known, and sudan2 another source's word on the draft on Sudan.
	tallied = "S/2024/900,,S/PV.9790,2024-11-20,,,,,,9-2-4,USA;CHN\n"
	why     = "the meeting record says so"
)

var sudan2 = strings.NewReplacer("E10;CHN;FRA", "E10;FRA", ",RUS,,", ",RUS,CHN,").Replace(sudan)

// editable is a record with something in it for every field of an edit.
func editable(t *testing.T) record {
	t.Helper()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+somalia+sudan+gaza+tallied).from("A", ""), store.ImportOptions{})
	r.land(t, csvFile("b.csv", header+sudan2).from("B", ""), store.ImportOptions{})
	return r
}

func decide(id, field, value string) votes.Edit {
	return votes.Edit{ID: id, Field: field, Value: value, Reason: why, Reference: "S/PV.9790"}
}

// Every field that an edit can set, what it makes of the record, and that an
// undo brings back what was there, to the letter.
func TestEditEveryField(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := editable(t)
	key := r.resolution(t, "S-2024-826").Discrepancies[0].Key
	statement := `{"speaker":"A. Speaker","for":"USA","kind":"reaction","date":"2024-11-21","text":"Words.","source":"S/PV.9790"}`
	for _, c := range []struct{ id, field, value, shows string }{
		{"S-2024-835", "title", "A ceasefire", `"title":"A ceasefire"`},
		{"S-2024-835", "agenda_item", "The Middle East", `"agenda_item":"The Middle East"`},
		{"S-2024-835", "topic", "Palestine", `"topic":"Palestine"`},
		{"S-2024-835", "region", "Middle East", `"region":"Middle East"`},
		{"S-2024-835", "note", "See the record.", `"note":"See the record."`},
		{"S-2024-835", "draft", "S/2024/835/Rev.1", `"draft":"S/2024/835/Rev.1"`},
		{"S-2024-835", "meeting", "9791", `"meeting":"S/PV.9791"`},
		{"S-2024-835", "date", "2024-11-21", `"date":"2024-11-21"`},
		{"S-2024-835", "kind", "amendment", `"kind":"amendment"`},
		{"S-2024-835", "procedural", "yes", `"outcome":"adopted"`},
		{"S-2024-835", "sponsors", "DZA;Malta", `"sponsors":[{"code":"DZA","name":"Algeria"},{"code":"MLT","name":"Malta"}]`},
		{"S-2024-835", "tally", "8-1-6", `"outcome":"failed"`},
		{"S-2024-835", "position:USA", "abstain", `"adopted_by":"majority"`},
		{"S-2024-835", "statement", statement, statement},
		{"S-RES-2753-2024", "resolution", "S/RES/2754 (2024)", `"resolution":"S/RES/2754 (2024)"`},
		{"S-2024-900", "vetoed_by", "GBR;FRA", `"vetoed_by":["FRA","GBR"]`},
		{"S-2024-826", "discrepancy:" + key, "explained", `"state":"explained"`},
		{"S/2024/826", "topic", " Darfur ", `"topic":"Darfur"`}, // a symbol, as people write it
	} {
		t.Run(c.field, func(t *testing.T) {
			before := r.exported(t)
			made, revision, err := r.Edit(t.Context(), []votes.Edit{decide(c.id, c.field, c.value)})
			if err != nil {
				t.Fatal(err)
			}
			id := made[0].ID
			res := r.resolution(t, id)
			text, err := json.Marshal(res)
			if err != nil || !strings.Contains(string(text), c.shows) || strings.Contains(before[id], c.shows) {
				t.Errorf("want %s in\n%s", c.shows, text)
			}
			if res.Revision != revision {
				t.Errorf("at revision %d, want %d", res.Revision, revision)
			}
			r.historyTells(t, id, made[0])
			fields, err := r.Accounts(t.Context(), id)
			told := func(f votes.FieldSource) bool { return strings.Contains(f.Rule, why) && f.Source == "S/PV.9790" }
			if err != nil || slices.ContainsFunc(fields.Fields, told) == strings.HasPrefix(c.field, "discrepancy") {
				t.Errorf("the fields are from %+v, %v", fields.Fields, err)
			}

			undo := decide(id, votes.EditUndo, fmt.Sprint(made[0].Number))
			undone, _, err := r.Edit(t.Context(), []votes.Edit{undo})
			if err != nil {
				t.Fatal(err)
			}
			sameRecord(t, "undone", before, r.exported(t))
			r.historyTells(t, id, undone[0])
			if rep := r.verify(t); len(rep.Differences) > 0 {
				t.Error(differences(rep))
			}

			// An undo is undone in its turn.
			r.edit(t, decide(id, votes.EditUndo, fmt.Sprint(undone[0].Number)))
			again, err := json.Marshal(r.resolution(t, id))
			if err != nil || !strings.Contains(string(again), c.shows) {
				t.Errorf("with the undo undone, want %s in\n%s", c.shows, again)
			}
			r.edit(t, decide(id, votes.EditUndo, fmt.Sprint(made[0].Number)))
			sameRecord(t, "undone once more", before, r.exported(t))
		})
	}
}

// historyTells holds that the newest change of a resolution names an edit and
// says what it changed.
func (r record) historyTells(t *testing.T, id string, e votes.Edit) {
	t.Helper()
	h, err := r.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	last := h.Data[0]
	if last.What != votes.Changed || last.Import != nil || !slices.Equal(last.Edits, []votes.Edit{e}) || len(last.Changes) == 0 || h.Revision != last.Revision {
		t.Errorf("the newest change is %+v, want edit %+v", last, e)
	}
}

// Every fault of every edit is told at once, and then none is kept.
func TestEditTellsEveryFault(t *testing.T) {
	r := editable(t)
	before, record := r.counts(t), r.exported(t)
	faulty := []votes.Edit{
		decide("S-2024-835", "title", "This one alone would do"),
		decide("S-2024-999", "title", "A ceasefire"),
		{ID: "S-2024-835", Field: "title", Value: "A ceasefire"},
		decide("S-2024-835", "date", "2024-11-31"),
		decide("S-2024-835", "position:Ruritania", "yes"),
		decide("S-2024-835", "position:USA", "perhaps"),
		decide("S-2024-835", "outcome", "adopted"), // it always follows
		decide("S-2024-835", "discrepancy:00000000", "explained"),
		decide("S-2024-826", "discrepancy:", "forgiven"),
		decide("S-2024-835", "merge", "S-2024-999"),
		decide("S-2024-835", "split", "the sheet"),
		decide("S-2024-835", "undo", "1"),
		decide("S-2024-835", "statement", `{"speaker":"A. Speaker"}`),
		decide("what?", "topic", "Gaza"),
	}
	_, revision, err := r.Edit(t.Context(), slices.Clone(faulty))
	var faults votes.Faults
	if !errors.As(err, &faults) || !errors.Is(err, votes.ErrInvalid) {
		t.Fatalf("err=%v, want votes.Faults", err)
	}
	var told []string
	for _, f := range faults {
		told = append(told, f.Parameter)
	}
	want := []string{"id", "reason", "reference", "date", "position:Ruritania", "position:USA", "outcome", "discrepancy:00000000",
		"discrepancy:", "id", "split", "undo", "statement", "id"}
	for _, parameter := range want {
		i := slices.Index(told, parameter)
		if i < 0 {
			t.Errorf("no fault of %s is told among %v", parameter, faults)
			continue
		}
		told = slices.Delete(told, i, i+1)
	}
	if revision != 0 {
		t.Errorf("revision %d, want none", revision)
	}
	sameCounts(t, before, r.counts(t))
	sameRecord(t, "after edits that have faults", record, r.exported(t))
}

// Two accounts under two symbols, joined by an editor, then parted again.
func TestMergeAndSplit(t *testing.T) {
	r := editable(t)
	adrift := strings.Replace(strings.Replace(gaza, "S/2024/835", "S/2024/853", 1), "S/PV.9790", "", 1)
	r.land(t, csvFile("c.csv", header+adrift).from("C", ""), store.ImportOptions{})
	before := r.exported(t)
	merged, _, err := r.Edit(t.Context(), []votes.Edit{decide("S-2024-853", votes.EditMerge, "S/2024/835")})
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := r.Accounts(t.Context(), "S-2024-835")
	if err != nil || len(accounts.Accounts) != 2 || accounts.Accounts[1].MatchedBy != votes.RuleEditor {
		t.Fatalf("accounts %+v, %v; want both, the second by an editor", accounts, err)
	}
	if n := len(r.exported(t)); n != len(before)-1 {
		t.Errorf("%d resolutions, want one less than %d", n, len(before))
	}
	gone, err := r.History(t.Context(), "S-2024-853")
	if err != nil || gone.Data[0].What != votes.Deleted || !slices.Equal(gone.Data[0].Edits, merged) {
		t.Errorf("history of what was merged: %+v, %v; want it deleted by the edit", gone, err)
	}
	// What is said of the id that is gone is said of the one that it led to.
	kept, _, err := r.Edit(t.Context(), []votes.Edit{decide("S-2024-853", "topic", "A ceasefire")})
	if err != nil || kept[0].ID != "S-2024-835" || r.resolution(t, "S-2024-835").Topic != "A ceasefire" {
		t.Errorf("an edit under the merged id: %+v, %v", kept, err)
	}
	r.edit(t, decide("S-2024-835", votes.EditUndo, fmt.Sprint(kept[0].Number)), decide("S-2024-853", votes.EditUndo, fmt.Sprint(merged[0].Number)))
	sameRecord(t, "parted again", before, r.exported(t))

	// B's account of the draft on Sudan is declared to be of another vote.
	parted, _, err := r.Edit(t.Context(), []votes.Edit{decide("S-2024-826", votes.EditSplit, "scvotes#S-2024-826")})
	if err != nil {
		t.Fatal(err)
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Error(differences(rep))
	}
	r.edit(t, decide("S-2024-826", votes.EditUndo, fmt.Sprint(parted[0].Number)))
	sameRecord(t, "joined again", before, r.exported(t))
}

// An editor may decide before the account comes: the merge waits for it.
func TestMergeBeforeTheAccountArrives(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza).from("A", ""), store.ImportOptions{})
	adrift := csvFile("c.csv", header+strings.Replace(strings.Replace(gaza, "S/2024/835", "S/2024/853", 1), "S/PV.9790", "", 1)).from("C", "")
	merge := decide("S-2024-853", votes.EditMerge, "S-2024-835")
	before := r.exported(t)
	r.edit(t, merge)
	sameRecord(t, "before the account came", before, r.exported(t))
	r.land(t, adrift, store.ImportOptions{})
	early := r.exported(t)

	r.clear(t)
	r.land(t, csvFile("a.csv", header+gaza).from("A", ""), store.ImportOptions{})
	r.land(t, adrift, store.ImportOptions{})
	r.edit(t, merge)
	sameRecord(t, "decided before or after", r.exported(t), early)
	if len(early) != 1 || len(r.resolution(t, "S-2024-853").Sources) != 2 {
		t.Errorf("%d resolutions, want the one with both sources", len(early))
	}
}

// An edit stands while newer accounts come, and a dry run leaves it alone.
func TestAnEditOutlivesImports(t *testing.T) {
	r := editable(t)
	r.edit(t, decide("S-2024-835", "topic", "A ceasefire"), decide("S-2024-835", "position:CHE", "abstain"))
	// The next file has another word for the topic, which no longer shows.
	later := strings.Replace(gaza, "Gaza", "Middle East", 1)
	before := r.exported(t)
	if _, err := r.take(t, csvFile("a.csv", header+somalia+sudan+later).from("A", ""), store.ImportOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	sameRecord(t, "a dry run", before, r.exported(t))
	r.land(t, csvFile("a.csv", header+somalia+sudan+later).from("A", ""), store.ImportOptions{})
	res := r.resolution(t, "S-2024-835")
	if res.Topic != "A ceasefire" || res.Tally.String() != "13-1-1" {
		t.Errorf("topic %q, tally %s; want what the editor decided", res.Topic, res.Tally)
	}
	h, err := r.History(t.Context(), "S-2024-835")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, v := range h.Data {
		told = append(told, fmt.Sprintf("%d %s, import %v, %d edits", v.Revision, v.What, v.Import != nil, len(v.Edits)))
	}
	if diff := cmp.Diff([]string{"3 changed, import false, 2 edits", "1 created, import true, 0 edits"}, told); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
