package api

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/access"
)

// quiet is a log that no token reaches, wherever somebody put one: in an
// address, in a header that comes back, in the text of an error.
type quiet struct{ slog.Handler }

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, access.Redact(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redacted(a))
		return true
	})
	return q.Handler.Handle(ctx, clean)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = redacted(a)
	}
	return quiet{q.Handler.WithAttrs(clean)}
}

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }

func redacted(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(access.Redact(a.Value.String()))
	case slog.KindAny:
		if text := fmt.Sprint(a.Value.Any()); access.Redact(text) != text {
			a.Value = slog.StringValue(access.Redact(text))
		}
	case slog.KindGroup:
		list := a.Value.Group()
		clean := make([]slog.Attr, len(list))
		for i, in := range list {
			clean[i] = redacted(in)
		}
		a.Value = slog.GroupValue(clean...)
	}
	return a
}

// errTokenInAddress is the answer to a token where others can read it.
var errTokenInAddress = votes.Faults{{Parameter: "address", Message: "there is a token in the address, where logs, proxies and histories keep it: take it as lost and revoke it; a token goes into Authorization"}}

// refuseTokensInAddresses keeps a token that stands in an address from going any
// further.
func refuseTokensInAddresses(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if access.Redact(r.RequestURI) != r.RequestURI || access.Redact(r.URL.Path) != r.URL.Path {
			// The page about the fault names the address.
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery = access.Redact(r.URL.Path), "", ""
			return errTokenInAddress
		}
		return next(c)
	}
}
