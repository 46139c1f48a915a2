package main

import (
	"fmt"
	"maps"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store/pgtest"
)

// TestTheExamplesOfWriting runs what docs/writing.md shows at a prompt, from the
// first to the last in one shell, and holds what comes out against what it shows.
func TestTheExamplesOfWriting(t *testing.T) {
	for _, name := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("the examples of docs/writing.md need %s: %v", name, err)
		}
	}
	d := newDesk(t)
	var commands, shown strings.Builder
	for _, m := range regexp.MustCompile("(?ms)^```console\n(.*?)^```$").FindAllStringSubmatch(read(t, filepath.Join("..", "..", "docs", "writing.md")), -1) {
		more := false
		for line := range strings.Lines(m[1]) {
			command, prompt := strings.CutPrefix(line, "$ ")
			switch {
			case prompt || more:
				fmt.Fprint(&commands, command)
				more = strings.HasSuffix(line, "\\\n") || strings.HasSuffix(line, "|\n") || strings.Count(commands.String(), "'")%2 == 1
			default:
				shown.WriteString(line)
			}
		}
	}
	out, err := newShell(t, d.db)("exec 2>&1\n" + strings.ReplaceAll(commands.String(), printedAddress, d.url))
	if diff := cmp.Diff(timeless(shown.String()), timeless(out)); diff != "" || err != nil {
		t.Errorf("%v (-page +output):\n%s", err, diff)
	}
}

// timeless leaves out of an output what another day, machine or token has otherwise.
func timeless(output string) string {
	for _, c := range [][2]string{{`\b[a-z2-7]{12}\b`, "TOKEN"}, {`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\dZ)?`, "TIME"}, {`\b127\.0\.0\.1\b|\b192\.0\.2\.7\b`, "ADDRESS"},
		{`cli:\S+ +\S+`, "USER"}, {` +`, " "}, {`(?m)^\d+ TIME`, "NUMBER TIME"}} {
		output = regexp.MustCompile(c[0]).ReplaceAllString(output, c[1])
	}
	return output
}

// TestTheExamplesOfWebhooks adds the webhook of docs/webhooks.md by the command
// that it shows, and holds the message that it shows against one that comes.
func TestTheExamplesOfWebhooks(t *testing.T) {
	t.Parallel()
	var add, message string
	for _, b := range fenced(read(t, filepath.Join("..", "..", "docs", "webhooks.md"))) {
		switch b.language {
		case "sh":
			add += b.text
		case "json":
			message += b.text
		}
	}
	db, h := pgtest.New(t), newHooks(t)
	shell := newShell(t, db)
	if out, err := shell(add); err != nil || !secretLine.MatchString(out) {
		t.Fatalf("%v\n%s", err, out)
	}
	// Once more, to an address of this machine; the one of the page is of no use here.
	if out, err := shell("scvotes webhook remove 1\n" + strings.Replace(add, "https://example.org/hook", h.URL+" --webhook-allow-private 127.0.0.0/8", 1)); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := start(t, "", "serve", "--addr", "127.0.0.1:0", "--starter=false", "--database-url", db,
		"--webhook-allow-private", "127.0.0.0/8", "--public-url", "https://votes.example.org")
	server.stdout.wait(t, serves)
	if got := cli(t, "import", "--database-url", db, write(t, "votes.csv", gazaVote)); got.code != 0 {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	until(t, 30*time.Second, "the message came", func() error {
		if h.count() == 0 {
			return fmt.Errorf("it did not")
		}
		return nil
	})
	shown, came := decoded(t, []byte(message)).(map[string]any), decoded(t, []byte(h.bodies[0])).(map[string]any)
	if diff := cmp.Diff(outline(t, shown), outline(t, came)); diff != "" {
		t.Errorf("(-page +message):\n%s", diff)
	}
}

// outline is a message without its moment: its fields, what it says of the
// resolution as far as the page shows it, and where its link leads.
func outline(t *testing.T, message map[string]any) map[string]any {
	t.Helper()
	data := message["data"].(map[string]any)
	var of []any
	for _, r := range data["resolutions"].([]any) {
		of = append(of, r.(map[string]any)["id"], r.(map[string]any)["outcome"], r.(map[string]any)["vetoed_by"])
	}
	link, err := url.Parse(data["links"].(map[string]any)["resolutions"].(string))
	if err != nil {
		t.Fatal(err)
	}
	asks := link.Query()
	asks.Del("changed_since")
	return map[string]any{"fields": slices.Sorted(maps.Keys(message)), "of data": slices.Sorted(maps.Keys(data)), "type": message["type"], "part": data["part"],
		"parts": data["parts"], "resolutions": of, "link": link.Host + link.Path, "asks": asks.Encode()}
}
