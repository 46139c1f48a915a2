package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// printedAddress is where the recipes find the server.
const printedAddress = "http://127.0.0.1:8080"

// TestClients runs every recipe of docs/clients.md as it is printed, but for the
// address of the server, on the starter record.
func TestClients(t *testing.T) {
	server := serveDatabase(t, loaded(t))
	blocks := fenced(read(t, filepath.Join("..", "..", "docs", "clients.md")))
	tried := make(map[string]int)
	for i, b := range blocks {
		if b.language == "text" && !strings.HasPrefix(b.text, "=") { // the output of the one before
			continue
		}
		tried[b.language]++
		want := ""
		if i+1 < len(blocks) && blocks[i+1].language == "text" {
			want = blocks[i+1].text
		}
		recipe := strings.ReplaceAll(b.text, printedAddress, server)
		t.Run(fmt.Sprint(b.language, tried[b.language]), func(t *testing.T) {
			switch b.language {
			case "sh":
				tool(t, "curl")
				tool(t, "jq")
				holdOutput(t, want, recipeOutput(t, recipe, tool(t, "sh"), "-eu"))
			case "python":
				holdOutput(t, want, recipeOutput(t, recipe, pandas(t), "-"))
			case "r":
				holdR(t, recipe)
			case "json":
				holdPanel(t, recipe)
			case "js":
				holdCell(t, recipe)
			case "text":
				holdFormula(t, recipe)
			default:
				t.Errorf("nobody tries recipes in %s", b.language)
			}
		})
	}
	for _, language := range []string{"sh", "python", "r", "json", "js", "text"} {
		if tried[language] == 0 {
			t.Errorf("there is no recipe in %s", language)
		}
	}
}

// tool is the path of a program; a test that needs it is skipped without it.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed, and its recipes are not tried", name)
	}
	return path
}

// pandas is the path of a Python that has it, see scripts/need-clients.
func pandas(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	for _, python := range []string{"python3", filepath.Join(cache, "scvotes", "python", "bin", "python")} {
		if exec.Command(python, "-c", "import pandas").Run() == nil {
			return python
		}
	}
	t.Skip("no Python with pandas: scripts/need-clients fetches it")
	return ""
}

// recipeOutput gives a recipe to a program on its standard input, in an empty folder.
func recipeOutput(t *testing.T, recipe, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(recipe)
	out, err := cmd.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		t.Fatalf("%v\n%s\n%s", err, failed.Stderr, recipe)
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func holdOutput(t *testing.T, want, got string) {
	t.Helper()
	if want == "" {
		t.Error("the page does not show what comes out")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-page +output):\n%s", diff)
	}
}

// holdR runs the recipe where R is there. Where not, it holds the columns that
// the recipe names to those of the file that it reads.
func holdR(t *testing.T, recipe string) {
	address := regexp.MustCompile(`read\.csv\("([^"]+)"\)`).FindStringSubmatch(recipe)
	if address == nil {
		t.Fatal("it reads no CSV")
	}
	header, records := readTable(t, address[1])
	named := regexp.MustCompile(`votes\$(\w+)`).FindAllStringSubmatch(recipe, -1)
	if list := regexp.MustCompile(`, c\(([^)]+)\)`).FindStringSubmatch(recipe); list != nil {
		named = append(named, regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(list[1], -1)...)
	}
	if len(named) < 3 {
		t.Errorf("the columns %v are not all", named)
	}
	for _, m := range named {
		if !slices.Contains(header, m[1]) {
			t.Errorf("the CSV has no column %s", m[1])
		}
	}
	day, veto := slices.Index(header, "date"), slices.Index(header, "veto")
	for _, r := range records {
		if _, err := time.Parse(time.DateOnly, r[day]); err != nil {
			t.Errorf("as.Date cannot read %q", r[day])
		}
		if !slices.Contains([]string{"true", "false"}, r[veto]) {
			t.Errorf("as.logical cannot read %q", r[veto])
		}
	}
	if rscript, err := exec.LookPath("Rscript"); err == nil {
		if out := recipeOutput(t, recipe, rscript, "-"); !strings.Contains(out, "S-2024-835") {
			t.Errorf("S-2024-835 is not among the vetoes:\n%s", out)
		}
	}
}

// holdPanel asks what the panel asks, and looks for its columns in every row.
func holdPanel(t *testing.T, recipe string) {
	var panel struct {
		Options struct {
			XField string `json:"xField"`
		} `json:"options"`
		Targets []struct {
			URL          string `json:"url"`
			RootSelector string `json:"root_selector"`
			Columns      []struct{ Selector, Text, Type string }
		} `json:"targets"`
	}
	if err := json.Unmarshal([]byte(recipe), &panel); err != nil {
		t.Fatal(err)
	}
	if len(panel.Targets) != 1 {
		t.Fatalf("%d targets", len(panel.Targets))
	}
	target := panel.Targets[0]
	rows := get[map[string]any](t, target.URL)[target.RootSelector].([]any)
	if len(rows) < 50 || len(target.Columns) < 2 {
		t.Errorf("%d rows of %d columns", len(rows), len(target.Columns))
	}
	if target.Columns[0].Text != panel.Options.XField {
		t.Errorf("the axis is %q, the first column %q", panel.Options.XField, target.Columns[0].Text)
	}
	for _, row := range rows {
		for _, c := range target.Columns {
			_, isNumber := row.(map[string]any)[c.Selector].(float64)
			if _, isText := row.(map[string]any)[c.Selector].(string); isNumber != (c.Type == "number") || isText != (c.Type == "string") {
				t.Fatalf("%s of %v is no %s", c.Selector, row, c.Type)
			}
		}
	}
}

// plotStub stands for the library that draws, and tells what it was to draw.
const plotStub = `
globalThis.Plot = new Proxy({plot: (plot) => plot}, {
  get: (known, name) => known[name] ?? ((data, {x, y} = {}) => ({name, data, x, y})),
});
globalThis.display = (plot) => console.log(JSON.stringify(plot.marks));
`

// holdCell runs the cell and looks for the fields of its marks in their rows.
func holdCell(t *testing.T, recipe string) {
	var marks []struct {
		Name string
		Data []any
		X, Y string
	}
	out := recipeOutput(t, plotStub+recipe, tool(t, "node"), "--input-type=module", "-")
	if err := json.Unmarshal([]byte(out), &marks); err != nil {
		t.Fatalf("%v in %.500s", err, out)
	}
	if len(marks) == 0 || marks[0].X == "" || len(marks[0].Data) < 20 {
		t.Fatalf("nothing is drawn: %.500s", out)
	}
	for _, m := range marks {
		for _, row := range m.Data {
			fields, ok := row.(map[string]any)
			if !ok { // a rule at a number
				continue
			}
			_, hasX := fields[m.X]
			if _, isNumber := fields[m.Y].(float64); !hasX || !isNumber {
				t.Fatalf("%s: no %s, or %s is no number in %v", m.Name, m.X, m.Y, row)
			}
		}
	}
}

func holdFormula(t *testing.T, recipe string) {
	m := regexp.MustCompile(`^=IMPORTDATA\("([^"]+)"\)\n$`).FindStringSubmatch(recipe)
	if m == nil {
		t.Fatalf("not the formula: %s", recipe)
	}
	if header, records := readTable(t, m[1]); header[0] != "id" || len(records) != 7 {
		t.Errorf("%d rows under %v", len(records), header)
	}
}

// readTable fetches a CSV.
func readTable(t *testing.T, address string) (header []string, records [][]string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	records, err = csv.NewReader(resp.Body).ReadAll()
	if err != nil || resp.StatusCode != http.StatusOK || len(records) < 2 {
		t.Fatalf("%s: %s, %d records, %v", address, resp.Status, len(records), err)
	}
	return records[0], records[1:]
}
