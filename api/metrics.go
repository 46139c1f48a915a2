package api

import (
	"cmp"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are what the program tells of itself to Prometheus: the requests, and
// what others register. Every label has few values: the pattern of a route and
// never an address, which anybody could make up.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	underWay  prometheus.Gauge
	evictions prometheus.Counter
	routes    map[string]*routeCounts // by pattern; read only once the server stands
	unrouted  *routeCounts
}

// NewMetrics returns metrics with those of Go, of the process and of the build.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scvotes_http_requests_total",
			Help: "Requests answered, by the pattern of the route, and by how the answers cache served them."}, []string{"route", "method", "status", "cache"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "scvotes_http_request_seconds",
			Help:    "Time to answer requests, but for answers from memory, which take microseconds.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route", "status"}),
		underWay: prometheus.NewGauge(prometheus.GaugeOpts{Name: "scvotes_http_requests_under_way",
			Help: "Requests being answered, but for answers from memory."}),
		evictions: prometheus.NewCounter(prometheus.CounterOpts{Name: "scvotes_cache_evictions_total",
			Help: "Answers dropped from memory to make room. Those of a revision that has passed are not counted."}),
		routes: make(map[string]*routeCounts),
	}
	m.unrouted = m.countsOf("none")
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "scvotes_build_info", Help: "Always 1; its labels tell the program.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()}})
	build.Set(1)
	m.Register(build, m.requests, m.seconds, m.underWay, m.evictions,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Register adds metrics of other parts of the program. Two of one name are a
// mistake in the program, and fail at its start.
func (m *Metrics) Register(list ...prometheus.Collector) { m.registry.MustRegister(list...) }

// Handler answers with all metrics, in the form that Prometheus reads.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// watchCache adds what is kept in memory.
func (m *Metrics) watchCache(a *answers) {
	m.Register(
		Gauge("scvotes_cache_answers", "Answers kept in memory.", func() float64 { kept, _, _ := a.usage(); return float64(kept) }),
		Gauge("scvotes_cache_bytes", "Memory that they take.", func() float64 { _, bytes, _ := a.usage(); return float64(bytes) }),
		Gauge("scvotes_cache_limit_bytes", "Memory that they may take (--cache-bytes).", func() float64 { _, _, limit := a.usage(); return float64(limit) }))
}

// Gauge is a metric whose value is asked for when it is read.
func Gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

// watchRoutes names the routes that requests are counted by.
func (m *Metrics) watchRoutes(list []*echo.Route) {
	for _, r := range list {
		if m.routes[r.Path] == nil {
			m.routes[r.Path] = m.countsOf(r.Path)
		}
	}
}

func (m *Metrics) countsOf(route string) *routeCounts {
	return &routeCounts{route: route, requests: m.requests}
}

// of returns the counts of a route. What is no route of the server's is "none",
// whatever was asked for.
func (m *Metrics) of(route string) *routeCounts {
	if counts := m.routes[route]; counts != nil {
		return counts
	}
	return m.unrouted
}

// showMetrics answers GET /metrics for clients of this machine. What a proxy
// passes on is from elsewhere, as far as it says so.
func (s *server) showMetrics(c echo.Context) error {
	if s.metricsApart || !local(c.Request()) {
		return echo.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	s.metrics.Handler().ServeHTTP(c.Response(), c.Request())
	return nil
}

// local tells whether a request was made on this machine.
func local(r *http.Request) bool {
	for _, passedOn := range []string{"Forwarded", echo.HeaderXForwardedFor, echo.HeaderXRealIP, "Via"} {
		if r.Header.Get(passedOn) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return true // no network was between
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// answered counts a request that did not come from memory.
func (m *Metrics) answered(c echo.Context, took time.Duration) {
	counts, status := m.of(c.Path()), strconv.Itoa(c.Response().Status)
	m.requests.WithLabelValues(counts.route, methodLabel(c.Request().Method), status, cacheLabel(c.Response().Header())).Inc()
	m.seconds.WithLabelValues(counts.route, status).Observe(took.Seconds())
}

// methodLabel is a method of the server's, or "other": a client may send any word.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// cacheLabel is how the answers cache served an answer; "none" where it is not
// for keeping.
func cacheLabel(h http.Header) string {
	if how := h[headerCacheStatus]; len(how) == 1 {
		return cmp.Or(cacheLabels[how[0]], "none")
	}
	return "none"
}

var cacheLabels = map[string]string{fromCache[0]: "hit", fromStale[0]: "stale", madeNew[0]: "miss", notKept[0]: "bypass", madeOnce[0]: "bypass"}

// routeCounts are the requests of one route that were answered from memory. Each
// counter is looked up once: a request then costs one addition.
type routeCounts struct {
	route    string
	requests *prometheus.CounterVec
	hits     [2][2][2]atomic.Pointer[prometheus.Counter] // by HEAD, 304, stale
}

// fromMemory counts one of them.
func (r *routeCounts) fromMemory(method string, status int, how []string) {
	head, known, stale := method == http.MethodHead, status == http.StatusNotModified, how[0] == fromStale[0]
	place := &r.hits[index(head)][index(known)][index(stale)]
	counter := place.Load()
	if counter == nil {
		label := "hit"
		if stale {
			label = "stale"
		}
		found := r.requests.WithLabelValues(r.route, method, strconv.Itoa(status), label)
		counter = &found
		place.Store(counter)
	}
	(*counter).Inc()
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
