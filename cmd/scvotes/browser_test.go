package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"scvotes/store"
	"scvotes/store/pgtest"
)

// shownPages are one page of each kind, and the kinds of faults.
var shownPages = []string{"/", "/resolutions", "/resolutions?q=ceasefire&outcome=vetoed", "/resolutions?from=2099-01-01", "/resolutions?outcome=lost",
	"/resolutions/S-2024-835", "/resolutions/S-RES-2623-2022", "/resolutions/S-2014-916", "/resolutions/S-13729", "/vetoes", "/vetoes?vetoed_by=USA&from=2000-01-01",
	"/members", "/members/USA", "/members/DZA", "/agreement", "/agreement/FRA/USA", "/council", "/council?date=1950-06-27", "/what-if",
	"/what-if?id=S-2024-835&rule=no_veto", "/data", "/about", "/docs", "/embed/resolutions/S-2024-835", "/resolutions/S-2024-999", "/nothing/here"}

// TestPagesInABrowser opens every page, narrow and dark, wide and light, and
// holds it against axe-core: no serious fault, no error on the console, nothing
// from another host, nothing wider than the window.
func TestPagesInABrowser(t *testing.T) {
	server := serveStarter(t)
	axe := readChecker(t, "node_modules/axe-core/axe.min.js")
	for _, look := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"narrow and dark", 320, 800, "dark"}, {"wide and light", 1280, 900, "light"}} {
		t.Run(look.name, func(t *testing.T) {
			tab, seen := newTab(t)
			do(t, tab, chromedp.EmulateViewport(look.width, look.height), prefer(look.scheme))
			for _, page := range shownPages {
				seen.reset()
				do(t, tab, chromedp.Navigate(server+page), chromedp.WaitReady(chromedp.CSS("main")))
				checkAccess(t, tab, axe, page, look.width)
				seen.check(t, server, page)
			}
		})
	}
}

// checkAccess tells what axe-core finds on the page that is open, and whether it is
// wider than its window.
func checkAccess(t *testing.T, tab context.Context, axe, name string, window int64) {
	t.Helper()
	ask(t, tab, chromedp.Evaluate[any](axe+"; 0"))
	for _, f := range ask(t, tab, chromedp.Evaluate[[]axeFault](`axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>
		({id: v.id, impact: v.impact, help: v.help, at: v.nodes.map(n => n.html.slice(0, 150))})))`, chromedp.EvalAwaitPromise)) {
		if f.Impact == "serious" || f.Impact == "critical" {
			t.Errorf("%s: %s (%s): %s\n%s", name, f.ID, f.Impact, f.Help, strings.Join(f.At, "\n"))
		}
	}
	if width := ask(t, tab, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); width > window {
		t.Errorf("%s: %d px wide in a window of %d", name, width, window)
	}
}

type axeFault struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	At     []string `json:"at"`
}

// TestPagesAreValidHTML holds every page against html-validate.
func TestPagesAreValidHTML(t *testing.T) {
	server := serveStarter(t)
	folder := t.TempDir()
	for _, page := range shownPages {
		name := strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(page) + ".html"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(fetch(t, server+page)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	validateHTML(t, folder)
}

// validateHTML holds the pages of a folder against html-validate.
func validateHTML(t *testing.T, folder string) {
	t.Helper()
	rules, err := filepath.Abs(filepath.Join("testdata", "browser", "htmlvalidate.json"))
	if err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), checkerPath("node_modules/.bin/html-validate"), "--config", rules, folder)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// serveStarter serves a database of the test's own with the starter record.
func serveStarter(t *testing.T) string {
	t.Helper()
	db := pgtest.New(t)
	s, err := store.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := loadStarter(t.Context(), s, io.Discard); err != nil {
		t.Fatal(err)
	}
	return serveDatabase(t, db)
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// traffic is what a tab loads and complains of.
type traffic struct {
	sync.Mutex
	loaded, complaints []string
	page               network.RequestID // by which the page that is open came
}

func (s *traffic) reset() {
	s.Lock()
	defer s.Unlock()
	s.loaded, s.complaints = nil, nil
}

func (s *traffic) hear(event any) {
	s.Lock()
	defer s.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.loaded = append(s.loaded, e.Request.URL)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			s.page = e.RequestID
		}
	case *runtime.EventExceptionThrown:
		s.complaints = append(s.complaints, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// That a page is not found is what some of them are for.
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "the server responded with a status of 4") {
			s.complaints = append(s.complaints, e.Entry.Text)
		}
	}
}

func (s *traffic) check(t *testing.T, server, page string) {
	t.Helper()
	s.Lock()
	defer s.Unlock()
	for _, complaint := range s.complaints {
		t.Errorf("%s: the console says: %s", page, complaint)
	}
	here, _ := url.Parse(server)
	for _, address := range s.loaded {
		if u, err := url.Parse(address); err != nil || u.Scheme != "data" && u.Host != here.Host {
			t.Errorf("%s: loads %s", page, address)
		}
	}
}

// document is the page that is open, as it came.
func (s *traffic) document(t *testing.T, tab context.Context) (body []byte) {
	t.Helper()
	s.Lock()
	id := s.page
	s.Unlock()
	do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		got, err := cdp.Call(ctx, target, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
		body = got.Body
		return err
	}))
	return body
}

// newTab opens a tab of a browser of the test's own.
func newTab(t *testing.T) (context.Context, *traffic) {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(chromium(t)), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()))
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	seen := &traffic{}
	do(t, tab, chromedp.Navigate("about:blank"), command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}))
	if err := chromedp.Listen(tab, seen.hear); err != nil {
		t.Fatal(err)
	}
	return tab, seen
}

// prefer emulates the reader's choice of a light or a dark page.
func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// command is a step that sends a command whose result is of no interest.
func command[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cmd, params)
		return err
	})
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ask(t, tab, chromedp.Steps(steps...))
}

// ask runs an action, and gives it up after a minute.
func ask[T any](t *testing.T, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	// The first run starts the browser, whose life must not be that of one run.
	go func() {
		v, err := chromedp.Run(tab, action)
		done <- outcome{v, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			t.Fatal(o.err)
		}
		return o.value
	case <-time.After(time.Minute):
		t.Fatal("the browser does not answer")
	}
	panic("not reached")
}

// chromium finds the browser; scripts/need-browser installs one.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("SCVOTES_CHROMIUM"), "chromium", "chromium-browser", "google-chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: run scripts/need-browser, or name one in SCVOTES_CHROMIUM")
	return ""
}

// checkerPath is where scripts/need-browser puts what it fetches.
func checkerPath(name string) string {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	return filepath.Join(cache, "scvotes", "browser", name)
}

func readChecker(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(checkerPath(name))
	if err != nil {
		t.Fatalf("run scripts/need-browser: %v", err)
	}
	return string(b)
}
