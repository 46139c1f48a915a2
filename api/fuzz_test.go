package api

import (
	archive "archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/anytext"
)

// texts have done harm somewhere: to a database, a template, a header or a number.
var texts = []string{"", "S-2024-835", "S/2024/835", "USA", "USA:no", "2024-11-20", "-1", "1e309", "' OR 1=1 --", "{{.}}", "<script>alert(1)</script>", "a\r\nX-Injected: yes",
	"\x00", "\xff", "\u202e", "//evil.example/", `/\evil.example`, "../../etc/passwd", "=1+1", "%", "]]>", strings.Repeat("(", 300), strings.Repeat("a,", 300), "9223372036854775808"}

// FuzzAddress: whatever is asked of whatever route, the answer is no fault of the
// server's and whole, and leads to no other host.
func FuzzAddress(f *testing.F) {
	names := slices.Concat(votes.FilterParameters, []string{"limit", "cursor", "sort", "facets", "include", "fields", "group_by", "members", "groups", "method", "period", "rule",
		"date", "seat", "position", "dissent", "lone", "differ", "source", "state", "severity", "width", "theme", "member", "order", "url", "format", "min_shared"})
	for i, name := range names {
		f.Add(uint16(i), texts[i%len(texts)], name+"="+url.QueryEscape(texts[(i*7)%len(texts)])+"&"+name+"=x")
	}
	for i, text := range texts {
		f.Add(uint16(i), text, "q="+url.QueryEscape(text))
	}
	f.Add(uint16(0), "", strings.Repeat("a=1&", 1500))
	f.Add(uint16(0), "", "%zz&;=")
	h := New(newFake(f), Options{Now: testOptions(nil).Now, Timeout: time.Minute})
	var paths []string
	for _, r := range newServer(newFake(f), Options{}).echo(Options{}).Routes() {
		if r.Method == http.MethodGet && !slices.Contains(paths, r.Path) && !strings.HasSuffix(r.Path, ".png") { // dear to paint, of the same as the SVG
			paths = append(paths, r.Path)
		}
	}
	slices.Sort(paths)
	f.Fuzz(func(t *testing.T, route uint16, part, query string) {
		path := paths[int(route)%len(paths)]
		for _, name := range []string{":id", ":code", ":a", ":b", ":key", ":number", "*"} {
			path = strings.ReplaceAll(path, name, url.PathEscape(part))
		}
		req, err := http.NewRequest(http.MethodGet, "http://votes.example"+path, nil)
		if err != nil {
			t.Skip("no address")
		}
		req.URL.RawQuery = strings.Map(func(r rune) rune { // a connection lets no others through
			if r <= ' ' || r >= 0x7f || r == '#' {
				return '+'
			}
			return r
		}, query)
		req.RequestURI = req.URL.RequestURI()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if err := wholeAnswer(rec); err != nil {
			t.Errorf("%s: status %d: %v\n%.2000s", req.URL, rec.Code, err, rec.Body)
		}
	})
}

// wholeAnswer tells what is wrong with an answer, whatever was asked.
func wholeAnswer(rec *httptest.ResponseRecorder) error {
	for name, values := range rec.Header() {
		if name == "X-Injected" || slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n\x00") || !utf8.ValidString(v) }) {
			return fmt.Errorf("header %s: %q", name, values)
		}
	}
	if to := rec.Header().Get(echo.HeaderLocation); to != "" && (to[0] != '/' || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`)) {
		return fmt.Errorf("it leads to %q", to)
	}
	if rec.Code >= 500 {
		return errors.New("a fault of the server")
	}
	if rec.Code >= 300 && rec.Code < 400 {
		return nil
	}
	return wholeBody(rec.Header().Get(echo.HeaderContentType), rec.Body.Bytes())
}

// wholeBody tells what is wrong with a body of its kind.
func wholeBody(contentType string, body []byte) error {
	kind, _, _ := strings.Cut(contentType, ";")
	switch {
	case kind == "application/zip":
		_, err := archive.NewReader(bytes.NewReader(body), int64(len(body)))
		return err
	case !utf8.Valid(body):
		return errors.New("not UTF-8")
	case kind == "application/x-ndjson":
		for line := range bytes.Lines(body) {
			if !json.Valid(line) {
				return fmt.Errorf("not JSON: %s", line)
			}
		}
	case strings.HasSuffix(kind, "json"):
		if !json.Valid(body) {
			return errors.New("not JSON")
		}
	case strings.HasSuffix(kind, "xml"):
		return wholeXML(body)
	case kind == "text/csv":
		return wholeCSV(body)
	case kind == "text/html" && bytes.Contains(body, []byte("<script>alert")):
		return errors.New("markup of the request is in the page")
	}
	return nil
}

func wholeXML(body []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		switch start, ok := token.(xml.StartElement); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case ok && strings.EqualFold(start.Name.Local, "script"):
			return errors.New("a script")
		}
	}
}

func wholeCSV(body []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	for _, row := range rows {
		for _, cell := range row {
			// A sign and a digit may be a number.
			if c := strings.TrimLeft(cell, " \""); c != "" && (strings.ContainsAny(c[:1], "=+@\t\r\n") || c[0] == '-' && (len(c) == 1 || c[1] < '0' || c[1] > '9')) {
				return fmt.Errorf("the cell %q runs", cell)
			}
		}
	}
	return err
}

// FuzzRecord: whatever the texts of the record are, every form in which it leaves is
// whole: JSON, CSV, feeds, pictures, citations, pages and the download.
func FuzzRecord(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Skip("the database holds no such text")
		}
		h := New(anyFake(t, text), Options{Now: testOptions(nil).Now, Timeout: time.Minute})
		for _, address := range []string{"/v1/resolutions", "/v1/resolutions.csv", "/v1/resolutions.ndjson", "/v1/resolutions/S-2024-835", "/v1/resolutions/S-2024-835/accounts",
			"/v1/resolutions/S-2024-835/history", "/v1/resolutions/S-2024-835/votes.csv", "/v1/resolutions/S-2024-835/council.svg", "/v1/resolutions/S-2024-835/citation.bib",
			"/v1/resolutions/S-2024-835/citation.ris", "/v1/resolutions/S-2024-835/citation.json", "/v1/resolutions/S-2024-835/popolo.json", "/v1/discrepancies.csv",
			"/v1/feed.atom", "/v1/feed.json", "/v1/sponsors", "/v1/sponsors.csv", "/v1/tallies.csv?group_by=topic", "/v1/imports", "/v1/imports/1",
			"/v1/export/accounts.csv", "/v1/export/scvotes.zip", "/resolutions/S-2024-835", "/", "/data"} {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, address, nil))
			err := wholeAnswer(rec)
			if err == nil && rec.Code != http.StatusOK && !strings.HasPrefix(address, "/v1/imports/") {
				err = errors.New("no answer")
			}
			if err != nil {
				t.Errorf("%s with %q: status %d: %v\n%.2000s", address, text, rec.Code, err, rec.Body)
			}
		}
	})
}

// anyFake is the fake with a text in every field that holds one.
func anyFake(t testing.TB, text string) *fake {
	f := newFake(t)
	for i := range f.all {
		r := &f.all[i]
		r.Title, r.Part, r.Note, r.SponsoredAs, r.Topic = "x", "x", "x", "x", "x"
		r.Sponsors = append(slices.Clone(r.Sponsors), votes.Sponsor{Name: "x"})
		anytext.Fill(r, text, "ID", "Kind", "Severity", "State", "Field", "Key")
	}
	for _, told := range f.told {
		anytext.Fill(told, text, "ID", "Kind", "Severity", "State", "Stated", "Field", "Key", "Columns")
	}
	for _, changed := range f.changed {
		anytext.Fill(changed, text, "ID", "Kind", "Field", "From", "To", "Before", "After")
	}
	anytext.Fill(&f.imports, text, "Kind", "Severity", "Format")
	return f
}

// FuzzDecide: whatever is sent to be decided is decided or refused.
func FuzzDecide(f *testing.F) {
	for _, body := range []string{`{"date":"2024-11-20","tally":{"yes":14,"no":1,"abstain":0}}`, `{"date":"2024-11-20","votes":[{"code":"USA","position":"no"}]}`,
		strings.Repeat("[", 10_000), strings.Repeat(`{"a":`, 10_000), `{"date":"2024-11-20"}{}`, "null", `"\ud800"`, `{"date":1e999}`, "\xff", `{"date":"2024-11-20","date":"2023-01-01"}`} {
		f.Add(body)
	}
	h := New(newFake(f), Options{Now: testOptions(nil).Now, Timeout: time.Minute})
	f.Fuzz(func(t *testing.T, body string) {
		req := httptest.NewRequest(http.MethodPost, "/v1/decide", strings.NewReader(body))
		req.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if err := wholeAnswer(rec); err != nil || !slices.Contains([]int{200, 400, 413}, rec.Code) {
			t.Errorf("%.1000q: status %d: %v\n%.1000s", body, rec.Code, err, rec.Body)
		}
	})
}
