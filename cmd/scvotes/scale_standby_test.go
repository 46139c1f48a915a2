//go:build scale && linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// newStandby makes a server that follows the primary. From then on the primary
// acknowledges a commit only once the standby has it on disk: what a client
// was told is then never lost with the primary.
func (n *node) newStandby(t *testing.T) *node {
	t.Helper()
	s := newNode(t, "standby", newPlace(t))
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

// promote makes a standby the primary, and waits until it takes writes.
func (n *node) promote(t *testing.T) {
	t.Helper()
	n.tool(t, "pg_ctl", "promote", "--wait", "--pgdata", n.data())
	until(t, 20*time.Second, n.name+" takes writes", func() error { return n.says("f", `SELECT pg_is_in_recovery()`) })
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
