package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"scvotes/api"
)

// siteTimeout is how long one answer may take: nobody waits for it.
const siteTimeout = 30 * time.Minute

// crawl is an export under way: which addresses are known, and which of them
// are still to be asked for.
type crawl struct {
	opt    siteOptions
	dir    string
	routes []siteRoute
	names  siteNames
	bar    *siteProgress

	mu      sync.Mutex
	more    *sync.Cond // signalled when there is something to ask for, or nothing any more
	known   map[string]bool
	waiting []wanted
	asking  int // addresses that workers are at
	failed  error
	m       *siteManifest
	left    map[string]bool // addresses that only a server answers
}

// wanted is an address to ask for, and why.
type wanted struct {
	address string
	from    string // where it is linked; empty for what the record and the contract name
	probe   bool   // a spelling that may lead nowhere: no answer is no fault
}

// crawlSite asks the server for everything: what the contract and the record
// name, and what the answers lead to.
func crawlSite(ctx context.Context, moments []*moment, dir string, opt siteOptions) (*siteManifest, []siteRoute, error) {
	now := opt.now()
	handlers := make([]http.Handler, len(moments))
	for i, m := range moments {
		handlers[i] = api.New(m, api.Options{Version: versionText(), PublicURL: opt.publicURL, Timeout: siteTimeout,
			Now: func() time.Time { return now }, CacheBytes: -1})
	}
	m := newSiteManifest(opt.publicURL, moments[0].revision, now)
	c := &crawl{opt: opt, dir: dir, known: make(map[string]bool), left: make(map[string]bool), m: m, bar: newSiteProgress(opt)}
	defer c.bar.done()
	c.more = sync.NewCond(&c.mu)
	contract, err := contractOf(ctx, handlers[0])
	if err != nil {
		return nil, nil, err
	}
	if c.routes, err = siteRoutes(contract); err != nil {
		return nil, nil, err
	}
	if err := c.seed(ctx, moments[0]); err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { c.fail(ctx.Err()) })
	defer stop()
	var workers sync.WaitGroup
	for _, h := range handlers {
		workers.Go(func() { c.work(ctx, h) })
	}
	workers.Wait()
	if c.failed != nil {
		return nil, nil, c.failed
	}
	return m, c.routes, m.finish(c.left)
}

// seed puts down what the contract and the record name.
func (c *crawl) seed(ctx context.Context, r api.Reader) error {
	names, symbols, err := readNames(ctx, r)
	if err != nil {
		return err
	}
	c.names = names
	for _, route := range c.routes {
		addresses, err := route.seeds(names)
		if err != nil {
			return err
		}
		for _, a := range addresses {
			c.want(wanted{address: a})
		}
	}
	for _, s := range symbols {
		for _, before := range []string{"/v1/resolutions/", "/resolutions/"} {
			c.want(wanted{address: pathAddress(before + s), probe: true})
		}
	}
	return nil
}

// work asks for one address after the other, until there are no more.
func (c *crawl) work(ctx context.Context, h http.Handler) {
	for {
		w, ok := c.next()
		if !ok {
			return
		}
		err := c.take(ctx, h, w)
		c.mu.Lock()
		if c.asking--; err != nil && c.failed == nil {
			c.failed = cmp.Or(ctx.Err(), fmt.Errorf("%s: %w", w.address, err)) // whoever is told to stop has no fault
		}
		if c.asking == 0 || c.failed != nil {
			c.more.Broadcast()
		}
		c.mu.Unlock()
	}
}

func (c *crawl) next() (wanted, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) == 0 && c.asking > 0 && c.failed == nil {
		c.more.Wait()
	}
	if len(c.waiting) == 0 || c.failed != nil {
		return wanted{}, false
	}
	last := len(c.waiting) - 1
	w := c.waiting[last]
	c.waiting = c.waiting[:last]
	c.asking++
	return w, true
}

func (c *crawl) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = err
	}
	c.more.Broadcast()
}

// want puts down an address, unless it is known or nothing for files.
func (c *crawl) want(w wanted) {
	path, query, _ := strings.Cut(w.address, "?")
	route, ok := c.routeOf(path)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _, linkedFromQuestion := strings.Cut(w.from, "?")
	switch {
	case c.known[w.address]:
		return
	case !ok && !w.probe:
		if needsServer["GET "+path] == "" {
			c.m.Dead[w.address] = "linked from " + w.from + ", and no address of the server"
		}
		return
	case ok && route.picture() && !c.opt.pictures:
		c.m.LeftOut++
	case query != "" && (!reQuestion.MatchString(query) || linkedFromQuestion && !goesOn(query)):
		// Filters lead to filters without end; and to be left out here is not
		// for ever, as another answer may lead to it too.
		c.left[w.address] = true
		return
	default:
		delete(c.left, w.address)
		c.waiting = append(c.waiting, w)
		c.more.Signal()
		c.bar.more()
	}
	c.known[w.address] = true
}

func (c *crawl) routeOf(escaped string) (siteRoute, bool) {
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return siteRoute{}, false
	}
	return routeOf(c.routes, path)
}

// take asks for an address and keeps the answer.
func (c *crawl) take(ctx context.Context, h http.Handler, w wanted) error {
	defer c.bar.one()
	a := &siteAnswer{header: make(http.Header)}
	escaped, query, _ := strings.Cut(w.address, "?")
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return err
	}
	route, _ := routeOf(c.routes, path)
	var name string
	a.place = func(contentType string) (_ string, err error) {
		name, err = route.fileName(path, query, contentType)
		return filepath.Join(c.dir, filepath.FromSlash(name)), err
	}
	if err := askFor(ctx, h, c.opt.publicURL, w.address, a); err != nil {
		return err
	}
	switch {
	case a.status == http.StatusOK:
		return c.keep(route, w, name, a)
	case a.header.Get("Location") != "" && a.status/100 == 3:
		return c.keepMove(w, a)
	case a.status >= http.StatusInternalServerError:
		return fmt.Errorf("the server answers %d", a.status)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !w.probe {
		from := ""
		if w.from != "" {
			from = "linked from " + w.from + ", "
		}
		c.m.Dead[w.address] = fmt.Sprintf("%sthe server answers %d", from, a.status)
	}
	return nil
}

// keep puts an answer into the manifest, and goes where it leads to.
func (c *crawl) keep(route siteRoute, w wanted, name string, a *siteAnswer) error {
	contentType := a.header.Get("Content-Type")
	c.mu.Lock()
	c.m.add(route.path, siteFile{Address: w.address, File: name, ContentType: contentType, ETag: a.header.Get("ETag"),
		Bytes: a.bytes, SHA256: a.sha256(), header: lastingHeader(a.header)})
	c.mu.Unlock()
	for _, address := range c.namedBeside(route, w.address) {
		c.want(wanted{address: address, from: w.address})
	}
	if route.path == "/openapi.json" { // its addresses are examples, and were read as the contract
		return nil
	}
	links, err := linksIn(contentType, a.header["Link"], a.body.Bytes())
	if err != nil {
		return err
	}
	for _, l := range links {
		address, here := siteAddress(c.opt.publicURL, l.address)
		if !here {
			continue
		}
		path, _, _ := strings.Cut(address, "?")
		if _, known := c.routeOf(path); known || l.written {
			c.want(wanted{address: address, from: w.address})
		}
	}
	return nil
}

// namedBeside are the answers of the API about the two members of a page: pairs
// are too many to name all that ever sat together.
func (c *crawl) namedBeside(route siteRoute, address string) (list []string) {
	if route.path != "/agreement/{a}/{b}" || strings.Contains(address, "?") {
		return nil
	}
	for _, r := range c.routes {
		if behind, ok := strings.CutPrefix(r.path, "/v1/agreement/{a}/{b}"); ok {
			list = append(list, "/v1"+address+behind)
		}
	}
	return list
}

// keepMove puts down where an address leads to, and goes there.
func (c *crawl) keepMove(w wanted, a *siteAnswer) error {
	to, here := siteAddress(c.opt.publicURL, a.header.Get("Location"))
	if !here {
		return fmt.Errorf("it leads away, to %q", a.header.Get("Location"))
	}
	c.mu.Lock()
	c.m.Moved = append(c.m.Moved, siteMove{Address: w.address, Location: a.header.Get("Location"), Status: a.status})
	c.mu.Unlock()
	c.want(wanted{address: to, from: w.address, probe: w.probe})
	return nil
}

// elsewhere is where the requests of an export come from: what the server lets
// the pages of other hosts read, those of a static host shall let them read too.
const elsewhere = "https://elsewhere.invalid"

// askFor asks a handler in this process.
func askFor(ctx context.Context, h http.Handler, origin, address string, a *siteAnswer) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+address, nil)
	if err != nil {
		return err
	}
	req.RequestURI, req.RemoteAddr = address, "127.0.0.1:0"
	req.Header.Set("Origin", elsewhere)
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(error)
			if !ok || !errors.Is(e, http.ErrAbortHandler) {
				panic(r)
			}
			err = errors.New("the answer broke off")
		}
		err = errors.Join(err, a.end())
	}()
	h.ServeHTTP(a, req)
	return nil
}

// contractOf asks the server for its contract.
func contractOf(ctx context.Context, h http.Handler) ([]byte, error) {
	w := &memoryAnswer{header: make(http.Header)}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	req.RequestURI, req.RemoteAddr = req.URL.Path, "127.0.0.1:0"
	h.ServeHTTP(w, req)
	return w.body, nil
}

// memoryAnswer takes an answer into memory.
type memoryAnswer struct {
	header http.Header
	body   []byte
}

func (a *memoryAnswer) Header() http.Header { return a.header }
func (a *memoryAnswer) WriteHeader(int)     {}
func (a *memoryAnswer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

// lastingHeader is what the head of an answer says of the answer rather than of
// this one request for it.
func lastingHeader(h http.Header) map[string]string {
	lasting := make(map[string]string)
	for name, values := range h {
		if !slices.Contains(passing, name) {
			lasting[name] = strings.Join(values, ", ")
		}
	}
	return lasting
}

var passing = []string{"Content-Type", "Content-Length", "Etag", "Last-Modified", "Date", "Age", "X-Request-Id", "Cache-Status", "Vary"}
