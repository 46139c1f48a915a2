package api

import (
	"errors"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// A request is one span, a failed one is marked, and an answer from memory is none.
func TestRequestsAreTraced(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	f := newFake(t)
	opt := testOptions(nil)
	opt.News = followedNews(f)
	opt.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("test")
	h := New(f, opt)
	for range 3 {
		get(t, h, "/v1/resolutions/S-2024-835")
	}
	f.fault = errors.New("out of order")
	get(t, h, "/v1/members")
	get(t, h, "/wp-login.php")
	want := []struct {
		name   string
		status codes.Code
	}{{"GET /v1/resolutions/:id", codes.Unset}, {"GET /v1/members", codes.Error}, {"GET none", codes.Unset}}
	got := spans.Ended()
	if len(got) != len(want) {
		t.Fatalf("%d spans, want %d", len(got), len(want))
	}
	for i, w := range want {
		if got[i].Name() != w.name || got[i].Status().Code != w.status {
			t.Errorf("span %d is %s, %v, want %v", i, got[i].Name(), got[i].Status(), w)
		}
	}
}
