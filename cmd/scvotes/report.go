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
	all            bool // every line of what landed, however many
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
		r.problems(rep.Problems, votes.Noted, "understood, and noted", "")
		r.problems(rep.Problems, votes.Serious, "disputed",
			" in "+counted(rep.AccountsDisputed, "account")+", against the account itself, the Charter or the membership")
		r.problems(rep.Problems, votes.Refused, "refused", "")
	}
	r.sums(rep, err)
}

// shownOfKind is how many problems of one kind are listed of what landed.
// What was refused is always listed whole: it stands nowhere else.
const shownOfKind = 10

func (r reporter) problems(all []votes.Problem, severity votes.Severity, title, where string) {
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
	fmt.Fprintf(r.stdout, "%s: %d%s\n", title, n, where)
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		list := byKind[kind]
		fmt.Fprintf(r.stdout, "  %s: %d\n", strings.ReplaceAll(kind, "_", " "), len(list))
		slices.SortStableFunc(list, func(a, b votes.Problem) int { return cmp.Compare(a.Line, b.Line) })
		for i, p := range list {
			if i == shownOfKind && severity != votes.Refused && !r.all {
				fmt.Fprintf(r.stdout, "    ... and %d more (--all lists them, and so does GET /v1/discrepancies?kind=%s)\n", len(list)-i, kind)
				break
			}
			p.File = "" // told in the sums
			fmt.Fprintf(r.stdout, "    %s\n", votes.Legible(p.String()))
		}
	}
}

func (r reporter) sums(rep votes.ImportReport, err error) {
	w := r.stdout
	fmt.Fprint(w, votes.Legible(rep.File))
	if rep.Format != "" {
		fmt.Fprintf(w, " (%s", rep.Format)
		if rep.Source != "" { // told by the first account
			fmt.Fprintf(w, "; %s", votes.Legible(rep.Source))
		}
		if rep.Edition != "" {
			fmt.Fprintf(w, ", edition %s", votes.Legible(rep.Edition))
		}
		fmt.Fprint(w, ")")
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "  rows:        %d = %d landed + %d refused\n", rep.Rows, rep.RowsLanded, rep.RowsRefused)
	if err == nil {
		fmt.Fprintf(w, "  accounts:    %d landed (%d known before, %d disputed), %d refused\n", rep.Accounts, rep.AccountsUnchanged, rep.AccountsDisputed, rep.AccountsRefused)
		fmt.Fprintf(w, "  matched:     %d with another source's account of the same vote, %d alone\n", rep.AccountsMatched, rep.AccountsUnmatched)
		fmt.Fprintf(w, "  resolutions: %d new, %d changed, %d as before\n", rep.ResolutionsNew, rep.ResolutionsChanged, rep.ResolutionsUnchanged)
		fmt.Fprintf(w, "  with them:   %s, %s\n", counted(rep.Votes, "vote"), counted(rep.Sponsors, "sponsor"))
		r.discrepancies(rep)
	} else {
		fmt.Fprintf(w, "  accounts:    %d could land (%d disputed), %d refused\n", rep.Accounts, rep.AccountsDisputed, rep.AccountsRefused)
	}
	switch {
	case errors.Is(err, votes.ErrInvalid) && rep.Accounts > 0:
		fmt.Fprintln(w, "  nothing landed; --keep-going lands what was not refused")
	case errors.Is(err, votes.ErrInvalid): // why, the problems tell
		fmt.Fprintln(w, "  nothing landed")
	case errors.Is(err, votes.ErrUnsure):
		fmt.Fprintf(w, "  nobody knows whether it landed: %v\n  import it again: if it did, that changes nothing\n", err)
	case err != nil:
		fmt.Fprintf(w, "  nothing landed: %s\n", votes.Legible(err.Error()))
	case rep.DryRun:
		r.wouldChange(rep.WouldChange)
		fmt.Fprintln(w, "  dry run: so it would be; nothing was written")
	case rep.Landed:
		fmt.Fprintf(w, "  the record is at revision %d\n", rep.Revision)
	default:
		fmt.Fprintln(w, "  nothing changed: all of it was in the record already")
	}
}

// discrepancies counts by kind what the resolutions of this file now show.
func (r reporter) discrepancies(rep votes.ImportReport) {
	total := 0
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(rep.Discrepancies)) {
		total += rep.Discrepancies[kind]
		kinds = append(kinds, fmt.Sprintf("%s %d", strings.ReplaceAll(kind, "_", " "), rep.Discrepancies[kind]))
	}
	if total > 0 {
		fmt.Fprintf(r.stdout, "  they show:   %s (%s)\n", countedAs(total, "discrepancy", "discrepancies"), strings.Join(kinds, ", "))
	}
}

// shownChanges is how many resolutions a dry run lists, and shownFields how many
// fields of each. The JSON has them all, up to votes.MaxWouldChange resolutions.
const (
	shownChanges = 10
	shownFields  = 4
)

// wouldChange lists what a dry run would have made of the record.
func (r reporter) wouldChange(would *votes.WouldChange) {
	if would == nil || would.Total == 0 || r.quiet {
		return
	}
	fmt.Fprintln(r.stdout, "  it would write:")
	for i, c := range would.Data {
		if i == shownChanges && !r.all {
			break
		}
		fmt.Fprintf(r.stdout, "    %s: %s\n", c.ID, whatToCome(c))
	}
	shown := len(would.Data)
	if !r.all {
		shown = min(shown, shownChanges)
	}
	if left := would.Total - shown; left > 0 {
		fmt.Fprintf(r.stdout, "    ... and %d more (--json lists the first %d, with every field)\n", left, votes.MaxWouldChange)
	}
}

func whatToCome(c votes.ChangeToCome) string {
	switch c.What {
	case votes.Created:
		return fmt.Sprintf("new, %s of %s", c.Outcome, c.Date)
	case votes.Deleted:
		return "no longer in the record"
	}
	var told []string
	for i, f := range c.Changes {
		if i == shownFields {
			told = append(told, fmt.Sprintf("%d more", len(c.Changes)-i))
			break
		}
		told = append(told, fmt.Sprintf("%s from %s to %s", strings.ReplaceAll(f.Field, "_", " "), shortJSON(f.From), shortJSON(f.To)))
	}
	if told == nil {
		return "changed in where it is from"
	}
	return strings.Join(told, "; ")
}

// shortJSON is a value for a line of text: JSON keeps control characters out.
func shortJSON(v []byte) string {
	const most = 40
	text := []rune(string(v))
	if len(text) <= most {
		return string(text)
	}
	return string(text[:most]) + "..."
}

// inOneLine is a text of anybody's in a table for a terminal.
func inOneLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(votes.Legible(s))
}

// counted writes a number with its noun: 1 vote, 2 votes.
func counted(n int, noun string) string { return countedAs(n, noun, noun+"s") }

func countedAs(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// progress shows how much of a file is read: a bar on a terminal, nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

func (r reporter) progress(in input) *progress {
	f, ok := r.stderr.(*os.File)
	if !ok || r.json || !term.IsTerminal(int(f.Fd())) {
		if !r.json && !r.quiet {
			fmt.Fprintf(r.stderr, "reading %s (%d bytes)\n", votes.Legible(in.name), in.size)
		}
		return nil
	}
	return &progress{progressbar.NewOptions64(in.size, progressbar.OptionSetWriter(f), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(votes.Legible(in.name)), progressbar.OptionClearOnFinish())}
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
