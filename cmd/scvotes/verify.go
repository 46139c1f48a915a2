package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"scvotes/votes"
)

func newVerify(db *database) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Work the whole record out again and compare",
		Long: `Work the whole record out again, in memory, from the accounts and the edits, and
compare it with what the database holds. Exit code 3 when they differ.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			rep, err := s.Verify(c.Context())
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if asJSON {
				if err := json.NewEncoder(out).Encode(rep); err != nil {
					return err
				}
			} else {
				for _, d := range rep.Differences {
					fmt.Fprintf(out, "%s: %s\n", d.ID, votes.Legible(d.What))
					for _, ch := range d.Changes {
						fmt.Fprintf(out, "  %s: %s in the record, %s by its accounts\n", ch.Field, votes.Legible(string(ch.From)), votes.Legible(string(ch.To)))
					}
				}
				fmt.Fprintf(out, "revision %d: %s and %s give %s; %s\n", rep.Revision, counted(rep.Accounts, "account"),
					counted(rep.Edits, "edit"), counted(rep.Resolutions, "resolution"), counted(len(rep.Differences), "difference"))
			}
			if n := len(rep.Differences); n > 0 {
				return fmt.Errorf("the record differs from its accounts in %s: %w", counted(n, "place"), votes.ErrInvalid)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return c
}

func newRebuild(db *database) *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Work the whole record out again and write what differs",
		Long: `Work the whole record out again from the accounts and the edits, and write what
comes out otherwise than it stands. It changes nothing unless the rules of the
program have changed, or somebody wrote to the tables by hand. All of it is one
revision, with its history.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			changed, revision, err := s.As(commandCall(c, "")).Rebuild(c.Context())
			switch {
			case err != nil:
				return err
			case changed == 0:
				_, err = fmt.Fprintln(c.OutOrStdout(), "nothing changed: the record is what its accounts give")
			default:
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s changed; the record is at revision %d\n", counted(changed, "resolution"), revision)
			}
			return err
		},
	}
}
