package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"scvotes/store"
)

// BenchmarkRebuild works out records of one, ten and a hundred times the size
// of the real history from their accounts. Accounts a second that stay the same
// mean that the time grows as the record does.
func BenchmarkRebuild(b *testing.B) {
	for _, accounts := range []int{3_000, 30_000, 300_000} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "sheet.csv")
			writeSheet(b, name, accounts)
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
			b.ReportMetric(float64(accounts*b.N)/took.Seconds(), "accounts/s")
		})
	}
}
