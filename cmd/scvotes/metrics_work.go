package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
)

// workMetrics count what this server did of the work behind its answers.
type workMetrics struct {
	jobs     *prometheus.CounterVec
	attempts *prometheus.CounterVec
	retries  prometheus.Counter
}

func newWorkMetrics() workMetrics {
	return workMetrics{
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scvotes_jobs_ended_total",
			Help: "Jobs that workers of this server ended: done, refused, failed or cancelled."}, []string{"result"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scvotes_webhook_attempts_total",
			Help: "Messages that this server sent to webhooks: delivered, failed so that they are sent again, or given up."}, []string{"result"}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{Name: "scvotes_webhook_retries_total",
			Help: "Those of them that had been sent before."}),
	}
}

// attemptResults says what an attempt came to, by the state of the message since.
var attemptResults = map[string]string{votes.MessageDelivered: "delivered", votes.MessageWaiting: "failed", votes.MessageGivenUp: "given_up"}

func (m workMetrics) register(all *api.Metrics) {
	all.Register(m.jobs, m.attempts, m.retries)
	for _, state := range []votes.JobState{votes.JobDone, votes.JobRefused, votes.JobFailed, votes.JobCancelled} {
		m.jobs.WithLabelValues(string(state))
	}
	for _, result := range attemptResults {
		m.attempts.WithLabelValues(result)
	}
}

// heard counts what a worker did.
func (m workMetrics) heard() store.Heard {
	return store.Heard{
		Job: func(state votes.JobState) { m.jobs.WithLabelValues(string(state)).Inc() },
		Attempt: func(state string, attempts int) {
			m.attempts.WithLabelValues(attemptResults[state]).Inc()
			if attempts > 1 {
				m.retries.Inc()
			}
		},
	}
}

// The metrics of what waits, for whatever server.
var (
	jobsNow       = describe("scvotes_jobs", "Jobs that have not ended: arriving, waiting or running.", "state")
	jobsOldest    = describe("scvotes_jobs_oldest_waiting_seconds", "Age of the oldest job that waits for a worker, 0 where none does.")
	webhooksNow   = describe("scvotes_webhooks", "Webhooks: active, paused or disabled.", "state")
	messagesNow   = describe("scvotes_webhook_messages_waiting", "Messages that active webhooks have not taken yet.")
	messageOldest = describe("scvotes_webhook_oldest_waiting_seconds", "Age of the oldest message, or change without its message yet, that an active webhook has not taken; 0 where there is none.")
)

// backlogEvery is how old the count of what waits may be: however often the
// metrics are asked for, the database is not asked more often.
const backlogEvery = time.Second

// backlogMetrics tell what waits. While the database is away they tell nothing.
type backlogMetrics struct {
	store *store.Store
	tele  *telemetry

	mu      sync.Mutex
	counted time.Time
	last    store.Backlog
}

// Describe says nothing: what there is depends on the database.
func (m *backlogMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect gives the metrics of this moment.
func (m *backlogMetrics) Collect(to chan<- prometheus.Metric) {
	if seen := m.tele.seen.Load(); seen == nil || seen.Err != nil {
		return
	}
	b, ok := m.count()
	if !ok {
		return
	}
	for state, n := range map[votes.JobState]int{votes.JobArriving: b.Arriving, votes.JobWaiting: b.Waiting, votes.JobRunning: b.Running} {
		to <- jobsNow.of(float64(n), string(state))
	}
	to <- jobsOldest.of(b.OldestJob.Seconds())
	for _, state := range []votes.WebhookState{votes.WebhookActive, votes.WebhookPaused, votes.WebhookDisabled} {
		to <- webhooksNow.of(float64(b.Webhooks[state]), string(state))
	}
	to <- messagesNow.of(float64(b.Messages))
	to <- messageOldest.of(b.OldestMessage.Seconds())
}

func (m *backlogMetrics) count() (store.Backlog, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.counted) < backlogEvery {
		return m.last, true
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	b, err := m.store.Backlog(ctx)
	if err != nil {
		m.tele.log.Warn("what waits could not be counted for the metrics", "error", err)
		return b, false
	}
	m.last, m.counted = b, time.Now()
	return b, true
}
