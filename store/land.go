package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// land reads the file, checks every account, and copies all but the refused
// ones to a temporary table. Reading, checking and copying run side by side and
// hold only a few accounts at a time, whatever the size of the file.
func (im *importer) land(ctx context.Context, read ReadFile) error {
	if _, err := im.tx.Exec(ctx, `
		CREATE TEMPORARY TABLE landing (
			resolution_id text COLLATE "C", draft_id text COLLATE "C", meeting text COLLATE "C", numbered boolean, sound boolean,
			key text, line integer, rows integer, digest text, content json
		) ON COMMIT DROP`); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	accounts := make(chan *votes.Account, 256)
	src := &landingRows{rows: make(chan []any, 256)}
	var readFailed error
	go func() {
		defer close(accounts)
		readFailed = read(im.rep, func(a *votes.Account) error { return send(ctx, accounts, a) })
	}()
	var t taker
	go func() {
		defer close(src.rows)
		err := t.takeAll(ctx, accounts, src.rows)
		src.failed = cmp.Or(readFailed, err) // the reader has ended: accounts is closed
	}()
	n, err := im.tx.CopyFrom(ctx, pgx.Identifier{"landing"},
		[]string{"resolution_id", "draft_id", "meeting", "numbered", "sound", "key", "line", "rows", "digest", "content"}, src)
	stop()
	for err != nil && src.Next() { // COPY gave up: let the others come to their end
	}
	t.report(im.rep)
	switch {
	case src.end != nil && !errors.Is(src.end, context.Canceled):
		return src.end
	case err != nil:
		return fmt.Errorf("landing the accounts: %w", err)
	}
	im.rep.Accounts = int(n)
	return nil
}

func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// taker checks accounts on their way from the reader to COPY. What it finds is
// its own until both have ended, since the reader writes to the report too.
type taker struct {
	problems                []votes.Problem
	refused, rows, disputed int
}

// takeAll takes account after account until there are no more. After a failure
// it lets the rest go by, so that the reader comes to its end.
func (t *taker) takeAll(ctx context.Context, accounts <-chan *votes.Account, rows chan<- []any) (err error) {
	for a := range accounts {
		if err != nil {
			continue
		}
		var row []any
		if row, err = t.take(a); row != nil && err == nil {
			err = send(ctx, rows, row)
		}
	}
	return err
}

// take checks an account and returns its row, nil where nobody can tell which
// vote it speaks of, or part of it could not be read.
func (t *taker) take(a *votes.Account) ([]any, error) {
	votes.Check(a)
	t.problems = append(t.problems, a.Problems...)
	for i := range a.Problems {
		a.Problems[i].File = "" // the import tells it
	}
	if a.Refused() {
		t.refused++
		t.rows += a.Rows
		return nil, nil
	}
	if !a.Sound() {
		t.disputed++
	}
	content, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", a.Line, err)
	}
	sum := sha256.Sum256(content)
	return []any{a.ID, votes.ID("", a.Draft, a.Part, ""), orNull(a.Meeting), a.Resolution != "", a.Sound(), a.Key, a.Line, a.Rows,
		hex.EncodeToString(sum[:]), content}, nil
}

// report adds what was found to the report.
func (t *taker) report(rep *votes.ImportReport) {
	for _, p := range t.problems {
		p.File = rep.File
		rep.Problems = append(rep.Problems, p)
	}
	rep.AccountsRefused += t.refused
	rep.RowsRefused += t.rows
	rep.AccountsDisputed += t.disputed
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
