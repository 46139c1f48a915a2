package api

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/api/chart"
	"scvotes/votes"
)

// svgText checks that an answer is an SVG, well formed to its end, and returns
// its width and all of its text.
func svgText(t *testing.T, address string, res *http.Response) (width, text string) {
	t.Helper()
	body := read(t, res)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != mimeSVG {
		t.Fatalf("%s: %d %s: %s", address, res.StatusCode, res.Header.Get("Content-Type"), body)
	}
	var all strings.Builder
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return width, all.String()
		}
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		switch token := token.(type) {
		case xml.CharData:
			fmt.Fprintf(&all, "%s|", token)
		case xml.StartElement:
			for _, a := range token.Attr {
				if token.Name.Local == "svg" && a.Name.Local == "width" {
					width = a.Value
				}
			}
		}
	}
}

func pngSize(t *testing.T, address string, res *http.Response) (width, height int) {
	t.Helper()
	body := read(t, res)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != mimePNG {
		t.Fatalf("%s: %d %s: %s", address, res.StatusCode, res.Header.Get("Content-Type"), body)
	}
	img, err := png.DecodeConfig(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return img.Width, img.Height
}

func TestPictures(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string]struct {
		width string
		says  []string
	}{
		"/v1/resolutions/S-2024-835/council":                      {"640", []string{"S/2024/835", "VETO", "USA", "14 in favour, 1 against"}},
		"/v1/resolutions/S-2024-835/council?width=320&theme=dark": {"320", []string{"VETO"}},
		"/v1/resolutions/S-13729/council":                         {"640", []string{"SUN"}},
		"/v1/charts/vetoes":                                       {"960", []string{"1980", "2024"}},
		"/v1/charts/vetoes?from=2000-01-01&width=1600":            {"1600", []string{"2024"}},
		"/v1/charts/agreement":                                    {"800", []string{"CHN", "USA"}},
		"/v1/charts/agreement?members=USA,GBR&method=lijphart":    {"800", []string{"GBR", "USA"}},
		"/v1/charts/timeline":                                     {"960", []string{"Algeria", "Zimbabwe"}},
		"/v1/charts/timeline?member=Soviet+Union":                 {"960", []string{"Russian Federation"}},
	} {
		path, query, _ := strings.Cut(address, "?")
		width, text := svgText(t, address, get(t, h, path+".svg?"+query))
		if width != want.width {
			t.Errorf("%s is %s wide, want %s", address, width, want.width)
		}
		for _, s := range want.says {
			if !strings.Contains(text, s) {
				t.Errorf("%s does not say %s", address, s)
			}
		}
		if w, _ := pngSize(t, address, get(t, h, path+".png?"+query)); fmt.Sprint(w) != want.width {
			t.Errorf("%s as PNG is %d wide, want %s", address, w, want.width)
		}
	}
	if w, height := pngSize(t, "card", get(t, h, "/v1/resolutions/S-2024-835/card.png")); w != chart.CardWidth || height != chart.CardHeight {
		t.Errorf("a card is %d by %d", w, height)
	}
}

func TestPictureHeaders(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	const address = "/v1/resolutions/S-2024-835/council.svg"
	res := get(t, h, address)
	if got := res.Header.Get(headerCSP); got != svgPolicy {
		t.Errorf("Content-Security-Policy is %q", got)
	}
	tag := res.Header.Get(headerETag)
	if tag == "" || res.Header.Get("Cache-Control") != cacheReads {
		t.Errorf("headers are %v", res.Header)
	}
	if res := get(t, h, address, headerIfNoneMatch, tag); res.StatusCode != http.StatusNotModified {
		t.Errorf("a picture that is known: %d", res.StatusCode)
	}
	if other := get(t, h, address+"?theme=dark").Header.Get(headerETag); other == tag {
		t.Error("another picture has the same tag")
	}
}

func TestPicturesRefuse(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string][]string{
		"/v1/resolutions/S-2024-835/council.svg?width=159&theme=red&x=1": {"theme", "width", "x"},
		"/v1/resolutions/S-2024-835/council.png?width=1601":              {"width"},
		"/v1/resolutions/S-2024-835/card.png?width=600":                  {"width"},
		"/v1/charts/vetoes.svg?outcome=vetoed":                           {"outcome"},
		"/v1/charts/vetoes.svg?from=soon&width=0":                        {"from", "width"},
		"/v1/charts/agreement.svg?members=Atlantis&method=fair&width=x":  {"members", "method", "width"},
		"/v1/charts/timeline.svg?member=Atlantis":                        {"member"},
		"/v1/charts/timeline.svg?member=Switzerland&member=Malta":        {"member"},
		"/v1/charts/timeline.svg?member=Monaco":                          {"member"},
	} {
		res := get(t, h, address)
		p := decode[problem](t, res)
		var names []string
		for _, f := range p.Errors {
			names = append(names, f.Parameter)
		}
		slices.Sort(names)
		if diff := cmp.Diff(want, names); diff != "" || res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", address, res.StatusCode, diff)
		}
	}
}

func TestPicturesOfOtherIDs(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string]string{
		"/v1/resolutions/s-2024-835/council.svg?width=320": "/v1/resolutions/S-2024-835/council.svg?width=320",
		"/v1/resolutions/S-2022-160/council.png":           "/v1/resolutions/S-RES-2623-2022/council.png",
		"/v1/resolutions/S-2022-160/card.png":              "/v1/resolutions/S-RES-2623-2022/card.png",
	} {
		if res := get(t, h, address); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != want {
			t.Errorf("%s: %d to %s", address, res.StatusCode, res.Header.Get("Location"))
		}
	}
	for _, address := range []string{"/v1/resolutions/S-2024-836/council.svg", "/v1/resolutions/S-2024-836/council.png", "/v1/resolutions/nothing/card.png"} {
		if res := get(t, h, address); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", address, res.StatusCode)
		}
	}
}

// A heat map of everyone who ever sat would have no room for its numbers.
func TestAgreementPictureHasRoom(t *testing.T) {
	f := newFake(t)
	f.all = nil
	for year := 1970; year < 2024; year += 2 {
		f.all = append(f.all, decided(t, votes.Resolution{Draft: votes.Symbol(fmt.Sprintf("S/%d", year)), Date: votes.Date(fmt.Sprintf("%d-06-01", year))},
			map[votes.Position]string{votes.No: "GBR"}))
	}
	res := get(t, New(f, testOptions(nil)), "/v1/charts/agreement.svg?members=all")
	if p := decode[problem](t, res); res.StatusCode != http.StatusBadRequest || len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, "room for 40") {
		t.Errorf("got %d %+v", res.StatusCode, p)
	}
}

// A PNG is painted once for each revision of the record and address.
func TestPNGsAreKept(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	ask := func(address string) int {
		f.asked.Store(0)
		pngSize(t, address, get(t, h, address))
		return int(f.asked.Load())
	}
	const address = "/v1/charts/vetoes.png?width=320&from=1950-01-01"
	if ask(address) != 1 || ask(address) != 0 || ask("/v1/charts/vetoes.png?from=1950-01-01&width=320") != 0 {
		t.Error("the same picture was read for anew")
	}
	if ask("/v1/charts/vetoes.png?width=321&from=1950-01-01") != 1 {
		t.Error("another picture was answered with the one before")
	}
	f.revision.Number++
	if ask(address) != 1 {
		t.Error("a picture outlived its revision")
	}
	// What was not painted is not kept.
	f.fault = errors.New("the database is away")
	f.revision.Number++
	if res := get(t, h, address); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a fault: %d", res.StatusCode)
	}
	f.fault = nil
	if ask(address) != 1 {
		t.Error("a fault was kept")
	}
}

// Only so many pictures are painted at once; whoever has to wait too long is told.
func TestPaintingIsBounded(t *testing.T) {
	p := &pictures{painting: make(chan struct{}, paintedAtOnce)}
	for range paintedAtOnce {
		p.painting <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	blank := func(context.Context, chart.Options) (chart.Picture, error) {
		return chart.Council(votes.Council{Date: "2024-11-20"}, chart.Options{Width: 160}), nil
	}
	if _, err := p.paint(ctx, chart.Options{}, blank); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-p.painting
	if b, err := p.paint(t.Context(), chart.Options{}, blank); err != nil || !bytes.HasPrefix(b, []byte("\x89PNG")) {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
}
