//go:build unix

package pglocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startLimit = time.Minute      // recovery of a record of this size takes seconds
	stopLimit  = 20 * time.Second // for a fast shutdown, and again for an immediate one
)

// socketName is what Postgres calls its socket on this port.
var socketName = fmt.Sprintf(".s.PGSQL.%d", port)

// postmaster is what postmaster.pid says of the running server.
type postmaster struct {
	pid       int
	socketDir string
	ready     bool
}

// bringUp returns once Postgres answers, whoever has started it. The caller
// holds start.lock, so it is the only one that may start it, and a shared
// users.lock, so nobody stops it.
func (f folder) bringUp(ctx context.Context, cfg Config) (postmaster, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("not ready after %v", startLimit))
	defer cancel()
	started := false
	for {
		server, err := f.tryLock("server.lock", syscall.LOCK_EX)
		switch {
		case err == nil && started:
			server.Close()
			return postmaster{}, f.failed(errors.New("it stopped again"))
		case err == nil:
			err := f.start(ctx, cfg, server)
			server.Close()
			if err != nil {
				return postmaster{}, err
			}
			started = true
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return postmaster{}, err
		default:
			// Postgres lives, but may be starting or stopping, or only the rest
			// of one that was killed: go on until it answers or is all gone.
			if p, err := f.postmaster(); err == nil && p.answers() {
				return p, nil
			}
		}
		if err := wait(ctx); err != nil {
			return postmaster{}, f.failed(err)
		}
	}
}

// start starts Postgres, which inherits server, the locked server.lock. It
// does not wait until Postgres is ready.
func (f folder) start(ctx context.Context, cfg Config, server *os.File) error {
	made, err := f.madeBy()
	if err != nil {
		return err
	}
	bin, err := binariesFor(cfg.BinDir, made, f.data())
	if err != nil {
		return err
	}
	if made == 0 {
		cfg.Logf("making a data folder for PostgreSQL %d in %s", bin.version, f.dir)
		if err := f.create(ctx, bin, cfg.NoSync); err != nil {
			return fmt.Errorf("make a data folder in %s: %w", f.dir, err)
		}
	}
	// The lock is ours, so what a killed server has left is no sign of life.
	// Postgres itself would be deceived by a zombie, or by a number used again.
	if err := os.Remove(f.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	sockets, err := f.socketDir()
	if err != nil {
		return err
	}
	// So is the number beside the socket, and a zombie can keep that for a while.
	if err := os.Remove(filepath.Join(sockets, socketName+".lock")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	log, err := f.newLog()
	if err != nil {
		return err
	}
	defer log.Close()
	cfg.Logf("starting PostgreSQL %d in %s", bin.version, f.dir)
	// Not bound to ctx: it outlives the call, and this program where others use it.
	cmd := f.command(context.WithoutCancel(ctx), bin, "postgres", settings(f.data(), sockets, cfg.NoSync)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{server}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	go func() { _ = cmd.Wait() }() // or it stays as a zombie; the log tells how it ended
	return nil
}

// settings are given at each start, so that a data folder made by an older
// scvotes gets them too.
func settings(data, sockets string, noSync bool) []string {
	args := []string{"-D", data}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("listen_addresses", "") // no network address
	set("port", strconv.Itoa(port))
	set("unix_socket_directories", sockets)
	set("unix_socket_permissions", "0700")
	set("max_connections", "100")
	set("shared_buffers", "128MB")
	set("jit", "off") // compiling costs more than any query here takes
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	if noSync {
		set("fsync", "off")
		set("full_page_writes", "off")
	}
	return args
}

// stop stops Postgres and waits until all of it is gone. The caller holds
// users.lock alone. It is no error if none is running.
func (f folder) stop() error {
	begun := time.Now()
	for sent := syscall.Signal(0); ; time.Sleep(pollEvery) {
		server, err := f.tryLock("server.lock", syscall.LOCK_EX)
		if err == nil {
			return server.Close()
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		signal := syscall.SIGINT // fast shutdown: ends the connections, then writes everything
		if time.Since(begun) > stopLimit {
			signal = syscall.SIGQUIT // immediate shutdown: the next start recovers from the log
		}
		if time.Since(begun) > 2*stopLimit {
			return f.failed(fmt.Errorf("it did not stop in %v", 2*stopLimit))
		}
		// A server that is just starting has not written its number yet; of a
		// killed one the number is stale, and its children end by themselves.
		if p, err := f.postmaster(); err == nil && sent != signal && syscall.Kill(p.pid, signal) == nil {
			sent = signal
		}
	}
}

func (f folder) pidFile() string { return filepath.Join(f.data(), "postmaster.pid") }

// postmaster reads postmaster.pid: a line each for number, data folder, start,
// port, socket folder, address, shared memory and, in the end, the state.
func (f folder) postmaster() (postmaster, error) {
	b, err := os.ReadFile(f.pidFile())
	if err != nil {
		return postmaster{}, err
	}
	lines := strings.Split(string(b), "\n")
	var p postmaster
	if p.pid, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil || p.pid <= 1 {
		return postmaster{}, fmt.Errorf("%s does not begin with a process number", f.pidFile())
	}
	if len(lines) >= 8 {
		p.socketDir = lines[4]
		p.ready = strings.TrimSpace(lines[7]) == "ready"
	}
	return p, nil
}

// asksForTLS is the first word that a client may say (protocol 3.0, SSLRequest).
// Who is not let in may ask it too, and it leaves no line in the log.
var asksForTLS = []byte{0, 0, 0, 8, 4, 210, 22, 47}

// answers tells whether the server takes connections. Its word alone is not
// enough: the file of a killed server still says ready, and a child that it made
// in its last moment can still hold the socket open, where nobody listens.
func (p postmaster) answers() bool {
	if !p.ready {
		return false
	}
	conn, err := net.Dial("unix", filepath.Join(p.socketDir, socketName))
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write(asksForTLS); err != nil {
		return false
	}
	n, err := conn.Read(make([]byte, 1))
	return err == nil && n == 1
}

// newLog opens an empty log and keeps that of the run before beside it.
func (f folder) newLog() (*os.File, error) {
	name := f.path(logName)
	if err := os.Rename(name, name+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	log, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return log, f.own(name)
}

// failed adds the end of Postgres's log to an error, which is where its cause is.
func (f folder) failed(err error) error {
	b, readErr := os.ReadFile(f.path(logName))
	if readErr != nil || len(bytes.TrimSpace(b)) == 0 {
		return fmt.Errorf("private Postgres in %s: %w", f.dir, err)
	}
	return fmt.Errorf("private Postgres in %s: %w; the end of its log:\n%s", f.dir, err, lastLines(string(b)))
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-10):], "\n  ")
}
