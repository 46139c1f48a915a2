package pglocal

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// until waits for something to become true.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for begun := time.Now(); !true(); time.Sleep(pollEvery) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// answersNow tells whether the database answers.
func (s *Server) answersNow(t *testing.T) bool {
	conn, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		return false
	}
	defer conn.Close(t.Context())
	return conn.Ping(t.Context()) == nil
}

// Whoever uses a Postgres that was killed has it again, without doing anything;
// of several one starts it.
func TestKilledPostgresComesBack(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	s := open(t, dir)
	other := startHelper(t, dir)
	other.opened(t)
	query(t, s, "CREATE TABLE kept AS SELECT '14-1-0' AS tally")
	for range 3 {
		before, err := s.folder.postmaster()
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(before.pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until(t, "Postgres to be back", func() bool {
			now, err := s.folder.postmaster()
			return err == nil && now.pid != before.pid && s.answersNow(t)
		})
		if got := query(t, s, "SELECT tally FROM kept"); got != "14-1-0" {
			t.Errorf("after the recovery the table holds %q", got)
		}
	}
	closeServer(t, s)
	if !alive(t, dir) {
		t.Error("it went with one of the two that use it")
	}
	other.leave(t)
	if alive(t, dir) {
		t.Error("Postgres lives after all have left")
	}
}

// While it cannot be started the reason is told, once in a while; when it can
// be, it comes back. Nobody who leaves meanwhile has to wait for that.
func TestPostgresThatCannotComeBackYet(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	var mu sync.Mutex
	var told []string
	cfg := Config{DataDir: dir, NoSync: true, Logf: func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, format)
	}}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	until(t, "Postgres to answer", func() bool { return s.answersNow(t) })
	control := s.folder.data() + "/global/pg_control"
	if err := os.Rename(control, control+".away"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(s.running.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "the failure to be told", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(strings.Join(told, "\n"), "trying again")
	})
	if err := os.Rename(control+".away", control); err != nil {
		t.Fatal(err)
	}
	until(t, "Postgres to be back", func() bool { return s.answersNow(t) })
	closeServer(t, s)
}
