package pages

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"scvotes/votes"
	"scvotes/votes/anytext"
)

// anySample is the sample with a text in every field that holds one. The votes are
// found by the ids that they have.
func anySample(t *testing.T, text string) *sample {
	s := newSample(t)
	for i := range s.all {
		r := &s.all[i]
		r.Title, r.Note, r.Part, r.SponsoredAs = "x", "x", "x", "x"
		r.Sponsors = []votes.Sponsor{{Name: "x"}, {Code: "FRA", Name: "x"}}
		r.Statements = []votes.Statement{{Speaker: "x", For: "FRA", Kind: "reaction", Date: r.Date, Text: "x", Source: "x"}}
		r.Sources = []votes.Source{{Name: "x", URL: "x", Cites: "x", Line: 2}}
		r.Discrepancies = []votes.Discrepancy{{Kind: votes.KindTally, Severity: votes.SeveritySerious, State: votes.StateOpen, Message: "x", Explanation: "x",
			Sides: []votes.Side{{Source: "x", Says: "x"}}}}
		anytext.Fill(r, text, "ID", "Kind", "Severity", "State")
	}
	anytext.Fill(&s.imports, text, "Format")
	anytext.Fill(&s.parts, text, "Resolution", "Kind", "Severity", "State")
	return s
}

// bones are what a page is made of apart from texts: its elements, each with one
// of its attributes.
func bones(t *testing.T, body string) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			found[token.Data] = true
			for _, a := range token.Attr {
				found[token.Data+" "+a.Key] = true
				scheme, _, ok := strings.Cut(strings.ToLower(strings.TrimSpace(a.Val)), ":")
				if ok && slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && !slices.Contains([]string{"http", "https", "mailto"}, scheme) &&
					!strings.ContainsAny(scheme, "/?#") {
					t.Errorf("<%s %s=%q>", token.Data, a.Key, a.Val)
				}
			}
		case html.CommentToken:
			found["a comment"] = true
		}
	}
}

// FuzzPages: whatever text stands in whatever field of the record, and in the
// address, a page is made of nothing but what its template has.
func FuzzPages(f *testing.F) {
	for _, s := range []string{"plain", `"><script>alert(1)</script>`, "' onmouseover='alert(1)", "javascript:alert(1)", "</title><!--", "]]>", "&lt;b&gt; &amp;", "{{.}} {{template \"x\"}}",
		"\x00\x1b[2J", "\u202e\u2066", "\xff\xfe", "data:text/html,<b>", "//evil.example/\r\nX: y", "\\u003cb\\u003e", strings.Repeat("long ", 500)} {
		f.Add(s)
	}
	known := make(map[string]map[string]bool)
	f.Fuzz(func(t *testing.T, text string) {
		plain, any := anySample(t, "x"), anySample(t, text)
		for _, name := range slices.Sorted(maps.Keys(addresses)) {
			if known[name] == nil {
				known[name] = bones(t, samplePage(t, plain, addresses[name]))
			}
			rec, err := sampleGet(t, any, addresses[name])
			if err != nil {
				t.Fatalf("%s: %v", addresses[name], err)
			}
			if name == "resolution" && text == "plain" && strings.Count(rec.Body.String(), text) < 5 {
				t.Errorf("the texts are not on the page")
			}
			for bone := range bones(t, rec.Body.String()) {
				if !known[name][bone] {
					t.Errorf("%s with %q has <%s>, which its template has not", addresses[name], text, bone)
				}
			}
		}
	})
}
