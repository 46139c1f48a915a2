package pages

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

// addresses leads to a page of every template.
var addresses = map[string]string{
	"home": "/", "list": "/resolutions", "resolution": "/resolutions/S-2024-835", "vetoes": "/vetoes", "members": "/members",
	"member": "/members/USA", "agreement": "/agreement", "pair": "/agreement/FRA/USA", "council": "/council", "whatif": "/what-if",
	"data": "/data", "about": "/about", "embed": "/embed/resolutions/S-2024-835",
}

// TestEveryTemplateIsShown renders each of them with the page type that it is for.
func TestEveryTemplateIsShown(t *testing.T) {
	names := slices.Sorted(maps.Keys(templates))
	shown := slices.Sorted(maps.Keys(addresses))
	// The page about a fault has an address of its own nowhere: see fault_test.go.
	// Those of the editors are the server's: see editor_test.go.
	if diff := cmp.Diff(shown, slices.DeleteFunc(names, func(n string) bool { return n == "fault" || strings.HasPrefix(n, "editor") })); diff != "" {
		t.Errorf("templates and pages (-shown +there):\n%s", diff)
	}
	for name, address := range addresses {
		body := samplePage(t, newSample(t), address)
		checkHTML(t, body)
		if strings.Count(body, "<h1") != 1 {
			t.Errorf("%s: %d headings of the first order", name, strings.Count(body, "<h1"))
		}
	}
}

func TestTheListKeepsItsFilterInEveryLink(t *testing.T) {
	body := samplePage(t, newSample(t), "/resolutions?outcome=vetoed&sort=date")
	for _, want := range []string{`href="/v1/resolutions?outcome=vetoed&amp;sort=date"`, `href="/v1/resolutions.csv?outcome=vetoed&amp;sort=date"`,
		`href="/v1/feed.atom?outcome=vetoed"`, `<option value="vetoed" selected>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestAFaultOfTheFilterLeavesTheForm(t *testing.T) {
	rec, err := sampleGet(t, newSample(t), "/resolutions?outcome=lost&q=gaza")
	if err != nil {
		t.Fatal(err)
	}
	if body := rec.Body.String(); rec.Code != 400 || !strings.Contains(body, `value="gaza"`) || !strings.Contains(body, "is not an outcome") {
		t.Errorf("status %d\n%s", rec.Code, body)
	}
}

func TestASymbolInTheSearchLeadsToItsVote(t *testing.T) {
	if _, err := sampleGet(t, newSample(t), "/resolutions?q=s/2024/835"); err == nil || err.Error() != "moved to /resolutions/S-2024-835" {
		t.Errorf("err=%v", err)
	}
}

// The verdict is what a reader has after five seconds.
func TestVerdicts(t *testing.T) {
	s := newSample(t)
	for id, want := range map[string]string{
		"S-2024-835":      "14 in favour, 9 needed: carried, but for the negative vote of the United States, a permanent member.",
		"S-2014-916":      "8 in favour, 9 needed: 1 short. The negative vote of the United States, a permanent member, was therefore no veto.",
		"S-RES-2623-2022": "11 in favour, 9 needed: carried. The question was procedural, so the negative vote of the Russian Federation, a permanent member, was no veto.",
	} {
		r, _, err := s.Resolution(t.Context(), id)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if got := verdict(*r); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

// Every filter of the API has its field, but for the one that programs follow.
func TestTheFormHasEveryFilter(t *testing.T) {
	body := samplePage(t, newSample(t), "/resolutions")
	for _, name := range votes.FilterParameters {
		fields := []string{name}
		switch name {
		case "voted":
			fields = []string{"voted_by", "voted_how"}
		case "changed_since":
			continue
		}
		for _, field := range fields {
			if !strings.Contains(body, ` name="`+field+`"`) {
				t.Errorf("no field %s", field)
			}
		}
	}
}
