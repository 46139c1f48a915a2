package store_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
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

// BenchmarkImportBesideCopy imports an invented sheet into an empty record, and
// as many votes again into the record that then is there. In turn it has psql
// \copy write the same positions into a table with the keys of votes, empty and
// then as full. The ratios of the rates are what can be compared between
// machines; each round begins with an empty database.
func BenchmarkImportBesideCopy(b *testing.B) {
	for _, rows := range []int{45_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			first, second := writeSheets(b, rows/15)
			var took, copying [2]time.Duration
			var peak uint64
			n := 0
			for range b.N {
				r := newRecord(b)
				for i, name := range []string{first, second} {
					runtime.GC()
					began := time.Now()
					rep, err := r.Import(b.Context(), store.ImportOptions{}, sheetReader(name, &peak))
					if err != nil || rep.Votes != rows/15*15 {
						b.Fatalf("%v, %d votes", err, rep.Votes)
					}
					took[i] += time.Since(began)
					copying[i] += copyVotes(b, r)
				}
				n += rows / 15 * 15
			}
			b.ReportMetric(0, "ns/op")
			for i, name := range []string{"first", "merge"} {
				b.ReportMetric(float64(n)/took[i].Seconds(), name+"_rows/s")
				b.ReportMetric(float64(n)/copying[i].Seconds(), name+"_psql_rows/s")
				b.ReportMetric(copying[i].Seconds()/took[i].Seconds(), name+"_rate/psql")
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak_heap_MB")
		})
	}
}

// writeSheets writes two sheets of so many resolutions each, the second going on
// where the first ends.
func writeSheets(b *testing.B, resolutions int) (first, second string) {
	b.Helper()
	folder := b.TempDir()
	write := func(name string, w func(io.Writer) error) string {
		name = filepath.Join(folder, name)
		f, err := os.Create(name)
		if err == nil {
			err = cmp.Or(w(f), f.Close())
		}
		if err != nil {
			b.Fatal(err)
		}
		return name
	}
	both, w := io.Pipe()
	go func() { w.CloseWithError(synthetic.WriteSheet(w, 2*resolutions, 1)) }()
	lines := bufio.NewReaderSize(both, 1<<16)
	header, err := lines.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	part := func(rows int) func(io.Writer) error {
		return func(w io.Writer) error {
			out := bufio.NewWriterSize(w, 1<<16)
			out.WriteString(header)
			for range rows {
				line, err := lines.ReadSlice('\n')
				if err != nil {
					return err
				}
				out.Write(line)
			}
			return out.Flush()
		}
	}
	return write("first.csv", part(15*resolutions)), write("second.csv", part(15*resolutions))
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

// copyVotes writes the positions of the last import again, with psql, into a table
// made like votes, with its indexes and a foreign key for each of its columns,
// and returns how long that took.
func copyVotes(b *testing.B, r record) time.Duration {
	b.Helper()
	bin, _, err := pglocal.FindBinaries("")
	if err != nil {
		b.Fatal(err)
	}
	if one[bool](b, r, `SELECT to_regclass('copied') IS NULL`) {
		r.exec(b, `CREATE TABLE copied (LIKE votes INCLUDING ALL)`)
		r.exec(b, `ALTER TABLE copied ADD FOREIGN KEY (resolution_no) REFERENCES resolutions (no), ADD FOREIGN KEY (code) REFERENCES states (code)`)
	}
	name := filepath.Join(b.TempDir(), "votes.csv")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := r.db.PgConn().CopyTo(b.Context(), f, `
		COPY (SELECT * FROM votes WHERE resolution_no > (SELECT coalesce(max(resolution_no), 0) FROM copied) ORDER BY resolution_no, code) TO STDOUT csv`); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	out, err := exec.CommandContext(b.Context(), filepath.Join(bin, "psql"), "-X", "-d", r.dsn, "-c", `\copy copied FROM '`+name+`' csv`).CombinedOutput()
	if err != nil {
		b.Fatalf("psql: %v\n%s", err, out)
	}
	return time.Since(began)
}
