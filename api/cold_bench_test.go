package api

import (
	"net/http"
	"testing"
)

// BenchmarkCold has every answer made anew from a reader that costs nothing: what
// is left is the work of the handlers.
func BenchmarkCold(b *testing.B) {
	opt := testOptions(nil)
	opt.CacheBytes = -1
	h := New(newFake(b), opt)
	for name, address := range map[string]string{
		"record":    "/v1/resolutions/S-2024-835",
		"list":      "/v1/resolutions",
		"csv":       "/v1/resolutions.csv",
		"agreement": "/v1/agreement?members=P5",
		"council":   "/v1/council?date=2024-11-20",
		"page":      "/resolutions/S-2024-835",
		"picture":   "/v1/resolutions/S-2024-835/council.svg",
	} {
		b.Run(name, func(b *testing.B) {
			if res := get(b, h, address); res.StatusCode != http.StatusOK {
				b.Fatalf("%s: %s %s", address, res.Status, read(b, res))
			}
			r, err := http.NewRequest(http.MethodGet, "http://example.com"+address, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(nowhereWriter{make(http.Header)}, r)
			}
		})
	}
}
