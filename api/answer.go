package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// Names of headers that Echo has no constant for.
const (
	headerETag        = "ETag"
	headerLink        = "Link"
	headerIfNoneMatch = "If-None-Match"
	headerCSP         = "Content-Security-Policy"
)

// cacheReads lets a cache keep an answer for a minute, and show it for ten
// more while it asks again: the record changes a few times a week.
const cacheReads = "public, max-age=60, stale-while-revalidate=600"

// cacheReadsOnly is the same as a field of a head, which nobody changes.
var cacheReadsOnly = []string{cacheReads}

// answer answers a request from the record: 304 without reading it where the
// client has the answer already, else what ask returns, as JSON.
func (s *server) answer(c echo.Context, ask func(ctx context.Context) (any, error)) error {
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	return s.answerAs(c, echo.MIMEApplicationJSON, func(ctx context.Context) ([]byte, error) {
		v, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		return encode(v)
	})
}

// answerAs is answer for any form, which ask returns as bytes: in full before
// the status is sent, so that no answer breaks off behind a 200. The answer is
// kept, and all of it is of the one revision that its tag stands for.
func (s *server) answerAs(c echo.Context, contentType string, ask func(ctx context.Context) ([]byte, error)) error {
	ctx := c.Request().Context()
	st, err := s.current(ctx)
	if err != nil {
		return err
	}
	known := s.stampOf(c, st)
	if known.knownTo(c.Request()) {
		return known.notModified(c)
	}
	k, how, err := s.answersFor(c).get(ctx, answerKey{st.name, s.addressOf(c)}, func(ctx context.Context) (*keptAnswer, error) {
		now, body, err := s.atOneRevision(ctx, st, ask)
		if err != nil {
			return nil, err
		}
		if now.name != st.name {
			known = s.stampOf(c, now)
		}
		return newKept(s.metrics.of(c.Path()), known, c.Response().Header(), contentType, body), nil
	})
	if err != nil {
		return err
	}
	return k.send(c, how, 0)
}

// answersFor is where the answer to a request is kept: nowhere where it shows a token.
func (s *server) answersFor(c echo.Context) *answers {
	if shown(c.Request()) {
		return new(answers)
	}
	return s.answers
}

// answerStatic answers what hangs on the program and the day, not on the record.
func (s *server) answerStatic(c echo.Context, contentType string, body func() ([]byte, error)) error {
	today := string(votes.DateOf(s.now()))
	k, how, err := s.answersFor(c).get(c.Request().Context(), answerKey{today, s.addressOf(c)}, func(context.Context) (*keptAnswer, error) {
		b, err := body()
		if err != nil {
			return nil, err
		}
		return newKept(s.metrics.of(c.Path()), s.stamp(c, today, time.Time{}), c.Response().Header(), contentType, b), nil
	})
	if err != nil {
		return err
	}
	return k.send(c, how, 0)
}

// stampOf is the stamp of an answer that hangs on the record.
func (s *server) stampOf(c echo.Context, st state) stamp {
	stamp := s.stamp(c, st.name, st.revision.Committed)
	stamp.unsure = st.revision.Shared
	return stamp
}

// encode writes JSON as people like to read it in a terminal: < > & as they
// are, and a newline at the end.
func encode(v any) ([]byte, error) {
	if b, ok := v.(ready); ok {
		return b, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the answer: %w", err)
	}
	return b.Bytes(), nil
}

// stamp tells one state of an answer from another. The zero modified time is
// left unsaid.
type stamp struct {
	etag     string
	modified time.Time
	unsure   bool // an earlier state had the same modified time
}

// stamp makes the stamp of the answer to this very address. The tag is weak:
// it stands for the compressed and the plain body alike. As it carries the
// address, a tag can only match where the address was answered before.
func (s *server) stamp(c echo.Context, state string, modified time.Time) stamp {
	form, _ := representationOf(c)
	return stamp{etag: s.tag(state, form.suffix, s.origin(c), canonicalURI(c.Request().URL)), modified: modified.UTC().Truncate(time.Second)}
}

func (s *server) tag(state, form, origin, address string) string {
	h := fnv.New64a()
	for _, part := range []string{s.version, state, form, origin, address} {
		_, _ = io.WriteString(h, part) // a hash takes everything
		_, _ = h.Write([]byte{0})
	}
	return `W/"` + strconv.FormatUint(h.Sum64(), 16) + `"`
}

// tagAt is the tag of what stands at an address, in its one form, in some state.
func (s *server) tagAt(c echo.Context, state, address string) string {
	return s.tag(state, asJSON.suffix, s.origin(c), address)
}

// knownTo tells whether the client named the tag in If-None-Match: it can only
// have it from an answer.
func (st stamp) knownTo(r *http.Request) bool {
	for _, named := range r.Header[headerIfNoneMatch] {
		for tag := range strings.SplitSeq(named, ",") {
			if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == strings.TrimPrefix(st.etag, "W/") {
				return true
			}
		}
	}
	return false
}

// unwanted tells of an answer that is there, that the client needs no copy of it:
// it has the one of the tag, or says * for any that there is (RFC 9110, section
// 13.1.2), or has one that is new enough.
func (st stamp) unwanted(r *http.Request) bool {
	return st.knownTo(r) || strings.TrimSpace(first(r.Header, headerIfNoneMatch)) == "*" || st.unmodifiedSince(r)
}

// unmodifiedSince applies If-Modified-Since, which tells nothing of two states of
// one second (RFC 9110, section 8.8.2.2), and counts only where there is
// no If-None-Match (RFC 9110, section 13.1.3).
func (st stamp) unmodifiedSince(r *http.Request) bool {
	named := first(r.Header, echo.HeaderIfModifiedSince)
	if named == "" || first(r.Header, headerIfNoneMatch) != "" || st.modified.IsZero() || st.unsure {
		return false
	}
	since, err := http.ParseTime(named)
	return err == nil && !st.modified.After(since)
}

func (st stamp) notModified(c echo.Context) error {
	st.mark(c.Response().Header())
	return c.NoContent(http.StatusNotModified)
}

func (st stamp) mark(h http.Header) {
	h.Set(headerETag, st.etag)
	h[echo.HeaderCacheControl] = cacheReadsOnly
	if !st.modified.IsZero() {
		h.Set(echo.HeaderLastModified, st.modified.Format(http.TimeFormat))
	}
}
