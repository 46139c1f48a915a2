package pages

import (
	"errors"
	"strings"
	"testing"

	"scvotes/votes"
)

func TestEmbed(t *testing.T) {
	rec, err := sampleGet(t, newSample(t), "/embed/resolutions/S-2024-835")
	if err != nil {
		t.Fatal(err)
	}
	body := rec.Body.String()
	checkHTML(t, body)
	for _, want := range []string{
		`<body class="embed">`, "<svg", "carried, but for the negative vote of the United States", `<meta name="robots" content="noindex">`,
		`<link rel="canonical" href="https://votes.example.org/resolutions/S-2024-835">`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "<nav") {
		t.Error("the page has the navigation of the others")
	}
	if h := rec.Header(); h.Get("X-Frame-Options") != "" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors *") {
		t.Errorf("other sites may not frame it: %v", h)
	}
}

func TestEmbedLeadsToTheID(t *testing.T) {
	for asked, want := range map[string]string{
		"s-2024-835":              "/embed/resolutions/S-2024-835",
		"S%2F2024%2F835":          "/embed/resolutions/S-2024-835",
		"S-2022-160":              "/embed/resolutions/S-RES-2623-2022", // the draft became this
		"S%2FRES%2F2623%20(2022)": "/embed/resolutions/S-RES-2623-2022",
	} {
		_, err := sampleGet(t, newSample(t), "/embed/resolutions/"+asked)
		if to := (errMoved{}); !errors.As(err, &to) || to.to != want {
			t.Errorf("%s: got %v, want %s", asked, err, want)
		}
	}
}

func TestEmbedOfNoVote(t *testing.T) {
	for _, asked := range []string{"S-2024-836", "%3Cscript%3E", "%FF"} {
		if _, err := sampleGet(t, newSample(t), "/embed/resolutions/"+asked); !errors.Is(err, votes.ErrNotFound) {
			t.Errorf("%s: got %v", asked, err)
		}
	}
	_, err := sampleGet(t, newSample(t), "/embed/resolutions/S-2024-836")
	if m := (MissingError{}); !errors.As(err, &m) || len(m.Suggestions) != 1 {
		t.Errorf("got %v", err)
	}
}

// hostile is a title that means to be more than text.
const hostile = `</title></svg><script>alert("x")</script> & 'quoted' ` + "\u202e"

func TestEmbedEscapesTitles(t *testing.T) {
	r := newSample(t)
	r.all[0].Title = hostile
	if body := samplePage(t, r, "/embed/resolutions/S-2024-835"); strings.Contains(body, "<script") {
		t.Errorf("a title became markup: %s", body)
	}
}
