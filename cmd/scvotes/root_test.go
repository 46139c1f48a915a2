package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

func TestHelpIsComplete(t *testing.T) {
	var names []string
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		names = append(names, c.CommandPath())
		if c.Short == "" || !strings.HasPrefix(c.Short, strings.ToUpper(c.Short[:1])) || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: its one line is %q", c.CommandPath(), c.Short)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s says nothing of its use", c.CommandPath(), f.Name)
			}
		})
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		got := cli(t, args...)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%v: exit code %d, %s", args, got.code, got.stderr)
		}
		// A new reader is no change of the help.
		text := strings.ReplaceAll(got.stdout, formatList(), "  (the formats)\n")
		golden(t, "help/"+strings.ReplaceAll(c.CommandPath(), " ", "-")+".txt", text)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot())
	want := []string{"scvotes", "scvotes audit", "scvotes doctor", "scvotes edit", "scvotes export", "scvotes healthcheck", "scvotes import", "scvotes man", "scvotes migrate",
		"scvotes migrate down", "scvotes migrate status", "scvotes migrate up", "scvotes rebuild", "scvotes roles", "scvotes roles apply",
		"scvotes roles show", "scvotes serve", "scvotes show",
		"scvotes token", "scvotes token create", "scvotes token list", "scvotes token revoke", "scvotes verify", "scvotes version",
		"scvotes webhook", "scvotes webhook add", "scvotes webhook deliveries", "scvotes webhook list", "scvotes webhook pause",
		"scvotes webhook remove", "scvotes webhook resume", "scvotes webhook rotate", "scvotes webhook test"}
	if !slices.Equal(names, want) {
		t.Errorf("commands %q, want %q", names, want)
	}
}

func TestAWrongCommandLine(t *testing.T) {
	for line, says := range map[string]string{
		"nonsense":              `there is no command "nonsense" (see scvotes --help)`,
		"imprt votes.csv":       `there is no command "imprt"; did you mean import?`,
		"migrate":               "migrate needs up, down or status (see scvotes migrate --help)",
		"migrate sideways":      `there is no command "sideways" (see scvotes migrate --help)`,
		"migrate down":          "migrate down deletes what the tables hold: say --yes to go on",
		"roles":                 "roles needs apply or show (see scvotes roles --help)",
		"import":                "import needs a file, or - for the standard input (see scvotes import --help)",
		"import --dryrun x.csv": "unknown flag: --dryrun (see scvotes import --help)",
		"show":                  "show needs a symbol, as S/2024/835 (see scvotes show --help)",
		"show Newsweek":         `"Newsweek" is not an id or a symbol`,
		"serve 8080":            `serve takes no arguments, and was given ["8080"] (see scvotes serve --help)`,
		"serve --addr":          "flag needs an argument: --addr (see scvotes serve --help)",
		"--verbose":             "unknown flag: --verbose (see scvotes --help)",
	} {
		got := cli(t, strings.Fields(line)...)
		if got.code != exitUsage || !strings.HasPrefix(got.stderr, "scvotes: "+says) || got.stdout != "" {
			t.Errorf("scvotes %s: exit code %d, %q, want %q", line, got.code, got.stderr, says)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for want, err := range map[int]error{
		0:           nil,
		exitFailed:  fmt.Errorf("export: %w", os.ErrPermission),
		exitUsage:   fmt.Errorf("%w", usageError{votes.ErrInvalid}), // a symbol that is none is a wrong command line
		exitRefused: fmt.Errorf("votes.csv: %w", votes.ErrInvalid),
		exitUnknown: fmt.Errorf("resolution S-1999-1: %w", votes.ErrNotFound),
	} {
		if got := exitCode(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

func TestAProcessEndsWithItsExitCode(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.New(t))
	for want, args := range map[int][]string{
		0:           {"version"},
		exitFailed:  {"export", "--output", "/no/such/folder/record.csv"},
		exitUsage:   {"export", "--format", "xml"},
		exitRefused: {"import", os.DevNull},
		exitUnknown: {"show", "S/1999/1"},
	} {
		p := start(t, "", args...)
		if code := p.ends(t); code != want || (code != 0) != strings.Contains("\n"+p.stderr.String(), "\nscvotes: ") {
			t.Errorf("%v: exit code %d, want %d; %q", args, code, want, p.stderr.String())
		}
	}
}

func TestVersion(t *testing.T) {
	long, flag := cli(t, "version"), cli(t, "--version")
	if long.code != 0 || long.stdout != flag.stdout || long.stdout != "scvotes "+versionText()+"\n" {
		t.Errorf("%q and %q", long.stdout, flag.stdout)
	}
}

func TestNoPasswordIsPrinted(t *testing.T) {
	const password = "s3cret"
	for _, url := range []string{
		"postgres://scvotes:" + password + "@127.0.0.1:1/scvotes",           // nobody answers
		"postgres://scvotes:" + password + "@127.0.0.1:port/scvotes",        // no port
		"postgres://scvotes:" + password + "%zz@127.0.0.1/scvotes",          // a % that is not escaped
		"host=127.0.0.1 port=1 user=scvotes password=" + password,           // nobody answers
		"host=127.0.0.1 port=port user=scvotes password='" + password + "'", // no port
	} {
		for _, args := range [][]string{{"show", "S/2024/835"}, {"migrate", "status"}, {"serve", "--addr", "127.0.0.1:0"}, {"import", os.DevNull}} {
			byFlag := cli(t, append(slices.Clone(args), "--database-url", url)...)
			t.Setenv("DATABASE_URL", url)
			byEnvironment := cli(t, args...)
			os.Unsetenv("DATABASE_URL")
			for _, got := range []result{byFlag, byEnvironment} {
				if got.code != exitFailed || !strings.HasPrefix(got.stderr, "scvotes: connecting to the database: ") {
					t.Errorf("%v: exit code %d, %s", args, got.code, got.stderr)
				}
				if strings.Contains(got.stdout+got.stderr, password) {
					t.Errorf("%v with %s: the password is printed: %s", args, url, got.stderr)
				}
			}
		}
	}
}

func TestTheFlagGoesBeforeTheEnvironment(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://127.0.0.1:1/none")
	if got := cli(t, "export", "--database-url", pgtest.New(t)); got.code != 0 {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	t.Setenv("SCVOTES_PG_BIN", t.TempDir())
	t.Setenv("DATABASE_URL", "")
	t.Setenv("SCVOTES_DATA", newFolder(t))
	if got := cli(t, "export"); got.code != exitFailed || !strings.Contains(got.stderr, "PostgreSQL is not installed") {
		t.Errorf("without Postgres: exit code %d: %s", got.code, got.stderr)
	}
}

func TestMigrate(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.NewEmpty(t))
	first := cli(t, "migrate", "status").stdout
	var newest int
	if _, err := fmt.Sscanf(first, "schema version 0, newest known %d; run scvotes migrate up\n", &newest); err != nil || newest < 1 {
		t.Fatalf("%v: %q", err, first)
	}
	for _, step := range []struct {
		line string
		at   int
	}{
		{"migrate up", newest}, {"migrate up", newest}, {"migrate status", newest},
		{"migrate down --yes", newest - 1}, {"migrate status", newest - 1}, {"migrate up", newest},
		{"migrate down --yes --steps 0", 0}, {"migrate up", newest},
	} {
		want := fmt.Sprintf("schema version %d, newest known %d", step.at, newest)
		if step.at < newest {
			want += "; run scvotes migrate up"
		}
		if got := cli(t, strings.Fields(step.line)...); got.code != 0 || got.stdout != want+"\n" {
			t.Errorf("%s: exit code %d, %q, want %q; %s", step.line, got.code, got.stdout, want, got.stderr)
		}
	}
}
