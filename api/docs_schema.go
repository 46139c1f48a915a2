package api

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// docSchema is a schema with a name, and its fields where it has any.
type docSchema struct {
	Name, Anchor, Example, Limits string

	Description template.HTML
	Type        []docLink
	Values      []string
	Fields      []docField
}

// docField is a parameter, a header or a field of a body. One that is described
// elsewhere on the page has Shared, the anchor there, and nothing else.
type docField struct {
	Name, Anchor, Shared string

	In                   string // path or query; of a parameter alone
	Required, Deprecated bool
	Type                 []docLink
	Values               []string // of which it is one; nil for any
	Limits               string
	Description          template.HTML
	Example              string
}

// schema lays a named schema out, and gives it the anchor that fields of its
// type lead to.
func (w *docWriter) schema(name string, s *openapi3.Schema) docSchema {
	return docSchema{Name: name, Anchor: schemaAnchor(name), Description: w.markdown(s.Description),
		Type: typeOf(&openapi3.SchemaRef{Value: s}), Values: valuesOf(s), Limits: limitsOf(s),
		Fields: w.fields("", s), Example: exampleText(s.Example)}
}

// field describes one value. Beside a reference OpenAPI 3.0 reads nothing else,
// so that there is nothing to say but the link.
func (w *docWriter) field(name string, ref *openapi3.SchemaRef, required bool) docField {
	f := docField{Name: name, Required: required}
	if ref == nil {
		return f
	}
	f.Type = typeOf(ref)
	if ref.Ref != "" {
		return f
	}
	s := ref.Value
	f.Values, f.Limits, f.Deprecated = valuesOf(s), limitsOf(s), s.Deprecated
	f.Description, f.Example = w.markdown(s.Description), exampleText(s.Example)
	if s.Items != nil && s.Items.Ref == "" {
		f.Values = append(f.Values, valuesOf(s.Items.Value)...)
		f.Limits = joined("; ", f.Limits, limitsOf(s.Items.Value))
	}
	return f
}

// fields lists what a schema describes in place: behind a field those within
// it, as seats[].code, but not those of a schema that has a name of its own.
func (w *docWriter) fields(within string, s *openapi3.Schema) []docField {
	var list []docField
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		if part.Ref == "" {
			list = append(list, w.fields(within, part.Value)...)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		list = append(list, w.fields(within+"[]", s.Items.Value)...)
	}
	if any := s.AdditionalProperties.Schema; any != nil && any.Ref == "" {
		list = append(list, w.fields(joined(".", within, "*"), any.Value)...)
	}
	for _, name := range inOrder(s.Properties, func(r *openapi3.SchemaRef) *openapi3.Origin { return r.Origin }) {
		ref, full := s.Properties[name], joined(".", within, name)
		list = append(list, w.field(full, ref, slices.Contains(s.Required, name)))
		if ref.Ref == "" {
			list = append(list, w.fields(full, ref.Value)...)
		}
	}
	return list
}

// typeOf says in words what type a schema is, as "array of" and a link.
func typeOf(ref *openapi3.SchemaRef) []docLink {
	s := ref.Value
	var words []docLink
	switch {
	case ref.Ref != "":
		name := componentName(ref.Ref)
		words = []docLink{{name, schemaAnchor(name)}}
	case len(s.AllOf) > 0:
		words = typesOf(s.AllOf, "and")
	case len(s.OneOf)+len(s.AnyOf) > 0:
		words = typesOf(slices.Concat(s.OneOf, s.AnyOf), "or")
	case s.Type.Is(openapi3.TypeArray) && s.Items != nil:
		words = append([]docLink{{Text: "array of"}}, typeOf(s.Items)...)
	case s.AdditionalProperties.Schema != nil:
		words = append([]docLink{{Text: "object, each value"}}, typeOf(s.AdditionalProperties.Schema)...)
	case s.Type == nil:
		words = []docLink{{Text: "any value"}}
	default:
		words = []docLink{{Text: strings.Join(s.Type.Slice(), " or ")}}
		if s.Format != "" {
			words[0].Text += " (" + s.Format + ")"
		}
	}
	// Null beside no type at all is one of any value, and not worth a word.
	if s.Nullable && s.Type != nil {
		words = append(words, docLink{Text: "or null"})
	}
	return words
}

// typesOf joins the types of the parts; parts without a name are one, told by
// their fields.
func typesOf(parts openapi3.SchemaRefs, conjunction string) []docLink {
	var words []docLink
	add := func(more ...docLink) {
		if len(words) > 0 {
			words = append(words, docLink{Text: conjunction})
		}
		words = append(words, more...)
	}
	inPlace := false // at most one is told: their fields stand in one table
	for _, part := range parts {
		if inPlace = inPlace || part.Ref == "" && len(part.Value.Properties) > 0; part.Ref != "" || len(part.Value.Properties) == 0 {
			add(typeOf(part)...)
		}
	}
	if inPlace {
		add(docLink{Text: "the fields below"})
	}
	return words
}

// valuesOf lists the values of an enumeration; null is told by the type.
func valuesOf(s *openapi3.Schema) []string {
	var list []string
	for _, v := range s.Enum {
		if v != nil {
			list = append(list, exampleText(v))
		}
	}
	return list
}

// limitsOf says in words what a schema asks beyond its type.
func limitsOf(s *openapi3.Schema) string {
	var limits []string
	say := func(format string, args ...any) { limits = append(limits, fmt.Sprintf(format, args...)) }
	switch {
	case s.Min != nil && s.Max != nil:
		say("%v to %v", *s.Min, *s.Max)
	case s.Min != nil:
		say("%v or more", *s.Min)
	case s.Max != nil:
		say("%v or less", *s.Max)
	}
	if s.MinItems > 0 {
		say("at least %d", s.MinItems)
	}
	if s.MaxItems != nil {
		say("at most %d", *s.MaxItems)
	}
	if s.MinLength > 0 {
		say("at least %d characters", s.MinLength)
	}
	if s.MaxLength != nil {
		say("at most %d characters", *s.MaxLength)
	}
	if s.Pattern != "" {
		say("matches %s", s.Pattern)
	}
	if s.Default != nil {
		say("%s where it is not given", exampleText(s.Default))
	}
	return strings.Join(limits, "; ")
}

// joined joins the words that are not empty.
func joined(separator string, words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), separator)
}

// inOrder lists the keys of a map as they were written in the document.
func inOrder[T any](m map[string]T, origin func(T) *openapi3.Origin) []string {
	type place struct {
		name         string
		line, column int
	}
	var places []place
	for name, v := range m {
		p := place{name: name}
		if o := origin(v); o != nil && o.Key != nil {
			p.line, p.column = o.Key.Line, o.Key.Column
		}
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), strings.Compare(a.name, b.name))
	})
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.name
	}
	return names
}

// componentName is the last part of a reference, "" for what stands in place.
func componentName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// Anchors of what may bear the same name: there is a parameter and a
// schema called Discrepancy. Answers keep their plain names, which
// problems lead to.
func parameterAnchor(name string) string { return "parameter-" + name }
func headerAnchor(name string) string    { return "header-" + name }
func schemaAnchor(name string) string    { return "schema-" + name }
