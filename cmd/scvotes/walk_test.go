package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"scvotes/api"
	"scvotes/api/conform"
	"scvotes/store"
)

// TestAPIOnTheWholeRecord asks the server that runs on the starter record and
// all published files. The parts share one database, as none of them changes it.
func TestAPIOnTheWholeRecord(t *testing.T) {
	w := newWhole(t)
	t.Run("walk", w.walk)
	t.Run("pages", w.followPages)
	t.Run("forms", w.compareForms)
	t.Run("statements", w.countStatements)
	t.Run("fuzz", w.fuzz)
	t.Run("payloads", w.sendPayloads)
	t.Run("questions", w.answerQuestions)
}

// whole is the API on the whole record.
type whole struct {
	db         string
	contract   *conform.Contract
	handler    http.Handler
	statements *statements
}

func newWhole(t *testing.T) *whole {
	t.Helper()
	w := &whole{db: published(t), statements: new(statements)}
	w.handler = handlerOf(t, w.db, store.WithTracer(w.statements))
	var err error
	if w.contract, err = conform.Load(w.ask(t, http.MethodGet, "/openapi.json").body); err != nil {
		t.Fatal(err)
	}
	return w
}

// handlerOf is the server on a database.
func handlerOf(t *testing.T, db string, options ...store.Option) http.Handler {
	t.Helper()
	s := openApart(t, db, options...)
	t.Cleanup(s.Close)
	return api.New(reader{s}, api.Options{})
}

// answer is what the server answered to a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask asks without a network between. Headers come in pairs.
func (w *whole) ask(t *testing.T, method, address string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return w.serve(req)
}

// serve answers a request as the server does that read it from a connection.
func (w *whole) serve(req *http.Request) answer {
	req.RequestURI, req.Host, req.RemoteAddr = req.URL.RequestURI(), "scvotes.test", "127.0.0.1:1234" // who may ask for /metrics
	res := httptest.NewRecorder()
	w.handler.ServeHTTP(res, req)
	return answer{res.Code, res.Result().Header, res.Body.Bytes()}
}

// walk asks for every operation of the contract as its examples have it: with
// what is needed only, with each parameter by itself, and with each body.
func (w *whole) walk(t *testing.T) {
	asked := 0
	for _, o := range w.contract.Operations() {
		if o.Security != nil { // see TestEachScopeAtEachRoute
			continue
		}
		t.Run(o.Method+" "+o.Path, func(t *testing.T) {
			for _, r := range documented(t, o) {
				asked++
				w.walkTo(t, o, r)
			}
		})
	}
	if t.Logf("%d documented requests", asked); asked < 500 {
		t.Error("the examples of the contract are not read")
	}
}

func (w *whole) walkTo(t *testing.T, o conform.Operation, r example) {
	req, err := http.NewRequestWithContext(t.Context(), o.Method, r.address, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	got := w.serve(req)
	if got.status != http.StatusOK {
		t.Errorf("%s %s: status %d\n%.500s", r.address, r.body, got.status, got.body)
	}
	if err := w.contract.Check(o, got.status, got.header, got.body); err != nil {
		t.Errorf("%s %s: %.3000v", r.address, r.body, err)
	}
}

// example is one request as the contract documents it.
type example struct{ address, body string }

// documented returns the requests that the examples of an operation make.
func documented(t *testing.T, o conform.Operation) []example {
	t.Helper()
	if o.RequestBody != nil {
		var list []example
		for _, body := range bodiesOf(t, o) {
			list = append(list, example{pathOf(t, o), body})
		}
		return list
	}
	needed := make(url.Values)
	for _, p := range inQuery(o) {
		if p.Required {
			needed[p.Name] = valuesOf(p, firstExample(t, o, p))
		}
	}
	list := []example{{address: withQuery(pathOf(t, o), needed)}}
	if strings.HasSuffix(o.Path, ".png") { // dear to paint, and the SVG takes the same parameters
		return list
	}
	few := maps.Clone(needed) // rows are enough to tell a parameter from a fault
	if o.Parameters.GetByInAndName(openapi3.ParameterInQuery, "limit") != nil {
		few["limit"] = []string{"3"}
	}
	for _, p := range inQuery(o) {
		for _, v := range examplesOf(p) {
			query := maps.Clone(few)
			query[p.Name] = valuesOf(p, v)
			list = append(list, example{address: withQuery(pathOf(t, o), query)})
		}
	}
	return list
}

func withQuery(path string, query url.Values) string {
	return strings.TrimSuffix(path+"?"+query.Encode(), "?")
}

// pathOf is the path with the examples of its parameters.
func pathOf(t *testing.T, o conform.Operation) string {
	t.Helper()
	path := o.Path
	for _, ref := range o.Parameters {
		if p := ref.Value; p.In == openapi3.ParameterInPath {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(firstExample(t, o, p))))
		}
	}
	return path
}

func inQuery(o conform.Operation) (list []*openapi3.Parameter) {
	for _, ref := range o.Parameters {
		if ref.Value.In == openapi3.ParameterInQuery {
			list = append(list, ref.Value)
		}
	}
	return list
}

func firstExample(t *testing.T, o conform.Operation, p *openapi3.Parameter) any {
	t.Helper()
	all := examplesOf(p)
	if len(all) == 0 {
		t.Fatalf("%s %s: %s has no example", o.Method, o.Path, p.Name)
	}
	return all[0]
}

func examplesOf(p *openapi3.Parameter) []any {
	var all []any
	if p.Example != nil {
		all = append(all, p.Example)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		all = append(all, p.Examples[name].Value.Value)
	}
	return all
}

// valuesOf writes an example as the parameter's style has it: a list is either
// repeated or has commas between.
func valuesOf(p *openapi3.Parameter, v any) []string {
	list, ok := v.([]any)
	if !ok {
		return []string{fmt.Sprint(v)}
	}
	values := make([]string, len(list))
	for i, item := range list {
		values[i] = fmt.Sprint(item)
	}
	if p.Explode == nil || *p.Explode {
		return values
	}
	return []string{strings.Join(values, ",")}
}

func bodiesOf(t *testing.T, o conform.Operation) []string {
	t.Helper()
	media := o.RequestBody.Value.Content.Get("application/json")
	if media == nil { // a file: what is sent in its place is none
		return []string{"{}"}
	}
	var all []any
	if media.Example != nil {
		all = append(all, media.Example)
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		all = append(all, media.Examples[name].Value.Value)
	}
	if len(all) == 0 {
		t.Fatalf("%s %s: no example of a body", o.Method, o.Path)
	}
	bodies := make([]string, len(all))
	for i, v := range all {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		bodies[i] = string(b)
	}
	return bodies
}
