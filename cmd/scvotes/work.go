package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"

	"github.com/spf13/cobra"

	"scvotes/store"
	"scvotes/webhook"
)

// defaultWorkers is how many files one server takes in at once. They wait for one
// another while they write: more than one is for reading them.
const defaultWorkers = 2

// working is what a server does behind its answers.
type working struct {
	workers int
	allow   []netip.Prefix
}

// workFlags are the settings of the work.
type workFlags struct{ workers, allow string }

func (f *workFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.workers, "workers", "", fmt.Sprintf("files taken in at once; 0 leaves files and webhooks to other servers (SCVOTES_WORKERS, %d)", defaultWorkers))
	addAllowFlag(c, &f.allow)
}

func addAllowFlag(c *cobra.Command, allow *string) {
	c.Flags().StringVar(allow, "webhook-allow-private", "", "networks to which webhooks may go though they are private, as 10.0.0.0/8,fd00::/8 (SCVOTES_WEBHOOK_ALLOW)")
}

func (f workFlags) read() (working, error) {
	w := working{workers: defaultWorkers}
	if text := orEnv(f.workers, "SCVOTES_WORKERS", ""); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 64 {
			return w, usageError{fmt.Errorf("--workers %q: not a number from 0 to 64", text)}
		}
		w.workers = n
	}
	var err error
	w.allow, err = allowedNetworks(f.allow)
	return w, err
}

func allowedNetworks(flag string) ([]netip.Prefix, error) {
	list, err := webhook.ParseAllowed(orEnv(flag, "SCVOTES_WEBHOOK_ALLOW", ""))
	if err != nil {
		return nil, usageError{fmt.Errorf("--webhook-allow-private: %w", err)}
	}
	return list, nil
}

// newSender sends to webhooks as the settings allow.
func newSender(allow []netip.Prefix) *webhook.Sender {
	return webhook.NewSender(webhook.Options{Allow: allow, UserAgent: "scvotes/" + versionText()})
}

// work does the work until ctx ends.
func (w working) work(ctx context.Context, s *store.Store, publicURL string, log *slog.Logger) {
	if w.workers == 0 || !s.Writes() {
		return
	}
	if err := s.Work(ctx, store.Work{Imports: w.workers, PublicURL: publicURL, Send: newSender(w.allow).Send}); err != nil {
		log.Error("what waits to be done is not worked off", "error", err)
	}
}
