package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// level says how a check came out.
type level string

const (
	levelOK   level = "ok"
	levelWarn level = "warn" // it works, and might be better
	levelFail level = "fail" // it does not work, or will not when it matters
)

// check is one thing that was looked at.
type check struct {
	Name  string `json:"name"`
	Level level  `json:"level"`
	Found string `json:"found"`
	Do    string `json:"do,omitempty"` // what to do, where it is not ok
}

// diagnosis is everything that was looked at.
type diagnosis struct {
	Checks []check       `json:"checks"`
	Counts map[level]int `json:"counts"`
}

func (d *diagnosis) add(name string, l level, do, format string, args ...any) {
	if l == levelOK {
		do = ""
	}
	d.Checks = append(d.Checks, check{name, l, fmt.Sprintf(format, args...), do})
	d.Counts[l]++
}

func newDoctor(db *database) *cobra.Command {
	var verify, asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything that a server needs, and say what to do",
		Long: `Look at the database, its roles, schema and settings, at replicas, disk space and
clocks, and say of each whether it is ok, and if not, what to do. Nothing is
changed; without DATABASE_URL the private Postgres is started to be looked at.

Exit codes: 0 nothing failed, though there may be warnings; 1 something failed.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			replicas, err := db.replicaURLs()
			if err != nil {
				return err
			}
			d := diagnosis{Checks: []check{}, Counts: map[level]int{levelOK: 0, levelWarn: 0, levelFail: 0}}
			examine(c.Context(), db, replicas, verify, &d)
			if err := d.print(c.OutOrStdout(), asJSON); err != nil {
				return err
			}
			if n := d.Counts[levelFail]; n > 0 {
				return fmt.Errorf("%s failed", counted(n, "check"))
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&db.replicas, "database-replica-url", nil, "a replica to look at too; may be given again (DATABASE_REPLICA_URLS)")
	c.Flags().BoolVar(&verify, "verify", false, "work the whole record out again and compare, as scvotes verify does")
	c.Flags().BoolVar(&asJSON, "json", false, "print the checks as JSON")
	return c
}

func (d *diagnosis) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	var b strings.Builder
	for _, c := range d.Checks {
		fmt.Fprintf(&b, "%-5s %-12s %s\n", c.Level, c.Name, c.Found)
		if c.Do != "" {
			fmt.Fprintf(&b, "      %-12s -> %s\n", "", c.Do)
		}
	}
	fmt.Fprintf(&b, "%s: %d ok, %s, %d failed\n", counted(len(d.Checks), "check"), d.Counts[levelOK], counted(d.Counts[levelWarn], "warning"), d.Counts[levelFail])
	_, err := io.WriteString(w, b.String())
	return err
}

// examine makes all checks. What a failed one leaves unknown is not guessed at.
func examine(ctx context.Context, db *database, replicas []string, verify bool, d *diagnosis) {
	if !d.programs(db) {
		return
	}
	dsn, release, err := db.dsn(ctx)
	if err != nil {
		d.add("database", levelFail, "The message tells what is in the way of the private Postgres; or name another in DATABASE_URL.", "%v", err)
		return
	}
	defer release()
	e, err := d.database(ctx, dsn)
	if err != nil {
		return
	}
	d.settings(e)
	d.connections(e)
	d.schema(e)
	d.roles(ctx, db, dsn)
	d.replicas(ctx, e, replicas)
	d.disk(db, e)
	d.clock(e)
	d.record(e)
	if e.Record != nil {
		d.work(e)
	}
	if verify && e.Record != nil {
		d.verify(ctx, dsn)
	}
}

// briefly is an error on one line.
func briefly(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
