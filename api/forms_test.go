package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
	"scvotes/votes/table"
)

// formed is a list, and how a row of its JSON stands in its CSV.
type formed struct {
	path, query string
	row         func(t *testing.T, raw json.RawMessage) []string
}

// rowOf makes a row of CSV from one of JSON, by the table that both are of.
func rowOf[T any](tab table.Table[T]) func(*testing.T, json.RawMessage) []string {
	return func(t *testing.T, raw json.RawMessage) []string {
		t.Helper()
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		return tab.Row(v)
	}
}

var everyList = []formed{
	{"/v1/resolutions", "", rowOf(table.Resolutions)},
	{"/v1/resolutions", "sort=date&outcome=vetoed", rowOf(table.Resolutions)},
	{"/v1/vetoes", "from=1980-01-01", rowOf(table.Resolutions)},
	{"/v1/discrepancies", "severity=serious", rowOf(table.Discrepancies)},
	{"/v1/members", "seat=false", rowOf(table.Members)},
	{"/v1/members/USA/votes", "position=no", rowOf(table.MemberLines)},
	{"/v1/tallies", "group_by=member&sort=-no", rowOf(table.Tallies)},
	{"/v1/agreement", "members=P5&method=lijphart&group_by=decade", rowOf(table.Agreement)},
	{"/v1/agreement/CHN/USA/votes", "method=lijphart", rowOf(table.PairVotes)},
	{"/v1/cohesion", "members=P5&members=E10&group_by=year", rowOf(table.Cohesion)},
	{"/v1/sponsors", "", rowOf(table.Sponsors)},
	{"/v1/sponsors/pairs", "members=african", rowOf(table.SponsorPairs)},
	{"/v1/decide/history", "rule=no_veto", rowOf(table.ChangedVotes)},
}

// The three forms of a list have the same rows in the same order, and what the
// path asks for can be asked for by Accept.
func TestCSVAndNDJSONAreTheJSONRowForRow(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for _, l := range everyList {
		t.Run(l.path+"?"+l.query, func(t *testing.T) {
			pages := l.query
			if l.path == "/v1/resolutions" || l.path == "/v1/vetoes" {
				pages += "&include=votes" // which a table always has
			}
			page := decode[list[json.RawMessage]](t, get(t, h, l.path+"?"+pages))
			if len(page.Data) == 0 || len(page.Data) != page.Total {
				t.Fatalf("%d of %d rows", len(page.Data), page.Total)
			}
			body := read(t, get(t, h, l.path+".csv?"+l.query))
			cells, err := csv.NewReader(strings.NewReader(body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var want [][]string
			for _, raw := range page.Data {
				want = append(want, l.row(t, raw))
			}
			if diff := cmp.Diff(want, cells[1:]); diff != "" {
				t.Errorf("JSON (-) and CSV (+):\n%s", diff)
			}
			lines := ""
			for _, raw := range page.Data {
				lines += string(raw) + "\n"
			}
			if diff := cmp.Diff(lines, read(t, get(t, h, l.path+".ndjson?"+pages))); diff != "" {
				t.Errorf("JSON (-) and NDJSON (+):\n%s", diff)
			}
			if got := read(t, get(t, h, l.path+"?"+l.query, "Accept", "text/csv")); got != body {
				t.Errorf("Accept: text/csv gave %q", got)
			}
		})
	}
}

// The roll call of one vote: its CSV says besides which vote it is of.
func TestTheFormsOfARollCall(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	const path = "/v1/resolutions/S-2024-835/votes"
	r := decode[roll](t, get(t, h, path))
	cells, err := csv.NewReader(get(t, h, path+".csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := lineObjects(t, read(t, get(t, h, path+".ndjson")))
	if len(cells) != 16 || len(lines) != 15 || len(r.Data) != 15 {
		t.Fatalf("%d rows of CSV, %d lines, %d votes", len(cells), len(lines), len(r.Data))
	}
	for i, v := range r.Data {
		want := []string{"S-2024-835", "2024-11-20", "vetoed", string(v.Code), string(v.Seat), v.Name, fmt.Sprint(v.Permanent), string(v.Position), fmt.Sprint(v.Veto)}
		if diff := cmp.Diff(want, cells[i+1]); diff != "" {
			t.Error(diff)
		}
		if got := string(lines[i]["code"]); got != `"`+string(v.Code)+`"` {
			t.Errorf("line %d is of %s", i, got)
		}
	}
	empty := read(t, get(t, h, "/v1/resolutions/S-13729/votes.csv"))
	if empty != strings.Join(table.Votes.Header(), ",")+"\n" {
		t.Errorf("a vote without a roll: %q", empty)
	}
}

func TestTheFormThatIsAnswered(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	const asJSON, asCSV, asLines = "application/json", "text/csv; charset=utf-8", "application/x-ndjson"
	for _, c := range []struct{ path, accept, want string }{ // want "" is a 406
		{"/v1/resolutions", "", asJSON},
		{"/v1/resolutions", "*/*", asJSON},
		{"/v1/resolutions", "text/csv", asCSV},
		{"/v1/resolutions", "TEXT/CSV", asCSV},
		{"/v1/resolutions", "text/*", asCSV},
		{"/v1/resolutions", "application/x-ndjson", asLines},
		{"/v1/resolutions", "application/*", asJSON},
		{"/v1/resolutions", "application/json;q=0.1, text/csv", asCSV},
		{"/v1/resolutions", "text/csv;q=0.5, */*;q=0.1", asCSV},
		{"/v1/resolutions", "application/json;q=0, */*", asCSV},
		{"/v1/resolutions", "text/html,application/xhtml+xml,*/*;q=0.8", asJSON}, // a browser
		{"/v1/resolutions", "text/html", ""},
		{"/v1/resolutions", "image/png, image/*", ""},
		{"/v1/resolutions", "text/csv;q=0", ""},
		{"/v1/resolutions", "nonsense", ""},
		{"/v1/resolutions.csv", "image/png", asCSV},
		{"/v1/resolutions.csv", "application/json", asCSV},
		{"/v1/resolutions.ndjson", "text/csv", asLines},
		{"/v1/resolutions/S-2024-835", "text/csv", ""},
		{"/v1/resolutions/S-2024-835?fields=id", "text/csv", ""},
		{"/v1/resolutions/S-2024-835", "application/json", asJSON},
		{"/v1/imports?limit=1", "text/csv", ""},
		{"/v1/council", "image/png", ""},
		{"/v1/members/USA", "text/*", ""},
		{"/v1/members/USA/votes", "text/*", asCSV},
		{"/v1/feed.atom", "text/csv", "application/atom+xml"},
	} {
		res := get(t, h, c.path, "Accept", c.accept)
		got := res.Header.Get("Content-Type")
		if c.want == "" {
			if p := decode[problem](t, res); p.Status != http.StatusNotAcceptable || !strings.Contains(p.Detail, "application/json") {
				t.Errorf("%s, %s: %d %s", c.path, c.accept, res.StatusCode, p.Detail)
			}
		} else if got != c.want || res.StatusCode != 200 {
			t.Errorf("%s, %s: %d %s, want %s", c.path, c.accept, res.StatusCode, got, c.want)
		}
		if isList := strings.HasSuffix(c.path, "resolutions") || strings.HasSuffix(c.path, "/votes"); isList && !slices.Contains(res.Header.Values("Vary"), "Accept") {
			t.Errorf("%s: Vary is %v", c.path, res.Header.Values("Vary"))
		}
	}
}

// A cache must not take one form for another.
func TestEachFormHasItsTag(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	tags := map[string]string{}
	for _, accept := range []string{"application/json", "text/csv", "application/x-ndjson"} {
		tag := get(t, h, "/v1/resolutions", "Accept", accept).Header.Get(headerETag)
		if other, known := tags[tag]; known || tag == "" {
			t.Errorf("%s has the tag %q of %s", accept, tag, other)
		}
		tags[tag] = accept
	}
	for tag, of := range tags {
		for _, accept := range tags {
			want := http.StatusOK
			if accept == of {
				want = http.StatusNotModified
			}
			asked := f.asked.Load()
			res := get(t, h, "/v1/resolutions", "Accept", accept, headerIfNoneMatch, tag)
			if res.StatusCode != want {
				t.Errorf("%s with the tag of %s: status %d, want %d", accept, of, res.StatusCode, want)
			}
			if want == http.StatusNotModified && (f.asked.Load() != asked || read(t, res) != "") {
				t.Errorf("%s: the record was read to say that it had not changed", accept)
			}
		}
	}
}

// Pages have a largest size; what streams has not, and comes whole without one.
func TestTheLimitOfEachForm(t *testing.T) {
	f := newFake(t)
	f.many = 300
	h := New(f, testOptions(nil))
	for address, want := range map[string]int{
		"/v1/resolutions.ndjson":           300,
		"/v1/resolutions.ndjson?limit=250": 250,
		"/v1/resolutions.ndjson?limit=1":   1,
		"/v1/resolutions.csv?limit=299":    299 + 1,
		"/v1/export/resolutions.csv":       300 + 1,
	} {
		if got := strings.Count(read(t, get(t, h, address)), "\n"); got != want {
			t.Errorf("%s: %d lines, want %d", address, got, want)
		}
	}
	for _, address := range []string{"/v1/resolutions?limit=201", "/v1/resolutions.csv?limit=0", "/v1/resolutions.csv?limit=many", "/v1/feed.json?limit=201"} {
		if res := get(t, h, address); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d", address, res.StatusCode)
		}
	}
	if res := get(t, h, "/v1/feed.json?limit=201", "Accept", "text/csv"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a feed is no list: status %d", res.StatusCode)
	}
}

func TestExportsAreFilesWithTheirRevision(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	for address, name := range map[string]string{
		"/v1/export/resolutions.csv": "scvotes-resolutions-r12.csv",
		"/v1/export/votes.ndjson":    "scvotes-votes-r12.ndjson",
		"/v1/export/scvotes.zip":     "scvotes-r12.zip",
	} {
		res := get(t, h, address)
		if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="`+name+`"` || !strings.Contains(res.Header.Get("Last-Modified"), "2026") {
			t.Errorf("%s: %q, %q", address, got, res.Header.Get("Last-Modified"))
		}
	}
	if f.moments.Load() != 3 {
		t.Errorf("three exports are of %d moments", f.moments.Load())
	}
	states := lineObjects(t, read(t, get(t, h, "/v1/export/members.ndjson")))
	for _, code := range []votes.Code{"SUN", "RUS"} {
		if !slices.ContainsFunc(states, func(o object) bool { return string(o["code"]) == `"`+string(code)+`"` }) {
			t.Errorf("%s has no row of its own", code)
		}
	}
}
