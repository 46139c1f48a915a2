package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"scvotes/votes"
)

// reporter tells what became of an import, to a person or to a script.
type reporter struct {
	stdout, stderr io.Writer
	json, quiet    bool
}

// report prints the problems, grouped by kind, then the sums. Refused ones come
// last, next to the sums, where a reader of a long list looks first.
func (r reporter) report(rep votes.ImportReport, err error) {
	if r.json {
		if err := printJSON(r.stdout, rep); err != nil {
			fmt.Fprintln(r.stderr, "scvotes:", err)
		}
		return
	}
	if !r.quiet {
		r.problems(rep.Problems, votes.Noted, "understood, and noted")
		r.problems(rep.Problems, votes.Refused, "refused")
	}
	r.sums(rep, err)
}

func (r reporter) problems(all []votes.Problem, severity votes.Severity, title string) {
	byKind := make(map[string][]votes.Problem)
	n := 0
	for _, p := range all {
		if p.Severity == severity {
			byKind[p.Kind] = append(byKind[p.Kind], p)
			n++
		}
	}
	if n == 0 {
		return
	}
	fmt.Fprintf(r.stdout, "%s: %d\n", title, n)
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		list := byKind[kind]
		fmt.Fprintf(r.stdout, "  %s: %d\n", strings.ReplaceAll(kind, "_", " "), len(list))
		slices.SortStableFunc(list, func(a, b votes.Problem) int { return cmp.Compare(a.Line, b.Line) })
		for _, p := range list {
			p.File = "" // told in the sums
			fmt.Fprintf(r.stdout, "    %s\n", p)
		}
	}
}

func (r reporter) sums(rep votes.ImportReport, err error) {
	w := r.stdout
	fmt.Fprintf(w, "%s", rep.File)
	if rep.Format != "" {
		fmt.Fprintf(w, " (%s", rep.Format)
		if rep.Source != "" { // told by the first account
			fmt.Fprintf(w, "; %s", rep.Source)
		}
		if rep.Edition != "" {
			fmt.Fprintf(w, ", edition %s", rep.Edition)
		}
		fmt.Fprint(w, ")")
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "  rows:        %d = %d landed + %d refused\n", rep.Rows, rep.RowsLanded, rep.RowsRefused)
	fmt.Fprintf(w, "  accounts:    %d sound (%d known before), %d refused\n", rep.Accounts, rep.AccountsUnchanged, rep.AccountsRefused)
	if err == nil {
		fmt.Fprintf(w, "  resolutions: %d new, %d changed, %d as before\n", rep.ResolutionsNew, rep.ResolutionsChanged, rep.ResolutionsUnchanged)
		fmt.Fprintf(w, "  with them:   %d votes, %d sponsors\n", rep.Votes, rep.Sponsors)
	}
	switch {
	case errors.Is(err, votes.ErrInvalid) && rep.Accounts > 0:
		fmt.Fprintln(w, "  nothing landed; --keep-going lands the sound accounts")
	case errors.Is(err, votes.ErrInvalid): // why, the problems tell
		fmt.Fprintln(w, "  nothing landed")
	case err != nil:
		fmt.Fprintf(w, "  nothing landed: %v\n", err)
	case rep.DryRun:
		fmt.Fprintln(w, "  dry run: so it would be; nothing was written")
	case rep.Landed:
		fmt.Fprintf(w, "  the record is at revision %d\n", rep.Revision)
	default:
		fmt.Fprintln(w, "  nothing changed: all of it was in the record already")
	}
}

// progress shows how much of a file is read: a bar on a terminal, nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

func (r reporter) progress(in input) *progress {
	f, ok := r.stderr.(*os.File)
	if !ok || r.json || !term.IsTerminal(int(f.Fd())) {
		if !r.json && !r.quiet {
			fmt.Fprintf(r.stderr, "reading %s (%d bytes)\n", in.name, in.size)
		}
		return nil
	}
	return &progress{progressbar.NewOptions64(in.size, progressbar.OptionSetWriter(f), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(in.name), progressbar.OptionClearOnFinish())}
}

// reader counts what is read; a nil progress counts nothing.
func (p *progress) reader(r io.Reader) io.Reader {
	if p == nil {
		return r
	}
	return io.TeeReader(r, p.bar)
}

func (p *progress) done() {
	if p != nil {
		_ = p.bar.Finish() // a bar that cannot be drawn is no reason to fail
	}
}
