package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

const webhookColumns = `h.id, h.url, h.events, h.filter, h.state, h.reason, h.created, h.told,
	(SELECT count(*) FROM webhook_messages m WHERE m.webhook_id = h.id AND m.state = 'waiting')`

func scanWebhook(row pgx.CollectableRow) (w votes.Webhook, err error) {
	err = row.Scan(&w.ID, &w.URL, &w.Events, &w.Filter, &w.State, &w.Reason, &w.Created, &w.Told, &w.Waiting)
	return w, err
}

// Webhooks returns all webhooks, the oldest first.
func (s *Store) Webhooks(ctx context.Context) ([]votes.Webhook, error) {
	rows, err := s.inner.Query(ctx, `SELECT `+webhookColumns+` FROM webhooks h ORDER BY h.id`)
	if err != nil {
		return nil, fmt.Errorf("reading the webhooks: %w", told(ctx, err))
	}
	list, err := pgx.CollectRows(rows, scanWebhook)
	if err != nil {
		return nil, fmt.Errorf("reading the webhooks: %w", told(ctx, err))
	}
	return list, nil
}

// Webhook returns one webhook. An unknown number is an error that wraps
// votes.ErrNotFound.
func (s *Store) Webhook(ctx context.Context, id int64) (votes.Webhook, error) {
	w, err := webhookOf(ctx, s.inner, id, "")
	return w, told(ctx, err)
}

func webhookOf(ctx context.Context, q querier, id int64, locked string) (votes.Webhook, error) {
	rows, err := q.Query(ctx, `SELECT `+webhookColumns+` FROM webhooks h WHERE h.id = $1 `+locked, id)
	if err != nil {
		return votes.Webhook{}, err
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWebhook)
	if err != nil {
		err = notFound(err, "webhook", strconv.FormatInt(id, 10))
	}
	return w, err
}

// AddWebhook keeps a webhook that was checked (votes.Webhook.Check), with the
// secret that signs its messages. It is told of what changes from now on.
func (s *Store) AddWebhook(ctx context.Context, w votes.Webhook, secret string) (votes.Webhook, error) {
	if err := votes.CheckWebhookSecret(secret); err != nil {
		return w, err
	}
	err := s.writeInTurn(ctx, func(tx pgx.Tx) error {
		// Not while a revision is being made: either it is told of, or it was before.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM webhooks`).Scan(&n); err != nil {
			return err
		}
		if n >= votes.MaxWebhooks {
			return votes.Faults{{Parameter: "url", Message: fmt.Sprintf("there are %d webhooks, and there can be no more", n)}}
		}
		var id int64
		if err := tx.QueryRow(ctx, `
			INSERT INTO webhooks (url, events, filter, told)
			SELECT $1, $2, $3, coalesce(max(number), 0) FROM revisions RETURNING id`, w.URL, w.Events, w.Filter).Scan(&id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO webhook_secrets (webhook_id, number, secret) VALUES ($1, 1, $2)`, id, secret); err != nil {
			return err
		}
		var err error
		if w, err = webhookOf(ctx, tx, id, ""); err != nil {
			return err
		}
		return s.To(strconv.FormatInt(id, 10)).logDone(ctx, tx, 0)
	})
	return w, err
}

// ChangeWebhook lets change alter the address, the events, the filter and the
// state of a webhook. One that is active again is told of all that it missed.
func (s *Store) ChangeWebhook(ctx context.Context, id int64, change func(*votes.Webhook) error) (votes.Webhook, error) {
	var w votes.Webhook
	err := s.write(ctx, func(tx pgx.Tx) error {
		var err error
		if w, err = webhookOf(ctx, tx, id, "FOR UPDATE"); err != nil {
			return err
		}
		if err := change(&w); err != nil {
			return err
		}
		if w.State != votes.WebhookDisabled {
			w.Reason = ""
		}
		if _, err := tx.Exec(ctx, `UPDATE webhooks SET url = $2, events = $3, filter = $4, state = $5, reason = $6 WHERE id = $1`,
			id, w.URL, w.Events, w.Filter, w.State, w.Reason); err != nil {
			return err
		}
		if w.State == votes.WebhookActive {
			if err := enqueue(ctx, tx, tellArgs{}); err != nil {
				return err
			}
		}
		return s.logDone(ctx, tx, 0)
	})
	return w, err
}

// RemoveWebhook forgets a webhook, its secrets and its messages.
func (s *Store) RemoveWebhook(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM webhooks WHERE id = $1`, id)
		if err == nil && tag.RowsAffected() == 0 {
			return fmt.Errorf("webhook %d: %w", id, votes.ErrNotFound)
		}
		if err != nil {
			return err
		}
		return s.logDone(ctx, tx, 0)
	})
}

// RotateWebhookSecret gives a webhook a new secret. For a while messages are
// signed by the one before too, so that the receiver can change over.
func (s *Store) RotateWebhookSecret(ctx context.Context, id int64, secret string, overlap time.Duration) error {
	if err := votes.CheckWebhookSecret(secret); err != nil {
		return err
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		if _, err := webhookOf(ctx, tx, id, "FOR UPDATE"); err != nil {
			return err
		}
		for _, sql := range []string{
			`DELETE FROM webhook_secrets WHERE webhook_id = @id AND expires <= now()`,
			`UPDATE webhook_secrets SET expires = now() + @overlap::interval WHERE webhook_id = @id AND expires IS NULL`,
			`INSERT INTO webhook_secrets (webhook_id, number, secret)
			 SELECT @id::bigint, coalesce(max(number), 0) + 1, @secret::text FROM webhook_secrets WHERE webhook_id = @id`,
		} {
			if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"id": id, "overlap": overlap, "secret": secret}); err != nil {
				return err
			}
		}
		return s.logDone(ctx, tx, 0)
	})
}

// WebhookSecrets returns what the messages of a webhook are signed with, the
// newest first.
func (s *Store) WebhookSecrets(ctx context.Context, id int64) ([]string, error) {
	rows, err := s.inner.Query(ctx, `
		SELECT secret FROM webhook_secrets WHERE webhook_id = $1 AND (expires IS NULL OR expires > now()) ORDER BY number DESC`, id)
	if err != nil {
		return nil, told(ctx, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, told(ctx, err)
}

const messageColumns = `m.id, m.name, m.event, m.revision, m.resolutions, m.state, m.attempts, m.status, m.error, m.took_ms,
	m.created, m.last_attempt, m.next_attempt`

func scanMessage(m *votes.WebhookMessage) []any {
	return []any{&m.Number, &m.ID, &m.Event, &m.Revision, &m.Resolutions, &m.State, &m.Attempts, &m.Status, &m.Error, &m.TookMS,
		&m.Created, &m.LastAttempt, &m.NextAttempt}
}

// WebhookMessages returns the messages of a webhook, the newest first, from before
// a number on; 0 is the beginning.
func (s *Store) WebhookMessages(ctx context.Context, id int64, limit int, before int64) (votes.MessagePage, error) {
	page := votes.MessagePage{Data: []votes.WebhookMessage{}}
	if _, err := s.Webhook(ctx, id); err != nil {
		return page, err
	}
	inner := s.inner
	if err := inner.QueryRow(ctx, `SELECT count(*) FROM webhook_messages WHERE webhook_id = $1`, id).Scan(&page.Total); err != nil {
		return page, told(ctx, err)
	}
	rows, err := inner.Query(ctx, `
		SELECT `+messageColumns+` FROM webhook_messages m
		 WHERE m.webhook_id = $1 AND ($2 = 0::bigint OR m.id < $2) ORDER BY m.id DESC LIMIT $3`, id, before, limit+1)
	if err != nil {
		return page, told(ctx, err)
	}
	page.Data, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m votes.WebhookMessage, err error) {
		err = row.Scan(scanMessage(&m)...)
		return m, err
	})
	if len(page.Data) > limit {
		page.Data = page.Data[:limit]
		page.Next = page.Data[limit-1].Number
	}
	return page, told(ctx, err)
}

// errNothingDue tells that no message of a webhook is to be sent now.
var errNothingDue = errors.New("no message is due")
