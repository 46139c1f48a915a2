package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
	"scvotes/votes/source"
	"scvotes/votes/starter"
)

const defaultAddr = "127.0.0.1:8080"

// serving is how the record is to be served.
type serving struct {
	addr, publicURL string
	replicas        []string
	starter         bool
	migrate         bool
	cacheBytes      int
	stale           time.Duration
	logLevel        slog.Level
	limits          api.Limits
	connections     int
	logFormat       string
	metricsAddr     string
	work            working
}

func newServe(db *database) *cobra.Command {
	var addr, publicURL, cacheBytes, stale, logLevel, logFormat, metricsAddr string
	var withStarter, migrate bool
	var bounds limitFlags
	var work workFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the record: the API and the pages",
		Long: `Serve the API and the pages until interrupted. The database is migrated first;
an empty one is given the starter record: every veto since 1946, and every
proposal put to the vote from January 2022 to June 2025, as far as published
files hold them.

It reads as one role of the database and writes as another where it is told of
them (see scvotes roles): neither may change the schema. With the private Postgres
it sees to that itself.

Any number of servers may run on one database. Answers are kept in memory until
the record changes, which every server sees within a second.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			how := serving{addr: orEnv(addr, "SCVOTES_ADDR", defaultAddr), publicURL: orEnv(publicURL, "SCVOTES_PUBLIC_URL", ""), starter: withStarter, migrate: migrate,
				logFormat: orEnv(logFormat, "SCVOTES_LOG_FORMAT", "text"), metricsAddr: orEnv(metricsAddr, "SCVOTES_METRICS_ADDR", "")}
			if err := how.read(orEnv(cacheBytes, "SCVOTES_CACHE_BYTES", ""), orEnv(stale, "SCVOTES_STALE", ""), orEnv(logLevel, "SCVOTES_LOG_LEVEL", "")); err != nil {
				return err
			}
			var err error
			if how.limits, how.connections, err = bounds.read(); err != nil {
				return err
			}
			if how.replicas, err = db.replicaURLs(); err != nil {
				return err
			}
			if how.work, err = work.read(); err != nil {
				return err
			}
			return serve(c.Context(), db, how, commandCall(c, ""), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&addr, "addr", "", "address to serve on (SCVOTES_ADDR, "+defaultAddr+")")
	c.Flags().StringVar(&publicURL, "public-url", "", "where the world finds the server, for links in feeds and citations (SCVOTES_PUBLIC_URL; where each request found it)")
	c.Flags().StringVar(&cacheBytes, "cache-bytes", "", fmt.Sprintf("memory for answers that are kept, 0 to keep none (SCVOTES_CACHE_BYTES, %d)", api.DefaultCacheBytes))
	c.Flags().StringVar(&stale, "stale", "", fmt.Sprintf("how long kept answers are given while the database is away, 0s to give none (SCVOTES_STALE, %v)", api.DefaultStale))
	c.Flags().StringVar(&logLevel, "log-level", "", "debug, info, warn or error; debug tells also of answers from memory (SCVOTES_LOG_LEVEL, info)")
	c.Flags().StringVar(&logFormat, "log-format", "", "text or json, a line each (SCVOTES_LOG_FORMAT, text)")
	c.Flags().StringVar(&metricsAddr, "metrics-addr", "", "address to serve /metrics on, apart; without it --addr serves them to this machine alone (SCVOTES_METRICS_ADDR)")
	bounds.register(c)
	c.Flags().StringArrayVar(&db.replicas, "database-replica-url", nil, "a streaming replica to read from while it is not behind; may be given again (DATABASE_REPLICA_URLS, apart by spaces or commas)")
	c.Flags().StringVar(&db.readURL, "database-read-url", "", "the same database as a role that may only read (DATABASE_READ_URL)")
	c.Flags().StringVar(&db.writeURL, "database-write-url", "", "the same database as a role that may write, and not change the schema (DATABASE_WRITE_URL)")
	c.Flags().BoolVar(&migrate, "migrate", true, "migrate the database first; without, the schema has to be there")
	work.add(c)
	c.Flags().BoolVar(&withStarter, "starter", true, "load the starter record into an empty database")
	return c
}

// read reads the settings that are no plain words. Nothing stands for the
// default, and in the server's own options 0 does too: there, less than that is
// none.
func (how *serving) read(cacheBytes, stale, logLevel string) error {
	if cacheBytes != "" {
		n, err := strconv.Atoi(cacheBytes)
		if err != nil || n < 0 {
			return usageError{fmt.Errorf("--cache-bytes %q: not a number of bytes", cacheBytes)}
		}
		how.cacheBytes = cmp.Or(n, -1)
	}
	if stale != "" {
		d, err := time.ParseDuration(stale)
		if err != nil || d < 0 {
			return usageError{fmt.Errorf("--stale %q: not a time, as 10m or 30s", stale)}
		}
		how.stale = cmp.Or(d, -1)
	}
	if logLevel != "" {
		if err := how.logLevel.UnmarshalText([]byte(logLevel)); err != nil {
			return usageError{fmt.Errorf("--log-level %q: not one of debug, info, warn, error", logLevel)}
		}
	}
	if how.logFormat != "text" && how.logFormat != "json" {
		return usageError{fmt.Errorf("--log-format %q: not text or json", how.logFormat)}
	}
	return nil
}

func serve(ctx context.Context, db *database, how serving, call access.Call, stdout, stderr io.Writer) error {
	listener, err := net.Listen("tcp", how.addr) // before the database: an address in use is told at once
	if err != nil {
		return fmt.Errorf("cannot serve on %s (--addr or SCVOTES_ADDR names another address): %w", how.addr, err)
	}
	defer listener.Close()
	room := tuneMemory(how.cacheBytes)
	tele, err := newTelemetry(ctx, how, stdout, stderr)
	if err != nil {
		return err
	}
	defer tele.close()
	db.log = tele.log
	starting, started := tele.traces.starting(ctx)
	s, closeStore, err := db.openServing(starting, how.migrate, append(tele.options(), store.WithReplicas(how.replicas...), store.WithVotesKept(room))...)
	if err != nil {
		return err
	}
	defer closeStore()
	tele.watch(s)
	if how.starter && s.Writes() {
		if err := loadStarter(starting, s.As(call), stdout); err != nil {
			return err
		}
	}
	started()
	following, unfollow := context.WithCancel(ctx)
	var followed sync.WaitGroup
	defer followed.Wait() // before the store is closed
	defer unfollow()
	news := new(api.News)
	followed.Go(func() { s.Follow(following, func(seen votes.Sighting) { news.Tell(seen); tele.saw(seen) }) })
	followed.Go(func() { tele.serveMetrics(following) })
	followed.Go(func() { how.work.work(following, s, how.publicURL, tele) })

	options := api.Options{Version: versionText(), Logger: tele.log, PublicURL: how.publicURL,
		News: news, CacheBytes: how.cacheBytes, Stale: how.stale, Metrics: tele.metrics, MetricsApart: how.metricsAddr != "", Tracer: tele.traces.tracer(),
		Limits: how.limits}
	if s.Writes() {
		options.Writer, options.Importer, options.MaxUpload = writer{s}, importer{s}, how.work.maxUpload
		options.Hooks = hookKeeper{s, how.work.allow}
	}
	server := &http.Server{
		Handler:           api.New(reader{s}, options),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          tele.serverLog(),
	}
	return untilDone(ctx, server, limited(listener, how.connections), tele.log, stdout)
}

// untilDone serves until ctx ends, and finishes what is under way.
func untilDone(ctx context.Context, server *http.Server, listener net.Listener, log *slog.Logger, stdout io.Writer) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "scvotes serves the record at http://%s\n", listener.Addr())
	notify(log, "READY=1")
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	notify(log, "STOPPING=1")
	fmt.Fprintln(stdout, "scvotes: finishing the requests under way")
	ending, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(ending); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}

// reader is the store as the API reads it.
type reader struct{ *store.Store }

func (r reader) At(ctx context.Context, read func(api.Reader) error) error {
	return r.Store.At(ctx, func(s *store.Store) error { return read(reader{s}) })
}

// writer is the store as the API writes to it.
type writer struct{ *store.Store }

func (w writer) Change(ctx context.Context, call access.Call, do func(context.Context, api.Changes) (access.Reply, error)) (access.Reply, error) {
	return w.Store.Change(ctx, call, func(ctx context.Context, c *store.Changes) (access.Reply, error) { return do(ctx, c) })
}

// loadStarter gives an empty database the record that the binary carries.
//
// A record that began with it is given what is new in the program's edition;
// what it holds already changes nothing, so a start that broke off is made up for.
func loadStarter(ctx context.Context, s *store.Store, stdout io.Writer) error {
	rev, err := s.Revision(ctx)
	if err != nil {
		return err
	}
	if rev.Number > 0 {
		if has, err := s.HasSource(ctx, starter.Name); err != nil || !has {
			return err
		}
	}
	for _, part := range []struct {
		file string
		open func() io.Reader
	}{{"starter/resolutions.csv", starter.Resolutions}, {"starter/statements.csv", starter.Statements}} {
		in := input{name: part.file, open: func() (io.ReadCloser, error) { return io.NopCloser(part.open()), nil }}
		rep, err := importInput(ctx, s, in, store.ImportOptions{}, source.Options{Source: starter.Name, Edition: starter.Edition})
		if err != nil {
			return fmt.Errorf("loading the starter record: %w%s", err, firstRefused(rep))
		}
		if rep.Landed {
			fmt.Fprintf(stdout, "starter record: %d lines of %s\n", rep.Rows, part.file)
		}
	}
	list, err := readEdits(starterEdits, starter.Edits())
	if err != nil {
		return fmt.Errorf("loading the starter record: %w", err)
	}
	edits, _, err := s.To(starterEdits).EditOnce(ctx, list.Edits)
	if err != nil {
		return fmt.Errorf("loading the starter record: %w", err)
	}
	if len(edits) == 0 {
		return nil
	}
	_, err = fmt.Fprintf(stdout, "starter record: %d lines of %s\n", len(edits), starterEdits)
	return err
}

const starterEdits = "starter/edits.csv"

func firstRefused(rep votes.ImportReport) string {
	for _, p := range rep.Problems {
		if p.Severity == votes.Refused {
			return "\n" + p.String()
		}
	}
	return ""
}

func newHealthcheck() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is ready",
		Long:  "Ask the server at --addr whether it is ready to answer. For containers: exit code 0 means ready.",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return healthcheck(c.Context(), orEnv(addr, "SCVOTES_ADDR", defaultAddr))
		},
	}
	c.Flags().StringVar(&addr, "addr", "", "address of the server (SCVOTES_ADDR, "+defaultAddr+")")
	return c
}

func healthcheck(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usageError{fmt.Errorf("--addr %q: %w", addr, err)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", resp.Status)
	}
	return nil
}
