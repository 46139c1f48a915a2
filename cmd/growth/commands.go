package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// corrected is how many resolutions the small import changes.
const corrected = 100

// loaded tells what the first load took, when the record was made.
func (r *record) loaded(rep *report) {
	rep.add(figure{what: "import: first load", factor: r.factor, median: seconds(r.first.Seconds), requests: 1, unit: perRow, count: r.first.Rows})
	rep.add(figure{what: "import: first load, peak memory", factor: r.factor, amount: r.first.PeakMB, requests: 1, unit: megabytes})
	if r.first.Commit != rep.commit {
		rep.note("The first load at %dx is of commit %s.", r.factor, r.first.Commit)
	}
}

// commands measures what the program does besides serving.
func commands(ctx context.Context, s settings, records []*record, rep *report) error {
	for _, r := range records {
		if _, err := r.command(ctx, "migrate", "up"); err != nil { // a record that is kept may be of an older schema
			return err
		}
		if err := r.corrections(ctx, rep); err != nil {
			return err
		}
	}
	out := filepath.Join(s.folder, "export")
	defer os.Remove(out)
	for _, c := range []struct {
		what string
		args []string
	}{
		{"rebuild", []string{"rebuild"}},
		{"verify", []string{"verify"}},
		{"export: CSV", []string{"export", "-o", out}},
		{"export: NDJSON", []string{"export", "--format", "ndjson", "-o", out}},
	} {
		for _, r := range records {
			fmt.Fprintf(s.log, "%dx: %s\n", r.factor, c.what)
			did, err := r.command(ctx, c.args...)
			if err != nil {
				return err
			}
			rep.add(figure{what: c.what, factor: r.factor, median: did.took, requests: 1})
			rep.add(figure{what: c.what + ", peak memory", factor: r.factor, amount: did.peakMB, requests: 1, unit: megabytes})
		}
	}
	for _, r := range records {
		if err := r.size(ctx, rep); err != nil {
			return err
		}
	}
	return nil
}

// corrections imports a later edition that changes a hundred resolutions, and
// another that takes it back, so that the record is the same on the next run.
func (r *record) corrections(ctx context.Context, rep *report) error {
	fmt.Fprintf(r.log, "%dx: a small import\n", r.factor)
	var took []time.Duration
	for _, changed := range []bool{true, false} {
		name := filepath.Join(r.folder, fmt.Sprintf("%dx", r.factor), "corrections.csv")
		if err := create(name, func(w io.Writer) error { return r.history.WriteCorrections(w, corrected, changed) }); err != nil {
			return err
		}
		// Editions are in the order of their days; each run has later ones.
		edition := time.Now().UTC().Format("2006-01-02T15:04:05.000")
		did, err := r.command(ctx, "import", "--quiet", "--edition", edition, name)
		if err != nil {
			return err
		}
		took = append(took, did.took)
	}
	rep.add(figure{what: fmt.Sprintf("import: %d changed resolutions", corrected), factor: r.factor, median: median(took), p99: worst(took), requests: len(took)})
	return nil
}

func (r *record) size(ctx context.Context, rep *report) error {
	lines, err := r.query(ctx, "SELECT pg_database_size(current_database())")
	if err != nil {
		return err
	}
	bytes, err := strconv.ParseFloat(lines[0], 64)
	if err != nil {
		return err
	}
	rep.add(figure{what: "database on disk", factor: r.factor, amount: bytes / (1 << 20), requests: 1, unit: megabytes})
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
