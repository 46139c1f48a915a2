package main

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/api"
)

// block is one fenced block of the README.
type block struct{ language, text string }

var reBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func readme(t *testing.T) (string, []block) {
	t.Helper()
	text := read(t, filepath.Join("..", "..", "README.md"))
	blocks := fenced(text)
	if len(blocks) < 5 {
		t.Fatalf("the README has %d blocks", len(blocks))
	}
	return text, blocks
}

func fenced(text string) (blocks []block) {
	for _, m := range reBlock.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return blocks
}

var reCurl = regexp.MustCompile(`(?m)^curl (?:-L )?'?http://127\.0\.0\.1:8080(/[^'\s]*)'?$`)

// TestReadmeQueries asks the server whatever the README tells to ask, and holds
// the answers that it shows against the real ones.
func TestReadmeQueries(t *testing.T) {
	server := serveDatabase(t, loaded(t))
	_, blocks := readme(t)
	asked := 0
	var answer map[string]json.RawMessage
	for _, b := range blocks {
		switch b.language {
		case "sh":
			if n := strings.Count("\n"+b.text, "\ncurl "); n != len(reCurl.FindAllString(b.text, -1)) {
				t.Errorf("a curl that cannot be understood in\n%s", b.text)
			}
			for _, m := range reCurl.FindAllStringSubmatch(b.text, -1) {
				asked++
				answer = get[map[string]json.RawMessage](t, server+m[1])
			}
		case "json":
			var shown map[string]json.RawMessage
			if err := json.Unmarshal([]byte(b.text), &shown); err != nil {
				t.Fatal(err)
			}
			for field, want := range shown {
				if got, ok := answer[field]; !ok || !cmp.Equal(decoded(t, want), decoded(t, got)) {
					t.Errorf("%s: the README shows %s, the answer has %s", field, want, got)
				}
			}
		}
	}
	if asked < 5 {
		t.Errorf("%d queries in the README", asked)
	}
}

// TestReadmeRoutes holds its table of routes against the contract. The forms of
// a list stand in one row.
func TestReadmeRoutes(t *testing.T) {
	text, _ := readme(t)
	spec := read(t, filepath.Join("..", "..", "api", "openapi.yaml"))
	var told, real []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(?:GET|POST) .*$").FindAllString(text, -1) {
		for _, m := range regexp.MustCompile("`(?:GET |POST )?(/[^`]+)`").FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			told = append(told, m[1])
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^  (/.*):$`).FindAllStringSubmatch(spec, -1) {
		list, isCSV := strings.CutSuffix(m[1], ".csv")
		other := strings.HasSuffix(m[1], ".ndjson") || isCSV && strings.Contains(spec, "\n  "+list+":\n")
		if m[1] != "/" && !other { // the first page is for people
			real = append(real, m[1])
		}
	}
	slices.Sort(told)
	slices.Sort(real)
	told = slices.Compact(told) // what is read and written stands in two rows
	if diff := cmp.Diff(real, told); diff != "" {
		t.Errorf("(-contract +README): %s", diff)
	}
}

// TestReadmeCommands runs the blocks whose output it shows, one after the other
// as a reader would, and compares the output.
func TestReadmeCommands(t *testing.T) {
	shell := newShell(t, loaded(t))
	_, blocks := readme(t)
	ran := 0
	for i, b := range blocks {
		if b.language != "text" {
			continue
		}
		ran++
		out, err := shell(blocks[i-1].text) // the exit code says that something was refused, and so does the output
		if diff := cmp.Diff(b.text, out); diff != "" {
			t.Errorf("%v; of\n%s(-README +output):\n%s", err, blocks[i-1].text, diff)
		}
	}
	if ran < 3 {
		t.Errorf("%d blocks with their output", ran)
	}
}

// newShell returns a shell in an empty folder whose scvotes, and bin/scvotes,
// is this program on a database. It answers with the standard output.
func newShell(t *testing.T, db string) func(commands string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	program, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := errors.Join(os.Mkdir(bin, 0o755), os.Symlink(program, filepath.Join(bin, "scvotes"))); err != nil {
		t.Fatal(err)
	}
	return func(commands string) (string, error) {
		sh := exec.Command("sh", "-c", "set -e\n"+commands)
		sh.Dir, sh.Env = dir, append(os.Environ(), runVar+"=1", "DATABASE_URL="+db, "PATH="+bin+":"+os.Getenv("PATH"))
		out, err := sh.Output()
		return string(out), err
	}
}

// serveDatabase answers the API on a database, and returns its address.
func serveDatabase(t *testing.T, db string) string {
	t.Helper()
	s := openApart(t, db)
	server := httptest.NewServer(api.New(reader{s}, api.Options{}))
	t.Cleanup(func() { server.Close(); s.Close() })
	return server.URL
}

// TestReadmeNamesWhatThereIs looks up every command, flag, variable, format and
// make target that the README names; its links are those of all guides.
func TestReadmeNamesWhatThereIs(t *testing.T) {
	text, blocks := readme(t)
	root := newRoot()
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `scvotes (.+?)` \\|").FindAllStringSubmatch(text, -1) {
		words := strings.FieldsFunc(m[1], func(r rune) bool { return strings.ContainsRune(" []", r) })
		c, rest, err := root.Find(words)
		if err != nil || c == root {
			t.Errorf("%q is no command: %v", m[1], err)
			continue
		}
		documented[strings.Fields(c.CommandPath())[1]] = true
		for _, w := range rest {
			name, _, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
			switch {
			case strings.HasPrefix(w, "--") && c.Flag(name) == nil, len(w) == 2 && w[0] == '-' && c.Flags().ShorthandLookup(name) == nil:
				t.Errorf("%s has no flag %s", c.CommandPath(), w)
			}
		}
	}
	for _, c := range root.Commands() {
		if !documented[c.Name()] && !c.Hidden {
			t.Errorf("the README does not tell of scvotes %s", c.Name())
		}
	}
	for _, name := range formatNames() {
		if !strings.Contains(text, "\n| `"+name+"` |") {
			t.Errorf("the README does not tell of the format %s", name)
		}
	}
	makefile := read(t, filepath.Join("..", "..", "Makefile"))
	for _, b := range blocks {
		for _, m := range regexp.MustCompile(`(?m)^make (\S+)`).FindAllStringSubmatch(b.text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("there is no make %s", m[1])
			}
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| `(--[a-z-]+)`").FindAllStringSubmatch(text, -1) {
		if long := root.Long; !strings.Contains(long, m[1]) || !strings.Contains(long, m[2]) {
			t.Errorf("%s or %s is not in scvotes --help", m[1], m[2])
		}
	}
}

func decoded(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
