package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/feeds"
	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// feedParameters are those of a feed: any filter, and how long it is. A feed
// has one order and no pages.
var feedParameters = append(slices.Clone(votes.FilterParameters), "limit")

// feedAtom answers GET /v1/feed.atom.
func (s *server) feedAtom(c echo.Context) error {
	return s.feed(c, "application/atom+xml", feed.atom)
}

// feedJSON answers GET /v1/feed.json.
func (s *server) feedJSON(c echo.Context) error {
	return s.feed(c, "application/feed+json", feed.json)
}

// feed answers with what a filter chooses, the newest vote first.
func (s *server) feed(c echo.Context, contentType string, write func(feed) ([]byte, error)) error {
	q := readQuery(c, feedParameters...)
	filter, limit := q.filter(), q.limit()
	if err := q.err(); err != nil {
		return err
	}
	return s.answerAs(c, contentType, func(ctx context.Context) ([]byte, error) {
		// The time of the feed is that of the record which its entries are from.
		revision, err := s.reader.Revision(ctx)
		if err != nil {
			return nil, err
		}
		page, err := s.reader.Resolutions(ctx, filter, votes.PageRequest{Limit: limit, Sort: votes.SortNewest})
		if err != nil {
			return nil, err
		}
		return write(feed{origin: s.origin(c), self: s.origin(c) + canonicalURI(c.Request().URL), query: q,
			updated: revision.Committed.UTC(), entries: page.Data})
	})
}

// feed is what a feed says, in whichever form.
type feed struct {
	origin, self string
	query        *query
	updated      time.Time
	entries      []votes.Resolution
}

const feedAuthor = "scvotes"

// atomFeed is the library's feed, but for its one link: a feed has to say where
// it is itself besides (RFC 4287, section 4.1.1).
type atomFeed struct {
	*feeds.AtomFeed
	Links []feeds.AtomLink
}

// atom writes the feed as Atom (RFC 4287).
func (f feed) atom() ([]byte, error) {
	out := atomFeed{
		AtomFeed: &feeds.AtomFeed{Xmlns: "http://www.w3.org/2005/Atom", Title: f.title(), Id: f.id(),
			Updated: f.updated.Format(time.RFC3339), Author: &feeds.AtomAuthor{AtomPerson: feeds.AtomPerson{Name: feedAuthor, Uri: f.origin + "/"}}},
		Links: []feeds.AtomLink{{Href: f.self, Rel: "self", Type: "application/atom+xml"}, {Href: f.list(), Rel: "alternate", Type: "application/json"}},
	}
	for _, r := range f.entries {
		e := &feeds.AtomEntry{Title: entryTitle(r), Id: entryID(r), Updated: entryTime(r).Format(time.RFC3339),
			Links:   []feeds.AtomLink{{Href: f.address(r), Rel: "alternate", Type: "application/json"}},
			Summary: &feeds.AtomSummary{Type: "text", Content: entryText(r)}}
		if document := entryDocument(r); document != "" {
			e.Links = append(e.Links, feeds.AtomLink{Href: document, Rel: "related"})
		}
		out.Entries = append(out.Entries, e)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	// The encoder puts U+FFFD for what XML cannot hold.
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return nil, fmt.Errorf("encoding the feed: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// jsonFeed is the library's feed, which leaves an empty list of items out
// though a feed must have one.
type jsonFeed struct {
	*feeds.JSONFeed
	Items []*feeds.JSONItem `json:"items"`
}

// json writes the feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).
func (f feed) json() ([]byte, error) {
	out := jsonFeed{
		JSONFeed: &feeds.JSONFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.title(), Language: "en",
			HomePageUrl: f.origin + "/", FeedUrl: f.self, Authors: []*feeds.JSONAuthor{{Name: feedAuthor, Url: f.origin + "/"}}},
		Items: []*feeds.JSONItem{},
	}
	for _, r := range f.entries {
		published := entryTime(r)
		out.Items = append(out.Items, &feeds.JSONItem{Id: entryID(r), Url: f.address(r), ExternalUrl: entryDocument(r),
			Title: entryTitle(r), ContentText: entryText(r), PublishedDate: &published, Tags: []string{string(r.Outcome)}})
	}
	return encode(out)
}

// title tells the filter in words.
func (f feed) title() string {
	var told []string
	for _, name := range votes.FilterParameters {
		for _, value := range f.query.values[name] {
			told = append(told, strings.ReplaceAll(name, "_", " ")+" "+valueInWords(name, value))
		}
	}
	if told == nil {
		return "Votes of the Security Council"
	}
	return "Votes of the Security Council: " + strings.Join(told, "; ")
}

// valueInWords writes a value of a filter for people: "United States or China"
// for USA,CHN.
func valueInWords(name, value string) string {
	// In these a comma is part of the text.
	if slices.Contains([]string{"q", "topic", "agenda_item", "region"}, name) {
		return value
	}
	words := strings.Split(value, ",")
	for i, word := range words {
		state, position, _ := strings.Cut(word, ":")
		if code, ok := votes.FindState(state); ok && slices.Contains([]string{"vetoed_by", "sponsor", "voted"}, name) {
			state = code.NameOn("")
		}
		words[i] = strings.TrimSpace(strings.ReplaceAll(state+" "+position, "_", " "))
	}
	return strings.Join(words, " or ")
}

// filter is the filter of the feed as a query, always in one order.
func (f feed) filter() string {
	values := make(url.Values)
	for _, name := range votes.FilterParameters {
		if v, ok := f.query.values[name]; ok {
			values[name] = v
		}
	}
	return values.Encode()
}

// id is the same wherever the server is, and for both forms of a feed.
func (f feed) id() string { return urn("feed?" + f.filter()) }

// list is the address of the list that the feed is of.
func (f feed) list() string {
	return strings.TrimSuffix(f.origin+strings.TrimSuffix(resolutionsPath, "/")+"?"+f.filter(), "?")
}

func (f feed) address(r votes.Resolution) string {
	return f.origin + resolutionsPath + url.PathEscape(r.ID)
}

// entryID is as lasting as the id of the resolution, and the same on every
// server. A tag URI would need a domain that nobody gives up.
func entryID(r votes.Resolution) string { return urn("resolution/" + r.ID) }

// urnSpace is the namespace of the names below, afbe67b4-79a9-4891-ac4b-323adc7732de: drawn once
// and by chance, and not to be changed, or every reader shows every entry anew.
var urnSpace = [16]byte{0xaf, 0xbe, 0x67, 0xb4, 0x79, 0xa9, 0x48, 0x91, 0xac, 0x4b, 0x32, 0x3a, 0xdc, 0x77, 0x32, 0xde}

// urn makes a lasting identifier from a name (UUID version 5: RFC 9562, section 5.5).
func urn(name string) string {
	sum := sha1.Sum(slices.Concat(urnSpace[:], []byte(name)))
	u := sum[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// entryTime is noon of the day of the vote: the record knows no hour, and at
// noon in UTC it is the same day in New York.
func entryTime(r votes.Resolution) time.Time { return r.Date.Time().Add(12 * time.Hour) }

// entryDocument is the address of the best document of the vote, "" for none.
func entryDocument(r votes.Resolution) string {
	return cmp.Or(r.Links.Resolution, r.Links.Draft, r.Links.Meeting)
}

// entryTitle is as "Vetoed 14-1-0: S/2024/835, The situation in the Middle East".
func entryTitle(r votes.Resolution) string {
	what := map[votes.Outcome]string{votes.Adopted: "Adopted", votes.Vetoed: "Vetoed", votes.Failed: "Failed", votes.Withdrawn: "Not put to the vote"}[r.Outcome]
	switch {
	case r.AdoptedBy == votes.ByNoVote:
		what += " without a vote"
	case r.Tally != nil:
		what += " " + r.Tally.String()
	}
	name := cmp.Or(string(r.Resolution), string(r.Draft), string(r.Meeting), r.ID)
	for _, more := range []votes.Text{r.Part, cmp.Or(r.Title, r.AgendaItem, r.Topic)} {
		if more != "" {
			name += ", " + string(more)
		}
	}
	return what + ": " + name
}

// entryText is the vote in a few lines.
func entryText(r votes.Resolution) string {
	lines := []string{"Voted on " + string(r.Date) + "."}
	if r.Reason != "" {
		lines = append(lines, "Why: "+r.Reason+".")
	}
	list := func(label string, names []string) {
		if len(names) > 0 {
			lines = append(lines, label+": "+strings.Join(names, ", ")+".")
		}
	}
	var vetoes, sponsors []string
	for _, c := range r.VetoedBy {
		vetoes = append(vetoes, c.NameOn(r.Date))
	}
	for _, sponsor := range r.Sponsors {
		sponsors = append(sponsors, sponsor.Name)
	}
	list("Vetoed by", vetoes)
	list("Put forward by", sponsors)
	if r.RollCall == votes.RollDisputed {
		lines = append(lines, "Sources contradict each other or themselves on this vote.")
	}
	return strings.Join(lines, "\n")
}
