package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

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
	delay            time.Duration // of each piece that passes
	left             int64         // bytes that pass to the database until the line breaks; 0 is any number
	breaks           breaking
	word             string // the line is cut where it passes to the database
	before           bool   // the word does not arrive; else the answer to it does not
	deaf             bool   // no answer arrives any more
	relays           sync.WaitGroup
}

// breaking is how a line breaks.
type breaking string

const (
	cutOff          breaking = "cut off"              // nobody is let in any more
	databaseHangsUp breaking = "the end towards us"   // the program is told that nothing more comes
	programHangsUp  breaking = "the end towards them" // the database is told that nothing more comes
)

// breakAfter has the line break when so much has passed to the database.
func (l *line) breakAfter(bytes int64, how breaking) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.breaks = bytes, how
}

// breakAt has the line be cut at a word: before it arrives, or before the answer
// to it does.
func (l *line) breakAt(word string, before bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.word, l.before, l.deaf = word, before, false
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
			if _, err := io.Copy(listening{to, l, from, to == far}, from); errors.Is(err, errHalfClosed) {
				return // the other half goes on
			}
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

// errHalfClosed ends the relay of one direction alone.
var errHalfClosed = errors.New("half closed")

// listening is the far end of a line that may fall silent, or break.
type listening struct {
	net.Conn
	line       *line
	other      net.Conn
	toDatabase bool
}

func (s listening) Write(p []byte) (int, error) {
	s.line.mu.Lock()
	silent, breaks, part, delay := s.line.silent || s.line.deaf && !s.toDatabase, breaking(""), p, s.line.delay
	if left := s.line.left; s.toDatabase && left > 0 {
		if s.line.left -= int64(len(p)); s.line.left <= 0 {
			part, breaks, s.line.left = p[:left], s.line.breaks, 0
		}
	}
	word := s.toDatabase && s.line.word != "" && bytes.Contains(p, []byte(s.line.word))
	before := s.line.before
	s.line.deaf = s.line.deaf || word
	s.line.mu.Unlock()
	if word {
		if !before {
			_, _ = s.Conn.Write(p)
			time.Sleep(100 * time.Millisecond) // in which it is done
		}
		s.line.cut()
		return 0, net.ErrClosed
	}
	time.Sleep(delay)
	if silent {
		return len(p), nil
	}
	if n, err := s.Conn.Write(part); err != nil {
		return n, err
	}
	switch breaks {
	case cutOff:
		s.line.cut()
		return 0, net.ErrClosed
	case programHangsUp:
		return 0, errors.Join(errHalfClosed, closeWrite(s.Conn))
	case databaseHangsUp:
		if err := closeWrite(s.other); err != nil {
			return 0, err
		}
		return s.Conn.Write(p[len(part):])
	}
	return len(p), nil
}

func closeWrite(c net.Conn) error { return c.(interface{ CloseWrite() error }).CloseWrite() }

var _ io.Writer = listening{}
