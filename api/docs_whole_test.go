package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestTheDocsHoldTheWholeDocument(t *testing.T) {
	askedOneByOne(t)
	p := readDocs(t, served(t))
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	operations := 0
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			operations++
			words := p.under[o.OperationID]
			if words == nil || !words[method+path] || !words[o.Summary] {
				t.Errorf("%s %s (%s) has no section with its summary", method, path, o.OperationID)
				continue
			}
			holdParameters(t, p, doc, o, append(slices.Clone(item.Parameters), o.Parameters...))
			for status, r := range o.Responses.Map() {
				shared := componentName(r.Ref)
				usual := p.leads[o.OperationID]["usual-answers"] && strings.Contains(p.usual, status+" "+shared)
				if !words[status] && !usual && (shared == "" || !words[shared]) {
					t.Errorf("%s %s: no answer %s", method, path, status)
				}
				if usual == words[shared] && shared != "" {
					t.Errorf("%s %s: %s is told twice, or not at all", method, path, shared)
				}
				for media := range r.Value.Content {
					if shared == "" && !words[media] {
						t.Errorf("%s %s: %s has no %s", method, path, status, media)
					}
				}
			}
		}
	}
	for name, s := range doc.Components.Schemas {
		words := p.under[schemaAnchor(name)]
		if words == nil {
			t.Errorf("no schema %s", name)
		}
		for property := range s.Value.Properties {
			if !words[property] {
				t.Errorf("schema %s: no field %s", name, property)
			}
		}
	}
	for name := range doc.Components.Responses {
		if p.ids[name] == 0 {
			t.Errorf("no anchor for the answer %s, which problems name", name)
		}
	}
	if operations < 15 {
		t.Errorf("only %d operations", operations)
	}
}

// holdParameters looks for each parameter of an operation: by name, or among those
// of another operation that it says it has too, but for some.
func holdParameters(t *testing.T, p docsRead, doc *openapi3.T, o *openapi3.Operation, parameters openapi3.Parameters) {
	t.Helper()
	has := func(p *openapi3.Parameter) bool {
		return slices.ContainsFunc(parameters, func(r *openapi3.ParameterRef) bool { return r.Value == p })
	}
	borrowed := make(map[*openapi3.Parameter]bool)
	for path, item := range doc.Paths.Map() {
		for method, other := range item.Operations() {
			i := slices.IndexFunc(p.borrows[o.OperationID], func(of string) bool { return of[:strings.IndexAny(of, ",.")] == method+" "+path })
			if i < 0 || !p.leads[o.OperationID][other.OperationID] {
				continue
			}
			_, but, _ := strings.Cut(strings.TrimSuffix(p.borrows[o.OperationID][i], "."), ", but for ")
			without := strings.Split(but, ", ")
			for _, r := range other.Parameters {
				if anchor := parameterAnchor(componentName(r.Ref)); r.Ref == "" || !p.holds[other.OperationID][anchor] {
					continue
				}
				if borrowed[r.Value] = true; has(r.Value) == slices.Contains(without, r.Value.Name) {
					t.Errorf("%s has %s of %s: %v, but the page says otherwise", o.OperationID, r.Value.Name, other.OperationID, has(r.Value))
				}
			}
		}
	}
	for _, r := range parameters {
		if !borrowed[r.Value] && !p.under[o.OperationID][r.Value.Name] {
			t.Errorf("%s: no parameter %s", o.OperationID, r.Value.Name)
		}
	}
}
