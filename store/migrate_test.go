package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

const newestVersion = 4

func wantVersion(t *testing.T, dsn string, want uint, wantDirty bool) {
	t.Helper()
	version, newest, dirty, err := store.MigrationStatus(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if version != want || newest != newestVersion || dirty != wantDirty {
		t.Errorf("version %d of %d, dirty=%v; want %d of %d, dirty=%v", version, newest, dirty, want, newestVersion, wantDirty)
	}
}

// schema describes every table, constraint, index, trigger and function.
func (r record) schema(t testing.TB) []string {
	t.Helper()
	return r.rows(t, `
		SELECT 'column' AS what, format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS def
		  FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
		  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		ORDER BY 1, 2`)
}

func TestMigrateUpAndDownOnALoadedRecord(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewEmpty(t)
	wantVersion(t, dsn, 0, false)
	migrate(t, dsn)
	wantVersion(t, dsn, newestVersion, false)
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

// A record that was loaded by the release before is whole after the step up:
// what the new tables hold is worked out from its accounts, as one revision.
func TestMigrateARecordOfVersion3(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, starterResolutions(), store.ImportOptions{})
	r.land(t, csvFile("votes.csv", header+somalia+strings.Replace(gaza, "S/PV.9790", "", 1)).from("B", ""), store.ImportOptions{})
	want := r.exported(t)
	columns := `SELECT a.id, resolution_id, base_id, draft_id, meeting, numbered, sound FROM accounts a ORDER BY a.id`
	accounts := r.rows(t, columns)
	if err := store.MigrateDown(t.Context(), r.dsn, 1); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, r.dsn, 3, false)
	migrate(t, r.dsn)
	r.Store, r.db = openStore(t, r.dsn), connect(t, r.dsn)
	if diff := cmp.Diff(accounts, r.rows(t, columns)); diff != "" {
		t.Errorf("accounts (-before +after):\n%s", firstLines(diff, 20))
	}
	sameRecord(t, "after the step up", want, r.exported(t))
	if rep := r.verify(t); len(rep.Differences) > 0 || rep.Revision != 3 {
		t.Errorf("at revision %d, want the two imports and the step:%s", rep.Revision, differences(rep))
	}
}

func TestMigrateDownAllTheWay(t *testing.T) {
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

// A database that a later release migrated is not for this one to write to.
func TestMigrateRefusesALaterSchema(t *testing.T) {
	r := newRecord(t)
	r.exec(t, `UPDATE schema_migrations SET version = 99`)
	if err := store.Migrate(t.Context(), r.dsn); err == nil {
		t.Error("a schema of version 99 was taken for our own")
	}
	wantVersion(t, r.dsn, 99, false)
}

func TestMigrateByManyAtOnce(t *testing.T) {
	dsn := pgtest.NewEmpty(t)
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { errs[i] = store.Migrate(t.Context(), dsn) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	wantVersion(t, dsn, newestVersion, false)
	r := record{db: connect(t, dsn)}
	if n := one[int](t, r, `SELECT count(*) FROM terms`); n != len(votes.Terms()) {
		t.Errorf("%d terms, want %d", n, len(votes.Terms()))
	}
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
