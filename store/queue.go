package store

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"scvotes/votes"
)

// The queue is River. A job is put in by the transaction that makes the work, so
// that there is one for it or there is neither. But no work hangs on its job: what
// is to be done stands in tables of our own, and a look at those, now and then,
// puts in a job for what was left lying by a program that was killed.

// Queues, and the kinds of jobs in them.
const (
	webhookQueue = "webhooks"
	importQueue  = "imports"
)

type tellArgs struct{}

func (tellArgs) Kind() string { return "webhooks_tell" }
func (tellArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: webhookQueue, MaxAttempts: 3}
}

type deliverArgs struct {
	Webhook int64 `json:"webhook"`
}

func (deliverArgs) Kind() string { return "webhook_deliver" }
func (deliverArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: webhookQueue, MaxAttempts: 3}
}

// enqueuer puts jobs in, in the transactions of others.
var enqueuer = sync.OnceValues(func() (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(nil), &river.Config{Logger: slog.New(slog.DiscardHandler)})
})

// enqueue puts a job into the queue; it is there when the transaction commits.
func enqueue(ctx context.Context, tx pgx.Tx, job river.JobArgs) error {
	return enqueueAt(ctx, tx, job, time.Time{})
}

// enqueueAt is enqueue for a job that has time; the zero time has none.
func enqueueAt(ctx context.Context, tx pgx.Tx, job river.JobArgs, at time.Time) error {
	q, err := enqueuer()
	if err != nil {
		return err
	}
	_, err = q.InsertTx(ctx, tx, job, &river.InsertOpts{ScheduledAt: at})
	return err
}

// Work says what a program does of the work that is waiting.
type Work struct {
	Imports   int    // files at once
	PublicURL string // where the world finds the server, for links in messages
	Send      Send
	Import    ImportFile
	Heard     Heard
	Timing    Timing        // the zero value is DefaultTiming
	Sweep     time.Duration // between two looks at what was left lying; 0 is sweepEvery
}

// Heard hears what this program did of it, each once it is kept; nil is for nobody.
type Heard struct {
	Job     func(votes.JobState)             // a job ended
	Attempt func(state string, attempts int) // a message was sent, so many times by now, and is in this state since
}

const (
	sweepEvery = 10 * time.Second
	// pollEvery is how often a queue is looked at. It is not listened to: a
	// connection would be needed for that, and none is to be had behind a pooler.
	pollEvery = 500 * time.Millisecond
	// softStop is for how long a program that ends lets its jobs go on.
	softStop = 3 * time.Second
	// deliverWithin ends a job that hangs; rescueAfter is when one is taken to be
	// left by a program that was killed.
	deliverWithin = time.Minute
	rescueAfter   = 2 * time.Minute
)

// Work works off what is waiting until ctx ends, and then finishes or gives back
// what it has. Any number of programs may do so on one database.
func (s *Store) Work(ctx context.Context, how Work) error {
	if how.Timing == (Timing{}) {
		how.Timing = DefaultTiming
	}
	if how.Sweep == 0 {
		how.Sweep = sweepEvery
	}
	if s.nodes.primary.writes == nil {
		return errReadsOnly
	}
	client, err := s.worker(how)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err = client.Start(ctx); err == nil {
			break
		}
		s.nodes.log.Warn("the queue cannot be read yet", "error", err)
		pause(ctx, time.Second)
	}
	if ctx.Err() != nil {
		return nil
	}
	for ctx.Err() == nil {
		if err := s.sweep(ctx, how); err != nil && ctx.Err() == nil {
			s.nodes.log.Error("looking for work that was left lying failed", "error", err)
		}
		pause(ctx, how.Sweep)
	}
	<-client.Stopped()
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// worker is River's part of the work.
func (s *Store) worker(how Work) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[tellArgs]) error {
		return s.tellAll(ctx, how.PublicURL)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[deliverArgs]) error {
		return s.deliver(ctx, job.Args.Webhook, how)
	}))
	queues := map[string]river.QueueConfig{webhookQueue: {MaxWorkers: votes.MaxWebhooks}}
	if how.Imports > 0 {
		queues[importQueue] = river.QueueConfig{MaxWorkers: how.Imports}
	}
	river.AddWorker(workers, &importWorker{Store: s, how: how})
	return river.NewClient(riverpgxv5.New(s.nodes.primary.writes), &river.Config{
		Queues:               queues,
		Workers:              workers,
		Logger:               slog.New(onlyTrouble{s.nodes.log.Handler()}),
		PollOnly:             true,
		FetchPollInterval:    pollEvery,
		JobTimeout:           deliverWithin,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      softStop,
		ReindexerIndexNames:  []string{}, // that is for whoever owns the tables
	})
}

// onlyTrouble leaves out of a log what is no trouble: River tells of every step.
type onlyTrouble struct{ slog.Handler }

func (h onlyTrouble) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h onlyTrouble) WithAttrs(a []slog.Attr) slog.Handler {
	return onlyTrouble{h.Handler.WithAttrs(a)}
}
func (h onlyTrouble) WithGroup(name string) slog.Handler {
	return onlyTrouble{h.Handler.WithGroup(name)}
}

// keptFor is how long messages that have ended are told of.
const keptFor = 30 * 24 * time.Hour

// sweep looks for what was left lying, and puts jobs in for it.
func (s *Store) sweep(ctx context.Context, how Work) error {
	if err := s.tellAll(ctx, how.PublicURL); err != nil {
		return err
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		if err := s.sweepJobs(ctx, tx); err != nil {
			return err
		}
		// A program that delivers has the turn; where nobody has it, and a message
		// is overdue, nobody comes any more.
		rows, err := tx.Query(ctx, `
			SELECT h.id FROM webhooks h
			 WHERE h.state = 'active' AND (h.turn_until IS NULL OR h.turn_until < now())
			   AND EXISTS (SELECT FROM webhook_messages m WHERE m.webhook_id = h.id AND m.state = 'waiting' AND m.next_attempt < now() - $1::interval)`,
			how.Sweep)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := enqueue(ctx, tx, deliverArgs{Webhook: id}); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `DELETE FROM webhook_messages WHERE state <> 'waiting' AND created < now() - $1::interval`, keptFor)
		return err
	})
}
