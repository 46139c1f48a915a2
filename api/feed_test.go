package api

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

// atomRead is as much of RFC 4287 as a reader of feeds needs.
type atomRead struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated time.Time   `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []linkRead  `xml:"link"`
	Entries []entryRead `xml:"entry"`
}

type linkRead struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type entryRead struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated time.Time  `xml:"updated"`
	Links   []linkRead `xml:"link"`
	Summary struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"summary"`
}

func (e entryRead) link(rel string) string { return linkOf(e.Links, rel) }

func linkOf(links []linkRead, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// jsonRead is as much of JSON Feed 1.1.
type jsonRead struct {
	Version string          `json:"version"`
	Title   string          `json:"title"`
	Home    string          `json:"home_page_url"`
	Feed    string          `json:"feed_url"`
	Items   *[]jsonItemRead `json:"items"`
	Authors []struct {
		Name string `json:"name"`
	} `json:"authors"`
}

type jsonItemRead struct {
	ID          string    `json:"id"`
	URL         string    `json:"url"`
	ExternalURL string    `json:"external_url"`
	Title       string    `json:"title"`
	Text        string    `json:"content_text"`
	Published   time.Time `json:"date_published"`
}

func atomOf(t *testing.T, h http.Handler, address string) atomRead {
	t.Helper()
	res := get(t, h, address)
	body := read(t, res)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/atom+xml" {
		t.Fatalf("%s: status %d, %s: %s", address, res.StatusCode, res.Header.Get("Content-Type"), body)
	}
	var f atomRead
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return f
}

func jsonFeedOf(t *testing.T, h http.Handler, address string) jsonRead {
	t.Helper()
	res := get(t, h, address)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/feed+json" {
		t.Fatalf("%s: status %d, %s", address, res.StatusCode, res.Header.Get("Content-Type"))
	}
	return decode[jsonRead](t, res)
}

func TestAFeedTellsWhatWasVotedOn(t *testing.T) {
	f := newFake(t)
	f.all[0].AgendaItem = "The situation in the Middle East"
	feed := atomOf(t, New(f, testOptions(nil)), "http://votes.example.org/v1/feed.atom")
	if feed.Title != "Votes of the Security Council" || feed.Author == "" || !feed.Updated.Equal(f.revision.Committed.Truncate(time.Second)) {
		t.Errorf("title %q, author %q, updated %s", feed.Title, feed.Author, feed.Updated)
	}
	if self := linkOf(feed.Links, "self"); self != "http://votes.example.org/v1/feed.atom" {
		t.Errorf("the feed says that it is at %q", self)
	}
	var titles []string
	for _, e := range feed.Entries {
		titles = append(titles, e.Title)
	}
	if diff := cmp.Diff([]string{
		"Vetoed 14-1-0: S/2024/835, The situation in the Middle East",
		"Adopted 11-1-3: S/RES/2623 (2022)",
		"Failed 8-2-5: S/2014/916",
		"Vetoed: S/13729",
	}, titles); diff != "" {
		t.Fatal(diff)
	}
	first := feed.Entries[0]
	if want := time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC); !first.Updated.Equal(want) {
		t.Errorf("updated %s, want %s", first.Updated, want)
	}
	if first.link("alternate") != "http://votes.example.org/v1/resolutions/S-2024-835" || first.link("related") != "https://undocs.org/S/2024/835" {
		t.Errorf("links %v", first.Links)
	}
	for _, want := range []string{"Voted on 2024-11-20.", "Why: 14 in favour, 9 required; a permanent member voted against: United States.", "Vetoed by: United States.", "Put forward by: ", "Algeria"} {
		if !strings.Contains(first.Summary.Text, want) || first.Summary.Type != "text" {
			t.Errorf("the summary has no %q: %q (%s)", want, first.Summary.Text, first.Summary.Type)
		}
	}
}

func TestBothFormsOfAFeedSayTheSame(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	atom, feed := atomOf(t, h, "/v1/feed.atom?outcome=vetoed"), jsonFeedOf(t, h, "/v1/feed.json?outcome=vetoed")
	if feed.Version != "https://jsonfeed.org/version/1.1" || feed.Title != atom.Title || feed.Feed != "http://example.com/v1/feed.json?outcome=vetoed" ||
		feed.Home != "http://example.com/" || len(feed.Authors) != 1 {
		t.Errorf("%+v", feed)
	}
	var want []jsonItemRead
	for _, e := range atom.Entries {
		want = append(want, jsonItemRead{ID: e.ID, URL: e.link("alternate"), ExternalURL: e.link("related"), Title: e.Title, Text: e.Summary.Text, Published: e.Updated})
	}
	if diff := cmp.Diff(want, *feed.Items); diff != "" || len(want) != 2 {
		t.Errorf("%d entries; Atom (-) and JSON (+) differ:\n%s", len(want), diff)
	}
}

func TestAFeedIsOfAnyFilter(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for query, want := range map[string]struct {
		title   string
		entries int
	}{
		"":                                       {"", 4},
		"limit=1":                                {"", 1},
		"vetoed_by=USA":                          {": vetoed by United States", 1},
		"outcome=vetoed,failed&from=1990-01-01":  {": outcome vetoed or failed; from 1990-01-01", 2},
		"outcome=adopted&to=1950-01-01":          {": outcome adopted; to 1950-01-01", 0},
		"vetoed_by=RUS,CHN&voted=France:abstain": {": vetoed by Russian Federation or China; voted France abstain", 1},
		"roll_call=tally_only&voted=CHN:not_participating&voted=RUS:no": {
			": voted China not participating; voted Russian Federation no; roll call tally only", 1},
	} {
		feed, other := atomOf(t, h, "/v1/feed.atom?"+query), jsonFeedOf(t, h, "/v1/feed.json?"+query)
		if feed.Title != "Votes of the Security Council"+want.title || len(feed.Entries) != want.entries || other.Items == nil || len(*other.Items) != want.entries {
			t.Errorf("%s: %q with %d entries, want %q with %d", query, feed.Title, len(feed.Entries), want.title, want.entries)
		}
	}
}

func TestFaultsOfAFeedAreTold(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for _, query := range []string{"colour=red", "cursor=abc", "sort=margin", "limit=0", "limit=201", "outcome=lost", "fields=id"} {
		for _, form := range []string{"atom", "json"} {
			res := get(t, h, "/v1/feed."+form+"?"+query)
			if p := decode[problem](t, res); res.StatusCode != http.StatusBadRequest || len(p.Errors) != 1 {
				t.Errorf("%s of %s: status %d, %v", form, query, res.StatusCode, p.Errors)
			}
		}
	}
}

// What a reader has seen it has seen, wherever the server moves to, in
// whatever form it asks, and however the filter is written.
func TestIDsOfAFeedLast(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	one := atomOf(t, h, "http://a.example/v1/feed.atom?outcome=vetoed&from=1946-01-17")
	other := atomOf(t, h, "http://b.example/v1/feed.atom?from=1946-01-17&outcome=vetoed&limit=10")
	if one.ID != other.ID || len(one.Entries) != len(other.Entries) {
		t.Errorf("%s and %s", one.ID, other.ID)
	}
	ids := []string{one.ID, atomOf(t, h, "/v1/feed.atom").ID}
	for i, e := range one.Entries {
		if e.ID != other.Entries[i].ID {
			t.Errorf("%s: %s and %s", e.Title, e.ID, other.Entries[i].ID)
		}
		ids = append(ids, e.ID)
	}
	form := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for i, id := range ids {
		if !form.MatchString(id) || slices.Contains(ids[:i], id) {
			t.Errorf("id %d is %s", i, id)
		}
	}
	// Worked out once with another program, and for ever the same.
	if want := "urn:uuid:b7747e22-443a-5d62-8191-106c91a13a71"; one.Entries[0].ID != want {
		t.Errorf("the id of S/2024/835 is %s, want %s", one.Entries[0].ID, want)
	}
}

// A server that was told its public address says no other, and forwarding
// headers, which anybody can send, are not believed.
func TestAFeedKnowsItsAddress(t *testing.T) {
	options := testOptions(nil)
	options.PublicURL = "https://votes.example.org"
	for _, h := range []http.Handler{New(newFake(t), testOptions(nil)), New(newFake(t), options)} {
		res := get(t, h, "/v1/feed.json", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "Forwarded", "host=evil.example")
		if body := read(t, res); strings.Contains(body, "evil.example") {
			t.Errorf("believed: %s", body)
		}
	}
	if self := linkOf(atomOf(t, New(newFake(t), options), "/v1/feed.atom?year=2024").Links, "self"); self != "https://votes.example.org/v1/feed.atom?year=2024" {
		t.Errorf("self is %q", self)
	}
}

func TestAFeedIsCachedUntilTheRecordChanges(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	for _, address := range []string{"/v1/feed.atom", "/v1/feed.json?outcome=vetoed"} {
		res := get(t, h, address)
		tag, modified, asked := res.Header.Get(headerETag), res.Header.Get("Last-Modified"), f.asked.Load()
		if res := get(t, h, address, headerIfNoneMatch, tag); tag == "" || res.StatusCode != http.StatusNotModified || f.asked.Load() != asked {
			t.Errorf("%s: status %d for tag %q; the record was read %d times", address, res.StatusCode, tag, f.asked.Load()-asked)
		}
		if res := get(t, h, address, "If-Modified-Since", modified); modified == "" || res.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d since %q", address, res.StatusCode, modified)
		}
		f.revision.Number++
		if res := get(t, h, address, headerIfNoneMatch, tag); res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d after a change", address, res.StatusCode)
		}
	}
}

// Texts of sources are what they are; a feed stays well-formed.
func TestAFeedBearsAnyText(t *testing.T) {
	f := newFake(t)
	for _, text := range []string{"]]> <b>&amp; \"'", "bell\a null\x00 escape\x1b", "not UTF-8: \xff\xfe", "\ufffe\uffff", "عربي 中文 🕊", "line\nand\rline"} {
		f.all[0].Title = votes.Text(text)
		h := New(f, testOptions(nil))
		atom, feed := atomOf(t, h, "/v1/feed.atom"), jsonFeedOf(t, h, "/v1/feed.json")
		const before = "Vetoed 14-1-0: S/2024/835, "
		if len(atom.Entries) != 4 || !strings.HasPrefix(atom.Entries[0].Title, before) || !strings.HasPrefix((*feed.Items)[0].Title, before) {
			t.Errorf("%q: %d entries", text, len(atom.Entries))
		}
		if text == "]]> <b>&amp; \"'" && (atom.Entries[0].Title != before+text || (*feed.Items)[0].Title != before+text) {
			t.Errorf("%q came as %q and %q", text, atom.Entries[0].Title, (*feed.Items)[0].Title)
		}
	}
	// A filter is in the title and in the addresses.
	hostile := "/v1/feed.atom?q=" + url.QueryEscape(`"]]></title><script>"`)
	if feed := atomOf(t, New(f, testOptions(nil)), hostile); !strings.HasSuffix(feed.Title, `q "]]></title><script>"`) {
		t.Errorf("title %q", feed.Title)
	}
}

func TestAFeedIsAtomThroughout(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	body := read(t, get(t, h, "/v1/feed.atom"))
	if !strings.HasPrefix(body, xml.Header) || !strings.HasSuffix(body, "</feed>\n") {
		t.Errorf("%.60q", body)
	}
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Space != "http://www.w3.org/2005/Atom" {
			t.Errorf("<%s> is no element of Atom", e.Name.Local)
		}
	}
}
