package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// siteLink is an address that an answer leads to.
type siteLink struct {
	address string
	written bool // as a link; what a field of JSON holds may only look like one
}

// holdsLinks tells whether answers of a type are searched for links.
func holdsLinks(contentType string) bool {
	return isMarkup(contentType) || isJSON(contentType)
}

func isMarkup(contentType string) bool {
	return strings.HasPrefix(contentType, "text/html") || strings.Contains(contentType, "xml")
}

func isJSON(contentType string) bool {
	family, _, _ := strings.Cut(contentType, ";")
	return family == "application/json" || strings.HasSuffix(family, "+json")
}

// linksIn finds what an answer leads to.
func linksIn(contentType string, header []string, body []byte) ([]siteLink, error) {
	var list []siteLink
	for _, field := range header { // </v1/...>; rel="next"
		if _, rest, ok := strings.Cut(field, "<"); ok {
			address, _, _ := strings.Cut(rest, ">")
			list = append(list, siteLink{address, true})
		}
	}
	switch {
	case isMarkup(contentType):
		return append(list, linksInMarkup(body)...), nil
	case isJSON(contentType):
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return nil, fmt.Errorf("reading its links: %w", err)
		}
		return linksInJSON(v, list), nil
	}
	return list, nil
}

// linksInMarkup finds the links of HTML, SVG, sitemaps and feeds.
func linksInMarkup(body []byte) (list []siteLink) {
	inLoc := false
	for z := html.NewTokenizer(bytes.NewReader(body)); ; {
		switch z.Next() {
		case html.ErrorToken: // the end: what is read is in memory
			return list
		case html.TextToken:
			if inLoc {
				list = append(list, siteLink{string(z.Text()), true})
			}
			inLoc = false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			inLoc = t.Data == "loc"
			for _, a := range t.Attr {
				switch {
				case slices.Contains([]string{"href", "src", "action"}, a.Key):
					list = append(list, siteLink{a.Val, true})
				case a.Key == "content" && strings.Contains(a.Val, "://"): // the picture for social media
					list = append(list, siteLink{a.Val, true})
				}
			}
		}
	}
}

// linksInJSON finds the texts that may be addresses, at any depth.
func linksInJSON(v any, list []siteLink) []siteLink {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "/") || strings.Contains(v, "://") {
			list = append(list, siteLink{v, false})
		}
	case []any:
		for _, item := range v {
			list = linksInJSON(item, list)
		}
	case map[string]any:
		for _, item := range v {
			list = linksInJSON(item, list)
		}
	}
	return list
}

// siteAddress is an address of the site: path and query, or false for one of
// another host. The path has one spelling, the query stays as it is linked.
func siteAddress(origin, link string) (address string, ok bool) {
	link, _, _ = strings.Cut(link, "#")
	if rest, here := strings.CutPrefix(link, origin); here {
		link = rest
		if link == "" {
			link = "/"
		}
	}
	u, err := url.Parse(link)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") {
		return "", false
	}
	address = pathAddress(u.Path)
	if u.RawQuery != "" {
		address += "?" + u.RawQuery
	}
	return address, true
}

func pathAddress(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// goesOn tells whether an address is a further page of a list.
func goesOn(query string) bool {
	values, err := url.ParseQuery(query)
	return err == nil && (values.Has("cursor") || values.Has("after"))
}
