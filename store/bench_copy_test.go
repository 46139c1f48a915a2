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
// then as full; and, after the first sheet, all rows of the record that came of it
// into the tables of another, which is empty. The ratios of the rates are what can
// be compared between machines; each round begins with an empty database.
func BenchmarkImportBesideCopy(b *testing.B) {
	for _, rows := range []int{45_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			first, second := writeSheets(b, rows/15)
			var took, copying [2]time.Duration
			var whole, bare time.Duration
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
					if i == 0 {
						whole += copyRecord(b, r, false)
						bare += copyRecord(b, r, true)
					}
				}
				n += rows / 15 * 15
			}
			b.ReportMetric(0, "ns/op")
			for i, name := range []string{"first", "merge"} {
				b.ReportMetric(float64(n)/took[i].Seconds(), name+"_rows/s")
				b.ReportMetric(float64(n)/copying[i].Seconds(), name+"_psql_rows/s")
				b.ReportMetric(copying[i].Seconds()/took[i].Seconds(), name+"_rate/psql")
			}
			b.ReportMetric(whole.Seconds()/took[0].Seconds(), "first_rate/psql_whole")
			b.ReportMetric(bare.Seconds()/took[0].Seconds(), "first_rate/bare")
			b.ReportMetric(copying[0].Seconds()/bare.Seconds(), "bare_rate/psql")
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
	copyOut(b, r, `
		COPY (SELECT * FROM votes WHERE resolution_no > (SELECT coalesce(max(resolution_no), 0) FROM copied) ORDER BY resolution_no, code) TO STDOUT csv`, name)
	began := time.Now()
	out, err := exec.CommandContext(b.Context(), filepath.Join(bin, "psql"), "-X", "-d", r.dsn, "-c", `\copy copied FROM '`+name+`' csv`).CombinedOutput()
	if err != nil {
		b.Fatalf("psql: %v\n%s", err, out)
	}
	return time.Since(began)
}

// filledTables hold the record, in an order in which they can be filled.
var filledTables = []string{"revisions", "sources", "imports", "accounts", "changes", "resolutions", "sponsors", "votes", "vetoes"}

// copyRecord has psql \copy write all rows of a record into the tables of an
// empty one and returns how long that took. Bare is without a key, an index or a
// trigger, and with the indexes built at the end.
func copyRecord(b *testing.B, r record, bare bool) time.Duration {
	b.Helper()
	bin, _, err := pglocal.FindBinaries("")
	if err != nil {
		b.Fatal(err)
	}
	folder, empty := b.TempDir(), newRecord(b)
	args := []string{"-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", empty.dsn}
	var indexes []string
	form := "csv"
	if bare {
		form = "binary" // as an import sends them
		args = append(args, "-c", `SET session_replication_role = replica`)
		indexes = dropIndexes(b, empty)
	}
	for _, table := range filledTables {
		columns := one[string](b, r, `SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = '`+table+`'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`)
		name := filepath.Join(folder, table)
		copyOut(b, r, `COPY `+table+` (`+columns+`) TO STDOUT `+form, name)
		args = append(args, "-c", `\copy `+table+` (`+columns+`) FROM '`+name+`' `+form)
	}
	for _, index := range indexes {
		args = append(args, "-c", index)
	}
	began := time.Now()
	if out, err := exec.CommandContext(b.Context(), filepath.Join(bin, "psql"), args...).CombinedOutput(); err != nil {
		b.Fatalf("psql: %v\n%s", err, out)
	}
	took := time.Since(began)
	const count = `SELECT (SELECT count(*) FROM votes) + (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sponsors)
		+ (SELECT count(*) FROM discrepancies) + (SELECT count(*) FROM statements)`
	if have, want := one[int](b, empty, count), one[int](b, r, count); have != want {
		b.Fatalf("psql wrote %d rows of %d", have, want)
	}
	return took
}

// dropIndexes takes the indexes off the tables of a record, and the keys with
// them, and returns what builds them again.
func dropIndexes(b *testing.B, r record) (build []string) {
	b.Helper()
	for _, row := range r.list(b, `
		SELECT pg_get_indexdef(indexrelid) || '|' || coalesce('ALTER TABLE ' || c.conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(c.conname) || ' CASCADE',
		                                             'DROP INDEX ' || indexrelid::regclass)
		  FROM pg_index LEFT JOIN pg_constraint c ON c.conindid = indexrelid AND c.contype IN ('p', 'u')
		 WHERE indrelid::regclass::text IN ('`+strings.Join(filledTables, "', '")+`')`) {
		definition, drop, _ := strings.Cut(row, "|")
		r.exec(b, drop)
		build = append(build, definition)
	}
	return build
}

// copyOut writes what a COPY gives into a file.
func copyOut(b *testing.B, r record, sql, name string) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := r.db.PgConn().CopyTo(b.Context(), f, sql); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
