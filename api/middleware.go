package api

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/trace"
)

// middleware is what every request passes through, the outermost first.
func (s *server) middleware(e *echo.Echo, timeout time.Duration, tracer trace.Tracer) {
	if tracer != nil {
		e.Use(s.traceRequests(tracer))
	}
	e.Use(
		s.observe,
		s.nameRequests,
		middleware.RecoverWithConfig(middleware.RecoverConfig{
			DisableStackAll: true, DisableErrorHandler: true,
			LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
				return fmt.Errorf("panic: %w\n%s", err, stack)
			},
		}),
		s.guard,
		openToAll,
		refuseLongAddresses,
		refuseTokensInAddresses,
		s.markLists,
		middleware.RemoveTrailingSlashWithConfig(middleware.TrailingSlashConfig{
			RedirectCode: http.StatusPermanentRedirect,
			// Below this path a slash may belong to a symbol, and the handler
			// knows the address to lead to.
			// Nor is one meant that is written %2F: it is part of a name.
			Skipper: func(c echo.Context) bool {
				return strings.HasPrefix(c.Request().URL.Path, resolutionsPath) || !strings.HasSuffix(c.Request().URL.EscapedPath(), "/")
			},
		}),
		middleware.ContextTimeoutWithConfig(middleware.ContextTimeoutConfig{
			Skipper:      func(c echo.Context) bool { return streams(c) || takesFiles(c) },
			Timeout:      timeout,
			ErrorHandler: func(err error, _ echo.Context) error { return err },
		}),
		s.authenticate,
	)
}

// openToAll lets pages of every site read what is here, since it is the same for
// everybody. Said in every answer, whoever asks, so that caches hold one of it.
// A token is none of theirs: no page of another site may send one.
func openToAll(next echo.HandlerFunc) echo.HandlerFunc {
	preflight := middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins: []string{"*"},
		AllowMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
		MaxAge:       int((24 * time.Hour).Seconds()),
	})(next)
	everybody := []string{"*"}
	exposed := []string{strings.Join([]string{headerETag, headerLink, echo.HeaderLastModified, echo.HeaderXRequestID, echo.HeaderContentDisposition,
		echo.HeaderRetryAfter, headerRateLimit, headerRatePolicy}, ",")}
	return func(c echo.Context) error {
		if forEditors(c.Request().URL.Path) {
			return next(c)
		}
		if r := c.Request(); r.Method == http.MethodOptions {
			if asked := r.Header.Get(echo.HeaderAccessControlRequestHeaders); asked != "" {
				r.Header.Set(echo.HeaderAccessControlRequestHeaders, withoutTokens(asked))
			}
			return preflight(c)
		}
		h := c.Response().Header()
		h[echo.HeaderAccessControlAllowOrigin] = everybody
		h[echo.HeaderAccessControlExposeHeaders] = exposed
		return next(c)
	}
}

// withoutTokens leaves Authorization out of a list of headers.
func withoutTokens(headers string) string {
	list := slices.DeleteFunc(strings.Split(headers, ","), func(h string) bool {
		return strings.EqualFold(strings.TrimSpace(h), echo.HeaderAuthorization)
	})
	return strings.Join(list, ",")
}

// requestNames returns what makes the names of requests: by chance for each
// start of the program, and counted.
func requestNames() func() string {
	start := strings.ToLower(rand.Text()[:12])
	var n atomic.Uint64
	return func() string { return start + "-" + strconv.FormatUint(n.Add(1), 36) }
}

// compressed tells of what gzip makes no smaller.
func compressed(c echo.Context) bool {
	return strings.HasSuffix(c.Path(), ".png") || strings.HasSuffix(c.Path(), ".zip")
}

// maxURI is the length of an address that is read: room for every parameter
// there is, and for no book.
const maxURI = 8 << 10
