package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// exampleRequest makes a request from the examples of the parameters: all that
// is required and the first that is not. The address is empty where following
// it would do more than read.
func exampleRequest(method, path string, parameters openapi3.Parameters, body *docBody) (address, curl string) {
	var query []string
	optional := false
	for _, ref := range parameters {
		p := ref.Value
		value := exampleText(parameterExample(p))
		switch {
		case p.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case p.In == openapi3.ParameterInQuery && value != "" && (p.Required || !optional):
			optional = optional || !p.Required
			query = append(query, p.Name+"="+plainly.Replace(url.QueryEscape(value)))
		}
	}
	address = path
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	if method == "GET" {
		return address, "curl " + quoted(nowhere+address)
	}
	// The first form of the body stands for the others.
	curl = "curl -X " + method + " "
	if body != nil && len(body.Media) > 0 {
		m := body.Media[0]
		curl += "-H " + quoted("Content-Type: "+m.Name) + " --data " + quoted(m.Example) + " "
	}
	return "", curl + quoted(nowhere+address)
}

// plainly takes back escapes that a query can do without (RFC 3986, section 3.4).
var plainly = strings.NewReplacer("%3A", ":", "%2C", ",", "%2F", "/")

// quoted writes a word for a POSIX shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// parameterExample and mediaExample return the example, or the first of several,
// nil for none.
func parameterExample(p *openapi3.Parameter) any {
	if p.Example != nil {
		return p.Example
	}
	return firstExample(p.Examples)
}

func mediaExample(m *openapi3.MediaType) any {
	if m.Example != nil {
		return m.Example
	}
	return firstExample(m.Examples)
}

func firstExample(all openapi3.Examples) any {
	for _, name := range inOrder(all, func(e *openapi3.ExampleRef) *openapi3.Origin { return e.Origin }) {
		return all[name].Value.Value
	}
	return nil
}

// exampleText writes an example as it stands in a request; the values of a list
// with commas between.
func exampleText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = exampleText(w)
		}
		return strings.Join(words, ",")
	case map[string]any:
		b, err := encode(v)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	return fmt.Sprint(v)
}

// indented writes the example of a body: text as it is, all else as JSON.
func indented(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(v) != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}
