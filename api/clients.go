package api

import (
	"errors"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// Limits bound what one client may ask for; the zero value bounds nothing that
// is not bounded by itself.
type Limits struct {
	Rate  float64 // requests a second, in the long run; 0 for any number
	Burst int     // requests at once, at least 1 where there is a rate
	// Proxies are whose word counts for where a request comes from: through
	// these alone X-Forwarded-For is read, from its end on.
	Proxies []netip.Prefix
}

const (
	headerRateLimit  = "RateLimit"
	headerRatePolicy = "RateLimit-Policy"
)

// clientsKnown is of how many clients the requests are counted. Those that ask
// most stay among them.
const clientsKnown = 1 << 16

// client is who is counted as one: an address, or a token, wherever it comes
// from. Tokens that are none are counted apart by address, under failedTokens.
type client struct {
	ip    netip.Addr
	token string
}

const failedTokens = "?"

// clients counts what each client asks for.
type clients struct {
	rate    rate.Limit
	burst   int
	buckets *otter.Cache[client, *rate.Limiter]
	refuse  echo.HandlerFunc
	proxies bool        // there are some that are trusted
	warned  atomic.Bool // of one that is not
}

// newClients is nil where there is no rate to be held.
func newClients(l Limits) *clients {
	if l.Rate <= 0 {
		return nil
	}
	c := &clients{rate: rate.Limit(l.Rate), burst: max(l.Burst, 1), proxies: len(l.Proxies) > 0}
	// None goes by time, which every request would have to set anew.
	c.buckets = otter.Must(&otter.Options[client, *rate.Limiter]{MaximumSize: clientsKnown})
	return c
}

// address is where a request comes from. An IPv6 network of 64 bits is one
// client: whoever has one address of it has them all.
func (s *server) address(c echo.Context) netip.Addr {
	r := c.Request()
	var ip netip.Addr
	if s.clients != nil && s.clients.proxies {
		ip, _ = netip.ParseAddr(c.RealIP())
	} else if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		ip = peer.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		network, _ := ip.Prefix(64)
		return network.Addr()
	}
	return ip
}

// bucket holds what a client may still ask for.
func (c *clients) bucket(of client) *rate.Limiter {
	bucket, ok := c.buckets.GetIfPresent(of)
	if !ok {
		bucket, _ = c.buckets.SetIfAbsent(of, rate.NewLimiter(c.rate, c.burst))
	}
	return bucket
}

// limitClients refuses whoever asks for too much, before anything else is done.
// Health is asked for by those who have to know it; who shows a token is counted
// when it is known which. It runs for every request, as Echo has what comes before
// its routes, so that it makes nothing that stays.
func (s *server) limitClients(next echo.HandlerFunc) echo.HandlerFunc {
	if s.clients == nil {
		return next
	}
	return func(c echo.Context) error {
		r := c.Request()
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || shown(r) {
			return next(c)
		}
		if s.countOne(c, client{ip: s.address(c)}) == nil {
			s.clients.lookForProxies(s, r)
			return next(c)
		}
		s.identify(c)
		s.metrics.requests.WithLabelValues(s.metrics.unrouted.route, methodLabel(r.Method), "429", "none").Inc()
		return s.clients.refuse(c)
	}
}

// countOne counts one request, and returns errTooMany where it is one too many.
func (s *server) countOne(c echo.Context, who client) error {
	if s.clients == nil {
		return nil
	}
	now := s.now()
	bucket := s.clients.bucket(who)
	if bucket.AllowN(now, 1) {
		return nil
	}
	s.clients.tell(c.Response().Header(), bucket.TokensAt(now))
	return errTooMany
}

// authenticated counts a request that shows a token by that, once it is known;
// one that is none by where it comes from. From where too many came that are none,
// no more are looked at.
func (s *server) authenticated(c echo.Context, ask func() (token string, err error)) error {
	if s.clients == nil {
		_, err := ask()
		return err
	}
	stranger := client{s.address(c), failedTokens}
	if now, bucket := s.now(), s.clients.bucket(stranger); bucket.TokensAt(now) < 1 {
		s.clients.tell(c.Response().Header(), bucket.TokensAt(now))
		return errTooMany
	}
	token, err := ask()
	if err != nil {
		if errors.Is(err, errUnauthorized) {
			_ = s.countOne(c, stranger) // what is left of its bucket is told to the next
		}
		return err
	}
	return s.countOne(c, client{token: token})
}

// tell tells a client that was refused when to come again, and what there is
// (draft-ietf-httpapi-ratelimit-headers).
func (c *clients) tell(h http.Header, tokens float64) {
	wait := strconv.Itoa(max(1, int(math.Ceil((1-tokens)/float64(c.rate)))))
	window := max(1, int(math.Ceil(float64(c.burst)/float64(c.rate))))
	h.Set(echo.HeaderRetryAfter, wait)
	h.Set(headerRatePolicy, `"client";q=`+strconv.Itoa(c.burst)+`;w=`+strconv.Itoa(window))
	h.Set(headerRateLimit, `"client";r=0;t=`+wait)
}

// lookForProxies tells once of a proxy in front that is not trusted: all who
// come through it would share one rate.
func (c *clients) lookForProxies(s *server, r *http.Request) {
	if c.proxies || c.warned.Load() || len(r.Header[echo.HeaderXForwardedFor]) == 0 || c.warned.Swap(true) {
		return
	}
	peer, _, _ := net.SplitHostPort(r.RemoteAddr)
	s.log.WarnContext(r.Context(), "requests come with X-Forwarded-For, and no proxy is trusted: all who come through one share one rate (--trusted-proxies)", "peer", peer)
}

// realIP tells where a request comes from: the peer, or, through a trusted
// proxy, the last address of X-Forwarded-For that is no trusted proxy's.
func realIP(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trusted := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		trusted = append(trusted, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(trusted...)
}

// maxParameters is how many parameters a query may have: all that there are, with
// every member's position asked for.
const maxParameters = 100

// refuseLongAddresses refuses what is longer than any question to be answered.
func refuseLongAddresses(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if len(r.RequestURI) > maxURI {
			return errURITooLong
		}
		if strings.Count(r.URL.RawQuery, "&") >= maxParameters {
			return errManyParameters
		}
		return next(c)
	}
}
