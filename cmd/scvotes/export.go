package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"scvotes/votes"
	"scvotes/votes/source"
)

func newExport(db *database) *cobra.Command {
	var out, format string
	var site siteOptions
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the record as CSV or NDJSON, or the whole site as files",
		Long: `Write every resolution of the record, oldest first: as the project's own CSV
(which import reads back to the same record), as the CSV of its statements, or
as one JSON object a line, in the shape of the API.

With --site, write what serve would answer, the API and all pages, as files into
a folder that any web host can serve: docs/site.md tells what a host has to know.
An earlier export in that folder is replaced once the new one is whole.`,
		Example: "  scvotes export -o record.csv\n  scvotes export --site public --public-url https://votes.example.org",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			write, ok := exporters[format]
			if !ok {
				return usageError{fmt.Errorf("--format %q: it is csv, statements or ndjson", format)}
			}
			if err := site.check(c); err != nil {
				return err
			}
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			if site.dir != "" {
				return exportSite(c.Context(), s, site, c.OutOrStdout())
			}
			each := func(yield func(*votes.Resolution) error) error {
				_, err := s.Each(c.Context(), votes.Filter{}, "", yield)
				return err
			}
			if out == "-" {
				return write(c.OutOrStdout(), each)
			}
			return writeFile(out, func(w io.Writer) error { return write(w, each) })
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "-", "the file to write; - is the standard output")
	c.Flags().StringVar(&format, "format", "csv", "csv, statements or ndjson")
	site.flags(c)
	return c
}

type eachResolution func(yield func(*votes.Resolution) error) error

var exporters = map[string]func(io.Writer, eachResolution) error{
	"csv": func(w io.Writer, each eachResolution) error {
		out := source.NewWriter(w)
		if err := each(func(r *votes.Resolution) error { return out.Write(*r) }); err != nil {
			return err
		}
		return out.Flush()
	},
	"statements": func(w io.Writer, each eachResolution) error {
		out := source.NewStatementWriter(w)
		if err := each(func(r *votes.Resolution) error { return out.Write(*r) }); err != nil {
			return err
		}
		return out.Flush()
	},
	"ndjson": func(w io.Writer, each eachResolution) error {
		out := bufio.NewWriter(w)
		e := json.NewEncoder(out)
		if err := each(func(r *votes.Resolution) error { return e.Encode(r) }); err != nil {
			return err
		}
		return out.Flush()
	},
}

// writeFile writes a file whole or not at all: beside its place, then renamed.
// What is no file, as a pipe or /dev/null, is written to where it is.
func writeFile(name string, write func(io.Writer) error) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", name, plainPathError(err))
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, plainPathError(err))
	}
	defer os.Remove(f.Name()) // no such file once it was renamed
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
