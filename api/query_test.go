package api

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"outcom":       "outcome",
		"Outcome":      "outcome",
		"vetoedby":     "vetoed_by",
		"limits":       "limit",
		"sponsored_by": "", // too far from sponsor to be meant for certain
		"colour":       "",
		"":             "",
	} {
		if got := nearest(word, resolutionParameters); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"year", "years", 1}, {"from", "form", 2}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestParseCursor(t *testing.T) {
	in := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for list, c := range map[string]struct {
		travels string
		want    cursor
	}{
		"":              {`{"d":"2024-11-20","i":"S-2024-835"}`, cursor{Date: "2024-11-20", ID: "S-2024-835"}},
		"margin":        {`{"l":"margin","a":-2.5,"d":"2024-11-20","i":"S-2024-835"}`, cursor{List: "margin", At: -2.5, Date: "2024-11-20", ID: "S-2024-835"}},
		discrepancyList: {`{"l":"discrepancies","d":"2024-11-20","i":"S-2024-835","k":"0a1b2c3d"}`, cursor{List: discrepancyList, Date: "2024-11-20", ID: "S-2024-835", Key: "0a1b2c3d"}},
		importList:      {`{"l":"imports","i":"7"}`, cursor{List: importList, ID: "7"}},
	} {
		got, err := parseCursor(in(c.travels), list)
		if diff := cmp.Diff(&c.want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", list, err, diff)
		}
		for _, other := range []string{"", "date", "relevance", memberVoteList, pairList, ruleList, problemList} {
			if m, err := parseCursor(in(c.travels), other); other != list && err == nil {
				t.Errorf("a place in the list %q was read as %v in %q", list, m, other)
			}
		}
	}
	const resolution = `{"d":"2024-11-20","i":"S-2024-835"}`
	for _, bad := range []string{"", "?", "S-2024-835", in(""), in("null"), in("[]"), in(`{"d":"2024-11-20"}`), in(`{"i":"S-1"}`),
		in(`{"d":"2024-02-30","i":"S-1"}`), in("{\"d\":\"2024-11-20\",\"i\":\"S-1\\u0000\"}"), in("{\"d\":\"2024-11-20\",\"i\":\"S-1\",\"k\":\"\\u0000\"}"),
		in(resolution + " more"), in(`{"d":"2024-11-20","i":"S-1","a":"far"}`), in(`{"d":"2024-11-20","i":"S-1","a":1e999}`)} {
		if m, err := parseCursor(bad, ""); err == nil {
			t.Errorf("%q gave %v", bad, m)
		}
	}
}

// What next leads to goes on in its own list and order, and in no other.
func TestACursorOfAnotherListIsRefused(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	lists := []string{"/v1/resolutions?", "/v1/resolutions?sort=date&", "/v1/resolutions?sort=margin&", "/v1/resolutions?changed_since=1&",
		"/v1/discrepancies?", "/v1/members/USA/votes?", "/v1/agreement/FRA/USA/votes?", "/v1/decide/history?rule=two_vetoes&", "/v1/imports?", "/v1/imports/1?"}
	for _, from := range lists {
		page := decode[struct{ Next *string }](t, get(t, h, from+"limit=1"))
		if page.Next == nil {
			t.Errorf("%s: no next page", from)
			continue
		}
		next, err := url.Parse(*page.Next)
		if err != nil {
			t.Fatal(err)
		}
		cursor := "cursor=" + next.Query().Get("cursor")
		for _, to := range lists {
			want := http.StatusBadRequest
			if to == from {
				want = http.StatusOK
			}
			res := get(t, h, to+cursor)
			if res.StatusCode != want {
				t.Errorf("a place in %s asked of %s: status %d, want %d", from, to, res.StatusCode, want)
			}
			if p := decode[problem](t, res); want == http.StatusBadRequest && (len(p.Errors) != 1 || p.Errors[0].Parameter != "cursor") {
				t.Errorf("%s: %+v", to, p.Errors)
			}
		}
	}
}
