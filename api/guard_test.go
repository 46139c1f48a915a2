package api

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

func TestEveryAnswerTellsBrowsersWhatItMayDo(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string]struct{ policy, resource string }{
		"/":                             {pagePolicy, "same-origin"},
		"/resolutions/S-2024-835":       {pagePolicy, "same-origin"},
		"/nothing-here":                 {pagePolicy, "same-origin"},
		"/v1/resolutions/S-2024-835":    {dataPolicy, "cross-origin"},
		"/v1/resolutions.csv":           {dataPolicy, "cross-origin"},
		"/v1/nothing-here":              {dataPolicy, "cross-origin"},
		"/v1/feed.atom":                 {dataPolicy, "cross-origin"},
		"/openapi.json":                 {dataPolicy, "cross-origin"},
		"/healthz":                      {dataPolicy, "cross-origin"},
		"/v1/export/scvotes.zip":        {dataPolicy, "cross-origin"},
		"/v1/charts/vetoes.svg":         {svgPolicy, "cross-origin"},
		"/embed/resolutions/S-2024-835": {"frame-ancestors *", "cross-origin"},
	} {
		h2 := get(t, h, address).Header
		if got := h2.Get(headerCSP); got != want.policy && !(strings.HasPrefix(want.policy, "frame") && strings.HasSuffix(got, want.policy)) {
			t.Errorf("%s: policy %q, want %q", address, got, want.policy)
		}
		if strings.Contains(h2.Get(headerCSP), "unsafe") {
			t.Errorf("%s: %s", address, h2.Get(headerCSP))
		}
		if got := h2.Get(headerResource); got != want.resource {
			t.Errorf("%s: %s %q, want %q", address, headerResource, got, want.resource)
		}
		for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", headerReferrer: "same-origin", "Strict-Transport-Security": ""} {
			if got := h2.Get(name); got != value {
				t.Errorf("%s: %s %q, want %q", address, name, got, value)
			}
		}
		isPage := want.policy == pagePolicy || strings.HasPrefix(want.policy, "frame")
		if got := h2.Get(headerOpener) == "same-origin" && h2.Get(headerEmbedder) == "require-corp" && h2.Get(headerPermissions) != ""; got != isPage {
			t.Errorf("%s: of a page %v, %v", address, got, h2)
		}
	}
}

// The policy of a picture names the one sheet that pictures have.
func TestThePolicyOfAPictureNamesItsStyle(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for _, address := range []string{"/v1/charts/vetoes.svg", "/v1/resolutions/S-2024-835/council.svg"} {
		res := get(t, h, address)
		_, sheet, _ := strings.Cut(read(t, res), "<style>")
		sheet, _, ok := strings.Cut(sheet, "</style>")
		sum := sha256.Sum256([]byte(sheet))
		if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !ok || !strings.Contains(res.Header.Get(headerCSP), want) {
			t.Errorf("%s: policy %q, want %s", address, res.Header.Get(headerCSP), want)
		}
	}
}

func TestOnlyHTTPSWhereThatIsTheAddress(t *testing.T) {
	opt := testOptions(nil)
	opt.PublicURL = "https://votes.example.org"
	h := New(newFake(t), opt)
	for _, address := range []string{"/", "/v1/council", "/v1/nothing-here"} {
		if got := get(t, h, address).Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: %q", address, got)
		}
	}
}
