// Command growth measures how cost grows with the record: every route of the
// API, every page, import, rebuild, verify and export, at one, ten and a hundred
// times the size of the real record. It writes a table into a page of the
// documentation and the figures behind it into a CSV file.
//
// It makes the records itself, with package synthetic, in a folder that it
// keeps for the next run, and serves them with the real binary, the cache of
// answers switched off. Nothing leaves the machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// resolutions is the size of the real record, about: the 1x of the table.
const resolutions = 3_000

// settings are what the command line chooses.
type settings struct {
	binary, folder, page, csv string
	factors                   []int
	quick, fresh              bool
	log                       io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	s := settings{log: log}
	f := flag.NewFlagSet("growth", flag.ContinueOnError)
	f.SetOutput(log)
	f.BoolVar(&s.quick, "quick", false, "1x and 10x only, and fewer requests")
	f.Func("sizes", "the sizes to measure, as 1,10,100", func(list string) error { return s.parseSizes(list) })
	f.BoolVar(&s.fresh, "fresh", false, "make the records anew, and so measure the first load again")
	f.StringVar(&s.binary, "scvotes", "", "the program to measure (built from this folder by default)")
	f.StringVar(&s.folder, "folder", "", "where the records are kept (a folder of the user's cache by default)")
	f.StringVar(&s.page, "page", "docs/performance.md", "the page to write the table into; - prints it")
	f.StringVar(&s.csv, "csv", "docs/growth.csv", "the file to write the figures into; empty for none")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	if len(s.factors) == 0 {
		s.factors = []int{1, 10, 100}
		if s.quick {
			s.factors = s.factors[:2]
		}
	}
	began := time.Now()
	rep, err := measureAll(ctx, s)
	if err != nil {
		return err
	}
	rep.took = time.Since(began)
	if s.csv != "" {
		if err := writeFile(s.csv, rep.csv()); err != nil {
			return err
		}
	}
	if s.page == "-" {
		_, err := fmt.Println(rep.markdown())
		return err
	}
	return replaceBetween(s.page, "<!-- growth:begin -->", "<!-- growth:end -->", rep.markdown())
}

// parseSizes reads sizes that grow tenfold, which the orders are told from.
func (s *settings) parseSizes(list string) error {
	s.factors = nil
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 100 || len(s.factors) > 0 && n != 10*s.factors[len(s.factors)-1] {
			return errors.New("sizes go from 1 to 100 and are each ten times the one before")
		}
		s.factors = append(s.factors, n)
	}
	return nil
}

// measureAll finds or makes what is to be measured, and measures it.
func measureAll(ctx context.Context, s settings) (*report, error) {
	var err error
	if s.folder == "" {
		if s.folder, err = defaultFolder(); err != nil {
			return nil, err
		}
	}
	if s.binary == "" {
		temporary, err := os.MkdirTemp("", "scvotes-growth-*")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(temporary)
		if s.binary, err = build(ctx, temporary); err != nil {
			return nil, err
		}
	}
	return measureRecords(ctx, s)
}

// measureRecords measures every thing at each size in turn, so that what else
// the machine does for a while falls on all sizes alike.
func measureRecords(ctx context.Context, s settings) (*report, error) {
	rep := newReport(ctx, s.factors)
	var records []*record
	defer func() {
		for _, r := range records {
			r.close()
		}
	}()
	for _, factor := range s.factors {
		r, err := openRecord(ctx, s, factor)
		if err != nil {
			return nil, fmt.Errorf("%dx: %w", factor, err)
		}
		records = append(records, r)
		r.loaded(rep)
	}
	if err := commands(ctx, s, records, rep); err != nil {
		return nil, err
	}
	return rep, routes(ctx, s, records, rep)
}

// build builds the program as it is released.
func build(ctx context.Context, folder string) (string, error) {
	binary := filepath.Join(folder, "scvotes")
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "scvotes/cmd/scvotes").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building scvotes: %w\n%s", err, out)
	}
	return binary, nil
}

// defaultFolder is in the user's cache; for root outside of root's home, which
// the user that Postgres then runs as cannot enter.
func defaultFolder() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/cache/scvotes-growth", nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the records (-folder names one): %w", err)
	}
	return filepath.Join(cache, "scvotes-growth"), nil
}
