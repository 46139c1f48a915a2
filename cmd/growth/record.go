package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"scvotes/store/pglocal"
	"scvotes/votes/synthetic"
)

// record is a database of one size, in a private Postgres that runs as long as
// it is measured.
type record struct {
	settings
	factor  int
	history synthetic.History
	server  *pglocal.Server
	psql    string
	first   *load // what the first load took
}

// load is what an import took, kept beside the database that it made.
type load struct {
	Files   string  `json:"files"` // the sum of what was imported
	Commit  string  `json:"commit"`
	Seconds float64 `json:"seconds"`
	Rows    int     `json:"rows"`
	PeakMB  float64 `json:"peak_mb"`
}

// openRecord opens the record of a size, and makes it where there is none of
// the same files.
func openRecord(ctx context.Context, s settings, factor int) (*record, error) {
	r := &record{settings: s, factor: factor, history: synthetic.History{Resolutions: factor * resolutions, Seed: 1}}
	folder := filepath.Join(s.folder, fmt.Sprintf("%dx", factor))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	files, sum, rows, err := r.write(folder)
	if err != nil {
		return nil, err
	}
	stamp, data := filepath.Join(folder, "load.json"), filepath.Join(folder, "data")
	r.first, err = readLoad(stamp)
	if err != nil {
		return nil, err
	}
	anew := s.fresh || r.first == nil || r.first.Files != sum
	if anew {
		if err := errors.Join(removeIfThere(stamp), os.RemoveAll(data)); err != nil {
			return nil, err
		}
	}
	if err := r.start(ctx, data); err != nil {
		return nil, err
	}
	if !anew {
		fmt.Fprintf(s.log, "%dx: the record of %s is there\n", factor, data)
		return r, nil
	}
	fmt.Fprintf(s.log, "%dx: loading %d rows\n", factor, rows)
	did, err := r.command(ctx, append([]string{"import", "--quiet"}, files...)...)
	if err != nil {
		r.close()
		return nil, err
	}
	r.first = &load{Files: sum, Commit: commit(ctx), Seconds: did.took.Seconds(), Rows: rows, PeakMB: did.peakMB}
	// As autovacuum does within minutes of a load; a large one would else be
	// measured before it, a small one after.
	if _, err := r.query(ctx, "VACUUM ANALYZE"); err != nil {
		r.close()
		return nil, err
	}
	b, err := json.Marshal(r.first)
	if err == nil {
		err = os.WriteFile(stamp, b, 0o644)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func readLoad(name string) (*load, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var l load
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	return &l, err
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// write writes the files of the history, and returns their sum and rows.
func (r *record) write(folder string) (files []string, sum string, rows int, err error) {
	h := sha256.New()
	count := &lineCounter{}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{"sheet.csv", r.history.WriteSheet}, {"outcomes.csv", r.history.WriteOutcomes}, {"vetoes.csv", r.history.WriteVetoes}} {
		name := filepath.Join(folder, f.name)
		err := create(name, func(w io.Writer) error { return f.write(io.MultiWriter(w, h, count)) })
		if err != nil {
			return nil, "", 0, err
		}
		files, count.lines = append(files, name), count.lines-1 // the header
	}
	return files, hex.EncodeToString(h.Sum(nil)), count.lines, nil
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

type lineCounter struct{ lines int }

func (c *lineCounter) Write(b []byte) (int, error) {
	c.lines += strings.Count(string(b), "\n")
	return len(b), nil
}

func (r *record) start(ctx context.Context, data string) error {
	bin, _, err := pglocal.FindBinaries("")
	if err != nil {
		return err
	}
	r.psql = filepath.Join(bin, "psql")
	r.server, err = pglocal.Open(ctx, pglocal.Config{DataDir: data})
	return err
}

func (r *record) close() {
	if err := r.server.Close(); err != nil {
		fmt.Fprintln(r.log, "growth:", err)
	}
}

// query asks the database, and returns the lines of the answer.
func (r *record) query(ctx context.Context, sql string) ([]string, error) {
	out, err := exec.CommandContext(ctx, r.psql, "-X", "-At", "-v", "ON_ERROR_STOP=1", "-d", r.server.DSN(), "-c", sql).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("psql: %w\n%s", err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

// edited sees to it that an editor has decided something: there is then an edit to ask for.
func (r *record) edited(ctx context.Context) error {
	one, err := r.query(ctx, "SELECT id FROM resolutions WHERE NOT EXISTS (SELECT FROM edits) ORDER BY id LIMIT 1")
	if err != nil || one[0] == "" {
		return err
	}
	_, err = r.command(ctx, "edit", one[0], "note", "measured", "--reason", "to be asked for", "--reference", "none")
	return err
}

// token makes a token for what is not open to everybody.
func (r *record) token(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, r.binary, "token", "create", "--name", "growth", "--scope", "admin,import", "--expires", "1d")
	cmd.Env = append(os.Environ(), "DATABASE_URL="+r.server.DSN())
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("scvotes token create: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// done is what a command took.
type done struct {
	took   time.Duration
	peakMB float64
}

// command runs the program to its end. What it writes goes nowhere, unless it
// fails.
func (r *record) command(ctx context.Context, args ...string) (done, error) {
	cmd := exec.CommandContext(ctx, r.binary, args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+r.server.DSN())
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	err := cmd.Run()
	d := done{took: time.Since(began)}
	if err != nil {
		return d, fmt.Errorf("scvotes %s: %w\n%s", strings.Join(args, " "), err, said.String())
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		d.peakMB = float64(usage.Maxrss) / 1024 // kilobytes on Linux
	}
	return d, nil
}
