package source

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"scvotes/votes"
)

// BenchmarkRead reads the sheet of 25,788 rows from memory.
func BenchmarkRead(b *testing.B) {
	sheet := realFile(b, "sc_draft_votes_1994_2025.csv")
	b.SetBytes(int64(len(sheet)))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		report, err := Read(bytes.NewReader(sheet), Options{}, func(*votes.Account) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		rows += report.Rows
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// realFile returns a published file, which the project does not carry.
func realFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../shared/data", name))
	if err != nil {
		t.Skipf("the published files are not here: %v", err)
	}
	return b
}
