package pages

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// urlSet is a list of pages for search engines (https://www.sitemaps.org/protocol.html).
type urlSet struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	Pages   []mapAddress `xml:"url"`
}

// mapIndex is a list of such lists.
type mapIndex struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Maps    []mapAddress `xml:"sitemap"`
}

// mapAddress is one entry of either. LastMod is empty where it is not known:
// engines stop believing those that guess it.
type mapAddress struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// mapLimit is the most addresses that one sitemap may have by the protocol.
const mapLimit = 50_000

const sitemapPath = "/sitemap.xml"

// robots answers GET /robots.txt. Lists by filter are left out: there is no end
// of them, and every vote is in the sitemap.
func (s *Site) robots(c echo.Context) error {
	return s.Static(c, echo.MIMETextPlainCharsetUTF8, []byte(`User-agent: *
Disallow: /v1/export/
Disallow: /resolutions?
Disallow: /vetoes?
Disallow: /agreement?
Disallow: /what-if?

Sitemap: `+s.Origin(c)+sitemapPath+"\n"))
}

// sitemap answers GET /sitemap.xml: every page there is, or where those are too
// many for one file, where the votes of each year are, under ?year=.
func (s *Site) sitemap(c echo.Context) error {
	var year int
	if asked := c.QueryParam("year"); asked != "" {
		filter, faults := votes.ParseFilter(url.Values{"year": {asked}})
		if len(faults) > 0 {
			return faults
		}
		if len(filter.Year) != 1 {
			return votes.Faults{{Parameter: "year", Value: asked, Message: "may be one year only"}}
		}
		year = filter.Year[0]
	}
	return s.Answer(c, echo.MIMEApplicationXMLCharsetUTF8, func(ctx context.Context) ([]byte, error) {
		m := mapMaker{site: s, origin: s.Origin(c)}
		if year > 0 {
			return m.ofYear(ctx, year)
		}
		return m.whole(ctx)
	})
}

// mapMaker makes the sitemaps of one address.
type mapMaker struct {
	site    *Site
	origin  string
	changed map[int64]time.Time // when the imports made their revisions
}

func (m *mapMaker) whole(ctx context.Context) ([]byte, error) {
	found, err := m.site.read.Resolutions(ctx, votes.Filter{}, votes.PageRequest{Limit: 1, Facets: []string{"year"}})
	if err != nil {
		return nil, err
	}
	rev, err := m.site.read.Revision(ctx)
	if err != nil {
		return nil, err
	}
	sections := []mapAddress{{Loc: m.origin + "/", LastMod: lastMod(rev.Committed)}}
	for _, item := range nav {
		sections = append(sections, mapAddress{Loc: m.origin + item.Href, LastMod: lastMod(rev.Committed)})
	}
	if found.Total+len(sections) > mapLimit {
		index := mapIndex{}
		for _, year := range found.Facets["year"] {
			index.Maps = append(index.Maps, mapAddress{Loc: m.origin + sitemapPath + "?year=" + url.QueryEscape(year.Value)})
		}
		return encodeXML(index)
	}
	pages, err := m.votesOf(ctx, votes.Filter{})
	if err != nil {
		return nil, err
	}
	return encodeXML(urlSet{Pages: append(sections, pages...)})
}

func (m *mapMaker) ofYear(ctx context.Context, year int) ([]byte, error) {
	pages, err := m.votesOf(ctx, votes.Filter{Year: []int{year}})
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("the record holds no vote of %d: %w", year, votes.ErrNotFound)
	}
	return encodeXML(urlSet{Pages: pages})
}

// votesOf lists the pages of votes, each with the day of its last change where
// an import made that. Of an edit only the number of its revision is at hand.
func (m *mapMaker) votesOf(ctx context.Context, f votes.Filter) ([]mapAddress, error) {
	if err := m.readChanges(ctx); err != nil {
		return nil, err
	}
	var list []mapAddress
	request := votes.PageRequest{Limit: votes.MaxLimit}
	for {
		found, err := m.site.read.Resolutions(ctx, f, request)
		if err != nil {
			return nil, err
		}
		for _, r := range found.Data {
			list = append(list, mapAddress{Loc: m.origin + votesPath + url.PathEscape(r.ID), LastMod: lastMod(m.changed[r.Revision])})
		}
		if found.Next == nil {
			return list, nil
		}
		request.After = found.Next
	}
}

func (m *mapMaker) readChanges(ctx context.Context) error {
	all, err := m.site.allImports(ctx)
	if err != nil {
		return err
	}
	m.changed = make(map[int64]time.Time, len(all))
	for _, i := range all {
		m.changed[i.Revision] = i.At
	}
	return nil
}

func lastMod(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func encodeXML(v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the sitemap: %w", err)
	}
	return b.Bytes(), nil
}
