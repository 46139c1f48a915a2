package api

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"scvotes/votes"
)

// metricsOf reads what the server tells of itself, a value for each series.
func metricsOf(t *testing.T, h http.Handler) map[string]float64 {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.RemoteAddr = "127.0.0.1:40000"
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/plain") || rec.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("/metrics: %d %v", rec.Code, rec.Header())
	}
	values := make(map[string]float64)
	for line := range strings.Lines(rec.Body.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "} ")
		if ok {
			name += "}"
		} else if name, text, ok = strings.Cut(strings.TrimSuffix(line, "\n"), " "); !ok {
			t.Fatalf("a line of /metrics: %q", line)
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		values[name] = value
	}
	return values
}

func requestsOf(route, method, status, cache string) string {
	return `scvotes_http_requests_total{cache="` + cache + `",method="` + method + `",route="` + route + `",status="` + status + `"}`
}

// Each request is counted once, under its route, however it was answered.
func TestRequestsAreCountedByRoute(t *testing.T) {
	f := newFake(t)
	h, news := followed(t, f, f)
	for range 3 {
		get(t, h, "/v1/resolutions/S-2024-835")
	}
	tag := get(t, h, "/v1/resolutions/S-2024-835").Header.Get("ETag")
	get(t, h, "/v1/resolutions/S-2024-835", "If-None-Match", tag)
	ask(t, h, http.MethodHead, "/v1/resolutions/S-2024-835")
	get(t, h, "/v1/resolutions/S/2024/835")
	get(t, h, "/v1/resolutions?outcome=none")
	get(t, h, "/wp-login.php")
	get(t, h, "/wp-admin.php")
	ask(t, h, "BREW", "/wp-login.php")
	ask(t, h, http.MethodDelete, "/v1/resolutions")
	tell(news, f, votes.ErrUnavailable)
	get(t, h, "/v1/resolutions/S-2024-835")
	got := metricsOf(t, h)
	want := map[string]float64{
		requestsOf("/v1/resolutions/:id", "GET", "200", "miss"):                        1,
		requestsOf("/v1/resolutions/:id", "GET", "200", "hit"):                         3,
		requestsOf("/v1/resolutions/:id", "GET", "304", "hit"):                         1,
		requestsOf("/v1/resolutions/:id", "HEAD", "200", "hit"):                        1,
		requestsOf("/v1/resolutions/:id", "GET", "200", "stale"):                       1,
		requestsOf("/v1/resolutions/*", "GET", "308", "none"):                          1,
		requestsOf("/v1/resolutions", "GET", "400", "none"):                            1,
		requestsOf("none", "GET", "404", "none"):                                       2,
		requestsOf("none", "other", "404", "none"):                                     1,
		requestsOf("/v1/resolutions", "DELETE", "405", "none"):                         1,
		`scvotes_http_request_seconds_count{route="/v1/resolutions/:id",status="200"}`: 1,
		`scvotes_http_requests_under_way`:                                              1, // the one that asks
		`scvotes_cache_answers`:                                                        1,
		`scvotes_cache_limit_bytes`:                                                    DefaultCacheBytes,
	}
	for _, series := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[series]; !ok && strings.HasPrefix(series, "scvotes_http_requests_total") {
			t.Errorf("nobody asked for %s %v", series, got[series])
		}
	}
	for series, n := range want {
		if got[series] != n {
			t.Errorf("%s is %v, want %v", series, got[series], n)
		}
	}
}

// However many addresses are made up, the number of series stays what it is.
func TestNoAddressMakesASeries(t *testing.T) {
	f := newFake(t)
	h, _ := followed(t, f, f)
	ask := func(n string) {
		for _, address := range []string{"/v1/resolutions/S-1999-" + n, "/v1/resolutions?q=" + n, "/" + n, "/v1/resolutions/S/1999/" + n, "/v1/members/X" + n} {
			get(t, h, address)
		}
	}
	ask("1")
	ask("1")        // from memory
	metricsOf(t, h) // which makes series of its own
	before := metricsOf(t, h)
	for n := range 50 {
		ask(strconv.Itoa(n))
	}
	for series := range metricsOf(t, h) {
		if _, ok := before[series]; !ok && strings.HasPrefix(series, "scvotes_") {
			t.Errorf("%s came", series)
		}
	}
}

func TestWhatMakesRoomIsCounted(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.News, opt.CacheBytes = followedNews(f), 20_000
	h := New(f, opt)
	for n := range 100 {
		get(t, h, "/v1/resolutions?limit="+strconv.Itoa(n+1))
	}
	var got map[string]float64
	for range 1000 { // what is dropped is dropped by and by
		if got = metricsOf(t, h); got["scvotes_cache_evictions_total"] >= 50 && got["scvotes_cache_bytes"] <= 20_000 {
			return
		}
	}
	t.Errorf("%v evictions, %v bytes", got["scvotes_cache_evictions_total"], got["scvotes_cache_bytes"])
}

// Metrics are for whoever runs the server: not for the world, and not for what
// a proxy of this machine passes on from there.
func TestMetricsAreForThisMachine(t *testing.T) {
	apart := testOptions(nil)
	apart.MetricsApart = true
	here := New(newFake(t), testOptions(nil))
	for _, tt := range []struct {
		name, from, header string
		h                  http.Handler
		status             int
	}{
		{"loopback", "127.0.0.1:1", "", here, 200},
		{"loopback, IPv6", "[::1]:1", "", here, 200},
		{"a unix socket", "@", "", here, 200},
		{"a neighbour", "192.168.1.2:1", "", here, 404},
		{"the world", "203.0.113.9:1", "", here, 404},
		{"through a proxy", "127.0.0.1:1", "X-Forwarded-For", here, 404},
		{"through another", "127.0.0.1:1", "Forwarded", here, 404},
		{"and another", "127.0.0.1:1", "Via", here, 404},
		{"apart", "127.0.0.1:1", "", New(newFake(t), apart), 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			req.RemoteAddr = tt.from
			if tt.header != "" {
				req.Header.Set(tt.header, "127.0.0.1")
			}
			rec := httptest.NewRecorder()
			tt.h.ServeHTTP(rec, req)
			if rec.Code != tt.status || strings.Contains(rec.Body.String(), "scvotes_") != (tt.status == 200) {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
		})
	}
}

// The other parts of the program add what they have, and it is told with the rest.
func TestOthersAddTheirMetrics(t *testing.T) {
	m := NewMetrics("v9.9.9")
	m.Register(Gauge("scvotes_test_waiting", "Waiting.", func() float64 { return 7 }))
	srv := httptest.NewServer(m.Handler())
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"scvotes_test_waiting 7", `version="v9.9.9"`, "go_goroutines ", "process_start_time_seconds "} {
		if !strings.Contains(string(body), line) {
			t.Errorf("%q is missing", line)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("two metrics of one name were taken")
		}
	}()
	m.Register(prometheus.NewGauge(prometheus.GaugeOpts{Name: "scvotes_test_waiting"}))
}
