package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

func (r record) backlog(t testing.TB) store.Backlog {
	t.Helper()
	b, err := r.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What waits is counted until it is done, with the age of the oldest.
func TestWhatWaitsIsCounted(t *testing.T) {
	r := newRecord(t)
	if b := r.backlog(t); b.Waiting+b.Running+b.Arriving+b.Messages+len(b.Webhooks) != 0 || b.OldestJob != 0 || b.OldestMessage != 0 {
		t.Errorf("of an empty record: %+v", b)
	}
	r.land(t, csvFile("before.csv", header+somalia), store.ImportOptions{})
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	paused := r.webhook(t, "https://b.example", "", votes.EventNew)
	r.exec(t, `UPDATE webhooks SET state = 'paused', told = 0 WHERE id = $1`, paused.ID)
	r.exec(t, `UPDATE revisions SET committed = now() - interval '1 hour' WHERE number = 1`) // of which nobody is told
	r.exec(t, `INSERT INTO jobs (id, state, file, options, created) VALUES ('job_a', 'arriving', 'a.csv', '{}', now() - interval '3 hours'),
		('job_b', 'waiting', 'b.csv', '{}', now() - interval '90 seconds'), ('job_c', 'running', 'c.csv', '{}', now() - interval '2 hours')`)
	b := r.backlog(t)
	if b.Arriving != 1 || b.Waiting != 1 || b.Running != 1 || b.OldestJob < 90*time.Second || b.OldestJob > time.Hour {
		t.Errorf("jobs: %+v", b)
	}
	if diff := cmp.Diff(map[votes.WebhookState]int{votes.WebhookActive: 1, votes.WebhookPaused: 1}, b.Webhooks); diff != "" || b.Messages != 0 || b.OldestMessage != 0 {
		t.Errorf("webhooks: %s%+v", diff, b)
	}
	r.land(t, csvFile("a.csv", header+sudan), store.ImportOptions{})
	r.exec(t, `UPDATE revisions SET committed = now() - interval '2 hours' WHERE number = 2`)
	if b := r.backlog(t); b.Messages != 0 || b.OldestMessage < 2*time.Hour {
		t.Errorf("of a change that has no message yet: %+v", b)
	}
	if _, err := store.TellOne(t.Context(), r.Store, w.ID); err != nil {
		t.Fatal(err)
	}
	r.exec(t, `UPDATE webhook_messages SET created = now() - interval '3 hours'`)
	if b := r.backlog(t); b.Messages != 1 || b.OldestMessage < 3*time.Hour {
		t.Errorf("of a message: %+v", b)
	}
	r.exec(t, `UPDATE webhook_messages SET state = 'delivered', body = NULL, next_attempt = NULL`)
	r.exec(t, `UPDATE jobs SET state = 'failed', finished = now()`)
	if b := r.backlog(t); b.Arriving+b.Waiting+b.Running+b.Messages != 0 || b.OldestJob != 0 || b.OldestMessage != 0 {
		t.Errorf("after all of it was done: %+v", b)
	}
}

// Counting what waits reads nothing of what has ended.
func TestWhatHasEndedIsNotCounted(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	s, o := r.overheard(t)
	if _, err := s.Backlog(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.exec(t, `SET enable_seqscan = off`) // a table as small as this is read through faster
	var plan strings.Builder
	for _, st := range o.take() {
		plan.WriteString(strings.Join(r.list(t, `EXPLAIN `+st.sql, st.args...), "\n") + "\n")
	}
	for _, part := range []string{"jobs_under_way", "webhook_messages_waiting", "revisions_pkey"} {
		if !strings.Contains(plan.String(), part) {
			t.Errorf("no use for %s:\n%s", part, plan.String())
		}
	}
	for _, table := range []string{"jobs", "webhook_messages", "revisions"} {
		if strings.Contains(plan.String(), "Seq Scan on "+table) {
			t.Errorf("all of %s is read:\n%s", table, plan.String())
		}
	}
}

// tally counts what a worker did.
type tally struct {
	mu       sync.Mutex
	jobs     map[votes.JobState]int
	attempts map[string]int
	retries  int
}

func newTally() *tally {
	return &tally{jobs: make(map[votes.JobState]int), attempts: make(map[string]int)}
}

func (c *tally) heard() store.Heard {
	return store.Heard{
		Job: func(state votes.JobState) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.jobs[state]++
		},
		Attempt: func(state string, attempts int) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.attempts[state]++
			if attempts > 1 {
				c.retries++
			}
		},
	}
}

// Whoever works tells of each job that it ended and of each attempt, once.
func TestWhatAWorkerDidIsHeard(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	in, count := newReceivers(), newTally()
	stumbled := make(map[string]bool)
	in.answer = func(_ context.Context, g got) votes.WebhookAttempt { // one webhook, one after the other
		if !stumbled[g.id] {
			stumbled[g.id] = true
			return votes.WebhookAttempt{Status: 500, Error: "answered 500"}
		}
		if g.revision == 2 {
			return votes.WebhookAttempt{Status: 410, Error: "answered 410", Gone: true}
		}
		return votes.WebhookAttempt{Status: 200}
	}
	stop := r.work(t, store.Work{Imports: 1, Import: takeCSV, Send: in.send, Timing: soonAgain, Heard: count.heard()})
	r.ends(t, r.upload(t, header+somalia, votes.ImportOrder{}).ID)
	in.wait(t, 1)
	r.ends(t, r.upload(t, header+gaza+"S/2025/1,,nonsense\n", votes.ImportOrder{}).ID)
	r.ends(t, r.upload(t, header+sudan, votes.ImportOrder{}).ID)
	until(t, "the webhook is disabled", func() bool {
		now, err := r.Webhook(t.Context(), w.ID)
		return err == nil && now.State == votes.WebhookDisabled
	})
	stop() // what was done is heard once it is kept
	if diff := cmp.Diff(map[votes.JobState]int{votes.JobDone: 2, votes.JobRefused: 1}, count.jobs); diff != "" {
		t.Errorf("jobs (-want +got): %s", diff)
	}
	if diff := cmp.Diff(map[string]int{votes.MessageWaiting: 2, votes.MessageDelivered: 1, votes.MessageGivenUp: 1}, count.attempts); diff != "" || count.retries != 2 {
		t.Errorf("attempts, %d of them again (-want +got): %s", count.retries, diff)
	}
}
