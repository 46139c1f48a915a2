package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"

	"github.com/spf13/cobra"

	"scvotes/api"
	"scvotes/api/webhook"
	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
	"scvotes/votes/source"
)

// defaultWorkers is how many files one server takes in at once. They wait for one
// another while they write: more than one is for reading them.
const defaultWorkers = 2

// working is what a server does behind its answers.
type working struct {
	workers   int
	maxUpload int64
	allow     []netip.Prefix
}

// workFlags are the settings of the work.
type workFlags struct{ workers, maxUpload, allow string }

func (f *workFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.workers, "workers", "", fmt.Sprintf("files taken in at once; 0 leaves files and webhooks to other servers (SCVOTES_WORKERS, %d)", defaultWorkers))
	c.Flags().StringVar(&f.maxUpload, "max-upload", "", fmt.Sprintf("bytes of the largest file that is taken over the network (SCVOTES_MAX_UPLOAD, %d)", api.DefaultMaxUpload))
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
	if text := orEnv(f.maxUpload, "SCVOTES_MAX_UPLOAD", ""); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return w, usageError{fmt.Errorf("--max-upload %q: not a number of bytes", text)}
		}
		w.maxUpload = n
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
func (w working) work(ctx context.Context, s *store.Store, publicURL string, tele *telemetry) {
	if w.workers == 0 || !s.Writes() {
		return
	}
	how := store.Work{Imports: w.workers, PublicURL: publicURL, Send: newSender(w.allow).Send, Import: importFile, Heard: tele.work.heard()}
	if err := s.Work(ctx, how); err != nil {
		tele.log.Error("what waits to be done is not worked off", "error", err)
	}
}

// importer takes files in for the API.
type importer struct{ *store.Store }

func (i importer) TakeIn(ctx context.Context, call access.Call, order votes.ImportOrder, content []byte, answer func(votes.ImportReport) (access.Reply, error)) (rep votes.ImportReport, reply access.Reply, err error) {
	reply, err = i.Change(ctx, call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		var err error
		rep, err = importFile(order, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
			func(read store.ReadFile) (votes.ImportReport, error) {
				return c.Import(ctx, store.ImportOptions{KeepGoing: order.KeepGoing, DryRun: order.DryRun}, read)
			})
		if err != nil {
			return access.Reply{}, err
		}
		return answer(rep)
	})
	return rep, reply, err
}

func (i importer) CancelJob(ctx context.Context, call access.Call, id string) (votes.Job, error) {
	return i.As(call).CancelJob(ctx, id)
}

// importFile takes a file in as an order says. One whose rows are scattered is
// read a second time, held in memory.
func importFile(order votes.ImportOrder, open func() (io.ReadCloser, error), take func(store.ReadFile) (votes.ImportReport, error)) (votes.ImportReport, error) {
	in := input{name: order.File, open: open}
	src := source.Options{Format: order.Format, Source: order.Source, Edition: order.Edition, Encoding: order.Encoding}
	rep, err := take(in.reader(src))
	if errors.Is(err, source.ErrScattered) {
		src.Gather = true
		rep, err = take(in.reader(src))
	}
	return rep, err
}
