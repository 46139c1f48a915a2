//go:build unix

package pglocal

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// watchVar holds the data folder in the environment of a watcher.
const watchVar = "SCVOTES_PGLOCAL_WATCH"

// A watcher is this same program run a second time. It does nothing until the
// program that started it ends, in whatever way, and then leaves in its place.
// It is needed for kill -9, after which a program cannot stop anything.
//
// It begins in init, not in a function for main to call: test binaries open a
// Postgres too, and one without the call would run all its tests as a watcher.
func init() {
	if dir := os.Getenv(watchVar); dir != "" {
		watch(folder{dir: dir})
		os.Exit(0)
	}
}

func watch(f folder) {
	// A signal to stop everything of this name is for the program watched over.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	users := os.NewFile(3, "users.lock")
	// The other end of the pipe is closed by the kernel when the program ends.
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := f.leave(users); err != nil {
		f.note(err) // nobody is left to be told
	}
}

func (f folder) note(err error) {
	log, openErr := os.OpenFile(f.path(logName), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if openErr != nil {
		return
	}
	defer log.Close()
	fmt.Fprintf(log, "%s scvotes: %v\n", time.Now().UTC().Format(time.RFC3339), err)
}

type watcher struct {
	cmd   *exec.Cmd
	alive *os.File // open as long as this program lives
}

func startWatcher(f folder, users *os.File) (*watcher, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the watcher of the private Postgres: %w", err)
	}
	end, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer end.Close()
	cmd := exec.Command(program, "watches-over", f.dir) // the words are for whoever reads ps
	cmd.Env = append(os.Environ(), watchVar+"="+f.dir)
	cmd.Dir = "/" // not to hold on to a folder that is to be unmounted
	cmd.Stdin = end
	cmd.ExtraFiles = []*os.File{users} // its descriptor 3; one lock for both
	// Ctrl-C in the terminal and the terminal's end are not meant for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		alive.Close()
		return nil, fmt.Errorf("start the watcher of the private Postgres: %w", err)
	}
	return &watcher{cmd: cmd, alive: alive}, nil
}

// dismiss ends the watcher of a program that has left by itself.
func (w *watcher) dismiss() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
	w.alive.Close()
}
