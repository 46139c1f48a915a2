package store_test

import (
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

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

// BenchmarkVerify works the record of 50,000 invented votes out again.
func BenchmarkVerify(b *testing.B) {
	const accounts = 50_000
	name := filepath.Join(b.TempDir(), "sheet.csv")
	writeSheet(b, name, accounts)
	r := newRecord(b)
	var importing uint64
	if _, err := r.Import(b.Context(), store.ImportOptions{}, sheetReader(name, &importing)); err != nil {
		b.Fatal(err)
	}
	r.exec(b, `VACUUM ANALYZE`) // as autovacuum does within the minute
	peak := watchHeap(b)
	for b.Loop() {
		rep, err := r.Verify(b.Context())
		if err != nil || rep.Accounts != accounts || len(rep.Differences) > 0 {
			b.Fatalf("%d accounts, %v:%s", rep.Accounts, err, differences(rep))
		}
	}
	b.ReportMetric(float64(accounts*b.N)/b.Elapsed().Seconds(), "accounts/s")
	b.ReportMetric(float64(peak.Load())/(1<<20), "peak_heap_MB")
}

// watchHeap notes the largest heap, in bytes, until the benchmark ends.
func watchHeap(b *testing.B) *atomic.Uint64 {
	b.Helper()
	var peak atomic.Uint64
	done := make(chan struct{})
	b.Cleanup(func() { close(done) })
	runtime.GC()
	go func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return &peak
}

// BenchmarkResolution reads one resolution with its votes, statements and sources.
func BenchmarkResolution(b *testing.B) {
	r, _ := published(b)
	for b.Loop() {
		if _, _, err := r.Resolution(b.Context(), "S-2024-835"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkItem reads one resolution as it is answered, BenchmarkItems a page.
func BenchmarkItem(b *testing.B) {
	r, _ := published(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Item(b.Context(), "S-2024-835"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkItems(b *testing.B) {
	r, _ := published(b)
	b.ReportAllocs()
	for b.Loop() {
		page, err := r.Items(b.Context(), votes.Filter{}, votes.PageRequest{Limit: 50})
		if err != nil || len(page.Data) != 50 {
			b.Fatalf("%d on the page, %v", len(page.Data), err)
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
