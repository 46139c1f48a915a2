package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/exaring/otelpgx"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"scvotes/store"
)

// traces are the spans of requests and of what they ask the database, sent to a
// collector. The zero traces send none, and cost nothing.
type traces struct {
	provider *sdktrace.TracerProvider
}

// newTraces sends traces where OpenTelemetry's own variables name a collector.
func newTraces(ctx context.Context, tell func(error)) (traces, error) {
	if orEnv(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), "OTEL_EXPORTER_OTLP_ENDPOINT", "") == "" || os.Getenv("OTEL_SDK_DISABLED") == "true" {
		return traces{}, nil
	}
	const spoken = "http/protobuf"
	if p := orEnv(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), "OTEL_EXPORTER_OTLP_PROTOCOL", spoken); p != spoken {
		return traces{}, usageError{fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL %q: traces are sent by %s alone, mostly to port 4318", p, spoken)}
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return traces{}, fmt.Errorf("sending traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "scvotes"), attribute.String("service.version", versionText())),
		resource.WithFromEnv()) // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before
	if err != nil {
		return traces{}, fmt.Errorf("sending traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(tell))
	return traces{sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))}, nil
}

// tracer is nil where nothing is traced.
func (t traces) tracer() trace.Tracer {
	if t.provider == nil {
		return nil
	}
	return t.provider.Tracer("scvotes")
}

// options has the store make a span of each statement: its SQL, and none of the
// values that were asked for.
func (t traces) options() []store.Option {
	if t.provider == nil {
		return nil
	}
	return []store.Option{store.WithTracer(otelpgx.NewTracer(otelpgx.WithTracerProvider(t.provider)))}
}

// starting is the context of the start, which is a trace of its own.
func (t traces) starting(ctx context.Context) (context.Context, func()) {
	if t.provider == nil {
		return ctx, func() {}
	}
	ctx, span := t.tracer().Start(ctx, "start")
	return ctx, func() { span.End() }
}

// close sends what has not been sent.
func (t traces) close() {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}
