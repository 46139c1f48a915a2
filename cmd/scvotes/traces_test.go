package main

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	span "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collecting is an OpenTelemetry collector that keeps what it is sent.
type collecting struct {
	mu      sync.Mutex
	service string
	spans   map[string]*span.Span // by id
}

func newCollector(t *testing.T) (*collecting, string) {
	t.Helper()
	c := &collecting{spans: make(map[string]*span.Span)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.take(&sent)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(srv.Close)
	return c, srv.URL
}

func (c *collecting) take(sent *collector.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range sent.ResourceSpans {
		for _, a := range from.Resource.Attributes {
			if a.Key == "service.name" {
				c.service = a.Value.GetStringValue()
			}
		}
		for _, scope := range from.ScopeSpans {
			for _, s := range scope.Spans {
				c.spans[hex.EncodeToString(s.SpanId)] = s
			}
		}
	}
}

// below tells what hangs below a span, of one kind of name.
func (c *collecting) below(s *span.Span, name string) (list []*span.Span) {
	for _, child := range c.spans {
		for up := child; up != nil; up = c.spans[hex.EncodeToString(up.ParentSpanId)] {
			if string(up.ParentSpanId) == string(s.SpanId) && strings.Contains(child.Name, name) {
				list = append(list, child)
			}
		}
	}
	return list
}

func attributes(s *span.Span) map[string]string {
	all := make(map[string]string)
	for _, a := range s.Attributes {
		all[a.Key] = a.Value.GetStringValue()
		if n := a.Value.GetIntValue(); n != 0 {
			all[a.Key] = http.StatusText(int(n))
		}
	}
	return all
}

// TestTraces serves with a collector, and holds what that was sent: a span of the
// request, and below it those of what the database was asked.
func TestTraces(t *testing.T) {
	c, endpoint := newCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
	t.Setenv("OTEL_SERVICE_NAME", "votes-of-the-council")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout, stderr output
	ended := make(chan error, 1)
	db := loaded(t)
	go func() {
		ended <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--database-url", db}, &stdout, &stderr)
	}()
	address := stdout.wait(t, serves)
	const trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	var id string
	for _, path := range []string{"/v1/resolutions/S-2024-835?fields=id,votes", "/v1/nothing"} {
		req, err := http.NewRequest(http.MethodGet, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("traceparent", "00-"+trace+"-"+caller+"-01")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if id == "" {
			id = res.Header.Get("X-Request-Id")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	requests, n := make(map[string]*span.Span), 0
	for _, s := range c.spans {
		if hex.EncodeToString(s.ParentSpanId) == caller {
			requests[s.Name] = s
			n++
		}
	}
	request, none := requests["GET /v1/resolutions/:id"], requests["GET none"]
	if c.service != "votes-of-the-council" || n != 2 || request == nil || none == nil {
		t.Fatalf("%q sent %d requests: %v", c.service, n, requests)
	}
	got := attributes(request)
	want := map[string]string{"http.request.method": "GET", "http.route": "/v1/resolutions/:id", "url.path": "/v1/resolutions/S-2024-835",
		"http.response.status_code": "OK", "scvotes.request_id": id}
	if diff := cmp.Diff(want, got); diff != "" || request.Kind != span.Span_SPAN_KIND_SERVER || hex.EncodeToString(request.TraceId) != trace {
		t.Errorf("%s, %v: %s", request.Name, request.Kind, diff)
	}
	if attributes(none)["http.response.status_code"] != "Not Found" {
		t.Errorf("%s %v", none.Name, attributes(none))
	}
	c.checkStatements(t, request)
	if !strings.Contains(stderr.String(), "trace_id="+trace) {
		t.Error("the log does not tell the trace")
	}
}

// checkStatements holds the spans of the database: they tell the SQL, and none
// of the values that were asked for, nor how the database is reached.
func (c *collecting) checkStatements(t *testing.T, request *span.Span) {
	t.Helper()
	statements := c.below(request, "SELECT")
	if len(statements) == 0 {
		t.Fatalf("no statement hangs below the request; there are %d spans", len(c.spans))
	}
	for _, s := range statements {
		told := attributes(s)
		sql := told["db.query.text"] + told["db.statement"]
		if !strings.Contains(sql, "SELECT") || string(s.TraceId) != string(request.TraceId) {
			t.Errorf("%s: %v", s.Name, told)
		}
		if s.StartTimeUnixNano < request.StartTimeUnixNano || s.EndTimeUnixNano > request.EndTimeUnixNano {
			t.Errorf("%s lies outside its request", s.Name)
		}
		for key, value := range told {
			if strings.Contains(value, "S-2024-835") || strings.Contains(value, "password") {
				t.Errorf("%s: %s is %q", s.Name, key, value)
			}
		}
	}
}

// Where no collector is named there is nothing to trace with.
func TestNoTracesWithoutACollector(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"none":     {},
		"disabled": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range env {
				t.Setenv(variable, value)
			}
			tr, err := newTraces(t.Context(), nil)
			if err != nil || tr.tracer() != nil || tr.options() != nil {
				t.Errorf("%v, %v, %d options", err, tr.tracer(), len(tr.options()))
			}
			tr.close()
		})
	}
}

// A collector that is away costs the log a line, and nobody an answer.
func TestACollectorThatIsAway(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "100")
	address, _, stderr := startServing(t, "--database-url", loaded(t))
	get[struct{ Total int }](t, address+"/v1/resolutions")
	stderr.wait(t, "traces could not be sent")
}

func TestAProtocolThatIsNotSpoken(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	if got := cli(t, "serve", "--addr", "127.0.0.1:0"); got.code != exitUsage || !strings.Contains(got.stderr, "http/protobuf") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}
