package store_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/votes"
)

// The published files hold 427 lines; 25,788 rows of 1,721 IDs, of which 1,701
// have 15 rows, all of which land, 75 as disputed; 375 rows of 25 IDs.
func TestPublishedFilesLand(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	for _, c := range []struct {
		file     file
		want     votes.ImportReport
		outcomes []string
	}{
		{starterResolutions(),
			votes.ImportReport{Rows: 427, RowsLanded: 427, Accounts: 427, AccountsUnmatched: 427, ResolutionsNew: 427, Votes: 3730, Sponsors: 1245,
				Discrepancies: map[string]int{"permanent_no_on_adopted": 1, "roll_size": 4}},
			[]string{"adopted complete 161", "adopted partial 1", "failed complete 31", "failed partial 2", "vetoed complete 53", "vetoed partial 1", "vetoed tally_only 178"}},
		{publishedFile(t, sheetName),
			votes.ImportReport{Rows: 25788, RowsLanded: 25788, Accounts: 1721, AccountsDisputed: 75, AccountsUnmatched: 1721,
				ResolutionsNew: 1715, Votes: 24408, Sponsors: 7153,
				Discrepancies: map[string]int{"date_swapped": 281, "doubtful_match": 1, "meeting_out_of_order": 2, "no_seat": 57, "outcome": 15,
					"permanent_no_on_adopted": 1, "roll_size": 20, "sponsor": 7, "state": 5, "symbol": 8, "symbol_year": 5, "voted_twice": 3}},
			[]string{"adopted complete 1532", "adopted disputed 66", "adopted none 18", "adopted partial 8", "failed complete 33", "failed disputed 3",
				"failed partial 1", "vetoed complete 53", "vetoed partial 1"}},
		{publishedFile(t, sampleName),
			votes.ImportReport{Rows: 375, RowsLanded: 375, Accounts: 25, AccountsUnmatched: 25, ResolutionsNew: 25, Votes: 375,
				Discrepancies: map[string]int{"date_swapped": 2}},
			[]string{"adopted complete 25"}},
	} {
		t.Run(c.file.name, func(t *testing.T) {
			r.clear(t)
			got := r.land(t, c.file, store.ImportOptions{KeepGoing: true})
			same := cmpopts.IgnoreFields(votes.ImportReport{}, "File", "Format", "Source", "Edition", "SHA256", "Landed", "Revision", "Import", "Problems")
			if diff := cmp.Diff(c.want, got, same); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if id := one[int64](t, r, `SELECT max(id) FROM imports`); got.Import != id {
				t.Errorf("the report is of import %d, the record's is %d", got.Import, id)
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

func firstLines(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}

// What is read back is what the rules make of the accounts, field by field,
// worked out here from the accounts as they are stored, in another order.
func TestWhatIsReadIsWhatTheAccountsGive(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	for _, name := range []string{sheetName, sampleName, outcomesName, vetoListName} {
		r.land(t, publishedFile(t, name), store.ImportOptions{KeepGoing: true})
	}
	rows, err := r.db.Query(t.Context(), `
		SELECT resolution_id, json_agg(content ORDER BY id DESC), array_agg(match_doubt ORDER BY id DESC)
		  FROM accounts WHERE superseded_by IS NULL GROUP BY resolution_id`)
	if err != nil {
		t.Fatal(err)
	}
	read := make(map[string]*votes.Resolution)
	for _, res := range r.all(t) {
		read[res.ID] = res
	}
	told, different := 0, 0
	var id string
	var content []byte
	var doubts []string
	if _, err := pgx.ForEachRow(rows, []any{&id, &content, &doubts}, func() error {
		told++
		var accounts []*votes.Account
		if err := json.Unmarshal(content, &accounts); err != nil {
			return err
		}
		for i, a := range accounts {
			a.Match = votes.Match{ID: id, Doubt: doubts[i]}
		}
		want, _ := votes.Reconcile(accounts, nil)
		got := read[id]
		if got == nil {
			t.Errorf("%s is not in the record", id)
			return nil
		}
		want.Revision, want.Provenance = got.Revision, nil // Verify holds the provenance
		if diff := cmp.Diff(&want, got); diff != "" {
			if different++; different < 4 {
				t.Errorf("%s (-worked out +read):\n%s", id, firstLines(diff, 40))
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if different > 0 || told != len(read) {
		t.Errorf("%d of %d differ; %d are in the record", different, told, len(read))
	}
}
