package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"scvotes/store"
)

func newRoles(db *database) *cobra.Command {
	c := &cobra.Command{
		Use:   "roles apply|show",
		Short: "The database's roles for reading and writing",
		Long: `serve needs no owner of the tables: scvotes_reader sees the record and nothing
else, and can write nowhere; scvotes_writer takes imports and edits in, and can
change neither the schema nor what was decided before. apply makes both and gives
them their rights; migrations give them what new tables need.

serve then runs as DATABASE_READ_URL=postgres://scvotes_reader@host/name and
DATABASE_WRITE_URL=postgres://scvotes_writer@host/name.`,
		Args: noCommand,
		RunE: func(*cobra.Command, []string) error {
			return usageError{fmt.Errorf("roles needs apply or show (see scvotes roles --help)")}
		},
	}
	var dryRun bool
	apply := &cobra.Command{
		Use:   "apply [--dry-run]",
		Short: "Make the roles, and give them their rights and no others",
		Long: `Migrate, make the roles and give them their rights and no others. The user of
DATABASE_URL has to own the tables and be allowed to make roles (CREATEROLE); where
it is not, --dry-run prints the SQL for somebody who is.

Passwords come from SCVOTES_READER_PASSWORD and SCVOTES_WRITER_PASSWORD; a role
without one keeps what it has. The server is told what it keeps of a password, not
the password.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return applyRoles(c, db, dryRun) },
	}
	apply.Flags().BoolVar(&dryRun, "dry-run", false, "print the SQL, but for passwords, and change nothing")
	c.AddCommand(apply, &cobra.Command{
		Use:   "show",
		Short: "Print what the roles may do, and what of it is not as it should be",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return showRoles(c, db) },
	})
	return c
}

func applyRoles(c *cobra.Command, db *database, dryRun bool) error {
	dsn, release, err := db.dsn(c.Context())
	if err != nil {
		return err
	}
	defer release()
	out := c.OutOrStdout()
	if dryRun {
		statements, err := store.RoleSQL(c.Context(), dsn)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "BEGIN;\n%s;\nCOMMIT;\n-- in psql: \\password %s and \\password %s\n",
			strings.Join(statements, ";\n"), store.ReaderRole, store.WriterRole)
		return err
	}
	passwords := make(map[string]string)
	for role, variable := range rolePasswords {
		if password := os.Getenv(variable); password != "" {
			passwords[role] = password
		}
	}
	if err := store.Migrate(c.Context(), dsn); err != nil {
		return err
	}
	if err := store.ApplyRoles(c.Context(), dsn, passwords); err != nil {
		return err
	}
	for _, role := range []string{store.ReaderRole, store.WriterRole} {
		what := "as it should be; its password as it was"
		if passwords[role] != "" {
			what = "as it should be; its password is that of " + rolePasswords[role]
		}
		if _, err := fmt.Fprintf(out, "%s: %s\n", role, what); err != nil {
			return err
		}
	}
	return nil
}

func showRoles(c *cobra.Command, db *database) error {
	dsn, release, err := db.dsn(c.Context())
	if err != nil {
		return err
	}
	defer release()
	roles, err := store.Roles(c.Context(), dsn)
	if err != nil {
		return err
	}
	faults := 0
	for _, r := range roles {
		faults += len(r.Faults)
		printRole(c.OutOrStdout(), r)
	}
	if faults > 0 {
		return fmt.Errorf("the roles are not as they should be; scvotes roles apply puts them right")
	}
	return nil
}

// printRole prints what a role may do, the tables of equal rights on one line.
func printRole(w io.Writer, r store.Role) {
	fmt.Fprintln(w, r.Name)
	for _, line := range r.Lines() {
		fmt.Fprintf(w, "  %-34s %s\n", line.May, strings.Join(line.Tables, " "))
	}
	for _, fault := range r.Faults {
		fmt.Fprintf(w, "  ! %s\n", fault)
	}
}
