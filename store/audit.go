package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes/access"
)

// As returns the store as it is used for a call: what is changed is told in the
// audit log, in the same transaction. Without it nothing is told.
func (s *Store) As(call access.Call) *Store {
	as := *s
	as.call = &call
	return &as
}

// To is As for one target of the call.
func (s *Store) To(target string) *Store {
	if s.call == nil {
		return s
	}
	call := *s.call
	call.Target = target
	return s.As(call)
}

// logDone tells the audit log that the call was done, with the revision that it
// made, 0 for none.
func (s *Store) logDone(ctx context.Context, tx pgx.Tx, revision int64) error {
	if s.call == nil {
		return nil
	}
	return logCall(ctx, tx, access.Entry{Call: *s.call, Outcome: access.Done, Revision: revision})
}

// logCall adds an entry to the audit log.
func logCall(ctx context.Context, tx pgx.Tx, e access.Entry) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO audit_log (token, who, method, route, target, client, request, outcome, status, revision)
		VALUES (nullif($1, ''), $2, $3, $4, $5, $6, $7, $8, nullif($9::smallint, 0), nullif($10::bigint, 0))`,
		e.Token, e.Who, e.Method, e.Route, access.Redact(e.Target), e.Client, access.Redact(e.Request), string(e.Outcome), e.Status, e.Revision)
	if err != nil {
		return fmt.Errorf("writing to the audit log: %w", err)
	}
	return nil
}

// Note tells the audit log of a call that changed nothing.
func (s *Store) Note(ctx context.Context, e access.Entry) error {
	return s.write(ctx, func(tx pgx.Tx) error { return logCall(ctx, tx, e) })
}

// Audit returns some of the audit log, the newest first, from before a number
// on; 0 is from the newest.
func (s *Store) Audit(ctx context.Context, limit int, before int64) (access.Log, error) {
	var log access.Log
	if err := s.inner.QueryRow(ctx, `SELECT count(*) FROM audit_log`).Scan(&log.Total); err != nil {
		return log, fmt.Errorf("reading the audit log: %w", told(ctx, err))
	}
	rows, err := s.inner.Query(ctx, `
		SELECT number, at, coalesce(token, ''), who, method, route, target, client, request, outcome, coalesce(status, 0), coalesce(revision, 0)
		  FROM audit_log WHERE $1 = 0 OR number < $1 ORDER BY number DESC LIMIT $2`, before, limit+1)
	if err != nil {
		return log, fmt.Errorf("reading the audit log: %w", told(ctx, err))
	}
	log.Data, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e access.Entry, err error) {
		return e, row.Scan(&e.Number, &e.At, &e.Token, &e.Who, &e.Method, &e.Route, &e.Target, &e.Client, &e.Request, &e.Outcome, &e.Status, &e.Revision)
	})
	if err != nil {
		return log, fmt.Errorf("reading the audit log: %w", told(ctx, err))
	}
	if len(log.Data) > limit {
		log.Data = log.Data[:limit]
		log.Next = log.Data[limit-1].Number
	}
	return log, nil
}
