//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pgtest"
)

// A migration that is killed at any point, with others that wait for it, leaves
// the schema where it was or where it is to be; the next one goes on. In the end
// the record is the same as where nobody was killed.
func testMigrationKilled(t *testing.T, s *site) {
	r := pgtest.Chance(t)
	_, newest, _, err := store.MigrationStatus(t.Context(), dsnOf("scvotes", s.node))
	if err != nil {
		t.Fatal(err)
	}
	m := &migrating{s, t, make(map[int]string), make(map[int]time.Duration), int(newest)}
	n, killed, finished := pgtest.Times(2, 60), 0, 0
	for round := range n {
		version := 1 + round%(m.newest-1)
		if !pgtest.Soaking() {
			version = 4 // of the tables that hold the record, and from where on there is most to do
		}
		want := m.undisturbed(version)
		name := fmt.Sprintf("migrated_%d", round)
		dsn := m.earlier(name, version)
		var all []*task
		for k := range 1 + round%3 {
			all = append(all, launch(t, fmt.Sprintf("migration %d", k), nil, []string{"DATABASE_URL=" + dsn}, s.bin, "migrate", "up"))
		}
		time.Sleep(upTo(r, m.takes[version]))
		for k, p := range all {
			if k == 0 || r.IntN(2) == 0 {
				p.killAll()
				killed++
			}
		}
		if round%4 == 3 { // and what is left of it in Postgres at once, not when it notices
			m.killBackend(name)
		}
		for _, p := range all {
			if code := p.code(t); code == 0 {
				finished++
			} else if code > 0 && !strings.Contains("\n"+p.stderr.String(), "\nscvotes: ") {
				t.Errorf("a migration says, with exit code %d: %s", code, p.stderr.String())
			}
		}
		m.holdMigrated(name, version, want)
	}
	t.Logf("figure: %d migrations interrupted, from %d earlier versions: %d programs killed, %d finished; all went on to the same record", n, len(m.known), killed, finished)
}

type migrating struct {
	*site
	t      *testing.T
	known  map[int]string        // what the record is in the end, by the version it came from
	takes  map[int]time.Duration // with nobody killed
	newest int
}

// earlier makes a database of an earlier version, with the record in it as far
// as that version holds it.
func (m *migrating) earlier(name string, version int) (dsn string) {
	m.t.Helper()
	dsn = m.database(m.t, name)
	if got := cli(m.t, "migrate", "down", "--database-url", dsn, "--yes", "--steps", strconv.Itoa(m.newest-version)); got.code != 0 {
		m.t.Fatalf("down to version %d: %s", version, got.stderr)
	}
	return dsn
}

// undisturbed is the record in the end, where nobody is killed.
func (m *migrating) undisturbed(version int) string {
	m.t.Helper()
	if _, ok := m.known[version]; !ok {
		name := fmt.Sprintf("unmigrated_%d", version)
		dsn := m.earlier(name, version)
		begun := time.Now()
		p := launch(m.t, "migration", nil, []string{"DATABASE_URL=" + dsn}, m.bin, "migrate", "up")
		if p.code(m.t) != 0 {
			m.t.Fatalf("up from version %d: %s", version, p.stderr.String())
		}
		m.takes[version] = time.Since(begun)
		m.known[version] = m.whole(name)
		m.drop(name)
	}
	return m.known[version]
}

// whole is the record and how many revisions it has.
func (m *migrating) whole(name string) string {
	m.t.Helper()
	got := cli(m.t, "export", "--database-url", dsnOf(name, m.node), "--format", "ndjson")
	revisions, err := m.ask(name, `SELECT count(*) FROM revisions`)
	if got.code != 0 || err != nil {
		m.t.Fatalf("export: exit code %d: %s (%v)", got.code, got.stderr, err)
	}
	return revisions + " revisions\n" + got.stdout
}

func (m *migrating) killBackend(name string) {
	pid, err := m.ask(name, `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1`)
	if number, numberErr := strconv.Atoi(pid); err == nil && numberErr == nil {
		_ = syscall.Kill(number, syscall.SIGKILL)
	}
	until(m.t, 20*time.Second, "Postgres is there again", func() error { return m.says("1", `SELECT 1`) })
}

// holdMigrated takes the migration to its end, and holds what is there then.
func (m *migrating) holdMigrated(name string, from int, want string) {
	t, dsn := m.t, dsnOf(name, m.node)
	t.Helper()
	var version uint
	var dirty bool
	until(t, 20*time.Second, "Postgres tells the version", func() (err error) { // it may be about to notice what was killed
		version, _, dirty, err = store.MigrationStatus(t.Context(), dsn)
		return err
	})
	if dirty || int(version) != from && int(version) != m.newest {
		t.Errorf("a migration from version %d that was killed leaves version %d, dirty=%v", from, version, dirty)
	}
	until(t, 20*time.Second, "the next migration goes on", func() error {
		if got := cli(t, "migrate", "up", "--database-url", dsn); got.code != 0 || !strings.Contains(got.stdout, fmt.Sprintf("schema version %d,", m.newest)) {
			return fmt.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
		}
		return nil
	})
	if got := m.whole(name); got != want {
		t.Errorf("from version %d, the record is not that of a migration that nobody killed: %d and %d bytes, %.30q and %.30q", from, len(got), len(want), got, want)
	}
	clean(t, dsn, "a migration")
	m.drop(name)
}

func (m *migrating) drop(name string) {
	m.t.Helper()
	if _, err := m.ask("postgres", "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
		m.t.Error(err)
	}
}
