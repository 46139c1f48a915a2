package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// nowhereWriter takes an answer and forgets it.
type nowhereWriter struct{ h http.Header }

func (w nowhereWriter) Header() http.Header         { return w.h }
func (w nowhereWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w nowhereWriter) WriteHeader(int)             {}

// BenchmarkWarm answers one record from memory, beside the same with each
// client's requests counted, and Echo alone giving the same bytes.
func BenchmarkWarm(b *testing.B) {
	f := newFake(b)
	kept, _ := followed(b, f, f)
	body := []byte(read(b, get(b, kept, "/v1/resolutions/S-2024-835")))
	opt := testOptions(nil)
	opt.Now = time.Now
	opt.Limits = Limits{Rate: 1e9, Burst: 1 << 30}
	counted, _ := followedWith(b, f, f, opt)
	read(b, get(b, counted, "/v1/resolutions/S-2024-835"))
	static := echo.New()
	static.GET("/v1/resolutions/:id", func(c echo.Context) error { return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, body) })
	for name, h := range map[string]http.Handler{"kept": kept, "counted": counted, "echo": static} {
		b.Run(name, func(b *testing.B) {
			r, _ := http.NewRequest(http.MethodGet, "http://example.com/v1/resolutions/S-2024-835", nil)
			r.RemoteAddr = "192.0.2.1:1234"
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(nowhereWriter{make(http.Header)}, r)
			}
		})
	}
}
