package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// copyRows are rows on their way into a table, in the binary form of COPY. The
// driver's own CopyFrom looks up how to write each value; fifteen votes a
// resolution are too many for that.
type copyRows struct {
	table   string
	columns string
	buf     []byte
	n       int // rows
	fields  int // of a row
}

// copySignature begins every binary COPY: the signature, no flags, no extension.
const copySignature = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func newCopyRows(table string, columns []string) *copyRows {
	return &copyRows{table: table, columns: columnList(columns, ""), fields: len(columns), buf: []byte(copySignature)}
}

// row begins a row, of which every field has to follow.
func (c *copyRows) row() {
	c.n++
	c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(c.fields))
}

func (c *copyRows) null() { c.buf = append(c.buf, 0xff, 0xff, 0xff, 0xff) }

func (c *copyRows) size(n int) { c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(n)) }

func (c *copyRows) int2(v int) {
	c.size(2)
	c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(v))
}

func (c *copyRows) int4(v int) {
	c.size(4)
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(v))
}

func (c *copyRows) int8(v int64) {
	c.size(8)
	c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(v))
}

func (c *copyRows) bool(v bool) {
	c.size(1)
	if v {
		c.buf = append(c.buf, 1)
	} else {
		c.buf = append(c.buf, 0)
	}
}

// bytes is a text, a json or what a type's own binary form is.
func (c *copyRows) bytes(v []byte) {
	c.size(len(v))
	c.buf = append(c.buf, v...)
}

// appended is what write appends.
func (c *copyRows) appended(write func([]byte) []byte) {
	at := len(c.buf)
	c.size(0)
	c.buf = write(c.buf)
	binary.BigEndian.PutUint32(c.buf[at:], uint32(len(c.buf)-at-4))
}

func (c *copyRows) text(v string) {
	c.size(len(v))
	c.buf = append(c.buf, v...)
}

// textOrNull is null where the text is empty.
func (c *copyRows) textOrNull(v string) {
	if v == "" {
		c.null()
		return
	}
	c.text(v)
}

// date is days since 2000, as Postgres keeps them; null where there is none.
func (c *copyRows) date(d votes.Date) {
	if d == "" {
		c.null()
		return
	}
	c.int4(int(d.Time().Sub(copyEpoch) / (24 * time.Hour)))
}

var copyEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// texts is a text[]: one dimension, no nulls, the type's number, length and
// lower bound.
func (c *copyRows) texts(list []string) {
	at := len(c.buf)
	c.size(0)
	dimensions := uint32(1)
	if len(list) == 0 {
		dimensions = 0
	}
	for _, v := range []uint32{dimensions, 0, textOID} {
		c.buf = binary.BigEndian.AppendUint32(c.buf, v)
	}
	if len(list) > 0 {
		c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(list)))
		c.buf = binary.BigEndian.AppendUint32(c.buf, 1)
	}
	for _, s := range list {
		c.text(s)
	}
	binary.BigEndian.PutUint32(c.buf[at:], uint32(len(c.buf)-at-4))
}

const textOID = 25

// send copies the rows into the table, if there are any, and empties the list.
func (c *copyRows) send(ctx context.Context, tx pgx.Tx) error {
	if c.n == 0 {
		return nil
	}
	c.buf = append(c.buf, 0xff, 0xff) // the end
	done, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(c.buf),
		`COPY `+pgx.Identifier{c.table}.Sanitize()+` (`+c.columns+`) FROM STDIN (FORMAT binary)`)
	if err == nil && done.RowsAffected() != int64(c.n) {
		err = fmt.Errorf("%d of %d rows were taken", done.RowsAffected(), c.n)
	}
	c.buf, c.n = append(c.buf[:0], copySignature...), 0
	if err != nil {
		return fmt.Errorf("writing %s: %w", c.table, err)
	}
	return nil
}
