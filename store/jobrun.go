package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"scvotes/votes"
)

// ImportFile takes in a file as an order says: it gives take the reader of its
// accounts, and another once more where the first cannot read the file in one go.
type ImportFile func(order votes.ImportOrder, open func() (io.ReadCloser, error), take func(ReadFile) (votes.ImportReport, error)) (votes.ImportReport, error)

type importArgs struct {
	Job string `json:"job"`
}

func (importArgs) Kind() string { return "import" }
func (importArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: importQueue, MaxAttempts: 3}
}

type importWorker struct {
	river.WorkerDefaults[importArgs]
	*Store
	how Work
}

// Timeout is for a file that waits for a long import of somebody else.
func (w *importWorker) Timeout(*river.Job[importArgs]) time.Duration { return time.Hour }

func (w *importWorker) Work(ctx context.Context, job *river.Job[importArgs]) error {
	ended, err := w.runJob(ctx, job.Args.Job, w.how.Import)
	if ended != "" && w.how.Heard.Job != nil {
		w.how.Heard.Job(ended)
	}
	return err
}

const (
	// beatEvery is how often a worker gives a sign of life, and hears whether its
	// job was cancelled.
	beatEvery = time.Second
	// deadAfter is when a worker without a sign is taken for dead.
	deadAfter = 15 * time.Second
	// jobTries is how often a job is begun whose database went away.
	jobTries = 5
)

// run is a worker's work on a job. It holds the attempt: whoever holds an older
// one lands nothing.
type run struct {
	*Store
	job         votes.Job
	bytes, rows atomic.Int64
	ended       votes.JobState // how this worker ended the job; empty where it did not
}

// runJob takes in the file of a job, unless somebody else does. The report and the
// state of the job are kept in the transaction of the import: it lands once,
// whatever becomes of the worker. It returns how the job ended, if it did so here.
func (s *Store) runJob(ctx context.Context, id string, take ImportFile) (votes.JobState, error) {
	r := &run{Store: s}
	var options jobOptions
	err := s.write(ctx, func(tx pgx.Tx) error {
		var err error
		r.job, options, err = scanJob(tx.QueryRow(ctx, `
			UPDATE jobs j SET state = 'running', attempt = attempt + 1, seen = now(), bytes_read = 0, rows_read = 0
			 WHERE id = $1 AND NOT cancelling AND (state = 'waiting' OR state = 'running' AND seen < now() - $2::interval) RETURNING `+jobColumns, id, deadAfter))
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", s.endCancelled(ctx, id)
	}
	if err != nil {
		return "", err
	}
	if call := options.Call; call.Route != "" {
		call.Target = id
		r.Store = s.As(call)
	}
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go r.beat(working, cancel)
	rep, err := take(r.job.Order, func() (io.ReadCloser, error) { return r.open(working), nil }, func(read ReadFile) (votes.ImportReport, error) {
		return r.importAlso(working, ImportOptions{KeepGoing: r.job.Order.KeepGoing, DryRun: r.job.Order.DryRun}, r.counting(read), r.landed)
	})
	if cause := context.Cause(working); cause != nil && err != nil {
		err = cause
	}
	err = r.end(ctx, rep, err)
	return r.ended, err
}

// endCancelled ends a job that was cancelled while its worker died.
func (s *Store) endCancelled(ctx context.Context, id string) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE jobs SET state = 'cancelled', finished = now() WHERE id = $1 AND cancelling AND finished IS NULL AND seen < now() - $2::interval`, id, deadAfter)
		return err
	})
}

// landed keeps, in the transaction of the import, that the job is done.
func (r *run) landed(ctx context.Context, tx pgx.Tx, rep votes.ImportReport) error {
	rep.Landed = true
	return endJob(ctx, tx, r.job.ID, r.job.Attempt, votes.JobDone, &rep, "")
}

// counting counts the rows that are read.
func (r *run) counting(read ReadFile) ReadFile {
	return func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		r.rows.Store(0)
		return read(rep, func(a *votes.Account) error {
			r.rows.Add(int64(a.Rows))
			return yield(a)
		})
	}
}

var errCancelled = errors.New("the job was cancelled")

// beat gives signs of life until the work ends, and ends it where the job was
// cancelled or is another's.
func (r *run) beat(ctx context.Context, end context.CancelCauseFunc) {
	for ctx.Err() == nil {
		pause(ctx, beatEvery)
		var cancelling bool
		err := r.inner.QueryRow(ctx, `
			UPDATE jobs SET seen = now(), bytes_read = $3, rows_read = $4 WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING cancelling`,
			r.job.ID, r.job.Attempt, r.bytes.Load(), r.rows.Load()).Scan(&cancelling)
		switch {
		case err == nil && cancelling:
			end(errCancelled)
		case errors.Is(err, pgx.ErrNoRows):
			end(errOvertaken)
		}
	}
}

// end keeps what came of the work, where the import has not kept it.
func (r *run) end(ctx context.Context, rep votes.ImportReport, err error) error {
	if err == nil && rep.Landed {
		r.ended = votes.JobDone
		return nil
	}
	keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if errors.Is(err, errOvertaken) {
		return r.endCancelledOwn(keeping)
	}
	state, failure := votes.JobDone, ""
	switch {
	case err == nil:
	case errors.Is(err, errCancelled):
		state = votes.JobCancelled
	case errors.Is(err, votes.ErrInvalid):
		state = votes.JobRefused
	case ctx.Err() != nil || r.job.Attempt < jobTries:
		// This program is ending, or the database went away: it is tried again.
		return r.giveBack(keeping)
	default:
		state, failure = votes.JobFailed, "the file could not be taken in; the log of the server tells why"
		r.nodes.log.Error("a job failed", "job", r.job.ID, "error", err)
	}
	report := &rep
	if state == votes.JobCancelled {
		report = nil
	}
	kept := r.write(keeping, func(tx pgx.Tx) error {
		return endJob(keeping, tx, r.job.ID, r.job.Attempt, state, report, failure)
	})
	if errors.Is(kept, errOvertaken) {
		return r.endCancelledOwn(keeping)
	}
	if kept == nil {
		r.ended = state
	}
	return kept
}

// endCancelledOwn ends a job that was cancelled in its last moment. One that is
// another's by now is left alone.
func (r *run) endCancelledOwn(ctx context.Context) error {
	err := r.write(ctx, func(tx pgx.Tx) error {
		return endJob(ctx, tx, r.job.ID, r.job.Attempt, votes.JobCancelled, nil, "")
	})
	if errors.Is(err, errOvertaken) {
		return nil
	}
	if err == nil {
		r.ended = votes.JobCancelled
	}
	return err
}

// giveBack lets another worker have the job.
func (r *run) giveBack(ctx context.Context) error {
	return r.write(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE jobs SET state = 'waiting', seen = now() WHERE id = $1 AND attempt = $2 AND state = 'running'`, r.job.ID, r.job.Attempt)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return enqueueAt(ctx, tx, importArgs{Job: r.job.ID}, time.Now().Add(time.Duration(r.job.Attempt)*time.Second))
	})
}

// open reads the file from its chunks.
func (r *run) open(ctx context.Context) io.ReadCloser {
	r.bytes.Store(0)
	return &chunkReader{run: r, ctx: ctx}
}

// chunkReader reads one chunk after the other, and holds one.
type chunkReader struct {
	*run
	ctx  context.Context
	ord  int
	left []byte
}

func (c *chunkReader) Read(b []byte) (int, error) {
	for len(c.left) == 0 {
		err := c.inner.QueryRow(c.ctx, `SELECT content FROM job_chunks WHERE job_id = $1 AND ord = $2`, c.job.ID, c.ord).Scan(&c.left)
		if errors.Is(err, pgx.ErrNoRows) {
			if c.bytes.Load() != c.job.Size { // its job has ended meanwhile
				return 0, errOvertaken
			}
			return 0, io.EOF
		}
		if err != nil {
			return 0, fmt.Errorf("reading the file: %w", told(c.ctx, err))
		}
		c.ord++
	}
	n := copy(b, c.left)
	c.left = c.left[n:]
	c.bytes.Add(int64(n))
	return n, nil
}

func (c *chunkReader) Close() error { return nil }

// sweepJobs puts jobs in for files that nobody works on any more, and forgets
// those that nobody asks for.
func (s *Store) sweepJobs(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		UPDATE jobs SET seen = CASE WHEN state = 'waiting' THEN now() ELSE seen END
		 WHERE finished IS NULL AND (state = 'waiting' AND seen < now() - 2 * $1::interval OR state = 'running' AND seen < now() - $1::interval) RETURNING id`, deadAfter)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := enqueue(ctx, tx, importArgs{Job: id}); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM jobs WHERE state = 'arriving' AND seen < now() - interval '15 minutes' OR finished < now() - $1::interval`, keptFor)
	return err
}
