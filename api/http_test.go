package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"scvotes/votes/access"
)

func TestMethodsThatAnAddressDoesNotAnswer(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for _, c := range []struct{ method, path, allow string }{
		{http.MethodDelete, "/v1/resolutions/S-2024-835", "OPTIONS, GET, HEAD"},
		{http.MethodPost, "/v1/resolutions", "OPTIONS, GET, HEAD"},
		{http.MethodPut, "/v1/resolutions.csv", "OPTIONS, GET, HEAD"},
		{http.MethodPatch, "/v1/export/scvotes.zip", "OPTIONS, GET, HEAD"},
		{http.MethodPost, "/v1/imports/5", "OPTIONS, GET, HEAD"},
		{http.MethodGet, "/v1/decide", "OPTIONS, POST"},
		{http.MethodHead, "/v1/decide", "OPTIONS, POST"},
		{http.MethodDelete, "/openapi.json", "OPTIONS, GET, HEAD"},
	} {
		res := ask(t, h, c.method, c.path)
		if allow := res.Header.Get("Allow"); res.StatusCode != http.StatusMethodNotAllowed || allow != c.allow {
			t.Errorf("%s %s: status %d, Allow %q", c.method, c.path, res.StatusCode, allow)
		}
		if p := decode[problem](t, res); c.method != http.MethodHead && (p.Status != 405 || !strings.HasSuffix(p.Type, "/MethodNotAllowed")) {
			t.Errorf("%s %s: %+v", c.method, c.path, p)
		}
	}
}

func TestOptions(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for path, allow := range map[string]string{
		"/v1/resolutions":            "OPTIONS, GET, HEAD",
		"/v1/resolutions.csv":        "OPTIONS, GET, HEAD",
		"/v1/resolutions/S-2024-835": "OPTIONS, GET, HEAD",
		"/v1/decide":                 "OPTIONS, POST",
		"/v1/decide/history":         "OPTIONS, GET, HEAD",
	} {
		plain := ask(t, h, http.MethodOptions, path)
		if plain.StatusCode != http.StatusNoContent || plain.Header.Get("Allow") != allow {
			t.Errorf("%s: status %d, Allow %q", path, plain.StatusCode, plain.Header.Get("Allow"))
		}
		// What a page of another site asks before it sends JSON.
		pre := ask(t, h, http.MethodOptions, path, "Origin", "https://example.org",
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
		if pre.StatusCode != http.StatusNoContent || pre.Header.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(pre.Header.Get("Access-Control-Allow-Methods"), "POST") || pre.Header.Get("Access-Control-Allow-Headers") != "content-type" ||
			pre.Header.Get("Access-Control-Max-Age") != "86400" {
			t.Errorf("preflight of %s: status %d, %v", path, pre.StatusCode, pre.Header)
		}
	}
}

func TestAnAddressThatIsTooLong(t *testing.T) {
	c := contract(t)
	h := New(newFake(t), testOptions(nil))
	long := strings.Repeat("a", maxURI)
	for _, o := range c.Operations() {
		if o.Method != http.MethodGet {
			continue
		}
		at := operationOf(o.Path, o.Parameters)
		res := get(t, h, at.address+"?q="+long)
		body := []byte(read(t, res))
		if res.StatusCode != http.StatusRequestURITooLong {
			t.Errorf("%s: status %d", at.address, res.StatusCode)
		}
		if err := c.Check(o, res.StatusCode, res.Header, body); err != nil {
			t.Error(err)
		}
	}
	if res := get(t, h, "/v1/resolutions?q="+strings.Repeat("a", 400)); res.StatusCode != 200 {
		t.Errorf("an address of 400 characters: status %d", res.StatusCode)
	}
}

// Every answer that reads the record is given up in time; a stream may take
// longer, as its client may be slow.
func TestEverySlowAnswerIsGivenUp(t *testing.T) {
	f := newFake(t)
	f.slow = true
	opt := testOptions(nil)
	opt.Timeout = 5 * time.Millisecond
	w := newFakeWriter()
	w.slow = true
	opt.Writer, opt.Importer, opt.Hooks = w, &fakeImporter{slow: true}, &fakeHooks{slow: true}
	token := w.token(t, access.Admin, access.Import)
	h := New(f, opt)
	c := contract(t)
	slow := 0
	for _, o := range c.Operations() {
		if o.Method != http.MethodGet || o.Responses.Status(503) == nil || o.Path == "/readyz" || streamsAlone(o.Path) {
			continue
		}
		at := operationOf(o.Path, o.Parameters)
		address := at.address + "?"
		for name, value := range at.required {
			address += name + "=" + value
		}
		var headers []string
		if o.Security != nil {
			headers = []string{"Authorization", token}
		}
		res := get(t, h, address, headers...)
		body := []byte(read(t, res))
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			// Who sat is among the rules, and never waits for the record.
			if !strings.HasPrefix(o.Path, "/v1/charts/timeline") {
				t.Errorf("%s: status %d", o.Path, res.StatusCode)
			}
			continue
		}
		slow++
		if err := c.Check(o, res.StatusCode, res.Header, body); err != nil {
			t.Error(err)
		}
	}
	if slow < 25 {
		t.Errorf("only %d answers were slow", slow)
	}
}

func streamsAlone(path string) bool {
	return slices.ContainsFunc([]string{".csv", ".ndjson", ".zip"}, func(suffix string) bool { return strings.HasSuffix(path, suffix) })
}

func TestSuggestionsOfANotFound(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string]string{
		"/v1/resolutions/S-2024-836":          "S-2024-835",
		"/v1/resolutions/S-2014-961":          "S-2014-916",
		"/v1/resolutions/S-1999-1":            "",
		"/v1/resolutions/S-2014-916-Rev.1":    "S-2014-916",
		"/v1/resolutions/S-RES-2623-2021":     "S-RES-2623-2022",
		"/v1/resolutions/S-2024-836/votes":    "S-2024-835",
		"/v1/resolutions/S-2024-836/accounts": "S-2024-835",
		"/v1/resolutions/S-13792/history":     "S-13729",
	} {
		res := get(t, h, address)
		p := decode[problem](t, res)
		if got := strings.Join(p.Suggestions, " "); res.StatusCode != 404 || got != want || want != "" && !strings.Contains(p.Detail, want) {
			t.Errorf("%s: status %d, %q (%s), want %q", address, res.StatusCode, got, p.Detail, want)
		}
	}
}

// The page about a fault is drawn when the request's own time is over, and tells
// the revision all the same.
func TestAFaultPageHasTheFrameOfEveryPage(t *testing.T) {
	res := get(t, New(newFake(t), testOptions(nil)), "/nothing/here")
	if body := read(t, res); res.StatusCode != http.StatusNotFound || !strings.Contains(body, "Revision 12 of") {
		t.Errorf("status %d\n%s", res.StatusCode, body)
	}
}

// A slash at the end leads on without it; one that is written %2F is part of a
// name, and leads nowhere.
func TestASlashOfANameLeadsNowhere(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	if res := get(t, h, "/v1/members/"); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "/v1/members" {
		t.Errorf("status %d, to %q", res.StatusCode, res.Header.Get("Location"))
	}
	for _, address := range []string{"/v1/imports/%2F%2Fevil.example%2F", "/v1/members/%2F%2Fevil.example%2f"} {
		if res := get(t, h, address); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d, to %q", address, res.StatusCode, res.Header.Get("Location"))
		}
	}
}
