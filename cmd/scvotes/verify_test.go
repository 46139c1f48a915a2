package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/store/pgtest"
)

func TestVerifyOfACleanRecord(t *testing.T) {
	for want, db := range map[string]string{
		"revision 0: 0 accounts and 0 edits give 0 resolutions; 0 differences\n":     pgtest.New(t),
		"revision 3: 428 accounts and 6 edits give 427 resolutions; 0 differences\n": loaded(t),
	} {
		got := cli(t, "verify", "--database-url", db)
		if diff := cmp.Diff(result{stdout: want}, got, cmp.AllowUnexported(result{})); diff != "" {
			t.Error(diff)
		}
	}
}

// Whatever somebody changes behind the program's back is found and named. The
// tables themselves refuse a roll that is not its tally, or an outcome without
// the votes; these lies they take.
func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	for name, c := range map[string]struct{ sql, says string }{
		"two positions exchanged": {`UPDATE votes v SET position = CASE code WHEN 'AUS' THEN 'abstain' ELSE 'no' END
				FROM resolutions r WHERE r.no = v.resolution_no AND r.id = 'S-2014-916' AND code IN ('AUS', 'KOR');
				UPDATE resolutions SET roll = roll_of(no) WHERE id = 'S-2014-916'`,
			"S-2014-916: the record differs from its accounts\n" +
				"  position of Australia: \"abstain\" in the record, \"no\" by its accounts\n" +
				"  position of Republic of Korea: \"no\" in the record, \"abstain\" by its accounts\n"},
		"a roll beside its votes": {`SET session_replication_role = replica; -- or the database refuses it
				UPDATE resolutions SET roll = array_replace(roll, 'AUS:no', 'AUS:yes') WHERE id = 'S-2014-916'`,
			"S-2014-916: its roll is not that of its votes and vetoes\n"},
		"a day": {`UPDATE resolutions SET date = '2014-12-31' WHERE id = 'S-2014-916'`,
			"S-2014-916: the record differs from its accounts\n" +
				"  date: \"2014-12-31\" in the record, \"2014-12-30\" by its accounts\n"},
		"a sponsor taken away": {`DELETE FROM sponsors s USING resolutions r WHERE r.no = s.resolution_no AND r.id = 'S-2014-916'`,
			"S-2014-916: the record differs from its accounts\n" +
				"  sponsors: [] in the record, [{\"code\":\"JOR\",\"name\":\"Jordan\"}] by its accounts\n"},
		"a resolution taken away": {`DELETE FROM resolutions WHERE id = 'S-2014-916'`, "S-2014-916: not in the record\n"},
	} {
		t.Run(name, func(t *testing.T) {
			db := loaded(t)
			execute(t, db, c.sql)
			got := cli(t, "verify", "--database-url", db)
			if got.code != exitRefused || !strings.HasPrefix(got.stdout, c.says+"revision 3: ") || !strings.HasSuffix(got.stdout, "; 1 difference\n") ||
				got.stderr != "scvotes: the record differs from its accounts in 1 place\n" {
				t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			var rep store.VerifyReport
			asJSON := cli(t, "verify", "--database-url", db, "--json")
			if err := json.Unmarshal([]byte(asJSON.stdout), &rep); err != nil || asJSON.code != exitRefused ||
				len(rep.Differences) != 1 || rep.Differences[0].ID != "S-2014-916" {
				t.Errorf("as JSON: exit code %d, %v\n%s", asJSON.code, err, asJSON.stdout)
			}
		})
	}
}

func TestRebuildPutsBackWhatIsMissing(t *testing.T) {
	db := loaded(t)
	before := export(t, db, "csv")
	execute(t, db, `DELETE FROM resolutions WHERE id IN ('S-2014-916', 'S-2024-835')`)
	got := cli(t, "rebuild", "--database-url", db)
	if got.code != 0 || got.stdout != "2 resolutions changed; the record is at revision 4\n" {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if diff := cmp.Diff(before, export(t, db, "csv")); diff != "" {
		t.Error(diff)
	}
	if got = cli(t, "verify", "--database-url", db); got.code != 0 {
		t.Errorf("verify: exit code %d\n%s", got.code, got.stdout)
	}
}

func TestRebuildOfACleanRecordWritesNothing(t *testing.T) {
	db := loaded(t)
	got := cli(t, "rebuild", "--database-url", db)
	if got.code != 0 || got.stdout != "nothing changed: the record is what its accounts give\n" {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if got = cli(t, "verify", "--database-url", db); !strings.HasPrefix(got.stdout, "revision 3: ") {
		t.Error(got.stdout)
	}
}

// execute does to a database what no command does.
func execute(t *testing.T, db, sql string, args ...any) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	tag, err := c.Exec(t.Context(), sql, args...)
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v, %d rows", sql, err, tag.RowsAffected())
	}
}
