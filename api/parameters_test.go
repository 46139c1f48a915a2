package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
	"scvotes/votes/access"
)

func TestParametersAreThoseOfTheDocument(t *testing.T) {
	askedOneByOne(t)
	h, w := written(t)
	token := w.token(t, access.Admin, access.Import)
	everywhere := map[string]string{"nonsense": "1"}
	var reads []operation
	for _, o := range contract(t).Operations() {
		for _, p := range o.Parameters {
			if p.Value.In == openapi3.ParameterInQuery {
				everywhere[p.Value.Name] = exampleOf(p.Value)
			}
		}
		if o.Method == http.MethodGet && strings.HasPrefix(o.Path, "/v1/") {
			read := operationOf(o.Path, o.Parameters)
			if o.Security != nil {
				read.headers = []string{"Authorization", token}
			}
			reads = append(reads, read)
		}
	}
	if len(everywhere) < 35 || len(reads) < 55 {
		t.Fatalf("%d parameters, %d operations", len(everywhere), len(reads))
	}
	for _, o := range reads {
		for name, value := range everywhere {
			want, q := 400, url.Values{}
			for k, v := range o.required {
				q.Set(k, v)
			}
			if p := o.parameters.GetByInAndName(openapi3.ParameterInQuery, name); p != nil {
				want, value = 200, exampleOf(p)
			}
			q.Set(name, value)
			if got := get(t, h, o.address+"?"+q.Encode(), o.headers...).StatusCode; got != want {
				t.Errorf("%s?%s: status %d, want %d", o.address, q.Encode(), got, want)
			}
		}
	}
}

// operation is one that is asked by its examples.
type operation struct {
	address    string
	parameters openapi3.Parameters
	required   map[string]string // of the query
	headers    []string
}

func operationOf(path string, parameters openapi3.Parameters) operation {
	o := operation{path, parameters, map[string]string{}, nil}
	for _, p := range parameters {
		switch {
		case p.Value.In == openapi3.ParameterInPath:
			o.address = strings.ReplaceAll(o.address, "{"+p.Value.Name+"}", url.PathEscape(exampleOf(p.Value)))
		case p.Value.Required:
			o.required[p.Value.Name] = exampleOf(p.Value)
		}
	}
	return o
}

func exampleOf(p *openapi3.Parameter) string {
	if list, ok := p.Example.([]any); ok {
		words := make([]string, len(list))
		for i, word := range list {
			words[i] = fmt.Sprint(word)
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(p.Example)
}

// The three forms of a list are asked alike, but for what is of pages alone.
func TestTheFormsOfAListTakeTheSameFilters(t *testing.T) {
	asked := map[string][]string{}
	for _, o := range contract(t).Operations() {
		if o.Method == http.MethodGet && !strings.HasPrefix(o.Path, "/v1/export/") {
			names := []string{}
			for _, p := range o.Parameters {
				names = append(names, p.Value.Name)
			}
			slices.Sort(names)
			asked[o.Path] = names
		}
	}
	lists := 0
	for path, names := range asked {
		base, isCSV := strings.CutSuffix(path, ".csv")
		if !isCSV {
			continue
		}
		lists++
		without := func(gone []string) []string {
			return slices.DeleteFunc(slices.Clone(asked[base]), func(name string) bool { return slices.Contains(gone, name) })
		}
		csv, lines := asCSV.without, asNDJSON.without
		if base == "/v1/vetoes" { // whose groups are no rows
			csv, lines = append(slices.Clone(csv), "group_by"), append(slices.Clone(lines), "group_by")
		}
		if diff := cmp.Diff(without(csv), names); diff != "" {
			t.Errorf("%s (-) and %s (+):\n%s", base, path, diff)
		}
		if diff := cmp.Diff(without(lines), asked[base+".ndjson"]); diff != "" {
			t.Errorf("%s (-) and its .ndjson (+):\n%s", base, diff)
		}
	}
	if lists != 13 {
		t.Errorf("%d lists", lists)
	}
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
	askedOneByOne(t)
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

// The words of the contract are those of the rules.
func TestWordsOfTheContractAreThoseOfTheRules(t *testing.T) {
	schemas := contract(t).Document.Components.Schemas
	for name, want := range map[string][]string{
		"DiscrepancyKind":     votes.DiscrepancyKinds,
		"DiscrepancySeverity": {votes.SeveritySerious, votes.SeverityMinor},
		"DiscrepancyState":    {votes.StateOpen, votes.StateExplained, votes.StateCorrected},
		"RollCall":            wordsOf(votes.RollCalls),
		"Outcome":             wordsOf(votes.Outcomes),
		"Kind":                wordsOf(votes.Kinds),
		"Position":            wordsOf(votes.Positions),
		"ResolutionField":     fieldNames(),
		"Rule":                wordsOf(rules()),
	} {
		var got []string
		for _, v := range schemas[name].Value.Enum {
			got = append(got, v.(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, word := range want {
			if explained := strings.HasPrefix(name, "Discrepancy") || name == "Rule"; explained && !strings.Contains(schemas[name].Value.Description, "`"+word+"`") {
				t.Errorf("%s does not explain %s", name, word)
			}
		}
	}
}

// The words of the parameters are those that the rules read.
func TestWordsOfTheParametersAreThoseOfTheRules(t *testing.T) {
	parameters := contract(t).Document.Components.Parameters
	for name, want := range map[string][]string{
		"AdoptedBy":  wordsOf(votes.AdoptedBys),
		"Sort":       wordsOf(votes.Sorts),
		"Facets":     votes.FacetNames,
		"Include":    details,
		"TallyGroup": wordsOf(votes.Groupings),
		"Method":     wordsOf(votes.Methods),
		"VetoGroup":  vetoGroups,
	} {
		schema := parameters[name].Value.Schema.Value
		if schema.Items != nil {
			schema = schema.Items.Value
		}
		if diff := cmp.Diff(want, enumOf(schema)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, word := range enumOf(parameters["TallySort"].Value.Schema.Value) {
		if faults := new(votes.Tallies).Sort(word); len(faults) > 0 {
			t.Errorf("%s is no order of tallies: %v", word, faults)
		}
	}
}

// A part of a resolution has the fields of the whole, none of them for certain.
func TestThePartialResolutionIsTheWholeOne(t *testing.T) {
	schemas := contract(t).Document.Components.Schemas
	whole, part := schemas["Resolution"].Value, schemas["ResolutionFields"].Value
	if len(part.Required) > 0 || len(part.Properties) != len(whole.Properties) {
		t.Errorf("%d of %d fields, %v required", len(part.Properties), len(whole.Properties), part.Required)
	}
	for name, field := range whole.Properties {
		p := part.Properties[name]
		if p == nil {
			t.Errorf("no field %s", name)
			continue
		}
		if one, other := shapeOf(field), shapeOf(p); one != other {
			t.Errorf("%s is %s by itself and %s in part", name, one, other)
		}
	}
	if diff := cmp.Diff(fieldNames(), slices.DeleteFunc(fieldNames(), func(name string) bool { return whole.Properties[name] == nil })); diff != "" {
		t.Error(diff)
	}
}

// shapeOf tells the type of a field, and of what it is a list.
func shapeOf(ref *openapi3.SchemaRef) string {
	s := ref.Value
	shape := fmt.Sprint(s.Type, s.Nullable, s.Format, s.Enum, ref.Ref)
	if s.Items != nil {
		shape += " of " + shapeOf(s.Items)
	}
	return shape
}

func enumOf(s *openapi3.Schema) []string {
	var words []string
	for _, v := range s.Enum {
		words = append(words, fmt.Sprint(v))
	}
	return words
}

func wordsOf[T ~string](list []T) []string {
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = string(word)
	}
	return words
}

func rules() []votes.Rule {
	list := make([]votes.Rule, len(votes.Rules))
	for i, r := range votes.Rules {
		list[i] = r.Rule
	}
	return list
}
