package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

func TestWhoAsksForItIsToldOfEveryChange(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("before.csv", header+somalia), store.ImportOptions{})
	all := r.webhook(t, "https://a.example/all", "", votes.WebhookEvents...)
	r.webhook(t, "https://a.example/usa", "vetoed_by=USA", votes.EventNew, votes.EventChanged)
	r.webhook(t, "https://a.example/vetoes", "", votes.EventVeto)
	r.webhook(t, "https://a.example/never", "topic=Malta", votes.EventNew)
	in := newReceivers()
	r.work(t, store.Work{Send: in.send, PublicURL: "https://votes.example.org/"})
	r.land(t, csvFile("after.csv", header+gaza+sudan), store.ImportOptions{})
	in.wait(t, 4)
	if _, _, err := r.Edit(t.Context(), []votes.Edit{{ID: "S-2024-835", Field: "topic", Value: "Palestine", Reason: "r", Reference: "d"}}); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, g := range in.wait(t, 6) {
		told = append(told, strings.TrimPrefix(g.url, "https://a.example/")+": "+g.String())
		if g.url == all.URL && g.kind == votes.EventChanged {
			if diff := cmp.Diff(map[string][]string{"S-2024-835": {"topic"}}, g.changed); diff != "" || g.link != "https://votes.example.org/v1/resolutions?changed_since=2" {
				t.Errorf("of a change it is told (-want +got): %s\nand where: %s", diff, g.link)
			}
		}
	}
	slices.Sort(told)
	want := []string{
		"all: resolution.changed r3 [S-2024-835]",
		"all: resolution.new r2 [S-2024-826 S-2024-835]",
		"all: veto.cast r2 [S-2024-826 S-2024-835]",
		"usa: resolution.changed r3 [S-2024-835]",
		"usa: resolution.new r2 [S-2024-835]",
		"vetoes: veto.cast r2 [S-2024-826 S-2024-835]",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestAMessageTellsOfNoMoreThanAHundred(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	in := newReceivers()
	r.work(t, store.Work{Send: in.send})
	rep := r.land(t, starterResolutions(), store.ImportOptions{})
	parts := (rep.ResolutionsNew + votes.MaxInMessage - 1) / votes.MaxInMessage
	seen := map[string]bool{}
	for i, g := range in.wait(t, parts) {
		if len(g.ids) > votes.MaxInMessage || g.part != i+1 || g.parts != parts {
			t.Errorf("message %d is part %d of %d, with %d resolutions", i+1, g.part, g.parts, len(g.ids))
		}
		for _, id := range g.ids {
			seen[id] = true
		}
	}
	if len(seen) != rep.ResolutionsNew {
		t.Errorf("told of %d resolutions; %d are new", len(seen), rep.ResolutionsNew)
	}
	until(t, "what came of the last is kept", func() bool {
		return one[int](t, r, `SELECT count(*) FROM webhook_messages WHERE state = 'waiting'`) == 0
	})
	for _, m := range r.messages(t, w.ID) {
		if m.State != votes.MessageDelivered || m.Attempts != 1 || *m.Status != 204 || m.NextAttempt != nil {
			t.Errorf("kept of a message: %+v", m)
		}
	}
}

// What was taken back, whether an import or a dry run, nobody is told of.
func TestNobodyIsToldOfWhatDidNotHappen(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.WebhookEvents...)
	if _, err := r.take(t, csvFile("dry.csv", header+gaza), store.ImportOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	r.refuse(t, csvFile("refused.csv", header+gaza+strings.Replace(sudan, "RUS", "Ruritania", 1)), store.ImportOptions{})
	if _, _, err := r.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := newReceivers()
	r.work(t, store.Work{Send: in.send})
	r.land(t, csvFile("real.csv", header+somalia), store.ImportOptions{})
	in.wait(t, 1)
	if list := r.messages(t, w.ID); len(list) != 1 || list[0].Revision != 1 {
		t.Errorf("messages: %+v", list)
	}
}

func TestMessagesThatFailComeAgainInOrder(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	in := newReceivers()
	failures := 0
	in.answer = func(context.Context, got) votes.WebhookAttempt {
		if failures++; failures <= 3 {
			return votes.WebhookAttempt{Status: 500, Error: "answered 500"}
		}
		return votes.WebhookAttempt{Status: 200}
	}
	r.work(t, store.Work{Send: in.send, Timing: soonAgain})
	for _, line := range []string{somalia, sudan, gaza} {
		r.land(t, csvFile("a.csv", header+line), store.ImportOptions{})
	}
	for i, g := range in.wait(t, 3) {
		if g.revision != int64(i+1) {
			t.Errorf("message %d is of revision %d", i+1, g.revision)
		}
	}
	first := r.messages(t, w.ID)[0]
	if first.State != votes.MessageDelivered || first.Attempts != 4 || first.Error != "" {
		t.Errorf("of the first message is kept: %+v", first)
	}
}

// A message that the receiver cannot take does not keep the others from it for
// ever, and is given up in the end.
func TestAMessageThatNobodyTakesIsGivenUp(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	in := newReceivers()
	in.answer = func(_ context.Context, g got) votes.WebhookAttempt {
		if g.revision == 1 {
			return votes.WebhookAttempt{Status: 500, Error: "answered 500"}
		}
		return votes.WebhookAttempt{Status: 200}
	}
	timing := store.Timing{First: 10 * time.Millisecond, Most: 20 * time.Millisecond, GiveUp: 200 * time.Millisecond}
	r.land(t, csvFile("a.csv", header+somalia), store.ImportOptions{})
	r.land(t, csvFile("a.csv", header+sudan), store.ImportOptions{})
	r.work(t, store.Work{Send: in.send, Timing: timing})
	in.wait(t, 1)
	until(t, "the first message is given up", func() bool { return r.messages(t, w.ID)[0].State == votes.MessageGivenUp })
	m := r.messages(t, w.ID)
	if m[0].Attempts < 5 || m[0].Error != "answered 500" || *m[0].Status != 500 || m[1].State != votes.MessageDelivered {
		t.Errorf("kept: %+v", m)
	}
	if n := one[int](t, r, `SELECT count(*) FROM webhook_messages WHERE body IS NOT NULL`); n != 0 {
		t.Errorf("%d bodies are kept of messages that have ended", n)
	}
}

func TestWhoIsGoneIsToldNoMore(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	in := newReceivers()
	in.answer = func(context.Context, got) votes.WebhookAttempt {
		return votes.WebhookAttempt{Status: 410, Error: "answered 410", Gone: true}
	}
	r.land(t, csvFile("a.csv", header+somalia), store.ImportOptions{})
	r.land(t, csvFile("a.csv", header+sudan), store.ImportOptions{})
	stop := r.work(t, store.Work{Send: in.send})
	until(t, "the webhook is disabled", func() bool {
		w, err := r.Webhook(t.Context(), w.ID)
		return err == nil && w.State == votes.WebhookDisabled && strings.Contains(w.Reason, "410")
	})
	stop()
	for _, m := range r.messages(t, w.ID) {
		if m.State != votes.MessageGivenUp {
			t.Errorf("kept of a message: %+v", m)
		}
	}
	// Whoever has it back is told of what changed since.
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	in.answer = nil
	if _, err := r.ChangeWebhook(t.Context(), w.ID, func(w *votes.Webhook) error { w.State = votes.WebhookActive; return nil }); err != nil {
		t.Fatal(err)
	}
	r.work(t, store.Work{Send: in.send})
	if g := in.wait(t, 1); g[0].revision != 3 {
		t.Errorf("told of %v", g)
	}
}

func TestWhileASecretIsReplacedBothSign(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	before, after := votes.WebhookSecret(make([]byte, 32)), votes.WebhookSecret([]byte(strings.Repeat("n", 32)))
	if err := r.RotateWebhookSecret(t.Context(), w.ID, after, time.Hour); err != nil {
		t.Fatal(err)
	}
	secrets := func() []string {
		list, err := r.WebhookSecrets(t.Context(), w.ID)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := secrets(); !slices.Equal(got, []string{after, before}) {
		t.Errorf("for a while it is signed by %d secrets", len(got))
	}
	r.exec(t, `UPDATE webhook_secrets SET expires = now() - interval '1 s' WHERE expires IS NOT NULL`)
	if got := secrets(); !slices.Equal(got, []string{after}) {
		t.Errorf("then it is signed by %d secrets", len(got))
	}
	if err := r.RotateWebhookSecret(t.Context(), w.ID, "whsec_short", time.Hour); !errors.Is(err, votes.ErrInvalid) {
		t.Errorf("a short secret: %v", err)
	}
}

// A receiver that is slow, and one that never answers, keep nobody else waiting.
func TestASlowReceiverKeepsNobodyWaiting(t *testing.T) {
	r := newRecord(t)
	for i := range 20 {
		r.webhook(t, fmt.Sprintf("https://a.example/slow/%d", i), "", votes.EventNew)
	}
	r.webhook(t, "https://a.example/quick", "", votes.EventNew)
	in := newReceivers()
	in.answer = func(ctx context.Context, g got) votes.WebhookAttempt {
		if strings.Contains(g.url, "slow") {
			<-ctx.Done()
			return votes.WebhookAttempt{Error: "no answer"}
		}
		return votes.WebhookAttempt{Status: 200}
	}
	stop := r.work(t, store.Work{Send: in.send})
	r.land(t, csvFile("a.csv", header+somalia), store.ImportOptions{})
	r.land(t, csvFile("b.csv", header+sudan), store.ImportOptions{})
	in.wait(t, 2)
	stop() // and a program that ends waits for none of them
	if n := one[int](t, r, `SELECT count(*) FROM webhook_messages WHERE state = 'waiting' AND attempts = 0`); n != 40 {
		t.Errorf("%d messages wait as they were, want 40: what a program that ends gave up is no attempt", n)
	}
	if n := one[int](t, r, `SELECT count(*) FROM webhooks WHERE turn_until IS NOT NULL`); n != 0 {
		t.Errorf("%d turns were not given back", n)
	}
}

// Two programs on one database deliver each message once, as long as nothing fails.
func TestTwoProgramsDeliverEachMessageOnce(t *testing.T) {
	r := newRecord(t)
	for i := range 5 {
		r.webhook(t, fmt.Sprintf("https://a.example/%d", i), "", votes.EventNew)
	}
	in := newReceivers()
	for range 2 {
		r.work(t, store.Work{Send: in.send, Sweep: 100 * time.Millisecond})
	}
	for i := range 6 {
		r.land(t, csvFile("a.csv", header+strings.ReplaceAll(strings.ReplaceAll(sudan, "826", fmt.Sprint(900+i)), "9786", fmt.Sprint(9800+i))), store.ImportOptions{})
	}
	perURL := map[string][]int64{}
	ids := map[string]bool{}
	for _, g := range in.wait(t, 30) {
		perURL[g.url] = append(perURL[g.url], g.revision)
		ids[g.id] = true
	}
	if len(ids) != 30 {
		t.Errorf("%d different messages came, want 30", len(ids))
	}
	for url, revisions := range perURL {
		if !slices.Equal(revisions, []int64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%s was told of revisions %v", url, revisions)
		}
	}
}

// A program that was killed had the turn, and a message under way: another takes
// both, once the turn is over.
func TestWhatAKilledProgramHadIsDeliveredByAnother(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	r.land(t, csvFile("a.csv", header+somalia), store.ImportOptions{})
	if _, err := store.TellOne(t.Context(), r.Store, w.ID); err != nil {
		t.Fatal(err)
	}
	r.exec(t, `UPDATE webhooks SET turn_until = now() + interval '1 s'`)
	r.exec(t, `DELETE FROM river_job`)
	r.exec(t, `UPDATE webhook_messages SET next_attempt = now() - interval '1 min'`)
	in := newReceivers()
	r.work(t, store.Work{Send: in.send, Sweep: 100 * time.Millisecond})
	in.wait(t, 1)
}

func TestATestIsSentAtOnce(t *testing.T) {
	r := newRecord(t)
	w := r.webhook(t, "https://a.example", "", votes.EventNew)
	in := newReceivers()
	m, err := r.TestWebhook(t.Context(), w.ID, in.send)
	if err != nil || m.State != votes.MessageDelivered || m.Event != votes.EventTest {
		t.Errorf("the test: %+v, %v", m, err)
	}
	if _, err := r.TestWebhook(t.Context(), 99, in.send); !errors.Is(err, votes.ErrNotFound) {
		t.Errorf("a test of no webhook: %v", err)
	}
	if got := r.messages(t, w.ID); len(got) != 1 || got[0].ID != m.ID {
		t.Errorf("kept: %+v", got)
	}
}
