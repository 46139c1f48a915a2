package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// figure is what was measured of one thing at one size.
type figure struct {
	what, route        string
	factor             int
	first, median, p99 time.Duration
	requests           int
	bytes              int64
	status             int
	broken             bool
	unit               unit
	amount             float64 // where the unit is not time
	count              int     // of what the unit is per
}

type unit int

const (
	milliseconds unit = iota
	megabytes
	perRow // time, and how many rows a second that is
)

// report is all that was measured, in the order in which it was.
type report struct {
	factors []int
	figures []figure
	notes   []string
	commit  string
	machine string
	took    time.Duration
}

func newReport(ctx context.Context, factors []int) *report {
	return &report{factors: factors, commit: commit(ctx), machine: machine()}
}

func (r *report) add(f figure) { r.figures = append(r.figures, f) }

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// value is what the growth is told of.
func (f figure) value() float64 {
	if f.unit == megabytes {
		return f.amount
	}
	return float64(f.median) / float64(time.Millisecond)
}

func (f figure) String() string {
	switch {
	case f.status >= 400:
		return fmt.Sprintf("**%d** after %s", f.status, short(f.value()))
	case f.broken:
		return "**cut off** after " + short(f.value())
	case f.unit == megabytes:
		return strconv.FormatFloat(f.amount, 'f', 0, 64) + " MB"
	case f.unit == perRow:
		return fmt.Sprintf("%s (%.0fk rows/s)", short(f.value()), float64(f.count)/f.value())
	}
	return short(f.value())
}

// short is a time with three figures at the most.
func short(ms float64) string {
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.0f s", ms/1000)
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.2f ms", ms)
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// worst is the 99th percentile; of fewer than a hundred the greatest.
func worst(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)*99/100, len(sorted)-1)]
}

// commit is the one that is checked out, with a + where something was changed.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty=+", "--exclude", "*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(after, "\n")
			model = strings.TrimSpace(strings.TrimLeft(line, " \t:"))
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", model, runtime.NumCPU(), runtime.Version())
}

// csv is every figure, one a line.
func (r *report) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	ms := func(d time.Duration) string { return strconv.FormatFloat(float64(d)/1e6, 'f', 3, 64) }
	_ = w.Write([]string{"what", "size", "requests", "first_ms", "median_ms", "p99_ms", "bytes", "megabytes", "status"}) // a Buffer takes all
	for _, f := range r.figures {
		line := []string{f.what, strconv.Itoa(f.factor), strconv.Itoa(f.requests), ms(f.first), ms(f.median), ms(f.p99), strconv.FormatInt(f.bytes, 10), "", ""}
		if f.unit == megabytes {
			line[3], line[4], line[5], line[6], line[7] = "", "", "", "", strconv.FormatFloat(f.amount, 'f', 1, 64)
		}
		if f.status != 0 {
			line[8] = strconv.Itoa(f.status)
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

// order is how a cost grows with the record.
type order string

const (
	constant   order = "constant"
	logarithm  order = "logarithmic"
	belowLine  order = "below linear"
	linear     order = "linear"
	worse      order = "**worse than linear**"
	notAtLarge order = "**no answer**"
)

// orderOf tells from the values at sizes that grow tenfold. What is a fixed part
// and one that grows with the record grows less than tenfold with each step; a
// step beyond that, with a quarter for chance, is worse than linear.
func orderOf(values []float64, unit unit) order {
	small := 0.5 // milliseconds: less than this is what the machine does besides
	if unit == megabytes {
		small = 4
	}
	first, last := values[0], values[len(values)-1]
	for i := 1; i < len(values); i++ {
		if values[i] > 12.5*values[i-1] && values[i] > 10*small {
			return worse
		}
	}
	steps := float64(len(values) - 1)
	switch slope := math.Log10(last/first) / steps; {
	case last-first < small || slope < 0.1:
		return constant
	case slope < 0.3:
		return logarithm
	case slope < 0.7:
		return belowLine
	}
	return linear
}
