package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scvotes/votes"
)

// followed is a server that is told of the revision, and who tells it.
func followed(t testing.TB, r Reader, f *fake) (http.Handler, *News) {
	t.Helper()
	return followedWith(t, r, f, testOptions(nil))
}

func followedWith(t testing.TB, r Reader, f *fake, opt Options) (http.Handler, *News) {
	t.Helper()
	opt.News = followedNews(f)
	return New(r, opt), opt.News
}

func followedNews(f *fake) *News {
	news := new(News)
	news.Tell(votes.Sighting{Revision: f.revision, Seen: time.Now().Add(time.Hour)})
	return news
}

// tell tells of the revision as it is now.
func tell(news *News, f *fake, err error) {
	s := votes.Sighting{Revision: f.revision, Seen: news.last.Load().Seen.Add(time.Millisecond), Err: err}
	news.Tell(s)
}

// cached tells what Cache-Status says.
func cached(res *http.Response) string { return res.Header.Get("Cache-Status") }

func TestAnAnswerIsMadeOnce(t *testing.T) {
	f := newFake(t)
	h, _ := followed(t, f, f)
	for _, tt := range []struct {
		address string
		headers []string
		kept    bool
	}{
		{address: "/v1/resolutions?outcome=vetoed&limit=1"},
		{address: "/v1/resolutions?limit=1&outcome=vetoed", kept: true},
		{address: "/v1/resolutions?limit=1&outcome=vetoed", headers: []string{"Accept", "*/*"}, kept: true},
		{address: "/v1/resolutions?limit=1&outcome=vetoed", headers: []string{"Accept", "text/html, */*;q=0.1"}, kept: true},
		{address: "/v1/resolutions?limit=2&outcome=vetoed"},
		{address: "/v1/resolutions/S-2024-835"},
		{address: "/v1/resolutions/S-2024-835", headers: []string{"Accept-Encoding", "gzip"}, kept: true},
		{address: "/v1/resolutions/S-2024-835", headers: []string{"Origin", "https://elsewhere.example.org"}, kept: true},
		{address: "/v1/council?date=2024-11-20"},
		{address: "/v1/council?date=2024-11-20", kept: true},
		{address: "/style.css"},
		{address: "/style.css", kept: true},
		{address: "/resolutions/S-2024-835"},
		{address: "/resolutions/S-2024-835", headers: []string{"Accept", "text/html"}},
		{address: "/resolutions/S-2024-835", headers: []string{"Accept", "text/html;q=0.5"}, kept: true},
	} {
		before := f.asked.Load()
		res := get(t, h, tt.address, tt.headers...)
		if want := map[bool]string{true: "scvotes; hit", false: "scvotes; fwd=miss"}[tt.kept]; res.StatusCode != 200 || cached(res) != want {
			t.Errorf("%s %q: %d, %q, want %q", tt.address, tt.headers, res.StatusCode, cached(res), want)
		}
		if tt.kept && f.asked.Load() != before {
			t.Errorf("%s: a kept answer was read again", tt.address)
		}
		if f.revision.Number != 12 {
			t.Fatal("the revision moved")
		}
	}
}

// A kept answer is in nothing different from the one that was made.
func TestAKeptAnswerIsTheAnswer(t *testing.T) {
	f := newFake(t)
	h, _ := followed(t, f, f)
	for _, address := range []string{"/v1/resolutions?limit=1", "/v1/resolutions/S-2024-835", "/v1/resolutions/S-2024-835/council.svg",
		"/resolutions/S-2024-835", "/embed/resolutions/S-2024-835", "/v1/feed.atom", "/v1/council?date=2024-11-20", "/openapi.yaml"} {
		for _, how := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"If-Modified-Since", "Fri, 20 Nov 2026 10:00:01 GMT"}} {
			made, kept := get(t, h, address, how...), get(t, h, address, how...)
			id := kept.Header.Get("X-Request-Id")
			if id == "" || id == made.Header.Get("X-Request-Id") || cached(kept) != "scvotes; hit" {
				t.Errorf("%s: request %q, %q", address, id, cached(kept))
			}
			for _, res := range []*http.Response{made, kept} {
				res.Header.Del("X-Request-Id")
				res.Header.Del("Cache-Status")
			}
			if got, want := fmt.Sprint(kept.StatusCode, kept.Header), fmt.Sprint(made.StatusCode, made.Header); got != want {
				t.Errorf("%s %q:\n%s\nwas\n%s", address, how, got, want)
			}
			if got, want := read(t, kept), read(t, made); got != want {
				t.Errorf("%s %q: another body", address, how)
			}
		}
	}
}

func TestAKeptAnswerKnowsItsTag(t *testing.T) {
	f := newFake(t)
	h, _ := followed(t, f, f)
	tag := get(t, h, "/v1/resolutions/S-2024-835").Header.Get("ETag")
	res := get(t, h, "/v1/resolutions/S-2024-835", "If-None-Match", tag)
	if res.StatusCode != 304 || read(t, res) != "" || cached(res) != "scvotes; hit" || res.Header.Get("Content-Length") != "" ||
		res.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	head := ask(t, h, http.MethodHead, "/v1/resolutions/S-2024-835")
	if body := read(t, get(t, h, "/v1/resolutions/S-2024-835")); head.Header.Get("Content-Length") != fmt.Sprint(len(body)) || cached(head) != "scvotes; hit" {
		t.Errorf("HEAD: %v", head.Header)
	}
}

// What leads elsewhere, is refused or fails is worked out anew each time.
func TestOnlyAnswersAreKept(t *testing.T) {
	f := newFake(t)
	h, _ := followed(t, f, f)
	for address, status := range map[string]int{"/v1/resolutions/S/2024/835": 308, "/v1/resolutions/S-1999-1": 404, "/v1/resolutions?outcome=none": 400} {
		for range 2 {
			if res := get(t, h, address); res.StatusCode != status || cached(res) != "" {
				t.Errorf("%s: %d, %q", address, res.StatusCode, cached(res))
			}
		}
	}
	f.fault = errors.New("a disk is gone")
	if res := get(t, h, "/v1/resolutions"); res.StatusCode != 500 {
		t.Errorf("a fault: %d", res.StatusCode)
	}
	f.fault = nil
	if res := get(t, h, "/v1/resolutions"); res.StatusCode != 200 || cached(res) != "scvotes; fwd=miss" {
		t.Errorf("after the fault: %d, %q", res.StatusCode, cached(res))
	}
}

func TestAChangeIsSeenAsSoonAsItIsTold(t *testing.T) {
	f := newFake(t)
	h, news := followed(t, f, f)
	address := "/v1/resolutions"
	before := get(t, h, address).Header.Get("ETag")
	f.revision.Number, f.revision.Committed = 13, f.revision.Committed.Add(time.Hour)
	tell(news, f, nil)
	res := get(t, h, address, "If-None-Match", before)
	if res.StatusCode != 200 || cached(res) != "scvotes; fwd=miss" || !strings.Contains(read(t, res), `"revision":13,`) {
		t.Errorf("%d, %q", res.StatusCode, cached(res))
	}
	// A sighting that comes late tells nothing new.
	news.Tell(votes.Sighting{Revision: votes.Revision{Number: 12}, Seen: news.last.Load().Seen.Add(-time.Second)})
	if res := get(t, h, address); cached(res) != "scvotes; hit" || !strings.Contains(read(t, res), `"revision":13,`) {
		t.Errorf("after a late sighting: %q", cached(res))
	}
}

// Without news for a second the revision is read again.
func TestNewsGrowOld(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.News = new(News)
	opt.News.Tell(votes.Sighting{Revision: f.revision, Seen: time.Now().Add(-2 * newsHolds)})
	h := New(f, opt)
	f.revision.Number++
	if res := get(t, h, "/v1/resolutions"); !strings.Contains(read(t, res), `"revision":13,`) {
		t.Error("an answer by old news")
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.CacheBytes = 100_000
	s := newServer(f, opt)
	for n := 1; n <= 200; n++ {
		k, _, err := s.answers.get(t.Context(), answerKey{"a", fmt.Sprint(n)}, func(context.Context) (*keptAnswer, error) {
			return newKept(nil, stamp{}, http.Header{}, "text/plain", make([]byte, 10_000)), nil
		})
		if err != nil || len(k.body) != 10_000 {
			t.Fatal(err)
		}
	}
	s.answers.cache.CleanUp()
	if got := s.answers.cache.WeightedSize(); got == 0 || got > 100_000 {
		t.Errorf("200 answers of 10 kB weigh %d", got)
	}
	opt.CacheBytes = -1
	h := New(f, opt)
	for range 2 {
		if res := get(t, h, "/v1/resolutions"); cached(res) != "scvotes; fwd=bypass" {
			t.Errorf("nothing is to be kept: %q", cached(res))
		}
	}
}

// What is of an earlier revision does not stay in memory.
func TestWhatIsOldIsForgotten(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.News = new(News)
	s := newServer(f, opt)
	h := s.echo(opt)
	opt.News.Tell(votes.Sighting{Revision: f.revision, Seen: time.Now().Add(time.Hour)})
	for _, address := range []string{"/v1/resolutions", "/v1/members", "/style.css"} {
		get(t, h, address)
	}
	f.revision.Number++
	tell(opt.News, f, nil)
	get(t, h, "/v1/vetoes")
	var left []string
	for key := range s.answers.cache.Keys() {
		_, path, _ := strings.Cut(key.address, "json ")
		left = append(left, path)
	}
	slices.Sort(left)
	if got := strings.Join(left, " "); got != "/style.css /v1/vetoes" {
		t.Errorf("left are %s", got)
	}
}

// slowly reads resolutions only when the gate is open.
type slowly struct {
	*fake
	gate  chan struct{}
	asked atomic.Int64
}

func (s *slowly) Items(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.ItemPage, error) {
	s.asked.Add(1)
	select {
	case <-s.gate:
		return s.fake.Items(ctx, f, p)
	case <-ctx.Done():
		return votes.ItemPage{}, ctx.Err()
	}
}

// However many ask at once, the answer is made once, also when the first one goes.
func TestNoStampede(t *testing.T) {
	f := newFake(t)
	s := &slowly{fake: f, gate: make(chan struct{})}
	h, _ := followed(t, s, f)
	leaving, leave := context.WithCancel(t.Context())
	first := make(chan struct{})
	go func() {
		defer close(first)
		sendBody(t, withContext(leaving, h), http.MethodGet, "/v1/resolutions", "")
	}()
	for s.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	leave()
	const many = 50
	var wg sync.WaitGroup
	var good atomic.Int64
	for range many {
		wg.Go(func() {
			if res := get(t, h, "/v1/resolutions"); res.StatusCode == 200 && strings.HasSuffix(read(t, res), "}\n") {
				good.Add(1)
			}
		})
	}
	close(s.gate)
	wg.Wait()
	<-first
	if s.asked.Load() != 1 || good.Load() != many {
		t.Errorf("%d good answers, made in %d times", good.Load(), s.asked.Load())
	}
}

// withContext serves under a context of its own.
func withContext(ctx context.Context, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r.WithContext(ctx)) })
}
