package source_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"
)

// BenchmarkReadFormats reads a file of each layout but the draft-level sheet,
// which BenchmarkRead has, from memory.
func BenchmarkReadFormats(b *testing.B) {
	for name, file := range map[string]func() ([]byte, error){
		"scvotes":     func() ([]byte, error) { return io.ReadAll(starter.Resolutions()) },
		"statements":  func() ([]byte, error) { return io.ReadAll(starter.Statements()) },
		"undl":        published("undl_format_sample.csv"),
		"un-vetoes":   published("un_veto_list_1946_2022.csv"),
		"un-outcomes": published("un_outcomes_1946_1993.csv"),
	} {
		b.Run(name, func(b *testing.B) {
			text, err := file()
			if err != nil {
				b.Skipf("the published files are not here: %v", err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				report, err := source.Read(bytes.NewReader(text), source.Options{}, func(*votes.Account) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				rows += report.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func published(name string) func() ([]byte, error) {
	return func() ([]byte, error) { return os.ReadFile(filepath.Join("../../../shared/data", name)) }
}
