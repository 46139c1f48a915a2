package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that this run started.
type process struct {
	name string
	url  string // of its root, without the slash
	cmd  *exec.Cmd
	log  *os.File
	gone chan struct{}
}

const (
	startLimit = 60 * time.Second
	stopLimit  = 10 * time.Second
)

// start runs a server and waits until it answers a question with 200. What it
// prints goes into a file of the work folder, and into the error if it ends.
func (s *site) start(ctx context.Context, name string, q question, env []string, command func(addr string) []string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	args := command(addr)
	p := &process{name: name, url: "http://" + addr, gone: make(chan struct{})}
	if p.log, err = os.Create(s.path(strings.ReplaceAll(name, " ", "-") + ".log")); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(args[0], args[1:]...)
	p.cmd.Dir, p.cmd.Env = s.folder, append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	// A group of its own: Ctrl-C reaches this program only, which then ends all in order.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // its log tells more than its exit code
		close(p.gone)
	}()
	s.processes = append(s.processes, p)
	if err := p.ready(ctx, q); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s: %w\n%s", name, err, p.lastLines())
	}
	return p, nil
}

func (p *process) ready(ctx context.Context, q question) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("not ready after %v", startLimit))
	defer cancel()
	last := "no answer"
	for {
		select {
		case <-p.gone:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("%w, last: %s", context.Cause(ctx), last)
		case <-time.After(50 * time.Millisecond):
		}
		if a, err := ask(ctx, q.method(), p.url+q.path, q.body); err == nil {
			if a.status == http.StatusOK {
				return nil
			}
			last = fmt.Sprintf("status %d, %.300s", a.status, a.body)
		}
	}
}

// stop ends the server, all of its group, and waits until it is gone.
func (p *process) stop() {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = syscall.Kill(-p.cmd.Process.Pid, signal) // an error means that it is gone
		select {
		case <-p.gone:
			p.log.Close()
			return
		case <-time.After(stopLimit):
		}
	}
}

func (p *process) lastLines() string {
	b, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b[max(0, len(b)-2000):]))
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// usage is the memory that a server holds, in bytes.
type usage struct {
	Server        string
	Resident, Top int64 // now, and at most since it was started
}

// memory asks the kernel. Only Linux tells it in this way.
func (p *process) memory() (usage, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return usage{}, err
	}
	defer f.Close()
	u, err := parseStatus(f)
	u.Server = p.name
	return u, err
}

func parseStatus(r io.Reader) (usage, error) {
	var u usage
	for lines := bufio.NewScanner(r); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		into := map[string]*int64{"VmRSS": &u.Resident, "VmHWM": &u.Top}[name]
		if into == nil {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return u, fmt.Errorf("%s: %w", name, err)
		}
		*into = kb << 10
	}
	if u.Resident == 0 || u.Top == 0 {
		return u, errors.New("the kernel does not tell VmRSS and VmHWM")
	}
	return u, nil
}

// output runs a program to its end and returns what it printed; the error has it too.
func (s *site) output(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = s.folder, append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopLimit
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", name, err, strings.TrimSpace(string(out[max(0, len(out)-2000):])))
	}
	return string(out), err
}
