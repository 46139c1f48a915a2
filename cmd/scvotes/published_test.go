package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// The published files, in the order in which the tests import them. The last
// is no list of votes: it tells who sat on the Council.
const (
	undlSample  = "undl_format_sample.csv"
	vetoList    = "un_veto_list_1946_2022.csv"
	outcomes    = "un_outcomes_1946_1993.csv"
	draftSheet  = "sc_draft_votes_1994_2025.csv"
	membersList = "sc_members_1946_2026.csv"
)

func publishedFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the published files are not here:", err)
	}
	return path
}

// published returns a database with the starter record and the published files.
func published(t *testing.T) string {
	t.Helper()
	paths := []string{publishedFile(t, undlSample), publishedFile(t, vetoList), publishedFile(t, outcomes), publishedFile(t, draftSheet)}
	return pgtest.NewFrom(t, "published", func(dsn string) error {
		if err := fillStarter(dsn); err != nil {
			return err
		}
		return run(context.Background(), append([]string{"import", "--database-url", dsn, "--quiet"}, paths...), io.Discard, io.Discard)
	})
}

// TestImportOfPublishedFiles reads every one of them as its reader would: the
// report is short enough to be read, says how much it leaves out, and its sums
// add up with those of the report for scripts.
func TestImportOfPublishedFiles(t *testing.T) {
	db := loaded(t)
	for _, c := range []struct {
		name, sums string
		code       int
	}{
		{undlSample, `undl_format_sample.csv (undl; UN Digital Library)
  rows:        375 = 375 landed + 0 refused
  accounts:    25 landed (0 known before, 0 disputed), 0 refused
`, 0},
		{vetoList, `un_veto_list_1946_2022.csv (un-vetoes; UN list of vetoes)
  rows:        213 = 213 landed + 0 refused
  accounts:    213 landed (0 known before, 0 disputed), 0 refused
  matched:     213 with another source's account of the same vote, 0 alone
`, 0},
		{outcomes, `un_outcomes_1946_1993.csv (un-outcomes; UN yearly tables of meetings and outcomes)
  rows:        1137 = 1137 landed + 0 refused
`, 0},
		{draftSheet, `sc_draft_votes_1994_2025.csv (draft-sheet; Security Council draft votes)
  rows:        25788 = 25788 landed + 0 refused
  accounts:    1721 landed (0 known before, 75 disputed), 0 refused
`, 0},
		{membersList, `    line 1: the header is that of no known layout (` + strings.Join(formatNames(), ", ") + `)
sc_members_1946_2026.csv
  rows:        0 = 0 landed + 0 refused
  accounts:    0 could land (0 disputed), 0 refused
  nothing landed
`, exitRefused},
	} {
		path := publishedFile(t, c.name)
		asJSON := cli(t, "import", "--database-url", db, "--dry-run", "--json", path)
		var rep votes.ImportReport
		if err := json.Unmarshal([]byte(asJSON.stdout), &rep); err != nil {
			t.Fatalf("%s: %v in\n%.2000s", c.name, err, asJSON.stdout)
		}
		checkSums(t, rep)
		got := cli(t, "import", "--database-url", db, path)
		if got.code != c.code || asJSON.code != c.code || !strings.Contains("\n"+got.stdout, "\n"+c.sums) {
			t.Errorf("%s: exit code %d, want\n%s\nin\n%.4000s", c.name, got.code, c.sums, got.stdout)
		}
		if n := strings.Count(got.stdout, "\n"); n > 120 {
			t.Errorf("%s: a report of %d lines is not read", c.name, n)
		}
		if listed := problemLines(t, got.stdout); listed != len(rep.Problems) {
			t.Errorf("%s: %d problems listed or counted, there are %d", c.name, listed, len(rep.Problems))
		}
		all := cli(t, "import", "--database-url", db, "--all", "--dry-run", path) // known by now, and told again
		if listed := problemLines(t, all.stdout); listed != len(rep.Problems) || strings.Contains(all.stdout, " more (") {
			t.Errorf("%s --all: %d problems listed, there are %d", c.name, listed, len(rep.Problems))
		}
	}
	if got := cli(t, "verify", "--database-url", db); got.code != 0 {
		t.Errorf("verify: exit code %d\n%.4000s", got.code, got.stdout)
	}
}

// checkSums holds the numbers of a report against each other.
func checkSums(t *testing.T, rep votes.ImportReport) {
	t.Helper()
	for what, n := range map[string][2]int{
		"rows":              {rep.Rows, rep.RowsLanded + rep.RowsRefused},
		"accounts matched":  {rep.Accounts - rep.AccountsUnchanged, rep.AccountsMatched + rep.AccountsUnmatched},
		"accounts disputed": {min(rep.AccountsDisputed, rep.Accounts), rep.AccountsDisputed},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: %s: %d and %d", rep.File, what, n[0], n[1])
		}
	}
	// A source may speak twice of one vote, so that it has fewer votes than accounts.
	if n := rep.ResolutionsNew + rep.ResolutionsChanged + rep.ResolutionsUnchanged; n > rep.Accounts || n < rep.Accounts-10 {
		t.Errorf("%s: %d resolutions of %d accounts", rep.File, n, rep.Accounts)
	}
}

// problemLines counts what a report lists, and what it says it leaves out.
func problemLines(t *testing.T, report string) (n int) {
	t.Helper()
	for line := range strings.Lines(report) {
		var more int
		switch _, err := fmt.Sscanf(line, "    ... and %d more (", &more); {
		case err == nil:
			n += more
		case strings.HasPrefix(line, "    "):
			n++
		}
	}
	return n
}

// Where a file lay on somebody's disk is nobody's business: the record keeps
// its name alone.
func TestThePathOfAFileIsNotKept(t *testing.T) {
	db := pgtest.New(t)
	path := write(t, "votes.csv", ownHeader+vetoed+twoAreNo+twice)
	if got := cli(t, "import", "--database-url", db, "--keep-going", path); got.code != exitRefused {
		t.Fatalf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	c, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	var file, all string
	if err := c.QueryRow(t.Context(), `SELECT file FROM imports`).Scan(&file); err != nil || file != "votes.csv" {
		t.Errorf("%v: the file is kept as %q", err, file)
	}
	for _, table := range []string{"sources", "imports", "import_problems", "accounts", "revisions", "resolutions", "discrepancies", "changes"} {
		if err := c.QueryRow(t.Context(), `SELECT coalesce(string_agg(t::text, ' '), '') FROM `+table+` t`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		if all == "" || strings.Contains(all, filepath.Dir(path)) {
			t.Errorf("%s: nothing in it, or the path %s: %.500s", table, path, all)
		}
	}
}

// What the record makes of the published files as a whole.
func TestRecordOfThePublishedFiles(t *testing.T) {
	db := published(t)
	t.Run("verify", func(t *testing.T) {
		if got := cli(t, "verify", "--database-url", db); got.code != 0 || !strings.Contains(got.stdout, "revision 7: ") {
			t.Errorf("exit code %d\n%.4000s", got.code, got.stdout)
		}
	})
	t.Run("vetoes", func(t *testing.T) { checkVetoPage(t, db) })
	t.Run("accounts", func(t *testing.T) { checkAccountsPage(t, db) }) // the last: it edits
}

func TestReadmeShowsTheReportOfTheSheet(t *testing.T) {
	path := publishedFile(t, draftSheet)
	_, blocks := readme(t)
	i := slices.IndexFunc(blocks, func(b block) bool { return b.language == "console" })
	if i < 0 {
		t.Fatal("the README shows no report of it")
	}
	got := cli(t, "import", "--database-url", loaded(t), path)
	shown := "\n  the record is at revision 4\n"
	if !strings.HasSuffix(got.stdout, "\n"+blocks[i].text) || !strings.HasSuffix(blocks[i].text, shown) {
		t.Errorf("the README shows\n%s\nit ends with\n%s", blocks[i].text, got.stdout[max(0, len(got.stdout)-1000):])
	}
}
