package store_test

import (
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

// BenchmarkImport takes the published sheet into an empty record.
func BenchmarkImport(b *testing.B) {
	f := publishedFile(b, sheetName)
	r := newRecord(b)
	rows := 0
	for b.Loop() {
		b.StopTimer()
		r.clear(b)
		b.StartTimer()
		rep, err := r.Import(b.Context(), store.ImportOptions{KeepGoing: true}, f.read)
		if err != nil {
			b.Fatal(err)
		}
		rows += rep.Rows
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkResolution reads one resolution with its votes, statements and sources.
func BenchmarkResolution(b *testing.B) {
	r, _ := published(b)
	for b.Loop() {
		if _, err := r.Resolution(b.Context(), "S-2024-835"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkResolutions reads the first page of 50, of all and of one filter.
func BenchmarkResolutions(b *testing.B) {
	r, _ := published(b)
	for name, f := range map[string]votes.Filter{
		"all":      {},
		"filtered": {Outcome: []votes.Outcome{votes.Adopted}, Voted: [][]votes.Voted{{{Code: "CHN", Position: votes.Abstain}}}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				page, err := r.Resolutions(b.Context(), f, votes.PageRequest{Limit: 50})
				if err != nil || len(page.Data) != 50 {
					b.Fatalf("%d on the page, %v", len(page.Data), err)
				}
			}
		})
	}
}
