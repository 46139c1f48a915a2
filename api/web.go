package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/api/pages"
)

// site returns the pages for people.
func (s *server) site() *pages.Site {
	return pages.New(s.reader, pages.Server{
		Answer: s.answerAs,
		Static: func(c echo.Context, contentType string, body []byte) error {
			return s.answerStatic(c, contentType, func() ([]byte, error) { return body, nil })
		},
		Origin: s.origin,
		Moved:  func(address string) error { return moved{address, http.StatusPermanentRedirect} },
		Found:  func(address string) error { return moved{address, http.StatusFound} },
		Now:    s.now,
	})
}

// forPeople tells whether an address is that of a page.
func forPeople(path string) bool {
	for _, machine := range []string{"/v1/", "/openapi.", "/healthz", "/readyz", "/metrics", "/oembed", "/sitemap.xml", "/robots.txt"} {
		if strings.HasPrefix(path, machine) {
			return false
		}
	}
	return path != "/v1"
}
