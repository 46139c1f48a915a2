package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/access"
)

// Changes is the record in the middle of a change: what is read of it stands
// until the change is kept or taken back.
type Changes interface {
	Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error)
	// RevisionsFrom returns the revisions from a number on, the newest first.
	RevisionsFrom(ctx context.Context, number int64, limit int) ([]votes.Revision, error)
	MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error)
	// Edit makes edits, at most once in a change.
	Edit(ctx context.Context, edits []votes.Edit) (votes.Edited, error)
	// TakeBack has nothing stay of what was changed.
	TakeBack(ctx context.Context) error
}

const (
	headerIfMatch     = "If-Match"
	headerIdempotency = "Idempotency-Key"
	headerReplayed    = "Idempotency-Replayed"

	maxKey       = 128
	maxEditsBody = 1 << 20 // of a file of edits
)

var (
	errPreconditionNeeded = errors.New(`this needs If-Match: the "revision" of what is to be changed, as it was read, or its ETag`)
	errMovedOn            = errors.New("the record has moved on since it was read: look at it again, then decide")
)

// body is the body of a request that changes something, read as a whole.
type body struct {
	kind string // of its content, without parameters
	data []byte
}

// changing is a request that changes something, and do what it changes. It is
// done once for each Idempotency-Key, and told in the audit log.
type changing struct {
	scope access.Scope
	kinds []string // of bodies
	most  int64    // bytes of the body
	do    func(c echo.Context, b body) (func(context.Context, Changes) (access.Reply, error), error)
}

// change returns the handler of what changes something.
func (s *server) change(ch changing) echo.HandlerFunc {
	return s.allow(ch.scope, func(c echo.Context) error {
		reply, err := s.changed(c, ch)
		if err != nil {
			return s.refuse(c, err)
		}
		return answerReply(c, reply)
	})
}

// answerReply answers with what is of this call and of nobody else.
func answerReply(c echo.Context, reply access.Reply) error {
	h := c.Response().Header()
	for name, value := range reply.Header {
		h.Set(name, value)
	}
	if reply.Again {
		h.Set(headerReplayed, "true")
	}
	h.Set(echo.HeaderCacheControl, "private, no-store")
	return c.Blob(reply.Status, echo.MIMEApplicationJSON, reply.Body)
}

func (s *server) changed(c echo.Context, ch changing) (access.Reply, error) {
	b, err := readBody(c, ch.kinds, ch.most)
	if err != nil {
		return access.Reply{}, err
	}
	call, err := s.keyedCall(c, func(h hash.Hash) { _, _ = h.Write(b.data) })
	if err != nil {
		return access.Reply{}, err
	}
	do, err := ch.do(c, b)
	if err != nil {
		return access.Reply{}, err
	}
	return s.writer.Change(c.Request().Context(), call, do)
}

// keyedCall is callOf with the Idempotency-Key and what it stands for: the
// request as a whole, of which sum adds the body.
func (s *server) keyedCall(c echo.Context, sum func(hash.Hash)) (access.Call, error) {
	call, err := s.callWithKey(c)
	if err != nil || call.Key == "" {
		return call, err
	}
	h, r := sha256.New(), c.Request()
	for _, part := range []string{r.Method, canonicalURI(r.URL), r.Header.Get(echo.HeaderContentType), r.Header.Get(headerIfMatch)} {
		_, _ = io.WriteString(h, part+"\x00") // a hash takes everything
	}
	sum(h)
	call.Fingerprint = [sha256.Size]byte(h.Sum(nil))
	return call, nil
}

// callWithKey is callOf with the Idempotency-Key, empty where there is none.
func (s *server) callWithKey(c echo.Context) (access.Call, error) {
	call, keys := s.callOf(c), c.Request().Header[headerIdempotency]
	if len(keys) == 0 {
		return call, nil
	}
	key, ok := parseKey(keys[0])
	if !ok || len(keys) > 1 {
		return call, votes.Faults{{Parameter: headerIdempotency, Value: strings.Join(keys, ", "),
			Message: fmt.Sprintf("one key of up to %d letters, digits and signs, in quotes", maxKey)}}
	}
	call.Key = key
	return call, nil
}

// parseKey reads an Idempotency-Key: a string as RFC 8941 writes it, or, as many
// clients do, without its quotes.
func parseKey(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, `"`); ok {
		if text, ok = strings.CutSuffix(inner, `"`); !ok {
			return "", false
		}
	}
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }
	return text, text != "" && len(text) <= maxKey && !strings.ContainsFunc(text, odd)
}

// readBody reads a body of one of some kinds.
func readBody(c echo.Context, kinds []string, most int64) (body, error) {
	kind, err := mediaType(c, kinds)
	if err != nil {
		return body{}, err
	}
	data, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return body{}, tooLargeError{most}
	case err != nil:
		return body{}, votes.Faults{{Parameter: "body", Message: "it broke off before its end"}}
	}
	return body{kind, data}, nil
}

// json reads the body as one JSON object of known fields.
func (b body) json(into any) error { return decodeJSON(bytes.NewReader(b.data), into) }

// tooLargeError is a body that is larger than is read.
type tooLargeError struct{ most int64 }

func (e tooLargeError) Error() string {
	return fmt.Sprintf("the body is larger than %d KiB", e.most>>10)
}

func (e tooLargeError) Unwrap() error { return echo.ErrStatusRequestEntityTooLarge }

// precondition is what If-Match asks for: that a resolution, or the record, is
// still as it was read.
type precondition struct{ tags []string }

// readPrecondition reads If-Match; what is only tried needs none.
func readPrecondition(c echo.Context, try bool) (precondition, error) {
	named := strings.TrimSpace(strings.Join(c.Request().Header[headerIfMatch], ","))
	if named == "" {
		if try {
			return precondition{[]string{"*"}}, nil
		}
		return precondition{}, errPreconditionNeeded
	}
	var p precondition
	for tag := range strings.SplitSeq(named, ",") {
		p.tags = append(p.tags, strings.TrimSpace(tag))
	}
	return p, nil
}

func (p precondition) names(tag string) bool {
	for _, t := range p.tags {
		if t == tag || t == "*" {
			return true
		}
	}
	return false
}

func (p precondition) namesRevision(n int64) bool {
	return p.names(`"` + strconv.FormatInt(n, 10) + `"`)
}

// mostRevisions is how many revisions ago an ETag may be from.
const mostRevisions = 500

// holds tells whether a resolution is as it was read: its revision is named, or
// the ETag of its answer at any revision of the record since.
func (p precondition) holds(ctx context.Context, s *server, c echo.Context, ch Changes, r *votes.Resolution) error {
	if p.namesRevision(r.Revision) {
		return nil
	}
	since, err := ch.RevisionsFrom(ctx, r.Revision, mostRevisions)
	if err != nil {
		return err
	}
	for _, rev := range since {
		if p.names(s.tagAt(c, s.stateName(rev), resolutionsPath+r.ID)) {
			return nil
		}
	}
	return errMovedOn
}

// standsAt tells whether the whole record is at the revision that was read.
func (p precondition) standsAt(ctx context.Context, ch Changes) error {
	newest, err := ch.RevisionsFrom(ctx, 0, 1)
	if err != nil {
		return err
	}
	var number int64
	if len(newest) > 0 {
		number = newest[0].Number
	}
	if !p.namesRevision(number) {
		return errMovedOn
	}
	return nil
}
