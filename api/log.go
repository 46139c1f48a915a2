package api

import (
	"context"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"
)

// LogRequests has every line that is logged for a request tell its id, and that
// of its trace where it has one, whoever logs it: the store does too, as far as it is given the request's context.
func LogRequests(h slog.Handler) slog.Handler {
	if _, does := h.(requestLines); does {
		return h
	}
	return requestLines{h}
}

type requestLines struct{ slog.Handler }

func (h requestLines) Handle(ctx context.Context, line slog.Record) error {
	if id, ok := ctx.Value(requestIDKey{}).(string); ok {
		line = line.Clone()
		line.AddAttrs(slog.String("request_id", id))
		if span := trace.SpanContextFromContext(ctx); span.IsValid() {
			line.AddAttrs(slog.String("trace_id", span.TraceID().String()))
		}
	}
	return h.Handler.Handle(ctx, line)
}

func (h requestLines) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLines{h.Handler.WithAttrs(attrs)}
}

func (h requestLines) WithGroup(name string) slog.Handler {
	return requestLines{h.Handler.WithGroup(name)}
}

type requestIDKey struct{}

func withRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// nameRequests gives each request its id: in the answer, and for the log.
func (s *server) nameRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		c.SetRequest(r.WithContext(withRequestID(r.Context(), s.identify(c))))
		return next(c)
	}
}

// identify names a request: as the client does, where that is a name, so that
// it can be followed through a proxy.
func (s *server) identify(c echo.Context) string {
	id := first(c.Request().Header, echo.HeaderXRequestID)
	if !isRequestID(id) {
		id = s.nameRequest()
	}
	c.Response().Header()[echo.HeaderXRequestID] = []string{id}
	return id
}

// maxRequestID is more than a UUID or the id of a trace needs.
const maxRequestID = 64

// isRequestID tells whether a client's id may stand in every line of the log:
// it can neither fill it nor look like anything else there.
func isRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for _, b := range []byte(id) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_', b == '.':
		default:
			return false
		}
	}
	return true
}

// observe logs and counts each request once it was answered. The liveness check
// is not logged: it would drown the others. Answers from memory do not come
// here: a line for each would cost more than the answer.
func (s *server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		s.metrics.underWay.Inc()
		defer func() { // also where the answer broke off
			s.metrics.underWay.Dec()
			s.metrics.answered(c, time.Since(began))
		}()
		if err := next(c); err != nil {
			c.Error(err)
		}
		if r := c.Request(); c.Path() != "/healthz" {
			s.log.InfoContext(r.Context(), "request", "method", r.Method, "uri", r.RequestURI,
				"status", c.Response().Status, "took", time.Since(began))
		}
		return nil
	}
}
