//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// smallFolder is a data folder on a file system of its own, of a size.
func smallFolder(t *testing.T, size string) string {
	t.Helper()
	base, err := os.MkdirTemp("", "scvotes-small-")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", base, "tmpfs", 0, "size="+size+",mode=0755"); err != nil {
		t.Fatalf("the test fills a small file system, and this user may not mount one (root may): %v", err)
	}
	dir := filepath.Join(base, "data")
	t.Cleanup(func() {
		waitGone(t, dir)
		until(t, 10*time.Second, "the file system is let go", func() error { return syscall.Unmount(base, 0) })
		_ = os.Remove(base)
	})
	return dir
}

// fill leaves only so much room on the file system of a file, by that file.
func fill(t *testing.T, ballast string, left int64) {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(ballast), &fs); err != nil {
		t.Fatal(err)
	}
	free := int64(fs.Bavail) * fs.Bsize
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, max(free-left, 1)); err != nil {
		t.Fatal(err)
	}
}

// The disk with the data folder runs full in the middle of an import, at once or
// later, in a table or in Postgres's own log, for want of which Postgres ends.
// With room again the server goes on by itself, and so does the import.
func TestFaultDataFolderFull(t *testing.T) {
	if !pgtest.Soaking() {
		t.Skip("make soak fills a file system; every run of the tests has a disk that is full in TestFault")
	}
	dir, bin := smallFolder(t, "640m"), shipped(t)
	env := []string{"SCVOTES_DATA=" + dir}
	p := &privately{dir, env, newInstance(t, "on a small file system", bin, env)}
	p.ready(t)
	ballast := filepath.Join(filepath.Dir(dir), "ballast")
	rooms := []int64{0, 64 << 10, 1 << 20, 2 << 20, 4 << 20, 8 << 20} // bytes left
	gone, told, longest := 0, make(map[string]int), time.Duration(0)
	for round, left := range rooms {
		k, before, running := round+1, p.command(t, "export").stdout, p.postmaster()
		file := write(t, "many.csv", bulkOf(k, 1500))
		load := func() result {
			return p.command(t, "import", "--source", "Canary", "--edition", editionDay(k), file)
		}
		fill(t, ballast, left)
		got := load()
		switch {
		case got.code == 0:
			told["there was room enough"]++
		case got.code == exitFailed && strings.Contains(got.stderr, votes.ErrNoRoom.Error()):
			told[votes.ErrNoRoom.Error()]++
		case got.code == exitFailed && strings.Contains("\n"+got.stderr, "\nscvotes: "):
			told["Postgres had ended"]++
			t.Logf("with %d bytes left: %s", left, lastLines(got.stderr))
		default:
			t.Errorf("with %d bytes left: exit code %d\n%s%s", left, got.code, got.stdout, got.stderr)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		until(t, time.Minute, "the server answers from its database again", func() error { return p.gives(coldProbe().path, 200) })
		longest = max(longest, time.Since(begun))
		if p.postmaster() != running {
			gone++
		}
		if after := p.command(t, "export").stdout; got.code != 0 && after != before {
			t.Errorf("with %d bytes left the record is not as before", left)
		}
		until(t, 30*time.Second, "the import lands", func() error {
			if got := load(); got.code != 0 {
				return errors.New(got.stderr)
			}
			return nil
		})
		if got := p.command(t, "verify"); got.code != 0 || !strings.Contains(got.stdout, "; 0 differences") {
			t.Errorf("verify: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
		}
	}
	t.Logf("figure: the data folder was full %d times, what was told: %v; Postgres ended %d times; with room again the server had answers from its database after %v at the longest", len(rooms), told, gone, round(longest))
	if n := told[votes.ErrNoRoom.Error()]; n == 0 {
		t.Error("no import was refused for want of room")
	}
	p.stop(t)
	if told := p.stderr.String(); gone > 0 && !strings.Contains(told, fmt.Sprintf("PostgreSQL in %s is gone", dir)) {
		t.Error("the server does not tell that Postgres was gone")
	}
}
