package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"scvotes/votes/access"
)

func newToken(db *database) *cobra.Command {
	c := &cobra.Command{
		Use:   "token create|list|revoke",
		Short: "Make, list and revoke the tokens that let programs write",
		Long: `Make, list and revoke the tokens by which programs, and people at /editor, may
write. A token is shown once, when it is made; only its SHA-256 is kept.

Scopes, of which none holds another:
  read    nothing that is not open to everybody
  import  take files into the record
  edit    decide what sources leave open
  admin   webhooks, and the audit log`,
		Args: noCommand,
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("token needs create, list or revoke (see scvotes token --help)")}
		},
	}
	c.AddCommand(newTokenCreate(db), newTokenList(db), newTokenRevoke(db))
	return c
}

func newTokenCreate(db *database) *cobra.Command {
	var name, scope, expires string
	c := &cobra.Command{
		Use:   "create --name N --scope read,import,edit,admin [--expires 90d]",
		Short: "Make a token, and show it once",
		Long: `Make a token. It is all that is printed on the standard output, and is shown
this once: whoever loses it makes another.`,
		Example: "  SCVOTES_TOKEN=$(scvotes token create --name 'night desk' --scope edit)",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return usageError{errors.New("--name is needed: the audit log tells by it who did what")}
			}
			scopes, err := access.ParseScopes(scope)
			if err != nil {
				return usageError{fmt.Errorf("--scope: %s", plain(err))}
			}
			life, err := parseLife(expires)
			if err != nil {
				return usageError{fmt.Errorf("--expires: %w", err)}
			}
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			text, secret := access.New()
			t, err := s.As(commandCall(c, secret.ID)).CreateToken(c.Context(), secret, name, scopes, life)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "token %s of %s may %s, %s; it is not shown again\n", t.ID, inOneLine(t.Name), scopeList(t), ending(t))
			_, err = fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().StringVar(&name, "name", "", "whose it is; shown in the audit log")
	c.Flags().StringVar(&scope, "scope", "", "what it allows, with commas between: read, import, edit, admin")
	c.Flags().StringVar(&expires, "expires", "90d", "how long it lives, as 90d or 12h; never for no end")
	return c
}

func newTokenList(db *database) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list [--json]",
		Short: "List every token there ever was",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			list, err := s.Tokens(c.Context())
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			if !asJSON && len(list) > 0 {
				fmt.Fprintln(out, "ID\tNAME\tSCOPES\tCREATED\tLAST USED\tSTATE")
			}
			for _, t := range list {
				if asJSON {
					if err := printJSON(c.OutOrStdout(), t); err != nil {
						return err
					}
					continue
				}
				used := "never"
				if t.LastUsed != nil {
					used = minute(*t.LastUsed)
				}
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, inOneLine(t.Name), scopeList(t), minute(t.Created), used, ending(t))
			}
			return out.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print each token as a line of JSON")
	return c
}

func newTokenRevoke(db *database) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "Have a token let nobody in any more",
		Long: `Revoke a token by its id, which token list tells: the part of the token between
its first two underscores. It is of no use from that moment on, and whoever
signed in with it at /editor is signed out.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("revoke needs the id of a token (see scvotes token list)")}
			}
			id := args[0]
			if secret, err := access.Parse(id); err == nil { // the whole of it: what is to be revoked is clear
				id = secret.ID
			}
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			t, err := s.As(commandCall(c, id)).RevokeToken(c.Context(), id)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "token %s of %s is revoked\n", t.ID, inOneLine(t.Name))
			return err
		},
	}
}

// parseLife reads how long a token is to live; 0 is for ever.
func parseLife(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	const day, longest = 24 * time.Hour, 100 * 366 // days
	life, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		if n, err = strconv.Atoi(days); n <= longest {
			life = time.Duration(n) * day
		}
	}
	if err != nil || life < time.Second {
		return 0, fmt.Errorf("%q is not a time, as 90d or 12h, or never", text)
	}
	return life, nil
}

func scopeList(t access.Token) string {
	words := make([]string, len(t.Scopes))
	for i, s := range t.Scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ",")
}

// ending tells how long the token is of use, or since when it is not.
func ending(t access.Token) string {
	switch {
	case t.Revoked != nil:
		return "revoked " + minute(*t.Revoked)
	case t.Expires == nil:
		return "never expires"
	case t.Expires.Before(time.Now()):
		return "expired " + minute(*t.Expires)
	default:
		return "expires " + minute(*t.Expires)
	}
}

// minute writes a time as it is told to people.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
