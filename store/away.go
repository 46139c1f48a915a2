package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"scvotes/votes"
)

// errBehind is a database that has not come to a revision already answered.
var errBehind = fmt.Errorf("this database is behind the record already seen: %w", votes.ErrUnavailable)

// readOnly is the code of a server that is not to be written to: it was the
// primary, and is no longer.
const readOnly = "25006"

// diskFull is the code of a server that has no room left.
const diskFull = "53100"

// away tells whether an error of the driver means that a database could not be
// reached, or ended the connection, rather than that it would not do something.
func away(err error) bool {
	if errors.Is(err, errBehind) {
		return true
	}
	if code := sqlState(err); code != "" {
		switch code {
		case "57P01", "57P02", "57P03", "57P05", // shut down, crashed, starting up, idle for too long
			"53300", // too many connections
			readOnly:
			return true
		}
		return strings.HasPrefix(code, "08") // the connection
	}
	return lost(err)
}

// lost tells whether there was no connection, or is none any more.
func lost(err error) bool {
	var connecting *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connecting) || errors.As(err, &network) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// sqlState is the code that Postgres gave an error, "" where it gave none.
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// unavailable has an error wrap votes.ErrUnavailable. Of its causes only the
// driver's own are wrapped too: that connecting took too long is not the
// caller's deadline.
func unavailable(err error) error {
	switch {
	case err == nil || errors.Is(err, votes.ErrUnavailable):
		return err
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %v", votes.ErrUnavailable, err)
	default:
		return fmt.Errorf("%w: %w", votes.ErrUnavailable, err)
	}
}

// told is the error of a read as its caller is to know it: the end of the
// context, if that was it, or the database being away.
func told(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return givenUp(ctx, err)
	case sqlState(err) == diskFull: // what is sorted may need some too
		return fmt.Errorf("%w: %w", votes.ErrNoRoom, err)
	case away(err):
		return unavailable(err)
	case sqlState(err) == queryCanceled: // by the server's own limit: the context has not ended
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	default:
		return err
	}
}

// queryCanceled is the code of a statement that went on for longer than its role
// may, or that somebody ended.
const queryCanceled = "57014"

// givenUp adds to an error that the context had ended by then: of its deadline
// or because the caller went away. Postgres says only that it was told to stop,
// which is no answer to whoever set a deadline.
func givenUp(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}
