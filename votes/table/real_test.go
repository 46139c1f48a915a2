package table

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"
)

// dataFolder holds the published files; they are no part of the project.
const dataFolder = "../../../shared/data"

// record is what a store would hold.
type record struct {
	resolutions []votes.Resolution // by day and id
	accounts    []votes.FoundAccount
	members     []votes.Member
}

var starterRecord = sync.OnceValues(func() (record, error) {
	accounts, err := starterAccounts()
	return recordOf(accounts), err
})

// ofStarter is the starter record.
func ofStarter(t testing.TB) record {
	t.Helper()
	r, err := starterRecord()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ofPublished is the starter record with the published files beside it, rolls
// that are disputed and votes in which sources differ among them.
func ofPublished(t testing.TB) record {
	t.Helper()
	accounts, err := starterAccounts()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sc_draft_votes_1994_2025.csv", "undl_format_sample.csv", "un_veto_list_1946_2022.csv", "un_outcomes_1946_1993.csv"} {
		f, err := os.Open(filepath.Join(dataFolder, name))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("the published files are not in %s", dataFolder)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = source.Read(f, source.Options{}, add(&accounts))
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return recordOf(accounts)
}

func starterAccounts() ([]*votes.Account, error) {
	var list []*votes.Account
	opt := source.Options{Source: starter.Name, Edition: starter.Edition}
	_, err := source.Read(starter.Resolutions(), opt, add(&list))
	_, more := source.Read(starter.Statements(), opt, add(&list))
	return list, errors.Join(err, more)
}

func add(list *[]*votes.Account) func(*votes.Account) error {
	return func(a *votes.Account) error {
		if votes.Check(a); !a.Refused() {
			*list = append(*list, a)
		}
		return nil
	}
}

func recordOf(accounts []*votes.Account) record {
	briefs := make([]votes.Brief, len(accounts))
	for i, a := range accounts {
		briefs[i] = votes.BriefOf(a)
	}
	byID := make(map[string][]*votes.Account)
	var rec record
	for i, m := range votes.MatchAccounts(briefs, nil) {
		a := accounts[i]
		a.Match = m
		byID[m.ID] = append(byID[m.ID], a)
		v := votes.AccountView{Number: int64(i + 1), Source: a.Source, File: "a, \"quoted\" name.csv", SHA256: strings.Repeat("0f", 32), Import: 1,
			Sound: a.Sound(), MatchedBy: m.Rule, Doubt: votes.Text(m.Doubt), Account: a}
		v.Source.Line = a.Line
		rec.accounts = append(rec.accounts, votes.FoundAccount{Resolution: m.ID, AccountView: v})
	}
	count := votes.NewMemberCount(false)
	for _, list := range byID {
		r, _ := votes.Reconcile(list, nil)
		if r.ID == "" {
			continue
		}
		r.Revision = int64(len(list))
		count.Add(votes.EventOf(&r))
		rec.resolutions = append(rec.resolutions, r)
	}
	slices.SortFunc(rec.resolutions, func(a, b votes.Resolution) int { return strings.Compare(string(a.Date)+a.ID, string(b.Date)+b.ID) })
	rec.members = count.Members()
	newer := int64(2)
	rec.accounts[0].SupersededBy = &newer
	return rec
}

func (rec record) each(yield func(*votes.Resolution) error) error {
	for i := range rec.resolutions {
		if err := yield(&rec.resolutions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (rec record) eachAccount(yield func(votes.FoundAccount) error) error {
	return all(rec.accounts, yield)
}

// find returns a resolution of the record.
func (rec record) find(t testing.TB, id string) *votes.Resolution {
	t.Helper()
	i := slices.IndexFunc(rec.resolutions, func(r votes.Resolution) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("the record has no %s", id)
	}
	return &rec.resolutions[i]
}
