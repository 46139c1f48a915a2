package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"scvotes/votes"
	"scvotes/votes/anytext"
)

// FuzzPictures: whatever is written in a picture, it is XML, of no elements and
// attributes but those of a picture of plain words, and the text stands in it as
// text.
func FuzzPictures(f *testing.F) {
	for _, s := range []string{"plain", `"/><script>alert(1)</script>`, "]]>", "<!-- ", "&amp;&#x0;", "\x00\x1b\ufffe", "\u202e", "\xff", "' onload='x", "\t\n", strings.Repeat("long ", 200), "東京"} {
		f.Add(s)
	}
	known := map[string]bool{}
	figures := figuresOf(f)
	for _, body := range figures.pictures(f, "plain") {
		elements(f, body, func(bone string) { known[bone] = true })
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, body := range figures.pictures(t, text) {
			elements(t, body, func(bone string) {
				if !known[bone] {
					t.Errorf("%s with %q has %s", name, text, bone)
				}
			})
		}
	})
}

// figures are what takes long to count.
type figures struct {
	agreement votes.Agreement
	france    votes.MemberRecord
}

func figuresOf(t testing.TB) figures {
	return figures{agreement(t, "2024-01-01"), memberRecord(t, "FRA")}
}

// pictures draws every picture in which words of the record or of an address
// stand.
func (f figures) pictures(t testing.TB, text string) map[string]string {
	r := find(t, "S-2024-835")
	detail := *r.Detail
	r.Detail = &detail
	r.Votes = append([]votes.MemberVote(nil), r.Votes...)
	r.Title, r.Part, r.AgendaItem = "x", "x", "x"
	anytext.Fill(&r, text, "ID", "Discrepancies", "Provenance", "Statements", "Sources")
	council, _ := votes.CouncilOn("2024-11-20")
	council.Seats = append([]votes.Seat(nil), council.Seats...)
	anytext.Fill(&council, text)
	opt := Options{}
	return map[string]string{
		"card": Card(CardText{text, text, text, text, text}, opt).SVG(), "card of a vote": ResolutionCard(r, opt).SVG(), "council": Horseshoe(r, opt).SVG(), "small": Small(r).SVG(),
		"the Council": Council(council, opt).SVG(), "trend": Trend(text, []Series{{text, trend()[0].Points}}, opt).SVG(),
		"terms": Terms(text, votes.TermsOf("FRA"), "2024-11-20", opt).SVG(), "positions": Positions(text, f.france.Years, opt).SVG(),
		"heat": Heat(f.agreement, func(a, b votes.Code) string { return text }, opt).SVG(),
	}
}

func elements(t testing.TB, body string, found func(string)) {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %.3000s", err, body)
		}
		switch token := token.(type) {
		case xml.StartElement:
			found("<" + token.Name.Local + ">")
			for _, a := range token.Attr {
				found(token.Name.Local + " " + a.Name.Local)
			}
		case xml.Comment, xml.Directive:
			found("a comment")
		}
	}
}
