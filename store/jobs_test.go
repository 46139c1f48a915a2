package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
)

// takeCSV takes in files of the project's own layout.
func takeCSV(order votes.ImportOrder, open func() (io.ReadCloser, error), take func(store.ReadFile) (votes.ImportReport, error)) (votes.ImportReport, error) {
	return take(func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		r, err := open()
		if err != nil {
			return err
		}
		f := file{name: order.File, open: func() io.Reader { return r }}
		f.options.Edition = order.Edition
		return f.read(rep, yield)
	})
}

// aJob answers with a job, and gives it to into too.
func aJob(into *votes.Job) func(votes.Job) (access.Reply, error) {
	return func(j votes.Job) (access.Reply, error) {
		*into = j
		return access.Reply{Status: 202, Header: map[string]string{"Location": j.ID}, Body: []byte(j.ID)}, nil
	}
}

func (r record) upload(t testing.TB, text string, order votes.ImportOrder) votes.Job {
	t.Helper()
	order.File = "a.csv"
	var j votes.Job
	if _, err := r.Upload(t.Context(), someCall(), order, strings.NewReader(text), aJob(&j)); err != nil {
		t.Fatal(err)
	}
	if j.State != votes.JobWaiting || j.Size != int64(len(text)) {
		t.Fatalf("a file of %d bytes was kept as %+v", len(text), j)
	}
	return j
}

// ends waits until a job has ended.
func (r record) ends(t *testing.T, id string) (j votes.Job) {
	t.Helper()
	until(t, "the job has ended", func() bool {
		var err error
		if j, err = r.Job(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return j.Ended()
	})
	if n := one[int](t, r, `SELECT count(*) FROM job_chunks WHERE job_id = $1`, id); n != 0 {
		t.Errorf("%d chunks are left of a job that has ended", n)
	}
	return j
}

func TestAFileIsTakenInByAWorker(t *testing.T) {
	r := newRecord(t)
	r.work(t, store.Work{Imports: 2, Import: takeCSV, Send: newReceivers().send})
	j := r.ends(t, r.upload(t, header+somalia+gaza, votes.ImportOrder{Edition: "2026-01-01"}).ID)
	if j.State != votes.JobDone || j.Report == nil || !j.Report.Landed || j.Report.ResolutionsNew != 2 || *j.Import != 1 || j.Attempt != 1 {
		t.Errorf("the job: %+v", j)
	}
	again := r.ends(t, r.upload(t, header+somalia+gaza, votes.ImportOrder{Edition: "2026-01-01"}).ID)
	if again.State != votes.JobDone || again.Report.Landed || again.Import != nil {
		t.Errorf("the same file again: %+v", again)
	}
	dry := r.ends(t, r.upload(t, header+sudan, votes.ImportOrder{DryRun: true}).ID)
	if dry.State != votes.JobDone || dry.Report.WouldChange.Total != 1 {
		t.Errorf("a dry run: %+v", dry)
	}
	wrong := r.ends(t, r.upload(t, header+strings.Replace(sudan, "RUS", "Ruritania", 1), votes.ImportOrder{}).ID)
	if wrong.State != votes.JobRefused || len(wrong.Report.Problems) == 0 || wrong.Report.Problems[0].Line != 2 {
		t.Errorf("a file with a fault: %+v", wrong)
	}
	if rev, err := r.Revision(t.Context()); err != nil || rev.Number != 1 {
		t.Errorf("the record is at revision %d, %v", rev.Number, err)
	}
}

// A long file comes and goes in pieces, and none of it is lost.
func TestALongFileComesInPieces(t *testing.T) {
	r := newRecord(t)
	note := strings.Repeat("x", 60<<10)
	text := strings.TrimSuffix(header, "\n") + ",note\n"
	for _, line := range []string{somalia, sudan, gaza} {
		for i := range 5 {
			text += strings.Replace(strings.TrimSuffix(line, "\n"), ",S/PV.9", ",S/PV.1"+string(rune('0'+i)), 1)
			text = strings.TrimSuffix(text, "\n") + "," + note + "\n"
			if i == 0 {
				break
			}
		}
	}
	text += strings.Repeat("\n", 600<<10)
	r.work(t, store.Work{Imports: 1, Import: takeCSV, Send: newReceivers().send})
	j := r.upload(t, text, votes.ImportOrder{})
	if n := one[int](t, r, `SELECT count(*) FROM job_chunks`); n < 3 {
		t.Errorf("%d bytes were kept in %d pieces", len(text), n)
	}
	if j = r.ends(t, j.ID); j.State != votes.JobDone || j.Report.ResolutionsNew != 3 {
		t.Errorf("the job: %+v", j)
	}
}

type brokenFile struct{ left int }

func (b *brokenFile) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(p), b.left)
	b.left -= n
	return n, nil
}

func TestOfAFileThatBreaksOffNothingIsLeft(t *testing.T) {
	r := newRecord(t)
	for _, size := range []int{0, 1000, 256 << 10, 600 << 10} {
		if _, err := r.Upload(t.Context(), someCall(), votes.ImportOrder{File: "a.csv"}, &brokenFile{size}, aJob(new(votes.Job))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("broken off behind %d bytes: %v", size, err)
		}
		if n := one[int](t, r, `SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM job_chunks) + (SELECT count(*) FROM river_job)`); n != 0 {
			t.Errorf("broken off behind %d bytes, %d rows are left", size, n)
		}
	}
}

// A worker is killed in mid import, and comes back when another has taken the
// job up: the file lands once.
func TestAJobOfAKilledWorkerLandsOnce(t *testing.T) {
	r := newRecord(t)
	began, release := make(chan struct{}, 10), make(chan struct{})
	slow := func(order votes.ImportOrder, open func() (io.ReadCloser, error), take func(store.ReadFile) (votes.ImportReport, error)) (votes.ImportReport, error) {
		began <- struct{}{}
		<-release // it neither reads nor hears, as a machine that is frozen
		return takeCSV(order, open, take)
	}
	j := r.upload(t, header+somalia, votes.ImportOrder{})
	frozen := openStore(t, r.dsn)
	lost := make(chan error, 1)
	go func() { lost <- store.RunJob(t.Context(), frozen, j.ID, slow) }()
	<-began
	r.exec(t, `UPDATE jobs SET attempt = attempt + 1, state = 'running', seen = now() - interval '1 minute'`) // nothing was heard of it
	r.work(t, store.Work{Imports: 1, Import: takeCSV, Send: newReceivers().send, Sweep: 100 * time.Millisecond})
	if done := r.ends(t, j.ID); done.State != votes.JobDone || done.Attempt != 3 || !done.Report.Landed {
		t.Errorf("the other worker: %+v", done)
	}
	close(release)
	if err := <-lost; err != nil {
		t.Errorf("the first worker ends with %v", err)
	}
	if n := one[int](t, r, `SELECT count(*) FROM imports`); n != 1 {
		t.Errorf("the file landed %d times", n)
	}
}

func TestAJobIsCancelled(t *testing.T) {
	r := newRecord(t)
	waiting := r.upload(t, header+somalia, votes.ImportOrder{})
	if j, err := r.CancelJob(t.Context(), waiting.ID); err != nil || j.State != votes.JobCancelled {
		t.Errorf("a job that waits: %+v, %v", j, err)
	}
	began := make(chan struct{}, 1)
	slow := func(order votes.ImportOrder, open func() (io.ReadCloser, error), take func(store.ReadFile) (votes.ImportReport, error)) (votes.ImportReport, error) {
		return take(func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
			began <- struct{}{}
			for { // until what reads is given up
				in, err := open()
				if err != nil {
					return err
				}
				if _, err := io.ReadAll(in); err != nil {
					return err
				}
			}
		})
	}
	r.work(t, store.Work{Imports: 1, Import: slow, Send: newReceivers().send})
	running := r.upload(t, header+sudan, votes.ImportOrder{})
	<-began
	if j, err := r.CancelJob(t.Context(), running.ID); err != nil || j.State != votes.JobRunning {
		t.Errorf("a job that runs: %+v, %v", j, err)
	}
	if j := r.ends(t, running.ID); j.State != votes.JobCancelled || j.Report != nil {
		t.Errorf("the job: %+v", j)
	}
	if j, err := r.CancelJob(t.Context(), running.ID); err != nil || j.State != votes.JobCancelled {
		t.Errorf("cancelled twice: %+v, %v", j, err)
	}
	if _, err := r.CancelJob(t.Context(), "job_none"); !errors.Is(err, votes.ErrNotFound) {
		t.Errorf("no job: %v", err)
	}
	if rev, err := r.Revision(t.Context()); err != nil || rev.Number != 0 {
		t.Errorf("the record is at revision %d, %v", rev.Number, err)
	}
}

// A program that ends in mid import gives the job back, and another takes it.
func TestAProgramThatEndsGivesItsJobBack(t *testing.T) {
	r := newRecord(t)
	j := r.upload(t, header+somalia, votes.ImportOrder{})
	ctx, cancel := context.WithCancel(t.Context())
	began, ended, s := make(chan struct{}, 1), make(chan error, 1), openStore(t, r.dsn)
	read := func(votes.ImportOrder, func() (io.ReadCloser, error), func(store.ReadFile) (votes.ImportReport, error)) (votes.ImportReport, error) {
		began <- struct{}{}
		<-ctx.Done()
		return votes.ImportReport{}, ctx.Err()
	}
	go func() { ended <- store.RunJob(ctx, s, j.ID, read) }()
	<-began
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ends with %v", err)
	}
	if j, err := r.Job(t.Context(), j.ID); err != nil || j.State != votes.JobWaiting {
		t.Errorf("the job: %+v, %v", j, err)
	}
	r.work(t, store.Work{Imports: 1, Import: takeCSV, Send: newReceivers().send})
	if j := r.ends(t, j.ID); j.State != votes.JobDone || j.Attempt != 2 {
		t.Errorf("the job: %+v", j)
	}
}

func TestAFileThatIsSentAgainIsTakenInOnce(t *testing.T) {
	r := newRecord(t)
	call := r.keyed(t, "k", "a")
	send := func(call access.Call, text string) (access.Reply, error) {
		return r.Upload(t.Context(), call, votes.ImportOrder{File: "a.csv"}, strings.NewReader(text), aJob(new(votes.Job)))
	}
	first, err := send(call, header+somalia)
	if err != nil || first.Again {
		t.Fatal(first, err)
	}
	again, err := send(call, header+somalia)
	if err != nil || !again.Again || again.Status != 202 || again.Header["Location"] != first.Header["Location"] || string(again.Body) != string(first.Body) {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := send(call, header+gaza); !errors.Is(err, access.ErrKeyUsed) {
		t.Errorf("another file: %v", err)
	}
	other := call
	other.Fingerprint = sha256.Sum256([]byte("b"))
	if _, err := send(other, header+somalia); !errors.Is(err, access.ErrKeyUsed) {
		t.Errorf("another order: %v", err)
	}
	if got := r.list(t, `SELECT id || ' ' || state || ' ' || (SELECT count(*) FROM job_chunks) || ' ' || (SELECT count(*) FROM river_job) FROM jobs`); !slices.Equal(got, []string{string(first.Body) + " waiting 1 1"}) {
		t.Errorf("kept: %q", got)
	}
	if got := r.list(t, `SELECT concat_ws(' ', outcome, target, status) FROM audit_log`); !slices.Equal(got, []string{"done " + string(first.Body) + " 202"}) {
		t.Errorf("logged: %q", got)
	}
}

// While one is being kept, its key is held: what ends second is kept no more.
func TestAFileThatIsSentTwiceAtOnce(t *testing.T) {
	r := newRecord(t)
	call := r.keyed(t, "k", "a")
	order := votes.ImportOrder{File: "a.csv"}
	_, err := r.Upload(t.Context(), call, order, strings.NewReader(header+somalia), func(j votes.Job) (access.Reply, error) {
		if _, err := r.Upload(t.Context(), call, order, strings.NewReader(header+somalia), aJob(new(votes.Job))); !errors.Is(err, access.ErrUnderWay) {
			t.Errorf("the same key: %v", err)
		}
		return access.Reply{}, errors.New("no answer can be made")
	})
	if err == nil {
		t.Error("it was kept without an answer")
	}
	if n := one[int](t, r, `SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM job_chunks) + (SELECT count(*) FROM river_job) + (SELECT count(*) FROM replies)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if reply, err := r.Upload(t.Context(), call, order, strings.NewReader(header+somalia), aJob(new(votes.Job))); err != nil || reply.Again {
		t.Errorf("afterwards: %+v, %v", reply, err)
	}
}
