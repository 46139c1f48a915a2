package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

func TestExportReadsBackToTheSameBytes(t *testing.T) { roundTrip(t, loaded(t)) }

// Two votes on one symbol, disputed rolls and outcomes without a tally among them.
func TestExportOfAllPublishedFilesReadsBack(t *testing.T) { roundTrip(t, published(t)) }

// roundTrip takes the record of one database through CSV into an empty one.
func roundTrip(t *testing.T, first string) {
	t.Helper()
	second := pgtest.New(t)
	record, statements := export(t, first, "csv"), export(t, first, "statements")
	if n := strings.Count(record, "\n"); n < 400 || strings.Count(statements, "\n") < 3 {
		t.Fatalf("%d lines of resolutions, statements:\n%s", n, statements)
	}
	imported := func(name, content string) {
		t.Helper()
		got := cli(t, "import", "--database-url", second, write(t, name, content))
		if got.code != 0 {
			t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
		}
	}
	imported("record.csv", record)
	if diff := cmp.Diff(record, export(t, second, "csv")); diff != "" {
		t.Errorf("the record changed on its way through CSV:\n%s", diff)
	}
	again := cli(t, "import", "--database-url", second, "--quiet", write(t, "again.csv", export(t, second, "csv")))
	if again.code != 0 || !strings.Contains(again.stdout, "nothing changed") {
		t.Errorf("a second round: exit code %d\n%s", again.code, again.stdout)
	}
	imported("statements.csv", statements)
	if diff := cmp.Diff(statements, export(t, second, "statements")); diff != "" {
		t.Errorf("the statements changed on their way through CSV:\n%s", diff)
	}
	if diff := cmp.Diff(record, export(t, second, "csv")); diff != "" {
		t.Errorf("the statements changed the record:\n%s", diff)
	}
}

func TestExportAsNDJSON(t *testing.T) {
	db := loaded(t)
	lines := strings.Split(strings.TrimSuffix(export(t, db, "ndjson"), "\n"), "\n")
	if csvLines := strings.Count(export(t, db, "csv"), "\n"); len(lines) != csvLines-1 {
		t.Errorf("%d objects, %d lines of CSV", len(lines), csvLines)
	}
	seen := map[string]bool{}
	last := votes.Date("")
	for _, line := range lines {
		var r votes.Resolution
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if seen[r.ID] || r.Date < last {
			t.Errorf("%s of %s: a second time, or after %s", r.ID, r.Date, last)
		}
		seen[r.ID], last = true, r.Date
		if r.ID == "S-2024-835" && (len(r.Votes) != 15 || len(r.Statements) != 2 || len(r.Sources) != 2) {
			t.Errorf("%d votes, %d statements, %d sources", len(r.Votes), len(r.Statements), len(r.Sources))
		}
	}
	if !seen["S-2024-835"] {
		t.Error("S/2024/835 is not in it")
	}
}

func TestExportOfAnEmptyRecord(t *testing.T) {
	db := pgtest.New(t)
	for format, want := range map[string]int{"csv": 1, "statements": 1, "ndjson": 0} { // a header is a line
		if got := export(t, db, format); strings.Count(got, "\n") != want {
			t.Errorf("%s: %q", format, got)
		}
	}
}

func TestExportWritesAFileWholeOrNotAtAll(t *testing.T) {
	db := pgtest.New(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "record.csv")
	if got := cli(t, "export", "--database-url", db, "-o", path); got.code != 0 || got.stdout != "" {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	before := read(t, path)
	if before != export(t, db, "csv") {
		t.Errorf("the file holds %q", before)
	}
	broken := errors.New("the database went away")
	err := writeFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "half of it")
		return errors.Join(err, broken)
	})
	if !errors.Is(err, broken) || read(t, path) != before {
		t.Errorf("error %v; the file holds %q", err, read(t, path))
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
	if got := cli(t, "export", "--database-url", db, "-o", filepath.Join(dir, "none", "x.csv")); got.code != exitFailed ||
		got.stderr != "scvotes: cannot write "+filepath.Join(dir, "none", "x.csv")+": no such file or directory\n" {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if got := cli(t, "export", "--database-url", db, "-o", os.DevNull); got.code != 0 {
		t.Errorf("%s: exit code %d: %s", os.DevNull, got.code, got.stderr)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced by a file", os.DevNull)
	}
}

func TestExportKnowsItsFormats(t *testing.T) {
	got := cli(t, "export", "--format", "xml")
	if got.code != exitUsage || got.stderr != "scvotes: --format \"xml\": it is csv, statements or ndjson\n" {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func export(t *testing.T, db, format string) string {
	t.Helper()
	got := cli(t, "export", "--database-url", db, "--format", format)
	if got.code != 0 {
		t.Fatalf("export as %s: exit code %d, %s", format, got.code, got.stderr)
	}
	return got.stdout
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
