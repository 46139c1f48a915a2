package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/store/pgtest"
)

const gazaVote = "draft,meeting,date,topic,yes,no\nS/2024/835,9790,2024-11-20,Gaza,E10;CHN;FRA;GBR;RUS,USA\n"

// hooks is a receiver on this machine.
type hooks struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	hold   chan struct{} // while it is open, answers wait; nil for no wait
	asked  chan struct{}
}

func newHooks(t *testing.T) *hooks {
	h := &hooks{asked: make(chan struct{}, 100)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		h.mu.Lock()
		hold := h.hold
		h.mu.Unlock()
		h.asked <- struct{}{}
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if err == nil {
			h.bodies = append(h.bodies, string(body))
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hooks) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.bodies)
}

var secretLine = regexp.MustCompile(`secret, shown this once: (whsec_\S+)`)

// A server is killed while a message is on its way. Another sends it again, and
// no other message is lost.
func TestAnotherServerDeliversWhatAKilledOneHad(t *testing.T) {
	t.Parallel()
	db, h := pgtest.New(t), newHooks(t)
	h.hold = make(chan struct{})
	if got := cli(t, "webhook", "add", "--database-url", db, "--webhook-allow-private", "127.0.0.0/8", h.URL); got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	if got := cli(t, "import", "--database-url", db, write(t, "votes.csv", gazaVote)); got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	serve := []string{"serve", "--addr", "127.0.0.1:0", "--starter=false", "--database-url", db, "--webhook-allow-private", "127.0.0.0/8"}
	first := start(t, "", serve...)
	<-h.asked
	first.signal(t, syscall.SIGKILL)
	h.mu.Lock()
	h.hold = nil
	h.mu.Unlock()
	// As if the half minute of its turn were over.
	c, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), `UPDATE webhooks SET turn_until = now(); UPDATE webhook_messages SET next_attempt = now() - interval '1 minute' WHERE state = 'waiting'`); err != nil {
		t.Fatal(err)
	}
	start(t, "", serve...)
	until(t, time.Minute, "both messages came", func() error {
		if told := cli(t, "webhook", "deliveries", "--database-url", db, "1"); strings.Count(told.stdout, ": delivered, 1 attempt") != 2 {
			return fmt.Errorf("deliveries: %s", told.stdout)
		}
		return nil
	})
	if n := h.count(); n < 2 || n > 3 {
		t.Errorf("%d messages came", n)
	}
}

func TestWebhookCommands(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	run := func(code int, want string, args ...string) {
		t.Helper()
		got := cli(t, slices.Concat([]string{"webhook"}, args, []string{"--database-url", db})...)
		if got.code != code || !strings.Contains(got.stdout+got.stderr, want) {
			t.Errorf("webhook %v: exit code %d, want %d and %q:\n%s%s", args, got.code, code, want, got.stdout, got.stderr)
		}
	}
	run(0, "nobody is told", "list")
	run(exitUsage, "must begin with https://", "add", "http://example.org/")
	run(exitUsage, "is needed", "add", "example.org")
	run(exitUsage, "must not hold a user", "add", "https://user:pw@example.org/")
	run(exitUsage, `"veto.uncast" is none of`, "add", "https://example.org/", "--event", "veto.uncast")
	run(exitUsage, `"vetoed_buy" is no filter`, "add", "https://example.org/", "--filter", "vetoed_buy=USA")
	run(exitUsage, "changed_since means nothing here", "add", "https://example.org/", "--filter", "changed_since=3")
	run(exitUsage, "has to be whsec_", "add", "https://example.org/", "--secret-env", "NO_SUCH_SECRET")
	run(exitUsage, "not a network", "add", "https://example.org/", "--webhook-allow-private", "10.0.0.0")
	run(0, "webhook 1: told of what changes after revision 0", "add", "https://example.org/hook", "--event", "veto.cast", "--filter", "vetoed_by=USA")
	run(0, "1 active https://example.org/hook\n    veto.cast\n    filter vetoed_by=USA\n    told up to revision 0; 0 messages waiting\n", "list")
	run(0, `"url":"https://example.org/hook"`, "list", "--json")
	run(0, "webhook 1 is paused", "pause", "1")
	run(0, "webhook 1 is active", "resume", "1")
	run(0, "secret, shown this once: whsec_", "rotate", "1")
	run(0, "", "deliveries", "1")
	run(exitUnknown, "webhook 7", "deliveries", "7")
	run(exitUsage, "not the number", "test", "one")
	run(0, "webhook 1 is forgotten", "remove", "1")
	run(exitUnknown, "webhook 1", "remove", "1")
	if got := cli(t, "audit", "--database-url", db); strings.Count(got.stdout, "webhook") < 5 {
		t.Errorf("the audit log:\n%s", got.stdout)
	}
}
