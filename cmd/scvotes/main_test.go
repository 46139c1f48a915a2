package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/store/pgtest"
)

// runVar makes this test binary scvotes itself, for the tests that need it as
// a process of its own: signals, exit codes, two programs on one data folder.
const runVar = "SCVOTES_TEST_RUN"

var update = flag.Bool("update", false, "write the golden files in testdata anew")

func TestMain(m *testing.M) {
	if os.Getenv(runVar) != "" {
		main()
	}
	// What the user of the machine has set is not for the tests. SCVOTES_PG_BIN
	// stays: it may be the only way to find Postgres.
	for _, v := range []string{"DATABASE_URL", "DATABASE_READ_URL", "DATABASE_WRITE_URL", "SCVOTES_ADDR", "SCVOTES_DATA"} {
		os.Unsetenv(v)
	}
	// The tests hold more than a server does: see tuneMemory.
	os.Setenv("GOGC", "100")
	// All tests are one client: what that is answered is bounded where they say so.
	os.Setenv("SCVOTES_RATE", "0")
	os.Exit(m.Run())
}

// result is what a command left behind.
type result struct {
	stdout, stderr string
	code           int
}

// cli runs a command line in this process, as main does.
func cli(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), args, &stdout, &stderr)
	if err != nil {
		fmt.Fprintln(&stderr, "scvotes:", plain(err))
	}
	return result{stdout.String(), stderr.String(), exitCode(err)}
}

// loaded returns a database that holds the starter record.
func loaded(t *testing.T) string {
	t.Helper()
	return pgtest.NewFrom(t, "starter", fillStarter)
}

func fillStarter(dsn string) error {
	s, err := store.Open(context.Background(), dsn)
	if err != nil {
		return err
	}
	defer s.Close()
	return loadStarter(context.Background(), s, io.Discard)
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// golden holds got against a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with go test -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; write it anew with go test -update):\n%s", path, diff)
	}
}

// program is scvotes as a process.
type program struct {
	cmd            *exec.Cmd
	stdin          io.WriteCloser
	stdout, stderr output
}

// start starts scvotes on a data folder of the test.
func start(t *testing.T, dataDir string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), runVar+"=1", "SCVOTES_DATA="+dataDir)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
		if t.Failed() {
			t.Logf("scvotes %s:\n%s%s", strings.Join(args, " "), p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// ends waits for the process and returns its exit code, -1 where a signal
// ended it.
func (p *program) ends(t *testing.T) int {
	t.Helper()
	late := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait() // the state tells
	return p.cmd.ProcessState.ExitCode()
}

func (p *program) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// output is what a process has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// wait returns the rest of the line that has text in it, once it is written.
func (o *output) wait(t *testing.T, text string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, after, ok := strings.Cut(o.String(), text); ok {
			if line, _, whole := strings.Cut(after, "\n"); whole {
				return line
			}
		}
	}
	t.Fatalf("%q did not come; there is:\n%s", text, o)
	return ""
}

// newFolder returns a data folder that is not there yet. It does not lie in
// t.TempDir, which the user that Postgres runs as for root cannot enter, and
// whose path may be too long for a socket.
func newFolder(t *testing.T) string {
	t.Helper()
	base, err := os.MkdirTemp("", "scvotes-cli-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "data")
	t.Cleanup(func() {
		waitGone(t, dir)
		for i := 0; os.RemoveAll(base) != nil && i < 10; i++ { // a watcher may still hold a lock there
			time.Sleep(100 * time.Millisecond)
		}
	})
	return dir
}

// postgresRuns tells whether the private Postgres of a folder is up: it takes
// its pid file away when it ends in order.
func postgresRuns(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "postgres", "postmaster.pid"))
	return err == nil
}

func waitGone(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); postgresRuns(dir); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("Postgres of %s is still there", dir)
			return
		}
	}
}

// until waits for a condition; the error of the last look is its complaint.
func until(t *testing.T, limit time.Duration, what string, look func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err = look(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not within %v: %v", what, limit, err)
}

// freePort is a port that nobody listens on now. It has to be known before the
// process that will: it stays the same when that is started again.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
