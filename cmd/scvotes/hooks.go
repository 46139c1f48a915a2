package main

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"scvotes/api/webhook"
	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
)

// hookKeeper is who is told of changes, for the API.
type hookKeeper struct {
	*store.Store
	allow []netip.Prefix
}

func (h hookKeeper) AddWebhook(ctx context.Context, call access.Call, w votes.Webhook, answer func(votes.Webhook, string) (access.Reply, error)) (access.Reply, error) {
	if faults := w.Check(len(h.allow) > 0); len(faults) > 0 {
		return access.Reply{}, faults
	}
	secret := webhook.NewSecret()
	return h.Change(ctx, call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		kept, err := c.Store().AddWebhook(ctx, w, secret)
		if err != nil {
			return access.Reply{}, err
		}
		c.To(strconv.FormatInt(kept.ID, 10))
		return answer(kept, secret)
	})
}

func (h hookKeeper) ChangeWebhook(ctx context.Context, call access.Call, id int64, change func(*votes.Webhook)) (votes.Webhook, error) {
	return h.As(call).ChangeWebhook(ctx, id, func(w *votes.Webhook) error {
		change(w)
		if faults := w.Check(len(h.allow) > 0); len(faults) > 0 {
			return faults
		}
		return nil
	})
}

func (h hookKeeper) RemoveWebhook(ctx context.Context, call access.Call, id int64) error {
	return h.As(call).RemoveWebhook(ctx, id)
}

// testTimeout is how long the receiver of a test has, within what an answer may take.
const testTimeout = 4 * time.Second

func (h hookKeeper) TestWebhook(ctx context.Context, call access.Call, id int64, answer func(votes.WebhookMessage) (access.Reply, error)) (access.Reply, error) {
	sender := webhook.NewSender(webhook.Options{Allow: h.allow, Timeout: testTimeout, UserAgent: "scvotes/" + versionText()})
	return h.Change(ctx, call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		m, err := c.Store().TestWebhook(ctx, id, sender.Send)
		if err != nil {
			return access.Reply{}, err
		}
		return answer(m)
	})
}
