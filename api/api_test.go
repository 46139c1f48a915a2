package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

func TestAVetoedDraftIsARecord(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	got := decode[votes.Resolution](t, get(t, h, "/v1/resolutions/S-2024-835"))
	if got.Outcome != votes.Vetoed || !got.CarriedButForVeto || got.Resolution != "" {
		t.Errorf("outcome %q, carried but for veto %v, resolution %q", got.Outcome, got.CarriedButForVeto, got.Resolution)
	}
	want := votes.Tally{Yes: 14, No: 1, Members: 15, Required: 9}
	if diff := cmp.Diff(&want, got.Tally); diff != "" {
		t.Error(diff)
	}
	if len(got.Votes) != 15 || len(got.Sponsors) != 10 || len(got.Statements) != 1 {
		t.Errorf("%d votes, %d sponsors, %d statements", len(got.Votes), len(got.Sponsors), len(got.Statements))
	}
}

func TestAListLeavesTheDetailOut(t *testing.T) {
	res := get(t, New(newFake(t), testOptions(nil)), "/v1/resolutions")
	body := read(t, res)
	for _, field := range []string{`"votes"`, `"statements"`, `"sources"`, `"vetoed_by":null`, `"sponsors":null`} {
		if strings.Contains(body, field) {
			t.Errorf("the list has %s", field)
		}
	}
}

func TestSpellingsLeadToTheAddress(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for asked, want := range map[string]string{
		"/v1/resolutions/S/2024/835":                       "/v1/resolutions/S-2024-835",
		"/v1/resolutions/s/2024/835/":                      "/v1/resolutions/S-2024-835",
		"/v1/resolutions/S/2024/835/votes":                 "/v1/resolutions/S-2024-835/votes",
		"/v1/resolutions/S/2024/835/votes/":                "/v1/resolutions/S-2024-835/votes",
		"/v1/resolutions/S/2024/835/accounts":              "/v1/resolutions/S-2024-835/accounts",
		"/v1/resolutions/S/2024/835/history/":              "/v1/resolutions/S-2024-835/history",
		"/v1/resolutions/2623%20(2022)/accounts":           "/v1/resolutions/S-RES-2623-2022/accounts",
		"/v1/resolutions/S-2022-160/accounts":              "/v1/resolutions/S-RES-2623-2022/accounts",
		"/v1/resolutions/S-2022-160/history":               "/v1/resolutions/S-RES-2623-2022/history",
		"/v1/resolutions/s-2024-835":                       "/v1/resolutions/S-2024-835",
		"/v1/resolutions/s-2024-835/votes?x=1":             "/v1/resolutions/S-2024-835/votes?x=1",
		"/v1/resolutions/S-2024-835/":                      "/v1/resolutions/S-2024-835",
		"/v1/resolutions/S/RES/2334%20(2016)":              "/v1/resolutions/S-RES-2334-2016",
		"/v1/resolutions/S%2FRES%2F2334%20%282016%29":      "/v1/resolutions/S-RES-2334-2016",
		"/v1/resolutions/2334%20(2016)":                    "/v1/resolutions/S-RES-2334-2016",
		"/v1/resolutions/2334(2016)/votes":                 "/v1/resolutions/S-RES-2334-2016/votes",
		"/v1/resolutions/S/17769/Rev.1":                    "/v1/resolutions/S-17769-Rev.1",
		"/v1/resolutions/s-17769-rev.1":                    "/v1/resolutions/S-17769-Rev.1",
		"/v1/resolutions/S-2022-160":                       "/v1/resolutions/S-RES-2623-2022",
		"/v1/resolutions/S-2022-160/votes":                 "/v1/resolutions/S-RES-2623-2022/votes",
		"/v1/resolutions/":                                 "/v1/resolutions",
		"/v1/resolutions/?limit=2":                         "/v1/resolutions?limit=2",
		"/v1/members/":                                     "/v1/members",
		"/v1/members/france":                               "/v1/members/FRA",
		"/v1/members/usa?seat=false":                       "/v1/members/USA?seat=false",
		"/v1/members/T%C3%BCrkiye":                         "/v1/members/TUR",
		"/v1/members/C%C3%B4te%20d%27Ivoire":               "/v1/members/CIV",
		"/v1/members/Bosnia%20and%20Herzegovina":           "/v1/members/BIH",
		"/v1/vetoes/?group_by=year":                        "/v1/vetoes?group_by=year",
		"/v1/resolutions/https:%2F%2Fevil.example%2F12345": "", // no address of another host can come of it
	} {
		res := get(t, h, asked)
		if want == "" {
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("%s: status %d, to %s", asked, res.StatusCode, res.Header.Get("Location"))
			}
			continue
		}
		if got := res.Header.Get("Location"); res.StatusCode != http.StatusPermanentRedirect || got != want {
			t.Errorf("%s: status %d, to %q, want %q", asked, res.StatusCode, got, want)
		}
	}
}

func TestTheIDOfARevisedDraftIsItsAddress(t *testing.T) {
	res := get(t, New(newFake(t), testOptions(nil)), "/v1/resolutions/S-17769-Rev.1")
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d, to %q: an id must not lead elsewhere", res.StatusCode, res.Header.Get("Location"))
	}
}

func TestPagesFollowOneAnother(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string][]string{
		"/v1/resolutions?limit=1":                            {"S-2024-835", "S-RES-2623-2022", "S-2014-916", "S-13729"},
		"/v1/resolutions?limit=3":                            {"S-2024-835", "S-RES-2623-2022", "S-2014-916", "S-13729"},
		"/v1/resolutions?limit=4":                            {"S-2024-835", "S-RES-2623-2022", "S-2014-916", "S-13729"},
		"/v1/resolutions?limit=1&outcome=vetoed":             {"S-2024-835", "S-13729"},
		"/v1/vetoes?limit=1&group_by=member&from=1970-01-01": {"S-2024-835", "S-13729"},
	} {
		var got []string
		for next := &address; next != nil; {
			res := get(t, h, *next)
			page := decode[list[votes.Resolution]](t, res)
			if page.Total != len(want) || page.Revision != 12 {
				t.Errorf("%s: total %d, revision %d", *next, page.Total, page.Revision)
			}
			for _, r := range page.Data {
				got = append(got, r.ID)
			}
			link := ""
			if page.Next != nil {
				link = "<" + *page.Next + `>; rel="next"`
			}
			if res.Header.Get("Link") != link {
				t.Errorf("Link is %q, want %q", res.Header.Get("Link"), link)
			}
			next = page.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
}

func TestEveryFaultIsTold(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	res := get(t, h, "/v1/resolutions?outcome=lost,vetoed&veto_by=USA&limit=500&limit=2&cursor=bm90aGluZw&from=2024-13-01&vetoed_by=Ethipia&voted=USA&year=1900&%zz=1")
	p := decode[problem](t, res)
	got := map[string]string{}
	for _, f := range p.Errors {
		got[f.Parameter] += f.Message
	}
	for parameter, says := range map[string]string{
		"":          "not well formed",
		"outcome":   `"lost" is not an outcome`,
		"veto_by":   "did you mean vetoed_by?",
		"limit":     "may stand only once",
		"cursor":    "not a cursor of this list",
		"from":      "is not a date",
		"vetoed_by": "did you mean Ethiopia?",
		"voted":     "MEMBER:POSITION",
		"year":      "is not a year from 1946 on",
	} {
		if !strings.Contains(got[parameter], says) {
			t.Errorf("%q: %q, want something with %q", parameter, got[parameter], says)
		}
		delete(got, parameter)
	}
	if len(got) > 0 {
		t.Errorf("faults that are none: %v", got)
	}
	if res.StatusCode != 400 || res.Header.Get("Cache-Control") != "no-store" || p.Instance != "/v1/resolutions" {
		t.Errorf("status %d, Cache-Control %q, instance %q", res.StatusCode, res.Header.Get("Cache-Control"), p.Instance)
	}
}

func TestNotFoundSuggests(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, says := range map[string]string{
		"/v1/members/Ethipia":         "did you mean Ethiopia?",
		"/v1/resolutions/S-2024-999":  "S-2024-999",
		"/v1/resolutions/x/y":         "S/2024/835",
		"/v1/council?date=1945-06-26": "first met on 1946-01-17",
		"/v1/council?date=2099-01-01": "not all on record",
		"/v1/resolution":              "/openapi.yaml",
		"/v1/resolutions/S-2024-836":  "near it are S-2024-835",
	} {
		res := get(t, h, address)
		if res.StatusCode == http.StatusPermanentRedirect {
			res = get(t, h, res.Header.Get("Location"))
		}
		if p := decode[problem](t, res); res.StatusCode != 404 || !strings.Contains(p.Detail, says) {
			t.Errorf("%s: status %d, %q; want something with %q", address, res.StatusCode, p.Detail, says)
		}
	}
}

func TestUnchangedAnswersAreNotSentAgain(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	const address = "/v1/resolutions/S-2024-835"
	first := get(t, h, address)
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if modified != "Fri, 20 Nov 2026 10:00:00 GMT" || first.Header.Get("Cache-Control") != cacheReads {
		t.Errorf("Last-Modified %q, Cache-Control %q", modified, first.Header.Get("Cache-Control"))
	}
	f.asked.Store(0)
	for name, c := range map[string]struct {
		headers []string
		want    int
	}{
		"the tag":             {[]string{"If-None-Match", tag}, 304},
		"the tag among some":  {[]string{"If-None-Match", `"a", ` + strings.TrimPrefix(tag, "W/")}, 304},
		"another tag":         {[]string{"If-None-Match", `W/"0"`}, 200},
		"the day":             {[]string{"If-Modified-Since", modified}, 304},
		"a second before":     {[]string{"If-Modified-Since", "Fri, 20 Nov 2026 09:59:59 GMT"}, 200},
		"a tag goes first":    {[]string{"If-None-Match", `"a"`, "If-Modified-Since", modified}, 200},
		"not a day":           {[]string{"If-Modified-Since", "today"}, 200},
		"a tag no tag at all": {[]string{"If-None-Match", ""}, 200},
		"whatever there is":   {[]string{"If-None-Match", " *"}, 304},
		"a star among some":   {[]string{"If-None-Match", `"a", *`}, 200},
	} {
		res := get(t, h, address, c.headers...)
		if res.StatusCode != c.want || c.want == 304 && (read(t, res) != "" || res.Header.Get("ETag") != tag) {
			t.Errorf("%s: status %d, want %d", name, res.StatusCode, c.want)
		}
	}
	f.asked.Store(0)
	if get(t, h, address, "If-None-Match", tag); f.asked.Load() != 0 {
		t.Error("the record was read to say that it had not changed")
	}
	// A tag says nothing of another address, least of all of one that is not there.
	if res := get(t, h, "/v1/resolutions/S-2024-999", "If-None-Match", tag, "If-Modified-Since", modified); res.StatusCode != 404 {
		t.Errorf("a missing record: status %d", res.StatusCode)
	}
	f.revision = votes.Revision{Number: 13, Committed: f.revision.Committed.Add(time.Hour)}
	if res := get(t, h, address, "If-None-Match", tag); res.StatusCode != 200 {
		t.Errorf("after a change: status %d", res.StatusCode)
	}
}

// Of two revisions of one second, Last-Modified says the same: only the tag tells
// whoever has the first that there is a second.
func TestTwoRevisionsOfOneSecond(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	for _, address := range []string{"/v1/resolutions/S-2024-835", "/v1/resolutions.csv", "/resolutions/S-2024-835", "/v1/feed.atom"} {
		f.revision.Shared = false
		f.revision.Number++
		f.revision.Committed = f.revision.Committed.Truncate(time.Second).Add(time.Hour)
		first := get(t, h, address)
		modified := first.Header.Get("Last-Modified")
		if res := get(t, h, address, "If-Modified-Since", modified); res.StatusCode != 304 {
			t.Errorf("%s: status %d where nothing changed", address, res.StatusCode)
		}
		f.revision.Number++
		f.revision.Committed = f.revision.Committed.Add(time.Millisecond)
		f.revision.Shared = true
		for range 2 { // made, and kept
			res := get(t, h, address, "If-Modified-Since", modified)
			if res.StatusCode != 200 || res.Header.Get("Last-Modified") != modified {
				t.Errorf("%s: status %d after a change within the second of %s, modified %s", address, res.StatusCode, modified, res.Header.Get("Last-Modified"))
			}
		}
		if res := get(t, h, address, "If-None-Match", first.Header.Get("ETag")); res.StatusCode != 200 {
			t.Errorf("%s: the tag did not change", address)
		}
	}
}

func TestTheCouncilOfTodayIsNotThatOfYesterday(t *testing.T) {
	opt := testOptions(nil)
	day := time.Date(2024, 12, 31, 23, 0, 0, 0, time.UTC)
	opt.Now = func() time.Time { return day }
	h := New(newFake(t), opt)
	tag := get(t, h, "/v1/council").Header.Get("ETag")
	day = day.AddDate(0, 0, 1)
	res := get(t, h, "/v1/council", "If-None-Match", tag)
	if got := decode[councilAnswer](t, res); res.StatusCode != 200 || got.Date != "2025-01-01" || got.Required != 9 || got.Members != 15 {
		t.Errorf("status %d, %+v", res.StatusCode, got)
	}
	old := decode[councilAnswer](t, get(t, h, "/v1/council?date=1965-12-31"))
	if old.Members != 11 || old.Required != 7 || old.Seats[2].Code != "SUN" || old.Seats[2].Seat != "RUS" {
		t.Errorf("the Council of 1965: %+v", old)
	}
}

func TestVetoesAreCountedInEveryWay(t *testing.T) {
	f := newFake(t)
	got := decode[vetoAnswer](t, get(t, New(f, testOptions(nil)), "/v1/vetoes?group_by=member"))
	if got.ProposalsVetoed != 2 || got.VetoesCast != 2 || len(got.Groups) != 2 || len(got.Data) != 2 || got.resolutionTail.Revision != 12 {
		t.Errorf("%+v", got)
	}
	if len(got.Conventions) != 3 || got.Conventions[0].ProposalsVetoed != 2 {
		t.Errorf("conventions %+v", got.Conventions)
	}
}

func TestCompression(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	plain := read(t, get(t, h, "/v1/resolutions/S-2024-835"))
	res := get(t, h, "/v1/resolutions/S-2024-835", "Accept-Encoding", "gzip")
	if res.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Encoding") {
		t.Fatalf("headers %v", res.Header)
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != plain {
		t.Errorf("%v; the compressed answer is not the plain one", err)
	}
	if res := get(t, h, "/healthz", "Accept-Encoding", "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a few bytes were compressed")
	}
}

func TestAnyPageMayRead(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	pre := ask(t, h, http.MethodOptions, "/v1/resolutions", "Origin", "https://example.org",
		"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "If-None-Match")
	if pre.StatusCode != 204 || pre.Header.Get("Access-Control-Allow-Origin") != "*" ||
		pre.Header.Get("Access-Control-Allow-Methods") != "GET,HEAD,POST" || pre.Header.Get("Access-Control-Allow-Headers") != "If-None-Match" {
		t.Errorf("preflight: status %d, %v", pre.StatusCode, pre.Header)
	}
	for _, address := range []string{"/v1/resolutions", "/v1/resolutions/", "/v1/resolutions/S/2024/835", "/v1/nothing"} {
		res := get(t, h, address, "Origin", "https://example.org")
		if res.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(res.Header.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("%s: %v", address, res.Header)
		}
	}
}

func TestOnlyReading(t *testing.T) {
	res := ask(t, New(newFake(t), testOptions(nil)), http.MethodDelete, "/v1/resolutions/S-2024-835")
	if allow := res.Header.Get("Allow"); res.StatusCode != 405 || !strings.Contains(allow, "GET") || !strings.Contains(allow, "HEAD") {
		t.Errorf("status %d, Allow %q", res.StatusCode, allow)
	}
	if p := decode[problem](t, res); p.Status != 405 {
		t.Errorf("%+v", p)
	}
}

func TestAnUnknownErrorIsQuietAndLogged(t *testing.T) {
	f := newFake(t)
	f.fault = errors.New("pq: secret")
	var log bytes.Buffer
	h := New(f, testOptions(slog.New(slog.NewTextHandler(&log, nil))))
	for _, address := range []string{"/v1/resolutions", "/readyz"} {
		log.Reset()
		res := get(t, h, address)
		if body := read(t, res); strings.Contains(body, "secret") || res.StatusCode < 500 {
			t.Errorf("%s: status %d, %s", address, res.StatusCode, body)
		}
		if id := res.Header.Get("X-Request-Id"); id == "" || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "pq: secret") {
			t.Errorf("%s: request id %q, log %s", address, id, log.String())
		}
	}
}

// panicking breaks while it reads.
type panicking struct{ *fake }

func (panicking) Ping(context.Context) error {
	panic("secret")
}

func TestAPanicIsAnUnknownError(t *testing.T) {
	var log bytes.Buffer
	h := New(panicking{newFake(t)}, testOptions(slog.New(slog.NewTextHandler(&log, nil))))
	res := get(t, h, "/readyz")
	if body := read(t, res); res.StatusCode != 500 || strings.Contains(body, "secret") || !strings.Contains(log.String(), "panic: secret") {
		t.Errorf("status %d, %s; log %s", res.StatusCode, body, log.String())
	}
}

func TestASlowAnswerIsGivenUp(t *testing.T) {
	f := newFake(t)
	f.slow = true
	opt := testOptions(nil)
	opt.Timeout = 20 * time.Millisecond
	res := get(t, New(f, opt), "/v1/resolutions")
	if p := decode[problem](t, res); res.StatusCode != 503 || p.Status != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, %+v", res.StatusCode, p)
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	opt := testOptions(nil)
	opt.PublicURL = "https://votes.example.org" // else the two would be of different hosts
	h := New(newFake(t), opt)
	srv := httptest.NewServer(h) // a recorder would keep the body
	defer srv.Close()
	for _, address := range []string{"/v1/resolutions", "/v1/council", "/openapi.yaml", "/healthz"} {
		head, err := http.Head(srv.URL + address)
		if err != nil {
			t.Fatal(err)
		}
		got := get(t, h, address)
		if body := read(t, got); head.StatusCode != got.StatusCode || head.Header.Get("ETag") != got.Header.Get("ETag") ||
			head.ContentLength != int64(len(body)) {
			t.Errorf("%s: status %d, ETag %q, length %d", address, head.StatusCode, head.Header.Get("ETag"), head.ContentLength)
		}
		if body := read(t, head); body != "" {
			t.Errorf("%s: HEAD was answered with %q", address, body)
		}
		head.Body.Close()
	}
}
