package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"scvotes/votes/access"
)

func newAudit(db *database) *cobra.Command {
	var limit int
	var before int64
	var asJSON bool
	c := &cobra.Command{
		Use:   "audit [--limit N] [--before NUMBER] [--json]",
		Short: "Print who changed what, when and from where",
		Long: `Print the audit log, the newest first: who did what, when and from where, over
REST and at the command line. The log only grows: the database refuses to change
or delete what stands in it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 || before < 0 {
				return usageError{fmt.Errorf("--limit is 1 or more, and --before a number of the log")}
			}
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			log, err := s.Audit(c.Context(), limit, before)
			if err != nil {
				return err
			}
			if asJSON {
				for _, e := range log.Data {
					if err := printJSON(c.OutOrStdout(), e); err != nil {
						return err
					}
				}
				return nil
			}
			out := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, e := range log.Data {
				fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Number, e.At.UTC().Format(time.RFC3339), inOneLine(whoOf(e)), inOneLine(e.Client),
					inOneLine(strings.TrimSpace(e.Method+" "+e.Route)), inOneLine(e.Target), inOneLine(outcomeOf(e)))
			}
			return out.Flush()
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "how many entries")
	c.Flags().Int64Var(&before, "before", 0, "only entries before this number")
	c.Flags().BoolVar(&asJSON, "json", false, "print each entry as a line of JSON")
	return c
}

func whoOf(e access.Entry) string {
	if e.Token == "" {
		return e.Who
	}
	return e.Who + " (" + e.Token + ")"
}

func outcomeOf(e access.Entry) string {
	text := string(e.Outcome)
	if e.Status != 0 {
		text += " " + strconv.Itoa(e.Status)
	}
	if e.Revision != 0 {
		text += fmt.Sprintf(", revision %d", e.Revision)
	}
	return text
}

// commandCall is a command as the audit log tells it, with what it is done to.
func commandCall(c *cobra.Command, target string) access.Call {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return access.Call{Caller: access.Caller{Who: "cli:" + userName(), Client: host}, Method: "CLI", Route: c.CommandPath(), Target: target}
}

// userName is who runs the program, by number where the machine has no name for
// it, as in a container.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
