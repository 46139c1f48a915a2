package api

import (
	"regexp"

	"github.com/labstack/echo/v4"

	"scvotes/api/pages"
)

// PagePaths are the paths of everything that the server answers to people, {id}
// and the like standing for any one thing. The rest is in the contract.
func PagePaths() []string {
	var list []string
	pages.New(nil, pages.Server{}).Routes(func(path string, _ echo.HandlerFunc) {
		list = append(list, pathParameter.ReplaceAllString(path, "{$1}"))
	})
	return list
}

var pathParameter = regexp.MustCompile(`:(\w+)`)
