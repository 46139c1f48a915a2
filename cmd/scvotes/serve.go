package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"
)

const defaultAddr = "127.0.0.1:8080"

func newServe(db *database) *cobra.Command {
	var addr, publicURL string
	var withStarter bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the record: the API and the pages",
		Long: `Serve the API and the pages until interrupted. The database is migrated first;
an empty one is given the starter record: every veto since 1946, and every
proposal put to the vote from January 2022 to June 2025, as far as published
files hold them.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return serve(c.Context(), db, orEnv(addr, "SCVOTES_ADDR", defaultAddr), orEnv(publicURL, "SCVOTES_PUBLIC_URL", ""), withStarter, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&addr, "addr", "", "address to serve on (SCVOTES_ADDR, "+defaultAddr+")")
	c.Flags().StringVar(&publicURL, "public-url", "", "where the world finds the server, for links in feeds and citations (SCVOTES_PUBLIC_URL; where each request found it)")
	c.Flags().BoolVar(&withStarter, "starter", true, "load the starter record into an empty database")
	return c
}

func serve(ctx context.Context, db *database, addr, publicURL string, withStarter bool, stdout, stderr io.Writer) error {
	listener, err := net.Listen("tcp", addr) // before the database: an address in use is told at once
	if err != nil {
		return fmt.Errorf("cannot serve on %s (--addr or SCVOTES_ADDR names another address): %w", addr, err)
	}
	defer listener.Close()
	s, closeStore, err := db.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	if withStarter {
		if err := loadStarter(ctx, s, stdout); err != nil {
			return err
		}
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	server := &http.Server{
		Handler:           api.New(reader{s}, api.Options{Version: versionText(), Logger: logger, PublicURL: publicURL}),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "scvotes serves the record at http://%s\n", listener.Addr())
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
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
	list, err := readEdits("starter/edits.csv", starter.Edits())
	if err != nil {
		return fmt.Errorf("loading the starter record: %w", err)
	}
	edits, err := s.NewEdits(ctx, list.edits)
	if err != nil || len(edits) == 0 {
		return err
	}
	if _, _, err = s.Edit(ctx, edits); err != nil {
		return fmt.Errorf("loading the starter record: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "starter record: %d lines of starter/edits.csv\n", len(edits))
	return err
}

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
