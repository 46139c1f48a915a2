package api

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"scvotes/votes/access"
)

// clock is a clock that stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// limited is a server that answers 2 requests a second to one client, 5 at once.
func limited(t *testing.T, log *slog.Logger, proxies ...string) (http.Handler, *clock) {
	t.Helper()
	at := &clock{now: testOptions(nil).Now()}
	opt := testOptions(log)
	opt.Now = at.time
	opt.Limits = Limits{Rate: 2, Burst: 5}
	for _, p := range proxies {
		opt.Limits.Proxies = append(opt.Limits.Proxies, netip.MustParsePrefix(p))
	}
	return New(newFake(t), opt), at
}

// from asks as a peer, with X-Forwarded-For where it is given.
func from(h http.Handler, peer, path string, forwarded ...string) *http.Response {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.RemoteAddr = peer
	for _, f := range forwarded {
		req.Header.Add("X-Forwarded-For", f)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec.Result()
}

// answered is how many of n requests are answered.
func answered(h http.Handler, n int, ask func(i int) *http.Response) (count int) {
	for i := range n {
		if ask(i).StatusCode == http.StatusOK {
			count++
		}
	}
	return count
}

func TestOneClientIsAnsweredSoOften(t *testing.T) {
	h, at := limited(t, nil)
	ask := func(int) *http.Response { return from(h, "192.0.2.1:999", "/v1/resolutions/S-2024-835") }
	if n := answered(h, 8, ask); n != 5 {
		t.Fatalf("%d of 8 at once were answered, want 5", n)
	}
	res := ask(0)
	for name, want := range map[string]string{"Retry-After": "1", "RateLimit-Policy": `"client";q=5;w=3`, "RateLimit": `"client";r=0;t=1`,
		"Cache-Control": "no-store", "Content-Type": "application/problem+json", "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if res.Header.Get("X-Request-Id") == "" {
		t.Error("no X-Request-Id")
	}
	if p := decode[problem](t, res); p.Status != http.StatusTooManyRequests || !strings.HasSuffix(p.Type, "/TooManyRequests") {
		t.Errorf("%+v", p)
	}
	if n := answered(h, 3, func(int) *http.Response { return from(h, "192.0.2.2:999", "/v1/council") }); n != 3 {
		t.Error("another client is refused too")
	}
	at.wait(time.Second)
	if n := answered(h, 4, ask); n != 2 {
		t.Errorf("a second later %d more were answered, want 2", n)
	}
	at.wait(time.Hour)
	if n := answered(h, 8, ask); n != 5 {
		t.Errorf("an hour later %d were answered, want 5 and no more", n)
	}
}

// Answers from memory are counted like all others, and pages are refused as pages.
func TestKeptAnswersAreCounted(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.Limits = Limits{Rate: 1, Burst: 4}
	h, _ := followedWith(t, f, f, opt)
	if n := answered(h, 9, func(int) *http.Response { return from(h, "192.0.2.1:999", "/v1/resolutions/S-2024-835") }); n != 4 {
		t.Errorf("%d were answered, want 4", n)
	}
	res := from(h, "192.0.2.1:999", "/")
	if body := read(t, res); res.StatusCode != http.StatusTooManyRequests || !strings.Contains(body, "<h1>") || res.Header.Get(headerCSP) != pagePolicy {
		t.Errorf("status %d, %q, %s", res.StatusCode, res.Header.Get(headerCSP), body)
	}
}

// Every address says so in the contract, in the form that it answers in; health is
// told to everybody.
func TestEveryAddressTellsWhoeverAsksTooMuch(t *testing.T) {
	askedOneByOne(t)
	c := contract(t)
	for _, o := range c.Operations() {
		if o.Path == "/healthz" || o.Path == "/readyz" {
			continue
		}
		opt := testOptions(nil)
		opt.Limits = Limits{Rate: 0.01, Burst: 1}
		h := New(newFake(t), opt)
		get(t, h, "/openapi.json")
		res := ask(t, h, o.Method, operationOf(o.Path, o.Parameters).address)
		body := []byte(read(t, res))
		if err := c.Check(o, res.StatusCode, res.Header, body); err != nil || res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s %s: status %d, %v", o.Method, o.Path, res.StatusCode, err)
		}
	}
}

// A token is one client wherever it comes from, and takes nothing from those who
// show none. Whoever tries what are no tokens is not asked about many.
func TestTokensAreCountedByThemselves(t *testing.T) {
	w := newFakeWriter()
	opt := testOptions(nil)
	opt.Writer, opt.Limits = w, Limits{Rate: 1, Burst: 4}
	h := New(newFake(t), opt)
	show := func(token, peer string) func(i int) *http.Response {
		return func(i int) *http.Response {
			req := httptest.NewRequest(http.MethodGet, "/v1/council", nil)
			req.RemoteAddr = fmt.Sprintf(peer, i+1)
			if token != "" {
				req.Header.Set("Authorization", token)
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			return rec.Result()
		}
	}
	one, other := w.token(t, access.Read), w.token(t, access.Read)
	for _, c := range []struct {
		who         string
		token, peer string
		want        int
	}{
		{"a token from many places", one, "192.0.2.%d:1", 4},
		{"another from one of them", other, "192.0.2.1:%d", 4},
		{"nobody, from the same", "", "192.0.2.1:%d", 4},
		{"credentials for a proxy, from another", "Basic YTpi", "192.0.2.2:%d", 4},
	} {
		if n := answered(h, 9, show(c.token, c.peer)); n != c.want {
			t.Errorf("%s: %d of 9 were answered, want %d", c.who, n, c.want)
		}
	}
	before, none := w.asked, "Bearer scv_"+strings.Repeat("a", 12)+"_"+strings.Repeat("b", 52)
	var last *http.Response
	for i := range 20 {
		last = show(none, "192.0.2.3:%d")(i)
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" || w.asked-before > 4 {
		t.Errorf("of 20 tries with no token %d were looked at, the last was answered %d", w.asked-before, last.StatusCode)
	}
	third := w.token(t, access.Read)
	if got := show(third, "192.0.2.4:%d")(0); got.StatusCode != http.StatusOK {
		t.Errorf("a token from elsewhere meanwhile: %d", got.StatusCode)
	}
}

func TestHealthIsAlwaysTold(t *testing.T) {
	h, _ := limited(t, nil)
	for _, path := range []string{"/healthz", "/readyz"} {
		if n := answered(h, 20, func(int) *http.Response { return from(h, "192.0.2.1:999", path) }); n != 20 {
			t.Errorf("%s: %d of 20", path, n)
		}
	}
}

func TestWhoIsOneClient(t *testing.T) {
	const proxy = "10.0.0.9:999"
	for name, c := range map[string]struct {
		proxies   []string
		ask       func(i int) (peer string, forwarded []string)
		wantOfTen int
	}{
		"another port is the same client": {nil, func(i int) (string, []string) { return fmt.Sprintf("192.0.2.1:%d", i+1), nil }, 5},
		"every address of a /64 is one":   {nil, func(i int) (string, []string) { return fmt.Sprintf("[2001:db8:1:2::%x]:1", i+1), nil }, 5},
		"other networks are others":       {nil, func(i int) (string, []string) { return fmt.Sprintf("[2001:db8:1:%x::1]:1", i+1), nil }, 10},
		"IPv4 written as IPv6":            {nil, func(i int) (string, []string) { return fmt.Sprintf("[::ffff:192.0.2.%d]:1", i+1), nil }, 10},
		"anybody's word does not count": {nil, func(i int) (string, []string) {
			return "192.0.2.1:1", []string{fmt.Sprintf("198.51.100.%d", i)}
		}, 5},
		"a peer that is no trusted proxy": {[]string{"10.0.0.0/8"}, func(i int) (string, []string) {
			return "192.0.2.1:1", []string{fmt.Sprintf("198.51.100.%d", i)}
		}, 5},
		"through a trusted proxy": {[]string{"10.0.0.0/8"}, func(i int) (string, []string) {
			return proxy, []string{fmt.Sprintf("198.51.100.%d", i)}
		}, 10},
		"what the client wrote before does not count": {[]string{"10.0.0.0/8"}, func(i int) (string, []string) {
			return proxy, []string{fmt.Sprintf("198.51.100.%d", i), "203.0.113.5"}
		}, 5},
		"in one line": {[]string{"10.0.0.0/8"}, func(i int) (string, []string) {
			return proxy, []string{fmt.Sprintf("198.51.100.%d, 203.0.113.5, 10.1.1.1", i)}
		}, 5},
		"through two proxies": {[]string{"10.0.0.0/8", "2001:db8::/32"}, func(i int) (string, []string) {
			return "[2001:db8::1]:1", []string{fmt.Sprintf("203.0.113.%d, 10.1.1.1", i)}
		}, 10},
		"words that are no address": {[]string{"10.0.0.0/8"}, func(i int) (string, []string) {
			return proxy, []string{fmt.Sprintf("nobody-%d", i)}
		}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := limited(t, nil, c.proxies...)
			n := answered(h, 10, func(i int) *http.Response {
				peer, forwarded := c.ask(i)
				return from(h, peer, "/v1/council", forwarded...)
			})
			if n != c.wantOfTen {
				t.Errorf("%d of 10 were answered, want %d", n, c.wantOfTen)
			}
		})
	}
}

// Whoever has many addresses takes no more memory than there is.
func TestClientsAreBounded(t *testing.T) {
	c := newClients(Limits{Rate: 1, Burst: 1})
	now := time.Now()
	for i := range 2 * clientsKnown {
		c.bucket(client{ip: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}).AllowN(now, 1)
	}
	c.buckets.CleanUp()
	if n := c.buckets.EstimatedSize(); n > clientsKnown {
		t.Errorf("%d clients are known", n)
	}
}

func TestAProxyThatIsNotTrustedIsToldOnce(t *testing.T) {
	var log bytes.Buffer
	h, _ := limited(t, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	for range 3 {
		from(h, "192.0.2.1:1", "/v1/council", "198.51.100.1")
	}
	if n := strings.Count(log.String(), "--trusted-proxies"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
}

func TestAQueryOfTooManyParameters(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	res := get(t, h, "/v1/resolutions?"+strings.Repeat("voted=USA:no&", maxParameters)+"voted=USA:no")
	if p := decode[problem](t, res); p.Status != http.StatusBadRequest || len(p.Errors) != 1 || p.Errors[0].Parameter != "query" {
		t.Errorf("%+v", p)
	}
	if res := get(t, h, "/v1/resolutions?"+strings.Repeat("voted=USA:no&", maxParameters-1)+"voted=USA:no"); res.StatusCode != http.StatusOK {
		t.Errorf("%d parameters: %d", maxParameters, res.StatusCode)
	}
}
