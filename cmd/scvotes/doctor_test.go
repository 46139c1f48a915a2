package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/store"
	"scvotes/store/pgtest"
)

// doctor asks scvotes doctor, and returns its checks by name.
func doctor(t *testing.T, args ...string) (map[string]check, result) {
	t.Helper()
	got := cli(t, append([]string{"doctor", "--json"}, args...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(got.stdout), &d); err != nil {
		t.Fatalf("%v in %s%s", err, got.stdout, got.stderr)
	}
	checks, counts := make(map[string]check), map[level]int{}
	for _, c := range d.Checks {
		if c.Found == "" || (c.Level == levelOK) != (c.Do == "") {
			t.Errorf("%+v: what is not ok says what to do, and nothing else does", c)
		}
		checks[c.Name] = c
		counts[c.Level]++
	}
	for l, n := range d.Counts {
		if counts[l] != n {
			t.Errorf("%d %s, counted as %d", counts[l], l, n)
		}
	}
	if want := map[bool]int{true: 0, false: exitFailed}[d.Counts[levelFail] == 0]; got.code != want {
		t.Errorf("exit code %d with %d failed", got.code, d.Counts[levelFail])
	}
	return checks, got
}

// The tests' own Postgres runs with fsync off, which doctor finds; all else of a
// sound record is ok.
func TestDoctorFindsASoundRecordSound(t *testing.T) {
	db := loaded(t)
	checks, _ := doctor(t, "--database-url", db, "--verify")
	for name, says := range map[string]string{
		"database": "PostgreSQL ", "connections": " in use", "schema": ", the newest", "clock": "apart from the database's",
		"record": "revision 3, 427 proposals, the newest vote of 2025-06-04", "verify": "428 accounts and 6 edits give the record as it is",
		"disk": "not to be seen from here", "work": "nothing waits",
	} {
		if c := checks[name]; c.Level != levelOK || !strings.Contains(c.Found, says) {
			t.Errorf("%s: %+v", name, c)
		}
	}
	got := cli(t, "doctor", "--database-url", db)
	if !strings.Contains(got.stdout, "\nok    record       revision 3, 427 proposals") || strings.Contains(got.stdout, "verify ") {
		t.Errorf("as text:\n%s", got.stdout)
	}
}

// Each fault is made to happen, and told by its own check.
func TestDoctorFindsFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(t *testing.T) []string // makes the fault, and returns how to ask
		want map[string]level
		says string // of the first of them
	}{
		{"no schema", func(t *testing.T) []string { return []string{"--database-url", pgtest.NewEmpty(t)} },
			map[string]level{"schema": levelFail, "record": levelFail}, "there is none yet"},
		{"an older schema", func(t *testing.T) []string {
			db := pgtest.New(t)
			if err := store.MigrateDown(t.Context(), db, 1); err != nil {
				t.Fatal(err)
			}
			return []string{"--database-url", db}
		}, map[string]level{"schema": levelFail, "record": levelFail}, "and the program needs"},
		{"a newer schema", tampered(`UPDATE schema_migrations SET version = version + 1`), map[string]level{"schema": levelWarn}, "made by a newer scvotes"},
		{"a migration that broke off", tampered(`UPDATE schema_migrations SET dirty = true`), map[string]level{"schema": levelFail}, "broke off half way"},
		{"work left to do", tampered(`INSERT INTO unfinished (task) VALUES ('record')`), map[string]level{"schema": levelWarn}, "is left to do: record"},
		{"work that nobody does", tampered(`INSERT INTO river_job (kind, args, scheduled_at) VALUES ('webhooks_tell', '{}', now() - interval '1 hour')`),
			map[string]level{"work": levelWarn}, "1 task of the queue waiting"},
		{"work that was given up", tampered(`INSERT INTO river_job (kind, args, state, finalized_at) VALUES ('webhooks_tell', '{}', 'discarded', now())`),
			map[string]level{"work": levelWarn}, "1 task given up"},
		{"an empty record", func(t *testing.T) []string { return []string{"--database-url", pgtest.New(t)} },
			map[string]level{"record": levelWarn}, "it is empty"},
		{"a record that was tampered with", func(t *testing.T) []string {
			db := loaded(t)
			execute(t, db, `UPDATE resolutions SET date = '2014-12-31' WHERE id = 'S-2014-916'`)
			return []string{"--verify", "--database-url", db}
		}, map[string]level{"verify": levelFail}, "differs from its accounts in 1 place"},
		{"a replica that is none", func(t *testing.T) []string {
			return []string{"--database-url", asURL(t, pgtest.New(t)), "--database-replica-url", asURL(t, pgtest.New(t))}
		}, map[string]level{"replica 1": levelFail}, "it is no standby"},
		{"a replica that is away", func(t *testing.T) []string {
			return []string{"--database-url", asURL(t, pgtest.New(t)), "--database-replica-url", "postgres://u:sesame@127.0.0.1:1/x"}
		}, map[string]level{"replica 1": levelFail}, "connection refused"},
		{"no database", func(t *testing.T) []string { return []string{"--database-url", "postgres://u:sesame@127.0.0.1:1/x"} },
			map[string]level{"database": levelFail}, "connection refused"},
		{"another encoding", func(t *testing.T) []string { return []string{"--database-url", inLatin1(t)} },
			map[string]level{"encoding": levelFail}, "LATIN1"},
		{"another hour", tampered(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''America/New_York''', current_database()); END $$`),
			map[string]level{"time zone": levelWarn}, "America/New_York"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checks, got := doctor(t, tt.do(t)...)
			found := false
			for name, l := range tt.want {
				if checks[name].Level != l {
					t.Errorf("%s is %+v, want %s", name, checks[name], l)
				}
				found = found || strings.Contains(checks[name].Found, tt.says)
			}
			if !found {
				t.Errorf("%q is not told:\n%s", tt.says, got.stdout)
			}
			if strings.Contains(got.stdout+got.stderr, "sesame") {
				t.Errorf("a password is shown:\n%s%s", got.stdout, got.stderr)
			}
		})
	}
}

func tampered(sql string) func(*testing.T) []string {
	return func(t *testing.T) []string {
		db := pgtest.New(t)
		onConn(t, db, func(ctx context.Context, c *pgx.Conn) error { _, err := c.Exec(ctx, sql); return err })
		return []string{"--database-url", db}
	}
}

func onConn(t *testing.T, db string, do func(context.Context, *pgx.Conn) error) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if err := do(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// asURL is a database of the tests as a URL, as replicas are named by.
func asURL(t *testing.T, dsn string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d&password=%s", cfg.User, cfg.Database, cfg.Host, cfg.Port, cfg.Password)
}

// inLatin1 makes a database that cannot hold every name of a state.
func inLatin1(t *testing.T) string {
	t.Helper()
	db := pgtest.NewEmpty(t)
	cfg, err := pgx.ParseConfig(db)
	if err != nil {
		t.Fatal(err)
	}
	name := cfg.Database + "_latin"
	onConn(t, db, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
		return err
	})
	t.Cleanup(func() {
		c, err := pgx.Connect(context.Background(), db)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close(context.Background())
		if _, err := c.Exec(context.Background(), "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return strings.Replace(asURL(t, db), "/"+cfg.Database+"?", "/"+name+"?", 1)
}
