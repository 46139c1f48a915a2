// Package conform holds answers of a server against its OpenAPI document. The
// tests of the API and of the whole program share it; the program does not.
package conform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Contract is an OpenAPI document with its schemas closed: clients must bear
// new fields, but the server may not send one that it does not describe.
type Contract struct {
	Document *openapi3.T
	router   routers.Router
}

// Load reads and validates a document, in YAML or JSON.
func Load(document []byte) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("the document is not OpenAPI: %w", err)
	}
	for _, ref := range doc.Components.Schemas {
		flatten(ref.Value)
	}
	closed := make(map[*openapi3.Schema]bool)
	for _, ref := range doc.Components.Schemas {
		closeObjects(ref.Value, closed)
	}
	for _, operation := range operationsOf(doc) {
		registerText(operation.Operation)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("the paths of the document: %w", err)
	}
	return &Contract{Document: doc, router: router}, nil
}

// Operation is a method of a path, as the document names both.
type Operation struct {
	Method, Path string
	*openapi3.Operation
}

// Operations returns all there are, by path.
func (c *Contract) Operations() []Operation { return operationsOf(c.Document) }

func operationsOf(doc *openapi3.T) []Operation {
	var all []Operation
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			all = append(all, Operation{method, path, operations[method]})
		}
	}
	return all
}

// Find returns the operation that an address below the server belongs to.
func (c *Contract) Find(method, address string) (Operation, error) {
	req, err := http.NewRequest(method, address, nil)
	if err != nil {
		return Operation{}, err
	}
	route, _, err := c.router.FindRoute(req)
	if err != nil {
		return Operation{}, fmt.Errorf("%s %s: %w", method, address, err)
	}
	return Operation{route.Method, route.Path, route.Operation}, nil
}

// Check returns what is wrong with an answer to an operation: a status that the
// document does not name, or headers or a body that it does not describe.
func (c *Contract) Check(o Operation, status int, header http.Header, body []byte) error {
	if o.Responses.Status(status) == nil {
		return fmt.Errorf("%s %s: status %d is not documented", o.Method, o.Path, status)
	}
	// The library asks for a request, and reads nothing of it but the route.
	req, err := http.NewRequest(o.Method, "/", nil)
	if err != nil {
		return err
	}
	options := &openapi3filter.Options{MultiError: true}
	options.WithCustomSchemaErrorFunc(inShort)
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req,
			Route: &routers.Route{Spec: c.Document, Path: o.Path, Method: o.Method, Operation: o.Operation}},
		Status: status, Header: header, Options: options,
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		return fmt.Errorf("%s %s: %w", o.Method, o.Path, err)
	}
	if kind := header.Get("Content-Type"); len(body) > 0 && strings.HasSuffix(kind, "json") && !bytes.HasSuffix(body, []byte("\n")) {
		return errors.New("JSON without a newline at its end")
	}
	return nil
}

// inShort tells where in the body a fault is, and leaves the schema out, which
// may have some hundred lines.
func inShort(e *openapi3.SchemaError) string {
	return fmt.Sprintf("at /%s: %s", strings.Join(e.JSONPointer(), "/"), e.Reason)
}

// flatten turns allOf into the one object that it describes.
func flatten(s *openapi3.Schema) {
	for _, part := range s.AllOf {
		flatten(part.Value)
		if s.Properties == nil {
			s.Properties = openapi3.Schemas{}
		}
		maps.Copy(s.Properties, part.Value.Properties)
		s.Required = append(s.Required, part.Value.Required...)
		s.Type = part.Value.Type
	}
	s.AllOf = nil
}

// closeObjects lets an object have the properties that it describes, and no
// others, unless it says what the others are.
func closeObjects(s *openapi3.Schema, seen map[*openapi3.Schema]bool) {
	if seen[s] {
		return
	}
	seen[s] = true
	if s.Items != nil {
		closeObjects(s.Items.Value, seen)
	}
	for _, one := range slices.Concat(s.AnyOf, s.OneOf) {
		closeObjects(one.Value, seen)
	}
	if !s.Type.Is("object") || s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil {
		return
	}
	s.AdditionalProperties.Has = new(bool)
	for _, p := range s.Properties {
		closeObjects(p.Value, seen)
	}
}

// registerText lets the library take the media types of an operation that it
// does not know as text, or as bytes: their tests are elsewhere.
func registerText(o *openapi3.Operation) {
	for _, response := range o.Responses.Map() {
		for kind := range response.Value.Content {
			if openapi3filter.RegisteredBodyDecoder(kind) == nil {
				openapi3filter.RegisterBodyDecoder(kind, decoderOf(kind))
			}
		}
	}
}

func decoderOf(kind string) openapi3filter.BodyDecoder {
	if strings.HasSuffix(kind, "+json") {
		return openapi3filter.JSONBodyDecoder
	}
	return func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		b, err := io.ReadAll(body)
		return string(b), err
	}
}
