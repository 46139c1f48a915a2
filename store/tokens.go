package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
	"scvotes/votes/access"
)

const tokenColumns = `id, name, scopes, created, expires, last_used, revoked`

func tokenTargets(t *access.Token) []any {
	return []any{&t.ID, &t.Name, &t.Scopes, &t.Created, &t.Expires, &t.LastUsed, &t.Revoked}
}

// CreateToken keeps a token that was made, under a name, for as long as it is to
// live; 0 is for ever. Of its secret only the sum is kept.
func (s *Store) CreateToken(ctx context.Context, c access.Credential, name string, scopes []access.Scope, life time.Duration) (access.Token, error) {
	var t access.Token
	err := s.write(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `
			INSERT INTO tokens (id, name, hash, scopes, expires)
			VALUES ($1, $2, $3, $4, CASE WHEN $5::bigint > 0 THEN now() + $5::bigint * interval '1 second' END)
			RETURNING `+tokenColumns, c.ID, name, c.Sum(), texts(scopes), int64(life.Seconds())).Scan(tokenTargets(&t)...); err != nil {
			return fmt.Errorf("keeping the token: %w", err)
		}
		return s.logDone(ctx, tx, 0)
	})
	return t, err
}

// Tokens returns every token there ever was, the newest first.
func (s *Store) Tokens(ctx context.Context) ([]access.Token, error) {
	rows, err := s.inner.Query(ctx, `SELECT `+tokenColumns+` FROM tokens ORDER BY created DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("reading the tokens: %w", told(ctx, err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t access.Token, err error) {
		return t, row.Scan(tokenTargets(&t)...)
	})
	return list, told(ctx, err)
}

// RevokeToken has a token let nobody in any more, and ends the sessions that
// began with it; one that was revoked before stays as it is. An unknown id is an
// error that wraps votes.ErrNotFound.
func (s *Store) RevokeToken(ctx context.Context, id string) (access.Token, error) {
	var t access.Token
	err := s.write(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `UPDATE tokens SET revoked = coalesce(revoked, now()) WHERE id = $1 RETURNING `+tokenColumns, id).Scan(tokenTargets(&t)...)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("token %s: %w", access.Redact(id), votes.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE token_id = $1`, id); err != nil {
			return err
		}
		return s.logDone(ctx, tx, 0)
	})
	return t, err
}

// Authenticate returns the token that a credential is of. One that lets nobody
// in is an error that wraps access.ErrDenied. The primary is asked each time, so
// that a token that was revoked is of no use from that moment on.
func (s *Store) Authenticate(ctx context.Context, c access.Credential) (access.Token, error) {
	var t access.Token
	var hash []byte
	var expired, mark bool
	err := s.inner.QueryRow(ctx, `
		SELECT `+tokenColumns+`, hash, coalesce(expires <= now(), false), coalesce(last_used < now() - interval '1 minute', true)
		  FROM tokens WHERE id = $1`, c.ID).Scan(append(tokenTargets(&t), &hash, &expired, &mark)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return access.Token{}, access.ErrUnknown
	}
	switch {
	case err != nil:
		return access.Token{}, fmt.Errorf("reading the token: %w", told(ctx, err))
	case !c.Has(hash):
		return access.Token{}, access.ErrUnknown
	case t.Revoked != nil:
		return access.Token{}, access.ErrRevoked
	case expired:
		return access.Token{}, access.ErrExpired
	case mark:
		s.markUsed(ctx, t.ID)
	}
	return t, nil
}

// markUsed notes that a token is in use, at most once a minute. That it cannot
// be noted keeps nobody out.
func (s *Store) markUsed(ctx context.Context, id string) {
	if err := s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE tokens SET last_used = now() WHERE id = $1 AND (last_used IS NULL OR last_used < now() - interval '1 minute')`, id)
		return err
	}); err != nil {
		s.nodes.log.WarnContext(ctx, "the use of a token could not be noted", "token", id, "error", err)
	}
}
