package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
)

// soonAgain tries failed messages again within the patience of a test.
var soonAgain = store.Timing{First: 10 * time.Millisecond, Most: 50 * time.Millisecond, GiveUp: time.Minute}

// got is a message as its receiver sees it.
type got struct {
	url, id, kind string
	secrets       []string
	revision      int64
	part, parts   int
	ids           []string // of the resolutions, or of those that are gone
	changed       map[string][]string
	link          string
}

func (g got) String() string { return fmt.Sprintf("%s r%d %v", g.kind, g.revision, g.ids) }

// receivers takes all messages in, and answers as it is told to.
type receivers struct {
	mu     sync.Mutex
	all    []got
	answer func(ctx context.Context, g got) votes.WebhookAttempt // nil takes everything
	news   chan struct{}
}

func newReceivers() *receivers { return &receivers{news: make(chan struct{}, 10000)} }

func (r *receivers) send(ctx context.Context, url string, secrets []string, id string, body []byte) votes.WebhookAttempt {
	var m struct {
		Type string
		Data struct {
			Revision    int64
			Part, Parts int
			Resolutions []struct{ ID string }
			Changed     map[string][]string
			Deleted     []string
			Links       map[string]string
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return votes.WebhookAttempt{Error: err.Error()}
	}
	g := got{url: url, id: id, kind: m.Type, secrets: secrets, revision: m.Data.Revision, part: m.Data.Part, parts: m.Data.Parts,
		ids: m.Data.Deleted, changed: m.Data.Changed, link: m.Data.Links["resolutions"]}
	for _, res := range m.Data.Resolutions {
		g.ids = append(g.ids, res.ID)
	}
	a := votes.WebhookAttempt{Status: 204}
	if r.answer != nil {
		a = r.answer(ctx, g)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.Error == "" {
		r.all = append(r.all, g)
		r.news <- struct{}{}
	}
	return a
}

// wait waits until so many messages were taken in, and returns them.
func (r *receivers) wait(t testing.TB, n int) []got {
	t.Helper()
	for deadline := time.After(30 * time.Second); ; {
		r.mu.Lock()
		all := slices.Clone(r.all)
		r.mu.Unlock()
		if len(all) >= n {
			return all
		}
		select {
		case <-r.news:
		case <-deadline:
			t.Fatalf("%d messages came, want %d: %v", len(all), n, all)
		}
	}
}

// work works off what is waiting until the test ends, or stop is called.
func (r record) work(t testing.TB, how store.Work) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done, s := make(chan error, 1), openStore(t, r.dsn)
	go func() { done <- s.Work(ctx, how) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (r record) webhook(t testing.TB, url, filter string, events ...string) votes.Webhook {
	t.Helper()
	w, err := r.AddWebhook(t.Context(), votes.Webhook{URL: url, Events: events, Filter: filter}, votes.WebhookSecret(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (r record) messages(t testing.TB, id int64) []votes.WebhookMessage {
	t.Helper()
	page, err := r.WebhookMessages(t.Context(), id, 200, 0)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(page.Data) // as they were written
	return page.Data
}
