package api

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/yuin/goldmark"
)

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS string

var docsTemplate = template.Must(template.New("docs").Funcs(template.FuncMap{"plain": plainText}).Parse(docsHTML))

// plainText is a text between two tags. Quotes are quotes there: written as the
// template has them, for attributes too, those of the examples would be a
// twentieth of the page.
func plainText(s string) template.HTML {
	return template.HTML(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s))
}

// docs answers GET /docs with the contract as a page for people.
func (s *server) docs(c echo.Context) error {
	// The page is one file, nothing runs in it, and it has the one style that it
	// came with.
	style := sha256.Sum256([]byte(docsCSS))
	c.Response().Header().Set(headerCSP, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(style[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	return s.answerStatic(c, echo.MIMETextHTMLCharsetUTF8, func() ([]byte, error) {
		page, err := docsPage()
		return bytes.ReplaceAll(page, []byte(nowhere), []byte(template.HTMLEscapeString(s.origin(c)))), err
	})
}

// nowhere stands for the server in the page until it is known how the client
// calls it: a name under .invalid can never be that of a host (RFC 6761).
const nowhere = "http://scvotes.invalid"

// docsPage is the page, drawn on first use: it can only change with the program.
var docsPage = sync.OnceValues(func() ([]byte, error) { return renderDocs(openAPI) })

// renderDocs draws an OpenAPI document.
func renderDocs(document []byte) ([]byte, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // by which things keep the order in which they were written
	doc, err := loader.LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	w := docWriter{described: make(map[*openapi3.Parameter]string), usual: findUsual(doc)}
	page := w.page(doc)
	if w.err != nil {
		return nil, fmt.Errorf("writing the descriptions: %w", w.err)
	}
	var b bytes.Buffer
	if err := docsTemplate.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("rendering the document: %w", err)
	}
	return b.Bytes(), nil
}

// docPage is what the page shows.
type docPage struct {
	Title, Version string
	Intro          template.HTML
	Style          template.CSS
	Tags           []docTag
	Responses      []docResponse // that several operations share
	UsualAnswers   []docResponse // of these, those that nearly all have
	Headers        []docField
	UsualHeaders   []docField
	Schemas        []docSchema
}

// docTag is a chapter: the operations of one tag.
type docTag struct {
	Name        string
	Description template.HTML
	Operations  []docOperation
}

// docOperation is one method of one path. A parameter that several operations
// share is described at the first of them, and Borrowed and Also lead there from the
// others. Usual tells of one that has the usual answers beside those of Shared.
type docOperation struct {
	ID, Method, Path, Summary string

	Deprecated  bool
	Description template.HTML
	Parameters  []docField
	Borrowed    []docBorrowed
	Also        []docLink
	Body        *docBody
	Curl        string
	Address     string // to be followed; only of what is read
	Responses   []docResponse
	Shared      []docResponse // by anchor alone
	Usual       bool
}

// docLink is a word, and the place on this page that it leads to; no place for
// a word that is only a word.
type docLink struct{ Text, Anchor string }

// docBody is what a request carries.
type docBody struct {
	Description template.HTML
	Required    bool
	Media       []docMedia
}

// docMedia is a body in one media type. Fields are those of a schema that has
// no name of its own.
type docMedia struct {
	Name    string
	Type    []docLink
	Fields  []docField
	Example string
}

// docResponse is one status of an operation, or a response that several share.
// Usual tells of one that has the usual headers beside its own.
type docResponse struct {
	Status, Name, Anchor string

	Description template.HTML
	Headers     []docField
	Usual       bool
	Media       []docMedia
}

// docWriter turns a document into a page, and keeps what went wrong.
type docWriter struct {
	described  map[*openapi3.Parameter]string // of shared ones, where on the page
	describing []describing                   // the operations at which they are
	usual      usual
	err        error
}

// page lays the document out: its tags in their order, and behind them what the
// operations share.
func (w *docWriter) page(doc *openapi3.T) docPage {
	p := docPage{Title: doc.Info.Title, Version: doc.Info.Version, Intro: w.markdown(doc.Info.Description), Style: template.CSS(docsCSS)}
	for _, t := range doc.Tags {
		p.Tags = append(p.Tags, docTag{Name: t.Name, Description: w.markdown(t.Description), Operations: w.operations(doc, t.Name)})
	}
	for _, name := range inOrder(doc.Components.Responses, func(r *openapi3.ResponseRef) *openapi3.Origin { return r.Origin }) {
		r := w.response("", doc.Components.Responses[name].Value)
		r.Name, r.Anchor = name, name
		p.Responses = append(p.Responses, r)
	}
	for _, key := range slices.Sorted(maps.Keys(w.usual.answers)) {
		status, name, _ := strings.Cut(key, " ")
		p.UsualAnswers = append(p.UsualAnswers, docResponse{Status: status, Name: name, Anchor: name})
	}
	p.Headers = w.headers(doc.Components.Headers)
	for i, h := range p.Headers {
		p.Headers[i].Anchor = headerAnchor(h.Name)
		if w.usual.headers[headerAnchor(h.Name)] {
			p.UsualHeaders = append(p.UsualHeaders, docField{Name: h.Name, Shared: headerAnchor(h.Name)})
		}
	}
	for _, name := range inOrder(doc.Components.Schemas, func(r *openapi3.SchemaRef) *openapi3.Origin { return r.Origin }) {
		p.Schemas = append(p.Schemas, w.schema(name, doc.Components.Schemas[name].Value))
	}
	return p
}

// operations lists those of a tag. One without a tag would be on no page; the
// tests look for every one.
func (w *docWriter) operations(doc *openapi3.T, tag string) []docOperation {
	var list []docOperation
	for _, path := range inOrder(doc.Paths.Map(), func(i *openapi3.PathItem) *openapi3.Origin { return i.Origin }) {
		item := doc.Paths.Value(path)
		methods := item.Operations()
		for _, method := range inOrder(methods, func(o *openapi3.Operation) *openapi3.Origin { return o.Origin }) {
			if o := methods[method]; slices.Contains(o.Tags, tag) {
				list = append(list, w.operation(method, path, o, append(slices.Clone(item.Parameters), o.Parameters...)))
			}
		}
	}
	return list
}

// operation lays one operation out. The filters are parameters of many: in full
// at each of them they would be most of the page.
func (w *docWriter) operation(method, path string, o *openapi3.Operation, parameters openapi3.Parameters) docOperation {
	d := docOperation{ID: o.OperationID, Method: method, Path: path, Summary: o.Summary,
		Deprecated: o.Deprecated, Description: w.markdown(o.Description)}
	var before, here []*openapi3.Parameter
	for _, p := range parameters {
		name := componentName(p.Ref)
		if w.described[p.Value] != "" {
			before = append(before, p.Value)
			continue
		}
		d.Parameters = append(d.Parameters, w.parameter(name, p.Value))
		if name != "" {
			w.described[p.Value] = parameterAnchor(name)
			here = append(here, p.Value)
		}
	}
	w.borrow(&d, before)
	w.describing = append(w.describing, describing{docLink{method + " " + path, o.OperationID}, here})
	if o.RequestBody != nil {
		body := o.RequestBody.Value
		d.Body = &docBody{Description: w.markdown(body.Description), Required: body.Required, Media: w.media(body.Content)}
	}
	for _, status := range o.Responses.Keys() {
		r := o.Responses.Value(status)
		if name := componentName(r.Ref); name != "" {
			d.Shared = append(d.Shared, docResponse{Status: status, Name: name, Anchor: name})
		} else {
			d.Responses = append(d.Responses, w.response(status, r.Value))
		}
	}
	byStatus := func(a, b docResponse) int { return strings.Compare(a.Status, b.Status) }
	slices.SortFunc(d.Responses, byStatus)
	slices.SortFunc(d.Shared, byStatus)
	d.Shared, d.Usual = without(d.Shared, w.usual.answers, func(r docResponse) string { return r.Status + " " + r.Name })
	d.Address, d.Curl = exampleRequest(method, path, parameters, d.Body)
	return d
}

// parameter describes a parameter. Its own words and example come before those
// of its schema, which may serve others too.
func (w *docWriter) parameter(component string, p *openapi3.Parameter) docField {
	f := w.field(p.Name, p.Schema, p.Required)
	f.In, f.Example, f.Deprecated = p.In, cmp.Or(exampleText(parameterExample(p)), f.Example), p.Deprecated
	if p.Description != "" {
		f.Description = w.markdown(p.Description)
	}
	if component != "" {
		f.Anchor = parameterAnchor(component)
	}
	return f
}

func (w *docWriter) response(status string, r *openapi3.Response) docResponse {
	d := docResponse{Status: status, Media: w.media(r.Content)}
	d.Headers, d.Usual = without(w.headers(r.Headers), w.usual.headers, func(h docField) string { return h.Shared })
	if r.Description != nil {
		d.Description = w.markdown(*r.Description)
	}
	return d
}

// headers gives those that have a description elsewhere by their link alone.
func (w *docWriter) headers(all openapi3.Headers) []docField {
	var list []docField
	for _, name := range inOrder(all, func(h *openapi3.HeaderRef) *openapi3.Origin { return h.Origin }) {
		h := all[name]
		if component := componentName(h.Ref); component != "" {
			list = append(list, docField{Name: name, Shared: headerAnchor(component)})
			continue
		}
		f := w.field(name, h.Value.Schema, h.Value.Required)
		f.Description = w.markdown(h.Value.Description)
		list = append(list, f)
	}
	return list
}

// media lists the forms of a body, each with its schema: by link where it has a
// name, by its fields where it has none.
func (w *docWriter) media(content openapi3.Content) []docMedia {
	var list []docMedia
	for _, name := range inOrder(content, func(m *openapi3.MediaType) *openapi3.Origin { return m.Origin }) {
		m := docMedia{Name: name, Example: indented(mediaExample(content[name]))}
		if s := content[name].Schema; s != nil {
			m.Type = typeOf(s)
			if s.Ref == "" {
				m.Fields = w.fields("", s.Value)
			}
		}
		list = append(list, m)
	}
	return list
}

// markdown renders the Markdown of a description. HTML in it is left out.
func (w *docWriter) markdown(text string) template.HTML {
	var b bytes.Buffer
	w.err = errors.Join(w.err, goldmark.Convert([]byte(text), &b))
	return template.HTML(strings.TrimSpace(b.String()))
}
