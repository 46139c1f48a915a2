package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOtherVersionIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	data := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "PG_VERSION"), "9.6\n")
	write(t, filepath.Join(data, "precious"), "the record")

	_, err := Open(t.Context(), Config{DataDir: dir})
	if !errors.Is(err, ErrVersion) {
		t.Fatalf("got %v, want ErrVersion", err)
	}
	for _, want := range []string{"made by PostgreSQL 9", "pg_upgrade", BinVar, data} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %q:\n%v", want, err)
		}
	}
	if got := names(t, data); !cmp.Equal(got, []string{"PG_VERSION", "precious"}) {
		t.Errorf("the folder was touched: %v", got)
	}
	if got := read(t, filepath.Join(data, "precious")); got != "the record" {
		t.Errorf("a file was touched: %q", got)
	}
}

func TestHalfMadeFolderNeverCounts(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	half := filepath.Join(dir, "postgres.new-123")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(half, "PG_VERSION"), "15\n")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Config{DataDir: dir}); err == nil {
		t.Fatal("opened although its context had ended")
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres")); !os.IsNotExist(err) {
		t.Fatalf("a start that was broken off left a data folder: %v", err)
	}
	query(t, open(t, dir), "SELECT 1::text")
	if left, _ := filepath.Glob(filepath.Join(dir, "postgres.new-*")); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
}

// The initdb of a program that was killed may go on writing for a while.
func TestHalfMadeFolderThatIsStillWrittenTo(t *testing.T) {
	dir := newFolder(t)
	half := filepath.Join(dir, "postgres.new-123", "base")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			_ = os.MkdirAll(half, 0o755)
			_ = os.WriteFile(filepath.Join(half, strconv.Itoa(i%100)), nil, 0o600)
		}
	})
	defer writing.Wait()
	defer close(done)
	query(t, open(t, dir), "SELECT 1::text")
}

func TestFolderMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	const rounds = 300 // the moment at which it can go wrong is short
	base := filepath.Dir(newFolder(t))
	for round := range rounds {
		dir := filepath.Join(base, fmt.Sprint(round))
		var programs sync.WaitGroup
		for range 8 {
			programs.Go(func() {
				f, err := openFolder(dir)
				if err == nil {
					_, err = f.tryLock("users.lock", syscall.LOCK_SH)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		programs.Wait()
	}
	if got := names(t, base); len(got) != rounds {
		t.Errorf("%d entries in the folder, want the %d made", len(got), rounds)
	}
}

func TestPathsThatSocketsDoNotTake(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("long", 30), `a b, it's "c"`} {
		dir := filepath.Join(filepath.Dir(newFolder(t)), name)
		s := open(t, dir)
		t.Cleanup(func() { os.RemoveAll(s.running.socketDir) })
		if !strings.HasPrefix(s.running.socketDir, "/tmp/scvotes-") {
			t.Errorf("%s: socket in %s", name, s.running.socketDir)
		}
		if got := query(t, s, "SELECT current_database()::text"); got != "scvotes" {
			t.Errorf("%s: connected to %q", name, got)
		}
		other := startHelper(t, dir)
		if pid := other.opened(t); pid != s.running.pid {
			t.Errorf("%s: a second program did not join: Postgres %d and %d", name, s.running.pid, pid)
		}
		other.leave(t)
		closeServer(t, s)
	}
}

func TestFailedStartShowsTheLog(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	s := open(t, dir)
	closeServer(t, s)
	write(t, filepath.Join(s.folder.data(), "postgresql.conf"), "no_such_setting = on\n")
	_, err := Open(t.Context(), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), `unrecognized configuration parameter "no_such_setting"`) {
		t.Errorf("the error does not show the log: %v", err)
	}
	if alive(t, dir) {
		t.Error("something of Postgres is left running")
	}
}

func TestFolderThatPostgresMayNotEnter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("concerns root only: every other user runs Postgres as themselves")
	}
	dir := filepath.Join(filepath.Dir(newFolder(t)), "mine", "data")
	if err := os.Mkdir(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "may not enter "+filepath.Dir(dir)) {
		t.Errorf("got %v; want the folder that keeps Postgres out", err)
	}
}

func TestFolderOfSomebodyElse(t *testing.T) {
	dir := "/" // root's
	if os.Geteuid() == 0 {
		dir = newFolder(t)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "belongs to the user with id") {
		t.Errorf("got %v; want a refusal", err)
	}
}

func TestDefaultDataDir(t *testing.T) {
	tests := []struct{ home, xdg, user, root string }{
		{"/home/ada", "", "/home/ada/.local/share/scvotes", "/var/lib/scvotes"},
		{"/home/ada", "/home/ada/data", "/home/ada/data/scvotes", "/var/lib/scvotes"},
		{"/home/ada", "/srv/data", "/srv/data/scvotes", "/srv/data/scvotes"},
		{"/home/ada", "relative", "/home/ada/.local/share/scvotes", "/var/lib/scvotes"},
		{"/home/ada", "/home/adam", "/home/adam/scvotes", "/home/adam/scvotes"},
	}
	for _, tt := range tests {
		t.Setenv("HOME", tt.home)
		t.Setenv("XDG_DATA_HOME", tt.xdg)
		want := tt.user
		if os.Geteuid() == 0 {
			want = tt.root
		}
		if got, err := DefaultDataDir(); err != nil || got != want {
			t.Errorf("HOME=%s XDG_DATA_HOME=%s: %s, %v; want %s", tt.home, tt.xdg, got, err, want)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
