package store_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
)

// grownLists are questions as dashboards ask them, again and again.
var grownLists = []string{"", "outcome=vetoed", "voted=USA:no", "voted=RUS:abstain&voted=CHN:abstain", "vetoed_by=USA", "sponsor=USA",
	"adopted_by=majority", "region=Africa", "margin=-1", "against_min=1", "sort=date", "sort=margin", "facets=outcome,vetoed_by,region"}

// BenchmarkGrowth measures a page of each list, and the agreement of the
// permanent members, in records of one and ten times the size of the real one;
// no list may read the table of votes from end to end. Every route, and a hundred
// times the size: see cmd/growth.
func BenchmarkGrowth(b *testing.B) {
	for _, resolutions := range []int{3_000, 30_000} {
		name := filepath.Join(b.TempDir(), "sheet.csv")
		writeHistory(b, name, resolutions)
		r := newRecord(b)
		var peak uint64
		if _, err := r.Import(b.Context(), store.ImportOptions{}, sheetReader(name, &peak)); err != nil {
			b.Fatal(err)
		}
		r.exec(b, `ANALYZE`)
		for _, query := range grownLists {
			b.Run(fmt.Sprintf("resolutions=%d/list=%s", resolutions, query), func(b *testing.B) { benchmarkList(b, r, query) })
		}
		b.Run(fmt.Sprintf("resolutions=%d/agreement=P5", resolutions), func(b *testing.B) {
			members, _ := votes.ParseMembers([]string{"P5"})
			for b.Loop() {
				c := votes.NewAgreement(votes.AgreementOptions{Members: members})
				if _, err := r.Events(b.Context(), votes.Filter{}, false, func(e votes.Event) error { c.Add(e); return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchmarkList(b *testing.B, r record, query string) {
	values, err := url.ParseQuery(query)
	if err != nil {
		b.Fatal(err)
	}
	f, faults := votes.ParseFilter(values)
	sort, more := votes.ParseSort(values, f)
	facets, last := votes.ParseFacets(values)
	if faults = slices.Concat(faults, more, last); len(faults) > 0 {
		b.Fatal(faults)
	}
	request := votes.PageRequest{Limit: votes.DefaultLimit, Sort: sort, Facets: facets}
	heard, overhearing := r.overheard(b)
	if _, err := heard.Resolutions(b.Context(), f, request); err != nil {
		b.Fatal(err)
	}
	for _, s := range overhearing.take() {
		if plan := strings.Join(r.list(b, `EXPLAIN `+s.sql, s.args...), "\n"); strings.Contains(plan, "Seq Scan on votes") {
			b.Errorf("%s reads all votes:\n%s", query, plan)
		}
	}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := r.Resolutions(b.Context(), f, request); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
