package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
	"scvotes/votes/access"
)

// A file that is to be taken in by a worker comes in pieces, each a transaction:
// a sender who is slow holds nothing. Only when all of it is there does the job
// wait for a worker; of a sender who broke off nothing is left.

// chunkSize is how much of a file is kept in one row.
const chunkSize = 256 << 10

// jobOptions are kept with a job: what is to be done, and who asked for it.
type jobOptions struct {
	Order votes.ImportOrder
	Call  access.Call
}

// Upload keeps a file until a worker takes it in, and returns what answer makes of
// its job. What comes of the reader's own errors is that nothing is kept, and they
// are returned. What the key of the call stands for is its fingerprint and the
// file: only when all of it is there is it known whether it came before, and then
// nothing of it is kept.
func (s *Store) Upload(ctx context.Context, call access.Call, order votes.ImportOrder, file io.Reader, answer func(votes.Job) (access.Reply, error)) (access.Reply, error) {
	later := call // the import by the worker, which has no key
	later.Key, later.Fingerprint = "", [sha256.Size]byte{}
	options, err := json.Marshal(jobOptions{order, later})
	if err != nil {
		return access.Reply{}, err
	}
	id := "job_" + strings.ToLower(rand.Text())
	if err := s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO jobs (id, state, file, options, asked_by) VALUES ($1, 'arriving', $2, $3, $4)`, id, order.File, options, call.Who)
		return err
	}); err != nil {
		return access.Reply{}, fmt.Errorf("beginning to keep the file: %w", err)
	}
	var reply access.Reply
	sum := sha256.New()
	if err = s.keepChunks(ctx, id, io.TeeReader(file, sum)); err == nil {
		call = call.With([sha256.Size]byte(sum.Sum(nil)))
		reply, err = s.change(ctx, call, s.As(call).write, func(ctx context.Context, c *Changes) (access.Reply, error) {
			c.To(id)
			job, err := arrived(ctx, c.tx, id)
			if err != nil {
				return access.Reply{}, err
			}
			return answer(job)
		})
	}
	if err != nil || reply.Again {
		return reply, errors.Join(err, s.dropArriving(ctx, id))
	}
	return reply, nil
}

// arrived has a job wait for its worker.
func arrived(ctx context.Context, tx pgx.Tx, id string) (votes.Job, error) {
	job, _, err := scanJob(tx.QueryRow(ctx, `UPDATE jobs j SET state = 'waiting', seen = now() WHERE id = $1 AND state = 'arriving' RETURNING `+jobColumns, id))
	if err != nil {
		return job, fmt.Errorf("keeping the job: %w", err)
	}
	return job, enqueue(ctx, tx, importArgs{Job: id})
}

// dropArriving forgets a file that is not to be taken in. It does so also where the
// sender is gone; if it fails, the sweep does it.
func (s *Store) dropArriving(ctx context.Context, id string) error {
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	return s.write(cleaning, func(tx pgx.Tx) error {
		_, err := tx.Exec(cleaning, `DELETE FROM jobs WHERE id = $1 AND state = 'arriving'`, id)
		return err
	})
}

func (s *Store) keepChunks(ctx context.Context, id string, file io.Reader) error {
	chunk := make([]byte, chunkSize)
	for ord := 0; ; ord++ {
		n, broken := fill(chunk, file)
		if broken != nil && broken != io.EOF {
			return broken
		}
		if n > 0 {
			if err := s.write(ctx, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `INSERT INTO job_chunks (job_id, ord, content) VALUES ($1, $2, $3)`, id, ord, chunk[:n]); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `UPDATE jobs SET size = size + $2, seen = now() WHERE id = $1`, id, n)
				return err
			}); err != nil {
				return fmt.Errorf("keeping the file: %w", err)
			}
		}
		if broken == io.EOF {
			return nil
		}
	}
}

// fill reads until the chunk is full, or returns why it is not: unlike
// io.ReadFull, it keeps a file that has ended apart from one that broke off.
func fill(chunk []byte, file io.Reader) (n int, err error) {
	for n < len(chunk) && err == nil {
		var more int
		more, err = file.Read(chunk[n:])
		n += more
	}
	return n, err
}

const jobColumns = `j.id, j.state, j.options, j.size, j.bytes_read, j.rows_read, j.attempt, j.created, j.finished, j.import_id, j.report, j.error`

func scanJob(row pgx.Row) (votes.Job, jobOptions, error) {
	var j votes.Job
	var o jobOptions
	var options, report []byte
	err := row.Scan(&j.ID, &j.State, &options, &j.Size, &j.BytesRead, &j.RowsRead, &j.Attempt, &j.Created, &j.Finished, &j.Import, &report, &j.Error)
	if err == nil {
		err = json.Unmarshal(options, &o)
	}
	if err == nil && report != nil {
		err = json.Unmarshal(report, &j.Report)
	}
	j.Order = o.Order
	return j, o, err
}

// Job returns one job. An unknown id is an error that wraps votes.ErrNotFound.
func (s *Store) Job(ctx context.Context, id string) (votes.Job, error) {
	j, _, err := scanJob(s.inner.QueryRow(ctx, `SELECT `+jobColumns+` FROM jobs j WHERE j.id = $1`, id))
	if err != nil {
		err = notFound(told(ctx, err), "job", id)
	}
	return j, err
}

// CancelJob has nothing come of a job that has not ended: at once where no
// worker has it, else as soon as its worker hears of it.
func (s *Store) CancelJob(ctx context.Context, id string) (votes.Job, error) {
	var j votes.Job
	err := s.write(ctx, func(tx pgx.Tx) error {
		var err error
		if j, _, err = scanJob(tx.QueryRow(ctx, `SELECT `+jobColumns+` FROM jobs j WHERE j.id = $1 FOR UPDATE`, id)); err != nil {
			return notFound(err, "job", id)
		}
		switch {
		case j.Ended():
			return nil
		case j.State == votes.JobRunning:
			_, err = tx.Exec(ctx, `UPDATE jobs SET cancelling = true WHERE id = $1`, id)
		default:
			err = endJob(ctx, tx, id, j.Attempt, votes.JobCancelled, nil, "")
		}
		if err != nil {
			return err
		}
		if j, _, err = scanJob(tx.QueryRow(ctx, `SELECT `+jobColumns+` FROM jobs j WHERE j.id = $1`, id)); err != nil {
			return err
		}
		return s.logDone(ctx, tx, 0)
	})
	return j, err
}

// errOvertaken is what became of a job whose worker was taken for dead.
var errOvertaken = errors.New("another worker has taken the job up")

// endJob ends a job and lets go of its file, unless another worker has it by now.
func endJob(ctx context.Context, tx pgx.Tx, id string, attempt int, state votes.JobState, rep *votes.ImportReport, failure string) error {
	var report []byte
	var number int64
	if rep != nil {
		var err error
		if report, err = json.Marshal(rep); err != nil {
			return err
		}
		number = rep.Import
	}
	tag, err := tx.Exec(ctx, `
		UPDATE jobs SET state = $3, finished = now(), report = $4, error = $5, seen = now(), import_id = nullif($6::bigint, 0)
		 WHERE id = $1 AND attempt = $2 AND finished IS NULL AND (NOT cancelling OR $3 <> 'done')`, id, attempt, string(state), report, failure, number)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return errOvertaken
	}
	_, err = tx.Exec(ctx, `DELETE FROM job_chunks WHERE job_id = $1`, id)
	return err
}
