package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

func TestSiteFileNames(t *testing.T) {
	for _, c := range []struct{ route, path, query, contentType, want string }{
		{"/", "/", "", "text/html; charset=UTF-8", "index.html"},
		{"/", "/", "a=b", "text/html; charset=UTF-8", "_query/a=b.html"},
		{"/resolutions", "/resolutions", "", "text/html; charset=UTF-8", "resolutions/index.html"},
		{"/v1/resolutions", "/v1/resolutions", "", "application/json", "v1/resolutions/index.json"},
		{"/v1/resolutions", "/v1/resolutions", "cursor=eyJk", "application/json", "_query/v1/resolutions/cursor=eyJk.json"},
		{"/v1/resolutions.csv", "/v1/resolutions.csv", "", "text/csv", "v1/resolutions.csv"},
		{"/v1/feed.atom", "/v1/feed.atom", "voted=USA%3Ano", "application/atom+xml", "_query/v1/feed.atom/voted=USA%3Ano"},
		// An id may have a dot in it, and is no file for that.
		{"/v1/resolutions/{id}", "/v1/resolutions/S-PV.49-preliminary-question", "", "application/json", "v1/resolutions/S-PV.49-preliminary-question/index.json"},
		{"/v1/resolutions/{id}/votes.csv", "/v1/resolutions/S-PV.49/votes.csv", "", "text/csv", "v1/resolutions/S-PV.49/votes.csv"},
	} {
		got, err := newSiteRoute(c.route).fileName(c.path, c.query, c.contentType)
		if err != nil || got != c.want {
			t.Errorf("%s?%s: %s, %v; want %s", c.path, c.query, got, err, c.want)
		}
	}
	for _, path := range []string{"/../etc/passwd", "/resolutions/../../x"} {
		if got, err := newSiteRoute("/resolutions/{id}").fileName(path, "", "text/html"); err == nil && strings.HasPrefix(got, "..") {
			t.Errorf("%s: %s lies outside", path, got)
		}
	}
	if got, err := newSiteRoute("/v1/x").fileName("/v1/x", "", "image/png"); err == nil {
		t.Errorf("a picture without an ending is %s", got)
	}
}

// A query that may be the name of a file leads out of no folder.
func TestSiteQuestions(t *testing.T) {
	for query, want := range map[string]bool{
		"cursor=eyJk&limit=1": true, "voted=USA%3Ano": true, "490492f1": true, "url=https%3A%2F%2Fa.example%2Fx": true,
		"": false, "..": false, "../x": false, "a=/etc/passwd": false, `a=\x`: false, "a=b\x00": false, ".htaccess": false, "a='b'": false, "a=" + strings.Repeat("x", 300): false,
	} {
		if got := reQuestion.MatchString(query); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func TestSiteAddresses(t *testing.T) {
	for link, want := range map[string]string{
		"/resolutions":                          "/resolutions",
		siteURL:                                 "/",
		siteURL + "/resolutions#votes":          "/resolutions",
		"/resolutions?q=a+b&x=%3A#votes":        "/resolutions?q=a+b&x=%3A",
		"/v1/resolutions/S/RES/2334 (2016)":     "/v1/resolutions/S/RES/2334%20%282016%29",
		"/v1/resolutions/S/RES/2334%20(2016)":   "/v1/resolutions/S/RES/2334%20%282016%29",
		"//elsewhere.example/x":                 "",
		"https://undocs.org/S/2024/835":         "",
		"https://votes.example.org.elsewhere/x": "",
		"mailto:someone@example.org":            "",
		"#content":                              "",
		"data:image/png;base64,iVBORw0KGgo=":    "",
		"javascript:alert(1)":                   "",
		"relative/path":                         "",
	} {
		if got, ok := siteAddress(siteURL, link); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", link, got, ok, want)
		}
	}
}

// What is linked from an answer to a question is asked for only where it goes on
// with that, or asks nothing.
func TestSiteWants(t *testing.T) {
	routes := []siteRoute{newSiteRoute("/resolutions"), newSiteRoute("/v1/resolutions/{id}/card.png")}
	for _, c := range []struct{ address, from, want string }{
		{"/resolutions", "/resolutions?year=2024", "waits"},
		{"/resolutions?year=2024", "/", "waits"},
		{"/resolutions?year=2024", "", "waits"}, // named by the contract
		{"/resolutions?after=x&year=2024", "/resolutions?year=2024", "waits"},
		{"/resolutions?cursor=x", "/resolutions?cursor=w", "waits"},
		{"/resolutions?topic=x&year=2024", "/resolutions?year=2024", "left"},
		{"/resolutions?a=/../x", "/", "left"},
		{"/v1/resolutions/S-1/card.png", "/", "picture"},
		{"/nowhere", "/", "dead"},
		{"/healthz", "/", ""},
	} {
		m := newSiteManifest(siteURL, votes.Revision{}, siteTime)
		cr := &crawl{routes: routes, known: make(map[string]bool), left: make(map[string]bool), m: m}
		cr.more = sync.NewCond(&cr.mu)
		for range 2 {
			cr.want(wanted{address: c.address, from: c.from})
		}
		got := strings.Repeat("waits", len(cr.waiting)) + strings.Repeat("left", len(cr.left)) + strings.Repeat("dead", len(m.Dead)) + strings.Repeat("picture", m.LeftOut)
		if got != c.want {
			t.Errorf("%s from %s: %q, want %q", c.address, c.from, got, c.want)
		}
		if cr.want(wanted{address: c.address, from: "/"}); c.want == "left" && !strings.Contains(c.address, "..") && (len(cr.waiting) != 1 || len(cr.left) != 0) {
			t.Errorf("%s is left though another answer leads to it", c.address)
		}
	}
}

func TestSiteLinks(t *testing.T) {
	for _, c := range []struct{ contentType, body, want string }{
		{"text/html; charset=UTF-8", `<a href="/a?b=1&amp;c=2">x</a><img src='/p.svg'><form action="/f"></form><meta content="https://a/card.png"><meta content="width=1"><!-- href="/no" --><p>href="/no"</p>`,
			"/a?b=1&c=2! /p.svg! /f! https://a/card.png!"},
		{"image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><a href="https://a/x"><path d="/no"/></a></svg>`, "https://a/x!"},
		{"application/xml; charset=UTF-8", `<?xml version="1.0"?><urlset><url><loc>https://a/1</loc><lastmod>/no</lastmod></url></urlset>`, "https://a/1!"},
		{"application/atom+xml", `<feed><link href="https://a/1" rel="self"></link></feed>`, "https://a/1!"},
		{"application/feed+json", `{"b":["/x","https://a/y",{"c":"words / and more","/key":1}]}`, "/x https://a/y"},
		{"text/csv", "/no,https://a/no\n", ""},
	} {
		links, err := linksIn(c.contentType, nil, []byte(c.body))
		var got []string
		for _, l := range links {
			got = append(got, l.address+map[bool]string{true: "!"}[l.written])
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", c.contentType, err, diff)
		}
	}
	links, err := linksIn("text/csv", []string{`</v1/x?cursor=1>; rel="next"`}, nil)
	if diff := cmp.Diff([]string{"/v1/x?cursor=1"}, []string{links[0].address}); err != nil || diff != "" {
		t.Error(diff)
	}
}

// checkHostFiles holds what the hosts are told against what they read.
func checkHostFiles(t *testing.T, dir string) {
	t.Helper()
	headers, rules, length := read(t, dir+"/_headers"), 0, 0
	for line := range strings.Lines(headers) {
		if strings.HasPrefix(line, "/") {
			rules++
		}
		length = max(length, len(line))
	}
	if rules < 40 || rules > 100 || length > 2000 { // Cloudflare Pages reads no more
		t.Errorf("%d rules of up to %d letters", rules, length)
	}
	for _, want := range []string{"/*\n  Access-Control-Allow-Origin: *\n", "\n/embed/resolutions/:id\n  Content-Security-Policy: default-src 'none'; ",
		"\n/v1/resolutions/:id/citation.json\n  Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\n" +
			"  Content-Type: application/vnd.citationstyles.csl+json\n"} {
		if !strings.Contains(headers, want) {
			t.Errorf("_headers has no %q:\n%s", want, headers)
		}
	}
	redirects, dynamic := read(t, dir+"/_redirects"), 0
	for line := range strings.Lines(redirects) {
		fields := strings.Fields(line)
		if len(fields) != 3 || !strings.HasPrefix(fields[0], "/") || dynamic > 0 && fields[2] != "200" {
			t.Errorf("_redirects: %q", line)
		}
		if strings.Contains(line, ":") {
			dynamic++
		}
	}
	if dynamic == 0 || dynamic > 100 {
		t.Errorf("%d rules with placeholders", dynamic)
	}
	for _, want := range []string{"/v1/resolutions/S/2024/835 /v1/resolutions/S-2024-835 308\n", "/v1/resolutions/S/RES/2334%20%282016%29 /v1/resolutions/S-RES-2334-2016 308\n",
		"/v1/resolutions/:id /v1/resolutions/:id/index.json 200\n"} {
		if !strings.Contains(redirects, want) {
			t.Errorf("_redirects has no %q:\n%s", want, redirects)
		}
	}
	if strings.Contains(redirects, "/v1/resolutions /v1/resolutions/index.json") {
		t.Error("a list is led to, whose pages such a host cannot tell apart")
	}
}
