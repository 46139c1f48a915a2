//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// crowd are connections to one instance that do nothing, or hardly anything.
type crowd struct {
	t       *testing.T
	address string
	conns   []net.Conn
}

// join opens n connections more and writes to each.
func (c *crowd) join(n int, text string) []net.Conn {
	c.t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	var opened []net.Conn
	var failed error
	turns := make(chan struct{}, 50)
	for range n {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			conn, err := net.DialTimeout("tcp", c.address, 20*time.Second)
			if err == nil {
				_, err = io.WriteString(conn, text)
			}
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			opened = append(opened, conn)
		})
	}
	all.Wait()
	if failed != nil {
		c.t.Fatalf("%d connections: %v (ulimit -n tells how many files this user may have open)", n, failed)
	}
	c.conns = append(c.conns, opened...)
	return opened
}

func (c *crowd) leave() {
	for _, conn := range c.conns {
		conn.Close()
	}
}

// answersNewcomers holds that whoever comes now is answered within a second, from
// memory and from the database.
func (c *crowd) answersNewcomers() (slowest time.Duration) {
	c.t.Helper()
	for n := range 20 {
		path := probesOfStarter[n%len(probesOfStarter)]
		if n%2 == 0 {
			path = fmt.Sprintf("/v1/resolutions?from=19%d-01-01&limit=%d", 50+n, 10+n)
		}
		client, begun := newClient(), time.Now()
		a, err := receive(client, "http://"+c.address+path)
		took := time.Since(begun)
		client.CloseIdleConnections()
		if err != nil || a.status != http.StatusOK {
			c.t.Errorf("%s, beside %d others: %d, %v", path, len(c.conns), a.status, err)
		}
		if slowest = max(slowest, took); took > time.Second {
			c.t.Logf("%s took %v", path, took)
		}
	}
	if slowest > time.Second {
		c.t.Errorf("beside %d others an answer took %v", len(c.conns), slowest)
	}
	return slowest
}

var probesOfStarter = []string{"/v1/resolutions/S-2024-835", "/", "/v1/vetoes", "/v1/feed.atom"}

// Clients that come and say nothing, or half of what they have to say, or read
// nothing, keep nobody else waiting, and are sent away in the end.
func TestFaultSlowClients(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	api := newInstance(t, "the API", shipped(t), []string{"DATABASE_URL=" + dsn})
	api.ready(t)
	c := &crowd{t: t, address: strings.TrimPrefix(api.address, "http://")}
	t.Cleanup(c.leave)
	alone := c.answersNewcomers()
	before := memoryOf(t, api)

	n := pgtest.Times(200, 10_000)
	silent := c.join(n/2, "")
	areTold(t, "a client that says nothing more", c.join(n-n/2, "GET /v1/resolutions/S-2024-835 HTTP/1.1\r\nHost: scvotes\r\n\r\n"), time.Minute, "HTTP/1.1 ")
	halfHead := c.join(50, "GET /v1/resolutions/S-2024-835 HTTP/1.1\r\nHost: sc")
	halfBody := c.join(50, "POST /v1/decide HTTP/1.1\r\nHost: scvotes\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"date\":")
	c.join(8, "GET /v1/export/votes.ndjson HTTP/1.1\r\nHost: scvotes\r\n\r\n") // and reads nothing
	crowded := c.answersNewcomers()
	grown := memoryOf(t, api) - before
	if most := 200<<20 + int64(len(c.conns))*(32<<10); grown > most {
		t.Errorf("%d clients that do nothing take %d MiB", len(c.conns), grown>>20)
	}
	areTold(t, "a client that said half its head", halfHead, 20*time.Second, "")
	areTold(t, "a client that said nothing", silent[:50], 20*time.Second, "")
	for _, conn := range halfBody[:25] {
		conn.Close() // in the middle of what it had to say
	}
	if pgtest.Soaking() { // it has half a minute
		areTold(t, "a client that said half its body", halfBody[25:], 50*time.Second, "HTTP/1.1 4")
	}
	c.leave()
	until(t, 10*time.Second, "all is answered after them", func() error { return api.gives("/v1/resolutions?limit=7", http.StatusOK) })
	clean(t, dsn, "a crowd")
	api.stop(t)
	t.Logf("figure: the slowest of 20 new clients was answered after %v alone, %v beside %d idle, half-sent and deaf ones, who took %d MiB", round(alone), round(crowded), len(c.conns), grown>>20)
}

// areTold holds that clients are answered in good time, by what begins with text,
// or by the end of the connection where that is nothing.
func areTold(t *testing.T, who string, conns []net.Conn, within time.Duration, text string) {
	t.Helper()
	deadline := time.Now().Add(within)
	for _, conn := range conns {
		_ = conn.SetReadDeadline(deadline)
		line, err := bufio.NewReader(conn).ReadString('\n')
		if errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(line, text) {
			t.Errorf("%s is told %q, %v; want an end within %v", who, line, err, within)
			return
		}
	}
}

// memoryOf is how much memory a process has in use.
func memoryOf(t *testing.T, p *instance) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if kib, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.Fields(kib)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("the process does not tell of its memory")
	return 0
}
