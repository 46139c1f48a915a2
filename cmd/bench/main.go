// Command bench measures how fast scvotes answers, in one run with what it can be
// held against: Echo serving the same bytes from memory, pgbench running the same
// statements on the same Postgres, and the programs that people would otherwise
// take to put such a record online.
//
// It starts everything itself, on the loopback address, and ends it again. It is
// no part of the program that is shipped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := bench
	if len(os.Args) > 1 && os.Args[1] == staticCommand {
		run = serveStatic // this program again, as a server in a process of its own
	}
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	quick, dry bool
	rounds     int
	each       time.Duration // how long one measurement takes
	binary     string        // scvotes; built where it is empty
	files      string        // folder of published files
	root       string        // of the project, for what is built and written
	peers      string        // folder of the peers' programs
	only       *regexp.Regexp
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{rounds: 7, each: 3 * time.Second}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&s.quick, "quick", false, "3 rounds of a second each, of which only the history is written")
	flags.BoolVar(&s.dry, "dry", false, "write no file, only print")
	flags.StringVar(&s.binary, "scvotes", "", "the program to measure, instead of building it")
	flags.StringVar(&s.files, "files", os.Getenv("SCVOTES_DATA_FILES"), "folder of published files to import (SCVOTES_DATA_FILES); without it the record is filled up with invented votes")
	flags.StringVar(&s.root, "root", ".", "folder of the project")
	flags.StringVar(&s.peers, "peers", "", "folder of the peers' programs, as scripts/need-bench prints it; without it they are left out")
	only := flags.String("only", ".", "measure only what this regular expression finds the name of")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("no arguments are taken, and %q was given", flags.Args())
	}
	if s.quick {
		s.rounds, s.each = 3, time.Second
	}
	var err error
	if s.only, err = regexp.Compile(*only); err != nil {
		return s, fmt.Errorf("-only: %w", err)
	}
	s.root, err = filepath.Abs(s.root)
	return s, err
}

// longest bounds a run, whatever hangs.
const longest = 15 * time.Minute

// bench is the whole run.
func bench(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, longest, fmt.Errorf("not done after %v", longest))
	defer cancel()
	began := time.Now()
	logf := func(format string, args ...any) {
		fmt.Fprintf(stderr, "%5.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	site, err := open(ctx, s, logf)
	if site != nil {
		defer site.close()
	}
	if err != nil {
		return err
	}
	r := report{Machine: describe(ctx, site), Rounds: s.rounds, Each: s.each}
	r.Results = measure(ctx, site.contestants(ctx), s, logf)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.Memory, r.Missing = site.memory(), site.missing
	fmt.Fprint(stdout, r.document())
	if s.dry {
		return nil
	}
	return r.write(s)
}
