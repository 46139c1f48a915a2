package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Backlog is the work behind the answers that has not been done yet, by whatever
// program.
type Backlog struct {
	Arriving, Waiting, Running int           // jobs
	OldestJob                  time.Duration // since the oldest that waits was begun to be sent; 0 where none does

	Webhooks map[votes.WebhookState]int // how many there are
	Messages int                        // that active webhooks have not taken yet
	// OldestMessage is how long the oldest of them has waited. A change of which no
	// message is written yet waits too. It is 0 where nothing does.
	OldestMessage time.Duration
}

// Backlog tells what is waiting. What has ended is not looked at, so that it does
// not matter how much of that there is.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	b := Backlog{Webhooks: make(map[votes.WebhookState]int)}
	var oldest *time.Time
	var now time.Time
	if err := s.inner.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE state = 'arriving'), count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'running'),
		       min(created) FILTER (WHERE state = 'waiting'), now()
		  FROM jobs WHERE finished IS NULL`).Scan(&b.Arriving, &b.Waiting, &b.Running, &oldest, &now); err != nil {
		return b, fmt.Errorf("counting the jobs: %w", told(ctx, err))
	}
	b.OldestJob = since(oldest, now)
	if err := b.countMessages(ctx, s.inner); err != nil {
		return b, fmt.Errorf("counting the messages of webhooks: %w", told(ctx, err))
	}
	return b, nil
}

func (b *Backlog) countMessages(ctx context.Context, q querier) error {
	rows, err := q.Query(ctx, `
		SELECT h.state, (SELECT count(*) FROM webhook_messages m WHERE m.webhook_id = h.id AND m.state = 'waiting'),
		       (SELECT m.created FROM webhook_messages m WHERE m.webhook_id = h.id AND m.state = 'waiting' ORDER BY m.id LIMIT 1),
		       (SELECT v.committed FROM revisions v WHERE v.number > h.told ORDER BY v.number LIMIT 1), now()
		  FROM webhooks h`)
	if err != nil {
		return err
	}
	var state votes.WebhookState
	var waiting int
	var message, untold *time.Time
	var now time.Time
	_, err = pgx.ForEachRow(rows, []any{&state, &waiting, &message, &untold, &now}, func() error {
		b.Webhooks[state]++
		if state == votes.WebhookActive { // a paused one is not waited for
			b.Messages += waiting
			b.OldestMessage = max(b.OldestMessage, since(message, now), since(untold, now))
		}
		return nil
	})
	return err
}

func since(at *time.Time, now time.Time) time.Duration {
	if at == nil {
		return 0
	}
	return max(now.Sub(*at), 0)
}
