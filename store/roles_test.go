package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// asRole is the connection string of a database for one of the roles. The tests'
// own Postgres asks nobody for a password; any other is given one.
func asRole(t testing.TB, dsn, role string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	return fmt.Sprintf("host=%s port=%d dbname=%s user=%s password=%s sslmode=disable",
		quote(cfg.Host), cfg.Port, quote(cfg.Database), role, quote(testPassword))
}

const testPassword = `it's a "secret" \ 1`

func applyRoles(t testing.TB, dsn string) {
	t.Helper()
	if err := store.ApplyRoles(t.Context(), dsn, map[string]string{store.ReaderRole: testPassword, store.WriterRole: testPassword}); err != nil {
		t.Fatal(err)
	}
}

// newApart is a record whose store reads as the one role and writes as the other.
func newApart(t testing.TB) record {
	t.Helper()
	dsn := pgtest.New(t)
	applyRoles(t, dsn)
	s, err := store.Open(t.Context(), asRole(t, dsn, store.WriterRole), store.WithReader(asRole(t, dsn, store.ReaderRole)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return record{s, connect(t, dsn), dsn}
}

// record tables are what the reader sees. A new table has to be decided on: here,
// and in everyRight of roles.go.
var (
	recordTables = []string{"accounts", "changes", "discrepancies", "edits", "import_problems", "imports", "resolutions", "revisions",
		"schema_migrations", "sources", "sponsors", "state_names", "statements", "states", "terms", "unfinished", "vetoes", "votes"}
	otherTables = []string{
		"audit_log",
		"job_chunks",
		"jobs",
		"replies",
		"river_job",
		"river_leader",
		"river_notification",
		"river_queue",
		"sessions",
		"tokens",
		"unchecked",
		"webhook_messages",
		"webhook_secrets",
		"webhooks",
	}
)

func relations(t *testing.T, r record) []string {
	return r.list(t, `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1`)
}

func TestEveryTableIsDecidedOn(t *testing.T) {
	r := newApart(t)
	want := slices.Sorted(slices.Values(slices.Concat(recordTables, otherTables)))
	if got := relations(t, r); !slices.Equal(got, want) {
		t.Errorf("the tables are\n%q, decided on are\n%q", got, want)
	}
	roles, err := store.Roles(t.Context(), r.dsn)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range roles {
		if !role.There || len(role.Faults) > 0 {
			t.Errorf("%s: there %v, %q", role.Name, role.There, role.Faults)
		}
	}
}

// denied fails where a statement is not refused for want of rights.
func denied(t *testing.T, db *pgx.Conn, sql string) {
	t.Helper()
	_, err := db.Exec(t.Context(), sql)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42501" {
		t.Errorf("%s: %v, want it denied", sql, err)
	}
}

func TestReaderReadsTheRecordAndDoesNothingElse(t *testing.T) {
	r := newApart(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	reader := connect(t, asRole(t, r.dsn, store.ReaderRole))
	// What code that is wrong could do first.
	if _, err := reader.Exec(t.Context(), `SET default_transaction_read_only = off; SET statement_timeout = 0`); err != nil {
		t.Fatal(err)
	}
	for _, table := range relations(t, r) {
		column := one[string](t, r, `SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum = 1`, table)
		for _, sql := range []string{
			`INSERT INTO %[1]s DEFAULT VALUES`, `UPDATE %[1]s SET %[2]s = DEFAULT`, `DELETE FROM %[1]s`, `TRUNCATE %[1]s`,
			`ALTER TABLE %[1]s ADD more text`, `DROP TABLE %[1]s`, `COPY %[1]s FROM STDIN`, `LOCK TABLE %[1]s IN EXCLUSIVE MODE; SELECT`,
			`CREATE INDEX ON %[1]s (%[2]s)`, `CREATE TRIGGER x BEFORE INSERT ON %[1]s EXECUTE FUNCTION record_is_whole()`,
			`COMMENT ON TABLE %[1]s IS ''`, `GRANT SELECT ON %[1]s TO PUBLIC`, `COPY %[1]s TO PROGRAM 'true'`, `COPY %[1]s TO '/tmp/x'`,
		} {
			sql := fmt.Sprintf(sql, table, column)
			if strings.HasPrefix(sql, "GRANT") {
				// Postgres only warns of a grant that grants nothing.
				if _, err := reader.Exec(t.Context(), sql); err == nil && len(one[[]string](t, r,
					`SELECT coalesce(array_agg(a::text) FILTER (WHERE a::text LIKE '=%'), '{}') FROM pg_class, unnest(relacl) a WHERE oid = to_regclass($1)`, table)) > 0 {
					t.Errorf("%s: granted", sql)
				}
				continue
			}
			denied(t, reader, sql)
		}
		if slices.Contains(recordTables, table) {
			if _, err := reader.Exec(t.Context(), `SELECT * FROM `+table); err != nil {
				t.Errorf("the reader cannot read %s: %v", table, err)
			}
			continue
		}
		denied(t, reader, `SELECT count(*) FROM `+table)
		denied(t, reader, `SELECT `+column+` FROM `+table)
		denied(t, reader, `COPY `+table+` TO STDOUT`)
	}
	for _, sql := range []string{
		`CREATE TABLE mine (a int)`, `CREATE TEMPORARY TABLE mine (a int)`, `CREATE SCHEMA mine`, `CREATE ROLE mine`, `CREATE DATABASE mine`,
		`SELECT nextval('accounts_id_seq')`, `SELECT setval('resolutions_no_seq', 1)`, `SELECT last_value FROM accounts_id_seq`,
		`SELECT * FROM pg_authid`, `SELECT pg_read_file('/etc/passwd')`, `SET ROLE ` + store.WriterRole, `ALTER SYSTEM SET jit = on`,
		`CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
	} {
		denied(t, reader, sql)
	}
}

func TestWriterMakesNoTablesAndRewritesNoHistory(t *testing.T) {
	r := newApart(t)
	writer := connect(t, asRole(t, r.dsn, store.WriterRole))
	for _, table := range relations(t, r) {
		for _, sql := range []string{`TRUNCATE %s`, `ALTER TABLE %s ADD more text`, `DROP TABLE %s`, `CREATE INDEX ON %[1]s ((%[1]s IS NULL))`,
			`ALTER TABLE %s DISABLE TRIGGER ALL`, `COPY %s TO PROGRAM 'true'`} {
			denied(t, writer, fmt.Sprintf(sql, table))
		}
	}
	for _, sql := range []string{
		`CREATE TABLE mine (a int)`, `CREATE SCHEMA mine`, `CREATE ROLE mine`, `SET ROLE ` + store.ReaderRole,
		`UPDATE revisions SET summary = ''`, `DELETE FROM revisions`, `UPDATE changes SET what = 'new'`,
		`UPDATE edits SET reason = 'another'`, `DELETE FROM edits`, `DELETE FROM imports`, `DELETE FROM import_problems`,
		`UPDATE audit_log SET who = 'another'`, `DELETE FROM audit_log`, `INSERT INTO tokens (id) VALUES ('x')`, `DELETE FROM tokens`,
		`INSERT INTO states VALUES ('XXX', 'XXX', 'x')`, `DELETE FROM terms`, `UPDATE schema_migrations SET dirty = true`,
	} {
		denied(t, writer, sql)
	}
}

func TestReadersConnectionsOnlyRead(t *testing.T) {
	r := newApart(t)
	reader := connect(t, asRole(t, r.dsn, store.ReaderRole))
	for setting, want := range map[string]string{"default_transaction_read_only": "on", "statement_timeout": "90s",
		"idle_in_transaction_session_timeout": "90s", "lock_timeout": "30s"} {
		var got string
		if err := reader.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v, want %s", setting, got, err, want)
		}
	}
	_, err := reader.Exec(t.Context(), `DELETE FROM votes`)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "25006" && pg.Code != "42501" {
		t.Errorf("a delete: %v", err)
	}
}

// A store whose code is wrong writes by the connection that it reads with.
func TestStoreThatReadsCannotWrite(t *testing.T) {
	r := newApart(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	if err := r.ReadWrongly(t.Context(), `DELETE FROM votes RETURNING code`); err == nil {
		t.Error("a delete by whoever reads was done")
	}
	err := r.At(t.Context(), func(s *store.Store) error {
		return s.ReadWrongly(t.Context(), `UPDATE resolutions SET title = 'x' RETURNING id`)
	})
	if err == nil {
		t.Error("an update in a moment that is read was done")
	}
	only, err := store.Open(t.Context(), "", store.WithReader(asRole(t, r.dsn, store.ReaderRole)))
	if err != nil {
		t.Fatal(err)
	}
	defer only.Close()
	if only.Writes() {
		t.Error("a store without anybody who writes says that it writes")
	}
	if _, _, err := only.Edit(t.Context(), []votes.Edit{{ID: "S-2024-835", Field: "title", Value: "x", Reason: "r", Reference: "d"}}); err == nil {
		t.Error("a store that only reads took an edit")
	}
	if _, _, err := only.Resolution(t.Context(), "S-2024-835"); err != nil {
		t.Errorf("a store that only reads: %v", err)
	}
	if n := one[int](t, r, `SELECT count(*) FROM votes`); n != 15 {
		t.Errorf("%d votes, want the 15 there were", n)
	}
}

// All that the program does to the record, done by the roles, gives what its
// owner makes of the same.
func TestRolesDoWhatTheOwnerDoes(t *testing.T) {
	owner, apart := newRecord(t), newApart(t)
	store.FirstLoadAfter(t, 2) // the owner's way of a first load is not open to the role
	for _, r := range []record{owner, apart} {
		r.loadStarter(t)
		r.edit(t, starterEdits(t)...)
		r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
		r.edit(t, decide("S-2024-835", "title", "another title"))
		if _, _, err := r.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rep := r.verify(t); len(rep.Differences) > 0 {
			t.Errorf("verify: %s", differences(rep))
		}
	}
	sameRecord(t, "by the roles", owner.exported(t), apart.exported(t))
	a, b := owner.counts(t), apart.counts(t)
	for table, n := range a {
		if b[table] != n {
			t.Errorf("%s: %d rows by the roles, %d by the owner", table, b[table], n)
		}
	}
}

func TestRolesAreShownAndPutRight(t *testing.T) {
	r := newRecord(t)
	applyRoles(t, r.dsn)
	r.exec(t, `REVOKE SELECT ON votes FROM `+store.ReaderRole+`; GRANT DELETE ON votes TO `+store.ReaderRole+`;
		GRANT SELECT ON unchecked TO PUBLIC; GRANT UPDATE ON edits TO `+store.WriterRole)
	roles, err := store.Roles(t.Context(), r.dsn)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"may SELECT unchecked", "may DELETE votes", "may not SELECT votes"}, {"may UPDATE edits"}}
	for i, role := range roles {
		if !slices.Equal(role.Faults, want[i]) {
			t.Errorf("%s: %q, want %q", role.Name, role.Faults, want[i])
		}
	}
	applyRoles(t, r.dsn)
	if roles, err = store.Roles(t.Context(), r.dsn); err != nil || len(roles[0].Faults)+len(roles[1].Faults) > 0 {
		t.Errorf("after applying: %v, %v", roles, err)
	}
}

// The statements that are printed do what the program does itself.
func TestRoleSQLIsWhatIsDone(t *testing.T) {
	r := newRecord(t)
	statements, err := store.RoleSQL(t.Context(), r.dsn)
	if err != nil {
		t.Fatal(err)
	}
	r.exec(t, strings.Join(statements, ";\n"))
	roles, err := store.Roles(t.Context(), r.dsn)
	if err != nil || len(roles[0].Faults)+len(roles[1].Faults) > 0 {
		t.Errorf("%v, %v", roles, err)
	}
	for _, s := range statements {
		if strings.Contains(s, "PASSWORD") {
			t.Errorf("%s: no password is printed", s)
		}
	}
}

func TestMigrateGrantsWhatNewTablesNeed(t *testing.T) {
	applyRoles(t, pgtest.New(t)) // the roles are of the whole server
	dsn := pgtest.NewEmpty(t)
	if err := store.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	reader := connect(t, asRole(t, dsn, store.ReaderRole))
	if _, err := reader.Exec(t.Context(), `SELECT FROM resolutions`); err != nil {
		t.Errorf("the reader cannot read what was migrated: %v", err)
	}
	denied(t, reader, `SELECT FROM unchecked`)
}

// The server keeps of a password what it would have worked out itself, and is
// never told it.
func TestRolesPasswords(t *testing.T) {
	r := newRecord(t)
	if err := store.ApplyRoles(t.Context(), r.dsn, map[string]string{store.ReaderRole: "mit ä"}); !errors.Is(err, votes.ErrInvalid) {
		t.Errorf("a password that clients read differently: %v", err)
	}
	tx, err := r.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	var servers string
	if _, err := tx.Exec(t.Context(), `SET LOCAL password_encryption = 'scram-sha-256'; CREATE ROLE scvotes_test_password PASSWORD '`+
		strings.ReplaceAll(testPassword, "'", "''")+`'`); err != nil {
		t.Fatal(err)
	}
	if err := tx.QueryRow(t.Context(), `SELECT rolpassword FROM pg_authid WHERE rolname = 'scvotes_test_password'`).Scan(&servers); err != nil {
		t.Fatal(err)
	}
	if ours, err := store.VerifierLike(servers, testPassword); err != nil || ours != servers {
		t.Errorf("the server keeps %s, we would %s, %v", servers, ours, err)
	}
	applyRoles(t, r.dsn)
	kept := one[string](t, r, `SELECT rolpassword FROM pg_authid WHERE rolname = $1`, store.ReaderRole)
	if ours, err := store.VerifierLike(kept, testPassword); err != nil || ours != kept {
		t.Errorf("the server keeps %s, want %s, %v", kept, ours, err)
	}
}
