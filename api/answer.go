package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
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

// answer answers a request from the record: 304 without reading it where the
// client has the answer already, else what ask returns, as JSON.
//
// The revision is read before the answer. Should the record change in between,
// the new answer goes out under the old tag, and is only fetched once more
// than needed; the other way round a client would keep the old one.
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
// the status is sent, so that no answer breaks off behind a 200.
func (s *server) answerAs(c echo.Context, contentType string, ask func(ctx context.Context) ([]byte, error)) error {
	ctx := c.Request().Context()
	st, err := s.recordStamp(ctx, c)
	if err != nil {
		return err
	}
	if st.knownTo(c.Request()) {
		return st.notModified(c)
	}
	body, err := ask(ctx)
	if err != nil {
		return err
	}
	return send(c, st, contentType, body)
}

// recordStamp is the stamp of an answer that hangs on the record as it is now,
// and on the day: citations tell when they were retrieved.
func (s *server) recordStamp(ctx context.Context, c echo.Context) (stamp, error) {
	rev, err := s.reader.Revision(ctx)
	if err != nil {
		return stamp{}, err
	}
	return s.stamp(c, fmt.Sprintf("%d.%d.%s", rev.Number, rev.Committed.UnixNano(), votes.DateOf(s.now())), rev.Committed), nil
}

// sendJSON sends v, which does not hang on the record.
func sendJSON(c echo.Context, st stamp, v any) error {
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	body, err := encode(v)
	if err != nil {
		return err
	}
	return send(c, st, echo.MIMEApplicationJSON, body)
}

// send sends a body that may be cached.
func send(c echo.Context, st stamp, contentType string, body []byte) error {
	if st.knownTo(c.Request()) || st.unmodifiedSince(c.Request()) {
		return st.notModified(c)
	}
	st.mark(c)
	// Said so that HEAD can tell it; compression takes it back.
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(http.StatusOK, contentType, body)
}

// encode writes JSON as people like to read it in a terminal: < > & as they
// are, and a newline at the end.
func encode(v any) ([]byte, error) {
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
}

// stamp makes the stamp of the answer to this very address. The tag is weak:
// it stands for the compressed and the plain body alike. As it carries the
// address, a tag can only match where the address was answered before.
func (s *server) stamp(c echo.Context, state string, modified time.Time) stamp {
	h := fnv.New64a()
	form, _ := representationOf(c)
	fmt.Fprintf(h, "%s\n%s\n%s\n%s", s.version, state, form.suffix, c.Request().URL.RequestURI())
	return stamp{fmt.Sprintf(`W/"%x"`, h.Sum64()), modified.UTC().Truncate(time.Second)}
}

// knownTo tells whether the client named the tag in If-None-Match.
func (st stamp) knownTo(r *http.Request) bool {
	for _, tag := range strings.Split(r.Header.Get(headerIfNoneMatch), ",") {
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == strings.TrimPrefix(st.etag, "W/") {
			return true
		}
	}
	return false
}

// unmodifiedSince applies If-Modified-Since, which counts only where there is
// no If-None-Match (RFC 9110, section 13.1.3).
func (st stamp) unmodifiedSince(r *http.Request) bool {
	since, err := http.ParseTime(r.Header.Get(echo.HeaderIfModifiedSince))
	return err == nil && r.Header.Get(headerIfNoneMatch) == "" && !st.modified.IsZero() && !st.modified.After(since)
}

func (st stamp) notModified(c echo.Context) error {
	st.mark(c)
	return c.NoContent(http.StatusNotModified)
}

func (st stamp) mark(c echo.Context) {
	h := c.Response().Header()
	h.Set(headerETag, st.etag)
	h.Set(echo.HeaderCacheControl, cacheReads)
	if !st.modified.IsZero() {
		h.Set(echo.HeaderLastModified, st.modified.Format(http.TimeFormat))
	}
}
