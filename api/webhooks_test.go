package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"scvotes/votes"
	"scvotes/votes/access"
)

// fakeHooks has one webhook, number 1.
type fakeHooks struct {
	fakeOnce
	slow bool
	call access.Call
	kept votes.Webhook
}

var then = time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)

func (f *fakeHooks) hook(ctx context.Context, id int64) (votes.Webhook, error) {
	if f.slow {
		<-ctx.Done()
		return votes.Webhook{}, ctx.Err()
	}
	if id != 1 {
		return votes.Webhook{}, fmt.Errorf("webhook %d: %w", id, votes.ErrNotFound)
	}
	return votes.Webhook{ID: 1, URL: "https://example.org/hook", Events: []string{votes.EventVeto}, State: votes.WebhookActive, Created: then}, nil
}

func (f *fakeHooks) Webhooks(ctx context.Context) ([]votes.Webhook, error) {
	w, err := f.hook(ctx, 1)
	return []votes.Webhook{w}, err
}

func (f *fakeHooks) Webhook(ctx context.Context, id int64) (votes.Webhook, error) {
	return f.hook(ctx, id)
}

func (f *fakeHooks) AddWebhook(_ context.Context, call access.Call, w votes.Webhook, answer func(votes.Webhook, string) (access.Reply, error)) (access.Reply, error) {
	return f.once(call, func() (access.Reply, error) {
		if faults := w.Check(false); len(faults) > 0 {
			return access.Reply{}, faults
		}
		w.ID, w.Created = 1, then
		f.call, f.kept = call, w
		return answer(w, votes.WebhookSecret(make([]byte, 32)))
	})
}

func (f *fakeHooks) ChangeWebhook(ctx context.Context, call access.Call, id int64, change func(*votes.Webhook)) (votes.Webhook, error) {
	w, err := f.hook(ctx, id)
	if err != nil {
		return w, err
	}
	if change(&w); len(w.Check(false)) > 0 {
		return w, w.Check(false)
	}
	f.call, f.kept = call, w
	return w, nil
}

func (f *fakeHooks) RemoveWebhook(ctx context.Context, call access.Call, id int64) error {
	_, err := f.hook(ctx, id)
	return err
}

func (f *fakeHooks) WebhookMessages(ctx context.Context, id int64, _ int, before int64) (votes.MessagePage, error) {
	_, err := f.hook(ctx, id)
	page := votes.MessagePage{Data: []votes.WebhookMessage{{ID: "msg_A", Event: votes.EventVeto, State: votes.MessageWaiting, Created: then, Number: 7}}, Total: 2}
	if before == 0 {
		page.Next = 7
	}
	return page, err
}

func (f *fakeHooks) TestWebhook(ctx context.Context, call access.Call, id int64, answer func(votes.WebhookMessage) (access.Reply, error)) (access.Reply, error) {
	return f.once(call, func() (access.Reply, error) {
		if _, err := f.hook(ctx, id); err != nil {
			return access.Reply{}, err
		}
		f.call = call
		return answer(votes.WebhookMessage{ID: "msg_A", Event: votes.EventTest, State: votes.MessageDelivered, Created: then})
	})
}

func TestWebhooksAreAnsweredAsDocumented(t *testing.T) {
	f, w, opt := new(fakeHooks), newFakeWriter(), testOptions(nil)
	opt.Writer, opt.Hooks = w, f
	h, token := New(newFake(t), opt), w.token(t, access.Admin)
	for _, c := range []struct {
		method, path, body string
		status             int
		holds              string
	}{
		{"GET", "/v1/webhooks", "", 200, `"total":1`},
		{"GET", "/v1/webhooks/1", "", 200, `"id":1`},
		{"GET", "/v1/webhooks/2", "", 404, ""},
		{"GET", "/v1/webhooks/one", "", 404, ""},
		{"POST", "/v1/webhooks", `{"url":"https://example.org/","events":["veto.cast"],"filter":"vetoed_by=USA"}`, 201, `"secret":"whsec_`},
		{"POST", "/v1/webhooks", `{"url":"https://example.org/"}`, 201, `"resolution.deleted"`},
		{"POST", "/v1/webhooks", `{"url":"http://example.org/"}`, 400, "must begin with https://"},
		{"POST", "/v1/webhooks", `{"url":"https://example.org/","filter":"vetoed_buy=USA"}`, 400, "is no filter"},
		{"POST", "/v1/webhooks", `{"url":"https://example.org/","state":"paused"}`, 400, "a new webhook is active"},
		{"POST", "/v1/webhooks", `{"urls":1}`, 400, ""},
		{"PATCH", "/v1/webhooks/1", `{"state":"paused"}`, 200, `"state":"paused"`},
		{"PATCH", "/v1/webhooks/1", `{"state":"disabled"}`, 400, "is active or paused"},
		{"PATCH", "/v1/webhooks/1", `{"events":[]}`, 400, "is needed"},
		{"PATCH", "/v1/webhooks/2", `{"state":"paused"}`, 404, ""},
		{"DELETE", "/v1/webhooks/1", "", 204, ""},
		{"DELETE", "/v1/webhooks/2", "", 404, ""},
		{"GET", "/v1/webhooks/1/deliveries?limit=1", "", 200, `"next":"/v1/webhooks/1/deliveries?cursor=`},
		{"GET", "/v1/webhooks/1/deliveries?cursor=eyJsIjoiZGVsaXZlcmllcyIsImkiOiI3In0", "", 200, `"next":null`},
		{"GET", "/v1/webhooks/2/deliveries", "", 404, ""},
		{"POST", "/v1/webhooks/1/test", "", 200, `"state":"delivered"`},
		{"POST", "/v1/webhooks/2/test", "", 404, ""},
	} {
		headers := []string{"Authorization", token}
		if c.body != "" {
			headers = append(headers, "Content-Type", "application/json")
		}
		res := sendBody(t, h, c.method, c.path, c.body, headers...)
		body := read(t, res)
		if res.StatusCode != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s %s: status %d: %s", c.method, c.path, c.body, res.StatusCode, body)
		}
		path, _, _ := strings.Cut(c.path, "?")
		if err := contractOf(t).Check(operationOfMethod(t, c.method, path), res.StatusCode, res.Header, []byte(body)); err != nil && c.path != "/v1/webhooks/one" {
			t.Errorf("%s %s: %v", c.method, c.path, err)
		}
		if c.status == http.StatusCreated && (res.Header.Get("Location") != "/v1/webhooks/1" || f.call.Who != "desk 1") {
			t.Errorf("Location %q, by %+v", res.Header.Get("Location"), f.call)
		}
	}
}

func TestAWebhookThatIsAskedForAgainIsAnsweredTheSame(t *testing.T) {
	f, w, opt := new(fakeHooks), newFakeWriter(), testOptions(nil)
	opt.Writer, opt.Hooks = w, f
	h, token := New(newFake(t), opt), w.token(t, access.Admin)
	for _, c := range []struct {
		path, body, other, otherBody string
		status                       int
	}{
		{"/v1/webhooks", `{"url":"https://example.org/"}`, "/v1/webhooks", `{"url":"https://example.net/"}`, 201},
		{"/v1/webhooks/1/test", "", "/v1/webhooks/2/test", "", 200},
	} {
		f.fakeOnce = fakeOnce{}
		try := func(path, body string) (*http.Response, string) {
			headers := []string{"Authorization", token, "Idempotency-Key", `"k"`}
			if body != "" {
				headers = append(headers, "Content-Type", "application/json")
			}
			res := sendBody(t, h, http.MethodPost, path, body, headers...)
			text := read(t, res)
			if err := contractOf(t).Check(operationOfMethod(t, http.MethodPost, path), res.StatusCode, res.Header, []byte(text)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			return res, text
		}
		first, text := try(c.path, c.body)
		again, same := try(c.path, c.body)
		if first.StatusCode != c.status || again.StatusCode != c.status || same != text || f.done != 1 || again.Header.Get("Location") != first.Header.Get("Location") {
			t.Errorf("%s: status %d and %d, done %d times: %s", c.path, first.StatusCode, again.StatusCode, f.done, same)
		}
		if first.Header.Get("Idempotency-Replayed") != "" || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %v and %v", c.path, first.Header, again.Header)
		}
		if res, text := try(c.other, c.otherBody); res.StatusCode != 422 || !strings.Contains(text, "another request") {
			t.Errorf("%s: status %d: %s", c.other, res.StatusCode, text)
		}
	}
}
