//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/store/pglocal"
)

// node is a Postgres server of its own data folder, on a port of the loopback.
type node struct {
	name string
	port int
	dir  string // holds the data
	bin  string // the folder of Postgres's programs
	as   *syscall.Credential
	env  []string
	of   *testing.T // the test that made it, with which it ends
	*task
}

// newPrimary makes a server with an empty database scvotes, and starts it.
func newPrimary(t *testing.T, options ...string) *node {
	t.Helper()
	return newPrimaryIn(t, newPlace(t), options...)
}

// newPrimaryIn is newPrimary in a folder that the servant may write to.
func newPrimaryIn(t *testing.T, dir string, options ...string) *node {
	t.Helper()
	n := newNode(t, "primary", dir)
	n.tool(t, "initdb", append(options, "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--username=scvotes", "--pgdata", n.data())...)
	n.configure(t)
	n.start(t)
	n.tool(t, "createdb", "--host=127.0.0.1", "--port", strconv.Itoa(n.port), "--username=scvotes", "scvotes")
	return n
}

// settings are those of every node. No power is cut in these tests, only
// processes are killed: what the system was given is safe without fsync.
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
jit = off
shared_buffers = 32MB
hot_standby = on
wal_log_hints = on # for pg_rewind
wal_retrieve_retry_interval = 200ms
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
timezone = UTC
log_timezone = UTC
`

func (n *node) configure(t *testing.T) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(n.data(), "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(settings); err != nil {
		t.Fatal(err)
	}
}

func newNode(t *testing.T, name, dir string) *node {
	t.Helper()
	n := &node{name: name, port: freePort(t), dir: dir, as: servant(t), of: t}
	var err error
	if n.bin, _, err = pglocal.FindBinaries(""); err != nil {
		t.Fatal(err)
	}
	return n
}

// newPlace is a folder that the servant may write to, which one below
// t.TempDir is not.
func newPlace(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "scvotes-scale-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if as := servant(t); as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (n *node) data() string { return filepath.Join(n.dir, "data") }

// tool runs one of Postgres's programs to its end.
func (n *node) tool(t *testing.T, name string, args ...string) {
	t.Helper()
	p := launch(t, name, n.as, nil, filepath.Join(n.bin, name), args...)
	if code := p.code(t); code != 0 {
		t.Fatalf("%s: exit code %d", name, code)
	}
}

// start starts the server and waits until it answers.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.launch()
	until(t, 30*time.Second, n.name+" answers", func() error {
		if !n.runs() {
			return errors.New("it has ended")
		}
		return n.says("1", `SELECT 1`)
	})
}

func (n *node) launch() {
	n.task = launch(n.of, n.name, n.as, n.env, filepath.Join(n.bin, "postgres"), "-D", n.data(), "-c", "port="+strconv.Itoa(n.port))
}

// stop ends the server in order: clients are sent away, all is written.
func (n *node) stop(t *testing.T) {
	t.Helper()
	n.signal(t, syscall.SIGINT)
	if code := n.code(t); code != 0 {
		t.Fatalf("%s stopped with exit code %d", n.name, code)
	}
}

// dsnOf is how a client connects to this node, or to the first of several that
// takes writes.
func dsnOf(database string, nodes ...*node) string {
	var hosts []string
	for _, n := range nodes {
		hosts = append(hosts, fmt.Sprintf("127.0.0.1:%d", n.port))
	}
	u := "postgres://scvotes@" + strings.Join(hosts, ",") + "/" + database + "?sslmode=disable"
	if len(nodes) > 1 {
		u += "&target_session_attrs=read-write"
	}
	return u
}

// ask runs a statement on a connection of its own and returns the first value
// of its first row, as text, if there is one.
func (n *node) ask(database, sql string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, dsnOf(database, n)+"&application_name=test&connect_timeout=5")
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	results, err := c.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 || len(results[0].Rows) == 0 {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}

func (n *node) exec(t *testing.T, sql string) string {
	t.Helper()
	got, err := n.ask("scvotes", sql)
	if err != nil {
		t.Fatalf("%s: %s: %v", n.name, sql, err)
	}
	return got
}

// says tells whether a statement gives want.
func (n *node) says(want, sql string) error {
	got, err := n.ask("scvotes", sql)
	if err != nil && strings.Contains(sql, "SELECT 1") { // the server may be up before its database is there
		got, err = n.ask("postgres", sql)
	}
	if err == nil && got != want {
		err = fmt.Errorf("%s says %q, want %q", n.name, got, want)
	}
	return err
}
