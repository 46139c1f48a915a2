// Package api answers the voting record over HTTP: a REST API under /v1, which
// anybody may read and those may write to who hold a token, its OpenAPI document,
// the pages for people and the two health checks.
//
// Handlers parse, ask and shape. What they ask is the Reader below, and a Writer; what they
// answer is described in openapi.yaml, and the tests hold one to the other.
package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/trace"

	"scvotes/api/pages"
	"scvotes/votes"
	"scvotes/votes/access"
)

// Reader is the record as the API reads it. Its errors wrap votes.ErrNotFound
// or votes.ErrInvalid where the caller is to be told; any other error is
// answered with a 500 that does not show it.
type Reader interface {
	// Resolution returns one resolution with its votes, statements and sources,
	// and, as all of these do, the revision of the whole record it was read at.
	// The id is in canonical form; the id of a draft that was adopted may be
	// answered with the resolution it became.
	Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error)
	// Item is Resolution as it is answered, Items a page of Resolutions, each as
	// it stands in a list: JSON that is ready to be sent. The Detail that a page
	// asks for means nothing here.
	Item(ctx context.Context, id string) (votes.Item, error)
	Items(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.ItemPage, error)
	// Near returns ids of the record that are like one it does not hold.
	Near(ctx context.Context, id string) ([]string, error)
	// Resolutions returns a page of what the filter chooses.
	Resolutions(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error)
	// Each gives all that the filter chooses, each with its Detail, to yield, in
	// the order asked for and from one moment of the record.
	Each(ctx context.Context, f votes.Filter, sort votes.Sort, yield func(*votes.Resolution) error) (int64, error)
	// Events gives all that the filter chooses as the figures need it, oldest
	// first, and returns the revision read. Sponsors come where they are asked for.
	Events(ctx context.Context, f votes.Filter, sponsors bool, yield func(votes.Event) error) (int64, error)
	// Accounts returns what every source says of a resolution, History every
	// revision of it, the newest first, also of one that the record no longer
	// holds. Both know it by its own id alone.
	Accounts(ctx context.Context, id string) (*votes.Accounts, error)
	History(ctx context.Context, id string) (*votes.History, error)
	// EachAccount gives every account of the record, by resolution.
	EachAccount(ctx context.Context, yield func(votes.FoundAccount) error) (int64, error)
	// Discrepancies returns a page of what the filter chooses, newest vote first;
	// EachDiscrepancy gives all of it.
	Discrepancies(ctx context.Context, f votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error)
	EachDiscrepancy(ctx context.Context, f votes.DiscrepancyFilter, yield func(votes.FoundDiscrepancy) error) (int64, error)
	// Vetoes counts the vetoes among what the filter chooses; groupBy is
	// member, year, decade, topic, or empty for no groups.
	Vetoes(ctx context.Context, f votes.Filter, groupBy string) (votes.VetoRecord, error)
	// Imports returns the files that were taken in, the newest first, from before
	// an id on; Imported one of them, with what was wrong with it from behind a
	// problem on. 0 is the beginning.
	Imports(ctx context.Context, limit int, before int64) (votes.ImportPage, error)
	Imported(ctx context.Context, id int64, limit int, after int64) (votes.ImportDetail, error)
	// Edits returns the decisions of editors, the newest first, from before a number
	// on, 0 being the beginning; MadeEdit one of them, with the revision read.
	Edits(ctx context.Context, f votes.EditFilter, limit int, before int64) (votes.EditPage, error)
	MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error)
	// At lets read read several times from one moment of the record.
	At(ctx context.Context, read func(Reader) error) error
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

	// Writer lets those change the record who hold a token; nil lets nobody.
	Writer Writer

	// Importer takes files in; nil takes none. MaxUpload is the size of the largest,
	// in bytes; 0 is DefaultMaxUpload.
	Importer  Importer
	MaxUpload int64
	// Hooks is who is told of changes; nil where nobody may write.
	Hooks Hooks

	// PublicURL is where the world finds the server, as https://votes.example.org,
	// for the links that leave with feeds and citations; empty is where each
	// request found it.
	PublicURL string

	// News tells of the record's revision; nil where nobody follows it, and every
	// request reads it.
	News *News
	// CacheBytes bounds the memory for answers that are kept; 0 is
	// DefaultCacheBytes, less keeps none.
	CacheBytes int
	// Stale is how long kept answers are given while the database is away; 0 is
	// DefaultStale, less gives none.
	Stale time.Duration

	// Metrics counts what the server does; nil makes some of its own. One server
	// may have them.
	Metrics *Metrics
	// MetricsApart has them served elsewhere, and here nobody answered; else
	// /metrics answers clients of this machine.
	MetricsApart bool
	// Tracer makes a span of each request; nil makes none.
	Tracer trace.Tracer

	Limits Limits
}

// DefaultTimeout is how long one request may take before it is answered 503.
const DefaultTimeout = 5 * time.Second

// New returns the handler of the whole server.
func New(r Reader, opt Options) http.Handler { return newServer(r, opt).echo(opt) }

func newServer(r Reader, opt Options) *server {
	s := &server{record: r, reader: watched{r}, writer: opt.Writer, importer: opt.Importer, hooks: opt.Hooks, maxUpload: cmp.Or(opt.MaxUpload, DefaultMaxUpload), version: opt.Version, log: opt.Logger, now: opt.Now, lists: make(map[string]bool),
		publicURL: strings.TrimSuffix(opt.PublicURL, "/"), news: opt.News, stale: cmp.Or(opt.Stale, DefaultStale),
		metrics: opt.Metrics, metricsApart: opt.MetricsApart, nameRequest: requestNames(),
		streams: newStreamsAtOnce(maxStreams), clients: newClients(opt.Limits)}
	if s.metrics == nil {
		s.metrics = NewMetrics(opt.Version)
	}
	s.answers = newAnswers(cmp.Or(opt.CacheBytes, DefaultCacheBytes), s.metrics)
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.log = slog.New(quiet{LogRequests(s.log.Handler())})
	s.debug = s.log.Enabled(context.Background(), slog.LevelDebug)
	s.refusals = newRefusals(s.log)
	if s.now == nil {
		s.now = time.Now
	}
	if s.news == nil {
		s.news = new(News)
	}
	s.squeeze = middleware.GzipWithConfig(middleware.GzipConfig{MinLength: zipFrom, Skipper: compressed})
	return s
}

func (s *server) echo(opt Options) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = realIP(opt.Limits.Proxies)
	if s.clients != nil {
		s.clients.refuse = openToAll(s.guard(func(echo.Context) error { return errTooMany }))
	}
	e.Pre(s.limitClients, s.fromMemory)
	s.middleware(e, cmp.Or(opt.Timeout, DefaultTimeout), opt.Tracer)
	s.routes(e)
	s.metrics.watchRoutes(e.Routes())
	return e
}

type server struct {
	record    Reader   // as it is
	reader    watched  // the same, as the handlers read it
	writer    Writer   // nil where nobody may write
	importer  Importer // nil where nobody may write
	hooks     Hooks
	maxUpload int64
	version   string
	log       *slog.Logger
	debug     bool // log takes what is told for debugging
	now       func() time.Time
	lists     map[string]bool // the routes that are answered in several forms

	publicURL string
	pages     *pages.Site

	news      *News
	stale     time.Duration
	lastState atomic.Pointer[state]
	looks     looks
	answers   *answers
	streams   *streamsAtOnce

	metrics      *Metrics
	metricsApart bool
	refusals     *refusals

	clients *clients // nil where their requests are not counted

	nameRequest func() string
	squeeze     echo.MiddlewareFunc // compresses what is written while it is read
}

// routes is the table of contents of the server.
func (s *server) routes(e *echo.Echo) {
	get := func(path string, h echo.HandlerFunc) {
		e.GET(path, h)
		e.HEAD(path, h)
	}
	// A list is answered as JSON, as CSV and as a line of JSON for each row.
	lists := func(path string, h echo.HandlerFunc) {
		for _, form := range []representation{asJSON, asCSV, asNDJSON} {
			s.lists[path+form.suffix] = true
			get(path+form.suffix, h)
		}
	}
	lists("/v1/resolutions", s.resolutions)
	get("/v1/resolutions/:id", s.resolution)
	lists("/v1/resolutions/:id/votes", s.rollCall)
	get("/v1/resolutions/:id/accounts", s.accounts)
	get("/v1/resolutions/:id/history", s.history)
	get("/v1/resolutions/:id/popolo.json", s.popolo)
	get("/v1/resolutions/:id/citation.bib", s.bibtex)
	get("/v1/resolutions/:id/citation.json", s.csl)
	get("/v1/resolutions/:id/citation.ris", s.ris)
	get("/v1/resolutions/*", s.symbol) // a symbol with its own slashes: S/2024/835
	lists("/v1/discrepancies", s.discrepancies)
	lists("/v1/members", s.members)
	get("/v1/members/:code", s.member)
	lists("/v1/members/:code/votes", s.memberVotes)
	get("/v1/council", s.council)
	lists("/v1/vetoes", s.vetoes)

	lists("/v1/tallies", s.tallies)
	lists("/v1/agreement", s.agreement)
	lists("/v1/agreement/:a/:b/votes", s.pair)
	lists("/v1/cohesion", s.cohesion)
	lists("/v1/sponsors", s.sponsors)
	lists("/v1/sponsors/pairs", s.sponsorPairs)
	e.POST("/v1/decide", s.decide)
	lists("/v1/decide/history", s.decideHistory)

	get("/v1/imports", s.imports)
	get("/v1/imports/:id", s.imported)
	s.changes(e)
	get("/v1/edits", s.edits)
	get("/v1/edits/:number", s.madeEdit)
	e.POST(importsPath, s.allow(access.Import, s.takeIn))
	get(jobsPath+":id", s.allow(access.Import, s.job))
	e.DELETE(jobsPath+":id", s.allow(access.Import, s.cancelJob))
	s.hookRoutes(e, get)
	get("/v1/audit", s.allow(access.Admin, s.audit))
	s.exports(get)
	get("/v1/feed.atom", s.feedAtom)
	get("/v1/feed.json", s.feedJSON)

	s.pictures(get)
	s.pages = s.site()
	s.pages.Routes(get)
	s.editor(e, get)
	get("/docs", s.docs)
	get("/openapi.yaml", s.openAPIYAML)
	get("/openapi.json", s.openAPIJSON)
	get("/healthz", s.healthz)
	get("/readyz", s.readyz)
	get("/metrics", s.showMetrics)
}

// changes is what is written to.
func (s *server) changes(e *echo.Echo) {
	onlyJSON, alsoCSV := []string{echo.MIMEApplicationJSON}, []string{echo.MIMEApplicationJSON, mimeCSV}
	e.POST("/v1/resolutions/:id/edits", s.editing(alsoCSV, s.editResolution))
	e.POST("/v1/resolutions/:id/statements", s.editing(onlyJSON, s.state))
	e.POST("/v1/resolutions/:id/discrepancies/:key/explanation", s.editing(onlyJSON, s.explain))
	e.POST("/v1/edits", s.editing(alsoCSV, s.edit))
	e.POST("/v1/edits/:number/undo", s.editing(onlyJSON, s.undo))
}
