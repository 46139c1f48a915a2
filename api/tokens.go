package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/access"
)

// Writer is what may be changed through the API, and by whom. Its errors are as
// those of a Reader, or wrap access.ErrDenied.
type Writer interface {
	// Authenticate returns the token that a credential is of.
	Authenticate(ctx context.Context, c access.Credential) (access.Token, error)
	// SignIn begins a session at the editors' pages, Session returns the token with
	// which one began, and SignOut ends it.
	SignIn(ctx context.Context, call access.Call, c access.Credential, session string) (access.Token, error)
	Session(ctx context.Context, session string) (access.Token, error)
	SignOut(ctx context.Context, session string) error
	// Note tells the audit log of a call that changed nothing; Audit returns some
	// of the log, the newest first, from before a number on. 0 is the beginning.
	Note(ctx context.Context, e access.Entry) error
	Audit(ctx context.Context, limit int, before int64) (access.Log, error)
	// Change does what a call asks for, in one transaction with its entry in the
	// audit log, and with the reply where the call has an Idempotency-Key: the same
	// call is then answered with it again.
	Change(ctx context.Context, call access.Call, do func(context.Context, Changes) (access.Reply, error)) (access.Reply, error)
}

// tokenKey is the key of a context under which its token stands.
const tokenKey = "scvotes.token"

// authenticate lets a request with a token be answered as one, whatever it asks
// for, or not at all. What it is answered is for nobody else: no cache keeps it,
// neither here nor on the way.
func (s *server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		text, err := bearer(c.Request())
		if err != nil || text == "" {
			if shown(c.Request()) {
				err = cmp.Or(s.countOne(c, client{ip: s.address(c)}), err)
			}
			return or(err, next, c)
		}
		c.Response().Before(func() { c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store") })
		if err := s.authenticated(c, func() (string, error) {
			token, err := s.tokenOf(c.Request().Context(), text)
			c.Set(tokenKey, token)
			return token.ID, err
		}); err != nil {
			return err
		}
		return next(c)
	}
}

func or(err error, next echo.HandlerFunc, c echo.Context) error {
	if err != nil {
		return err
	}
	return next(c)
}

// tokenOf returns the token that a text is, or a challenge.
func (s *server) tokenOf(ctx context.Context, text string) (access.Token, error) {
	if s.writer == nil {
		return access.Token{}, invalidToken("this server only reads, and knows no tokens")
	}
	credential, err := access.Parse(text)
	if err == nil {
		var token access.Token
		if token, err = s.writer.Authenticate(ctx, credential); err == nil {
			return token, nil
		}
	}
	if errors.Is(err, access.ErrDenied) {
		return access.Token{}, invalidToken(err.Error())
	}
	return access.Token{}, err
}

// bearer returns what a request shows as its token (RFC 6750), empty where it
// shows none. Credentials of another kind may be meant for a proxy on the way.
func bearer(r *http.Request) (string, error) {
	shown := r.Header[echo.HeaderAuthorization]
	if len(shown) == 0 {
		return "", nil
	}
	if len(shown) > 1 {
		return "", errTwoTokens
	}
	scheme, text, _ := strings.Cut(strings.TrimSpace(shown[0]), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", nil
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", invalidToken("the token is missing behind Bearer")
	case strings.Contains(text, ","):
		return "", errTwoTokens
	}
	return text, nil
}

// shown tells whether a request shows anything that may be a token.
func shown(r *http.Request) bool { return len(r.Header[echo.HeaderAuthorization]) > 0 }

// allow lets those requests through whose token has the scope.
func (s *server) allow(scope access.Scope, h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, ok := c.Get(tokenKey).(access.Token)
		switch {
		case !ok:
			return challenge{errUnauthorized, "", "", "this needs a token: Authorization: Bearer scv_..."}
		case !token.May(scope):
			return s.refuse(c, challenge{errForbidden, "insufficient_scope", scope, fmt.Sprintf("this needs a token with the scope %s", scope)})
		}
		return h(c)
	}
}

// callOf is the request as the audit log tells it: who asks for what, and from where.
func (s *server) callOf(c echo.Context) access.Call {
	token, _ := c.Get(tokenKey).(access.Token)
	return access.Call{
		Caller: access.Caller{Token: token.ID, Who: token.Name, Client: c.RealIP(), Request: c.Response().Header().Get(echo.HeaderXRequestID)},
		Method: c.Request().Method,
		Route:  pathParameter.ReplaceAllString(c.Path(), "{$1}"),
		Target: targetOf(c),
	}
}

// targetKey is where a request has the name of the file that it brings.
const targetKey = "target"

// targetOf is what the parameters of the path name, or the file that came.
func targetOf(c echo.Context) string {
	if file, ok := c.Get(targetKey).(string); ok {
		return file
	}
	var list []string
	for _, name := range c.ParamNames() {
		list = append(list, strings.ToValidUTF8(strings.ReplaceAll(pathValue(c, name), "\x00", ""), ""))
	}
	return strings.Join(list, " ")
}

// refuse tells the audit log of a call that came to nothing, and returns why. What
// only reads is not told.
func (s *server) refuse(c echo.Context, why error) error {
	if m := c.Request().Method; m == http.MethodGet || m == http.MethodHead {
		return why
	}
	p, known := problemOf(why)
	e := access.Entry{Call: s.callOf(c), Outcome: access.Refused, Status: p.Status}
	if !known || p.Status >= http.StatusInternalServerError {
		e.Outcome = access.Failed
	}
	// Also where the client has gone by now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), DefaultTimeout)
	defer cancel()
	if err := s.writer.Note(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "the audit log could not be told", "error", err, "token", e.Token, "route", e.Route, "status", e.Status)
	}
	return why
}

var (
	errUnauthorized = errors.New("a token is needed")
	errForbidden    = errors.New("the token does not allow it")
	errTwoTokens    = challenge{votes.ErrInvalid, "invalid_request", "", "more than one token: a request shows one"}
)

// challenge is an error that tells how to be let in (RFC 6750, section 3).
type challenge struct {
	kind   error
	code   string // of the fault; empty where nothing was shown
	scope  access.Scope
	detail string
}

func invalidToken(why string) error { return challenge{errUnauthorized, "invalid_token", "", why} }

func (e challenge) Error() string { return e.detail }

func (e challenge) Unwrap() error { return e.kind }

// header is the value of WWW-Authenticate.
func (e challenge) header() string {
	text := `Bearer realm="scvotes"`
	if e.code != "" {
		text += fmt.Sprintf(`, error="%s", error_description="%s"`, e.code, e.detail)
	}
	if e.scope != "" {
		text += fmt.Sprintf(`, scope="%s"`, e.scope)
	}
	return text
}

// auditAnswer is the answer of GET /v1/audit.
type auditAnswer struct {
	Data  []access.Entry `json:"data"`
	Total int            `json:"total"`
	Next  *string        `json:"next"`
}

// audit answers GET /v1/audit: who changed what, when and from where.
func (s *server) audit(c echo.Context) error {
	q := readQuery(c, pageParameters...)
	limit, before := q.limit(), q.place(auditList)
	if err := q.err(); err != nil {
		return err
	}
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	log, err := s.writer.Audit(c.Request().Context(), limit, before)
	if err != nil {
		return err
	}
	next, err := q.nextPlace(c, auditList, log.Next)
	if err != nil {
		return err
	}
	body, err := encode(auditAnswer{orEmpty(log.Data), log.Total, next})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, body)
}
