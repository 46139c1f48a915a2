package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scvotes/api/webhook"
	"scvotes/store"
	"scvotes/votes"
)

func newWebhook(db *database) *cobra.Command {
	c := &cobra.Command{
		Use:   "webhook add|list|pause|resume|rotate|test|deliveries|remove",
		Short: "Who is told of changes",
		Long: `Addresses that are told of changes: of new and changed resolutions, and of vetoes.
A running server sends the messages, each signed by the Standard Webhooks scheme
(docs/webhooks.md), and tries for a day where they are not taken.`,
		Args: noCommand,
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("webhook needs add, list, pause, resume, rotate, test, deliveries or remove (see scvotes webhook --help)")}
		},
	}
	c.AddCommand(newWebhookAdd(db), newWebhookList(db),
		newWebhookState(db, "pause", "Tell a webhook nothing until it is resumed", votes.WebhookPaused),
		newWebhookState(db, "resume", "Tell a webhook of changes again, and of those it missed", votes.WebhookActive),
		newWebhookRotate(db), newWebhookTest(db), newWebhookDeliveries(db), newWebhookRemove(db))
	return c
}

// withStore lets do use the store.
func withStore(c *cobra.Command, db *database, do func(s *store.Store) error) error {
	s, closeStore, err := db.open(c.Context())
	if err != nil {
		return err
	}
	defer closeStore()
	return do(s)
}

func newWebhookAdd(db *database) *cobra.Command {
	var w votes.Webhook
	var events, secretEnv, allow string
	c := &cobra.Command{
		Use:   "add URL",
		Short: "Tell an address of changes from now on",
		Long: `Tell an address of changes from now on. The secret that signs the messages is
made and shown, this once; --secret-env takes one from the environment instead.

Events: ` + strings.Join(votes.WebhookEvents, ", ") + `.
The filter is a query of GET /v1/resolutions.`,
		Example: "  scvotes webhook add https://example.org/hook --event veto.cast --filter 'vetoed_by=USA'",
		Args:    oneArg("an address, as https://example.org/hook"),
		RunE: func(c *cobra.Command, args []string) error {
			networks, err := allowedNetworks(allow)
			if err != nil {
				return err
			}
			w.URL, w.Events = args[0], strings.FieldsFunc(events, func(r rune) bool { return r == ',' || r == ' ' })
			if faults := w.Check(len(networks) > 0); len(faults) > 0 {
				return usageError{faults}
			}
			secret := webhook.NewSecret()
			if secretEnv != "" {
				secret = os.Getenv(secretEnv)
				if err := votes.CheckWebhookSecret(secret); err != nil {
					return usageError{fmt.Errorf("--secret-env: the variable %s: %w", secretEnv, err)}
				}
			}
			return withStore(c, db, func(s *store.Store) error {
				kept, err := s.As(commandCall(c, "")).AddWebhook(c.Context(), w, secret)
				if err != nil {
					return err
				}
				out := c.OutOrStdout()
				fmt.Fprintf(out, "webhook %d: told of what changes after revision %d\n", kept.ID, kept.Told)
				if secretEnv == "" {
					fmt.Fprintf(out, "secret, shown this once: %s\n", secret)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&events, "event", strings.Join(votes.WebhookEvents, ","), "of what to tell, apart by commas")
	c.Flags().StringVar(&w.Filter, "filter", "", "of which resolutions, as vetoed_by=USA&topic=Somalia; all by default")
	c.Flags().StringVar(&secretEnv, "secret-env", "", "the environment variable that holds the secret (whsec_ and base64)")
	addAllowFlag(c, &allow)
	return c
}

func newWebhookList(db *database) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "Print the webhooks",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c, db, func(s *store.Store) error {
				list, err := s.Webhooks(c.Context())
				if err != nil {
					return err
				}
				return printWebhooks(c.OutOrStdout(), list, asJSON)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object a line")
	return c
}

func printWebhooks(w io.Writer, list []votes.Webhook, asJSON bool) error {
	if !asJSON && len(list) == 0 {
		_, err := fmt.Fprintln(w, "nobody is told of changes; scvotes webhook add URL changes that")
		return err
	}
	for _, h := range list {
		if asJSON {
			if err := json.NewEncoder(w).Encode(h); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%d %s %s\n    %s\n", h.ID, h.State, votes.Legible(h.URL), strings.Join(h.Events, " "))
		if h.Filter != "" {
			fmt.Fprintf(w, "    filter %s\n", votes.Legible(h.Filter))
		}
		if h.Reason != "" {
			fmt.Fprintf(w, "    disabled: %s\n", votes.Legible(h.Reason))
		}
		fmt.Fprintf(w, "    told up to revision %d; %s waiting\n", h.Told, counted(h.Waiting, "message"))
	}
	return nil
}

// numbered is a command about one webhook.
func numbered(db *database, use, short string, do func(c *cobra.Command, s *store.Store, id int64) error) *cobra.Command {
	return &cobra.Command{
		Use:   use + " NUMBER",
		Short: short,
		Args:  oneArg("the number of a webhook, as list prints it"),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return usageError{fmt.Errorf("%q is not the number of a webhook", args[0])}
			}
			return withStore(c, db, func(s *store.Store) error { return do(c, s.As(commandCall(c, args[0])), id) })
		},
	}
}

func newWebhookState(db *database, use, short string, state votes.WebhookState) *cobra.Command {
	return numbered(db, use, short, func(c *cobra.Command, s *store.Store, id int64) error {
		w, err := s.ChangeWebhook(c.Context(), id, func(w *votes.Webhook) error { w.State = state; return nil })
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "webhook %d is %s\n", w.ID, w.State)
		return err
	})
}

func newWebhookRotate(db *database) *cobra.Command {
	var overlap time.Duration
	c := numbered(db, "rotate", "Give a webhook a new secret", func(c *cobra.Command, s *store.Store, id int64) error {
		secret := webhook.NewSecret()
		if err := s.RotateWebhookSecret(c.Context(), id, secret, overlap); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "secret, shown this once: %s\nthe one before signs too for %v\n", secret, overlap)
		return err
	})
	c.Flags().DurationVar(&overlap, "overlap", 24*time.Hour, "for how long the secret before signs too")
	return c
}

func newWebhookTest(db *database) *cobra.Command {
	var allow string
	c := numbered(db, "test", "Send a webhook a test now", func(c *cobra.Command, s *store.Store, id int64) error {
		networks, err := allowedNetworks(allow)
		if err != nil {
			return err
		}
		m, err := s.TestWebhook(c.Context(), id, newSender(networks).Send)
		if err != nil {
			return err
		}
		if m.State != votes.MessageDelivered {
			return fmt.Errorf("the test was not taken: %s", m.Error)
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "taken: answered %d within %d ms\n", *m.Status, *m.TookMS)
		return err
	})
	addAllowFlag(c, &allow)
	return c
}

func newWebhookDeliveries(db *database) *cobra.Command {
	var limit int
	var asJSON bool
	c := numbered(db, "deliveries", "Print the messages of a webhook, the newest first", func(c *cobra.Command, s *store.Store, id int64) error {
		page, err := s.WebhookMessages(c.Context(), id, limit, 0)
		if err != nil {
			return err
		}
		out := c.OutOrStdout()
		for _, m := range page.Data {
			if asJSON {
				if err := json.NewEncoder(out).Encode(m); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(out, "%s %s %s of revision %d (%s): %s\n", m.Created.UTC().Format(time.DateTime), m.ID, m.Event, m.Revision,
				counted(m.Resolutions, "resolution"), whatBecame(m))
		}
		if len(page.Data) < page.Total && !asJSON {
			fmt.Fprintf(out, "... and %d more (--limit)\n", page.Total-len(page.Data))
		}
		return nil
	})
	c.Flags().IntVar(&limit, "limit", 50, "how many")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object a line")
	return c
}

func whatBecame(m votes.WebhookMessage) string {
	tries := counted(m.Attempts, "attempt")
	switch {
	case m.State == votes.MessageDelivered:
		return "delivered, " + tries
	case m.State == votes.MessageGivenUp:
		return "given up after " + tries + ": " + votes.Legible(m.Error)
	case m.Attempts == 0:
		return "waiting"
	default:
		return fmt.Sprintf("waiting until %s after %s: %s", m.NextAttempt.UTC().Format(time.DateTime), tries, votes.Legible(m.Error))
	}
}

func newWebhookRemove(db *database) *cobra.Command {
	return numbered(db, "remove", "Forget a webhook, its secrets and its messages", func(c *cobra.Command, s *store.Store, id int64) error {
		if err := s.RemoveWebhook(c.Context(), id); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "webhook %d is forgotten\n", id)
		return err
	})
}
