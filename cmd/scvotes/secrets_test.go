package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"scvotes/store"
	"scvotes/votes/access"
)

// What is not to be told, each in one place: where one comes out, it is known
// where it came from.
var secrets = map[string]string{
	"DATABASE_URL":            "geheim-owner-1d9c",
	"DATABASE_READ_URL":       "geheim-reader-77aa",
	"DATABASE_WRITE_URL":      "geheim-writer-53f0",
	"DATABASE_REPLICA_URLS":   "geheim-replica-8b21",
	"PGPASSWORD":              "geheim-libpq-c4e6",
	"SCVOTES_READER_PASSWORD": "geheim-env-reader-02bd",
	"SCVOTES_WRITER_PASSWORD": "geheim-env-writer-9e1f",
}

// tells names the secrets that a text holds.
func tells(text string, more ...string) (found []string) {
	for name, secret := range secrets {
		if strings.Contains(text, secret) {
			found = append(found, "the password of "+name)
		}
	}
	for _, secret := range more {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}

// setSecrets puts a password into every setting that may hold one; url makes a
// connection string of it.
func setSecrets(t *testing.T, url func(role, password string) string) {
	t.Helper()
	for _, v := range []string{"PGPASSWORD", "SCVOTES_READER_PASSWORD", "SCVOTES_WRITER_PASSWORD"} {
		t.Setenv(v, secrets[v])
	}
	for v, role := range map[string]string{"DATABASE_URL": "", "DATABASE_READ_URL": store.ReaderRole, "DATABASE_WRITE_URL": store.WriterRole} {
		t.Setenv(v, url(role, secrets[v]))
	}
	t.Setenv("DATABASE_REPLICA_URLS", "postgres://replica:"+secrets["DATABASE_REPLICA_URLS"]+"@127.0.0.1:1/scvotes")
}

// commandArgs are what the commands need behind their names to get as far as the
// database.
var commandArgs = map[string][]string{
	"scvotes edit":         {"S/2024/835", "title", "A title", "--reason", "r", "--reference", "d"},
	"scvotes import":       {os.DevNull},
	"scvotes migrate down": {"--yes"},
	"scvotes serve":        {"--addr", "127.0.0.1:0", "--log-level", "debug"},
	"scvotes show":         {"S/2024/835"},
	"scvotes token create": {"--name", "n", "--scope", "read"},
	"scvotes token revoke": {strings.Repeat("a", 12)},
	"scvotes healthcheck":  {"--addr", "127.0.0.1:1"},
}

// commandLines is every command with all it needs.
func commandLines(c *cobra.Command) (list [][]string) {
	if !c.HasSubCommands() && c.Runnable() {
		list = append(list, append(strings.Fields(c.CommandPath())[1:], commandArgs[c.CommandPath()]...))
	}
	for _, sub := range c.Commands() {
		if sub.Name() != "completion" && sub.Name() != "help" {
			list = append(list, commandLines(sub)...)
		}
	}
	return list
}

// hangsUp is a server that takes connections, and ends them.
func hangsUp(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	return l.Addr().String()
}

// No command tells a password, however its database fails, and however wrong the
// setting is that holds it.
func TestNoCommandTellsAPassword(t *testing.T) {
	broken := hangsUp(t)
	for name, url := range map[string]func(role, password string) string{
		"nobody answers": func(role, p string) string {
			return "postgres://" + role + ":" + p + "@127.0.0.1:1/scvotes?connect_timeout=2"
		},
		"hangs up": func(role, p string) string {
			return "postgres://" + role + ":" + p + "@" + broken + "/scvotes?sslmode=disable"
		},
		"in the query":        func(role, p string) string { return "postgres://127.0.0.1:1/scvotes?user=" + role + "&password=" + p },
		"as words":            func(role, p string) string { return "host=127.0.0.1 port=1 dbname=scvotes password=" + p },
		"no such port":        func(role, p string) string { return "postgres://" + role + ":" + p + "@127.0.0.1:99999999/scvotes" },
		"no number of a port": func(role, p string) string { return "postgres://" + role + ":" + p + "@127.0.0.1:port/scvotes" },
		"no such setting":     func(role, p string) string { return "postgres://" + role + ":" + p + "@127.0.0.1:1/x?sslmode=perhaps" },
		"wrongly escaped":     func(role, p string) string { return "postgres://" + role + ":" + p + "%zz@127.0.0.1:1/scvotes" },
		"a space in it":       func(role, p string) string { return "postgres://" + role + ":" + p + " x@127.0.0.1:1/scvotes" },
		"of another kind":     func(role, p string) string { return "mysql://" + role + ":" + p + "@127.0.0.1:1/scvotes" },
		"words that are none": func(role, p string) string { return "host=127.0.0.1 password='" + p },
	} {
		t.Run(name, func(t *testing.T) {
			setSecrets(t, url)
			for _, line := range commandLines(newRoot()) {
				for _, how := range [][]string{nil, {"--database-url", url("flag", secrets["DATABASE_URL"])}} {
					got := cli(t, append(line, how...)...)
					if found := tells(got.stdout + got.stderr); len(found) > 0 {
						t.Errorf("scvotes %s tells %q:\n%s%s", strings.Join(line, " "), found, got.stdout, got.stderr)
					}
				}
			}
		})
	}
}

// A server that logs all it can tells neither a password nor a token, in its log,
// its metrics or an answer, while the database works and after it has failed.
func TestNoServerTellsASecret(t *testing.T) {
	dsn := loaded(t)
	if strings.Contains(dsn, "://") {
		t.Skip("the passwords of this test are not those of TEST_DATABASE_URL")
	}
	applyRolesTo(t, dsn)
	made := cli(t, "token", "create", "--name", "n", "--scope", "read,import,edit,admin", "--database-url", dsn)
	if made.code != 0 {
		t.Fatal(made.stderr)
	}
	token := strings.TrimSpace(made.stdout)
	unknown, _ := access.New()
	setSecrets(t, func(role, p string) string {
		if role == "" {
			return dsn + " password=" + p
		}
		return asRole(dsn, role) + " password=" + p
	})
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			var stdout, stderr output
			ended := make(chan error, 1)
			go func() {
				ended <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--log-level", "debug", "--log-format", format}, &stdout, &stderr)
			}()
			address := stdout.wait(t, serves)
			answers := askWithSecrets(t, address, token, unknown)
			failDatabase(t, dsn, func() { answers += askWithSecrets(t, address, token, unknown) })
			stop()
			if err := <-ended; err != nil {
				answers += err.Error()
			}
			// Of a token its name may be told, by which one finds it; not what lets in.
			letsIn := []string{token[strings.LastIndex(token, "_")+1:], unknown[strings.LastIndex(unknown, "_")+1:]}
			for what, text := range map[string]string{"the standard output": stdout.String(), "the log": stderr.String(), "an answer": answers} {
				if found := tells(text, letsIn...); len(found) > 0 {
					t.Errorf("%s tells %q:\n%s", what, found, text)
				}
			}
			if !strings.Contains(stderr.String(), "from memory") || !strings.Contains(stderr.String(), "database") {
				t.Errorf("the log does not tell of what was done:\n%s", stderr.String())
			}
		})
	}
}

// askWithSecrets shows tokens wherever a client may put them, and returns all
// that was answered.
func askWithSecrets(t *testing.T, address string, tokens ...string) string {
	t.Helper()
	var all strings.Builder
	send := func(method, path, body, name, value string) {
		req, err := http.NewRequest(method, address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if name != "" {
			req.Header.Set(name, value)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		fmt.Fprintln(&all, res.Status, res.Header, string(text))
	}
	for range 2 { // the second time from memory
		send(http.MethodGet, "/v1/resolutions/S-2024-835", "", "", "")
	}
	send(http.MethodGet, "/metrics", "", "", "")
	for _, token := range tokens {
		for _, path := range []string{"/v1/council", "/v1/audit", "/v1/resolutions.csv", "/nothing", "/readyz"} {
			send(http.MethodGet, path, "", "Authorization", "Bearer "+token)
		}
		for _, name := range []string{"X-Request-Id", "User-Agent", "Cookie", "Referer", "If-None-Match", "Accept", "X-Forwarded-For"} {
			send(http.MethodGet, "/v1/council", "", name, token)
		}
		for _, path := range []string{"/v1/council?access_token=", "/v1/resolutions/", "/resolutions/", "/nothing/", "/v1/resolutions?q="} {
			send(http.MethodGet, path+token, "", "", "")
		}
		send(http.MethodPost, "/v1/decide", `{"note":"x"}`, "Authorization", "Bearer "+token)
		send(http.MethodPost, "/v1/resolutions/S-2024-835/edits", `{`, "Authorization", "Bearer "+token)
	}
	return all.String()
}

// failDatabase lets nobody into the database while it does something.
func failDatabase(t *testing.T, dsn string, do func()) {
	t.Helper()
	name := ""
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name = cfg.Database
	cfg.Database = "postgres"
	c, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	allow := func(yes bool) {
		t.Helper()
		if _, err := c.Exec(t.Context(), fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %v`, pgx.Identifier{name}.Sanitize(), yes)); err != nil {
			t.Fatal(err)
		}
	}
	allow(false)
	defer allow(true)
	if _, err := c.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
		t.Fatal(err)
	}
	do()
}
