//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// The receiver of docs/webhooks.md takes in what a server sends it.
func TestTheReceiverOfTheDocsTakesMessagesIn(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("the receiver of docs/webhooks.md needs python3, and there is none")
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "webhooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(doc), "<!-- receiver:begin -->\n```python\n")
	code, _, found := strings.Cut(code, "```\n<!-- receiver:end -->")
	if !found {
		t.Fatal("docs/webhooks.md has no receiver")
	}
	db, port := pgtest.New(t), freePort(t)
	url := fmt.Sprintf("http://127.0.0.1:%d/hook", port)
	added := cli(t, "webhook", "add", "--database-url", db, "--webhook-allow-private", "127.0.0.0/8", "--event", "resolution.new,veto.cast", "--filter", "vetoed_by=USA", url)
	secret := secretLine.FindStringSubmatch(added.stdout)
	if added.code != 0 || secret == nil {
		t.Fatalf("exit code %d: %s%s", added.code, added.stdout, added.stderr)
	}
	receiver := launch(t, "the receiver", nil, []string{"WEBHOOK_SECRET=" + secret[1], fmt.Sprintf("PORT=%d", port), "PYTHONUNBUFFERED=1"},
		python, write(t, "receiver.py", code))
	server := start(t, "", "serve", "--addr", "127.0.0.1:0", "--starter=false", "--database-url", db, "--webhook-allow-private", "127.0.0.0/8")
	server.stdout.wait(t, serves)
	if got := cli(t, "import", "--database-url", db, write(t, "votes.csv", gazaVote+"S/2024/826,9786,2024-11-18,Sudan,E10;CHN;FRA;GBR;USA,RUS\n")); got.code != 0 {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	until(t, 30*time.Second, "the receiver has both messages", func() error {
		lines := strings.Fields(strings.TrimSpace(receiver.stdout.String()))
		if !slices.Equal(lines, []string{"resolution.new", "S-2024-835", "veto.cast", "S-2024-835"}) {
			return fmt.Errorf("it has %q", lines)
		}
		return nil
	})
	told := cli(t, "webhook", "deliveries", "--database-url", db, "1")
	if told.code != 0 || strings.Count(told.stdout, "delivered, 1 attempt") != 2 {
		t.Errorf("exit code %d: %s", told.code, told.stdout)
	}
	if got := cli(t, "webhook", "test", "--database-url", db, "1"); got.code != exitFailed || !strings.Contains(got.stderr, "plain http goes to allowed networks only") {
		t.Errorf("a test to a network that is not allowed: exit code %d: %s", got.code, got.stderr)
	}
	if got := cli(t, "webhook", "test", "--database-url", db, "--webhook-allow-private", "127.0.0.0/8", "1"); got.code != 0 || !strings.Contains(got.stdout, "taken: answered 204") {
		t.Errorf("a test: exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	server.signal(t, syscall.SIGTERM)
	if code := server.ends(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
