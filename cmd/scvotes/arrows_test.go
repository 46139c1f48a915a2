package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows say what each package may import beside the standard library. A name
// that ends in /... stands for a whole module. Postgres lives in store, Echo in
// api, and neither knows the other.
var arrows = map[string][]string{
	"scvotes/votes":           {},
	"scvotes/votes/access":    {"scvotes/votes"},
	"scvotes/votes/anytext":   {}, // for tests
	"scvotes/votes/source":    {"scvotes/votes"},
	"scvotes/votes/starter":   {"scvotes/votes"},
	"scvotes/votes/synthetic": {"scvotes/votes"},
	"scvotes/migrations":      {},
	"scvotes/store": {"scvotes/votes", "scvotes/votes/access", "scvotes/migrations", "github.com/jackc/pgx/v5/...", "github.com/golang-migrate/migrate/v4/...",
		"github.com/maypok86/otter/v2", "github.com/riverqueue/river/..."},
	"scvotes/api/webhook":   {"scvotes/votes", "code.dny.dev/ssrf", "github.com/standard-webhooks/standard-webhooks/libraries/go"},
	"scvotes/store/pglocal": {"github.com/jackc/pgx/v5/..."},
	"scvotes/store/pgtest":  {"scvotes/votes", "scvotes/migrations", "scvotes/store", "scvotes/store/pglocal", "github.com/jackc/pgx/v5/..."},
	"scvotes/votes/table":   {"scvotes/votes"},
	"scvotes/votes/cite":    {"scvotes/votes"},
	"scvotes/api/chart":     {"scvotes/votes", "golang.org/x/image/..."},
	"scvotes/api/pages":     {"scvotes/votes", "scvotes/api/chart", "github.com/labstack/echo/v4/..."},
	"scvotes/api/conform":   {"github.com/getkin/kin-openapi/..."},
	"scvotes/api": {"scvotes/votes", "scvotes/votes/access", "scvotes/votes/source", "scvotes/votes/table", "scvotes/votes/cite", "scvotes/api/chart", "scvotes/api/pages", "github.com/labstack/echo/v4/...",
		"github.com/oasdiff/yaml", "github.com/getkin/kin-openapi/...", "github.com/gorilla/feeds", "github.com/maypok86/otter/v2/...", "github.com/yuin/goldmark", "github.com/klauspost/compress/gzip",
		"github.com/prometheus/client_golang/...", "go.opentelemetry.io/otel/...", "golang.org/x/time/rate"},
	"scvotes/cmd/bench":   {"scvotes/store/pglocal", "scvotes/votes/synthetic", "github.com/labstack/echo/v4"},
	"scvotes/cmd/release": {},
	"scvotes/cmd/growth":  {"scvotes/store/pglocal", "scvotes/votes/synthetic"},
	"scvotes/cmd/scvotes": {"scvotes/api", "scvotes/store", "scvotes/store/pglocal", "scvotes/votes", "scvotes/votes/access", "scvotes/votes/source",
		"scvotes/votes/starter", "scvotes/api/webhook", "github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/schollz/progressbar/v3", "golang.org/x/net/html", "golang.org/x/net/netutil", "golang.org/x/term",
		"github.com/prometheus/client_golang/prometheus", "github.com/exaring/otelpgx", "go.opentelemetry.io/otel/..."},
}

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath, Doc string
	Standard        bool
	Imports         []string
}

func TestImportArrows(t *testing.T) {
	list := goList(t, "-deps", "scvotes/...")
	standard := map[string]bool{"C": true, "unsafe": true}
	for _, p := range list {
		standard[p.ImportPath] = p.Standard
	}
	for _, p := range list {
		if !strings.HasPrefix(p.ImportPath, "scvotes/") {
			continue
		}
		allowed, ok := arrows[p.ImportPath]
		if !ok {
			t.Errorf("%s is new: say in arrows what it may import", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if !standard[imported] && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, imported) }) {
				t.Errorf("%s imports %s, which it may not", p.ImportPath, imported)
			}
		}
	}
}

// TestTheRulesStandAlone holds what the arrows are for, however long the way.
func TestTheRulesStandAlone(t *testing.T) {
	for name, banned := range map[string][]string{
		"scvotes/votes":         {"."}, // any module at all: its first element has a dot
		"scvotes/votes/access":  {"."},
		"scvotes/votes/source":  {"."},
		"scvotes/votes/starter": {"."},
		"scvotes/votes/table":   {"."},
		"scvotes/votes/cite":    {"."},
		"scvotes/api":           {"scvotes/store", "github.com/jackc/"},
		"scvotes/store":         {"scvotes/api", "github.com/labstack/"},
	} {
		for _, p := range goList(t, "-deps", name) {
			module, _, _ := strings.Cut(p.ImportPath, "/")
			for _, b := range banned {
				if b == "." && !p.Standard && strings.Contains(module, ".") || b != "." && strings.HasPrefix(p.ImportPath, b) {
					t.Errorf("%s reaches %s", name, p.ImportPath)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	n := 0
	for _, p := range goList(t, "scvotes/...") {
		n++
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		if top := strings.Split(p.ImportPath, "/")[1]; !slices.Contains([]string{"api", "cmd", "migrations", "store", "votes"}, top) {
			t.Errorf("%s lies beside the five folders that everything has its place in", p.ImportPath)
		}
	}
	if n != len(arrows) {
		t.Errorf("%d packages, arrows knows %d", n, len(arrows))
	}
}

func covers(allowed, imported string) bool {
	if module, ok := strings.CutSuffix(allowed, "/..."); ok {
		return imported == module || strings.HasPrefix(imported, module+"/")
	}
	return imported == allowed
}

func goList(t *testing.T, args ...string) []pkg {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Doc,Standard,Imports"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}
