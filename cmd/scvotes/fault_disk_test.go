//go:build linux

package main

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// limitFiles has files of the server, and of all processes that it will start,
// grow no larger than size: bytes, or unlimited.
func (n *node) limitFiles(t *testing.T, size string) {
	t.Helper()
	path, err := exec.LookPath("prlimit")
	if err != nil {
		t.Fatal("prlimit is not installed; Debian has it in util-linux, Fedora in util-linux-core")
	}
	// As whom the server runs: another user's limits are not even root's in a container.
	p := launch(t, "prlimit", n.as, nil, path, "--pid", strconv.Itoa(n.cmd.Process.Pid), "--fsize="+size+":")
	if p.code(t) != 0 {
		t.Fatalf("limiting the files of the server: %s", p.stderr.String())
	}
}

// noRoom is how large the largest file of a database may still grow: to the
// middle of one of Postgres's pages, since a write of which only half goes in is
// how it knows a disk that is full.
func (n *node) noRoom(t *testing.T, database string) string {
	t.Helper()
	largest, err := n.ask(database, `SELECT (max(pg_relation_size(oid)) / 8192 + 16) * 8192 + 4096 FROM pg_class`)
	if err != nil {
		t.Fatal(err)
	}
	return largest
}

// manyOf is how many votes need more room than there is.
const manyOf = 700

// On a disk that is full an import is refused in plain words, the record stays as
// it is and is served, and with room again the same import lands.
func testDiskFull(t *testing.T, s *site) {
	dsn := s.database(t, "disk_full")
	api := newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + dsn})
	api.ready(t)
	landed(t, dsn, 1)
	before := cli(t, "export", "--database-url", dsn).stdout
	file := write(t, "many.csv", bulkOf(2, manyOf))
	refused, gap := 0, time.Duration(0)
	for range pgtest.Times(1, 10) {
		s.limitFiles(t, s.noRoom(t, "disk_full"))
		w := s.watched(t, api)
		holdNoRoom(t, cli(t, "import", "--database-url", dsn, "--source", "Canary", "--edition", editionDay(2), file))
		refused++
		clean(t, dsn, "a disk that was full")
		if after := cli(t, "export", "--database-url", dsn).stdout; after != before {
			t.Error("the record is not as before")
		}
		w.goOn(3)
		s.limitFiles(t, "unlimited")
		w.end()
		gap = max(gap, w.of(api).gap)
	}
	if got := cli(t, "import", "--database-url", dsn, "--source", "Canary", "--edition", editionDay(2), file); got.code != 0 || !strings.Contains(got.stdout, "is at revision 5") {
		t.Errorf("with room again: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	clean(t, dsn, "a disk that was full, and is not")
	t.Logf("figure: the disk was full %d times, and an import refused for want of room; longest without a good answer %v", refused, round(gap))
}

// holdNoRoom holds that an import was refused for want of room, and says so.
func holdNoRoom(t *testing.T, got result) {
	t.Helper()
	if got.code != exitFailed || !strings.Contains(got.stderr, "scvotes: "+votes.ErrNoRoom.Error()+", and nothing was kept") || !strings.Contains(got.stdout, "nothing landed") {
		t.Fatalf("an import into a full disk: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}
