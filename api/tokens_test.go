package api

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"scvotes/votes/access"
)

// written is a server that is written to, and its Writer.
func written(t *testing.T) (http.Handler, *fakeWriter) {
	t.Helper()
	w := newFakeWriter()
	w.record = newFake(t)
	opt := testOptions(nil)
	opt.Writer, opt.Importer, opt.Hooks = w, new(fakeImporter), new(fakeHooks)
	return New(w.record, opt), w
}

func TestATokenIsKnownOrRefused(t *testing.T) {
	h, w := written(t)
	good := w.token(t, access.Admin)
	text, _ := access.New()
	other := good[:len(good)-10] + strings.Repeat("a", 10)
	for name, c := range map[string]struct {
		authorization string
		status        int
		challenge     string // the end of WWW-Authenticate
	}{
		"none":             {"", 401, `Bearer realm="scvotes"`},
		"good":             {good, 200, ""},
		"in small letters": {"bearer " + good[7:], 200, ""},
		"unknown":          {"Bearer " + text, 401, `error="invalid_token", error_description="there is no such token"`},
		"wrong secret":     {other, 401, `error="invalid_token", error_description="there is no such token"`},
		"expired":          {w.deniedToken(t, access.ErrExpired, access.Admin), 401, `error="invalid_token", error_description="the token has expired"`},
		"revoked":          {w.deniedToken(t, access.ErrRevoked, access.Admin), 401, `error="invalid_token", error_description="the token was revoked"`},
		"nonsense":         {"Bearer abc", 401, `error="invalid_token", error_description="there is no such token"`},
		"empty":            {"Bearer ", 401, `error="invalid_token", error_description="the token is missing behind Bearer"`},
		"two in one":       {good + ", " + good, 400, `error="invalid_request", error_description="more than one token: a request shows one"`},
		"without scope":    {w.token(t, access.Read, access.Edit, access.Import), 403, `error="insufficient_scope", error_description="this needs a token with the scope admin", scope="admin"`},
		"of a proxy":       {"Basic YTpi", 401, `Bearer realm="scvotes"`},
	} {
		res := get(t, h, "/v1/audit", "Authorization", c.authorization)
		if how := res.Header.Get("WWW-Authenticate"); res.StatusCode != c.status || !strings.HasSuffix(how, c.challenge) || (how == "") != (c.challenge == "") {
			t.Errorf("%s: status %d, %q", name, res.StatusCode, how)
		}
		body := read(t, res)
		if err := contractOf(t).Check(operationAt(t, "/v1/audit"), res.StatusCode, res.Header, []byte(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(body, text) || strings.Contains(body, good[7:]) || strings.Contains(res.Header.Get("WWW-Authenticate"), good[7:]) {
			t.Errorf("%s: the token comes back: %s", name, body)
		}
	}
}

func TestTwoTokensAtOnce(t *testing.T) {
	h, w := written(t)
	req := httptest.NewRequest(http.MethodGet, "/v1/audit", nil)
	req.Header["Authorization"] = []string{w.token(t, access.Admin), w.token(t, access.Admin)}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusBadRequest || w.asked != 0 {
		t.Errorf("status %d; %d tokens were looked at", rec.Code, w.asked)
	}
}

// A token that is shown has to be a good one, wherever it is shown.
func TestABadTokenReadsNothing(t *testing.T) {
	h, w := written(t)
	for _, address := range []string{"/v1/resolutions", "/v1/resolutions/S-2024-835", "/v1/resolutions.csv", "/openapi.json", "/v1/feed.atom", "/v1/nothing"} {
		get(t, h, address) // and is kept
		if res := get(t, h, address, "Authorization", w.deniedToken(t, access.ErrRevoked)); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status %d", address, res.StatusCode)
		}
	}
	// Where nobody may write, no token is known.
	if res := get(t, New(newFake(t), testOptions(nil)), "/v1/resolutions", "Authorization", w.token(t, access.Read)); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a server that only reads: status %d", res.StatusCode)
	}
}

// What is answered to a token is for nobody else, in no cache.
func TestAnswersToATokenAreKeptNowhere(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Read)
	for _, address := range []string{"/v1/resolutions", "/v1/resolutions/S-2024-835", "/v1/resolutions.csv", "/v1/export/scvotes.zip", "/openapi.json",
		"/v1/resolutions/S-2022-160", "/v1/nothing", "/", "/docs", "/v1/resolutions/S-2024-835/council.svg"} {
		for range 2 {
			res := get(t, h, address, "Authorization", token)
			if got := res.Header.Values("Cache-Control"); fmt.Sprint(got) != "[private, no-store]" {
				t.Errorf("%s: Cache-Control %q", address, got)
			}
			if how := res.Header.Get("Cache-Status"); strings.Contains(how, "hit") {
				t.Errorf("%s: %s", address, how)
			}
			etag := res.Header.Get("ETag")
			if open := get(t, h, address); open.Header.Get("ETag") != etag || strings.Contains(open.Header.Get("Cache-Control"), "private") {
				t.Errorf("%s: without a token: %v", address, open.Header)
			}
		}
	}
	if res := get(t, h, "/v1/resolutions", "Authorization", "Basic YTpi"); !strings.HasPrefix(res.Header.Get("Cache-Control"), "public") {
		t.Errorf("credentials of a proxy: %v", res.Header)
	}
}

func TestAnAuthenticationThatFailsIsNoRefusal(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Admin)
	w.fault = errors.New("secret cause")
	if res := get(t, h, "/v1/audit", "Authorization", token); res.StatusCode != http.StatusInternalServerError || strings.Contains(read(t, res), "secret") {
		t.Errorf("status %d", res.StatusCode)
	}
}

// Wherever somebody puts a token, the log, the problem and the caches do not have it.
func TestATokenReachesNoLog(t *testing.T) {
	var said bytes.Buffer
	w := newFakeWriter()
	opt := testOptions(slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug})))
	opt.Writer = w
	s := newServer(newFake(t), opt)
	h := s.echo(opt)
	header := w.token(t, access.Read)
	text := strings.TrimPrefix(header, "Bearer ")
	secret := text[20:]
	for _, c := range []struct{ address, name, value string }{
		{"/v1/resolutions", "Authorization", header},
		{"/v1/resolutions", "Authorization", "Bearer  " + text + "a"},
		{"/v1/resolutions?access_token=" + text, "", ""},
		{"/v1/resolutions?q=" + text, "", ""},
		{"/v1/resolutions/" + text, "", ""},
		{"/" + text, "", ""},
		{"/v1/resolutions?q=" + strings.ReplaceAll(text, "_", "%5F"), "", ""},
		{"/v1/resolutions", "X-Request-Id", text},
		{"/v1/resolutions", "Referer", "http://example.com/?t=" + text},
	} {
		for range 2 {
			res := get(t, h, c.address, c.name, c.value)
			if body := read(t, res); strings.Contains(body, secret) {
				t.Errorf("%s: it is in the answer: %s", c.address, body)
			}
			if c.name == "" && res.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: status %d", c.address, res.StatusCode)
			}
		}
	}
	s.log.Error("x", "error", errors.New(text), slog.Group("g", "a", text), "d", time.Second)
	s.log.With("a", text).WithGroup("b").Error(text, "n", 1)
	if strings.Contains(said.String(), secret) || !strings.Contains(said.String(), "scv_"+text[4:16]+"_...") {
		t.Errorf("the log has it, or was not written:\n%s", said.String())
	}
	for key := range s.answers.cache.Keys() {
		if strings.Contains(key.address, secret) {
			t.Errorf("it is in the key of an answer: %s", key.address)
		}
	}
}

func TestNoPageOfAnotherSiteSendsAToken(t *testing.T) {
	h, _ := written(t)
	for asked, want := range map[string]string{"authorization": "", "Authorization, Content-Type": " Content-Type", "content-type,AUTHORIZATION": "content-type"} {
		res := ask(t, h, http.MethodOptions, "/v1/audit", "Origin", "https://example.org",
			"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", asked)
		if got := res.Header.Get("Access-Control-Allow-Headers"); got != want || res.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %q, %v", asked, got, res.Header)
		}
	}
}

func TestTheAuditLogComesInPages(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Admin)
	for i := range 5 {
		_ = w.Note(t.Context(), access.Entry{Call: access.Call{Caller: access.Caller{Who: "cli:root", Client: "desk"}, Method: "CLI",
			Route: "scvotes edit", Target: fmt.Sprint("S-", i)}, Outcome: access.Done, Revision: int64(i)})
	}
	var got []string
	address := "/v1/audit?limit=2"
	for pages := 0; address != ""; pages++ {
		res := get(t, h, address, "Authorization", token)
		body := read(t, res)
		if err := contractOf(t).Check(operationAt(t, "/v1/audit"), res.StatusCode, res.Header, []byte(body)); err != nil || pages > 3 {
			t.Fatal(pages, err)
		}
		page := decodeText[struct {
			Data []struct {
				Target          string
				Token, Revision *any
			}
			Next  *string
			Total int
		}](t, body)
		address = ""
		if page.Next != nil {
			address = *page.Next
		}
		for _, e := range page.Data {
			got = append(got, e.Target)
			if e.Token != nil || page.Total != 5 {
				t.Errorf("%+v of %d", e, page.Total)
			}
		}
	}
	if fmt.Sprint(got) != "[S-4 S-3 S-2 S-1 S-0]" {
		t.Error(got)
	}
	if res := get(t, h, "/v1/audit", "Authorization", token, "Accept", "text/csv"); res.StatusCode != http.StatusNotAcceptable {
		t.Errorf("as CSV: status %d", res.StatusCode)
	}
}
