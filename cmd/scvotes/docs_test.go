package main

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/api/conform"
)

// guides are the pages for people, by their path from the top of the project.
func guides(t *testing.T) map[string]string {
	t.Helper()
	top := filepath.Join("..", "..")
	pages := make(map[string]string)
	for _, pattern := range []string{"*.md", filepath.Join("docs", "*.md")} {
		files, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, err := filepath.Rel(top, file)
			if err != nil {
				t.Fatal(err)
			}
			pages[filepath.ToSlash(name)] = read(t, file)
		}
	}
	if len(pages) < 15 {
		t.Fatalf("only %d pages", len(pages))
	}
	return pages
}

// Every link of the guides leads to a file that there is, and to a heading of it.
func TestTheGuidesLeadSomewhere(t *testing.T) {
	pages := guides(t)
	links := 0
	for name, text := range pages {
		for _, m := range regexp.MustCompile(`\]\(([^):\s]+)\)`).FindAllStringSubmatch(text, -1) {
			links++
			file, heading, _ := strings.Cut(m[1], "#")
			to := name
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(name), file))
			}
			// The history of the measurements is there once something was measured.
			if _, err := os.Stat(filepath.Join("..", "..", to)); errors.Is(err, fs.ErrNotExist) && to != "docs/bench-history.csv" {
				t.Errorf("%s leads to %s, which is not there", name, m[1])
			}
			if heading != "" && !slices.Contains(anchorsOf(pages[to]), heading) {
				t.Errorf("%s leads to %s, which has no such heading", name, m[1])
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d links", links)
	}
}

// anchorsOf are the names that headings have on GitHub.
func anchorsOf(page string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		words := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		list = append(list, strings.ReplaceAll(words, " ", "-"))
	}
	return list
}

var (
	reProgram = regexp.MustCompile(`(?m)(?:^|\$ |\$\(|` + "`" + `)(?:bin/)?scvotes ([^\n` + "`" + `)]*)`)
	reFlag    = regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)
	reMake    = regexp.MustCompile("(?:^|`|\n)make ([a-z][a-z-]*)")
)

// Every command and flag that the guides name, in a block or in a sentence, is
// one of the program's; every target one of the Makefile's.
func TestTheGuidesNameWhatThereIs(t *testing.T) {
	makefile := read(t, filepath.Join("..", "..", "Makefile"))
	root, named := newRoot(), make(map[string]bool)
	root.InitDefaultCompletionCmd()
	for name, text := range guides(t) {
		text = strings.ReplaceAll(text, "\\\n", " ")
		for _, m := range reProgram.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(strings.Split(m[1], " #")[0])
			c, _, err := root.Find(words)
			if err != nil || c == root {
				if !strings.HasPrefix(m[0], "scvotes") { // a sentence may begin with the name
					t.Errorf("%s: %q is no command: %v", name, strings.TrimSpace(m[0]), err)
				}
				continue
			}
			named[c.CommandPath()] = true
			for _, f := range reFlag.FindAllStringSubmatch(m[1], -1) {
				if c.Flag(f[1]) == nil && c.InheritedFlags().Lookup(f[1]) == nil && f[1] != "help" {
					t.Errorf("%s: %s has no flag --%s", name, c.CommandPath(), f[1])
				}
			}
		}
		for _, m := range reMake.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no make %s", name, m[1])
			}
		}
	}
	if len(named) < 20 {
		t.Errorf("only %q are named", slices.Sorted(maps.Keys(named)))
	}
}

var reAddress = regexp.MustCompile("(?:127\\.0\\.0\\.1:8080|example\\.org|`(?:GET |POST |PATCH |DELETE )?)(/(?:v1|docs|openapi|healthz|readyz|metrics)[^'\"\\s`,|]*)")

// Every address of the API that the guides name is one of the contract, and every
// parameter one of its operation.
func TestTheGuidesAskWhatCanBeAnswered(t *testing.T) {
	c, err := conform.Load([]byte(read(t, filepath.Join("..", "..", "api", "openapi.yaml"))))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for name, text := range guides(t) {
		for _, m := range reAddress.FindAllStringSubmatch(text, -1) {
			path, query, _ := strings.Cut(strings.TrimRight(m[1], ".)"), "?")
			if path == "/v1" || path == "/v1/" || regexp.MustCompile(`^/v1/resolutions/S/`).MatchString(path) {
				continue
			}
			asked++
			o, found := conform.Operation{}, false
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if o, err = c.Find(method, regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "1")); err == nil {
					found = true
					break
				}
			}
			if !found {
				t.Errorf("%s: %s is none of the contract: %v", name, m[1], err)
				continue
			}
			for _, p := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' }) {
				parameter, _, _ := strings.Cut(p, "=")
				known := false
				for _, o := range c.Document.Paths.Value(o.Path).Operations() {
					known = known || o.Parameters.GetByInAndName("query", parameter) != nil
				}
				if !known {
					t.Errorf("%s: %s has no parameter %s", name, path, parameter)
				}
			}
		}
	}
	if asked < 80 {
		t.Errorf("only %d addresses", asked)
	}
}
