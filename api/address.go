package api

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// addressOf is what a request asks for, the same for any order of its
// parameters: where it was sent, what it takes, and the path with its query.
func (s *server) addressOf(c echo.Context) string {
	origin, host := s.originParts(c)
	return origin + host + " " + takes(first(c.Request().Header, echo.HeaderAccept)) + " " + canonicalURI(c.Request().URL)
}

// first is Get for a name that is written as it is kept: every answer from memory
// asks for some, and Get looks at each letter of a name first.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// takes names the form that Accept likes best among those there are; lists come
// in that form, and what has one form is refused or not.
func takes(accept string) string {
	if accept == "" || accept == "*/*" {
		return asJSON.contentType
	}
	form, liking := bestForm(accept)
	switch {
	case liking == 0:
		return "nothing"
	case likes(accept, asJSON.contentType) == 0:
		return form.contentType + " alone"
	}
	return form.contentType
}

// canonicalURI is the path and the query with its parameters in order. A query
// with faults stays as it is, and is refused as it was asked.
func canonicalURI(u *url.URL) string {
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	query := u.RawQuery
	if values, err := url.ParseQuery(u.RawQuery); err == nil {
		query = values.Encode()
	}
	return u.EscapedPath() + "?" + query
}
