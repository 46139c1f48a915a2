package store

import (
	"context"
	"encoding/binary"
	"strconv"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// querier is what the record is read through: the nodes, or one moment of one.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// recordColumn names the column in which a statement tells the revision of the
// whole record: what any node answers is held against what was answered before.
const recordColumn = "record_revision"

// Query asks a node that is not behind, and another where that one is away. The
// first row is waited for, so that a node that goes away before it is not heard of.
func (n *nodes) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	var rows *answer
	err := n.try(ctx, func(nd *node) (again bool, err error) {
		rows, err = n.ask(ctx, nd, nd.pool, n.newest.Load(), sql, args)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (n *nodes) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := n.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

// moment is one transaction of one node.
type moment struct {
	*nodes
	node    *node
	tx      pgx.Tx
	answers bool // something was read: what was done with it cannot be taken back
	failed  bool // the database did, not whoever reads

	// known is the newest revision when the moment began: it stands still, so that
	// what is heard of later is nothing it could be behind.
	known *votes.Revision
}

func (m *moment) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := m.ask(ctx, m.node, m.tx, m.known, sql, args)
	if err != nil {
		m.failed = true
		return nil, told(ctx, err)
	}
	m.answers = true
	return rows, nil
}

func (m *moment) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := m.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

// ask sends one query to one node and waits for its first row. An answer that
// is older than what was known before is none.
func (n *nodes) ask(ctx context.Context, nd *node, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, known *votes.Revision, sql string, args []any) (*answer, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	a := &answer{Rows: rows, ctx: ctx, waiting: true}
	if a.some = rows.Next(); !a.some {
		return a, rows.Err()
	}
	if number, ok := recordOf(rows); ok {
		if err := n.answered(nd, known, number); err != nil {
			rows.Close()
			return nil, err
		}
	}
	return a, nil
}

// recordOf returns the revision that a row tells in recordColumn.
func recordOf(rows pgx.Rows) (number int64, ok bool) {
	for i, f := range rows.FieldDescriptions() {
		if f.Name != recordColumn {
			continue
		}
		raw := rows.RawValues()[i]
		if f.Format == pgx.BinaryFormatCode && len(raw) == 8 {
			return int64(binary.BigEndian.Uint64(raw)), true
		}
		number, err := strconv.ParseInt(string(raw), 10, 64)
		return number, err == nil
	}
	return 0, false
}

// answer is rows of which the first may have come already.
type answer struct {
	pgx.Rows
	ctx           context.Context
	waiting, some bool // the first row is still to be taken; there is one
}

func (a *answer) Next() bool {
	if a.waiting {
		a.waiting = false
		return a.some
	}
	return a.Rows.Next()
}

func (a *answer) Err() error { return told(a.ctx, a.Rows.Err()) }

// oneRow is the first row of rows, as pgx.Row.
type oneRow struct {
	rows pgx.Rows
	err  error
}

func (r oneRow) Scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(into...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
