package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"scvotes/votes"
)

// browser is what a browser without scripts does at the editors' pages.
type browser struct {
	*http.Client
	url, page string // the page is the one that is open
	status    int
}

func newBrowser(t *testing.T, address string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{Client: &http.Client{Jar: jar}, url: address}
}

func (b *browser) do(t *testing.T, req *http.Request) {
	t.Helper()
	res, err := b.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	b.page, b.status = string(page), res.StatusCode
}

func (b *browser) open(t *testing.T, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.do(t, req)
}

var reHidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// fields are what the form of the open page has that holds some text, and no
// person fills in.
func (b *browser) fields(t *testing.T, text string) map[string]string {
	t.Helper()
	for _, part := range strings.Split(b.page, "<form")[1:] {
		form, _, _ := strings.Cut(part, "</form>")
		if !strings.Contains(form, text) {
			continue
		}
		fields := make(map[string]string)
		for _, m := range reHidden.FindAllStringSubmatch(form, -1) {
			fields[m[1]] = html.UnescapeString(m[2])
		}
		return fields
	}
	t.Fatalf("status %d, and no form with %q on the page:\n%.3000s", b.status, text, b.page)
	return nil
}

// signIn signs in with a token.
func (b *browser) signIn(t *testing.T, token string) {
	t.Helper()
	b.open(t, "/editor")
	form := url.Values{"form": {b.fields(t, "Token")["form"]}, "token": {token}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/editor/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if b.do(t, req); b.status != http.StatusOK || !strings.Contains(b.page, "Signed in as") {
		t.Fatalf("status %d\n%.3000s", b.status, b.page)
	}
}

// upload sends the form for files, with one where it has a name.
func (b *browser) upload(t *testing.T, fields map[string]string, name, content string, headers ...string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if err := form.WriteField(field, fields[field]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/editor/import", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	b.do(t, req)
}

// TestAFileByTheEditorsPage takes a published file in as a person does, from a
// running server: it is tried, its changes are looked at, and the same bytes land.
func TestAFileByTheEditorsPage(t *testing.T) {
	t.Parallel()
	content := read(t, publishedFile(t, vetoList))
	db := loaded(t)
	server := start(t, "", "serve", "--addr", "127.0.0.1:0", "--database-url", db)
	b := newBrowser(t, server.stdout.wait(t, serves))
	b.signIn(t, newTokenOf(t, db, "import"))
	b.open(t, "/editor/import")
	form := b.fields(t, "CSV file")
	form["do"] = "try"

	b.refused(t, form, content)
	if n := sqlCount(t, db, `SELECT count(*) FROM imports`); n != 2 {
		t.Errorf("%d imports: a file landed that was refused", n)
	}
	before := get[struct{ Revision int64 }](t, b.url+"/v1/resolutions?limit=1").Revision

	b.upload(t, form, vetoList, content)
	for _, want := range []string{"read as un-vetoes", "S-17769-Rev.1 would be changed", "30 January 1986, vetoed", "210 resolutions would get another source, and change in nothing else.", "Land this file"} {
		if !strings.Contains(b.page, want) {
			t.Errorf("status %d: the preview does not say %q\n%.4000s", b.status, want, b.page)
		}
	}
	if n := sqlCount(t, db, `SELECT count(*) FROM imports`); n != 2 {
		t.Errorf("%d imports: trying landed something", n)
	}
	land := b.fields(t, "Land this file")
	land["do"] = "land"
	b.upload(t, land, "", "")
	said := regexp.MustCompile(fmt.Sprintf(`%s landed as import (\d+): the record is at revision %d\.`, regexp.QuoteMeta(vetoList), before+1)).FindStringSubmatch(b.page)
	if b.status != http.StatusOK || said == nil {
		t.Fatalf("status %d\n%.4000s", b.status, b.page)
	}
	if b.upload(t, land, "", ""); !strings.Contains(b.page, "there is nothing to land") {
		t.Errorf("a second click: status %d\n%.4000s", b.status, b.page)
	}

	list := get[struct{ Data []votes.Import }](t, b.url+"/v1/imports?limit=1").Data
	if len(list) != 1 || fmt.Sprint(list[0].ID) != said[1] || list[0].File != vetoList || list[0].Revision != before+1 {
		t.Errorf("/v1/imports: %+v", list)
	}
	log := cli(t, "audit", "--database-url", db).stdout
	if !regexp.MustCompile(`night desk \([a-z2-7]{12}\) +127\.0\.0\.1 +POST /editor/import +un_veto_list_1946_2022\.csv  done 200, revision \d`).MatchString(log) ||
		!regexp.MustCompile(`POST /editor/import +votes\.csv +refused 422`).MatchString(log) || strings.Count(log, "done 200") != 1 {
		t.Errorf("the audit log:\n%s", log)
	}
	server.signal(t, syscall.SIGTERM)
	if code := server.ends(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := cli(t, "verify", "--database-url", db); got.code != 0 {
		t.Errorf("verify: %s", got.stdout)
	}
}

// refused sends what must not land: a file at fault, one that is too large, and
// forms that no page of the server made.
func (b *browser) refused(t *testing.T, form map[string]string, content string) {
	t.Helper()
	atFault := strings.Replace(content, "2022-05-26", "2022-05-36", 1)
	if atFault == content {
		t.Fatal("the day is not in the file")
	}
	forged := map[string]string{"do": "try"}
	for _, c := range []struct {
		name, content string
		form          map[string]string
		headers       []string
		status        int
		says          []string
	}{
		{"at fault", atFault, form, nil, 422, []string{"nothing of it landed", `<td class="number">2</td><td>date</td><td>refused</td>`}},
		{"too large", content + strings.Repeat("\n", 1<<20), form, nil, 413, []string{"larger than 1024 KiB", "POST /v1/imports"}},
		{"without the page's token", content, forged, nil, 403, []string{"was not sent from the page"}},
		{"from another site", content, form, []string{"Sec-Fetch-Site", "cross-site"}, 403, []string{"was not sent from the page"}},
	} {
		b.upload(t, c.form, "votes.csv", c.content, c.headers...)
		for _, want := range c.says {
			if b.status != c.status || !strings.Contains(b.page, want) || strings.Contains(b.page, "Land this file") {
				t.Errorf("%s: status %d, want %d and %q\n%.4000s", c.name, b.status, c.status, want, b.page)
			}
		}
	}
}
