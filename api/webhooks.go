package api

import (
	"context"
	"hash"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/access"
)

// Hooks is who is told of changes, for those whose token has the scope admin.
// What is wrong with a webhook is an error of votes.Faults.
type Hooks interface {
	Webhooks(ctx context.Context) ([]votes.Webhook, error)
	Webhook(ctx context.Context, id int64) (votes.Webhook, error)
	// AddWebhook returns what answer makes of the webhook and of the secret that
	// signs the messages, as Writer.Change does.
	AddWebhook(ctx context.Context, call access.Call, w votes.Webhook, answer func(kept votes.Webhook, secret string) (access.Reply, error)) (access.Reply, error)
	ChangeWebhook(ctx context.Context, call access.Call, id int64, change func(*votes.Webhook)) (votes.Webhook, error)
	RemoveWebhook(ctx context.Context, call access.Call, id int64) error
	// WebhookMessages returns some of the messages, the newest first, from before a
	// number on. 0 is the beginning.
	WebhookMessages(ctx context.Context, id int64, limit int, before int64) (votes.MessagePage, error)
	// TestWebhook sends a test, and returns what answer makes of it, as Writer.Change does.
	TestWebhook(ctx context.Context, call access.Call, id int64, answer func(votes.WebhookMessage) (access.Reply, error)) (access.Reply, error)
}

const webhooksPath = "/v1/webhooks"

// hookRoutes are the routes about webhooks.
func (s *server) hookRoutes(e *echo.Echo, get func(string, echo.HandlerFunc)) {
	get(webhooksPath, s.allow(access.Admin, s.webhooks))
	e.POST(webhooksPath, s.allow(access.Admin, s.addWebhook))
	get(webhooksPath+"/:id", s.allow(access.Admin, s.webhook))
	e.PATCH(webhooksPath+"/:id", s.allow(access.Admin, s.changeWebhook))
	e.DELETE(webhooksPath+"/:id", s.allow(access.Admin, s.removeWebhook))
	get(webhooksPath+"/:id/deliveries", s.allow(access.Admin, s.deliveries))
	e.POST(webhooksPath+"/:id/test", s.allow(access.Admin, s.testWebhook))
}

// webhookAnswer is the answer of GET /v1/webhooks.
type webhookAnswer struct {
	Data  []votes.Webhook `json:"data"`
	Total int             `json:"total"`
}

func (s *server) webhooks(c echo.Context) error {
	if err := plainRead(c); err != nil {
		return err
	}
	list, err := s.hooks.Webhooks(c.Request().Context())
	if err != nil {
		return err
	}
	return answerNow(c, http.StatusOK, webhookAnswer{orEmpty(list), len(list)})
}

// plainRead is what a question without parameters, answered in JSON, is held to.
func plainRead(c echo.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	return nil
}

func (s *server) webhook(c echo.Context) error {
	id, err := webhookID(c)
	if err == nil {
		err = plainRead(c)
	}
	if err != nil {
		return err
	}
	w, err := s.hooks.Webhook(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answerNow(c, http.StatusOK, w)
}

func webhookID(c echo.Context) (int64, error) {
	asked := pathValue(c, "id")
	id, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || id < 1 {
		return 0, notFoundf("%q is not the number of a webhook", asked)
	}
	return id, nil
}

// webhookRequest is what is asked of a webhook; what is left out stays, or is the
// default.
type webhookRequest struct {
	URL    *string             `json:"url"`
	Events *[]string           `json:"events"`
	Filter *string             `json:"filter"`
	State  *votes.WebhookState `json:"state"`
}

func (r webhookRequest) onto(w *votes.Webhook) {
	if r.URL != nil {
		w.URL = *r.URL
	}
	if r.Events != nil {
		w.Events = *r.Events
	}
	if r.Filter != nil {
		w.Filter = *r.Filter
	}
	if r.State != nil {
		w.State = *r.State
	}
}

// check tells of a state that nobody can ask for.
func (r webhookRequest) check() error {
	if r.State != nil && *r.State != votes.WebhookActive && *r.State != votes.WebhookPaused {
		return votes.Faults{{Parameter: "state", Value: string(*r.State), Message: "is active or paused"}}
	}
	return nil
}

// readWebhook reads what is asked of a webhook.
func readWebhook(c echo.Context) (r webhookRequest, b body, err error) {
	if err := readQuery(c).err(); err != nil {
		return r, b, err
	}
	if b, err = readBody(c, []string{echo.MIMEApplicationJSON}, maxBody); err != nil {
		return r, b, err
	}
	if err := b.json(&r); err != nil {
		return r, b, err
	}
	return r, b, r.check()
}

// addedWebhook is the answer of POST /v1/webhooks.
type addedWebhook struct {
	Webhook votes.Webhook `json:"webhook"`
	Secret  string        `json:"secret"`
}

func (s *server) addWebhook(c echo.Context) error {
	r, b, err := readWebhook(c)
	if err != nil {
		return err
	}
	if r.State != nil {
		return votes.Faults{{Parameter: "state", Message: "a new webhook is active"}}
	}
	call, err := s.keyedCall(c, func(h hash.Hash) { _, _ = h.Write(b.data) })
	if err != nil {
		return err
	}
	w := votes.Webhook{Events: votes.WebhookEvents, State: votes.WebhookActive}
	r.onto(&w)
	reply, err := s.hooks.AddWebhook(c.Request().Context(), call, w, func(kept votes.Webhook, secret string) (access.Reply, error) {
		return replyOf(http.StatusCreated, addedWebhook{kept, secret}, map[string]string{echo.HeaderLocation: webhooksPath + "/" + strconv.FormatInt(kept.ID, 10)})
	})
	if err != nil {
		return s.refuse(c, err)
	}
	return answerReply(c, reply)
}

func (s *server) changeWebhook(c echo.Context) error {
	id, err := webhookID(c)
	if err != nil {
		return err
	}
	r, _, err := readWebhook(c)
	if err != nil {
		return err
	}
	w, err := s.hooks.ChangeWebhook(c.Request().Context(), s.callOf(c), id, r.onto)
	if err != nil {
		return s.refuse(c, err)
	}
	return answerNow(c, http.StatusOK, w)
}

func (s *server) removeWebhook(c echo.Context) error {
	id, err := webhookID(c)
	if err == nil {
		err = readQuery(c).err()
	}
	if err != nil {
		return err
	}
	if err := s.hooks.RemoveWebhook(c.Request().Context(), s.callOf(c), id); err != nil {
		return s.refuse(c, err)
	}
	return c.NoContent(http.StatusNoContent)
}

// deliveryAnswer is the answer of GET /v1/webhooks/{id}/deliveries.
type deliveryAnswer struct {
	Data  []votes.WebhookMessage `json:"data"`
	Total int                    `json:"total"`
	Next  *string                `json:"next"`
}

func (s *server) deliveries(c echo.Context) error {
	id, err := webhookID(c)
	if err != nil {
		return err
	}
	q := readQuery(c, pageParameters...)
	limit, before := q.limit(), q.place(deliveryList)
	if err := q.err(); err != nil {
		return err
	}
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	page, err := s.hooks.WebhookMessages(c.Request().Context(), id, limit, before)
	if err != nil {
		return err
	}
	next, err := q.nextPlace(c, deliveryList, page.Next)
	if err != nil {
		return err
	}
	return answerNow(c, http.StatusOK, deliveryAnswer{orEmpty(page.Data), page.Total, next})
}

func (s *server) testWebhook(c echo.Context) error {
	id, err := webhookID(c)
	if err == nil {
		err = plainRead(c)
	}
	if err != nil {
		return err
	}
	call, err := s.keyedCall(c, func(hash.Hash) {})
	if err != nil {
		return err
	}
	reply, err := s.hooks.TestWebhook(c.Request().Context(), call, id, func(m votes.WebhookMessage) (access.Reply, error) {
		return replyOf(http.StatusOK, m, nil)
	})
	if err != nil {
		return s.refuse(c, err)
	}
	return answerReply(c, reply)
}
