package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes/synthetic"
)

// BenchmarkRebuild works out records of one and ten times the size of the real
// history from their accounts. Resolutions a second that stay the same mean that
// the time grows as the record does. A hundred times: see cmd/growth.
func BenchmarkRebuild(b *testing.B) {
	for _, resolutions := range []int{3_000, 30_000} {
		b.Run(fmt.Sprintf("resolutions=%d", resolutions), func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "sheet.csv")
			writeHistory(b, name, resolutions)
			r := newRecord(b)
			var peak uint64
			if _, err := r.Import(b.Context(), store.ImportOptions{}, sheetReader(name, &peak)); err != nil {
				b.Fatal(err)
			}
			var took time.Duration
			for range b.N {
				began := time.Now()
				if changed, _, err := r.Rebuild(b.Context()); err != nil || changed > 0 {
					b.Fatalf("%d changed, %v", changed, err)
				}
				took += time.Since(began)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(resolutions*b.N)/took.Seconds(), "resolutions/s")
		})
	}
}

// writeHistory writes the rolls of an invented history, from 1946 on.
func writeHistory(b *testing.B, name string, resolutions int) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join((synthetic.History{Resolutions: resolutions, Seed: 1}).WriteSheet(f), f.Close()); err != nil {
		b.Fatal(err)
	}
}
