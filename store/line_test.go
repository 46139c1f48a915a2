package store_test

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// line is the way to a test's database, that can be cut: whoever speaks over it
// is cut off, and nobody is let in.
type line struct {
	user, db, socket string
	address          string
	mu               sync.Mutex
	listener         net.Listener
	open             map[net.Conn]bool
	silent           bool
	relays           sync.WaitGroup
}

func newLine(t *testing.T, dsn string) *line {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{user: cfg.User, db: cfg.Database, open: make(map[net.Conn]bool), address: "127.0.0.1:0"}
	l.socket = fmt.Sprintf("%s/.s.PGSQL.%d", cfg.Host, cfg.Port)
	if !strings.HasPrefix(cfg.Host, "/") {
		l.socket = net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port))
	}
	l.mend()
	t.Cleanup(func() { l.cut(); l.relays.Wait() })
	return l
}

// url names the database at the near end of the line, or of several.
func (l *line) url(others ...*line) string {
	hosts := l.address
	for _, o := range others {
		hosts += "," + o.address
	}
	return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", url.User(l.user), hosts, l.db)
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener == nil {
		return
	}
	l.listener.Close()
	l.listener = nil
	for c := range l.open {
		c.Close()
	}
	clear(l.open)
}

// fallSilent lets nothing pass any more, and lets nobody know.
func (l *line) fallSilent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silent = true
}

// mend opens the line, at the address it had.
func (l *line) mend() {
	listener, err := net.Listen("tcp", l.address)
	if err != nil {
		panic(err) // somebody has taken the port meanwhile
	}
	l.mu.Lock()
	l.listener, l.address, l.silent = listener, listener.Addr().String(), false
	l.mu.Unlock()
	l.relays.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			l.relays.Go(func() { l.relay(c) })
		}
	})
}

func (l *line) relay(near net.Conn) {
	network := "unix"
	if !strings.HasPrefix(l.socket, "/") {
		network = "tcp"
	}
	far, err := net.Dial(network, l.socket)
	if err != nil {
		near.Close()
		return
	}
	l.mu.Lock()
	cut := l.listener == nil
	if !cut {
		l.open[near], l.open[far] = true, true
	}
	l.mu.Unlock()
	if cut {
		near.Close()
		far.Close()
		return
	}
	var both sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{near: far, far: near} {
		both.Go(func() {
			io.Copy(listening{to, l}, from)
			from.Close()
			to.Close()
		})
	}
	both.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, near)
	delete(l.open, far)
}

// listening is the far end of a line that may fall silent.
type listening struct {
	net.Conn
	line *line
}

func (s listening) Write(p []byte) (int, error) {
	s.line.mu.Lock()
	silent := s.line.silent
	s.line.mu.Unlock()
	if silent {
		return len(p), nil
	}
	return s.Conn.Write(p)
}

var _ io.Writer = listening{}
