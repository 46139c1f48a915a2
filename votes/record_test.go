package votes_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"

	gocmp "github.com/google/go-cmp/cmp"
)

// These tests hold the whole record against the files it is worked out from:
// the starter record, the sheet, the library's file, the veto list and the
// yearly tables. The fifth file is of seats, which seat_test.go holds.

const (
	vetoListFile = "un_veto_list_1946_2022.csv"
	outcomesFile = "un_outcomes_1946_1993.csv"
)

// group is the accounts of one vote, and the editors' decisions on it.
type group struct {
	id       string
	accounts []*votes.Account
	edits    []votes.Edit
}

// everything is all that the files and the starter record say.
type everything struct {
	accounts []*votes.Account // those that are not refused, each with its Match
	briefs   []votes.Brief
	edits    []votes.Edit
	groups   []group // by id
}

var readOnce sync.Once
var readAll everything

// published reads all files once, and matches the accounts.
func published(t testing.TB) everything {
	t.Helper()
	checked(t, libraryFile) // skips where the files are missing
	readOnce.Do(func() {
		for _, name := range []string{sheetFile, libraryFile, vetoListFile, outcomesFile} {
			readAll.accounts = append(readAll.accounts, checked(t, name)...)
		}
		readAll.accounts = append(readAll.accounts, starterAccounts(t)...)
		readAll.accounts = append(readAll.accounts, checkedFrom(t, starter.Statements(), source.Options{Source: starter.Name, Edition: starter.Edition})...)
		readAll.accounts = slices.DeleteFunc(readAll.accounts, (*votes.Account).Refused)
		for i, row := range rows(t, starter.Edits()) {
			readAll.edits = append(readAll.edits, votes.Edit{Number: int64(i + 1), ID: row["id"], Field: row["field"], Value: row["value"],
				Reason: row["reason"], Reference: row["reference"]})
		}
		readAll.match()
	})
	return readAll
}

func (all *everything) match() {
	for _, a := range all.accounts {
		all.briefs = append(all.briefs, votes.BriefOf(a))
	}
	byID := map[string][]*votes.Account{}
	for i, m := range votes.MatchAccounts(all.briefs, all.edits) {
		all.accounts[i].Match = m
		byID[m.ID] = append(byID[m.ID], all.accounts[i])
	}
	for id, list := range byID {
		g := group{id: id, accounts: list}
		for _, e := range all.edits {
			if e.ID == id {
				g.edits = append(g.edits, e)
			}
		}
		all.groups = append(all.groups, g)
	}
	slices.SortFunc(all.groups, func(a, b group) int { return strings.Compare(a.id, b.id) })
}

// sourceOf finds the account that a field of the record is from.
func (g group) sourceOf(f votes.FieldSource) *votes.Account {
	for _, a := range g.accounts {
		if a.Source.Name == f.Source && a.Source.Edition == f.Edition && a.Line == f.Line {
			return a
		}
	}
	return nil
}

// The record is a function of the set of accounts, not of their order.
func TestRecordDoesNotDependOnTheOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1946, 2026))
	several := 0
	for _, g := range published(t).groups {
		want := recordText(t, g.accounts, g.edits)
		if len(g.accounts) == 1 {
			continue
		}
		several++
		shuffled := slices.Clone(g.accounts)
		for range 5 {
			rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if got := recordText(t, shuffled, g.edits); got != want {
				t.Fatalf("%s in another order:\n%s", g.id, gocmp.Diff(want, got))
			}
		}
	}
	if several < 400 {
		t.Errorf("only %d votes of several accounts", several)
	}
}

func recordText(t *testing.T, accounts []*votes.Account, edits []votes.Edit) string {
	t.Helper()
	r, _ := votes.Reconcile(accounts, edits)
	text, err := json.MarshalIndent(struct {
		votes.Resolution
		Provenance []votes.FieldSource
	}{r, r.Provenance}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every field that has a value says, once, which of the accounts it is from.
func TestEveryFieldLeadsBack(t *testing.T) {
	for _, g := range published(t).groups {
		r, _ := votes.Reconcile(g.accounts, g.edits)
		from := map[string]votes.FieldSource{}
		for _, f := range r.Provenance {
			if _, twice := from[f.Field]; twice {
				t.Errorf("%s: %s is from two accounts", g.id, f.Field)
			}
			from[f.Field] = f
			if g.sourceOf(f) == nil && !strings.HasPrefix(f.Rule, "edit ") {
				t.Errorf("%s: %s is from %+v, which is no account of it", g.id, f.Field, f)
			}
			if f.Rule == "" {
				t.Errorf("%s: %s is chosen by no rule", g.id, f.Field)
			}
		}
		for field, has := range map[string]bool{
			"date": r.Date != "", "draft": r.Draft != "", "resolution": r.Resolution != "", "meeting": r.Meeting != "", "part": r.Part != "",
			"kind": r.Kind != votes.DraftResolution, "procedural": r.Procedural, "title": r.Title != "", "agenda_item": r.AgendaItem != "",
			"topic": r.Topic != "", "region": r.Region != "", "note": r.Note != "", "sponsors": len(r.Sponsors) > 0,
			"votes": r.ID != "", // the outcome follows from them
		} {
			if _, told := from[field]; has && !told {
				t.Errorf("%s: nothing tells where %s is from", g.id, field)
			}
		}
		if len(r.Sources) != len(g.accounts) && r.ID != "" {
			t.Errorf("%s: %d sources of %d accounts", g.id, len(r.Sources), len(g.accounts))
		}
	}
}

// The votes are never those of an account that contradicts itself, the Charter
// or the membership; where there is no other, there are none.
func TestOnlySoundAccountsLead(t *testing.T) {
	disputed, settled := 0, 0
	for _, g := range published(t).groups {
		r, _ := votes.Reconcile(g.accounts, g.edits)
		i := slices.IndexFunc(r.Provenance, func(f votes.FieldSource) bool { return f.Field == "votes" })
		if i < 0 { // statements on a vote that no file has
			continue
		}
		lead := g.sourceOf(r.Provenance[i])
		sound := slices.ContainsFunc(g.accounts, func(a *votes.Account) bool { return a.Date != "" && a.Sound() })
		unsound := slices.ContainsFunc(g.accounts, func(a *votes.Account) bool { return !a.Sound() })
		switch {
		case lead.Sound() != sound:
			t.Errorf("%s follows %s, line %d, which is sound: %t", g.id, lead.Source.Name, lead.Line, lead.Sound())
		case sound != (r.RollCall != votes.RollDisputed):
			t.Errorf("%s: roll call %s, a sound account: %t", g.id, r.RollCall, sound)
		case !sound && (len(r.Votes) > 0 || r.Tally != nil || len(r.VetoedBy) > 0 || r.AdoptedBy != ""):
			t.Errorf("%s is disputed, and yet %d votes, %v, vetoed by %v, adopted by %q", g.id, len(r.Votes), r.Tally, r.VetoedBy, r.AdoptedBy)
		case !sound:
			disputed++
		case unsound:
			settled++
		}
	}
	if disputed < 50 || settled < 8 {
		t.Errorf("only %d disputed votes, and %d that a sound account settles", disputed, settled)
	}
}

// Editors settle what the accounts leave open: each of the starter's decisions
// joins two names of one vote.
func TestStarterEditsHold(t *testing.T) {
	all := published(t)
	for _, e := range all.edits {
		if faults := e.Check(); len(faults) > 0 {
			t.Errorf("%s %s: %v", e.ID, e.Field, faults)
		}
		if slices.ContainsFunc(all.groups, func(g group) bool { return g.id == e.ID }) {
			t.Errorf("%s still stands by itself", e.ID)
		}
		i := slices.IndexFunc(all.groups, func(g group) bool { return g.id == e.Value })
		if i < 0 || len(all.groups[i].accounts) < 2 {
			t.Errorf("%s was not joined with %s", e.ID, e.Value)
		}
	}
}

// Accounts that share neither symbol nor meeting do not touch each other: the
// pieces, matched one by one, match as all of them together. The store relies on
// it when it looks at the surroundings of an import only, and at a few of many.
func TestMatchingIsLocal(t *testing.T) {
	all := published(t)
	together := votes.MatchAccounts(all.briefs, all.edits)
	for _, size := range []int{1, 100} {
		pieces := votes.NewPieces(all.edits)
		for _, b := range all.briefs {
			pieces.Add(b.Base, b.Meeting, b.Number)
		}
		batches, seen := pieces.Batches(size), 0
		if len(batches) < 2000/size {
			t.Fatalf("only %d pieces of %d", len(batches), size)
		}
		for _, batch := range batches {
			briefs := make([]votes.Brief, len(batch))
			for to, i := range batch {
				briefs[to] = all.briefs[i]
			}
			for to, m := range votes.MatchAccounts(briefs, all.edits) {
				if diff := gocmp.Diff(together[batch[to]], m); diff != "" {
					t.Errorf("%s, key %s (-together +by itself):\n%s", briefs[to].Source, briefs[to].Key, diff)
				}
			}
			seen += len(batch)
		}
		if seen != len(all.briefs) {
			t.Errorf("%d of %d accounts are in pieces of %d", seen, len(all.briefs), size)
		}
	}
}

// What looks wrong and is right is explained, with the article that says so.
func TestExceptionsAreExplained(t *testing.T) {
	const p2, p3 = "Charter of the United Nations, Article 27(2)", "Charter of the United Nations, Article 27(3)"
	want := map[string]string{
		"S-RES-87-1950": p2, "S-RES-119-1956": p2, "S-RES-120-1956": p2, "S-RES-132-1959": p2,
		"S-RES-157-1960": p2, "S-RES-462-1980": p2, "S-RES-2623-2022": p2, // the seven procedural resolutions
		"S-10768": p3, // 3-3-9, which lists call vetoed
	}
	got := map[string]string{}
	for _, g := range published(t).groups {
		r, list := votes.Reconcile(g.accounts, g.edits)
		for _, d := range list {
			if d.State != votes.StateExplained {
				continue
			}
			got[r.ID] = string(d.Reference)
			if d.Severity != votes.SeveritySerious || d.Explanation == "" || len(r.VetoedBy) > 0 || r.CarriedButForVeto {
				t.Errorf("%s: %s, vetoed by %v: %s", r.ID, d.Severity, r.VetoedBy, d.Explanation)
			}
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("explained (-want +got):\n%s", diff)
	}
}

// vetoDifferences are all vetoes in which the record and the UN's list part,
// with the reason.
var vetoDifferences = map[string]string{
	"USA 1996-11-19": "the record has it, the list has not: S/1996/952, a second term of the Secretary-General, was voted on in a private meeting",
}

// The vetoes of each permanent member from 1946 to 26 May 2022, the last day of
// the UN's list, are those of the list: China 17, France 17, Russian Federation
// 30, USSR 90, United Kingdom 29, United States 82, and one more of the record.
func TestVetoesAreThoseOfTheList(t *testing.T) {
	named := map[string]votes.Code{"China": "CHN", "France": "FRA", "Russian Federation": "RUS", "USSR": "SUN", "UK": "GBR", "USA": "USA"}
	vetoes, listed, held := map[string]int{}, map[votes.Code]int{}, map[votes.Code]int{}
	for _, row := range publishedRows(t, vetoListFile) {
		for name := range strings.SplitSeq(row["permanent_members_casting_negative_vote"], ";") {
			c, ok := named[strings.TrimSpace(name)]
			if !ok {
				t.Fatalf("%q of %s", name, row["draft"])
			}
			listed[c]++
			vetoes[string(c)+" "+row["date"]]--
		}
	}
	for _, g := range published(t).groups {
		r, _ := votes.Reconcile(g.accounts, g.edits)
		if r.Outcome != votes.Vetoed || r.Date > "2022-05-26" {
			continue
		}
		if len(r.VetoedBy) == 0 {
			t.Errorf("%s was vetoed by nobody: %s", r.ID, r.Reason)
		}
		for _, c := range r.VetoedBy {
			held[c]++
			vetoes[string(c)+" "+string(r.Date)]++
		}
	}
	for veto, n := range vetoes {
		if _, ok := vetoDifferences[veto]; n != boolToInt(ok) {
			t.Errorf("%s: %+d vetoes more in the record than in the list", veto, n)
		}
	}
	if diff := gocmp.Diff(map[votes.Code]int{"CHN": 17, "FRA": 17, "GBR": 29, "RUS": 30, "SUN": 90, "USA": 82}, listed); diff != "" {
		t.Errorf("vetoes in the list (-want +got):\n%s", diff)
	}
	listed["USA"]++
	if diff := gocmp.Diff(listed, held); diff != "" {
		t.Errorf("vetoes by member (-list, and one more +record):\n%s", diff)
	}
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
