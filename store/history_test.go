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

func TestAccountsOfOneVote(t *testing.T) {
	r := newRecord(t)
	first := r.land(t, csvFile("a.csv", header+sudan).from("A", "2024"), store.ImportOptions{})
	r.land(t, csvFile("a.csv", header+strings.Replace(sudan, "Sudan", "Darfur", 1)).from("A", "2025"), store.ImportOptions{})
	last := r.land(t, csvFile("b.csv", header+strings.Replace(sudan2, "RUS", "IND", 1)).from("B", ""), store.ImportOptions{})
	r.edit(t, decide("S-2024-826", "region", "Africa"))
	got, err := r.Accounts(t.Context(), "S-2024-826")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, a := range got.Accounts {
		current := "current"
		if a.SupersededBy != nil {
			current = fmt.Sprint("superseded by ", *a.SupersededBy)
		}
		told = append(told, fmt.Sprintf("%d: %s %s, %s line %d of import %d, sound=%v, %s, %s; finds %s",
			a.Number, a.Source.Name, a.Source.Edition, a.File, a.Source.Line, a.Import, a.Sound, a.MatchedBy, current, a.Finds))
	}
	want := []string{
		"2: A 2025, a.csv line 2 of import 2, sound=true, same symbol, current; finds vetoed: 14 in favour, 9 required; a permanent member voted against: Russian Federation",
		"3: B , b.csv line 2 of import 3, sound=false, same symbol, current; finds ",
		"1: A 2024, a.csv line 2 of import 1, sound=true, same symbol, superseded by 2; finds vetoed: 14 in favour, 9 required; a permanent member voted against: Russian Federation",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	if got.Accounts[2].SHA256 != first.SHA256 || got.Accounts[1].SHA256 != last.SHA256 || got.Accounts[2].Account.Topic != "Sudan" {
		t.Error("the older account is not shown as it was read, or not with its file")
	}
	rules := make(map[string]string)
	for _, f := range got.Fields {
		rules[f.Field] = f.Source + " " + f.Edition + ": " + f.Rule
	}
	for field, want := range map[string]string{
		"topic":  "A 2025: the account that ranks highest for this field",
		"votes":  "A 2025: the highest-ranking account that contradicts nothing",
		"region": "S/PV.9790 : edit 1: " + why,
	} {
		if rules[field] != want {
			t.Errorf("%s is from %q, want %q", field, rules[field], want)
		}
	}
	if !slices.Equal(got.Edits, []votes.Edit{{Number: 1, ID: "S-2024-826", Field: "region", Value: "Africa", Reason: why, Reference: "S/PV.9790"}}) || got.Revision != 4 {
		t.Errorf("edits %+v at revision %d", got.Edits, got.Revision)
	}
	for name, err := range map[string]error{
		"Accounts": func() error { _, err := r.Accounts(t.Context(), "S-2024-999"); return err }(),
		"History":  func() error { _, err := r.History(t.Context(), "S-2024-999"); return err }(),
	} {
		if !errors.Is(err, votes.ErrNotFound) || !strings.Contains(err.Error(), "S-2024-999") {
			t.Errorf("%s of what is not there: %v, want ErrNotFound with the id", name, err)
		}
	}
}

// allFiles is the record of all the published files, the starter record and its
// edits.
func allFiles(t testing.TB) record {
	t.Helper()
	r := newRecord(t)
	r.loadStarter(t)
	r.edit(t, starterEdits(t)...)
	for _, name := range []string{vetoListName, outcomesName, sampleName, sheetName} {
		r.land(t, publishedFile(t, name), store.ImportOptions{KeepGoing: true})
	}
	return r
}

// Every account is shown once, beside the others of its vote; every field of
// the record is from one of them or from an edit; the changes of a field follow
// upon each other and end at what the record shows.
func TestAccountsAndHistoryOfThePublishedFiles(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := allFiles(t)
	ids := r.list(t, `SELECT id FROM resolutions r ORDER BY (SELECT count(*) FROM changes c WHERE c.resolution_id = r.id) DESC, md5(id) LIMIT 400`)
	shown := make(map[int64]bool)
	changed := 0
	for _, id := range ids {
		got, err := r.Accounts(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		sources := []string{}
		for _, a := range got.Accounts {
			if shown[a.Number] {
				t.Errorf("account %d is shown of %s and of another", a.Number, id)
			}
			shown[a.Number] = true
			sources = append(sources, fmt.Sprint(a.Source.Name, a.Source.Edition, a.Source.Line))
			if a.Sound != a.Account.Sound() || a.Sound && a.Account.Date != "" && a.Finds == "" {
				t.Errorf("%s: account %d is shown as sound=%v and finds %q", id, a.Number, a.Sound, a.Finds)
			}
		}
		for _, f := range got.Fields {
			if !slices.Contains(sources, fmt.Sprint(f.Source, f.Edition, f.Line)) && !strings.HasPrefix(f.Rule, "edit ") {
				t.Errorf("%s: %s is from %+v, which is none of its accounts", id, f.Field, f)
			}
		}
		changed += r.historyHolds(t, id)
	}
	if changed < 100 {
		t.Errorf("%d resolutions were ever changed, too few to hold anything", changed)
	}
	want := one[int](t, r, `SELECT count(*) FROM accounts WHERE resolution_id = ANY($1)`, ids)
	if len(shown) != want {
		t.Errorf("%d accounts are shown, %d are kept", len(shown), want)
	}
}

// historyHolds follows each field of a resolution through its history, from the
// newest change back, and returns 1 where there was any.
func (r record) historyHolds(t *testing.T, id string) int {
	t.Helper()
	h, err := r.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	res := r.resolution(t, id)
	now := fieldsNow(t, res)
	revision := h.Data[0].Revision
	if res.Revision != revision || h.Data[len(h.Data)-1].What != votes.Created {
		t.Errorf("%s is at revision %d, its history goes from %+v to %d", id, res.Revision, h.Data[len(h.Data)-1], revision)
	}
	for _, v := range h.Data {
		if v.Revision > revision || v.Import != nil && len(v.Edits) > 0 || v.Summary == "" || v.Committed.IsZero() {
			t.Errorf("%s: revision %d out of order, or by two things or nothing: %+v", id, v.Revision, v)
		}
		revision = v.Revision
		for _, c := range v.Changes {
			if got, ok := now[c.Field]; ok && got != string(c.To) || !ok && string(c.To) != "null" {
				t.Errorf("%s: revision %d made %s %s, but then it was %s", id, v.Revision, c.Field, c.To, got)
			}
			now[c.Field] = string(c.From)
		}
	}
	return min(1, len(h.Data)-1)
}

// fieldsNow spreads a resolution into JSON, a position of a member each by itself.
func fieldsNow(t *testing.T, res *votes.Resolution) map[string]string {
	t.Helper()
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	now := make(map[string]string)
	for name, v := range fields {
		now[name] = string(v)
	}
	for _, v := range res.Votes {
		now["position of "+v.Name] = fmt.Sprintf("%q", v.Position)
	}
	return now
}

// All accounts one after the other are those of the resolutions one by one.
func TestEachAccount(t *testing.T) {
	r := editable(t)
	r.land(t, csvFile("c.csv", header+gaza).from("A", "2"), store.ImportOptions{}) // supersedes the account of edition 1
	want := make(map[string]votes.AccountView)
	for _, res := range r.all(t) {
		accounts, err := r.Accounts(t.Context(), res.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range accounts.Accounts {
			want[fmt.Sprint(res.ID, " ", a.Number)] = a
		}
	}
	got := make(map[string]votes.AccountView)
	var order []string
	if _, err := r.EachAccount(t.Context(), func(a votes.FoundAccount) error {
		got[fmt.Sprint(a.Resolution, " ", a.Number)] = a.AccountView
		order = append(order, a.Resolution)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 6 || len(order) != len(got) || !slices.IsSorted(order) {
		t.Errorf("%d accounts of %v (-by resolution +all):\n%s", len(got), order, diff)
	}
	fault := errors.New("the reader's own")
	if _, err := r.EachAccount(t.Context(), func(votes.FoundAccount) error { return fault }); !errors.Is(err, fault) {
		t.Errorf("err=%v, want the reader's own", err)
	}
}
