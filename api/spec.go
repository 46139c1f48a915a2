package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/oasdiff/yaml"
)

// openAPI is the contract, written by hand; the tests hold the routes and the
// answers against it.
//
//go:embed openapi.yaml
var openAPI []byte

// openAPIInJSON is the same document in JSON, turned on first use.
var openAPIInJSON = sync.OnceValues(func() ([]byte, error) {
	b, err := yaml.YAMLToJSON(openAPI)
	if err != nil {
		return nil, fmt.Errorf("the OpenAPI document is not YAML: %w", err)
	}
	return encode(json.RawMessage(b))
})

// openAPIYAML answers GET /openapi.yaml.
func (s *server) openAPIYAML(c echo.Context) error {
	return s.answerStatic(c, "application/yaml", func() ([]byte, error) { return openAPI, nil })
}

// openAPIJSON answers GET /openapi.json.
func (s *server) openAPIJSON(c echo.Context) error {
	return s.answerStatic(c, echo.MIMEApplicationJSON, openAPIInJSON)
}
