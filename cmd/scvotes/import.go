package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/source"
)

func newImport(db *database) *cobra.Command {
	var opt store.ImportOptions
	var src source.Options
	var asJSON, quiet, all bool
	c := &cobra.Command{
		Use:   "import FILE... | -",
		Short: "Take CSV files into the record",
		Long: `Take CSV files into the record. The format is told from the header:
` + formatList() + `
Every row is read and every fault reported with its line and column. What can be
read lands, also where it contradicts itself, the Charter or the membership: it
is then disputed, and feeds no figure. What cannot be read is refused, and with
it the file; --keep-going lands the rest. Importing a file a second time changes
nothing.

Exit codes: 0 landed, or nothing to change; 3 something was refused.`,
		Example: "  scvotes import --dry-run votes.csv\n  scvotes import --keep-going --source 'UN Digital Library' 2026_02_06_sc_voting.csv",
		Args:    someArgs("a file, or - for the standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			boundMemory()
			out := reporter{stdout: c.OutOrStdout(), stderr: c.ErrOrStderr(), json: asJSON, quiet: quiet, all: all}
			return importFiles(c.Context(), s.As(commandCall(c, "")), args, opt, src, out)
		},
	}
	f := c.Flags()
	f.StringVar(&src.Format, "format", "auto", "the layout of the files, by name")
	f.StringVar(&src.Source, "source", "", "who published the file (by default the format's usual source)")
	f.StringVar(&src.Edition, "edition", "", "its edition, as 2026-02-06 (read from the file's name where that tells it)")
	f.StringVar(&src.Encoding, "encoding", "utf-8", "utf-8 or latin1")
	f.BoolVar(&opt.KeepGoing, "keep-going", false, "land the rest of a file of which some is refused")
	f.BoolVar(&opt.DryRun, "dry-run", false, "report, and write nothing")
	f.BoolVar(&asJSON, "json", false, "print the report as JSON, one object a file")
	f.BoolVar(&all, "all", false, "list every problem, not only the first ten of a kind")
	f.BoolVar(&quiet, "quiet", false, "print no problem lines, only the summary")
	return c
}

func formatList() string {
	var b strings.Builder
	for _, f := range source.Formats() {
		fmt.Fprintf(&b, "  %-20s %s\n", f.Name, f.Title)
	}
	return b.String()
}

// importFiles imports one file after the other. A refused file does not keep
// the next from its turn; the first error is returned when all are done.
func importFiles(ctx context.Context, s *store.Store, files []string, opt store.ImportOptions, src source.Options, out reporter) error {
	var first error
	for _, name := range files {
		in, err := openInput(name)
		var rep votes.ImportReport
		if err == nil {
			in.progress = out.progress(in)
			rep, err = importInput(ctx, s, in, opt, src)
			in.progress.done()
		} else {
			rep = votes.ImportReport{File: name, Problems: []votes.Problem{{File: name, Kind: votes.KindFile, Severity: votes.Refused, Message: err.Error()}}}
			err = fmt.Errorf("%s: %w: %w", name, err, votes.ErrInvalid)
		}
		out.report(rep, err)
		switch {
		case err != nil && first == nil:
			first = err
		case rep.AccountsRefused+rep.RowsRefused > 0 && first == nil:
			first = fmt.Errorf("%s: %d of %d rows refused: %w", rep.File, rep.RowsRefused, rep.Rows, votes.ErrInvalid)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return first
}

// input is a file to import, which can be read more than once.
type input struct {
	name     string
	size     int64
	open     func() (io.ReadCloser, error)
	progress *progress
}

// openInput looks at a file; "-" is the standard input, kept in a temporary
// file because a scattered file is read twice.
func openInput(name string) (input, error) {
	if name == "-" {
		return spool(name, os.Stdin)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return input{}, plainPathError(err)
	case info.IsDir():
		return input{}, errors.New("it is a folder, not a file")
	case !info.Mode().IsRegular():
		f, err := os.Open(name)
		if err != nil {
			return input{}, plainPathError(err)
		}
		defer f.Close()
		return spool(name, f)
	}
	return input{name: name, size: info.Size(), open: func() (io.ReadCloser, error) { return os.Open(name) }}, nil
}

// plainPathError drops "open NAME:", which the report says already.
func plainPathError(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func spool(name string, r io.Reader) (input, error) {
	f, err := os.CreateTemp("", "scvotes-*.csv")
	if err != nil {
		return input{}, err
	}
	// The name goes at once; the open file stays until the program ends.
	if err := os.Remove(f.Name()); err != nil {
		return input{}, err
	}
	n, err := io.Copy(f, r)
	if err != nil {
		return input{}, err
	}
	return input{name: name, size: n, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(f, 0, n)), nil
	}}, nil
}

// importInput reads one file into the record. A file whose rows are scattered
// is read a second time, held in memory.
func importInput(ctx context.Context, s *store.Store, in input, opt store.ImportOptions, src source.Options) (votes.ImportReport, error) {
	s = s.To(filepath.Base(in.name))
	rep, err := s.Import(ctx, opt, in.reader(src))
	if errors.Is(err, source.ErrScattered) {
		src.Gather = true
		rep, err = s.Import(ctx, opt, in.reader(src))
	}
	return rep, err
}

// reader joins a source's reader to the store's import.
func (in input) reader(src source.Options) store.ReadFile {
	return func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		f, err := in.open()
		if err != nil {
			return err
		}
		defer f.Close()
		src.File, rep.File = in.name, filepath.Base(in.name) // where it lay on somebody's disk is nobody's business
		sum := sha256.New()
		read, err := source.Read(io.TeeReader(in.progress.reader(f), sum), src, func(a *votes.Account) error {
			rep.Source, rep.Edition = a.Source.Name, a.Source.Edition
			return yield(a)
		})
		rep.Format, rep.Rows = read.Format, read.Rows
		rep.RowsRefused += read.RefusedRows
		rep.Problems = append(rep.Problems, read.Problems...)
		rep.SHA256 = hex.EncodeToString(sum.Sum(nil))
		return err
	}
}

// printJSON writes one thing for scripts, as one line.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
