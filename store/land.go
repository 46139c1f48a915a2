package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// land reads the file, checks every account, and copies the sound ones to a
// temporary table. Reading and copying run side by side and hold only a few
// accounts at a time, whatever the size of the file.
func (im *importer) land(ctx context.Context, read ReadFile) error {
	if _, err := im.tx.Exec(ctx, `
		CREATE TEMPORARY TABLE landing (
			resolution_id text COLLATE "C", key text, line integer, rows integer, digest text, content json
		) ON COMMIT DROP`); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	src := &landingRows{rows: make(chan []any, 256)}
	go func() {
		defer close(src.rows)
		src.failed = read(im.rep, func(a *votes.Account) error { return im.sound(ctx, a, src.rows) })
	}()
	n, err := im.tx.CopyFrom(ctx, pgx.Identifier{"landing"},
		[]string{"resolution_id", "key", "line", "rows", "digest", "content"}, src)
	stop()
	for err != nil && src.Next() { // COPY gave up: let the reader come to its end
	}
	switch {
	case src.end != nil && !errors.Is(src.end, context.Canceled):
		return src.end
	case err != nil:
		return fmt.Errorf("landing the accounts: %w", err)
	}
	im.rep.Accounts = int(n)
	return nil
}

// sound checks an account and passes it on if nothing is wrong with it.
func (im *importer) sound(ctx context.Context, a *votes.Account, rows chan<- []any) error {
	votes.Check(a)
	for i := range a.Problems {
		a.Problems[i].File = ""
		p := a.Problems[i]
		p.File = im.rep.File
		im.rep.Problems = append(im.rep.Problems, p)
	}
	if a.Refused() {
		im.rep.AccountsRefused++
		im.rep.RowsRefused += a.Rows
		return nil
	}
	content, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("line %d: %w", a.Line, err)
	}
	sum := sha256.Sum256(content)
	row := []any{a.ID, a.Key, a.Line, a.Rows, hex.EncodeToString(sum[:]), content}
	select {
	case rows <- row:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// landingRows hands the reader's rows to COPY.
type landingRows struct {
	rows   chan []any
	failed error // how the reader ended; set before rows is closed
	row    []any
	end    error // the same, once rows has come to its end
}

func (l *landingRows) Next() bool {
	var more bool
	if l.row, more = <-l.rows; !more {
		l.end = l.failed
	}
	return more
}

func (l *landingRows) Values() ([]any, error) { return l.row, nil }

// Err tells COPY how the reader ended, so that a half-read file is never
// landed. COPY asks between rows too, when nothing is known yet.
func (l *landingRows) Err() error { return l.end }
