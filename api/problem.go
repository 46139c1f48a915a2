package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"scvotes/api/pages"
	"scvotes/votes"
	"scvotes/votes/access"
)

// problem is the body of every answer that is not a success (RFC 9457,
// application/problem+json).
type problem struct {
	Type     string       `json:"type"` // leads to its description in the OpenAPI document
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance"` // the path that was asked for
	Errors   votes.Faults `json:"errors"`   // every fault of the request, where it has any

	Suggestions []string `json:"suggestions,omitempty"` // ids like one that is not in the record

	Report *votes.ImportReport `json:"report,omitempty"` // of a file that was refused
}

var (
	errURITooLong = fmt.Errorf("the address is longer than %d characters", maxURI)
	errMediaType  = errors.New("a body of another kind is expected")
)

var errTooMany = errors.New("more requests than are answered to one client; Retry-After tells when to come again")

// errManyParameters is a query that asks for more than there is to ask.
var errManyParameters = votes.Faults{{Parameter: "query", Message: fmt.Sprintf("has more than %d parameters", maxParameters)}}

// errNotReady is returned by readyz when the record cannot be read.
var errNotReady = errors.New("the record cannot be read")

// problems maps errors to answers, the first match wins. An empty detail shows
// the error's own words: only for errors made to be read by the caller.
var problems = []struct {
	err           error
	status        int
	kind          string // a component under responses of the OpenAPI document
	title, detail string
}{
	{errRefusedFile, http.StatusUnprocessableEntity, "RefusedFile", "The file is refused", ""},
	{votes.ErrNotFound, http.StatusNotFound, "NotFound", "Not found", ""},
	{votes.ErrInvalid, http.StatusBadRequest, "Invalid", "The request has faults", ""},
	{errUnauthorized, http.StatusUnauthorized, "Unauthorized", "Not let in", ""},
	{errForged, http.StatusForbidden, "Forbidden", "Not allowed", ""},
	{errForbidden, http.StatusForbidden, "Forbidden", "Not allowed", ""},
	{errMovedOn, http.StatusPreconditionFailed, "PreconditionFailed", "Moved on", ""},
	{errPreconditionNeeded, http.StatusPreconditionRequired, "PreconditionRequired", "If-Match is needed", ""},
	{access.ErrUnderWay, http.StatusConflict, "UnderWay", "Under way", ""},
	{access.ErrKeyUsed, http.StatusUnprocessableEntity, "KeyUsed", "Another request", ""},
	{echo.ErrNotFound, http.StatusNotFound, "NotFound", "Not found", "there is nothing at this address; /openapi.yaml lists what there is"},
	{errNotAcceptable, http.StatusNotAcceptable, "NotAcceptable", "Not acceptable", ""},
	{echo.ErrStatusRequestEntityTooLarge, http.StatusRequestEntityTooLarge, "TooLarge", "Too large", ""},
	{errTooLargeFile, http.StatusRequestEntityTooLarge, "TooLarge", "Too large", errTooLargeFile.Error()},
	{errNoFile, http.StatusUnsupportedMediaType, "UnsupportedMediaType", "Unsupported media type", errNoFile.Error()},
	{errURITooLong, http.StatusRequestURITooLong, "URITooLong", "Address too long", errURITooLong.Error()},
	{errMediaType, http.StatusUnsupportedMediaType, "UnsupportedMediaType", "Unsupported media type", ""},
	{echo.ErrMethodNotAllowed, http.StatusMethodNotAllowed, "MethodNotAllowed", "Method not allowed", "Allow names the methods that this address answers"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "Unavailable", "Not now", "the answer took too long; ask again, or for less"},
	{context.Canceled, http.StatusServiceUnavailable, "Unavailable", "Not now", "the request was given up before it was answered"},
	{votes.ErrNoRoom, http.StatusServiceUnavailable, "Unavailable", "Not now", "the database's disk is full; nothing was kept"},
	{votes.ErrUnsure, http.StatusServiceUnavailable, "Unavailable", "Not now", "the database went away while the change was being kept: it was kept whole or not at all; look before you repeat it"},
	{votes.ErrUnavailable, http.StatusServiceUnavailable, "Unavailable", "Not now", "the database is away; ask again in a moment"},
	{errNoTurn, http.StatusServiceUnavailable, "Unavailable", "Not now", ""},
	{errTooMany, http.StatusTooManyRequests, "TooManyRequests", "Too many requests", ""},
	{errNotReady, http.StatusServiceUnavailable, "Unavailable", "Not now", errNotReady.Error()},
}

// problemOf finds the answer to an error. What the table does not know is a
// 500 that keeps its cause to itself: known is then false, and it is for the
// log to tell.
func problemOf(err error) (p problem, known bool) {
	p = problem{Type: problemType("Internal"), Title: "Internal error", Status: http.StatusInternalServerError,
		Detail: "the fault is on this side and has been logged under the X-Request-Id of this answer", Errors: votes.Faults{}}
	for _, row := range problems {
		if !errors.Is(err, row.err) {
			continue
		}
		p.Type, p.Title, p.Status, p.Detail = problemType(row.kind), row.title, row.status, row.detail
		if p.Detail == "" {
			p.Detail = err.Error()
		}
		errors.As(err, &p.Errors)
		if n := (notFound{}); errors.As(err, &n) {
			p.Suggestions = n.suggestions
		}
		if f := (refusedFile{}); errors.As(err, &f) {
			p.Report = &f.report
		}
		if n := (pages.MissingError{}); errors.As(err, &n) {
			p.Suggestions = n.Suggestions
		}
		return p, true
	}
	return p, false
}

// redact takes every token out that somebody put where it does not belong.
func (p *problem) redact() {
	p.Detail, p.Instance = access.Redact(p.Detail), access.Redact(p.Instance)
	for i, f := range p.Errors {
		p.Errors[i] = votes.Fault{Parameter: access.Redact(f.Parameter), Value: access.Redact(f.Value), Message: access.Redact(f.Message)}
	}
}

func problemType(kind string) string { return "/openapi.json#/components/responses/" + kind }

// fail is Echo's error handler: every error of every handler ends here.
func (s *server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if to := (moved{}); errors.As(err, &to) {
		if to.status == http.StatusPermanentRedirect {
			c.Response().Header().Set(echo.HeaderCacheControl, cacheReads)
		}
		err = c.Redirect(to.status, to.address)
	} else {
		err = s.sendProblem(c, err)
	}
	if err != nil {
		s.log.ErrorContext(c.Request().Context(), "an answer could not be sent", "error", err)
	}
}

func (s *server) sendProblem(c echo.Context, cause error) error {
	p, known := problemOf(cause)
	p.Instance = c.Request().URL.Path
	p.redact()
	h := c.Response().Header()
	switch {
	case wantOfDatabase(cause):
		s.refusals.tell(c.Request().Context(), p.Detail, cause, p.Instance)
	case !known || errors.Is(cause, votes.ErrUnsure):
		s.log.ErrorContext(c.Request().Context(), "request failed", "error", cause, "path", p.Instance)
	}
	h.Set(echo.HeaderCacheControl, "no-store")
	if how := (challenge{}); errors.As(cause, &how) {
		h.Set(echo.HeaderWWWAuthenticate, how.header())
	}
	switch p.Status {
	case http.StatusServiceUnavailable:
		h.Set(echo.HeaderRetryAfter, "5")
	case http.StatusConflict:
		h.Set(echo.HeaderRetryAfter, "1")
	}
	if forPeople(p.Instance) {
		body, err := s.pages.Fault(c, p.Status, p.Title, p.Detail, p.Errors, p.Suggestions)
		if err == nil {
			return c.Blob(p.Status, echo.MIMETextHTMLCharsetUTF8, body)
		}
		s.log.ErrorContext(c.Request().Context(), "the page about a fault could not be made", "error", err)
	}
	body, err := encode(p)
	if err != nil {
		return err
	}
	return c.Blob(p.Status, "application/problem+json", body)
}

// moved is returned by a handler when another address is the right one.
type moved struct {
	address string
	status  int
}

func (m moved) Error() string { return "moved to " + m.address }

// movedTo leads to another path and keeps the query.
func movedTo(c echo.Context, path string) error {
	if q := c.Request().URL.RawQuery; q != "" {
		path += "?" + q
	}
	return moved{path, http.StatusPermanentRedirect}
}

// notFound is an error that wraps votes.ErrNotFound and reads as its message.
type notFound struct {
	message     string
	suggestions []string
}

func notFoundf(format string, args ...any) error {
	return notFound{message: fmt.Sprintf(format, args...)}
}

func (n notFound) Error() string { return n.message }

func (n notFound) Unwrap() error { return votes.ErrNotFound }
