package api

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
)

// nowhereWriter takes an answer and forgets it.
type nowhereWriter struct{ h http.Header }

func (w nowhereWriter) Header() http.Header         { return w.h }
func (w nowhereWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w nowhereWriter) WriteHeader(int)             {}

// BenchmarkWarm answers one record from memory, beside Echo alone giving the
// same bytes.
func BenchmarkWarm(b *testing.B) {
	f := newFake(b)
	kept, _ := followed(b, f, f)
	body := []byte(read(b, get(b, kept, "/v1/resolutions/S-2024-835")))
	static := echo.New()
	static.GET("/v1/resolutions/:id", func(c echo.Context) error { return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, body) })
	for name, h := range map[string]http.Handler{"kept": kept, "echo": static} {
		b.Run(name, func(b *testing.B) {
			r, _ := http.NewRequest(http.MethodGet, "http://example.com/v1/resolutions/S-2024-835", nil)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(nowhereWriter{make(http.Header)}, r)
			}
		})
	}
}
