package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"scvotes/store/pgtest"
)

// TestANewFormatIsAFileAndALine builds the program with the format of
// docs/formats.md, which is one file of its own and one line in the list, and
// holds that it is told by its header, read, reported on, decided and listed as
// the page says.
func TestANewFormatIsAFileAndALine(t *testing.T) {
	blocks := blocksOf(t, filepath.Join("..", "..", "docs", "formats.md"))
	overlay := overlayOf(t, blocks["go"])
	program := filepath.Join(t.TempDir(), "scvotes")
	goRun(t, "build", "-overlay", overlay, "-trimpath", "-buildvcs=false", "-o", program, ".")
	goRun(t, "test", "-overlay", overlay, "-run", "^(TestYearbook|TestFormats|TestHeadersTellFormats)$", "scvotes/votes/source")

	db, file := pgtest.New(t), write(t, "yearbook.csv", blocks["csv"][0])
	ask := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), "DATABASE_URL="+db)
		out, err := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); err != nil && code != exitRefused {
			t.Fatalf("scvotes %v: %v", args, err)
		}
		return string(out)
	}
	if got := ask("import", "--dry-run", file); got != blocks["text"][0] {
		t.Errorf("docs/formats.md shows\n%s\nand it is\n%s", blocks["text"][0], got)
	}
	if help := ask("import", "--help"); !strings.Contains(help, "  yearbook             yearbook, a row a vote\n") {
		t.Errorf("the help does not list it:\n%s", help)
	}
	ask("import", "--keep-going", file)
	for symbol, outcome := range map[string]string{"S/2024/835": "VETOED - 14 in favour", "S/RES/2334 (2016)": "ADOPTED - 14 in favour"} {
		if got := ask("show", symbol); !strings.Contains(got, outcome) || !strings.Contains(got, "A yearbook, line ") {
			t.Errorf("%s:\n%s", symbol, got)
		}
	}
}

// overlayOf lays the page's Go files over the module: a file, the list of formats
// with one line of it changed, and a test.
func overlayOf(t *testing.T, code []string) string {
	t.Helper()
	if len(code) != 3 {
		t.Fatalf("docs/formats.md has %d pieces of Go, not three", len(code))
	}
	list, err := filepath.Abs(filepath.Join("..", "..", "votes", "source", "format.go"))
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, list)
	line := regexp.MustCompile(`(?m)^\treturn \[\]Format\{.*\}\n`)
	if found := line.FindAllString(before, -1); len(found) != 1 || strings.TrimSuffix(strings.TrimSpace(code[1]), ", yearbookFormat}")+"}" != strings.TrimSpace(found[0]) {
		t.Fatalf("the list of formats is\n%q\nand docs/formats.md has\n%s", found, code[1])
	}
	folder := filepath.Dir(list)
	replace := map[string]string{
		filepath.Join(folder, "yearbook.go"): write(t, "yearbook.go", code[0]),
		list:                                 write(t, "format.go", line.ReplaceAllLiteralString(before, code[1])),
		filepath.Join(folder, "yearbook_test.go"): write(t, "yearbook_test.go", code[2]),
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "overlay.json", string(b))
}

// blocksOf returns the pieces of code of a page by their language.
func blocksOf(t *testing.T, page string) map[string][]string {
	t.Helper()
	blocks := make(map[string][]string)
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(read(t, page), -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	return blocks
}

func goRun(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
}
