//go:build scale && linux

package main

import (
	"fmt"
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

// point leads the clients to another node from now on, as an operator does
// after a failover.
func (b *bouncer) point(t *testing.T, n *node) {
	t.Helper()
	b.write(t, n)
	b.signal(t, syscall.SIGHUP)
}
