//go:build linux

package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// Jobs and webhooks behind a PgBouncer in transaction mode, which gives each
// transaction whatever connection is free: no session is theirs. It is killed and
// started again, and so are the servers.
func testWorkBehindAPooler(t *testing.T, s *site) {
	dsn, n := s.database(t, "pooled"), pgtest.Times(4, 30)
	pool := newBouncer(t, s.node, 6)
	hook := newHooks(t)
	if got := cli(t, "webhook", "add", "--database-url", dsn, "--webhook-allow-private", "127.0.0.0/8", "--event", "resolution.new", hook.URL); got.code != 0 {
		t.Fatal(got.stderr)
	}
	var servers []*instance
	for k := range 2 {
		servers = append(servers, newInstance(t, fmt.Sprintf("server %d", k+1), s.bin, []string{"DATABASE_URL=" + pool.dsnOf("pooled")}, "--webhook-allow-private", "127.0.0.0/8"))
	}
	for _, api := range servers {
		api.ready(t)
	}
	all := crowdOf(n, importToken(t, dsn), sending{job: true}, sending{form: true, job: true}, sending{})
	var senders sync.WaitGroup
	begun := time.Now()
	for k, p := range all {
		senders.Go(func() { p.untilTaken(t, servers[k%2], true) })
	}
	waitForImport(t, s, "pooled", sceneBase+n/4)
	pool.killAll()
	pool.restart(t)
	waitForImport(t, s, "pooled", sceneBase+n/2)
	servers[0].killAll()
	servers[0].restart(t)
	senders.Wait()
	for k, p := range all {
		if p.err != nil {
			t.Fatalf("sender %d, %v: %v", k, p.way, p.err)
		}
		if p.jobID == "" {
			continue
		}
		if j := jobEnds(t, servers[1].address, p.token, p.jobID); j.State != votes.JobDone {
			t.Errorf("sender %d was told 202, and its job is %s: %s", k, j.State, j.Error)
		}
	}
	until(t, 2*time.Minute, "every message is delivered", func() error {
		return s.holds("pooled", fmt.Sprintf("%d of %d delivered", n, n), `SELECT count(*) FILTER (WHERE state = 'delivered') || ' of ' || count(*) || ' delivered' FROM webhook_messages`)
	})
	took := time.Since(begun)
	s.holdsCrowd(t, "pooled", n)
	clean(t, dsn, "work behind a pooler")
	if got := hook.count(); got < n || got > n+2 {
		t.Errorf("%d messages came, want %d, and of two in the hands of who was killed one more each", got, n)
	}
	t.Logf("figure: %d files and %d messages behind PgBouncer in transaction mode, which was killed once, and one of two servers once: all in and delivered after %v", n, hook.count(), round(took))
}
