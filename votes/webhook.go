package votes

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Webhook is an address that is told of changes of the record.
type Webhook struct {
	ID      int64        `json:"id"`
	URL     string       `json:"url"`
	Events  []string     `json:"events"` // of WebhookEvents
	Filter  string       `json:"filter"` // a query of GET /v1/resolutions; empty for every resolution
	State   WebhookState `json:"state"`
	Reason  string       `json:"reason"` // why it was disabled
	Created time.Time    `json:"created"`
	Told    int64        `json:"told"`    // the newest revision of which its messages are written
	Waiting int          `json:"waiting"` // messages that are not delivered yet
}

// WebhookState tells whether a webhook is told of changes.
type WebhookState string

// A paused webhook is told nothing until it is active again, and then of all that
// changed meanwhile. A disabled one was given up, for its Reason.
const (
	WebhookActive   WebhookState = "active"
	WebhookPaused   WebhookState = "paused"
	WebhookDisabled WebhookState = "disabled"
)

// What a message can be about.
const (
	EventNew     = "resolution.new"     // a resolution that the record did not hold
	EventChanged = "resolution.changed" // one of which something is told otherwise
	EventDeleted = "resolution.deleted" // one that the record no longer holds
	EventVeto    = "veto.cast"          // one that is vetoed, and was not known to be
	EventTest    = "webhook.test"       // a test, by hand; nobody asks for it
)

// WebhookEvents lists what a webhook can ask for.
var WebhookEvents = []string{EventNew, EventChanged, EventDeleted, EventVeto}

// MaxWebhooks is how many webhooks there can be: each has a worker of its own at
// every instance, so that none waits for another.
const MaxWebhooks = 100

// MaxInMessage is how many resolutions one message tells of.
const MaxInMessage = 100

// longest texts of a webhook, as the database has them too.
const (
	maxWebhookURL    = 2000
	maxWebhookFilter = 8000
)

// Check tells every fault of what a webhook asks for. http is taken where plain
// is set: then some private networks are allowed.
func (w Webhook) Check(plain bool) Faults {
	var faults Faults
	fault := func(parameter, value, message string) {
		faults = append(faults, Fault{Parameter: parameter, Value: value, Message: message})
	}
	if message := checkWebhookURL(w.URL, plain); message != "" {
		fault("url", "", message) // not shown again: it may have a secret in it
	}
	if len(w.Events) == 0 {
		fault("events", "", "is needed: some of "+strings.Join(WebhookEvents, ", "))
	}
	for _, e := range w.Events {
		if !slices.Contains(WebhookEvents, e) {
			fault("events", e, fmt.Sprintf("%q is none of %s", e, strings.Join(WebhookEvents, ", ")))
		}
	}
	if _, wrong := ParseWebhookFilter(w.Filter); len(wrong) > 0 {
		faults = append(faults, wrong...)
	}
	return faults
}

func checkWebhookURL(text string, plain bool) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "is needed: https://host/path"
	case len(text) > maxWebhookURL:
		return fmt.Sprintf("longer than %d characters", maxWebhookURL)
	case u.User != nil:
		return "must not hold a user or a password: messages are signed"
	case u.Fragment != "":
		return "must not have a fragment"
	case u.Scheme == "http" && !plain:
		return "must begin with https://; http is for private networks that were allowed"
	case u.Scheme != "https" && u.Scheme != "http":
		return "must begin with https://"
	}
	return ""
}

// ParseWebhookFilter reads a filter as GET /v1/resolutions does, but for
// changed_since: every message is of one revision.
func ParseWebhookFilter(text string) (Filter, Faults) {
	if len(text) > maxWebhookFilter {
		return Filter{}, Faults{{Parameter: "filter", Message: fmt.Sprintf("longer than %d characters", maxWebhookFilter)}}
	}
	q, err := url.ParseQuery(text)
	if err != nil {
		return Filter{}, Faults{{Parameter: "filter", Value: text, Message: "not a query, as vetoed_by=USA&topic=Somalia: " + err.Error()}}
	}
	f, faults := ParseFilter(q)
	for _, name := range sortedKeys(q) {
		switch {
		case name == "changed_since":
			faults = append(faults, Fault{Parameter: "filter", Value: name, Message: "changed_since means nothing here: each message is of one revision"})
		case !slices.Contains(FilterParameters, name):
			faults = append(faults, Fault{Parameter: "filter", Value: name,
				Message: fmt.Sprintf("%q is no filter; there are %s", name, strings.Join(FilterParameters, ", "))})
		}
	}
	return f, faults
}

// ChangedSince is where the list stands of what the webhook wants to know and
// changed after a revision.
func (w Webhook) ChangedSince(publicURL string, revision int64) string {
	q, err := url.ParseQuery(w.Filter)
	if err != nil {
		q = url.Values{} // it was refused before
	}
	q.Set("changed_since", strconv.FormatInt(revision, 10))
	return strings.TrimSuffix(publicURL, "/") + "/v1/resolutions?" + q.Encode()
}

func sortedKeys(q url.Values) []string {
	names := make([]string, 0, len(q))
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// WebhookMessage is one message to a webhook, and what became of it.
type WebhookMessage struct {
	ID          string     `json:"id"` // the webhook-id of every attempt
	Event       string     `json:"event"`
	Revision    int64      `json:"revision"`
	Resolutions int        `json:"resolutions"` // that it tells of
	State       string     `json:"state"`       // MessageWaiting, MessageDelivered or MessageGivenUp
	Attempts    int        `json:"attempts"`
	Status      *int       `json:"status"` // of the last attempt's answer; null where there was none
	Error       string     `json:"error"`  // of the last attempt; empty where it was delivered
	TookMS      *int       `json:"took_ms"`
	Created     time.Time  `json:"created"`
	LastAttempt *time.Time `json:"last_attempt"`
	NextAttempt *time.Time `json:"next_attempt"`

	Number int64  `json:"-"` // its place in the order of all messages
	Body   []byte `json:"-"` // as it is signed and sent; nil once it was delivered or given up
}

// What became of a message.
const (
	MessageWaiting   = "waiting"
	MessageDelivered = "delivered"
	MessageGivenUp   = "given_up"
)

// MessagePage is some of the messages of a webhook, the newest first. Next is the
// number behind which the next page begins, 0 on the last one.
type MessagePage struct {
	Data  []WebhookMessage
	Total int
	Next  int64
}

// WebhookAttempt is what came of sending a message once.
type WebhookAttempt struct {
	Status int    // of the answer; 0 where there was none
	Error  string // why it was not taken; empty where it was
	Gone   bool   // the receiver wants no more messages (410)
	Took   time.Duration
}

// secretPrefix begins a secret of the Standard Webhooks scheme; the rest is base64.
const secretPrefix = "whsec_"

// CheckWebhookSecret tells what is wrong with a secret. The scheme asks for 24 to
// 64 bytes.
func CheckWebhookSecret(secret string) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || !strings.HasPrefix(secret, secretPrefix) || len(key) < 24 || len(key) > 64 {
		return Faults{{Parameter: "secret", Message: "has to be " + secretPrefix + " and 24 to 64 bytes in base64"}}
	}
	return nil
}

// WebhookSecret writes a key as a secret.
func WebhookSecret(key []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key) }
