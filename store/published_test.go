package store_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/votes"
)

// The published files hold 427 lines; 25,788 rows of 1,721 IDs, of which 1,701
// have 15 rows; 375 rows of 25 IDs.
func TestPublishedFilesLand(t *testing.T) {
	r := newRecord(t)
	for _, c := range []struct {
		file     file
		want     votes.ImportReport
		outcomes []string
	}{
		{starterResolutions(),
			votes.ImportReport{Rows: 427, RowsLanded: 427, Accounts: 427, ResolutionsNew: 427, Votes: 3730, Sponsors: 1245},
			[]string{"adopted complete 161", "adopted partial 1", "failed complete 31", "failed partial 2", "vetoed complete 53", "vetoed partial 1", "vetoed tally_only 178"}},
		{publishedFile(t, sheetName),
			votes.ImportReport{Rows: 25788, RowsLanded: 24573, RowsRefused: 1215, Accounts: 1639, AccountsRefused: 82,
				ResolutionsNew: 1639, Votes: 24303, Sponsors: 6934},
			[]string{"adopted complete 1527", "adopted none 18", "adopted partial 8", "failed complete 32", "failed partial 1", "vetoed complete 52", "vetoed partial 1"}},
		{publishedFile(t, sampleName),
			votes.ImportReport{Rows: 375, RowsLanded: 375, Accounts: 25, ResolutionsNew: 25, Votes: 375},
			[]string{"adopted complete 25"}},
	} {
		t.Run(c.file.name, func(t *testing.T) {
			r.clear(t)
			got := r.land(t, c.file, store.ImportOptions{KeepGoing: true})
			same := cmpopts.IgnoreFields(votes.ImportReport{}, "File", "Format", "Source", "Edition", "SHA256", "Landed", "Revision", "Problems")
			if diff := cmp.Diff(c.want, got, same); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			for table, n := range map[string]int{"accounts": got.Accounts, "resolutions": got.ResolutionsNew, "votes": got.Votes, "sponsors": got.Sponsors} {
				if have := one[int](t, r, `SELECT count(*) FROM `+table); have != n {
					t.Errorf("%d rows in %s, the report tells %d", have, table, n)
				}
			}
			outcomes := r.list(t, `SELECT format('%s %s %s', outcome, roll_call, count(*)) FROM resolutions GROUP BY outcome, roll_call ORDER BY 1`)
			if diff := cmp.Diff(c.outcomes, outcomes); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

// The record is a function of the accounts: the order in which they came makes
// no difference to it.
func TestTheOrderOfImportsMakesNoDifference(t *testing.T) {
	files := []file{starterResolutions(), publishedFile(t, sheetName), publishedFile(t, sampleName)}
	r := newRecord(t)
	var first map[string][]string
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		r.clear(t)
		for _, i := range order {
			r.land(t, files[i], store.ImportOptions{KeepGoing: true})
		}
		got := r.tables(t)
		if first == nil {
			first = got
			continue
		}
		for table := range first {
			if diff := cmp.Diff(first[table], got[table]); diff != "" {
				t.Errorf("order %v: table %s (-order 0,1,2 +this one):\n%s", order, table, firstLines(diff, 20))
			}
		}
	}
}

// tables returns the tables of the record, by id, without inner numbers and revisions.
func (r record) tables(t *testing.T) map[string][]string {
	t.Helper()
	m := map[string][]string{"resolutions": r.list(t, `
		SELECT (to_jsonb(r) - 'no' - 'revision')::text FROM resolutions r ORDER BY id`)}
	for _, table := range []string{"votes", "vetoes", "sponsors", "statements", "discrepancies"} {
		m[table] = r.list(t, `SELECT id || ' ' || (to_jsonb(x) - 'resolution_no')::text
			FROM `+table+` x JOIN resolutions r ON r.no = x.resolution_no ORDER BY 1`)
		if len(m[table]) == 0 && table != "statements" {
			t.Errorf("table %s is empty", table)
		}
	}
	return m
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}

// What is read back is what the rules make of the accounts, field by field.
func TestWhatIsReadIsWhatTheAccountsGive(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	for _, name := range []string{sheetName, sampleName} {
		r.land(t, publishedFile(t, name), store.ImportOptions{KeepGoing: true})
	}
	rows, err := r.db.Query(t.Context(), `SELECT json_agg(content ORDER BY id) FROM accounts WHERE superseded_by IS NULL GROUP BY resolution_id`)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	read := make(map[string]*votes.Resolution)
	for _, res := range r.all(t) {
		read[res.ID] = res
	}
	if len(read) != len(contents) {
		t.Errorf("%d resolutions in the record, accounts speak of %d", len(read), len(contents))
	}
	different := 0
	for _, content := range contents {
		var accounts []*votes.Account
		if err := json.Unmarshal(content, &accounts); err != nil {
			t.Fatal(err)
		}
		want, err := votes.Reconcile(accounts)
		if err != nil {
			t.Fatal(err)
		}
		got := read[want.ID]
		if got == nil {
			t.Errorf("%s is not in the record", want.ID)
			continue
		}
		want.Revision = got.Revision
		for _, list := range [][]votes.Source{want.Sources, got.Sources} {
			slices.SortFunc(list, func(a, b votes.Source) int { return strings.Compare(a.Name, b.Name) })
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			if different++; different < 4 {
				t.Errorf("%s (-worked out +read):\n%s", want.ID, firstLines(diff, 40))
			}
		}
	}
	if different > 0 {
		t.Errorf("%d of %d differ", different, len(contents))
	}
}
