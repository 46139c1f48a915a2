package pages

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
)

// chosen is a sample of which a filter chooses, as far as the pages' tests ask:
// by outcome, by who vetoed and by day.
type chosen struct {
	*sample
	size int // votes on one page of Resolutions; 0 is all
}

// newChosen has two vetoes of one proposal in it, from the Council of eleven,
// one of the USSR, and one that a veto list alone tells.
func newChosen(t *testing.T) *chosen {
	t.Helper()
	c := &chosen{sample: newSample(t)}
	suez := sampleVote(t, votes.Resolution{Draft: "S/3710", Meeting: "S/PV.749", Date: "1956-10-30", Title: `Palestine <script>alert("Suez")</script>`, Topic: "Middle East"},
		"FRA GBR", "AUS BEL")
	kabul := sampleVote(t, votes.Resolution{Draft: "S/13729", Meeting: "S/PV.2190", Date: "1980-01-07", AgendaItem: "Afghanistan"}, "SUN DDR", "")
	zimbabwe := sampleVote(t, votes.Resolution{Draft: "S/9696", Meeting: "S/PV.1534", Date: "1970-03-17", Title: "Southern Rhodesia"}, "GBR USA", "")
	zimbabwe.Detail, zimbabwe.Tally, zimbabwe.RollCall = &votes.Detail{}, nil, votes.RollTallyOnly
	c.all = append(c.all, kabul, zimbabwe, suez) // newest first, as the store has them
	return c
}

func (c *chosen) holds(r votes.Resolution, f votes.Filter) bool {
	for _, group := range f.VetoedBy {
		if !slices.ContainsFunc(r.VetoedBy, func(v votes.Code) bool { return slices.Contains(group, v.Seat()) }) {
			return false
		}
	}
	return (f.Outcome == nil || slices.Contains(f.Outcome, r.Outcome)) && (f.From == "" || r.Date >= f.From) && (f.To == "" || r.Date <= f.To)
}

func (c *chosen) Resolutions(_ context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error) {
	page := votes.Page{Facets: map[string][]votes.Facet{"topic": {{Value: "Middle East", Name: "Middle East", Count: 1}, {Count: 3}}}}
	for _, r := range c.all {
		if !c.holds(r, f) {
			continue
		}
		page.Total++
		if p.After != nil && r.Date >= p.After.Date {
			continue
		}
		if n := len(page.Data); c.size > 0 && n == c.size || n == p.Limit {
			page.Next = &votes.Mark{Date: page.Data[n-1].Date, ID: page.Data[n-1].ID}
			break
		}
		page.Data = append(page.Data, r)
	}
	return page, c.fault
}

func (c *chosen) Events(_ context.Context, f votes.Filter, _ bool, yield func(votes.Event) error) (int64, error) {
	for _, r := range slices.Backward(c.all) {
		if !c.holds(r, f) {
			continue
		}
		if err := yield(votes.EventOf(&r)); err != nil {
			return 0, err
		}
	}
	return 3, c.fault
}

// wants holds that a page has each text, with the white space between tags left out.
func wants(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(between.ReplaceAllString(body, "><"), text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

var between = regexp.MustCompile(`>\s+<`)

// lacks holds that a page has none of the texts.
func lacks(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(between.ReplaceAllString(body, "><"), text) {
			t.Errorf("the page has %q", text)
		}
	}
}

// refused asks for an address that has faults, and returns the page that tells them.
func refused(t *testing.T, r Reader, address string) string {
	t.Helper()
	rec, err := sampleGet(t, r, address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if rec.Code != http.StatusBadRequest || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%s: status %d, Cache-Control %q", address, rec.Code, rec.Header().Get("Cache-Control"))
	}
	checkHTML(t, rec.Body.String())
	return html.UnescapeString(rec.Body.String())
}

// leadsTo holds that an address leads to another one.
func leadsTo(t *testing.T, r Reader, address, want string) {
	t.Helper()
	_, err := sampleGet(t, r, address)
	var moved errMoved
	if !errors.As(err, &moved) || moved.to != want {
		t.Errorf("%s gives %v, want to be led to %s", address, err, want)
	}
}

func numbers(values ...int) string {
	var cells strings.Builder
	for _, n := range values {
		fmt.Fprintf(&cells, `<td class="number">%d</td>`, n)
	}
	return cells.String()
}

// Of 1956 two members' vetoes of one proposal are counted, of 1970 those that
// only a list tells; 2014/916 had too few votes, and 2623 was procedural.
func TestVetoesAreCountedTwice(t *testing.T) {
	body := samplePage(t, newChosen(t), "/vetoes")
	wants(t, body, `<span class="figure">4</span> proposals vetoed`, `<span class="figure">6</span> vetoes cast`,
		`>1950s</a></th>`+numbers(0, 1, 1, 0, 0, 2, 1), `>1970s</a></th>`+numbers(0, 0, 1, 0, 1, 2, 1), `>1980s</a></th>`+numbers(0, 0, 0, 1, 0, 1, 1),
		`<th scope="row">All</th>`+numbers(0, 1, 2, 1, 2, 6, 4),
		`everything that was vetoed</th>`+numbers(4, 6), `href="/vetoes?topic=Middle&#43;East"`, `&lt;script&gt;alert(`, `href="/v1/vetoes.csv"`, `href="/v1/feed.atom?outcome=vetoed"`)
	lacks(t, body, `<script>alert`, "S/2014/916", "2623", "With a member chosen")
}

func TestVetoesFilter(t *testing.T) {
	r := newChosen(t)
	body := samplePage(t, r, "/vetoes?vetoed_by=soviet+union&from=1979-01-01&sponsor=DZA&topic=Afghanistan&topic=Iran")
	wants(t, body, `<option value="RUS" selected>Russian Federation (and USSR)</option>`, `name="from" min="1946-01-17" value="1979-01-01"`,
		`<span class="figure">1</span> proposal vetoed`, `<input type="hidden" name="sponsor" value="DZA">`, `<input type="hidden" name="topic" value="Iran">`,
		"With a member chosen", "/v1/vetoes?from=1979-01-01&amp;sponsor=DZA&amp;topic=Afghanistan&amp;topic=Iran&amp;vetoed_by=soviet&#43;union")
	lacks(t, body, `type="hidden" name="vetoed_by"`)
	// The field has room for one member: a choice of two is sent on beside it.
	wants(t, samplePage(t, r, "/vetoes?vetoed_by=USA,GBR"), `<input type="hidden" name="vetoed_by" value="USA,GBR">`)
	wants(t, samplePage(t, r, "/vetoes?q=gaza"), `<option value="" selected>best answers first</option>`)
	wants(t, samplePage(t, r, "/vetoes?from=2025-01-01"), "No vetoed proposal fits", `role="status"`)
}

func TestVetoesPages(t *testing.T) {
	r := newChosen(t)
	r.size = 3
	first := samplePage(t, r, "/vetoes?to=2024-12-31")
	wants(t, first, `<a href="/vetoes?after=0~1970-03-17~S-9696&amp;to=2024-12-31" rel="next">`)
	lacks(t, first, `rel="first"`)
	last := samplePage(t, r, "/vetoes?to=2024-12-31&after=0~1970-03-17~S-9696")
	wants(t, last, `<a href="/vetoes?to=2024-12-31" rel="first">`, "S/3710", `<span class="figure">4</span>`, `<a href="/v1/vetoes?to=2024-12-31">`)
	lacks(t, last, `rel="next"`, "S/13729", "/v1/vetoes?after")
}

// A form that sends a fault on in a hidden field could not be put right.
func TestVetoesTellFaults(t *testing.T) {
	body := refused(t, newChosen(t), "/vetoes?from=banana&vetoed_by=Brazil&outcome=failed&after=nowhere&from=1990-01-01")
	wants(t, body, "from “banana, 1990-01-01”: may stand only once", "vetoed_by “Brazil”: BRA never held a permanent seat", "outcome “failed”: everything on this page was vetoed",
		"after “nowhere”: is no place in this list", `name="to"`)
	lacks(t, body, `type="hidden"`, "proposals vetoed</li>")
}

// What the record's faults are is for the server to tell.
func TestPagesPassOnTheRecordsFaults(t *testing.T) {
	away := errors.New("the database is away")
	for _, address := range []string{"/vetoes", "/members", "/members/USA", "/agreement", "/agreement/RUS/USA", "/council", "/what-if", "/what-if?id=S-2024-835", "/what-if?date=2024-11-20&rule=no_veto"} {
		r := newChosen(t)
		r.fault = away
		if _, err := sampleGet(t, r, address); !errors.Is(err, away) {
			t.Errorf("%s gives %v", address, err)
		}
	}
}
