package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"scvotes/votes"
	"scvotes/votes/access"
)

// Changes is the record in the middle of a change: what is read of it stands
// until the change is kept or taken back.
type Changes struct {
	store    *Store
	tx       pgx.Tx
	held     bool
	back     bool
	keyed    bool
	target   string        // of the call, where its route does not name it
	revision int64         // that the change made, 0 as long as it made none
	ended    []func(error) // what is to hear whether it was kept
}

// Change does what one call asks for, in one transaction: what do changes, the
// entry of the audit log, and, where the call has a key, the reply, which is
// given again to the same call for a day without doing anything. A key that
// stood for another call is an error that wraps access.ErrKeyUsed; one that is
// being dealt with, access.ErrUnderWay. Where do fails nothing is kept.
func (s *Store) Change(ctx context.Context, call access.Call, do func(context.Context, *Changes) (access.Reply, error)) (access.Reply, error) {
	return s.change(ctx, call, s.As(call).writeInTurn, do)
}

// change is Change with the way to write.
func (s *Store) change(ctx context.Context, call access.Call, write func(context.Context, func(pgx.Tx) error) error, do func(context.Context, *Changes) (access.Reply, error)) (access.Reply, error) {
	var reply access.Reply
	c := &Changes{keyed: call.Key != "", target: call.Target}
	err := write(ctx, func(tx pgx.Tx) error {
		if known, err := recall(ctx, tx, call); err != nil || known != nil {
			if known != nil {
				reply = *known
			}
			return err
		}
		c.tx, c.store = tx, s.within(tx, c)
		var err error
		if reply, err = do(ctx, c); err != nil {
			return err
		}
		if c.back {
			return errTakenBack
		}
		call.Target = c.target
		if err := logCall(ctx, tx, access.Entry{Call: call, Outcome: access.Done, Status: reply.Status, Revision: c.revision}); err != nil {
			return err
		}
		return remember(ctx, tx, call, reply)
	})
	for _, tell := range c.ended {
		tell(err)
	}
	switch {
	case err == errTakenBack:
		return reply, nil
	case err != nil:
		return access.Reply{}, err
	case call.Key != "":
		s.forgetReplies(ctx)
	}
	return reply, nil
}

// within returns the store as it is in the middle of a change. What it counts of
// imports is counted when the change has ended.
func (s *Store) within(tx pgx.Tx, c *Changes) *Store {
	w := *s
	w.db, w.inner, w.begin, w.part, w.call = tx, tx, tx.Begin, true, nil
	w.imported = func(ctx context.Context, rep votes.ImportReport, took time.Duration, err error) {
		c.ended = append(c.ended, func(failed error) {
			if failed == errTakenBack {
				failed = nil
			}
			if rep.Landed = rep.Landed && failed == nil; err == nil {
				err = failed
			}
			s.imported(ctx, rep, took, err)
		})
	}
	return &w
}

// Store is the store as part of the change: what it writes is kept, or taken
// back, with all the rest.
func (c *Changes) Store() *Store { return c.store }

// To says what the call is done to, for the audit log.
func (c *Changes) To(target string) { c.target = target }

// Import is Store.Import as part of the change. Of what was only tried nothing
// stays; nor of a file that told nothing new, unless its reply is to be kept.
func (c *Changes) Import(ctx context.Context, opt ImportOptions, read ReadFile) (votes.ImportReport, error) {
	rep, err := c.store.Import(ctx, opt, read)
	c.revision, c.back = rep.Revision, opt.DryRun || !rep.Landed && !c.keyed
	return rep, err
}

// repliesHold is how long a reply is kept for the same call.
const repliesHold = `interval '24 hours'`

// recall returns what the same call was answered with; nil where it is new.
func recall(ctx context.Context, tx pgx.Tx, call access.Call) (*access.Reply, error) {
	if call.Key == "" {
		return nil, nil
	}
	// Whoever has the lock deals with the key, until its transaction ends.
	var free bool
	if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, keyLock(call)).Scan(&free); err != nil {
		return nil, err
	}
	if !free {
		return nil, access.ErrUnderWay
	}
	var fingerprint, header []byte
	reply := access.Reply{Again: true}
	err := tx.QueryRow(ctx, `
		SELECT fingerprint, status, header, body FROM replies WHERE token_id = $1 AND key = $2 AND at > now() - `+repliesHold, call.Token, call.Key).
		Scan(&fingerprint, &reply.Status, &header, &reply.Body)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the reply: %w", err)
	case [sha256.Size]byte(fingerprint) != call.Fingerprint:
		return nil, access.ErrKeyUsed
	}
	if err := json.Unmarshal(header, &reply.Header); err != nil {
		return nil, fmt.Errorf("reading the reply: %w", err)
	}
	return &reply, nil
}

// keyLock is the number of the advisory lock of a key.
func keyLock(call access.Call) int64 {
	sum := sha256.Sum256([]byte("scvotes key\x00" + call.Token + "\x00" + call.Key))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// remember keeps the reply for the same call.
func remember(ctx context.Context, tx pgx.Tx, call access.Call, reply access.Reply) error {
	if call.Key == "" {
		return nil
	}
	header, err := json.Marshal(reply.Header)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO replies (token_id, key, fingerprint, status, header, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (token_id, key) DO UPDATE SET (fingerprint, status, header, body, at) =
			ROW (excluded.fingerprint, excluded.status, excluded.header, excluded.body, now())`,
		call.Token, call.Key, call.Fingerprint[:], reply.Status, string(header), append([]byte{}, reply.Body...))
	if err != nil {
		return fmt.Errorf("keeping the reply: %w", err)
	}
	return nil
}

// forgetReplies deletes the replies that are given no more. That they cannot be
// deleted now is no matter: none of them is found any more.
func (s *Store) forgetReplies(ctx context.Context) {
	err := s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM replies WHERE at <= now() - `+repliesHold)
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.nodes.log.WarnContext(ctx, "old replies could not be deleted", "error", err)
	}
}

// hold waits for whatever else changes the record, and keeps it waiting then.
func (c *Changes) hold(ctx context.Context) error {
	if c.held {
		return nil
	}
	_, err := c.tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock)
	c.held = err == nil
	return err
}

// Resolution is Store.Resolution of the record as it is being changed.
func (c *Changes) Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error) {
	if err := c.hold(ctx); err != nil {
		return nil, 0, err
	}
	return c.store.Resolution(ctx, id)
}

// RevisionsFrom returns the revisions of the record from a number on, the newest
// first, and no more than limit.
func (c *Changes) RevisionsFrom(ctx context.Context, number int64, limit int) ([]votes.Revision, error) {
	if err := c.hold(ctx); err != nil {
		return nil, err
	}
	rows, err := c.tx.Query(ctx, `SELECT number, committed FROM revisions WHERE number >= $1 ORDER BY number DESC LIMIT $2`, number, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r votes.Revision, err error) {
		return r, row.Scan(&r.Number, &r.Committed)
	})
}

// MadeEdit is Store.MadeEdit of the record as it is being changed.
func (c *Changes) MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error) {
	if err := c.hold(ctx); err != nil {
		return votes.MadeEdit{}, 0, err
	}
	return c.store.MadeEdit(ctx, number)
}

// Edit makes edits, at most once in a change, and tells what they made of the record.
func (c *Changes) Edit(ctx context.Context, edits []votes.Edit) (votes.Edited, error) {
	if err := c.hold(ctx); err != nil {
		return votes.Edited{}, err
	}
	var made votes.Edited
	var err error
	if made.Edits, made.Revision, err = makeEdits(ctx, c.tx, edits); err != nil {
		return votes.Edited{}, broken(err)
	}
	// What is else held at the end, so that whoever asks is told what is wrong.
	if _, err := c.tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
		return votes.Edited{}, broken(err)
	}
	c.revision = made.Revision
	made.Effects, err = effectsOf(ctx, c.tx, made.Revision)
	return made, err
}

// broken is a fault of the edits where the record that would follow from them
// broke a rule of the schema.
func broken(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !strings.HasPrefix(pg.Code, "23") {
		return err
	}
	return votes.Faults{{Parameter: "edits", Message: "no record can follow from it: " + pg.Message}}
}

// TakeBack has nothing stay of what was changed, though do returns no error: it
// was to be seen what would change. The numbers of edits are given back.
func (c *Changes) TakeBack(ctx context.Context) error {
	c.back = true
	if !c.held { // no edit was tried
		return nil
	}
	_, err := c.tx.Exec(ctx, `
		SELECT setval(pg_get_serial_sequence('edits', 'number'), (SELECT coalesce(max(number), 0) + 1 FROM edits WHERE revision <> $1), false)`, c.revision)
	return err
}

// effectsOf tells what a revision made of each resolution that it touched.
func effectsOf(ctx context.Context, q querier, revision int64) ([]votes.Effect, error) {
	rows, err := q.Query(ctx, `SELECT resolution_id, what, fields FROM changes WHERE revision = $1 ORDER BY resolution_id`, revision)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e votes.Effect, err error) {
		var fields []byte
		if err := row.Scan(&e.ID, &e.What, &fields); err != nil {
			return e, err
		}
		return e, json.Unmarshal(fields, &e.Changes)
	})
}
