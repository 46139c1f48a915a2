package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"scvotes/api"
	"scvotes/api/conform"
	"scvotes/store"
)

// payloads are what an attack would send, each with a word in it that stands
// nowhere else. Where one of those that sleep reached the database as a statement,
// the answer would be a 503.
var payloads = []string{
	"zq7' OR '1'='1' --", "zq7'; SELECT pg_sleep(30); --", "zq7' || pg_sleep(30) || '", "zq7') UNION SELECT version(), current_user --", `zq7"; DROP TABLE resolutions; --`,
	"zq7$$; COPY resolutions TO PROGRAM 'true'; $$", `zq7\'; SELECT pg_sleep(30) --`, "(SELECT 1 FROM pg_sleep(30))zq7", "zq7%' ESCAPE '!", "zq7 & pg_sleep:*|!<->(", "1;SELECT pg_sleep(30)--zq7",
	"{{7919*7919}}zq7", "${7919*7919}zq7", "<%= 7919*7919 %>zq7", "{{.}}zq7", `{{template "layout" .}}zq7`, "#{7919*7919}zq7",
	"<zq7 onload=alert(1)>", `"><zq7>`, "'><zq7>", "</script><zq7>", "]]><zq7>", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;<zq7>", "javascript:alert(zq7)", "--><zq7>", "</title><zq7>",
	"zq7\r\nX-Injected: yes", "zq7\nlevel=ERROR msg=injected", "zq7\r\n\r\n<html>", "zq7\x00", "zq7\x1b[2J", "zq7\u202e", "zq7\u2028", "zq7\xff\xfe",
	"../../../../etc/passwd?zq7", "..%2f..%2fzq7", "//zq7.example/", `/\zq7.example`, "http://zq7.example/", "%s%n%x%v%!zq7", "=cmd|'/C zq7'!A0",
	strings.Repeat("a", 800) + "!zq7", strings.Repeat("(a+)+", 150) + "zq7", strings.Repeat(`-"`, 200) + "zq7", strings.Repeat("zq7 ", 150), "zq7" + strings.Repeat("*", 400), strings.Repeat("zq7,", 200),
	"-9223372036854775809zq7", "1e999zq7", "0x7fffffffzq7", "NaNzq7",
}

// sendPayloads puts each payload into every parameter of every operation, and into
// every text of every body: each in turn in a test run, so that each parameter meets
// one, and all of them where SCVOTES_FUZZ asks for long runs. Every answer is one of
// the contract, holds no payload where it would do anything, and took no statement
// with a word of it. The record is the same thereafter, and so is each line of the log.
func (w *whole) sendPayloads(t *testing.T) {
	p, log := w.payloadRun(t)
	before := p.ask(t, http.MethodGet, "/v1/export/accounts.csv").body
	p.statements.take()
	sent, each := 0, 1
	if os.Getenv("SCVOTES_FUZZ") != "" {
		each = len(payloads)
	}
	for _, o := range w.contract.Operations() {
		if strings.HasSuffix(o.Path, ".png") { // dear to paint, and the SVG takes the same parameters
			continue
		}
		for _, place := range placesOf(o) {
			for range each {
				payload := payloads[sent%len(payloads)]
				sent++
				if err := p.send(place(t, payload), payload); err != nil {
					t.Errorf("%s %s with %q: %.1000v", o.Method, o.Path, payload, err)
				}
			}
		}
	}
	if t.Logf("%d payloads sent", sent); sent < 700 {
		t.Error("the parameters of the contract are not read")
	}
	for line := range strings.Lines(log.String()) {
		if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "\n") || strings.ContainsAny(line, "\x00\x1b\r") {
			t.Errorf("a line of the log that a request wrote: %q", line)
		}
	}
	if after := p.ask(t, http.MethodGet, "/v1/export/accounts.csv").body; !bytes.Equal(after, before) {
		t.Error("the record is another")
	}
}

// payloadRun is the server with nothing kept, whose statements and log are at hand.
func (w *whole) payloadRun(t *testing.T) (*whole, *bytes.Buffer) {
	t.Helper()
	p, log := &whole{db: w.db, contract: w.contract, statements: new(statements)}, new(bytes.Buffer)
	s := openApart(t, w.db, store.WithTracer(p.statements))
	t.Cleanup(s.Close)
	p.handler = api.New(reader{s}, api.Options{CacheBytes: -1, Logger: slog.New(slog.NewTextHandler(log, nil))})
	return p, log
}

// placesOf are the places of an operation into which a payload can be put.
func placesOf(o conform.Operation) (places []func(*testing.T, string) fuzzRequest) {
	for _, ref := range o.Parameters {
		if p := ref.Value; p.In == openapi3.ParameterInPath || p.In == openapi3.ParameterInQuery {
			places = append(places, func(t *testing.T, payload string) fuzzRequest { return asParameter(t, o, p, payload) })
		}
	}
	if o.RequestBody != nil && o.RequestBody.Value.Content.Get("application/json") != nil {
		for i := range 6 {
			places = append(places, func(t *testing.T, payload string) fuzzRequest { return asText(t, o, i, payload) })
		}
	}
	return places
}

func asParameter(t *testing.T, o conform.Operation, p *openapi3.Parameter, payload string) fuzzRequest {
	path, query := o.Path, make(url.Values)
	for _, ref := range o.Parameters {
		switch other := ref.Value; {
		case other.In == openapi3.ParameterInPath && other == p:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", segment(payload))
		case other == p:
			query.Set(p.Name, payload)
		case other.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+other.Name+"}", url.PathEscape(fmt.Sprint(firstExample(t, o, other))))
		case other.In == openapi3.ParameterInQuery && other.Required:
			query[other.Name] = valuesOf(other, firstExample(t, o, other))
		}
	}
	return fuzzRequest{operation: o, method: o.Method, address: withQuery(path, query)}
}

// asText is the first body of the contract with a payload for the i-th of its
// texts, counted round.
func asText(t *testing.T, o conform.Operation, i int, payload string) fuzzRequest {
	var body any
	if err := json.Unmarshal([]byte(bodiesOf(t, o)[0]), &body); err != nil {
		t.Fatal(err)
	}
	var set []func()
	eachText(body, func(put func(string)) { set = append(set, func() { put(payload) }) })
	if len(set) > 0 {
		set[i%len(set)]()
	}
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return fuzzRequest{operation: o, method: o.Method, address: pathOf(t, o), body: string(b), header: map[string]string{"Content-Type": "application/json"}}
}

// eachText finds every text in a value of JSON.
func eachText(v any, found func(put func(string))) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if _, ok := v[name].(string); ok {
				found(func(s string) { v[name] = s })
			}
			eachText(v[name], found)
		}
	case []any:
		for i := range v {
			if _, ok := v[i].(string); ok {
				found(func(s string) { v[i] = s })
			}
			eachText(v[i], found)
		}
	}
}

// send asks, and tells what is wrong with the answer or with what was asked of the
// database.
func (w *whole) send(r fuzzRequest, payload string) error {
	got, err := w.fuzzed(r)
	if err != nil {
		return fmt.Errorf("%w\n%.500s", err, got.body)
	}
	for _, sql := range w.statements.take() {
		if strings.Contains(sql, "zq7") {
			return fmt.Errorf("a statement with words of the request: %s", sql)
		}
	}
	if kind := got.header.Get("Content-Type"); strings.Contains(kind, "html") || strings.Contains(kind, "xml") {
		if bytes.Contains(got.body, []byte("<zq7")) || bytes.Contains(got.body, []byte(`="javascript:`)) {
			return fmt.Errorf("the payload is markup of the answer:\n%.2000s", got.body)
		}
	}
	for _, leak := range []string{"62710561", "SQLSTATE", "syntax error", "root:x:", "goroutine ", "pg_catalog"} {
		if bytes.Contains(got.body, []byte(leak)) && !strings.Contains(payload, leak) {
			return fmt.Errorf("the answer has %q in it:\n%.1000s", leak, got.body)
		}
	}
	return nil
}
