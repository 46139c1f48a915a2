package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"github.com/prometheus/client_golang/prometheus"
)

// DefaultCacheBytes bounds the memory for answers that are kept.
const DefaultCacheBytes = 32 << 20

// answers keeps whole answers, each under its address and the state that it is
// of: what changed is asked for under another key, so nothing kept can be old.
type answers struct {
	cache *otter.Cache[answerKey, *keptAnswer] // nil where nothing is to be kept
	// together makes what is not to be kept; nil where each is for one request alone.
	together *together
}

// answerKey names an answer: the state is a state's name, or its program where
// the answer hangs on that alone.
type answerKey struct{ state, address string }

func newAnswers(bytes int, m *Metrics) *answers {
	a := new(answers)
	if bytes < 0 {
		a.together = &together{making: map[answerKey]*round{}}
	} else {
		a.cache = otter.Must(&otter.Options[answerKey, *keptAnswer]{
			MaximumWeight: uint64(bytes),
			Weigher:       func(key answerKey, k *keptAnswer) uint32 { return uint32(len(key.address) + k.weight()) },
			StatsRecorder: &evictions{counted: m.evictions},
		})
	}
	m.watchCache(a)
	return a
}

// evictions counts what makes room in the cache, and nothing else of what it does.
type evictions struct {
	stats.NoopRecorder
	counted prometheus.Counter
}

func (e *evictions) RecordEviction(uint32) { e.counted.Inc() }

// usage is how many answers are kept, and how many bytes they take of how many.
func (a *answers) usage() (kept int, bytes, limit uint64) {
	if a.cache == nil {
		return 0, 0, 0
	}
	return a.cache.EstimatedSize(), a.cache.WeightedSize(), a.cache.GetMaximum()
}

// get returns an answer that is kept, or else makes it: once, however many ask
// for it meanwhile, and also when the first of them has gone. How it came is as
// Cache-Status tells it.
func (a *answers) get(ctx context.Context, key answerKey, make func(ctx context.Context) (*keptAnswer, error)) (k *keptAnswer, how []string, err error) {
	switch {
	case a.together != nil:
		return a.together.get(ctx, key, make)
	case a.cache == nil:
		k, err = make(ctx)
		return k, notKept, err
	}
	how = fromCache
	k, err = a.cache.Get(ctx, key, otter.LoaderFunc[answerKey, *keptAnswer](func(ctx context.Context, _ answerKey) (*keptAnswer, error) {
		how = madeNew
		ctx, cancel := uncancelled(ctx)
		defer cancel()
		return make(ctx)
	}))
	return k, how, err
}

func (a *answers) find(key answerKey) (*keptAnswer, bool) {
	if a.cache == nil {
		return nil, false
	}
	return a.cache.GetIfPresent(key)
}

// forget drops what is of other states than this one, which nobody asks for any more.
func (a *answers) forget(but state) {
	if a.cache == nil {
		return
	}
	for key := range a.cache.Keys() {
		if key.state != but.name && key.state != but.program {
			a.cache.Invalidate(key)
		}
	}
}

// uncancelled is a context with the deadline of ctx that goes on when the client
// has gone: others may be waiting for the same answer by then.
func uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(DefaultTimeout)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// keptAnswer is a whole answer with its head. Many requests share it: nothing of
// it is changed.
type keptAnswer struct {
	stamp  stamp
	counts *routeCounts // of the route that it is of
	head   []field      // of the whole answer
	known  []field      // of the 304 for one who has it
	body   []byte
	// zipped is the answer in gzip, made when it is first asked for; nil where
	// that would be no smaller.
	zipped func() *zippedAnswer
}

// zippedAnswer is a body in gzip, with the fields that are other than those of
// the plain one.
type zippedAnswer struct {
	head []field
	body []byte
}

type field struct {
	name   string
	values []string
}

// put sets fields in a head. The values are shared, and full, so that whoever
// adds one gets a copy.
func put(h http.Header, fields []field) {
	for _, f := range fields {
		h[f.name] = f.values
	}
}

// ofTheRequest are fields of a head that belong to one request or one way of
// sending it.
var ofTheRequest = []string{echo.HeaderXRequestID, echo.HeaderContentLength, echo.HeaderContentEncoding, echo.HeaderContentType, headerCacheStatus}

// newKept takes up an answer whose head, but for its stamp, stands in h.
func newKept(counts *routeCounts, st stamp, h http.Header, contentType string, body []byte) *keptAnswer {
	k := &keptAnswer{stamp: st, counts: counts, body: body, zipped: sync.OnceValue(func() *zippedAnswer { return zip(contentType, body) })}
	st.mark(h)
	if squeezable(contentType, body) && !slices.Contains(h[echo.HeaderVary], echo.HeaderAcceptEncoding) {
		h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	}
	const ofTheBody = 3
	k.head = make([]field, 0, len(h)+ofTheBody)
	for name, values := range h {
		if name != headerLink && !slices.Contains(ofTheRequest, name) {
			k.head = append(k.head, field{name, slices.Clip(values)})
		}
	}
	k.known = k.head
	if link := h[headerLink]; link != nil {
		k.head = append(k.head, field{headerLink, link})
	}
	k.head = append(k.head, field{echo.HeaderContentType, []string{contentType}}, length(body))
	return k
}

func length(body []byte) field {
	return field{echo.HeaderContentLength, []string{strconv.Itoa(len(body))}}
}

// weight is about how much memory the answer takes, both bodies and the head.
func (k *keptAnswer) weight() int {
	const head, zipShare = 1 << 10, 4
	return head + len(k.body) + len(k.body)/zipShare
}

// zipFrom is the size from which on a body is worth compressing.
const zipFrom = 1 << 10

// squeezable tells whether gzip makes a body smaller.
func squeezable(contentType string, body []byte) bool {
	return len(body) >= zipFrom && contentType != mimePNG
}

func zip(contentType string, body []byte) *zippedAnswer {
	if !squeezable(contentType, body) {
		return nil
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	// A buffer takes everything.
	_, _ = w.Write(body)
	_ = w.Close()
	return &zippedAnswer{[]field{{echo.HeaderContentEncoding, []string{"gzip"}}, length(b.Bytes())}, b.Bytes()}
}

// headerCacheStatus tells whether an answer was kept (RFC 9211).
const headerCacheStatus = "Cache-Status"

var (
	fromCache = []string{"scvotes; hit"}
	madeNew   = []string{"scvotes; fwd=miss"}
	fromStale = []string{"scvotes; hit; detail=stale"}
	notKept   = []string{"scvotes; fwd=bypass"}
	madeOnce  = []string{"scvotes; fwd=bypass; collapsed"} // together with others
)

// send sends the answer, or 304 where the client has it already. How long the
// revision could not be looked at is told as its age: a cache on the way then
// asks again, rather than hold on to it.
func (k *keptAnswer) send(c echo.Context, cacheStatus []string, away time.Duration) error {
	r, w := c.Request(), c.Response()
	h := w.Header()
	h[headerCacheStatus] = cacheStatus
	if away > 0 {
		h.Set("Age", strconv.Itoa(int(away.Seconds())+1))
	}
	if k.stamp.unwanted(r) {
		put(h, k.known)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	put(h, k.head)
	body := k.body
	if takesGzip(r) {
		if zipped := k.zipped(); zipped != nil {
			put(h, zipped.head)
			body = zipped.body
		}
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(body)
	return err
}

// takesGzip tells whether the client takes a body in gzip.
func takesGzip(r *http.Request) bool {
	codings := first(r.Header, echo.HeaderAcceptEncoding)
	if codings == "" {
		return false
	}
	for _, coding := range strings.Split(codings, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if name == "gzip" || name == "*" {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}

// fromMemory gives kept answers before anything else is looked at: the request
// costs no more than to find it.
func (s *server) fromMemory(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if m := c.Request().Method; m != http.MethodGet && m != http.MethodHead || shown(c.Request()) {
			return next(c)
		}
		st, ok := s.known()
		if !ok || len(c.Request().RequestURI) > maxURI {
			return next(c)
		}
		address := s.addressOf(c)
		k, ok := s.answers.find(answerKey{st.name, address})
		if !ok {
			k, ok = s.answers.find(answerKey{st.program, address})
		}
		if !ok {
			return next(c)
		}
		id := s.identify(c)
		how := fromCache
		if st.away > 0 {
			how = fromStale
		}
		if s.debug {
			s.log.DebugContext(withRequestID(c.Request().Context(), id), "from memory", "method", c.Request().Method, "uri", c.Request().RequestURI)
		}
		err := k.send(c, how, st.away)
		k.counts.fromMemory(c.Request().Method, c.Response().Status, how)
		return err
	}
}
