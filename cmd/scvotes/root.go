package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"scvotes/votes"
)

// version is set by the build (-ldflags "-X main.version=...").
var version = ""

// The exit codes. They are part of the CLI's contract.
const (
	exitFailed  = 1 // something kept the program from its work: a database, a file
	exitUsage   = 2 // the command line is wrong
	exitRefused = 3 // the input was refused, or verify found differences: see the report
	exitUnknown = 4 // the record holds no such thing
)

// usageError is a command line that is wrong.
type usageError struct{ error }

func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, votes.ErrInvalid):
		return exitRefused
	case errors.Is(err, votes.ErrNotFound):
		return exitUnknown
	default:
		return exitFailed
	}
}

// plain is an error for people. That the input was at fault, the report and
// the exit code tell already.
func plain(err error) string {
	word := votes.ErrInvalid.Error()
	return votes.Legible(strings.TrimSuffix(strings.TrimPrefix(err.Error(), word+": "), ": "+word))
}

// run is the whole program: arguments in, output out, an error for the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.ExecuteContext(ctx)
}

// about is what scvotes --help begins with.
const about = `scvotes keeps the voting record of the UN Security Council: who voted how on
which draft, what became of it under the Charter, and where each fact is from.

The database is the one that DATABASE_URL names. Without it, scvotes runs a
private Postgres of its own from the programs that are installed.

Settings are taken from the flag, else from the environment, else the default:
  --database-url      DATABASE_URL        postgres://user:password@host/name; never printed
  --data-dir          SCVOTES_DATA        data of the private Postgres ($XDG_DATA_HOME/scvotes)
  --pg-bin            SCVOTES_PG_BIN      folder of the postgres programs to use
  serve --addr        SCVOTES_ADDR        address to serve on (127.0.0.1:8080)
  serve --public-url  SCVOTES_PUBLIC_URL  where the world finds it, for the links that leave it
  serve --database-read-url     DATABASE_READ_URL
                                          the database as a role that may only read
  serve --database-write-url    DATABASE_WRITE_URL
                                          the database as a role that may write, and not change the schema
  (no flag)           SCVOTES_READER_PASSWORD SCVOTES_WRITER_PASSWORD
                                          passwords of those roles, see scvotes roles
  serve --database-replica-url  DATABASE_REPLICA_URLS
                                          streaming replicas to read from while they are not behind
  serve --cache-bytes SCVOTES_CACHE_BYTES memory for answers that are kept
  serve --stale       SCVOTES_STALE       how long they are given while the database is away
  serve --rate        SCVOTES_RATE        requests a second that one client is answered
  serve --burst       SCVOTES_BURST       requests at once that one client is answered
  serve --trusted-proxies  SCVOTES_TRUSTED_PROXIES
                                          networks of the proxies whose X-Forwarded-For counts
  serve --max-connections  SCVOTES_MAX_CONNECTIONS
                                          connections of clients at a time
  serve --log-level   SCVOTES_LOG_LEVEL   debug, info, warn or error
  serve --workers     SCVOTES_WORKERS     files taken in at once; 0 does no work but answering
  serve --max-upload  SCVOTES_MAX_UPLOAD  bytes of the largest file that is taken over the network
  serve --webhook-allow-private  SCVOTES_WEBHOOK_ALLOW
                                          private networks to which webhooks may go
  serve --log-format  SCVOTES_LOG_FORMAT  text or json
  serve --metrics-addr SCVOTES_METRICS_ADDR
                                          address to serve /metrics on, apart

DATABASE_URL may name several hosts, of which one is the primary:
  postgres://user:password@one,two/name?target_session_attrs=read-write
Behind pgbouncer in transaction mode it needs default_query_exec_mode=cache_describe.
A host has 3 seconds to let a connection in, or what connect_timeout says.

Exit codes: 0 done; 1 failed; 2 wrong command line; 3 input refused, or a record
that is not what its accounts give; 4 not in the record.`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "scvotes",
		Short:         "The voting record of the UN Security Council, checked and queryable",
		Long:          about,
		Args:          noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
		Version:       versionText(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("scvotes {{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see %s --help)", err, c.CommandPath())}
	})
	var db database
	f := root.PersistentFlags()
	f.StringVar(&db.url, "database-url", "", "the database, instead of a private one (DATABASE_URL)")
	f.StringVar(&db.dataDir, "data-dir", "", "folder of the private Postgres (SCVOTES_DATA)")
	f.StringVar(&db.binDir, "pg-bin", "", "folder of the postgres programs (SCVOTES_PG_BIN)")
	root.PersistentPreRun = func(c *cobra.Command, _ []string) { db.fromEnvironment(c.ErrOrStderr()) }
	root.AddCommand(newServe(&db), newMigrate(&db), newRoles(&db), newImport(&db), newExport(&db), newShow(&db), newVerify(&db), newRebuild(&db), newEdit(&db),
		newToken(&db), newAudit(&db), newWebhook(&db), newDoctor(&db), newHealthcheck(), newVersion(), newMan())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "scvotes", versionText())
			return err
		},
	}
}

// versionText is what the build was told, else what the Go tool knows.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// Argument checks that end in exitUsage.

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("%s takes no arguments, and was given %q (see %s --help)", c.Name(), args, c.CommandPath())}
}

// someArgs wants at least one, and says what it would be.
func someArgs(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return usageError{fmt.Errorf("%s needs %s (see %s --help)", c.Name(), what, c.CommandPath())}
	}
}

// oneArg wants exactly one, and says what it would be.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return usageError{fmt.Errorf("%s needs %s (see %s --help)", c.Name(), what, c.CommandPath())}
	}
}

// noCommand refuses what stands where the name of a command should.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError{fmt.Errorf("there is no command %q; did you mean %s?", args[0], near[0])}
	}
	return usageError{fmt.Errorf("there is no command %q (see %s --help)", args[0], c.CommandPath())}
}

// orEnv is the setting's precedence: the flag, else the environment, else the default.
func orEnv(flag, variable, fallback string) string {
	if flag != "" {
		return flag
	}
	if v := os.Getenv(variable); v != "" {
		return v
	}
	return fallback
}
