package store_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/migrations"
	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// stepsUp are the files of the migrations, in order; there is one a version.
var stepsUp = func() []string {
	list, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	return list
}()

var newestVersion = len(stepsUp)

func wantVersion(t *testing.T, dsn string, want uint, wantDirty bool) {
	t.Helper()
	version, newest, dirty, err := store.MigrationStatus(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if version != want || newest != uint(newestVersion) || dirty != wantDirty {
		t.Errorf("version %d of %d, dirty=%v; want %d of %d, dirty=%v", version, newest, dirty, want, newestVersion, wantDirty)
	}
}

// schema describes every table, constraint, index, trigger and function.
func (r record) schema(t testing.TB) []string {
	t.Helper()
	return r.rows(t, `
		SELECT 'column' AS what, format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS def
		  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
		UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
		  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conname <> 'schema_migrations_pkey'
		UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
		UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'function', pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		ORDER BY 1, 2`)
}

func TestMigrateUpAndDownOnALoadedRecord(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	dsn := pgtest.NewEmpty(t)
	wantVersion(t, dsn, 0, false)
	migrate(t, dsn)
	wantVersion(t, dsn, uint(newestVersion), false)
	r := record{openStore(t, dsn), connect(t, dsn), dsn}
	r.loadStarter(t)
	schema, counts, list := r.schema(t), r.counts(t), r.all(t)

	migrate(t, dsn)
	if diff := cmp.Diff(schema, r.schema(t)); diff != "" {
		t.Errorf("migrating twice changed the schema (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(list, r.all(t)); diff != "" {
		t.Errorf("migrating twice changed the record (-before +after):\n%s", diff)
	}

	for version := newestVersion - 1; version >= 0; version-- {
		if err := store.MigrateDown(t.Context(), dsn, 1); err != nil {
			t.Fatalf("down to %d: %v", version, err)
		}
		wantVersion(t, dsn, uint(version), false)
	}
	if left := r.rows(t, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`); !cmp.Equal(left, []string{"(schema_migrations)"}) {
		t.Errorf("tables left at version 0: %v", left)
	}
	if n := one[int](t, r, `SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace`); n != 0 {
		t.Errorf("%d functions left at version 0", n)
	}

	migrate(t, dsn)
	if diff := cmp.Diff(schema, r.schema(t)); diff != "" {
		t.Errorf("down and up again changed the schema (-before +after):\n%s", diff)
	}
	again := record{openStore(t, dsn), r.db, dsn} // with statements prepared on the new tables
	again.loadStarter(t)
	if diff := cmp.Diff(counts, again.counts(t)); diff != "" {
		t.Errorf("the starter record landed otherwise after down and up (-before +after):\n%s", diff)
	}
}

// How common a region is, the new index of regions alone can tell: without that,
// all votes of Africa are put in order for a page that could be read off.
func TestMigratingTellsWhatNewIndexesHold(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	const before = 13
	if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-before); err != nil {
		t.Fatal(err)
	}
	list := r.all(t)
	wantVersion(t, r.dsn, before, false)
	migrate(t, r.dsn)
	if diff := cmp.Diff(list, r.all(t)); diff != "" {
		t.Errorf("migrating changed the record (-before +after):\n%s", diff)
	}
	if n := one[int](t, r, `SELECT count(*) FROM pg_stats WHERE tablename = 'resolutions_by_region' AND n_distinct <> 0`); n != 1 {
		t.Error("nothing is known of what resolutions_by_region holds")
	}
}

// An index or a function needs nothing of the accounts: a large record would be
// worked out anew for minutes, while nobody can write to it.
func TestOnlyWhatAStepNeedsIsWorkedOutAnew(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	for _, c := range []struct {
		from int
		anew bool
	}{{migrations.RecordAnew, false}, {migrations.RecordAnew - 1, true}} {
		if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-c.from); err != nil {
			t.Fatal(err)
		}
		r.exec(t, `UPDATE resolutions SET topic = 'not worked out'`)
		migrate(t, r.dsn)
		if anew := one[bool](t, r, `SELECT topic <> 'not worked out' FROM resolutions`); anew != c.anew {
			t.Errorf("from version %d: worked out anew: %v, want %v", c.from, anew, c.anew)
		}
		if left := r.rows(t, `SELECT task FROM unfinished`); len(left) > 0 {
			t.Errorf("from version %d, left to be done: %v", c.from, left)
		}
	}
}

// A step down leaves what the steps before it made, to the letter.
func TestEachStepDownTakesItsStepUpBack(t *testing.T) {
	t.Parallel()
	up := record{db: connect(t, pgtest.NewEmpty(t))}
	before := [][]string{up.schema(t)}
	for _, name := range stepsUp {
		sql, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		up.exec(t, string(sql))
		before = append(before, up.schema(t))
	}
	r := newRecord(t)
	for version := newestVersion; ; version-- {
		if diff := cmp.Diff(before[version], r.schema(t)); diff != "" {
			t.Errorf("version %d (-reached upwards +reached downwards):\n%s", version, diff)
		}
		if version == 0 {
			return
		}
		if err := store.MigrateDown(t.Context(), r.dsn, 1); err != nil {
			t.Fatal(err)
		}
	}
}

// A record that was loaded by an earlier release is whole after the steps up:
// what the new tables and columns hold is worked out from its accounts. Only
// what a reader can see of the record makes a revision.
func TestMigrateARecordOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	for version, made := range map[int]int64{4: 0, 3: 1} {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			t.Parallel()
			r := newRecord(t)
			r.loadStarter(t)
			r.land(t, csvFile("votes.csv", header+somalia+strings.Replace(gaza, "S/PV.9790", "", 1)).from("B", ""), store.ImportOptions{})
			want, wantQuestions := r.exported(t), r.rows(t, questions)
			columns := `SELECT a.id, resolution_id, base_id, draft_id, meeting, numbered, sound FROM accounts a ORDER BY a.id`
			accounts := r.rows(t, columns)
			if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-version); err != nil {
				t.Fatal(err)
			}
			wantVersion(t, r.dsn, uint(version), false)
			migrate(t, r.dsn)
			r.Store, r.db = openStore(t, r.dsn), connect(t, r.dsn)
			if diff := cmp.Diff(accounts, r.rows(t, columns)); diff != "" {
				t.Errorf("accounts (-before +after):\n%s", firstLines(diff, 20))
			}
			sameRecord(t, "after the steps up", want, r.exported(t))
			if diff := cmp.Diff(wantQuestions, r.rows(t, questions)); diff != "" {
				t.Errorf("roll, words and closeness (-before +after):\n%s", firstLines(diff, 20))
			}
			if rep := r.verify(t); len(rep.Differences) > 0 || rep.Revision != 3+made {
				t.Errorf("at revision %d, want the three imports and %d more:%s", rep.Revision, made, differences(rep))
			}
			// Nothing was left undone that the next import would find.
			if rep := r.land(t, csvFile("again.csv", header+sudan).from("C", ""), store.ImportOptions{}); rep.ResolutionsNew+rep.ResolutionsChanged != 1 {
				t.Errorf("an import of one vote writes %d new and %d changed resolutions", rep.ResolutionsNew, rep.ResolutionsChanged)
			}
			if changed, revision, err := r.Rebuild(t.Context()); err != nil || changed != 0 || revision != 0 {
				t.Errorf("Rebuild changes %d resolutions at revision %d, %v", changed, revision, err)
			}
		})
	}
}

// questions is what the record is asked by and nothing else shows.
const questions = `SELECT id, roll, search, closeness, digest FROM resolutions ORDER BY id`

// The test above sees the columns filled, which could be filled with nothing.
func TestTheQuestionColumnsAreFilled(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("votes.csv", header+gaza+tallied+sudan), store.ImportOptions{})
	want := []string{"S-2024-826 6 6 f", "S-2024-835 6 6 f", "S-2024-900 1 1 f"}
	got := r.list(t, `SELECT format('%s %s %s %s', id, closeness, CASE WHEN yes >= required THEN yes - required + 1 ELSE required - yes END, search = '')
	                    FROM resolutions ORDER BY id`)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wrong := r.list(t, `SELECT id FROM resolutions r
		WHERE roll <> `+rollNow+` OR cardinality(roll) <> CASE id WHEN 'S-2024-900' THEN 2 ELSE 16 END`)
	if len(wrong) > 0 {
		t.Errorf("the roll is not that of the votes and vetoes in %v", wrong)
	}
}

func TestMigrateDownAllTheWay(t *testing.T) {
	askedOneByOne(t)
	r := newRecord(t)
	for _, steps := range []int{0, newestVersion, 99} {
		r.loadStarter(t)
		for range 2 { // the second time from nothing
			if err := store.MigrateDown(t.Context(), r.dsn, steps); err != nil {
				t.Errorf("down by %d: %v", steps, err)
			}
			wantVersion(t, r.dsn, 0, false)
		}
		migrate(t, r.dsn)
		r.Store = openStore(t, r.dsn) // with statements prepared on the new tables
	}
}

func TestMigrateRefusesADirtySchema(t *testing.T) {
	r := newRecord(t)
	r.exec(t, `UPDATE schema_migrations SET version = 2, dirty = true`)
	wantVersion(t, r.dsn, 2, true)
	for name, err := range map[string]error{
		"Migrate":     store.Migrate(t.Context(), r.dsn),
		"MigrateDown": store.MigrateDown(t.Context(), r.dsn, 1),
	} {
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "dirty database version 2") {
			t.Errorf("%s says %v, want the dirty version named", name, err)
		}
	}
	wantVersion(t, r.dsn, 2, true)
}

// The tables of states and terms are package votes over again, whatever stood in them.
func TestMigrateLaysDownStatesAndTerms(t *testing.T) {
	r := newRecord(t)
	r.exec(t, `DELETE FROM terms WHERE code = 'KEN'; UPDATE terms SET to_date = '1990-01-01' WHERE code = 'SUN'`)
	r.exec(t, `UPDATE states SET name = 'Elsewhere' WHERE code = 'KEN'; UPDATE state_names SET name = 'Elsewhere'`)
	migrate(t, r.dsn)

	var want []string
	for _, x := range votes.Terms() {
		to := string(x.To)
		if to == "" {
			to = "infinity"
		}
		want = append(want, fmt.Sprintf("%s %v %s %s", x.Code, x.Permanent, x.From, to))
	}
	got := r.list(t, `SELECT format('%s %s %s %s', code, CASE WHEN permanent THEN 'true' ELSE 'false' END, from_date, to_date)
	                    FROM terms ORDER BY from_date, permanent DESC, code`)
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("terms (-package votes +database):\n%s", diff)
	}
	want = nil
	for _, s := range votes.States() {
		want = append(want, fmt.Sprintf("%s %s %s %d", s.Code, s.Code.Seat(), s.Names[len(s.Names)-1].Name, len(s.Names)))
	}
	got = r.list(t, `SELECT format('%s %s %s %s', code, seat, s.name, count(*)) FROM states s JOIN state_names n USING (code) GROUP BY code`)
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("states (-package votes +database):\n%s", diff)
	}
}

func TestWhereThereIsNoDatabase(t *testing.T) {
	dsn := "host=" + t.TempDir() + " dbname=none user=nobody"
	if err := store.Migrate(t.Context(), dsn); err == nil {
		t.Error("Migrate: no error")
	}
	if _, _, _, err := store.MigrationStatus(t.Context(), dsn); err == nil {
		t.Error("MigrationStatus: no error")
	}
	if _, err := store.Open(t.Context(), dsn); err == nil {
		t.Error("Open: no error")
	}
	_, err := store.Open(t.Context(), "postgres://reader:secret@127.0.0.1:port/none")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("Open says %v; want an error that keeps the password to itself", err)
	}
}

func migrate(t *testing.T, dsn string) {
	t.Helper()
	if err := store.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
}
