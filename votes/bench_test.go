package votes_test

import (
	"bytes"
	"fmt"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/synthetic"
)

// Matching and reconciling must grow with the number of accounts and no faster:
// ns/account is to stay near the same from 5,000 to 50,000. Medians on two busy
// cores: matching 0.8 and 1.4 us (it sorts), reconciling 9.5 and 7.6 us, with
// 3.6 and 32 allocations an account at both sizes.

func BenchmarkMatchAccounts(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := invented(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if m := votes.MatchAccounts(all.briefs, nil); m[0].ID == "" {
					b.Fatal("no match")
				}
			}
			perAccount(b, n)
		})
	}
}

func BenchmarkReconcile(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := invented(b, n)
			b.ReportAllocs()
			for b.Loop() {
				for _, g := range all.groups {
					if r, _ := votes.Reconcile(g.accounts, nil); r.RollCall != votes.RollComplete {
						b.Fatal(r.ID, r.RollCall)
					}
				}
			}
			perAccount(b, n)
		})
	}
}

func perAccount(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/account")
}

// invented gives n accounts of n/2 votes, by two sources that agree.
func invented(b *testing.B, n int) everything {
	b.Helper()
	var sheet bytes.Buffer
	if err := synthetic.WriteSheet(&sheet, n/2, 1946); err != nil {
		b.Fatal(err)
	}
	var all everything
	for _, name := range []string{"one", "two"} {
		all.accounts = append(all.accounts, checkedFrom(b, bytes.NewReader(sheet.Bytes()), source.Options{Source: name})...)
	}
	all.match()
	if len(all.accounts) != n || len(all.groups) != n/2 {
		b.Fatalf("%d accounts of %d votes", len(all.accounts), len(all.groups))
	}
	return all
}
