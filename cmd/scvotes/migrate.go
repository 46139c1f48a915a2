package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"scvotes/store"
)

func newMigrate(db *database) *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate up|down|status",
		Short: "Bring the database's schema to a version",
		Args:  noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{fmt.Errorf("migrate needs up, down or status (see scvotes migrate --help)")}
		},
	}
	var steps int
	var yes bool
	down := &cobra.Command{
		Use:   "down --yes [--steps N]",
		Short: "Take steps of the schema back, with all they hold",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !yes {
				return usageError{fmt.Errorf("migrate down deletes what the tables hold: say --yes to go on")}
			}
			return migrateWith(c, db, func(dsn string) error {
				return store.MigrateDown(c.Context(), dsn, steps, store.WithCall(commandCall(c, fmt.Sprintf("steps: %d", steps))))
			})
		},
	}
	down.Flags().IntVar(&steps, "steps", 1, "how many steps; 0 for all")
	down.Flags().BoolVar(&yes, "yes", false, "delete what the tables of those steps hold")
	c.AddCommand(down, &cobra.Command{
		Use:   "up",
		Short: "Bring the schema to the newest version",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return migrateWith(c, db, func(dsn string) error { return store.Migrate(c.Context(), dsn) })
		},
	}, &cobra.Command{
		Use:   "status",
		Short: "Print the schema's version",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return migrateWith(c, db, func(string) error { return nil }) },
	})
	return c
}

// migrateWith does one thing to the schema and prints where it stands then.
func migrateWith(c *cobra.Command, db *database, do func(dsn string) error) error {
	dsn, release, err := db.dsn(c.Context())
	if err != nil {
		return err
	}
	defer release()
	if err := do(dsn); err != nil {
		return err
	}
	at, newest, dirty, err := store.MigrationStatus(c.Context(), dsn)
	if err != nil {
		return err
	}
	note := ""
	switch {
	case dirty:
		note = "; a step broke off half way"
	case at < newest:
		note = "; run scvotes migrate up"
	case at > newest:
		note = "; made by a newer scvotes than this one"
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "schema version %d, newest known %d%s\n", at, newest, note)
	return err
}
