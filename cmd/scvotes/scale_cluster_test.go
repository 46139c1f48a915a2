//go:build scale && linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
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
	*task
}

// newPrimary makes a server with an empty database scvotes, and starts it.
func newPrimary(t *testing.T) *node {
	t.Helper()
	n := newNode(t, "primary")
	n.tool(t, "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--username=scvotes", "--pgdata", n.data())
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

// newStandby makes a server that follows the primary. From then on the primary
// acknowledges a commit only once the standby has it on disk: what a client
// was told is then never lost with the primary.
func (n *node) newStandby(t *testing.T) *node {
	t.Helper()
	s := newNode(t, "standby")
	s.follow(t, n)
	s.start(t)
	n.exec(t, `ALTER SYSTEM SET synchronous_standby_names = 'standby'`)
	n.exec(t, `SELECT pg_reload_conf()`)
	n.streams(t, "sync")
	return s
}

// follow fills the data folder with a copy of the primary.
func (n *node) follow(t *testing.T, primary *node) {
	t.Helper()
	from := fmt.Sprintf("host=127.0.0.1 port=%d user=scvotes application_name=%s", primary.port, n.name)
	n.tool(t, "pg_basebackup", "--no-sync", "--checkpoint=fast", "--write-recovery-conf", "--create-slot", "--slot="+n.name, "--dbname", from, "--pgdata", n.data())
}

// streams waits until a standby takes in what this node writes.
func (n *node) streams(t *testing.T, state string) {
	t.Helper()
	until(t, 20*time.Second, "a standby streams", func() error {
		return n.says(state, `SELECT coalesce(string_agg(sync_state, ','), 'none') FROM pg_stat_replication WHERE state = 'streaming'`)
	})
}

func newNode(t *testing.T, name string) *node {
	t.Helper()
	n := &node{name: name, port: freePort(t), dir: newPlace(t), as: servant(t)}
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
	n.task = launch(t, n.name, n.as, nil, filepath.Join(n.bin, "postgres"), "-D", n.data(), "-c", "port="+strconv.Itoa(n.port))
	until(t, 30*time.Second, n.name+" answers", func() error {
		if !n.runs() {
			return errors.New("it has ended")
		}
		return n.says("1", `SELECT 1`)
	})
}

// stop ends the server in order: clients are sent away, all is written.
func (n *node) stop(t *testing.T) {
	t.Helper()
	n.signal(t, syscall.SIGINT)
	if code := n.code(t); code != 0 {
		t.Fatalf("%s stopped with exit code %d", n.name, code)
	}
}

// promote makes a standby the primary, and waits until it takes writes.
func (n *node) promote(t *testing.T) {
	t.Helper()
	n.tool(t, "pg_ctl", "promote", "--wait", "--pgdata", n.data())
	until(t, 20*time.Second, n.name+" takes writes", func() error { return n.says("f", `SELECT pg_is_in_recovery()`) })
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

// bouncer is a PgBouncer in transaction mode.
type bouncer struct {
	port   int
	config string
	as     *syscall.Credential
	conns  int // to the server, at most
	*task
}

// newBouncer puts a PgBouncer in front of a node.
func newBouncer(t *testing.T, n *node, conns int) *bouncer {
	t.Helper()
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Fatal("pgbouncer is not installed: scripts/need-scale installs it where it may")
		}
	}
	b := &bouncer{port: freePort(t), config: filepath.Join(newPlace(t), "pgbouncer.ini"), as: servant(t), conns: conns}
	b.write(t, n)
	b.task = launch(t, "pgbouncer", b.as, nil, path, b.config)
	until(t, 10*time.Second, "pgbouncer answers", func() error {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", b.port))
		if err == nil {
			c.Close()
		}
		return err
	})
	return b
}

// point leads the clients to another node from now on, as an operator does
// after a failover.
func (b *bouncer) point(t *testing.T, n *node) {
	t.Helper()
	b.write(t, n)
	b.signal(t, syscall.SIGHUP)
}

// write writes the settings. Servers that are away are tried again after a
// second, not after fifteen.
func (b *bouncer) write(t *testing.T, n *node) {
	t.Helper()
	text := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d user=scvotes
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = %d
max_client_conn = 200
server_login_retry = 1
server_connect_timeout = 3
query_wait_timeout = 5
`, n.port, b.port, b.conns)
	if err := os.WriteFile(b.config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// url is how a client connects. PgBouncer before 1.21 gives each statement to
// whatever connection is free, so none can be prepared on the server.
func (b *bouncer) dsnOf(database string) string {
	return fmt.Sprintf("postgres://scvotes@127.0.0.1:%d/%s?sslmode=disable&default_query_exec_mode=cache_describe", b.port, database)
}
