package store_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// migrateByMany migrates a database by several programs at once.
func migrateByMany(t *testing.T, dsn string) {
	t.Helper()
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { errs[i] = store.Migrate(t.Context(), dsn) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	wantVersion(t, dsn, uint(newestVersion), false)
}

func TestMigrateByManyAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewEmpty(t)
	migrateByMany(t, dsn)
	r := record{db: connect(t, dsn)}
	if n := one[int](t, r, `SELECT count(*) FROM terms`); n != len(votes.Terms()) {
		t.Errorf("%d terms, want %d", n, len(votes.Terms()))
	}
}

// One of them works the record out again, and no other does.
func TestMigrateAnEarlierVersionByManyAtOnce(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	want := r.exported(t)
	if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-3); err != nil {
		t.Fatal(err)
	}
	migrateByMany(t, r.dsn)
	r.Store, r.db = openStore(t, r.dsn), connect(t, r.dsn)
	sameRecord(t, "after the steps up", want, r.exported(t))
	if n := one[int](t, r, `SELECT count(*) FROM revisions WHERE summary = 'the record worked out again'`); n != 1 {
		t.Errorf("the record was worked out %d times, want once", n)
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Errorf("the record differs:%s", differences(rep))
	}
	if held := r.rows(t, `SELECT locktype, mode, pid FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); len(held) > 0 {
		t.Errorf("locks are left: %v", held)
	}
}

// A step that fails leaves the schema where it was, and nothing half done.
func TestMigrateKeepsNothingOfAStepThatFails(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-4); err != nil {
		t.Fatal(err)
	}
	before := r.schema(t)
	r.exec(t, `CREATE TABLE unfinished (in_the_way text)`) // step 5 goes well, step 6 does not
	err := store.Migrate(t.Context(), r.dsn)
	if err == nil || !strings.Contains(err.Error(), "step to version 6") || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("err=%v, want the step and its fault named", err)
	}
	wantVersion(t, r.dsn, 4, false)
	r.exec(t, `DROP TABLE unfinished`)
	if after := r.schema(t); strings.Join(before, "\n") != strings.Join(after, "\n") {
		t.Error("something of the steps was kept")
	}
	migrate(t, r.dsn)
	wantVersion(t, r.dsn, uint(newestVersion), false)
}

// A program that died between the steps and the record leaves the record to the
// next, and so does one that could not write it.
func TestMigrateFinishesWhatAnotherBegan(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza+sudan), store.ImportOptions{})
	want := r.exported(t)
	r.exec(t, `UPDATE resolutions SET title = 'not worked out', search = '', digest = ''`)
	r.exec(t, `INSERT INTO unfinished (task) VALUES ('record')`)
	r.exec(t, `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
		CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON resolutions FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	if err := store.Migrate(t.Context(), r.dsn); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("err=%v, want the fault of the table", err)
	}
	r.exec(t, `DROP FUNCTION full_disk CASCADE`)
	migrateByMany(t, r.dsn)
	if got := r.exported(t); len(got) != len(want) || r.resolution(t, "S-2024-835").Title == "not worked out" {
		t.Error("the record was not worked out again")
	}
	if left := r.rows(t, `SELECT * FROM unfinished UNION ALL SELECT id, NULL FROM resolutions WHERE search = ''`); len(left) > 0 {
		t.Errorf("left to be done: %v", left)
	}
	if rep := r.verify(t); len(rep.Differences) > 0 || rep.Revision != 2 {
		t.Errorf("at revision %d, want 2:%s", rep.Revision, differences(rep))
	}
}

// A program that is replaced goes on beside the one that replaces it, on the
// schema of that one.
func TestALaterSchema(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	r.resolution(t, "S-2024-835") // with statements prepared before
	r.exec(t, `ALTER TABLE resolutions ADD later text;
		ALTER TABLE accounts ADD later text; ALTER TABLE revisions ADD later text; ALTER TABLE imports ADD later text;
		CREATE TABLE later (no integer REFERENCES resolutions (no) ON DELETE CASCADE);
		UPDATE schema_migrations SET version = 99;
		DELETE FROM terms WHERE code = 'KEN'; INSERT INTO unfinished (task) VALUES ('record')`)
	for _, s := range []*store.Store{r.Store, openStore(t, r.dsn)} {
		for name, read := range slow {
			if err := read(t.Context(), s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	log := new(lockedBuffer)
	if err := store.Migrate(t.Context(), r.dsn, store.WithLogger(slog.New(slog.NewTextHandler(log, nil)))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "schema=99") {
		t.Errorf("the log says %q, want a warning of version 99", log)
	}
	wantVersion(t, r.dsn, 99, false)
	if n := one[int](t, r, `SELECT (SELECT count(*) FROM terms WHERE code = 'KEN') + (SELECT 1 - count(*) FROM unfinished)`); n != 0 {
		t.Error("what the later program laid down, or is to lay down, was touched")
	}
	r.exec(t, `DELETE FROM unfinished`)
	r.land(t, csvFile("b.csv", header+somalia+sudan).from("B", ""), store.ImportOptions{})
	r.edit(t, decide("S-2024-835", "topic", "Gaza"))
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Errorf("the record differs:%s", differences(rep))
	}
	if changed, _, err := r.Rebuild(t.Context()); err != nil || changed != 0 {
		t.Errorf("Rebuild changes %d, %v", changed, err)
	}
	if err := store.MigrateDown(t.Context(), r.dsn, 1); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("down: err=%v, want the version named that the program does not know", err)
	}
	r.exec(t, `UPDATE schema_migrations SET dirty = true`)
	if err := store.Migrate(t.Context(), r.dsn); err == nil || !strings.Contains(strings.ToLower(err.Error()), "dirty database version 99") {
		t.Errorf("err=%v, want the dirty version named", err)
	}
}

// A program that has nothing to migrate starts while another one imports.
func TestMigrateWithNothingToDoWaitsForNobody(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	reading, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := r.Import(t.Context(), store.ImportOptions{}, func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
			close(reading)
			<-end
			return csvFile("a.csv", header+gaza).read(rep, yield)
		})
		done <- err
	}()
	<-reading
	migrate(t, r.dsn)
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Whoever reads for long is let finish; whoever reads meanwhile does not wait
// behind the step for longer than the step waits.
func TestMigrateGivesWayToALongRead(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-4); err != nil {
		t.Fatal(err)
	}
	r.exec(t, `BEGIN; LOCK TABLE resolutions IN ACCESS SHARE MODE`) // step 5 alters it
	done := make(chan error, 1)
	go func() { done <- store.Migrate(t.Context(), r.dsn) }()
	other := record{db: connect(t, r.dsn)}
	waiting := func() bool {
		return one[bool](t, other, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode IN ('AccessExclusiveLock', 'ShareRowExclusiveLock')
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`)
	}
	until(t, "the step to wait for the table", waiting)
	until(t, "the step to give way", func() bool { return !waiting() })
	select {
	case err := <-done:
		t.Errorf("Migrate ended while the table was in use: %v", err)
	default:
	}
	r.exec(t, `COMMIT`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	wantVersion(t, r.dsn, uint(newestVersion), false)
}
