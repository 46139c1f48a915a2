package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"scvotes/api/pages"
)

// TestEveryRouteIsMeasured holds the list of requests to the contract and to the
// pages: who adds a route says how it is measured.
func TestEveryRouteIsMeasured(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	known, changes := map[string]bool{}, map[string]bool{}
	for path, item := range doc.Paths.Map() {
		known[path] = true
		// What a question costs is measured, not what a change does.
		changes[path] = item.Get == nil && path != "/v1/decide"
	}
	parameter := regexp.MustCompile(`:(\w+)`)
	pages.New(nil, pages.Server{}).Routes(func(path string, _ echo.HandlerFunc) { known[parameter.ReplaceAllString(path, "{$1}")] = true })
	measured := map[string]bool{}
	for _, q := range requests() {
		measured[q.route] = true
		if !known[q.route] {
			t.Errorf("%s is no route", q.route)
		}
	}
	for route := range known {
		if !measured[route] && !changes[route] {
			t.Errorf("%s is not measured: give it a line in asked", route)
		}
	}
}

func TestAddresses(t *testing.T) {
	values := sample{"id": {"S-1", "S-2"}, "code": {"USA"}, "origin": {"http://127.0.0.1:1"}, "import": {"7"}, "topic": {"A & B"}}
	for _, c := range []struct {
		q    request
		i    int
		want string
	}{
		{request{route: "/v1/resolutions/{id}/votes"}, 1, "/v1/resolutions/S-2/votes"},
		{request{route: "/v1/resolutions/{id}"}, 2, "/v1/resolutions/S-1"},
		{request{route: "/v1/members/{code}", given: map[string]string{"code": "BRA"}}, 0, "/v1/members/BRA"},
		{request{route: "/v1/imports/{id}", given: map[string]string{"id": "{import}"}}, 0, "/v1/imports/7"},
		{request{route: "/oembed", query: "url={origin}/resolutions/{id}"}, 0, "/oembed?url=http%3A%2F%2F127.0.0.1%3A1/resolutions/S-1"},
		{request{route: "/v1/resolutions", query: "topic={topic}"}, 0, "/v1/resolutions?topic=A+%26+B"},
	} {
		if got, err := c.q.address(values, c.i); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.q, got, err, c.want)
		}
	}
	if _, err := (request{route: "/v1/x/{unknown}"}).address(values, 0); err == nil {
		t.Error("a name without a value is no error")
	}
	for _, q := range requests() {
		if q.route == "/v1/members/{code}/votes" && q.String() == "/v1/members/BRA/votes" {
			return
		}
	}
	t.Error("no request is named with the value that its line gives")
}

func TestOrderOf(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   order
	}{
		{[]float64{0.6, 0.6, 0.7}, constant},
		{[]float64{0.2, 0.3, 0.5}, constant}, // small, whatever the factor
		{[]float64{10, 13, 15}, constant},
		{[]float64{2, 3, 5}, logarithm},
		{[]float64{2, 6, 20}, belowLine},
		{[]float64{20, 200, 2000}, linear},
		{[]float64{1, 6, 55}, linear}, // a fixed part, then the line
		{[]float64{20, 200, 4000}, worse},
		{[]float64{1, 100, 110}, worse}, // one step beyond the line is enough
		{[]float64{5, 40}, linear},
	} {
		if got := orderOf(c.values, milliseconds); got != c.want {
			t.Errorf("%v is %s, want %s", c.values, got, c.want)
		}
	}
}

func TestMedianAndWorst(t *testing.T) {
	var list []time.Duration
	for i := range 200 {
		list = append(list, time.Duration(200-i))
	}
	if median(list) != 101 || worst(list) != 199 {
		t.Errorf("%d, %d", median(list), worst(list))
	}
	if few := []time.Duration{3, 9, 1}; median(few) != 3 || worst(few) != 9 {
		t.Errorf("of three: %d, %d", median(few), worst(few))
	}
}

func someReport() *report {
	r := &report{factors: []int{1, 10}, commit: "abc", machine: "a machine"}
	for _, factor := range r.factors {
		d := time.Duration(factor) * 20 * time.Millisecond
		r.add(figure{what: "/v1/tallies", route: "/v1/tallies", factor: factor, first: 9 * d, median: d, p99: 2 * d, requests: 9, bytes: 77_000, status: 200})
		r.add(figure{what: "/v1/agreement", route: "/v1/agreement", factor: factor, median: d * time.Duration(factor), requests: 9, status: 200})
		r.add(figure{what: "/v1/members", route: "/v1/members", factor: factor, median: d, requests: 1, status: 200 + 303*(factor/10)})
		r.add(figure{what: "database on disk", factor: factor, amount: 30 * float64(factor), unit: megabytes})
		r.add(figure{what: "import", factor: factor, median: time.Second, count: 45_000, unit: perRow})
	}
	return r
}

func TestTable(t *testing.T) {
	text := someReport().markdown()
	for _, line := range []string{
		"| `/v1/tallies` | 20 ms | 200 ms | 400 ms | 75 KB | 10.0 | linear |",
		"| `/v1/agreement` | 20 ms | 2.0 s | 0.00 ms | 0.0 KB | 100.0 | **worse than linear** |",
		"| `/v1/members` | 20 ms | **503** after 200 ms | 0.00 ms | 0.0 KB | 10.0 | **no answer** |",
		"| database on disk | 30 MB | 300 MB | | | 10.0 | linear |",
		"| import | 1.0 s (45k rows/s) | 1.0 s (45k rows/s) | | | 1.0 | constant |",
		"| `/v1/tallies` | 180 ms | 1.8 s |", // the first answer
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
}

func TestFiguresAsCSV(t *testing.T) {
	lines, err := csv.NewReader(strings.NewReader(string(someReport().csv()))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 11 || !slices.Equal(lines[1], []string{"/v1/tallies", "1", "9", "180.000", "20.000", "40.000", "77000", "", "200"}) {
		t.Errorf("%d lines: %q", len(lines), lines[1])
	}
}

func TestThePageKeepsWhatOthersWrote(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.md")
	const begin, end = "<!-- a -->", "<!-- z -->"
	if err := os.WriteFile(name, []byte("# Speed\n\nfirst\n\n<!-- a -->\nold\n<!-- z -->\n\nlast\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		if err := replaceBetween(name, begin, end, text); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile(name); string(got) != "# Speed\n\nfirst\n\n<!-- a -->\n\ntwo\n<!-- z -->\n\nlast\n" {
		t.Errorf("%s", got)
	}
	if err := os.WriteFile(name, []byte("no marks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceBetween(name, begin, end, "text"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); !strings.HasPrefix(string(got), "no marks\n") || !strings.Contains(string(got), begin+"\n\ntext\n"+end) {
		t.Errorf("%s", got)
	}
	if err := os.WriteFile(name, []byte(begin+" and no end"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceBetween(name, begin, end, "text"); err == nil {
		t.Error("a page with half the marks is written over")
	}
}
