package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pglocal"
	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/synthetic"
)

// BenchmarkImportBesideCopy imports invented sheets into an empty record, and
// in turn has psql \copy write the same positions into a table with the keys of
// votes. The ratio is what can be compared between machines; each round begins
// with an empty database.
func BenchmarkImportBesideCopy(b *testing.B) {
	for _, rows := range []int{45_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "sheet.csv")
			writeSheet(b, name, rows/15)
			var importing, copying time.Duration
			var peak uint64
			n := 0
			for range b.N {
				r := newRecord(b)
				began := time.Now()
				rep, err := r.Import(b.Context(), store.ImportOptions{}, sheetReader(name, &peak))
				if err != nil {
					b.Fatal(err)
				}
				importing += time.Since(began)
				n += rep.Votes
				copying += copyVotes(b, r)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(n)/importing.Seconds(), "import_rows/s")
			b.ReportMetric(float64(n)/copying.Seconds(), "psql_copy_rows/s")
			b.ReportMetric(importing.Seconds()/copying.Seconds(), "import/psql_copy")
			b.ReportMetric(float64(peak)/(1<<20), "peak_heap_MB")
		})
	}
}

func writeSheet(b *testing.B, name string, resolutions int) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if err := synthetic.WriteSheet(f, resolutions, 1); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// sheetReader reads a file as the command line does, and notes the largest heap
// seen on the way.
func sheetReader(name string, peak *uint64) store.ReadFile {
	return func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		rep.File, rep.SHA256 = filepath.Base(name), strings.Repeat("0", 64)
		seen := 0
		read, err := source.Read(f, source.Options{File: rep.File}, func(a *votes.Account) error {
			rep.Source, rep.Format = a.Source.Name, a.Source.Format
			if seen++; seen%1000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				*peak = max(*peak, m.HeapInuse)
			}
			return yield(a)
		})
		rep.Format, rep.Rows = read.Format, read.Rows
		rep.RowsRefused += read.RefusedRows
		return err
	}
}

// copyVotes writes the positions of the record again, with psql, into a table
// made like votes, with its indexes and foreign keys, and returns how long that took.
func copyVotes(b *testing.B, r record) time.Duration {
	b.Helper()
	bin, _, err := pglocal.FindBinaries("")
	if err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(b.TempDir(), "votes.csv")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := r.db.PgConn().CopyTo(b.Context(), f, `COPY (SELECT * FROM votes ORDER BY resolution_no, code) TO STDOUT csv`); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	r.exec(b, `CREATE TABLE copied (LIKE votes INCLUDING ALL)`)
	r.exec(b, `ALTER TABLE copied ADD FOREIGN KEY (resolution_no) REFERENCES resolutions (no), ADD FOREIGN KEY (code) REFERENCES states (code)`)
	began := time.Now()
	out, err := exec.CommandContext(b.Context(), filepath.Join(bin, "psql"), "-X", "-d", r.dsn, "-c", `\copy copied FROM '`+name+`' csv`).CombinedOutput()
	if err != nil {
		b.Fatalf("psql: %v\n%s", err, out)
	}
	return time.Since(began)
}
