package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// report is what a run has found.
type report struct {
	Machine machine
	Rounds  int
	Each    time.Duration
	Results []result
	Memory  []usage
	Missing []missing
}

// document is the report as Markdown, the ratios first: rates are those of one
// machine on one day, and only ratios can be carried to another.
func (r report) document() string {
	var b strings.Builder
	b.WriteString(r.summary(len(r.goals())))
	b.WriteString("\nWhat was measured, medians with the least and the most:\n\n")
	b.WriteString(r.figures())
	b.WriteString("\nMemory of the servers at the end of the run:\n\n")
	b.WriteString(r.memory())
	if missing := r.absent(); missing != "" {
		b.WriteString("\nNot measured:\n\n" + missing)
	}
	return b.String()
}

// summary are the first of the targets and how they were met, and how many of all
// were not.
func (r report) summary(shown int) string {
	var rows [][]string
	missed := 0
	for i, g := range r.goals() {
		if !g.Missing && !g.met() {
			missed++
		}
		if i < shown {
			rows = append(rows, []string{g.What, g.reached(), g.target(), g.verdict()})
		}
	}
	var b strings.Builder
	b.WriteString(table([]string{"", "this run", "target", ""}, rows))
	fmt.Fprintf(&b, "\n%s, commit %s: %s. %s. %d rounds of %v, interleaved; %d connections; load generator, servers and Postgres share the machine.",
		r.Machine.Date.Format("2 January 2006"), r.Machine.Commit, r.Machine, r.Machine.Record, r.Rounds, r.Each, connections)
	switch missed {
	case 0:
	case 1:
		b.WriteString(" One target is missed.")
	default:
		fmt.Fprintf(&b, " %d targets are missed.", missed)
	}
	b.WriteString("\n")
	return b.String()
}

// mainGoals is how many of the targets the README shows: the ratios of the single record.
const mainGoals = 5

func (r report) figures() string {
	var rows [][]string
	for _, x := range r.Results {
		if !x.sound() {
			continue
		}
		n, p50, p99 := x.perSecond(), "", ""
		if x.p99().Median > 0 {
			p50, p99 = milli(x.p50().Median), milli(x.p99().Median)
		}
		rows = append(rows, []string{x.Name, rate(n.Median), rate(n.Min) + "-" + rate(n.Max), p50, p99})
	}
	return table([]string{"", "answers/s", "least-most", "p50 ms", "p99 ms"}, rows)
}

func (r report) memory() string {
	var rows [][]string
	for _, u := range r.Memory {
		rows = append(rows, []string{u.Server, fmt.Sprintf("%d MB", u.Resident/megabyte), fmt.Sprintf("%d MB", u.Top/megabyte)})
	}
	return table([]string{"", "resident", "at most"}, rows)
}

func (r report) absent() string {
	var b strings.Builder
	for _, m := range r.Missing {
		fmt.Fprintf(&b, "- %s: %s\n", m.What, m.Why)
	}
	for _, x := range r.Results {
		if x.Failed != "" {
			fmt.Fprintf(&b, "- %s: %s\n", x.Name, x.Failed)
		}
	}
	return b.String()
}

// table writes Markdown. The columns behind the first are right-aligned where
// they hold figures.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
		if i > 0 && len(rows) > 0 && figure(rows[0][i]) {
			rule[i] = "---:"
		}
	}
	line(rule)
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

func figure(cell string) bool { return cell != "" && cell[0] >= '0' && cell[0] <= '9' }

// rate groups thousands, and has three digits that count.
func rate(n float64) string {
	switch {
	case n >= 1000:
		return fmt.Sprintf("%d,%03d", int(n)/1000, int(n)%1000)
	case n >= 100:
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1f", n)
}

func milli(n float64) string {
	if n >= 10 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

// write puts the report where people look for it. A quick run is for whoever
// works on the program, and goes into the history only.
func (r report) write(s settings) error {
	if err := r.append(filepath.Join(s.root, "docs", "bench-history.csv")); err != nil || s.quick {
		return err
	}
	return errors.Join(
		between(filepath.Join(s.root, "docs", "performance.md"), r.document()),
		between(filepath.Join(s.root, "README.md"), r.summary(mainGoals)),
	)
}

// The report goes between these lines of a document.
const beginMark, endMark = "<!-- bench:begin -->", "<!-- bench:end -->"

// between puts text between the marks of a file, instead of what was there.
func between(name, text string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(b), beginMark+"\n")
	_, after, ended := strings.Cut(rest, endMark)
	if !found || !ended {
		return fmt.Errorf("%s has no place for the report, between %s and %s", name, beginMark, endMark)
	}
	return os.WriteFile(name, []byte(before+beginMark+"\n"+text+endMark+after), 0o644)
}
