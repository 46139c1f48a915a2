package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"scvotes/api/conform"
)

// contract loads the document, its schemas closed.
func contract(t *testing.T) *conform.Contract {
	t.Helper()
	c, err := conform.Load(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contractOf is contract, loaded once: for tests that do not change it.
func contractOf(t *testing.T) *conform.Contract {
	t.Helper()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var loadContract = sync.OnceValues(func() (*conform.Contract, error) { return conform.Load(openAPI) })

// operationAt is what GET does at an address, in the contract.
func operationAt(t *testing.T, address string) conform.Operation {
	t.Helper()
	return operationOfMethod(t, http.MethodGet, address)
}

func operationOfMethod(t *testing.T, method, address string) conform.Operation {
	t.Helper()
	o, err := contractOf(t).Find(method, address)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// ofTheServer are the addresses of the contract beside the first page and those
// below /v1. The pages for people may change with every version.
var ofTheServer = []string{"/docs", "/openapi.yaml", "/openapi.json", "/healthz", "/readyz", "/metrics"}

func TestEveryRouteIsDocumentedAndEveryDocumentedPathIsRouted(t *testing.T) {
	var routed, documented []string
	for _, r := range newServer(newFake(t), Options{}).echo(Options{}).Routes() {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
		switch {
		case r.Method == http.MethodHead: // beside each GET
		case strings.HasSuffix(path, "*"): // a document has no word for the slashes of a symbol: told under {id}
		case path != "/" && !strings.HasPrefix(path, "/v1/") && !slices.Contains(ofTheServer, path): // a page for people, or what one is made of
		default:
			routed = append(routed, r.Method+" "+path)
		}
	}
	for _, o := range contract(t).Operations() {
		documented = append(documented, o.Method+" "+o.Path)
	}
	slices.Sort(routed)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, routed); diff != "" {
		t.Errorf("documented (-) and routed (+) differ:\n%s", diff)
	}
}

func TestEveryAnswerIsAsDocumented(t *testing.T) {
	c := contract(t)
	h := New(newFake(t), testOptions(nil))
	for _, talk := range conversations {
		t.Run(talk.address, func(t *testing.T) {
			tag := check(t, c, talk.address, ask(t, h, http.MethodGet, talk.address, talk.headers...), talk.status)
			head := ask(t, h, http.MethodHead, talk.address, talk.headers...)
			if head.StatusCode != talk.status || head.Header.Get(headerETag) != tag {
				t.Errorf("HEAD: status %d, tag %q; GET: %d, %q", head.StatusCode, head.Header.Get(headerETag), talk.status, tag)
			}
			if tag != "" {
				check(t, c, talk.address, get(t, h, talk.address, append(talk.headers, headerIfNoneMatch, tag)...), 304)
				check(t, c, talk.address, get(t, New(newFake(t), testOptions(nil)), talk.address, append(talk.headers, headerIfNoneMatch, "*")...), 304)
			} else if talk.status == 200 && !strings.HasSuffix(talk.address, "healthz") && !strings.HasSuffix(talk.address, "readyz") {
				t.Error("a success without an ETag")
			} else if talk.status != 200 { // of what there is not, nobody has a copy
				check(t, c, talk.address, get(t, h, talk.address, append(talk.headers, headerIfNoneMatch, "*")...), talk.status)
			}
		})
	}
}

// check holds an answer to a GET against the contract, and returns its tag.
func check(t *testing.T, c *conform.Contract, address string, res *http.Response, status int) string {
	t.Helper()
	body := []byte(read(t, res))
	if res.StatusCode != status {
		t.Fatalf("%s: status %d, want %d: %.300s", address, res.StatusCode, status, body)
	}
	o, err := c.Find(http.MethodGet, address)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(o, res.StatusCode, res.Header, body); err != nil {
		t.Errorf("%s: %v\n%.2000s", address, err, body)
	}
	media := o.Responses.Status(status).Value.Content.Get(res.Header.Get("Content-Type"))
	switch kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";"); {
	case kind == "text/csv":
		checkHeader(t, o, body)
	case kind == "application/x-ndjson":
		checkLines(t, c, media, body)
	case status == 200 && !strings.Contains(address, "fields=") && !strings.Contains(address, "include="):
		checkRows(t, c, o, body)
	}
	return res.Header.Get(headerETag)
}

// checkHeader holds the header of CSV against that of the example.
func checkHeader(t *testing.T, o conform.Operation, body []byte) {
	t.Helper()
	media := o.Responses.Status(200).Value.Content["text/csv"]
	if media.Example == nil { // of a list that is CSV by Accept: its example is at .csv
		return
	}
	want, err := csv.NewReader(strings.NewReader(fmt.Sprint(media.Example))).Read()
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("%s: the example (-) and the header (+) differ:\n%s", o.Path, diff)
	}
}

// checkLines holds every line of NDJSON, and of its example, against the schema
// of an item.
func checkLines(t *testing.T, c *conform.Contract, media *openapi3.MediaType, body []byte) {
	t.Helper()
	item, ok := media.Extensions["x-itemSchema"].(map[string]any)
	if !ok {
		t.Fatalf("no schema of a line: %v", media.Extensions)
	}
	name := strings.TrimPrefix(fmt.Sprint(item["$ref"]), "#/components/schemas/")
	if media.Example != nil {
		body = append(bytes.Clone(body), fmt.Sprint(media.Example)...)
	}
	for d := json.NewDecoder(bytes.NewReader(body)); ; {
		var line any
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		checkSchema(t, c, name, line)
	}
}

// checkRows holds each row of a list of resolutions, where the request does not
// say how much of one it wants, against the whole of what a row has: as Row it
// might have less.
func checkRows(t *testing.T, c *conform.Contract, o conform.Operation, body []byte) {
	t.Helper()
	switch o.Path {
	case "/v1/resolutions", "/v1/vetoes":
		var page struct{ Data []any }
		if err := json.Unmarshal(body, &page); err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Data {
			checkSchema(t, c, "ResolutionSummary", row)
		}
	case "/v1/resolutions/{id}":
		var whole any
		if err := json.Unmarshal(body, &whole); err != nil {
			t.Fatal(err)
		}
		checkSchema(t, c, "Resolution", whole)
	}
}

func checkSchema(t *testing.T, c *conform.Contract, name string, value any) {
	t.Helper()
	schema := c.Document.Components.Schemas[name]
	if schema == nil {
		t.Fatalf("there is no schema %s", name)
	}
	if err := schema.Value.VisitJSON(value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestFailuresAreAsDocumented(t *testing.T) {
	c := contract(t)
	for name, f := range map[string]struct {
		fault  error
		status int
	}{
		"unknown":  {errors.New("pq: secret"), 500},
		"too slow": {fmt.Errorf("reading: %w", context.DeadlineExceeded), 503},
	} {
		h := New(&fake{fault: f.fault}, testOptions(nil))
		for _, talk := range conversations {
			path, _, _ := strings.Cut(talk.address, "?")
			of, err := c.Find(http.MethodGet, path)
			if err != nil || talk.status != 200 || of.Responses.Status(503) == nil {
				continue // it does not read the record
			}
			status := f.status
			if path == "/readyz" {
				status = 503
			}
			res := get(t, h, talk.address, talk.headers...)
			if res.StatusCode == 503 && res.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %s: nothing says when to ask again", name, talk.address)
			}
			check(t, c, talk.address, res, status)
		}
	}
}
