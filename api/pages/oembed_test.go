package pages

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"scvotes/votes"
)

func askOembed(t *testing.T, r Reader, query string) richEmbed {
	t.Helper()
	rec, err := sampleGet(t, r, "/oembed?"+query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var e richEmbed
	if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return e
}

// iframeOf reads the frame back, as a browser would.
func iframeOf(t *testing.T, e richEmbed) (frame struct {
	Src    string `xml:"src,attr"`
	Title  string `xml:"title,attr"`
	Width  int    `xml:"width,attr"`
	Height int    `xml:"height,attr"`
}) {
	t.Helper()
	if err := xml.Unmarshal([]byte(e.HTML), &frame); err != nil {
		t.Fatalf("%v in %s", err, e.HTML)
	}
	return frame
}

const voteAddress = "url=https%3A%2F%2Fvotes.example.org%2Fresolutions%2FS-2024-835"

func TestOembed(t *testing.T) {
	for query, want := range map[string]struct {
		width, height int
		thumbnail     bool
	}{
		voteAddress: {640, 560, true},
		voteAddress + "&format=json&maxwidth=320":                                       {320, 560, false},
		voteAddress + "&maxheight=200":                                                  {640, 200, false},
		voteAddress + "&maxwidth=99999999&maxheight=1000":                               {640, 560, true},
		"url=http%3A%2F%2FVOTES.example.org%2Fresolutions%2FS%2F2024%2F835%3Fa%3Db%23c": {640, 560, true},
		"url=https%3A%2F%2Fvotes.example.org%2Fembed%2Fresolutions%2FS-2024-835":        {640, 560, true},
	} {
		e := askOembed(t, newSample(t), query)
		frame := iframeOf(t, e)
		if e.Type != "rich" || e.Version != "1.0" || e.Title != "S/2024/835: Vetoed" || frame.Title != e.Title {
			t.Errorf("%s: got %+v", query, e)
		}
		if frame.Src != sampleOrigin+"/embed/resolutions/S-2024-835" {
			t.Errorf("%s: the frame shows %s", query, frame.Src)
		}
		if e.Width != want.width || e.Height != want.height || frame.Width != want.width || frame.Height != want.height {
			t.Errorf("%s: %d by %d, framed %d by %d, want %d by %d", query, e.Width, e.Height, frame.Width, frame.Height, want.width, want.height)
		}
		if (e.ThumbnailURL != "") != want.thumbnail {
			t.Errorf("%s: thumbnail %q", query, e.ThumbnailURL)
		}
	}
}

func TestOembedRefuses(t *testing.T) {
	for _, address := range []string{
		"https://elsewhere.example/resolutions/S-2024-835", "https://votes.example.org/members/USA", "https://votes.example.org/resolutions/",
		"ftp://votes.example.org/resolutions/S-2024-835", "javascript:alert(1)", "/resolutions/S-2024-835", "https://votes.example.org/resolutions/S-2024-836", "%",
	} {
		if _, err := sampleGet(t, newSample(t), "/oembed?url="+url.QueryEscape(address)); !errors.Is(err, votes.ErrNotFound) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	_, err := sampleGet(t, newSample(t), "/oembed?maxwidth=wide&maxheight=0")
	if faults := (votes.Faults{}); !errors.As(err, &faults) || len(faults) != 3 {
		t.Errorf("got %v", err)
	}
	rec, err := sampleGet(t, newSample(t), "/oembed?format=xml&"+voteAddress)
	if err != nil || rec.Code != http.StatusNotImplemented {
		t.Errorf("XML: %d, %v", rec.Code, err)
	}
}

func TestFrameCodeEscapesTitles(t *testing.T) {
	e := richEmbed{HTML: frameCode(sampleOrigin, `S-1"><x>`, hostile, 1, 2)}
	frame := iframeOf(t, e)
	if frame.Title != hostile || strings.Contains(e.HTML, "<x>") || strings.Contains(e.HTML, "<script") {
		t.Errorf("got %s", e.HTML)
	}
}
