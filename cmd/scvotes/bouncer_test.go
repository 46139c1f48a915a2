//go:build linux

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

// bouncer is a PgBouncer in transaction mode.
type bouncer struct {
	path   string
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
	b := &bouncer{path: path, port: freePort(t), config: filepath.Join(newPlace(t), "pgbouncer.ini"), as: servant(t), conns: conns}
	b.write(t, n)
	b.restart(t)
	return b
}

// restart starts it, and waits until it answers.
func (b *bouncer) restart(t *testing.T) {
	t.Helper()
	b.task = launch(t, "pgbouncer", b.as, nil, b.path, b.config)
	until(t, 10*time.Second, "pgbouncer answers", func() error {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", b.port))
		if err == nil {
			c.Close()
		}
		return err
	})
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
