package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/go-cmp/cmp"
)

// document loads the contract and closes its schemas: clients must bear new
// fields, but this server may not send one that it does not describe.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	no := false
	for name, ref := range doc.Components.Schemas {
		flatten(ref.Value)
		if ref.Value.Type.Is("object") && len(ref.Value.Properties) == 0 {
			t.Errorf("schema %s describes no property", name)
		}
	}
	for _, ref := range doc.Components.Schemas {
		closeObjects(ref.Value, &no)
	}
	return doc
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

func closeObjects(s *openapi3.Schema, no *bool) {
	if s.Items != nil {
		closeObjects(s.Items.Value, no)
	}
	if !s.Type.Is("object") || s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil {
		return
	}
	s.AdditionalProperties.Has = no
	for _, p := range s.Properties {
		closeObjects(p.Value, no)
	}
}

func TestEveryRouteIsDocumentedAndEveryDocumentedPathIsRouted(t *testing.T) {
	var routed, documented []string
	for _, r := range newEcho(newFake(t), Options{}).Routes() {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
		switch {
		case r.Method == http.MethodHead: // beside each GET
		case strings.HasSuffix(path, "*"): // a document has no word for the slashes of a symbol: told under {id}
		default:
			routed = append(routed, r.Method+" "+path)
		}
	}
	for path, item := range document(t).Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	slices.Sort(routed)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, routed); diff != "" {
		t.Errorf("documented (-) and routed (+) differ:\n%s", diff)
	}
}

// conversation is one request of the contract test and its expected status.
type conversation struct {
	address string
	status  int
	headers []string
}

var conversations = []conversation{
	{"/v1/resolutions", 200, nil},
	{"/v1/resolutions?limit=1", 200, nil},
	{"/v1/resolutions?year=1950", 200, nil},
	{"/v1/resolutions?vetoed_by=USA&from=2023-10-07", 200, nil},
	{"/v1/resolutions?voted=CHN:abstain&voted=RUS:any", 200, nil},
	{"/v1/resolutions?outcome=lost&limit=0&cursor=!&from=yesterday&colour=red", 400, nil},
	{"/v1/resolutions/S-2024-835", 200, nil},
	{"/v1/resolutions/S-RES-2623-2022", 200, nil},
	{"/v1/resolutions/S-13729", 200, nil},
	{"/v1/resolutions/S-2014-916", 200, nil},
	{"/v1/resolutions/S-2024-835?seat=true", 400, nil},
	{"/v1/resolutions/S-2024-999", 404, nil},
	{"/v1/resolutions/nonsense", 404, nil},
	{"/v1/resolutions/S-2022-160", 308, nil},
	{"/v1/resolutions/S-2024-835/votes", 200, nil},
	{"/v1/resolutions/S-13729/votes", 200, nil},
	{"/v1/resolutions/S-2024-999/votes", 404, nil},
	{"/v1/resolutions?roll_call=disputed,complete&discrepancy=serious", 200, nil},
	{"/v1/resolutions?roll_call=whole&discrepancy=big&discrepancy=true", 400, nil},
	{"/v1/resolutions/S-2014-916/accounts", 200, nil},
	{"/v1/resolutions/S-13729/accounts", 200, nil},
	{"/v1/resolutions/S-2022-160/accounts", 308, nil},
	{"/v1/resolutions/S-2024-999/accounts", 404, nil},
	{"/v1/resolutions/S-2024-835/accounts?limit=1", 400, nil},
	{"/v1/resolutions/S-2014-916/history", 200, nil},
	{"/v1/resolutions/S-13729/history", 200, nil},
	{"/v1/resolutions/S-PV.7354-draft/history", 200, nil},
	{"/v1/resolutions/S-2022-160/history", 308, nil},
	{"/v1/resolutions/S-2024-999/history", 404, nil},
	{"/v1/resolutions/nonsense/history", 404, nil},
	{"/v1/discrepancies", 200, nil},
	{"/v1/discrepancies?limit=1", 200, nil},
	{"/v1/discrepancies?kind=identity", 200, nil},
	{"/v1/discrepancies?state=new&kind=error&severity=high&cursor=!", 400, nil},
	{"/v1/members", 200, nil},
	{"/v1/members?seat=false", 200, nil},
	{"/v1/members?seat=perhaps", 400, nil},
	{"/v1/members/SUN?seat=false", 200, nil},
	{"/v1/members/DZA", 200, nil},
	{"/v1/members/France", 308, nil},
	{"/v1/members/CHE", 200, nil},
	{"/v1/members/LIE", 404, nil},
	{"/v1/members/Ethipia", 404, nil},
	{"/v1/council", 200, nil},
	{"/v1/council?date=1946-01-17", 200, nil},
	{"/v1/council?date=1980-01-03", 200, nil},
	{"/v1/council?date=1946-01-16", 404, nil},
	{"/v1/council?date=2099-01-01", 404, nil},
	{"/v1/council?date=2024-02-30", 400, nil},
	{"/v1/vetoes", 200, nil},
	{"/v1/vetoes?group_by=member&limit=1", 200, nil},
	{"/v1/vetoes?group_by=weekday", 400, nil},
	{"/v1/vetoes?outcome=vetoed", 400, nil},
	{"/", 200, nil},
	{"/openapi.yaml", 200, nil},
	{"/openapi.json", 200, nil},
	{"/healthz", 200, nil},
	{"/readyz", 200, nil},
}

func TestEveryAnswerIsAsDocumented(t *testing.T) {
	check := newValidator(t)
	h := New(newFake(t), testOptions(nil))
	for _, c := range conversations {
		t.Run(c.address, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				res := ask(t, h, method, c.address, c.headers...)
				if res.StatusCode != c.status {
					t.Fatalf("%s: status %d, want %d", method, res.StatusCode, c.status)
				}
				if method == http.MethodGet {
					check(t, c.address, res)
				}
			}
			if tag := get(t, h, c.address).Header.Get(headerETag); tag != "" {
				check(t, c.address, get(t, h, c.address, headerIfNoneMatch, tag))
			} else if c.status == 200 && !strings.HasSuffix(c.address, "z") {
				t.Error("a success without an ETag")
			}
		})
	}
}

func TestFailuresAreAsDocumented(t *testing.T) {
	check := newValidator(t)
	for _, c := range []struct {
		name string
		fake fake
		want int
	}{
		{"unknown", fake{fault: errors.New("pq: secret")}, 500},
		{"too slow", fake{fault: fmt.Errorf("reading: %w", context.DeadlineExceeded)}, 503},
	} {
		h := New(&c.fake, testOptions(nil))
		for _, address := range []string{"/v1/resolutions", "/v1/resolutions/S-2024-835", "/v1/members", "/v1/members/USA", "/v1/vetoes", "/v1/discrepancies",
			"/v1/resolutions/S-2024-835/accounts", "/v1/resolutions/S-2024-835/history", "/readyz"} {
			res := get(t, h, address)
			if want := c.want; res.StatusCode != want && address != "/readyz" || address == "/readyz" && res.StatusCode != 503 {
				t.Errorf("%s: %s: status %d, want %d", c.name, address, res.StatusCode, want)
			}
			check(t, address, res)
		}
	}
}

// newValidator returns a check of one answer against the document.
func newValidator(t *testing.T) func(t *testing.T, address string, res *http.Response) {
	t.Helper()
	router, err := legacy.NewRouter(document(t))
	if err != nil {
		t.Fatal(err)
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	return func(t *testing.T, address string, res *http.Response) {
		t.Helper()
		req := httptest.NewRequest(http.MethodGet, address, nil)
		route, pathParams, err := router.FindRoute(req)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		in := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: pathParams, Route: route},
			Status:                 res.StatusCode, Header: res.Header,
			Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
		}
		in.SetBodyBytes(body)
		if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
			t.Errorf("%s: %v\n%s", address, err, body)
		}
		// The library passes over these, documented or not.
		if route.Operation.Responses.Status(res.StatusCode) == nil {
			t.Errorf("%s: status %d is not documented", address, res.StatusCode)
		}
		if kind := res.Header.Get("Content-Type"); strings.HasSuffix(kind, "json") && !bytes.HasSuffix(body, []byte("\n")) {
			t.Errorf("%s: JSON without a newline at its end", address)
		}
	}
}

func TestParametersAreThoseOfTheDocument(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	doc := document(t)
	everywhere := map[string]string{"nonsense": "1"}
	for _, item := range doc.Paths.Map() {
		for _, p := range item.Get.Parameters {
			everywhere[p.Value.Name] = exampleOf(p.Value)
		}
	}
	for path, item := range doc.Paths.Map() {
		if !strings.HasPrefix(path, "/v1/") {
			continue
		}
		address := strings.NewReplacer("{id}", "S-2024-835", "{code}", "USA").Replace(path)
		for name, value := range everywhere {
			want := 400
			if p := item.Get.Parameters.GetByInAndName("query", name); p != nil {
				want, value = 200, exampleOf(p)
			}
			q := url.Values{name: {value}}.Encode()
			if got := get(t, h, address+"?"+q).StatusCode; got != want {
				t.Errorf("%s?%s: status %d, want %d", address, q, got, want)
			}
		}
	}
}

func exampleOf(p *openapi3.Parameter) string {
	if list, ok := p.Example.([]any); ok {
		return fmt.Sprint(list[0])
	}
	return fmt.Sprint(p.Example)
}

func TestProblemTypesLeadToTheirDescription(t *testing.T) {
	b, err := openAPIInJSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct{ Responses map[string]any }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	kinds := []string{problemType("Internal")}
	for _, row := range problems {
		kinds = append(kinds, problemType(row.kind))
	}
	for _, kind := range kinds {
		name, ok := strings.CutPrefix(kind, "/openapi.json#/components/responses/")
		if _, found := doc.Components.Responses[name]; !ok || !found {
			t.Errorf("%s leads nowhere", kind)
		}
	}
}

func TestBothDocumentsSayTheSame(t *testing.T) {
	b, err := openAPIInJSON()
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := openapi3.NewLoader().LoadFromData(b)
	if err != nil {
		t.Fatal(err)
	}
	fromYAML, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := json.Marshal(fromJSON)
	other, _ := json.Marshal(fromYAML)
	if diff := cmp.Diff(string(other), string(one)); diff != "" {
		t.Error(diff)
	}
}
