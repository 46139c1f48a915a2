package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
	"time"

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
	return send(c, s.stamp(c, "openapi", time.Time{}), "application/yaml", openAPI)
}

// openAPIJSON answers GET /openapi.json.
func (s *server) openAPIJSON(c echo.Context) error {
	b, err := openAPIInJSON()
	if err != nil {
		return err
	}
	return send(c, s.stamp(c, "openapi", time.Time{}), echo.MIMEApplicationJSON, b)
}
