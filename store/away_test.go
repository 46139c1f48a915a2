package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"scvotes/votes"
)

func TestWhatIsTheDatabaseBeingAway(t *testing.T) {
	state := func(code string) error { return fmt.Errorf("reading: %w", &pgconn.PgError{Code: code}) }
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		what string
		err  error
		ctx  context.Context
		away bool
	}{
		{"refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, t.Context(), true},
		{"broken off", io.ErrUnexpectedEOF, t.Context(), true},
		{"closed", pgconn.ErrConnClosed, t.Context(), true},
		{"shut down", state("57P01"), t.Context(), true},
		{"starting up", state("57P03"), t.Context(), true},
		{"too many connections", state("53300"), t.Context(), true},
		{"connection failure", state("08006"), t.Context(), true},
		{"no longer the primary", state("25006"), t.Context(), true},
		{"behind", errBehind, t.Context(), true},
		{"the driver's own limit", context.DeadlineExceeded, t.Context(), true},
		{"no such table", state("42P01"), t.Context(), false},
		{"told to stop", state("57014"), t.Context(), false},
		{"wrong password", state("28P01"), t.Context(), false},
		{"no rows", pgx.ErrNoRows, t.Context(), false},
		{"the caller went away", state("57014"), ended, false},
		{"the caller went away from one that is not there", io.EOF, ended, false},
	} {
		err := told(c.ctx, c.err)
		if errors.Is(err, votes.ErrUnavailable) != c.away {
			t.Errorf("%s: %v", c.what, err)
		}
		if c.away && errors.Is(err, context.DeadlineExceeded) || c.ctx == ended && !errors.Is(err, context.Canceled) {
			t.Errorf("%s is taken for the caller's doing, or not: %v", c.what, err)
		}
	}
	if full := told(t.Context(), state("53100")); !errors.Is(full, votes.ErrNoRoom) || errors.Is(full, votes.ErrUnavailable) {
		t.Errorf("a full disk is told as %v", full)
	}
	if told(t.Context(), nil) != nil {
		t.Error("nothing is told as something")
	}
}

// What is replayed on a standby ends a query that is in its way: another node
// answers it. On the primary the same codes are of the query's own doing.
func TestWhenAnotherNodeIsAsked(t *testing.T) {
	n := &nodes{primary: new(node), replicas: []*node{new(node)}, poll: time.Hour}
	for code, want := range map[string][2]bool{ // of a replica, of the primary
		"40001": {true, false}, "57P04": {true, false}, "57P01": {true, true}, "0A000": {true, true},
		"57014": {false, false}, "42703": {false, false}, "23505": {false, false},
	} {
		err := &pgconn.PgError{Code: code}
		if got := [2]bool{n.another(n.replicas[0], err), n.another(n.primary, err)}; got != want {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
	}
}
