package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pagedLists are what is followed from page to page: every list of the
// contract that has pages, in several orders and with several filters.
var pagedLists = []string{
	"/v1/resolutions?limit=200",
	"/v1/resolutions?limit=200&sort=date",
	"/v1/resolutions?limit=200&sort=margin",
	"/v1/resolutions?limit=7&q=palestin*+-libya",
	"/v1/resolutions?limit=9&outcome=failed&sort=margin&from=1970-01-01",
	"/v1/resolutions?limit=150&changed_since=6",
	"/v1/resolutions?limit=31&voted=CHN:abstain&voted=RUS:abstain",
	"/v1/vetoes?limit=50",
	"/v1/vetoes?limit=10&vetoed_by=USA&sort=margin",
	"/v1/discrepancies?limit=200",
	"/v1/discrepancies?limit=30&severity=serious&state=open",
	"/v1/members/FRA/votes?limit=200",
	"/v1/members/USA/votes?limit=10&dissent=true",
	"/v1/agreement/FRA/USA/votes?limit=200",
	"/v1/agreement/CHN/RUS/votes?limit=5&differ=true",
	"/v1/decide/history?limit=50&rule=two_vetoes",
	"/v1/decide/history?limit=200&rule=council_25",
	"/v1/imports?limit=1",
	"/v1/imports/6?limit=200",
	"/v1/edits?limit=2",
}

// followPages follows next through every list: the rows are as many as total
// says, and none comes twice.
func (w *whole) followPages(t *testing.T) {
	followed := make(map[string]bool)
	for _, address := range pagedLists {
		t.Run(address, func(t *testing.T) {
			o, err := w.contract.Find(http.MethodGet, address)
			if err != nil {
				t.Fatal(err)
			}
			followed[o.Path] = true
			l := w.follow(t, address, func(page answer) error { return w.contract.Check(o, page.status, page.header, page.body) })
			if l.pages < 2 || len(l.rows) != l.total {
				t.Errorf("%d rows on %d pages, total is %d", len(l.rows), l.pages, l.total)
			}
			seen := make(map[string]bool)
			for _, raw := range l.rows {
				name := rowName(t, raw)
				if seen[name] {
					t.Errorf("%s comes twice", name)
				}
				seen[name] = true
			}
		})
	}
	for _, o := range w.contract.Operations() {
		if o.Parameters.GetByInAndName("query", "cursor") != nil && o.Security == nil && !followed[o.Path] {
			t.Errorf("the pages of %s are not followed", o.Path)
		}
	}
}

// paged is a list put together from its pages.
type paged struct {
	rows         []json.RawMessage
	total, pages int
	around       map[string]any // the answer beside its rows
}

// follow reads all pages of a list, and holds each to check.
func (w *whole) follow(t *testing.T, address string, check func(answer) error) (l paged) {
	t.Helper()
	for next := &address; next != nil; l.pages++ {
		got := w.ask(t, http.MethodGet, *next)
		if err := check(got); err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: status %d, %.2000v", *next, got.status, err)
		}
		var page struct {
			Data  []json.RawMessage `json:"data"`
			Total int               `json:"total"`
			Next  *string           `json:"next"`
		}
		if l.pages == 0 {
			l.around = decodeNumbers(t, got.body)
		}
		if err := json.Unmarshal(got.body, &page); err != nil {
			t.Fatal(err)
		}
		if link := got.header.Get("Link"); page.Next != nil && link != "<"+*page.Next+`>; rel="next"` {
			t.Errorf("Link is %q, next %q", link, *page.Next)
		}
		if l.pages > 0 && page.Total != l.total {
			t.Errorf("total is %d on one page, %d on another", l.total, page.Total)
		}
		l.rows, l.total, next = append(l.rows, page.Data...), page.Total, page.Next
	}
	return l
}

// rowName is what tells a row of its list from the others: an id, in the list
// of discrepancies with its key, or where a problem stands and what it says.
func rowName(t *testing.T, raw json.RawMessage) string {
	row, name := decodeNumbers(t, raw), ""
	for _, field := range []string{"id", "number", "resolution", "date", "key", "line", "column", "kind", "message"} {
		name += fmt.Sprint(row[field], " ")
	}
	return name
}

// tabledLists are what is compared form by form: every list of the contract, most
// of them whole.
var tabledLists = []string{
	"/v1/resolutions?limit=200",
	"/v1/resolutions?limit=200&q=palestin*&sort=margin",
	"/v1/resolutions/S-2024-835/votes",
	"/v1/resolutions/S-13729/votes",
	"/v1/vetoes?limit=50&from=1990-01-01",
	"/v1/discrepancies?limit=200",
	"/v1/members",
	"/v1/members?seat=false",
	"/v1/members/FRA/votes?limit=200",
	"/v1/tallies?group_by=year",
	"/v1/tallies?group_by=member&year=2023&sort=-abstain",
	"/v1/agreement?members=P5&members=E10&year=2024",
	"/v1/agreement?method=lijphart&group_by=decade",
	"/v1/agreement/FRA/USA/votes?limit=200",
	"/v1/cohesion?members=E10&members=P5&group_by=year",
	"/v1/sponsors",
	"/v1/sponsors/pairs?from=2024-06-01",
	"/v1/decide/history?limit=200&rule=council_25",
}

// compareForms holds the CSV and the NDJSON of each list against its JSON, row
// for row.
func (w *whole) compareForms(t *testing.T) {
	compared := make(map[string]bool)
	for _, address := range tabledLists {
		o, err := w.contract.Find(http.MethodGet, address)
		if err != nil {
			t.Fatal(err)
		}
		compared[o.Path] = true
		t.Run(address, func(t *testing.T) {
			w.compareLines(t, address, w.follow(t, address, unchecked))
			if o.Parameters.GetByInAndName("query", "include") != nil {
				address = with(t, address, "include", "votes") // the CSV of resolutions has their rolls
			}
			w.compareTable(t, address, w.follow(t, address, unchecked))
		})
	}
	for path := range w.contract.Document.Paths.Map() {
		if list, ok := strings.CutSuffix(path, ".csv"); ok && !strings.HasPrefix(path, "/v1/export/") && !compared[list] {
			t.Errorf("nobody compares %s with its JSON", path)
		}
	}
}

func unchecked(answer) error { return nil }

func (w *whole) compareLines(t *testing.T, address string, l paged) {
	lines := slices.Collect(bytes.Lines(w.form(t, address, ".ndjson")))
	if len(lines) != len(l.rows) {
		t.Fatalf("%d lines, %d rows", len(lines), len(l.rows))
	}
	for i, line := range lines {
		if diff := cmp.Diff(string(l.rows[i])+"\n", string(line)); diff != "" {
			t.Fatalf("row %d (-JSON +NDJSON):\n%s", i, diff)
		}
	}
}

func (w *whole) compareTable(t *testing.T, address string, l paged) {
	records, err := csv.NewReader(bytes.NewReader(w.form(t, address, ".csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header, records := records[0], records[1:]
	if len(records) != len(l.rows) {
		t.Fatalf("%d records, %d rows", len(records), len(l.rows))
	}
	for i, raw := range l.rows {
		row := decodeNumbers(t, raw)
		for j, column := range header {
			want, ok := cellOf(row, l.around, column)
			if !ok {
				t.Fatalf("the JSON has nothing of the column %s", column)
			}
			if records[i][j] != want {
				t.Fatalf("row %d, column %s: %q in CSV, %q in JSON", i, column, records[i][j], want)
			}
		}
	}
}

// form asks for a list in another form, which has all rows at once.
func (w *whole) form(t *testing.T, address, suffix string) []byte {
	t.Helper()
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	values.Del("limit")
	if suffix == ".csv" {
		values.Del("include")
	}
	address = withQuery(path+suffix, values)
	got := w.ask(t, http.MethodGet, address)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d\n%.500s", address, got.status, got.body)
	}
	return got.body
}

func with(t *testing.T, address, name, value string) string {
	t.Helper()
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	values.Set(name, value)
	return withQuery(path, values)
}

// decodeNumbers reads an object and leaves its numbers as they are written.
func decodeNumbers(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
