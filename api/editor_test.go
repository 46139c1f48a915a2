package api

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"scvotes/votes/access"
)

// editing is a browser at the editors' pages.
type editing struct {
	*http.Client
	url      string
	w        *fakeWriter
	importer *fakeImporter
}

func newEditing(t *testing.T) *editing {
	t.Helper()
	w, opt, f := newFakeWriter(), testOptions(nil), new(fakeImporter)
	w.record = newFake(t)
	opt.Writer, opt.Importer = w, f
	server := httptest.NewServer(New(w.record, opt))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &editing{&http.Client{Jar: jar}, server.URL, w, f}
}

// open follows to a page.
func (e *editing) open(t *testing.T, path string) (status int, body string) {
	t.Helper()
	res, err := e.Get(e.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Cache-Control"); got != "private, no-store" && !strings.Contains(got, "no-store") {
		t.Errorf("%s: Cache-Control %q", path, got)
	}
	if res.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s may be read by other sites", path)
	}
	return res.StatusCode, read(t, res)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// formOf is what a browser sends of the form on a page that has some text in it.
func formOf(t *testing.T, page, text string) url.Values {
	t.Helper()
	for _, part := range strings.Split(page, "<form")[1:] {
		form, _, _ := strings.Cut(part, "</form>")
		if !strings.Contains(form, text) {
			continue
		}
		values := url.Values{}
		for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
			values.Set(m[1], html.UnescapeString(m[2]))
		}
		return values
	}
	t.Fatalf("no form with %q in\n%s", text, page)
	return nil
}

// send sends a form, with further headers in pairs.
func (e *editing) send(t *testing.T, path string, form url.Values, headers ...string) (status int, body string) {
	t.Helper()
	return e.sendBody(t, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), headers...)
}

func (e *editing) sendBody(t *testing.T, path, contentType string, body io.Reader, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, e.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := e.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, read(t, res)
}

// signIn signs in with a new token of some scopes, and returns the desk.
func (e *editing) signIn(t *testing.T, scopes ...access.Scope) (token, desk string) {
	t.Helper()
	token = strings.TrimPrefix(e.w.token(t, scopes...), "Bearer ")
	_, page := e.open(t, "/editor")
	form := formOf(t, page, "Token")
	form.Set("token", token)
	status, desk := e.send(t, "/editor/sign-in", form)
	if status != http.StatusOK || !strings.Contains(desk, "Signed in as <strong>desk") || strings.Contains(desk, token[20:]) {
		t.Fatalf("status %d\n%s", status, desk)
	}
	return token, desk
}

func TestAnEditorsDay(t *testing.T) {
	e := newEditing(t)
	_, desk := e.signIn(t, access.Edit)
	if !strings.Contains(desk, "Undo edit 2") || strings.Contains(desk, "Undo edit 1<") {
		t.Errorf("%s", desk)
	}
	if status, page := e.open(t, "/editor?symbol=S/2024/835"); status != 200 || !strings.Contains(page, "Edit S-2024-835") {
		t.Errorf("status %d\n%s", status, page)
	}
	_, page := e.open(t, "/editor/resolutions/S-2024-835")
	form := formOf(t, page, "Why")
	for name, value := range map[string]string{"do": "preview", "field": "topic", "value": "Gaza <1>", "reason": "r & s", "reference": "S/2024/835"} {
		form.Set(name, value)
	}
	status, preview := e.send(t, "/editor/resolutions/S-2024-835", form)
	if status != 200 || !strings.Contains(preview, "S-2024-835 would be changed") || !strings.Contains(preview, "<td>edited</td>") || len(e.w.calls) != 1 {
		t.Fatalf("status %d, %d calls\n%s", status, len(e.w.calls), preview)
	}
	make := formOf(t, preview, "Make this edit")
	make.Set("do", "make")
	for range 2 { // a second click makes no second edit
		status, desk = e.send(t, "/editor/resolutions/S-2024-835", make)
		if status != 200 || !strings.Contains(desk, "Edit 4 was made.") || len(e.w.calls) != 2 {
			t.Fatalf("status %d, %d calls\n%s", status, len(e.w.calls), desk)
		}
	}
	if call := e.w.calls[1]; call.Who != "desk 1" || call.Route != "/editor/resolutions/{id}" || call.Target != "S-2024-835" || call.Client != "127.0.0.1" {
		t.Errorf("%+v", call)
	}
	// The preview is of a revision that is past: another one sees it, and has to look again.
	make.Set("key", "another")
	if status, page := e.send(t, "/editor/resolutions/S-2024-835", make); status != http.StatusPreconditionFailed || !strings.Contains(page, "moved on") ||
		!strings.Contains(page, `>Gaza &lt;1&gt;</textarea>`) {
		t.Errorf("status %d\n%s", status, page)
	}
	if status, page := e.send(t, "/editor/sign-out", formOf(t, desk, "Sign out")); status != 200 || !strings.Contains(page, "Sign in to edit") || len(e.w.sessions) != 0 {
		t.Errorf("status %d\n%s", status, page)
	}
}

func TestAStatementByItsForm(t *testing.T) {
	e := newEditing(t)
	e.signIn(t, access.Edit)
	_, page := e.open(t, "/editor/resolutions/S-2024-835")
	form := formOf(t, page, "Speaker")
	for name, value := range map[string]string{"do": "preview", "speaker": "A minister", "for": "rus", "kind": "reaction", "date": "2024-11-21", "text": "No.", "source": "Newsweek", "reason": "r"} {
		form.Set(name, value)
	}
	status, preview := e.send(t, "/editor/resolutions/S-2024-835", form)
	if value := formOf(t, preview, "Make this edit").Get("value"); status != 200 || !strings.Contains(value, `"for":"RUS"`) {
		t.Errorf("status %d, %s", status, value)
	}
	form.Set("for", "XXX")
	if status, page := e.send(t, "/editor/resolutions/S-2024-835", form); status != 400 || !strings.Contains(page, "by its code") || !strings.Contains(page, `value="A minister"`) {
		t.Errorf("status %d\n%s", status, page)
	}
}

func TestAFormFromElsewhereDoesNothing(t *testing.T) {
	e := newEditing(t)
	_, desk := e.signIn(t, access.Edit, access.Import)
	good := formOf(t, desk, "Sign out")
	edit := url.Values{"do": {"make"}, "key": {"k"}, "revision": {"3"}, "field": {"topic"}, "value": {"x"}, "reason": {"r"}, "reference": {"d"}}
	calls := len(e.w.calls)
	for name, headers := range map[string][]string{"Sec-Fetch-Site": {"Sec-Fetch-Site", "cross-site"}, "same site": {"Sec-Fetch-Site", "same-site"},
		"Origin": {"Origin", "https://evil.example"}, "no origin": {"Origin", "null"}} {
		edit.Set("form", good.Get("form"))
		for _, path := range []string{"/editor/sign-out", "/editor/sign-in", "/editor/resolutions/S-2024-835", "/editor/import"} {
			if status, _ := e.send(t, path, edit, headers...); status != http.StatusForbidden {
				t.Errorf("%s: %s: status %d", name, path, status)
			}
		}
	}
	for _, token := range []string{"", "a", good.Get("form")[1:]} {
		edit.Set("form", token)
		for _, path := range []string{"/editor/sign-out", "/editor/sign-in", "/editor/resolutions/S-2024-835", "/editor/import"} {
			if status, page := e.send(t, path, edit); status != http.StatusForbidden || !strings.Contains(page, "was not sent from") {
				t.Errorf("form token %q: %s: status %d", token, path, status)
			}
		}
	}
	if len(e.w.sessions) != 1 || len(e.w.calls) != calls {
		t.Error("something was done")
	}
}

func TestWhoMayNotEditIsLedToTheDesk(t *testing.T) {
	e := newEditing(t)
	for _, path := range []string{"/editor/resolutions/S-2024-835", "/editor/import"} {
		if status, page := e.open(t, path); status != 200 || !strings.Contains(page, "Sign in to edit") {
			t.Errorf("nobody: status %d\n%s", status, page)
		}
	}
	e.signIn(t, access.Read, access.Import, access.Admin)
	if status, page := e.open(t, "/editor/resolutions/S-2024-835"); status != 200 || !strings.Contains(page, "does not have the scope edit") {
		t.Errorf("another scope: status %d\n%s", status, page)
	}
	// A token that is of no use any more ends its session.
	for id, token := range e.w.tokens {
		token.denied = access.ErrRevoked
		e.w.tokens[id] = token
	}
	if _, page := e.open(t, "/editor"); !strings.Contains(page, "Sign in to edit") {
		t.Errorf("revoked:\n%s", page)
	}
}

func TestASignInThatFails(t *testing.T) {
	e := newEditing(t)
	unknown, _ := access.New()
	for text, says := range map[string]string{"nonsense": "there is no such token", unknown: "there is no such token",
		strings.TrimPrefix(e.w.deniedToken(t, access.ErrExpired, access.Edit), "Bearer "): "the token has expired"} {
		_, page := e.open(t, "/editor")
		form := formOf(t, page, "Token")
		form.Set("token", text)
		status, page := e.send(t, "/editor/sign-in", form)
		if status != http.StatusUnauthorized || !strings.Contains(page, says) || strings.Contains(page, text) || len(e.w.sessions) != 0 {
			t.Errorf("%s: status %d\n%s", says, status, page)
		}
	}
	if status, _ := e.send(t, "/editor/sign-in", url.Values{"token": {strings.Repeat("a", maxBody+1)}}); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a book: status %d", status)
	}
}

func TestTheCookiesOfTheEditors(t *testing.T) {
	for origin, secure := range map[string]bool{"": false, "https://votes.example.org": true} {
		w := newFakeWriter()
		w.record = newFake(t)
		opt := testOptions(nil)
		opt.Writer, opt.PublicURL = w, origin
		h := New(w.record, opt)
		first := get(t, h, "/editor")
		form := formOf(t, read(t, first), "Token")
		form.Set("token", strings.TrimPrefix(w.token(t, access.Edit), "Bearer "))
		res := sendBody(t, h, http.MethodPost, "/editor/sign-in", form.Encode(), "Content-Type", "application/x-www-form-urlencoded",
			"Cookie", first.Cookies()[0].Name+"="+first.Cookies()[0].Value)
		if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 2 {
			t.Fatalf("status %d, %v", res.StatusCode, res.Cookies())
		}
		for _, k := range append(first.Cookies(), res.Cookies()...) {
			if !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/editor" || k.Secure != secure {
				t.Errorf("%+v", k)
			}
		}
		// The session is no way into the API.
		api := post(t, h, editsAt, someEdits, "If-Match", "*", "Cookie", res.Cookies()[0].Name+"="+res.Cookies()[0].Value)
		if api.StatusCode != http.StatusUnauthorized {
			t.Errorf("the API takes the cookie: status %d", api.StatusCode)
		}
	}
}

func TestWhereNobodyWritesThereIsNoEditorsPage(t *testing.T) {
	if res := get(t, New(newFake(t), testOptions(nil)), "/editor"); res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
}
