package pglocal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperVar makes this test binary a second program that uses the data folder
// named, from the line "open" it prints until its standard input ends.
const helperVar = "PGLOCAL_TEST_HELPER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperVar); dir != "" {
		if err := helper(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func helper(dir string) error {
	s, err := Open(context.Background(), Config{DataDir: dir, NoSync: true})
	if err != nil {
		return err
	}
	fmt.Println("open", s.running.pid)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Close()
}

func TestColdStartThenWarmKeepsTheData(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	s := open(t, dir)
	query(t, s, "CREATE TABLE kept AS SELECT 'S/2024/835' AS draft")
	closeServer(t, s)
	if alive(t, dir) {
		t.Fatal("Postgres lives after the last program closed it")
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}

	s = open(t, dir)
	if got := query(t, s, "SELECT draft FROM kept"); got != "S/2024/835" {
		t.Errorf("after a restart the table holds %q", got)
	}
	for setting, want := range map[string]string{"listen_addresses": "", "jit": "off", "max_connections": "100", "fsync": "off", "server_encoding": "UTF8"} {
		if got := query(t, s, "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := query(t, s, "SELECT lower('CÔTE D’IVOIRE') || ('Z' < 'a')"); got != "côte d’ivoiretrue" {
		t.Errorf("letters and order of the database: %q", got)
	}
	info, err := os.Stat(s.running.socketDir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of the socket: %v, mode %v; want 0700", err, info.Mode().Perm())
	}
}

func TestLastOneOutStopsIt(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	for _, starterLeavesFirst := range []bool{true, false} {
		s := open(t, dir)
		other := startHelper(t, dir)
		if pid := other.opened(t); pid != s.running.pid {
			t.Fatalf("the second program uses Postgres %d, not the running %d", pid, s.running.pid)
		}
		if starterLeavesFirst {
			closeServer(t, s)
			again := open(t, dir) // joins what the other keeps alive
			if again.running.pid != s.running.pid {
				t.Errorf("Postgres was restarted: %d became %d", s.running.pid, again.running.pid)
			}
			closeServer(t, again)
			if !alive(t, dir) {
				t.Fatal("the starter stopped Postgres while another used it")
			}
			other.leave(t)
		} else {
			other.leave(t)
			query(t, s, "SELECT 1::text")
			closeServer(t, s)
		}
		if alive(t, dir) {
			t.Fatalf("Postgres lives after all have left (starter first: %v)", starterLeavesFirst)
		}
	}
}

func TestKilledProgramLeavesNoPostgres(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	first, second := startHelper(t, dir), startHelper(t, dir)
	pid := first.opened(t)
	second.opened(t)

	first.kill(t)
	time.Sleep(300 * time.Millisecond) // time enough for a watcher that is wrong
	if syscall.Kill(pid, 0) != nil || !alive(t, dir) {
		t.Fatal("Postgres went with one killed program while another used it")
	}
	second.kill(t)
	waitGone(t, dir, 2*time.Second)
}

func TestKilledPostmaster(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	s, err := Open(t.Context(), Config{DataDir: dir}) // as safe as for a user's own data
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	query(t, s, "CREATE TABLE kept AS SELECT '14-1-0' AS tally")
	if err := syscall.Kill(s.running.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for syscall.Kill(s.running.pid, 0) == nil { // the signal takes a moment to work
		time.Sleep(time.Millisecond)
	}
	again := open(t, dir) // its children and its pid file may still be there
	if again.running.pid == s.running.pid {
		t.Fatal("joined a Postgres that was killed")
	}
	if got := query(t, again, "SELECT tally FROM kept"); got != "14-1-0" {
		t.Errorf("after the recovery the table holds %q", got)
	}
	closeServer(t, s)
	if !alive(t, dir) {
		t.Error("leaving the killed Postgres stopped the new one")
	}
}

func TestStalePidFileIsNotTakenForAServer(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	s := open(t, dir)
	closeServer(t, s)
	// Its number has gone to another process of the same user since.
	other := exec.Command("sleep", "60")
	other.SysProcAttr = &syscall.SysProcAttr{Credential: s.folder.owner}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	stale := fmt.Sprintf("%d\n%s\n0\n5432\n%s\n\n0 0\nready   \n", other.Process.Pid, s.folder.data(), s.running.socketDir)
	if err := os.WriteFile(s.folder.pidFile(), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	besideSocket := fmt.Sprintf("%d\n%s\n0\n5432\n%s\n", other.Process.Pid, s.folder.data(), s.running.socketDir)
	if err := os.WriteFile(filepath.Join(s.running.socketDir, socketName+".lock"), []byte(besideSocket), 0o600); err != nil {
		t.Fatal(err)
	}
	query(t, open(t, dir), "SELECT 1::text")
}

func TestProgramsThatStartTogetherShareOne(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	var all []*program
	for range 4 {
		all = append(all, startHelper(t, dir))
	}
	pids := map[int]bool{}
	for _, p := range all {
		pids[p.opened(t)] = true
	}
	if len(pids) != 1 {
		t.Errorf("%d Postgres were started: %v", len(pids), pids)
	}
	for _, p := range all {
		p.stdin.Close() // all leave at once
	}
	for _, p := range all {
		p.leave(t)
	}
	waitGone(t, dir, 2*time.Second)
}

func TestCloseWithoutWatcher(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	s := open(t, dir)
	if err := s.watcher.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.watcher.cmd.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	other := startHelper(t, dir)
	other.opened(t)
	other.leave(t)
	query(t, s, "SELECT 1::text") // the lock outlives the watcher
	closeServer(t, s)
	if alive(t, dir) {
		t.Error("Postgres lives on")
	}
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	f, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	held, err := f.tryLock("start.lock", syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, Config{DataDir: dir}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "start.lock") {
		t.Errorf("got %v; want the deadline and the lock waited for", err)
	}
}

// newFolder returns a data folder yet to be made. t.TempDir would not do:
// nobody but its owner may enter that, and as root Postgres is someone else.
func newFolder(t *testing.T) string {
	t.Helper()
	base, err := os.MkdirTemp("", "pglocal-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "data")
	t.Cleanup(func() {
		if _, err := os.Stat(dir); err == nil {
			waitGone(t, dir, 5*time.Second) // not to pull the folder from under it
		}
		// A watcher that comes late to see that all is done opens a lock there.
		for i := 0; os.RemoveAll(base) != nil && i < 10; i++ {
			time.Sleep(100 * time.Millisecond)
		}
	})
	return dir
}

func open(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Open(t.Context(), Config{DataDir: dir, NoSync: true, Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func closeServer(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, s *Server, sql string) (value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if strings.HasPrefix(sql, "CREATE") {
		_, err = conn.Exec(t.Context(), sql)
	} else {
		err = conn.QueryRow(t.Context(), sql).Scan(&value)
	}
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// alive tells whether any process of the folder's Postgres is left.
func alive(t *testing.T, dir string) bool {
	t.Helper()
	server, err := folder{dir: dir}.tryLock("server.lock", syscall.LOCK_EX)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	return false
}

func waitGone(t *testing.T, dir string, limit time.Duration) {
	t.Helper()
	begun := time.Now()
	for alive(t, dir) {
		if time.Since(begun) > limit {
			t.Fatalf("Postgres still lives after %v", limit)
		}
		time.Sleep(pollEvery)
	}
	t.Logf("gone after %v", time.Since(begun).Round(time.Millisecond))
}

// program is a second program that uses the same data folder.
type program struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func startHelper(t *testing.T, dir string) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVar+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell starts it
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return &program{cmd: cmd, stdin: stdin, stdout: bufio.NewReader(stdout)}
}

// opened waits for the program's Postgres and returns its process number.
func (p *program) opened(t *testing.T) (pid int) {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	if _, scanErr := fmt.Sscanf(line, "open %d", &pid); scanErr != nil {
		rest, _ := io.ReadAll(p.stdout)
		t.Fatalf("the second program says %q (%v)", line+string(rest), err)
	}
	return pid
}

func (p *program) leave(t *testing.T) {
	t.Helper()
	p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("the second program: %v", err)
	}
}

// kill kills the program and whatever runs in its process group.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // killed, as it says
}
