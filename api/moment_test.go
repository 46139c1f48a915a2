package api

import (
	"errors"
	"strings"
	"testing"
	"time"

	"scvotes/votes"
)

// everyRead are addresses that need every read of the record there is.
var everyRead = []string{"/v1/resolutions", "/v1/resolutions?fields=id", "/v1/resolutions?include=votes", "/v1/resolutions/S-2024-835",
	"/v1/resolutions/S-2024-835?fields=id", "/v1/resolutions/S-2024-835/votes", "/v1/resolutions/S-2024-835/accounts",
	"/v1/resolutions/S-2024-835/history", "/v1/resolutions/S-2024-835/popolo.json", "/v1/resolutions/S-2024-835/citation.bib",
	"/v1/discrepancies", "/v1/members", "/v1/members/USA", "/v1/members/USA/votes", "/v1/vetoes?group_by=member", "/v1/tallies?group_by=year",
	"/v1/agreement?members=P5", "/v1/agreement/USA/RUS/votes", "/v1/cohesion?members=P5", "/v1/sponsors", "/v1/sponsors/pairs",
	"/v1/decide/history?rule=two_vetoes", "/v1/imports", "/v1/imports/1", "/v1/feed.atom", "/v1/feed.json", "/v1/resolutions/S-2024-835/council.svg",
	"/v1/charts/vetoes.svg", "/v1/charts/agreement.svg", "/", "/resolutions", "/resolutions/S-2024-835", "/vetoes", "/members", "/members/USA",
	"/agreement", "/agreement/RUS/USA", "/data", "/about", "/embed/resolutions/S-2024-835", "/oembed?url=http%3A%2F%2Fexample.com%2Fresolutions%2FS-2024-835", "/sitemap.xml"}

// An answer is of one revision, the one that its tag stands for, though the
// record changes while it is read.
func TestAnAnswerIsOfOneRevision(t *testing.T) {
	for _, address := range everyRead {
		for _, changes := range []int{1, 2, 1000} {
			f := newFake(t)
			h, news := followed(t, f, f)
			f.changes = changes
			res := get(t, h, address)
			read(t, res)
			f.changes = 0
			tag := res.Header.Get("ETag")
			if res.StatusCode != 200 || tag == "" {
				t.Errorf("%s: %d, ETag %q", address, res.StatusCode, tag)
				continue
			}
			if f.revision.Number == 12 {
				t.Fatalf("%s reads nothing of the record", address)
			}
			// What is answered when all is quiet has the same tag.
			tell(news, f, nil)
			if got := get(t, h, address).Header.Get("ETag"); got != tag {
				t.Errorf("%s, with %d changes meanwhile, was stamped %s; then it is %s", address, changes, tag, got)
			}
			if held := f.moments.Load() > 0; held != (changes > freeReads) && changes != 2 {
				t.Errorf("%s, with %d changes meanwhile: held %d times", address, changes, f.moments.Load())
			}
		}
	}
}

// While the database is away what is kept is given, and told to be old; what is
// not is refused at once. When it is back all is as before.
func TestTheDatabaseGoesAway(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.News = new(News)
	seen := time.Now()
	opt.News.Tell(votes.Sighting{Revision: f.revision, Seen: seen})
	h := New(f, opt)
	fresh := read(t, get(t, h, "/v1/resolutions"))
	f.fault = errors.New("connection refused")
	opt.News.Tell(votes.Sighting{Seen: time.Now(), Err: f.fault})
	res := get(t, h, "/v1/resolutions")
	if res.StatusCode != 200 || cached(res) != "scvotes; hit; detail=stale" || res.Header.Get("Age") != "1" || read(t, res) != fresh {
		t.Errorf("%d, %v", res.StatusCode, res.Header)
	}
	before := f.asked.Load()
	res = get(t, h, "/v1/members")
	if body := read(t, res); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || strings.Contains(body, "refused") || f.asked.Load() != before {
		t.Errorf("%d, %v, asked %d times: %s", res.StatusCode, res.Header, f.asked.Load()-before, body)
	}
	if res := get(t, h, "/v1/council"); res.StatusCode != 200 {
		t.Errorf("what needs no database: %d", res.StatusCode)
	}
	f.fault = nil
	f.revision.Number++
	opt.News.Tell(votes.Sighting{Revision: f.revision, Seen: time.Now()})
	if res := get(t, h, "/v1/resolutions"); res.StatusCode != 200 || res.Header.Get("Age") != "" || !strings.Contains(read(t, res), `"revision":13,`) {
		t.Errorf("after it came back: %d, %v", res.StatusCode, res.Header)
	}
}

// Kept answers are given for so long, and no longer.
func TestStaleAnswersHaveAnEnd(t *testing.T) {
	f := newFake(t)
	opt := testOptions(nil)
	opt.News, opt.Stale = new(News), time.Minute
	opt.News.Tell(votes.Sighting{Revision: f.revision, Seen: time.Now().Add(-59 * time.Second)})
	h := New(f, opt)
	read(t, get(t, h, "/v1/resolutions"))
	f.fault = errors.New("connection refused")
	at := func(good time.Duration) int {
		opt.News.last.Store(&told{Sighting: votes.Sighting{Revision: f.revision, Seen: time.Now(), Err: f.fault}, good: time.Now().Add(-good)})
		return get(t, h, "/v1/resolutions").StatusCode
	}
	if got := at(59 * time.Second); got != 200 {
		t.Errorf("within the minute: %d", got)
	}
	if got := at(61 * time.Second); got != 503 {
		t.Errorf("after it: %d", got)
	}
	// One who has never seen the database has nothing to give.
	opt.News = new(News)
	opt.News.Tell(votes.Sighting{Seen: time.Now(), Err: f.fault})
	if res := get(t, New(f, opt), "/v1/resolutions"); res.StatusCode != 503 {
		t.Errorf("never seen: %d", res.StatusCode)
	}
}
