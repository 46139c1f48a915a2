package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// row is a line of the table: one thing at every size.
type row struct {
	what    string
	figures []figure
}

func (r *report) rows() []row {
	var list []row
	at := make(map[string]int)
	for _, f := range r.figures {
		i, ok := at[f.what]
		if !ok {
			i = len(list)
			at[f.what], list = i, append(list, row{what: f.what})
		}
		list[i].figures = append(list[i].figures, f)
	}
	return list
}

// order is how the row grows. An answer that fails has no order.
func (r row) order() order {
	values := make([]float64, len(r.figures))
	for i, f := range r.figures {
		if f.status >= 400 || f.broken {
			return notAtLarge
		}
		values[i] = f.value()
	}
	return orderOf(values, r.figures[0].unit)
}

func (r row) growth() float64 {
	if first := r.figures[0].value(); first > 0 {
		return r.figures[len(r.figures)-1].value() / first
	}
	return 1
}

// markdown is the section of the page.
func (r *report) markdown() string {
	var b strings.Builder
	last := r.factors[len(r.factors)-1]
	fmt.Fprintf(&b, "Measured on %s at commit %s, with `go run ./cmd/growth`, in %s.\n%s.\n\n", time.Now().UTC().Format("2 January 2006"), r.commit,
		r.took.Round(time.Second), r.machine)
	fmt.Fprintf(&b, "1x is an invented record in the shape of the real one, of %d resolutions. Times are medians of requests one at a time, with no cache of\n"+
		"answers; what is worked out once for a filter and then remembered is the second table. All figures: [growth.csv](growth.csv).\n\n", resolutions)
	for _, note := range r.notes {
		fmt.Fprintf(&b, "%s\n\n", note)
	}
	rows := r.rows()
	b.WriteString("| what | ")
	for _, f := range r.factors {
		fmt.Fprintf(&b, "%dx | ", f)
	}
	fmt.Fprintf(&b, "p99 at %dx | answer at %dx | %dx / 1x | order |\n|%s\n", last, last, last, strings.Repeat(" --- |", len(r.factors)+5))
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |", code(row))
		for _, f := range row.figures {
			fmt.Fprintf(&b, " %s |", f)
		}
		fmt.Fprintf(&b, " %s | %.1f | %s |\n", row.figures[len(row.figures)-1].besides(), row.growth(), row.order())
	}
	r.firsts(&b, rows)
	return b.String()
}

// besides is the slowest of a hundred answers, and how long an answer is.
func (f figure) besides() string {
	if f.route == "" {
		return "|"
	}
	return short(float64(f.p99)/1e6) + " | " + size(f.bytes)
}

func size(bytes int64) string {
	switch kB := float64(bytes) / 1024; {
	case kB < 10:
		return fmt.Sprintf("%.1f KB", kB)
	case kB < 1024:
		return fmt.Sprintf("%.0f KB", kB)
	default:
		return fmt.Sprintf("%.1f MB", kB/1024)
	}
}

func code(r row) string {
	if r.figures[0].route != "" {
		return "`" + strings.ReplaceAll(r.what, "|", `\|`) + "`"
	}
	return r.what
}

// firsts is the table of the answers whose first one takes much longer.
func (r *report) firsts(b *strings.Builder, rows []row) {
	var lines []string
	for _, row := range rows {
		f := row.figures[len(row.figures)-1]
		if f.requests < 3 || f.first < 3*f.median || f.first < 5*time.Millisecond {
			continue
		}
		line := "| " + code(row) + " |"
		for _, f := range row.figures {
			line += " " + short(float64(f.first)/1e6) + " |"
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return
	}
	b.WriteString("\nThe first answer after a change of the record:\n\n| what |")
	for _, f := range r.factors {
		fmt.Fprintf(b, " %dx |", f)
	}
	fmt.Fprintf(b, "\n|%s\n%s\n", strings.Repeat(" --- |", len(r.factors)+1), strings.Join(lines, "\n"))
}

// replaceBetween puts the text between two lines of a file, and makes both
// where they are not there.
func replaceBetween(name, begin, end, text string) error {
	b, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	page := string(b)
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if found != closed {
		return fmt.Errorf("%s has %s without %s", name, begin, end)
	}
	if !found {
		before, after = page+"\n## How cost grows with the record\n\n", "\n"
		if page == "" {
			before = "# Performance\n" + before
		}
	}
	return writeFile(name, []byte(before+begin+"\n\n"+text+"\n"+end+after))
}

// writeFile writes a file whole or not at all.
func writeFile(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".growth-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone once it is renamed
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
