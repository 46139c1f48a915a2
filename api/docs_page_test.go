package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A page of this size is read in a moment on a telephone.
const (
	maxDocs       = 425 << 10
	maxDocsInGzip = 63 << 10
)

// served is the page as a client gets it.
func served(t *testing.T) string {
	t.Helper()
	res := get(t, New(newFake(t), testOptions(nil)), "/docs")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Fatalf("status %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	return read(t, res)
}

// docsRead is a page taken apart.
type docsRead struct {
	elements []element
	ids      map[string]int
	under    map[string]map[string]bool // by the id of a heading: all words in code, links and cells behind it
	leads    map[string]map[string]bool // the anchors that links behind it lead to
	holds    map[string]map[string]bool // the anchors behind it
	usual    string                     // the answers that most have
	borrows  map[string][]string        // what operations say of having the parameters of others
}

type element struct {
	name, text string
	attributes map[string]string
}

// readDocs reads a page, and complains of every element that is not closed, or not
// in turn: a browser would guess.
func readDocs(t *testing.T, page string) docsRead {
	t.Helper()
	p := docsRead{ids: map[string]int{}, under: map[string]map[string]bool{}, leads: map[string]map[string]bool{}, holds: map[string]map[string]bool{},
		borrows: map[string][]string{}}
	void := []string{"meta", "br", "hr"}
	large := []string{"html", "body", "div", "main", "section"} // whose whole text nobody wants
	var open []int
	section := ""
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if z.Err() != io.EOF || len(open) > 0 {
				t.Errorf("the page ends with %d elements open: %v", len(open), z.Err())
			}
			return p
		case html.StartTagToken:
			token := z.Token()
			e := element{name: token.Data, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Key] = a.Val
			}
			p.elements = append(p.elements, e)
			if id := e.attributes["id"]; id != "" {
				p.ids[id]++
				if e.name == "h2" || e.name == "h3" {
					section = id
					p.under[id], p.leads[id], p.holds[id] = map[string]bool{}, map[string]bool{}, map[string]bool{}
				} else if section != "" {
					p.holds[section][id] = true
				}
			}
			if anchor, ok := strings.CutPrefix(e.attributes["href"], "#"); ok && section != "" {
				p.leads[section][anchor] = true
			}
			if !slices.Contains(void, token.Data) {
				open = append(open, len(p.elements)-1)
			}
		case html.TextToken:
			text := z.Token().Data
			for _, i := range open {
				if !slices.Contains(large, p.elements[i].name) {
					p.elements[i].text += text
				}
			}
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || p.elements[open[len(open)-1]].name != name {
				t.Fatalf("</%s> closes nothing: %v", name, open)
			}
			last := p.elements[open[len(open)-1]]
			open = open[:len(open)-1]
			if last.attributes["id"] == "usual-answers" {
				p.usual = last.text
			}
			if of, ok := strings.CutPrefix(last.text, "Parameters described above: those of "); ok {
				p.borrows[section] = append(p.borrows[section], of)
			}
			if words := p.under[section]; words != nil {
				words[strings.TrimSpace(last.text)] = true
			}
		}
	}
}

func TestTheDocsLeadSomewhere(t *testing.T) {
	askedOneByOne(t)
	p := readDocs(t, served(t))
	for id, n := range p.ids {
		if n != 1 {
			t.Errorf("%d elements have the id %s", n, id)
		}
	}
	inside := 0
	for _, e := range p.elements {
		for _, name := range []string{"href", "aria-labelledby"} {
			to, ok := e.attributes[name]
			anchor, isLink := strings.CutPrefix(to, "#")
			if !ok || name == "href" && !isLink {
				continue
			}
			if inside++; p.ids[anchor] != 1 {
				t.Errorf("<%s %s=%q> leads nowhere", e.name, name, to)
			}
		}
	}
	if inside < 100 {
		t.Errorf("only %d links within the page", inside)
	}
}

// The page works without a network, without scripts, and tells nobody of its reader.
func TestTheDocsLoadNothing(t *testing.T) {
	askedOneByOne(t)
	p := readDocs(t, served(t))
	known := strings.Fields("html head meta title style body a div header p h1 h2 h3 nav ul ol li main section code pre span strong em small br table caption thead tbody tr th td footer")
	for _, e := range p.elements {
		if !slices.Contains(known, e.name) {
			t.Errorf("<%s>: what does it load or run?", e.name)
		}
		for name := range e.attributes {
			if name == "src" || name == "srcset" || name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("<%s %s>", e.name, name)
			}
		}
	}
	for _, loads := range []string{"url(", "@import"} {
		if strings.Contains(docsCSS, loads) {
			t.Errorf("the style has %s", loads)
		}
	}
}

func TestHeadingsOfTheDocsSkipNoLevel(t *testing.T) {
	askedOneByOne(t)
	level, firsts := 0, 0
	for _, e := range readDocs(t, served(t)).elements {
		n := strings.Index("h1h2h3h4h5h6", e.name)
		if len(e.name) != 2 || n < 0 {
			continue
		}
		if n = n/2 + 1; n > level+1 {
			t.Errorf("h%d %q stands behind h%d", n, e.text, level)
		}
		if level = n; n == 1 {
			firsts++
		}
	}
	if firsts != 1 {
		t.Errorf("%d first headings", firsts)
	}
}

func TestTheDocsAreSmall(t *testing.T) {
	page := served(t)
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, page); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d in gzip", len(page), b.Len())
	if len(page) > maxDocs || b.Len() > maxDocsInGzip {
		t.Errorf("%d bytes, %d in gzip, want at most %d and %d", len(page), b.Len(), maxDocs, maxDocsInGzip)
	}
}

// The policy lets in the style of the page, and no other.
func TestThePolicyOfTheDocsFitsThePage(t *testing.T) {
	askedOneByOne(t)
	res := get(t, New(newFake(t), testOptions(nil)), "/docs")
	var styles []string
	for _, e := range readDocs(t, read(t, res)).elements {
		if e.name == "style" {
			sum := sha256.Sum256([]byte(e.text))
			styles = append(styles, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';")
		}
	}
	policy := res.Header.Get(headerCSP)
	if len(styles) != 1 || !strings.Contains(policy, styles[0]) || !strings.HasPrefix(policy, "default-src 'none';") {
		t.Errorf("policy %q, styles %q", policy, styles)
	}
}

func TestTheDocsAreCached(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	tag := get(t, h, "/docs").Header.Get(headerETag)
	if res := get(t, h, "/docs", headerIfNoneMatch, tag); tag == "" || res.StatusCode != http.StatusNotModified {
		t.Errorf("status %d for tag %q", res.StatusCode, tag)
	}
}

// A request that is copied from the page goes to the server that showed it.
func TestRequestsOfTheDocsWorkAsPrinted(t *testing.T) {
	askedOneByOne(t)
	h := New(newFake(t), testOptions(nil))
	page := read(t, get(t, h, "http://votes.example.org/docs"))
	if strings.Contains(page, nowhere) || !strings.Contains(page, "curl 'http://votes.example.org/v1/resolutions/S-2024-835/votes'") {
		t.Error("the requests do not go to votes.example.org")
	}
	followed := 0
	for _, e := range readDocs(t, page).elements {
		to := e.attributes["href"]
		if e.name != "a" || !strings.HasPrefix(to, "/") {
			continue
		}
		followed++
		if res := get(t, h, to); res.StatusCode == http.StatusBadRequest || res.StatusCode >= 500 {
			t.Errorf("%s: status %d", to, res.StatusCode)
		}
	}
	if followed < 15 {
		t.Errorf("only %d addresses", followed)
	}
	options := testOptions(nil)
	options.PublicURL = "https://votes.example.org/"
	if page := read(t, get(t, New(newFake(t), options), "/docs")); !strings.Contains(page, "'https://votes.example.org/v1/") {
		t.Error("the requests do not go to the public address")
	}
}

// oddDocument has what the contract has not, or not yet.
const oddDocument = `
openapi: 3.0.3
info: { title: "<Odd>", version: "7", description: "Read <script>alert(1)</script> *this* [page](javascript:alert(1))." }
tags: [{ name: all }]
paths:
  /things/{name}:
    parameters:
      - { name: name, in: path, required: true, schema: { type: string }, example: "it's 1/2" }
    post:
      operationId: makeThing
      tags: [all]
      summary: Make one
      deprecated: true
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, properties: { size: { type: integer, maximum: 3, default: 1 }, parts: { type: array, items: { type: object, properties: { colour: { type: string, enum: [red, "<b>"] } } } } } }
            example: { note: "it's <b>" }
      responses:
        "201":
          description: Made.
          content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/Thing" }, { type: string, format: date }] } } }
components:
  schemas:
    Base: { type: object, properties: { zeal: { type: number, minimum: 0.5, nullable: true }, age: { type: integer, minimum: 1, maximum: 9 } } }
    Thing:
      allOf:
        - $ref: "#/components/schemas/Base"
        - { type: object, required: [counts], properties: { counts: { type: object, additionalProperties: { type: integer } } } }
`

func TestDocsSayWhatASchemaSays(t *testing.T) {
	b, err := renderDocs([]byte(oddDocument))
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	readDocs(t, page)
	for _, want := range []string{
		"<h1>The &lt;Odd&gt; API, version 7</h1>",
		"<em>this</em>",
		"(deprecated)",
		`curl -X POST -H 'Content-Type: application/json' --data '{`,
		`it'\''s &lt;b&gt;`,
		"http://scvotes.invalid/things/it%27s%201%2F2",
		"integer; 3 or less; 1 where it is not given",
		"<code>parts[].colour</code>",
		"one of <code>red</code>, <code>&lt;b&gt;</code>",
		`<a href="#schema-Thing">Thing</a> or string (date)`,
		`<a href="#schema-Base">Base</a> and the fields below`,
		"<code>counts</code></th><td><span class=\"type\">object, each value integer",
		"number or null; 0.5 or more",
		"integer; 1 to 9",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, bad := range []string{"<script", "javascript:", "<b>", "Follow it"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if strings.Index(page, ">zeal<") > strings.Index(page, ">age<") {
		t.Error("the fields do not stand as they were written")
	}
}

func TestDocsOfNoDocumentAreAnError(t *testing.T) {
	for _, document := range []string{"\t: [", "openapi: 3.0.3\npaths: { /a: { $ref: '#/nowhere' } }"} {
		if _, err := renderDocs([]byte(document)); err == nil {
			t.Errorf("%q was rendered", document)
		}
	}
}
