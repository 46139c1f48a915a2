package api

import (
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
)

// Names of headers by which a browser is told what an answer may do.
const (
	headerReferrer    = "Referrer-Policy"
	headerPermissions = "Permissions-Policy"
	headerOpener      = "Cross-Origin-Opener-Policy"
	headerEmbedder    = "Cross-Origin-Embedder-Policy"
	headerResource    = "Cross-Origin-Resource-Policy"
)

const (
	// pagePolicy lets a page load what this server has and nothing else: no
	// script runs, and no style but the one sheet. The one page that is made for
	// frames has its own.
	pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// dataPolicy is of what is no page: opened by itself it loads nothing.
	dataPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// svgPolicy lets a picture that is opened by itself have its style sheet, and
// nothing else.
var svgPolicy = "default-src 'none'; style-src " + chart.StyleSource() + "; sandbox"

var (
	everyAnswer = []field{{echo.HeaderXContentTypeOptions, []string{"nosniff"}}, {headerReferrer, []string{"same-origin"}}}
	everyPage   = []field{{headerCSP, []string{pagePolicy}}, {headerOpener, []string{"same-origin"}}, {headerEmbedder, []string{"require-corp"}},
		{headerResource, []string{"same-origin"}},
		{headerPermissions, []string{"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"}}}
	// What is data, other sites may load: it is the same for everybody.
	allData = []field{{headerCSP, []string{dataPolicy}}, {headerResource, []string{"cross-origin"}}}
	// Once seen by https, nobody is to come by http: neither the browser's user
	// nor whoever is on the way. Of this host alone.
	onlyHTTPS = []field{{echo.HeaderStrictTransportSecurity, []string{"max-age=31536000"}}}
)

// guard tells browsers in every answer what it may do there. Handlers that know
// better say so.
func (s *server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	https := strings.HasPrefix(s.publicURL, "https://")
	return func(c echo.Context) error {
		h := c.Response().Header()
		put(h, everyAnswer)
		if forPeople(c.Request().URL.Path) {
			put(h, everyPage)
		} else {
			put(h, allData)
		}
		if https {
			put(h, onlyHTTPS)
		}
		return next(c)
	}
}
