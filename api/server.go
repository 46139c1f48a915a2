// Package api answers the voting record over HTTP: a read-only REST API under
// /v1, its OpenAPI document, a first page and the two health checks.
//
// Handlers parse, ask and shape. What they ask is the Reader below; what they
// answer is described in openapi.yaml, and the tests hold one to the other.
package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"scvotes/votes"
)

// Reader is the record as the API reads it. Its errors wrap votes.ErrNotFound
// or votes.ErrInvalid where the caller is to be told; any other error is
// answered with a 500 that does not show it.
type Reader interface {
	// Resolution returns one resolution with its votes, statements and sources.
	// The id is in canonical form; the id of a draft that was adopted may be
	// answered with the resolution it became.
	Resolution(ctx context.Context, id string) (*votes.Resolution, error)
	// Resolutions returns a page of what the filter chooses, newest first,
	// each without its Detail.
	Resolutions(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error)
	// Accounts returns what every source says of a resolution, History every
	// revision of it, the newest first, also of one that the record no longer
	// holds. Both know it by its own id alone.
	Accounts(ctx context.Context, id string) (*votes.Accounts, error)
	History(ctx context.Context, id string) (*votes.History, error)
	// Discrepancies returns a page of what the filter chooses, newest vote first.
	Discrepancies(ctx context.Context, f votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error)
	// Members returns the states that sat on the Council and the revision read.
	// With seat the holders of a permanent seat are counted as one member.
	Members(ctx context.Context, seat bool) ([]votes.Member, int64, error)
	Member(ctx context.Context, code votes.Code, seat bool) (*votes.Member, int64, error)
	// Vetoes counts the vetoes among what the filter chooses; groupBy is
	// member, year, decade, topic, or empty for no groups.
	Vetoes(ctx context.Context, f votes.Filter, groupBy string) (votes.VetoRecord, error)
	// Revision returns the revision of the whole record.
	Revision(ctx context.Context) (votes.Revision, error)
	Ping(ctx context.Context) error
}

// Options of the server; the zero value is of use.
type Options struct {
	Version string           // of the program, shown to people and part of every ETag
	Logger  *slog.Logger     // nil logs nothing
	Timeout time.Duration    // for one request; 0 is DefaultTimeout
	Now     func() time.Time // the clock; nil is time.Now
}

// DefaultTimeout is how long one request may take before it is answered 503.
const DefaultTimeout = 5 * time.Second

// New returns the handler of the whole server.
func New(r Reader, opt Options) http.Handler { return newEcho(r, opt) }

func newEcho(r Reader, opt Options) *echo.Echo {
	s := &server{reader: r, version: opt.Version, log: opt.Logger, now: opt.Now}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if opt.Timeout == 0 {
		opt.Timeout = DefaultTimeout
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	// X-Forwarded-For is anybody's word: only the peer's own address counts.
	e.IPExtractor = echo.ExtractIPDirect()
	s.middleware(e, opt.Timeout)
	s.routes(e)
	return e
}

type server struct {
	reader  Reader
	version string
	log     *slog.Logger
	now     func() time.Time
}

// routes is the table of contents of the server.
func (s *server) routes(e *echo.Echo) {
	get := func(path string, h echo.HandlerFunc) {
		e.GET(path, h)
		e.HEAD(path, h)
	}
	get("/v1/resolutions", s.resolutions)
	get("/v1/resolutions/:id", s.resolution)
	get("/v1/resolutions/:id/votes", s.rollCall)
	get("/v1/resolutions/:id/accounts", s.accounts)
	get("/v1/resolutions/:id/history", s.history)
	get("/v1/resolutions/*", s.symbol) // a symbol with its own slashes: S/2024/835
	get("/v1/discrepancies", s.discrepancies)
	get("/v1/members", s.members)
	get("/v1/members/:code", s.member)
	get("/v1/council", s.council)
	get("/v1/vetoes", s.vetoes)

	get("/", s.home)
	get("/openapi.yaml", s.openAPIYAML)
	get("/openapi.json", s.openAPIJSON)
	get("/healthz", s.healthz)
	get("/readyz", s.readyz)
}

// middleware is what every request passes through, the outermost first.
func (s *server) middleware(e *echo.Echo, timeout time.Duration) {
	e.Use(
		s.logRequests(),
		middleware.RequestID(),
		middleware.RecoverWithConfig(middleware.RecoverConfig{
			DisableStackAll: true, DisableErrorHandler: true,
			LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
				return fmt.Errorf("panic: %w\n%s", err, stack)
			},
		}),
		middleware.SecureWithConfig(middleware.SecureConfig{ContentTypeNosniff: "nosniff"}),
		middleware.CORSWithConfig(middleware.CORSConfig{
			AllowOrigins:  []string{"*"},
			AllowMethods:  []string{http.MethodGet, http.MethodHead},
			ExposeHeaders: []string{headerETag, headerLink, echo.HeaderLastModified, echo.HeaderXRequestID},
			MaxAge:        int((24 * time.Hour).Seconds()),
		}),
		middleware.RemoveTrailingSlashWithConfig(middleware.TrailingSlashConfig{
			RedirectCode: http.StatusPermanentRedirect,
			// Below this path a slash may belong to a symbol, and the handler
			// knows the address to lead to.
			Skipper: func(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, resolutionsPath) },
		}),
		middleware.ContextTimeoutWithConfig(middleware.ContextTimeoutConfig{
			Timeout:      timeout,
			ErrorHandler: func(err error, _ echo.Context) error { return err },
		}),
		middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024}),
	)
}

// logRequests logs each request once it was answered, but for the liveness
// check, which would drown the others.
func (s *server) logRequests() echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		Skipper:   func(c echo.Context) bool { return c.Path() == "/healthz" },
		LogMethod: true, LogURI: true, LogStatus: true, LogLatency: true, LogRequestID: true,
		HandleError: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			s.log.InfoContext(c.Request().Context(), "request", "method", v.Method, "uri", v.URI,
				"status", v.Status, "took", v.Latency, "request_id", v.RequestID)
			return nil
		},
	})
}
