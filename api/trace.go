package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceRequests makes a span of each request that does not come from memory, the
// child of the one that the client names in traceparent. What is done for it
// under its context hangs below. Names and attributes are those of
// OpenTelemetry's conventions for HTTP servers.
func (s *server) traceRequests(tracer trace.Tracer) echo.MiddlewareFunc {
	parent := propagation.TraceContext{}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			route := s.metrics.of(c.Path()).route
			ctx, span := tracer.Start(parent.Extract(r.Context(), propagation.HeaderCarrier(r.Header)), methodLabel(r.Method)+" "+route,
				trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
					attribute.String("http.request.method", methodLabel(r.Method)), attribute.String("http.route", route),
					attribute.String("url.path", r.URL.Path)))
			defer span.End() // also where the answer broke off
			c.SetRequest(r.WithContext(ctx))
			err := next(c)
			status := c.Response().Status
			span.SetAttributes(attribute.Int("http.response.status_code", status),
				attribute.String("scvotes.request_id", c.Response().Header().Get(echo.HeaderXRequestID)))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, http.StatusText(status))
			}
			return err
		}
	}
}
