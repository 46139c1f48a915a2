package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"
)

// record is a database of the test's own, seen through the store and, to look
// behind it, in SQL.
type record struct {
	*store.Store
	db  *pgx.Conn
	dsn string
}

func newRecord(t testing.TB) record {
	t.Helper()
	return openRecord(t, pgtest.New(t))
}

func openRecord(t testing.TB, dsn string) record {
	t.Helper()
	return record{openStore(t, dsn), connect(t, dsn), dsn}
}

func openStore(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// exec runs SQL that must succeed.
func (r record) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := r.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// one returns the one value that a statement gives.
func one[T any](t testing.TB, r record, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := r.db.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// rows returns every row of a statement as one text a row: (a,b,c).
func (r record) rows(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	return r.list(t, `SELECT x::text FROM (`+sql+`) x`, args...)
}

// list returns the texts that a statement gives.
func (r record) list(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	rows, err := r.db.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return list
}

// everyTable are the tables that an import may write.
var everyTable = []string{"accounts", "changes", "discrepancies", "edits", "import_problems", "imports", "resolutions",
	"revisions", "sources", "sponsors", "statements", "vetoes", "votes"}

// counts returns the number of rows of every table.
func (r record) counts(t testing.TB) map[string]int {
	t.Helper()
	m := make(map[string]int)
	for _, table := range everyTable {
		m[table] = one[int](t, r, `SELECT count(*) FROM `+table)
	}
	return m
}

// clear makes the record as new: a clone of the template, without the wait.
func (r record) clear(t testing.TB) {
	t.Helper()
	r.exec(t, `TRUNCATE `+strings.Join(everyTable, ", ")+` RESTART IDENTITY`)
}

func (r record) resolution(t testing.TB, id string) *votes.Resolution {
	t.Helper()
	res, _, err := r.Resolution(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// all returns the whole record, oldest vote first.
func (r record) all(t testing.TB) []*votes.Resolution {
	t.Helper()
	var list []*votes.Resolution
	if _, err := r.Each(t.Context(), votes.Filter{}, "", func(res *votes.Resolution) error {
		list = append(list, res)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// file is a CSV file to import, its fields as the command line would set them.
type file struct {
	name    string
	open    func() io.Reader
	options source.Options
	keep    func(*votes.Account) bool // which of its accounts; nil takes all
}

func csvFile(name, text string) file {
	return file{name: name, open: func() io.Reader { return strings.NewReader(text) }}
}

// only is the part of a file that keep chooses, as if the others were not in it.
func (f file) only(keep func(*votes.Account) bool) file {
	f.keep = keep
	return f
}

func (f file) from(name, edition string) file {
	f.options.Source, f.options.Edition = name, edition
	return f
}

// read joins the file's reader to the store's import.
func (f file) read(rep *votes.ImportReport, yield func(*votes.Account) error) error {
	opt := f.options
	opt.File, rep.File = f.name, f.name
	sum := sha256.New()
	left := 0
	read, err := source.Read(io.TeeReader(f.open(), sum), opt, func(a *votes.Account) error {
		rep.Source, rep.Edition = a.Source.Name, a.Source.Edition
		if f.keep != nil && !f.keep(a) {
			left += a.Rows
			return nil
		}
		return yield(a)
	})
	rep.Format, rep.Rows = read.Format, read.Rows-left
	rep.RowsRefused += read.RefusedRows
	rep.Problems = append(rep.Problems, read.Problems...)
	rep.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

// take imports a file and holds what is true of every import.
func (r record) take(t testing.TB, f file, opt store.ImportOptions) (votes.ImportReport, error) {
	t.Helper()
	before := one[int64](t, r, `SELECT coalesce(max(number), 0) FROM revisions`)
	rep, err := r.Import(t.Context(), opt, f.read)
	after := one[int64](t, r, `SELECT coalesce(max(number), 0) FROM revisions`)
	if rep.Rows != rep.RowsLanded+rep.RowsRefused || rep.RowsLanded < 0 {
		t.Errorf("%s: %d rows, but %d landed and %d refused", f.name, rep.Rows, rep.RowsLanded, rep.RowsRefused)
	}
	if err != nil && rep.RowsLanded > 0 {
		t.Errorf("%s: %d rows landed despite %v", f.name, rep.RowsLanded, err)
	}
	switch {
	case rep.Landed && (rep.Revision != after || after <= before):
		t.Errorf("%s: the report tells of revision %d; the record went from %d to %d", f.name, rep.Revision, before, after)
	case !rep.Landed && (rep.Revision != 0 || after != before):
		t.Errorf("%s: nothing landed, but the report tells of revision %d and the record went from %d to %d", f.name, rep.Revision, before, after)
	}
	if rep.Landed {
		kept := r.rows(t, `SELECT file, sha256, rows, rows_landed, rows_refused, accounts FROM imports WHERE revision = $1`, rep.Revision)
		want := fmt.Sprintf("(%s,%s,%d,%d,%d,%d)", f.name, rep.SHA256, rep.Rows, rep.RowsLanded, rep.RowsRefused, rep.Accounts)
		if !slices.Equal(kept, []string{want}) {
			t.Errorf("the history of imports tells %v, the report %s", kept, want)
		}
		if n := one[int](t, r, `SELECT count(*) FROM import_problems JOIN imports i ON i.id = import_id WHERE i.revision = $1`, rep.Revision); n != len(rep.Problems) {
			t.Errorf("%d problems kept beside the import, the report has %d", n, len(rep.Problems))
		}
	}
	return rep, err
}

// land imports a file that has to land.
func (r record) land(t testing.TB, f file, opt store.ImportOptions) votes.ImportReport {
	t.Helper()
	rep, err := r.take(t, f, opt)
	if err != nil || !rep.Landed {
		t.Fatalf("%s did not land: %v\n%s", f.name, err, listed(rep.Problems))
	}
	return rep
}

// refuse imports a file that has to be refused whole, and has to leave the
// record as it was.
func (r record) refuse(t testing.TB, f file, opt store.ImportOptions) votes.ImportReport {
	t.Helper()
	before := r.counts(t)
	rep, err := r.take(t, f, opt)
	if !errors.Is(err, votes.ErrInvalid) || rep.Landed {
		t.Fatalf("%s: landed=%v err=%v, want an error that wraps ErrInvalid", f.name, rep.Landed, err)
	}
	sameCounts(t, before, r.counts(t))
	return rep
}

func sameCounts(t testing.TB, before, after map[string]int) {
	t.Helper()
	for table, n := range before {
		if after[table] != n {
			t.Errorf("table %s had %d rows and has %d", table, n, after[table])
		}
	}
}

func listed(problems []votes.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s: %s: %s\n", p.Severity, p.Kind, p)
	}
	return b.String()
}

// refusals returns the kinds and lines of the problems that refused something.
func refusals(rep votes.ImportReport) []string {
	var list []string
	for _, p := range rep.Problems {
		if p.Severity == votes.Refused {
			list = append(list, fmt.Sprintf("%s, line %d", p.Kind, p.Line))
		}
	}
	slices.Sort(list)
	return list
}

func starterResolutions() file {
	return file{name: "starter/resolutions.csv", open: starter.Resolutions}.from(starter.Name, starter.Edition)
}

func starterStatements() file {
	return file{name: "starter/statements.csv", open: starter.Statements}.from(starter.Name, starter.Edition)
}

func (r record) loadStarter(t testing.TB) {
	t.Helper()
	r.land(t, starterResolutions(), store.ImportOptions{})
	r.land(t, starterStatements(), store.ImportOptions{})
}

// publishedFile is a file of ../shared/data, held in memory.
func publishedFile(t testing.TB, name string) file {
	t.Helper()
	b, err := os.ReadFile("../../shared/data/" + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("needs ../shared/data/%s, beside the checkout", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return csvFile(name, string(b))
}

const (
	sheetName  = "sc_draft_votes_1994_2025.csv"
	sampleName = "undl_format_sample.csv"
)

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// askedOneByOne leaves a long test out of the runs that are made -short: those with
// the race detector, which finds nothing where one request follows the other.
func askedOneByOne(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out: -short")
	}
}
