package chart

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"
)

var starterRecord = sync.OnceValues(func() ([]votes.Resolution, error) {
	var accounts []*votes.Account
	keep := func(a *votes.Account) error {
		if votes.Check(a); !a.Refused() {
			accounts = append(accounts, a)
		}
		return nil
	}
	opt := source.Options{Source: starter.Name, Edition: starter.Edition}
	_, err := source.Read(starter.Resolutions(), opt, keep)
	_, more := source.Read(starter.Statements(), opt, keep)
	briefs := make([]votes.Brief, len(accounts))
	for i, a := range accounts {
		briefs[i] = votes.BriefOf(a)
	}
	byID := map[string][]*votes.Account{}
	for i, m := range votes.MatchAccounts(briefs, nil) {
		accounts[i].Match = m
		byID[m.ID] = append(byID[m.ID], accounts[i])
	}
	var list []votes.Resolution
	for _, of := range byID {
		if r, _ := votes.Reconcile(of, nil); r.ID != "" {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b votes.Resolution) int { return strings.Compare(string(a.Date)+a.ID, string(b.Date)+b.ID) })
	return list, errors.Join(err, more)
})

// record is the starter record, by day and id.
func record(t testing.TB) []votes.Resolution {
	t.Helper()
	list, err := starterRecord()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 400 {
		t.Fatalf("the starter record has %d votes only", len(list))
	}
	return list
}

// find returns a vote of the starter record.
func find(t testing.TB, id string) votes.Resolution {
	t.Helper()
	for _, r := range record(t) {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("%s is not in the starter record", id)
	return votes.Resolution{}
}

// first returns the first vote of the starter record for which a condition holds.
func first(t testing.TB, what string, is func(votes.Resolution) bool) votes.Resolution {
	t.Helper()
	list := record(t)
	i := slices.IndexFunc(list, is)
	if i < 0 {
		t.Fatalf("the starter record has no vote that is %s", what)
	}
	return list[i]
}

func vetoSeries(t testing.TB) []VetoYear {
	byYear := map[int]map[votes.Code]int{}
	for _, r := range record(t) {
		for _, c := range r.VetoedBy {
			if byYear[r.Date.Year()] == nil {
				byYear[r.Date.Year()] = map[votes.Code]int{}
			}
			byYear[r.Date.Year()][c]++
		}
	}
	var list []VetoYear
	for y := 1946; y <= 2025; y++ {
		list = append(list, VetoYear{y, byYear[y]})
	}
	return list
}

func agreement(t testing.TB, from votes.Date) votes.Agreement {
	a := votes.NewAgreement(votes.AgreementOptions{})
	for _, r := range record(t) {
		if r.Date >= from {
			a.Add(votes.EventOf(&r))
		}
	}
	return a.Result()
}

func memberRecord(t testing.TB, code votes.Code) votes.MemberRecord {
	c := votes.NewMemberRecord(votes.MemberOptions{Code: code})
	for _, r := range record(t) {
		c.Add(votes.EventOf(&r))
	}
	return c.Result()
}

func share(v float64) *float64 { return &v }

func trend() []Series {
	return []Series{
		{"France and United States", []SharePoint{{2019, share(.9), 40}, {2020, share(.8), 44}, {2021, nil, 0}, {2022, share(.95), 60}, {2023, share(.7), 50}, {2024, share(.85), 46}}},
		{"Russian Federation and United States", []SharePoint{{2019, share(.6), 40}, {2020, share(.55), 44}, {2021, share(.5), 57}, {2022, share(.4), 60}, {2023, share(.38), 50}, {2024, share(.45), 46}}},
	}
}
