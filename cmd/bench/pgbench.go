package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// statement is what Postgres was told: the text, and the values of $1, $2 and so
// on; a value that is nil is NULL.
type statement struct {
	sql  string
	args []*string
}

// statementOf finds out which statement a path of the API costs, by asking
// scvotes for it and reading what Postgres wrote down. Nothing is copied by hand,
// so that pgbench runs what this very program runs.
func (s *site) statementOf(ctx context.Context, path string) (statement, error) {
	p, err := s.scvotes(ctx, "scvotes overheard", s.postgres.DSN()+" options='-c log_statement=all'", noCache)
	if err != nil {
		return statement{}, err
	}
	defer p.stop()
	// At first more is asked: how many there are in all is remembered, and the lines.
	for range 2 {
		if _, err := ask(ctx, "GET", p.url+path, ""); err != nil {
			return statement{}, err
		}
	}
	name := s.path("data/postgres.log")
	before, err := os.Stat(name)
	if err != nil {
		return statement{}, err
	}
	if _, err := ask(ctx, "GET", p.url+path, ""); err != nil {
		return statement{}, err
	}
	log, err := os.ReadFile(name)
	if err != nil {
		return statement{}, err
	}
	// The program also looks for a new revision, and for work to do.
	all := parseLog(string(log[before.Size():]))
	reading := slices.DeleteFunc(slices.Clone(all), func(st statement) bool { return !strings.Contains(st.sql, "FROM resolutions") })
	if len(reading) != 1 {
		return statement{}, fmt.Errorf("of the %d statements in the log %d read resolutions for %s, not one", len(all), len(reading), path)
	}
	return reading[0], nil
}

var (
	logLine    = regexp.MustCompile(`^\d{4}-\d\d-\d\d [0-9:.]+ \S+ \[(\d+)\] (?:\S+ )?([A-Z]+):  (.*)$`)
	logExecute = regexp.MustCompile(`(?s)^(?:execute [^:]*|statement): (.*)$`)
)

// parseLog reads the statements of Postgres's log. A line that goes on begins
// with a tab, and the values stand in a line of their own, of the same process.
func parseLog(log string) []statement {
	type entry struct{ process, kind, text string }
	var entries []entry
	for _, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		if more, ok := strings.CutPrefix(line, "\t"); ok && len(entries) > 0 {
			entries[len(entries)-1].text += "\n" + more
		} else if m := logLine.FindStringSubmatch(line); m != nil {
			entries = append(entries, entry{m[1], m[2], m[3]})
		}
	}
	var all []statement
	last := map[string]int{} // by process, which statement its next values belong to
	for _, e := range entries {
		if m := logExecute.FindStringSubmatch(e.text); e.kind == "LOG" && m != nil {
			last[e.process] = len(all)
			all = append(all, statement{sql: m[1]})
		} else if values, ok := strings.CutPrefix(e.text, "parameters: "); ok && e.kind == "DETAIL" {
			if i, ok := last[e.process]; ok {
				all[i].args = parseValues(values)
			}
		}
	}
	return all
}

var logValue = regexp.MustCompile(`(?s)\$\d+ = (NULL|'(?:[^']|'')*')`)

func parseValues(text string) []*string {
	var args []*string
	for _, m := range logValue.FindAllStringSubmatch(text, -1) {
		if m[1] == "NULL" {
			args = append(args, nil)
			continue
		}
		v := strings.ReplaceAll(m[1][1:len(m[1])-1], "''", "'")
		args = append(args, &v)
	}
	return args
}

var (
	placeholder = regexp.MustCompile(`\$(\d+)`)
	literal     = regexp.MustCompile(`'(?:[^']|'')*'`)
	likeName    = regexp.MustCompile(`:([A-Za-z0-9_])`)
)

// script writes the statement as pgbench reads it, where a variable is :p1 for
// $1, and returns the settings of the variables.
func (st statement) script() (text string, variables []string, err error) {
	// A colon in a text would be taken for a variable: written as its number it is not.
	text = literal.ReplaceAllStringFunc(st.sql, func(l string) string {
		if !likeName.MatchString(l) {
			return l
		}
		return "U&" + likeName.ReplaceAllString(strings.ReplaceAll(l, `\`, `\\`), `\003A$1`)
	})
	text = placeholder.ReplaceAllStringFunc(text, func(p string) string {
		n, convErr := strconv.Atoi(p[1:])
		if convErr != nil || n < 1 || n > len(st.args) {
			err = fmt.Errorf("the log has no value for %s", p)
			return p
		}
		if st.args[n-1] == nil {
			return "NULL"
		}
		return ":p" + p[1:]
	})
	for i, v := range st.args {
		if v != nil {
			variables = append(variables, fmt.Sprintf("p%d=%s", i+1, *v))
		}
	}
	return strings.TrimSpace(text) + ";\n", variables, err
}

// pgbench runs a statement for some time, prepared once a connection.
func (s *site) pgbench(ctx context.Context, file string, variables []string, d time.Duration) (sample, error) {
	args := []string{"-n", "-M", "prepared", "-c", strconv.Itoa(connections), "-j", "2", "-T", strconv.Itoa(max(1, int(d.Seconds()))), "-f", file}
	for _, v := range variables {
		args = append(args, "-D", v)
	}
	out, err := s.output(ctx, nil, s.program("pgbench"), append(args, s.postgres.DSN())...)
	if err != nil {
		return sample{}, err
	}
	return parsePgbench(out)
}

var (
	pgbenchRate   = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
	pgbenchMean   = regexp.MustCompile(`(?m)^latency average = ([0-9.]+) ms$`)
	pgbenchFailed = regexp.MustCompile(`(?m)^number of failed transactions: ([1-9].*)$`)
)

// parsePgbench reads what pgbench prints. It tells the mean of the latency, no
// percentiles.
func parsePgbench(out string) (sample, error) {
	if bad := pgbenchFailed.FindStringSubmatch(out); bad != nil {
		return sample{}, fmt.Errorf("pgbench: failed transactions: %s", bad[1])
	}
	rate, mean := pgbenchRate.FindStringSubmatch(out), pgbenchMean.FindStringSubmatch(out)
	if rate == nil || mean == nil {
		return sample{}, fmt.Errorf("pgbench printed no rate:\n%s", out)
	}
	n, err := strconv.ParseFloat(rate[1], 64)
	if err == nil && n == 0 {
		err = errors.New("pgbench: not one transaction")
	}
	return sample{PerSecond: n}, err
}
