package votes

import "time"

// ImportOrder says what a file is, and how it is to be taken in.
type ImportOrder struct {
	File      string `json:"file"`
	Format    string `json:"format"` // by name; empty is told from the header
	Source    string `json:"source"`
	Edition   string `json:"edition"`
	Encoding  string `json:"encoding"`
	KeepGoing bool   `json:"keep_going"`
	DryRun    bool   `json:"dry_run"`
}

// JobState tells how far a job has come.
type JobState string

// A job is Waiting until a worker has it. A Refused file was at fault itself; a
// Failed job was not.
const (
	JobArriving  JobState = "arriving"
	JobWaiting   JobState = "waiting"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobRefused   JobState = "refused"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Job is a file that is taken in behind the answer to whoever sent it.
type Job struct {
	ID        string        `json:"id"`
	State     JobState      `json:"state"`
	Order     ImportOrder   `json:"order"`
	Size      int64         `json:"size"` // of the file, in bytes
	BytesRead int64         `json:"bytes_read"`
	RowsRead  int64         `json:"rows_read"`
	Attempt   int           `json:"attempt"` // how often a worker began
	Created   time.Time     `json:"created"`
	Finished  *time.Time    `json:"finished"`
	Import    *int64        `json:"import"` // its number, where it landed
	Report    *ImportReport `json:"report"` // null until it has ended
	Error     string        `json:"error"`  // of one that failed
}

// Ended tells whether nothing more comes of the job.
func (j Job) Ended() bool { return j.Finished != nil }
