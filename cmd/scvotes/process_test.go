//go:build linux

package main

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// birth starts every process of these tests from one thread that never ends:
// the kernel stops them when the thread that started them is gone, so that
// nothing is left running however the tests end.
var birth = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
})

// task is a process of a test. Unlike program it is waited for from the start,
// so that anybody may ask whether it lives.
type task struct {
	*program
	name  string
	ended chan struct{}
}

// launch starts a process with nothing of this environment but the PATH. What
// it wrote is shown where the test fails, unless it ended well before.
func launch(t *testing.T, name string, as *syscall.Credential, env []string, path string, args ...string) *task {
	t.Helper()
	p := &task{program: &program{cmd: exec.Command(path, args...)}, name: name, ended: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", runVar + "=1", "SCVOTES_RATE=0"}, env...)
	p.cmd.Dir = "/"
	p.cmd.WaitDelay = 5 * time.Second // for what a child holds open
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: as, Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	birth() <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }() // the state tells how
	t.Cleanup(func() {
		p.killAll()
		if t.Failed() && p.cmd.ProcessState.ExitCode() != 0 {
			t.Logf("%s wrote:\n%s%s", name, lastLines(p.stdout.String()), lastLines(p.stderr.String()))
		}
	})
	return p
}

// code waits until the process has ended and returns its exit code, -1 where
// a signal ended it.
func (p *task) code(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		t.Fatalf("%s does not end", p.name)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *task) runs() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// killAll ends a process and its children at once, as a machine that goes dark
// does. They are stopped first, or the children would see their parent die.
func (p *task) killAll() {
	if !p.runs() || p.cmd.Process.Signal(syscall.SIGSTOP) != nil {
		return
	}
	for _, child := range p.children() {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// children are the numbers of the processes that it has started.
func (p *task) children() (children []int) {
	id := strconv.Itoa(p.cmd.Process.Pid)
	list, _ := os.ReadFile(filepath.Join("/proc", id, "task", id, "children")) // fails where it is just gone
	for _, word := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(word); err == nil {
			children = append(children, child)
		}
	}
	return children
}

// servant is whom Postgres and PgBouncer run as: neither runs as root.
func servant(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("run by root, the tests need the user that Debian's package makes: %v", err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if uidErr != nil || gidErr != nil {
		t.Fatal(uidErr, gidErr)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func lastLines(text string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "")
}
