package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Timing says how often a message is tried.
type Timing struct {
	First  time.Duration // before the second attempt; three times as long before each further one
	Most   time.Duration // between two attempts
	GiveUp time.Duration // after the first attempt
}

// DefaultTiming tries for a day: after 5 s, 15 s, 45 s, ... and then every 3 hours.
var DefaultTiming = Timing{First: 5 * time.Second, Most: 3 * time.Hour, GiveUp: 24 * time.Hour}

const (
	// patience is how often a message is tried before the ones behind it may
	// overtake: a receiver that stumbles over one message is to hear of the others.
	patience = 4
	// turnLasts is for how long a program that gives no sign keeps others from
	// delivering to a webhook: longer than an attempt can take.
	turnLasts = 30 * time.Second
	// turnOver is when a turn is given to whoever waits in the queue.
	turnOver = 20 * time.Second
	// worthWaiting is for how long the next message is waited for within a turn.
	worthWaiting = 2 * time.Second
)

// wait is how long to wait after so many attempts, give or take a fifth, so that
// messages that failed together do not come back together.
func (t Timing) wait(attempts int) time.Duration {
	d := t.First
	for range attempts - 1 {
		if d *= 3; d >= t.Most {
			d = t.Most
			break
		}
	}
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// Send sends a message once, signed by each of the secrets.
type Send func(ctx context.Context, url string, secrets []string, id string, body []byte) votes.WebhookAttempt

// deliver sends the messages of a webhook that are due, one after the other, in
// their order. Only one program does so at a time.
func (s *Store) deliver(ctx context.Context, id int64, how Work) error {
	t := turn{Store: s, webhook: id, how: how, ends: time.Now().Add(turnOver)}
	if ok, err := t.take(ctx); err != nil || !ok {
		return err
	}
	for {
		err := t.next(ctx)
		if err == nil && time.Now().Before(t.ends) {
			continue
		}
		if err != nil && !errors.Is(err, errNothingDue) {
			return errors.Join(err, t.giveBack())
		}
		again, err := t.end(ctx)
		if err != nil {
			return errors.Join(err, t.giveBack())
		}
		if !again {
			return nil
		}
		pause(ctx, t.rest)
	}
}

// turn is a program's turn to deliver to a webhook.
type turn struct {
	*Store
	webhook int64
	how     Work
	ends    time.Time
	until   time.Time // what is kept beside the webhook; a program with another has lost its turn
	sent    int
	rest    time.Duration // until the next message is due
}

var errTurnLost = errors.New("another program took the turn")

// take takes the turn, unless another program has it.
func (t *turn) take(ctx context.Context) (bool, error) {
	err := t.inner.QueryRow(ctx, `
		UPDATE webhooks SET turn_until = now() + $2 WHERE id = $1 AND state = 'active' AND (turn_until IS NULL OR turn_until < now())
		RETURNING turn_until`, t.webhook, turnLasts).Scan(&t.until)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, told(ctx, err)
}

// dueMessage is the message that is to be sent next: the oldest, or one behind
// such as were tried often enough.
const dueMessage = ` FROM webhook_messages m
	WHERE m.webhook_id = $1 AND m.state = 'waiting'
	  AND NOT EXISTS (SELECT FROM webhook_messages o
		 WHERE o.webhook_id = m.webhook_id AND o.state = 'waiting' AND o.id < m.id AND o.attempts < $2)`

// next sends one message and keeps what came of it. errNothingDue is returned
// where there is none.
func (t *turn) next(ctx context.Context) error {
	inner := t.inner
	var m votes.WebhookMessage
	err := inner.QueryRow(ctx, `SELECT `+messageColumns+`, m.body`+dueMessage+` AND m.next_attempt <= now() ORDER BY m.id LIMIT 1`, t.webhook, patience).
		Scan(append(scanMessage(&m), &m.Body)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return errNothingDue
	}
	if err != nil {
		return told(ctx, err)
	}
	w, err := t.Webhook(ctx, t.webhook)
	if err != nil {
		return err
	}
	if w.State != votes.WebhookActive {
		return errNothingDue
	}
	secrets, err := t.WebhookSecrets(ctx, t.webhook)
	if err != nil {
		return err
	}
	err = inner.QueryRow(ctx, `UPDATE webhooks SET turn_until = now() + $3 WHERE id = $1 AND turn_until = $2 RETURNING turn_until`, t.webhook, t.until, turnLasts).Scan(&t.until)
	if errors.Is(err, pgx.ErrNoRows) {
		return errTurnLost
	}
	if err != nil {
		return told(ctx, err)
	}
	a := t.how.Send(ctx, w.URL, secrets, m.ID, m.Body)
	if ctx.Err() != nil && a.Error != "" {
		return ctx.Err() // it was this program that gave up
	}
	t.sent++
	// Kept also where this program is ending: it would be sent once more else.
	keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	state, err := t.keep(keeping, m, a)
	if err == nil && t.how.Heard.Attempt != nil {
		t.how.Heard.Attempt(state, m.Attempts+1)
	}
	return err
}

// keepWithin is how long a program that is ending takes to keep what it did.
const keepWithin = 3 * time.Second

// keep keeps what came of an attempt, and returns the state of the message since.
func (t *turn) keep(ctx context.Context, m votes.WebhookMessage, a votes.WebhookAttempt) (state string, err error) {
	err = t.write(ctx, func(tx pgx.Tx) error {
		const tried = `attempts = attempts + 1, status = nullif(@status::integer, 0), error = @error, took_ms = @took,
			first_attempt = coalesce(first_attempt, now()), last_attempt = now()`
		args := pgx.StrictNamedArgs{"id": m.Number, "status": a.Status, "error": a.Error, "took": a.Took.Milliseconds()}
		if a.Error == "" {
			state = votes.MessageDelivered
			_, err := tx.Exec(ctx, `UPDATE webhook_messages SET state = 'delivered', body = NULL, next_attempt = NULL, `+tried+` WHERE id = @id AND state = 'waiting'`, args)
			return err
		}
		args["wait"], args["most"], args["gone"] = t.how.Timing.wait(m.Attempts+1), t.how.Timing.GiveUp, a.Gone
		if err := tx.QueryRow(ctx, `
			UPDATE webhook_messages m SET `+tried+`, state = n.state,
			       body = CASE WHEN n.state = 'waiting' THEN body END, next_attempt = CASE WHEN n.state = 'waiting' THEN now() + @wait END
			  FROM (SELECT CASE WHEN @gone OR now() + @wait > coalesce(first_attempt, now()) + @most THEN 'given_up' ELSE 'waiting' END AS state
			          FROM webhook_messages WHERE id = @id) n
			 WHERE m.id = @id AND m.state = 'waiting' RETURNING m.state`, args).Scan(&state); errors.Is(err, pgx.ErrNoRows) {
			state = votes.MessageGivenUp // the webhook was removed or disabled meanwhile
		} else if err != nil {
			return err
		}
		if !a.Gone {
			return nil
		}
		return disable(ctx, tx, t.webhook, "the receiver answered 410 Gone")
	})
	return state, err
}

// disable ends a webhook, and what waits for it.
func disable(ctx context.Context, tx pgx.Tx, id int64, reason string) error {
	if _, err := tx.Exec(ctx, `UPDATE webhooks SET state = 'disabled', reason = $2 WHERE id = $1`, id, reason); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE webhook_messages SET state = 'given_up', body = NULL, next_attempt = NULL, error = $2 WHERE webhook_id = $1 AND state = 'waiting'`,
		id, "the webhook was disabled: "+reason)
	return err
}

// end ends the turn, unless a message became due meanwhile and the turn is not
// over: whoever writes messages holds the webhook too, so that none slips through
// between looking and ending. What is due later gets a place in the queue.
func (t *turn) end(ctx context.Context) (again bool, err error) {
	over := !time.Now().Before(t.ends)
	err = t.write(ctx, func(tx pgx.Tx) error {
		var mine, active bool
		err := tx.QueryRow(ctx, `SELECT coalesce(turn_until = $2, false), state = 'active' FROM webhooks WHERE id = $1 FOR UPDATE`, t.webhook, t.until).Scan(&mine, &active)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && !mine {
			return nil
		}
		if err != nil {
			return err
		}
		var due *time.Time
		var now time.Time
		if err := tx.QueryRow(ctx, `SELECT (SELECT min(m.next_attempt)`+dueMessage+`), now()`, t.webhook, patience).Scan(&due, &now); err != nil {
			return err
		}
		t.rest = 0
		if due != nil {
			t.rest = max(due.Sub(now), 0)
		}
		if again = due != nil && active && !over && t.rest < worthWaiting; again {
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE webhooks SET turn_until = NULL WHERE id = $1`, t.webhook); err != nil {
			return err
		}
		if due == nil || !active || t.rest > 0 && t.sent == 0 { // of the last: whoever sent last has put a job in for it
			return nil
		}
		return enqueueAt(ctx, tx, deliverArgs{Webhook: t.webhook}, time.Now().Add(t.rest))
	})
	return again, err
}

// giveBack lets another program have the turn at once, where this one failed or
// is ending.
func (t *turn) giveBack() error {
	ctx, cancel := context.WithTimeout(context.Background(), keepWithin)
	defer cancel()
	return t.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE webhooks SET turn_until = NULL WHERE id = $1 AND turn_until = $2`, t.webhook, t.until)
		return err
	})
}

// TestWebhook sends a test at once, and keeps what came of it among the messages.
func (s *Store) TestWebhook(ctx context.Context, id int64, send Send) (votes.WebhookMessage, error) {
	var m votes.WebhookMessage
	w, err := s.Webhook(ctx, id)
	if err != nil {
		return m, err
	}
	secrets, err := s.WebhookSecrets(ctx, id)
	if err != nil {
		return m, err
	}
	rev, err := s.Revision(ctx)
	if err != nil {
		return m, err
	}
	body, err := encodeMessage(message{Type: votes.EventTest, Timestamp: time.Now().UTC().Truncate(time.Second),
		Data: messageData{Revision: rev.Number, Committed: rev.Committed, Part: 1, Parts: 1, Resolutions: noLines, Links: map[string]string{}}})
	if err != nil {
		return m, err
	}
	name := messageName()
	a := send(ctx, w.URL, secrets, name, body)
	state := votes.MessageDelivered
	if a.Error != "" {
		state = votes.MessageGivenUp
	}
	err = s.write(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `
			INSERT INTO webhook_messages AS m (webhook_id, name, event, revision, resolutions, state, attempts, status, error, took_ms, first_attempt, last_attempt)
			VALUES ($1, $2, $3, $4, 0, $5, 1, nullif($6::integer, 0), $7, $8, now(), now()) RETURNING `+messageColumns,
			id, name, votes.EventTest, rev.Number, state, a.Status, a.Error, a.Took.Milliseconds()).Scan(scanMessage(&m)...); err != nil {
			return err
		}
		return s.logDone(ctx, tx, 0)
	})
	if err != nil {
		return m, fmt.Errorf("keeping what came of the test: %w", err)
	}
	return m, nil
}
