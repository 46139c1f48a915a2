package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/store/pgtest"
)

// asRole is the connection string of a database of the tests for another role,
// with the password of the first, where there is one.
func asRole(dsn, role string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return dsn + " user=" + role // of two, the last counts
	}
	if password, ok := u.User.Password(); ok {
		u.User = url.UserPassword(role, password)
	} else {
		u.User = url.User(role)
	}
	return u.String()
}

// applyRolesTo makes the roles, with that password.
func applyRolesTo(t testing.TB, dsn string) {
	t.Helper()
	passwords := map[string]string{}
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		if password, ok := u.User.Password(); ok {
			passwords = map[string]string{store.ReaderRole: password, store.WriterRole: password}
		}
	}
	if err := store.ApplyRoles(t.Context(), dsn, passwords); err != nil {
		t.Fatal(err)
	}
}

func sqlOn(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// openApart opens a database as serve does: to read as the one role, and to write
// as the other.
func openApart(t testing.TB, dsn string, options ...store.Option) *store.Store {
	t.Helper()
	applyRolesTo(t, dsn)
	s, err := store.Open(t.Context(), asRole(dsn, store.WriterRole), append(options, store.WithReader(asRole(dsn, store.ReaderRole)))...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRolesOnTheCommandLine(t *testing.T) {
	dsn := pgtest.New(t)
	const password = "gr5n1t-h1dd3n"
	t.Setenv("SCVOTES_READER_PASSWORD", password)
	printed := cli(t, "roles", "apply", "--dry-run", "--database-url", dsn)
	if printed.code != 0 || !strings.Contains(printed.stdout, "GRANT SELECT ON votes TO scvotes_reader;\n") {
		t.Fatalf("exit code %d: %s%s", printed.code, printed.stdout, printed.stderr)
	}
	if got := cli(t, "roles", "show", "--database-url", dsn); got.code != exitFailed && got.code != 0 {
		// The roles are of the whole server of the tests, and may be there already.
		t.Errorf("show before: exit code %d: %s", got.code, got.stderr)
	}
	applied := cli(t, "roles", "apply", "--database-url", dsn)
	if want := "scvotes_reader: as it should be; its password is that of SCVOTES_READER_PASSWORD\n" +
		"scvotes_writer: as it should be; its password as it was\n"; applied.code != 0 || applied.stdout != want {
		t.Errorf("exit code %d: %s%s", applied.code, applied.stdout, applied.stderr)
	}
	shown := cli(t, "roles", "show", "--database-url", dsn)
	if shown.code != 0 || !strings.Contains(shown.stdout, "scvotes_writer\n") || strings.Contains(shown.stdout, "!") {
		t.Errorf("show: exit code %d: %s%s", shown.code, shown.stdout, shown.stderr)
	}
	if _, err := sqlOn(t, dsn).Exec(t.Context(), `GRANT DELETE ON votes TO scvotes_reader`); err != nil {
		t.Fatal(err)
	}
	shown = cli(t, "roles", "show", "--database-url", dsn)
	if shown.code != exitFailed || !strings.Contains(shown.stdout, "  ! may DELETE votes\n") || !strings.Contains(shown.stderr, "scvotes roles apply") {
		t.Errorf("a right too many: exit code %d: %s%s", shown.code, shown.stdout, shown.stderr)
	}
	for _, r := range []result{printed, applied, shown} {
		if strings.Contains(r.stdout+r.stderr, password) {
			t.Errorf("the password is told: %s", r.stdout)
		}
	}
}

// serveWith serves until the test ends, and returns the address.
func serveWith(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var stdout output
	var stderr bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), &stdout, &stderr)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v\n%s", err, stderr.String())
		}
	})
	return stdout.wait(t, serves)
}

// With the URLs of the roles, serve is nobody else, and needs nobody who owns a
// table: it loads the starter record and answers.
func TestServeIsNobodyButTheRoles(t *testing.T) {
	dsn := pgtest.New(t)
	applyRolesTo(t, dsn)
	t.Setenv("DATABASE_READ_URL", asRole(dsn, store.ReaderRole))
	t.Setenv("DATABASE_WRITE_URL", asRole(dsn, store.WriterRole))
	if got := cli(t, "serve", "--addr", "127.0.0.1:0"); got.code != exitUsage || !strings.Contains(got.stderr, "--migrate=false") {
		t.Errorf("without anybody who may migrate: exit code %d, %s", got.code, got.stderr)
	}
	address := serveWith(t, "--migrate=false")
	if page := get[struct{ Total int }](t, address+"/v1/resolutions?outcome=vetoed"); page.Total == 0 {
		t.Error("no veto of the starter record")
	}
	db := sqlOn(t, dsn)
	rows, err := db.Query(t.Context(), `SELECT DISTINCT usename::text FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'scvotes' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	if users, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || strings.Join(users, " ") != "scvotes_reader scvotes_writer" {
		t.Errorf("connected as %q, %v", users, err)
	}
}

// A server that is only told of the reader answers, and writes nothing.
func TestServeThatOnlyReads(t *testing.T) {
	dsn := loaded(t)
	applyRolesTo(t, dsn)
	t.Setenv("DATABASE_READ_URL", asRole(dsn, store.ReaderRole))
	resp, err := http.Get(serveWith(t, "--migrate=false") + "/v1/resolutions/S-2024-835")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s", resp.Status)
	}
}

func TestServeWithoutMigratingNeedsTheSchema(t *testing.T) {
	got := cli(t, "serve", "--addr", "127.0.0.1:0", "--migrate=false", "--database-url", pgtest.NewEmpty(t))
	if got.code != exitFailed || !strings.Contains(got.stderr, "run scvotes migrate up") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

func TestPasswordsComeFromTheEnvironment(t *testing.T) {
	const p = `p@s/s:w'o\r d`
	t.Setenv("SCVOTES_READER_PASSWORD", p)
	for _, dsn := range []string{"postgres://scvotes_reader@127.0.0.1:5432/db", "postgresql://scvotes_reader@127.0.0.1:5432,127.0.0.2:5432/db?sslmode=disable",
		"host=127.0.0.1 user=scvotes_reader dbname=db"} {
		cfg, err := pgx.ParseConfig(withPassword(dsn))
		if err != nil || cfg.Password != p || cfg.User != "scvotes_reader" {
			t.Errorf("%s: %q, %v", dsn, cfg.Password, err)
		}
	}
	for _, dsn := range []string{"postgres://scvotes_reader:own@h/db", "postgres://scvotes@h/db", "host=h user=scvotes", "postgres://h/db",
		"host=h user=scvotes_reader password=own", "host=h user=scvotes_writer"} {
		if got := withPassword(dsn); got != dsn {
			t.Errorf("%s became %s", dsn, got)
		}
	}
}
