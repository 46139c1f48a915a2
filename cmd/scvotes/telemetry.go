package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
)

// newLogger writes lines for people, or for programs that collect them.
func newLogger(w io.Writer, format string, level slog.Level) *slog.Logger {
	opt := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, opt)
	if format == "json" {
		h = slog.NewJSONHandler(w, opt)
	}
	return slog.New(api.LogRequests(h))
}

// telemetry is what a server tells of itself: its log, its metrics, its traces.
type telemetry struct {
	log     *slog.Logger
	metrics *api.Metrics
	imports importMetrics
	work    workMetrics
	traces  traces

	seen, good atomic.Pointer[votes.Sighting] // the last look at the database; the last that found it
	listener   net.Listener                   // where metrics are served apart; nil where they are not
}

// newTelemetry listens on the address of the metrics, where they have one.
func newTelemetry(ctx context.Context, how serving, stdout, stderr io.Writer) (*telemetry, error) {
	t := &telemetry{log: newLogger(stderr, how.logFormat, how.logLevel), metrics: api.NewMetrics(versionText()), imports: newImportMetrics(), work: newWorkMetrics()}
	t.imports.register(t.metrics)
	t.work.register(t.metrics)
	var err error
	if t.traces, err = newTraces(ctx, func(err error) { t.log.Warn("traces could not be sent", "error", err) }); err != nil || how.metricsAddr == "" {
		return t, err
	}
	if t.listener, err = net.Listen("tcp", how.metricsAddr); err != nil {
		return nil, fmt.Errorf("cannot serve metrics on %s (--metrics-addr or SCVOTES_METRICS_ADDR names another address): %w", how.metricsAddr, err)
	}
	fmt.Fprintf(stdout, "scvotes serves metrics at http://%s/metrics\n", t.listener.Addr())
	return t, nil
}

func (t *telemetry) close() {
	t.traces.close()
	if t.listener != nil {
		t.listener.Close()
	}
}

// options has the store tell of itself too.
func (t *telemetry) options() []store.Option {
	return append(t.traces.options(), store.WithLogger(t.log), store.WithImported(t.imported))
}

// imported logs and counts an import.
func (t *telemetry) imported(ctx context.Context, rep votes.ImportReport, took time.Duration, err error) {
	t.imports.count(rep, took, err)
	switch {
	case errors.Is(err, votes.ErrInvalid):
		t.log.WarnContext(ctx, "import refused", "file", rep.File, "rows", rep.Rows, "refused", rep.RowsRefused, "took", took)
	case err != nil:
		t.log.ErrorContext(ctx, "import failed", "file", rep.File, "took", took, "error", err)
	default:
		t.log.InfoContext(ctx, "import", "file", rep.File, "rows", rep.Rows, "refused", rep.RowsRefused,
			"new", rep.ResolutionsNew, "changed", rep.ResolutionsChanged, "revision", rep.Revision, "took", took)
	}
}

// saw takes a look at the database in.
func (t *telemetry) saw(s votes.Sighting) {
	t.seen.Store(&s)
	if s.Err == nil {
		t.good.Store(&s)
	}
}

// serverLog has what net/http complains of in the log, and not beside it.
func (t *telemetry) serverLog() *log.Logger {
	return slog.NewLogLogger(t.log.Handler(), slog.LevelWarn)
}

// serveMetrics serves them on their own address until ctx ends, if they have one.
func (t *telemetry) serveMetrics(ctx context.Context) {
	if t.listener == nil {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", t.metrics.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: t.serverLog()}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(t.listener); err != nil && ctx.Err() == nil {
		t.log.ErrorContext(ctx, "metrics are no longer served", "error", err)
	}
}
