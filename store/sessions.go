package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes/access"
)

// SignIn begins a session with a token, and tells the audit log. Sessions that
// are over are forgotten.
func (s *Store) SignIn(ctx context.Context, call access.Call, c access.Credential, session string) (access.Token, error) {
	token, err := s.Authenticate(ctx, c)
	if err != nil {
		return access.Token{}, err
	}
	call.Token, call.Who = token.ID, token.Name
	err = s.write(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE expires <= now()`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sessions (hash, token_id, expires) VALUES ($1, $2, now() + $3::bigint * interval '1 second')`,
			access.SessionSum(session), token.ID, int64(access.SessionLife.Seconds())); err != nil {
			return fmt.Errorf("keeping the session: %w", err)
		}
		return logCall(ctx, tx, access.Entry{Call: call, Outcome: access.Done})
	})
	return token, err
}

// Session returns the token with which a session began. A session that is over,
// or whose token is of no use any more, is an error that wraps access.ErrDenied.
func (s *Store) Session(ctx context.Context, session string) (access.Token, error) {
	var t access.Token
	var expired bool
	err := s.inner.QueryRow(ctx, `
		SELECT `+tokenColumns+`, coalesce(expires <= now(), false) FROM tokens
		 WHERE id = (SELECT token_id FROM sessions WHERE hash = $1 AND expires > now())`, access.SessionSum(session)).
		Scan(append(tokenTargets(&t), &expired)...)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return access.Token{}, access.ErrUnknown
	case err != nil:
		return access.Token{}, fmt.Errorf("reading the session: %w", told(ctx, err))
	case t.Revoked != nil:
		return access.Token{}, access.ErrRevoked
	case expired:
		return access.Token{}, access.ErrExpired
	}
	return t, nil
}

// SignOut ends a session.
func (s *Store) SignOut(ctx context.Context, session string) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE hash = $1`, access.SessionSum(session))
		return err
	})
}
