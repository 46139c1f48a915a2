//go:build linux

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/store/pgtest"
)

// The tests named TestFault make one kind of fault happen again and again, with
// real processes, and hold after each that the record is what its accounts
// give, that no import is half in, that nothing acknowledged is lost, and that
// whoever was not killed needs no restart.

// upTo is a time from nothing to most.
func upTo(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(most)))
}

// shipped is scvotes: as it is shipped where the tests soak, else this test
// binary, which need not be built for it.
func shipped(t *testing.T) string {
	t.Helper()
	if pgtest.Soaking() {
		return binary(t)
	}
	return os.Args[0]
}

// site is a Postgres of the tests' own, with the starter record to copy.
type site struct {
	bin string
	*node
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{shipped(t), newPrimary(t, "--wal-segsize=1")}
	dsn := dsnOf("scvotes", s.node)
	if err := store.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	record, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	if err := loadStarter(t.Context(), record, io.Discard); err != nil {
		t.Fatal(err)
	}
	return s
}

// database makes a copy of the starter record and returns how to connect to it.
func (s *site) database(t *testing.T, name string) string {
	t.Helper()
	until(t, 10*time.Second, "the starter record is copied", func() error {
		_, err := s.ask("postgres", "CREATE DATABASE "+name+" TEMPLATE scvotes") // not while somebody still leaves it
		return err
	})
	return dsnOf(name, s.node)
}

// watched is newWatch, at leisure where faults happen only a few times.
func (s *site) watched(t *testing.T, api *instance) *watch {
	t.Helper()
	if pgtest.Soaking() {
		return newWatch(t, sceneBase, api)
	}
	return startWatch(t, &watch{base: sceneBase, clients: 1, every: 15 * time.Millisecond}, api)
}

// revive starts a server that was killed. Of its processes the last may still
// be there for a moment, and keep it from starting.
func (s *site) revive(t *testing.T) {
	t.Helper()
	until(t, 30*time.Second, "the server starts again", func() error {
		s.launch()
		for s.runs() {
			if s.says("1", `SELECT 1`) == nil {
				return nil
			}
			time.Sleep(10 * time.Millisecond)
		}
		return fmt.Errorf("it has ended: %s", lastLines(s.stderr.String()))
	})
}

// bulkOf is edition k of the canaries with many votes that no other edition
// has, so that its import takes a while.
func bulkOf(k, many int) string {
	var b strings.Builder
	b.WriteString(edition(k))
	day := time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range many {
		fmt.Fprintf(&b, "S/2014/%d,,,%s,ARG;AUS;CHL;CHN;FRA;GBR;JOR;KOR;LTU;LUX;NGA;RWA;TCD,RUS,USA,,one of many\n",
			10000*k+n, day.AddDate(0, 0, n%365).Format(time.DateOnly))
	}
	return b.String()
}

// bulkEach is how many votes a bulk has.
const bulkEach = 150

// startBulk begins to import edition k with its bulk.
func startBulk(t *testing.T, bin, dsn string, k int) *task {
	t.Helper()
	return launch(t, fmt.Sprintf("import of edition %d", k), nil, []string{"DATABASE_URL=" + dsn}, bin,
		"import", "--source", "Canary", "--edition", editionDay(k), bulkFile(t, k))
}

func bulkFile(t *testing.T, k int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "edition.csv")
	if err := os.WriteFile(path, []byte(bulkOf(k, bulkEach)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// landed imports an edition that may have landed before until it is told that
// it has, and tells whether it had.
func landed(t *testing.T, dsn string, k int) (before bool) {
	t.Helper()
	until(t, time.Minute, fmt.Sprintf("edition %d is imported", k), func() error {
		got := cli(t, "import", "--database-url", dsn, "--source", "Canary", "--edition", editionDay(k), bulkFile(t, k))
		before = strings.Contains(got.stdout, "(3 known before") || strings.Contains(got.stdout, fmt.Sprintf("(%d known before", bulkEach+3))
		if got.code != 0 {
			return fmt.Errorf("exit code %d: %s", got.code, got.stderr)
		}
		return nil
	})
	return before
}

// clean holds that the record is what its accounts give.
func clean(t *testing.T, dsn, after string) {
	t.Helper()
	if got := cli(t, "verify", "--database-url", dsn); got.code != 0 || !strings.Contains(got.stdout, "; 0 differences") {
		t.Fatalf("%s: verify: exit code %d\n%s%s", after, got.code, got.stdout, got.stderr)
	}
}

// asUndisturbed holds that the record is the same, to the byte, as where the
// same editions were imported with nothing in their way.
func (s *site) asUndisturbed(t *testing.T, dsn string, editions int) {
	t.Helper()
	name := fmt.Sprintf("undisturbed_%d", freePort(t))
	want := s.database(t, name)
	for k := 1; k <= editions; k++ {
		landed(t, want, k)
	}
	for _, args := range [][]string{{"export"}, {"export", "--format", "statements"}, {"export", "--format", "ndjson"}} {
		got, want := cli(t, append(args, "--database-url", dsn)...), cli(t, append(args, "--database-url", want)...)
		if got.code != 0 || want.code != 0 {
			t.Fatalf("%v: exit codes %d and %d: %s%s", args, got.code, want.code, got.stderr, want.stderr)
		}
		if got.stdout != want.stdout {
			t.Errorf("%v differs from that of a record that was not disturbed (-want +got):\n%s", args, cmp.Diff(want.stdout, got.stdout))
		}
	}
	// Numbers that were handed out for work that was taken back are not used again.
	const rows = `SELECT concat_ws(', ', (SELECT count(*) FROM revisions), (SELECT count(*) FROM imports), (SELECT count(*) FROM accounts),
		(SELECT md5(string_agg(concat_ws(' ', key, digest, superseded_by IS NULL), ',' ORDER BY key, digest)) FROM accounts),
		(SELECT md5(string_agg(concat_ws(' ', file, sha256, rows, rows_landed, accounts, revision), ',' ORDER BY revision)) FROM imports))`
	database := strings.TrimSuffix(dsn[strings.LastIndex(dsn, "/")+1:], "?sslmode=disable")
	is, err := s.ask(database, rows)
	if err != nil {
		t.Fatal(err)
	}
	if was, err := s.ask(name, rows); err != nil || is != was {
		t.Errorf("the tables hold %s; of a record that was not disturbed %s (%v)", is, was, err)
	}
	if _, err := s.ask("postgres", "DROP DATABASE "+name); err != nil {
		t.Error(err)
	}
}
