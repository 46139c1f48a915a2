package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The roles that serve runs as. Whoever migrates owns the tables and is neither
// of them: neither may change the schema, and what reads cannot write, whatever
// the program asks for.
const (
	ReaderRole = "scvotes_reader"
	WriterRole = "scvotes_writer"
)

// What a role may do with a table, as GRANT names it.
const (
	nothing   = ""
	maySee    = "SELECT"
	mayAdd    = "SELECT, INSERT"
	mayChange = "SELECT, INSERT, UPDATE, DELETE"
	mayCount  = "SELECT, UPDATE" // of a sequence: hand its numbers out
)

// rights are what the roles may do with one table or sequence. The reader sees
// the record and nothing else: no token, no secret of a webhook, no upload, no
// line of the audit log.
type rights struct{ table, reader, writer string }

// everyRight has a line for every table that the migrations make; a test fails
// where one has none.
var everyRight = []rights{
	{migrationsTable, maySee, maySee},
	{"states", maySee, maySee},
	{"state_names", maySee, maySee},
	{"terms", maySee, maySee},

	{"revisions", maySee, mayAdd},
	{"changes", maySee, "SELECT, INSERT, DELETE"},
	{"sources", maySee, "SELECT, INSERT, UPDATE"},
	{"imports", maySee, "SELECT, INSERT, UPDATE"},
	{"import_problems", maySee, mayAdd},
	{"accounts", maySee, mayChange},
	{"accounts_id_seq", nothing, mayCount},
	{"edits", maySee, mayAdd},
	{"edits_number_seq", nothing, mayCount}, // given back by what was only tried

	{"resolutions", maySee, mayChange},
	{"resolutions_no_seq", nothing, mayCount},
	{"votes", maySee, mayChange},
	{"vetoes", maySee, mayChange},
	{"sponsors", maySee, mayChange},
	{"statements", maySee, mayChange},
	{"discrepancies", maySee, mayChange},

	{"tokens", nothing, "SELECT, UPDATE"}, // that it was used; made and revoked by the owner alone
	{"sessions", nothing, "SELECT, INSERT, DELETE"},
	{"replies", nothing, mayChange},
	{"audit_log", nothing, mayAdd},

	{"unfinished", maySee, maySee}, // what a migration has left to do, which its owner does
	{"unchecked", nothing, "SELECT, INSERT, DELETE"},

	{"webhooks", nothing, mayChange},
	{"webhook_secrets", nothing, mayChange},
	{"webhook_messages", nothing, mayChange},
	{"jobs", nothing, mayChange},
	{"job_chunks", nothing, mayChange},
	{"river_job", nothing, mayChange},
	{"river_job_id_seq", nothing, mayCount},
	{"river_leader", nothing, mayChange},
	{"river_queue", nothing, mayChange},
	{"river_notification", nothing, mayChange},
	{"river_notification_id_seq", nothing, mayCount},
}

func (r rights) of(role string) []string {
	list := r.reader
	if role == WriterRole {
		list = r.writer
	}
	if list == nothing {
		return nil
	}
	return strings.Split(list, ", ")
}

// roleSettings hold for every connection of a role, also behind a pooler. What
// reads is never let to work for longer than an answer may take to be sent.
var roleSettings = map[string][][2]string{
	ReaderRole: {{"default_transaction_read_only", "on"}, {"statement_timeout", "90s"}, {"idle_in_transaction_session_timeout", "90s"}, {"lock_timeout", "30s"}},
	WriterRole: {{"statement_timeout", "1h"}, {"idle_in_transaction_session_timeout", "10min"}},
}

// Role is a role of the database as it is.
type Role struct {
	Name   string
	There  bool
	Tables map[string][]string // what it may do with each table
	Faults []string            // how it is otherwise than it should be
}

// Roles tells how the roles are in the database that dsn names.
func Roles(ctx context.Context, dsn string) ([]Role, error) {
	s, err := open(ctx, dsn, opened(nil))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var list []Role
	err = s.snapshot(ctx, func(tx pgx.Tx) error {
		list, err = rolesIn(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the roles: %w", err)
	}
	return list, nil
}

func rolesIn(ctx context.Context, tx pgx.Tx) ([]Role, error) {
	var list []Role
	for _, name := range []string{ReaderRole, WriterRole} {
		r := Role{Name: name, Tables: make(map[string][]string)}
		if err := r.read(ctx, tx); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// read fills in how the role is.
func (r *Role) read(ctx context.Context, tx pgx.Tx) error {
	var login, mighty, member bool
	var settings []string
	err := tx.QueryRow(ctx, `
		SELECT rolcanlogin, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
		       EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid),
		       coalesce((SELECT setconfig FROM pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0), ARRAY[]::text[])
		  FROM pg_roles r WHERE rolname = $1`, r.Name).Scan(&login, &mighty, &member, &settings)
	if err == pgx.ErrNoRows {
		r.Faults = []string{"is not there"}
		return nil
	}
	if err != nil {
		return err
	}
	r.There = true
	r.fault(!login, "may not log in")
	r.fault(mighty, "may do more than what is granted to it: it is a superuser, or may make roles or databases, or copy the whole server")
	r.fault(member, "is a member of another role, and may do what that one may")
	for _, s := range roleSettings[r.Name] {
		r.fault(!slices.Contains(settings, s[0]+"="+s[1]), fmt.Sprintf("has not the setting %s = %s", s[0], s[1]))
	}
	if err := r.readPlaces(ctx, tx); err != nil {
		return err
	}
	return r.readTables(ctx, tx)
}

func (r *Role) fault(is bool, words string) {
	if is {
		r.Faults = append(r.Faults, words)
	}
}

// readPlaces tells what the role may do in the database and the schema.
func (r *Role) readPlaces(ctx context.Context, tx pgx.Tx) error {
	var connect, temporary, create, usage, make bool
	err := tx.QueryRow(ctx, `
		SELECT has_database_privilege($1, current_database(), 'CONNECT'), has_database_privilege($1, current_database(), 'TEMPORARY'),
		       has_database_privilege($1, current_database(), 'CREATE'),
		       has_schema_privilege($1, current_schema(), 'USAGE'), has_schema_privilege($1, current_schema(), 'CREATE')`, r.Name).
		Scan(&connect, &temporary, &create, &usage, &make)
	if err != nil {
		return err
	}
	writes := r.Name == WriterRole
	r.fault(!connect, "may not connect to the database")
	r.fault(!usage, "may not use the schema")
	r.fault(create || make, "may make tables or schemas")
	r.fault(writes && !temporary, "may not make temporary tables, which an import needs")
	r.fault(!writes && temporary, "may make temporary tables")
	return nil
}

// readTables tells what the role may do with each table, and where that is not
// what it should be.
func (r *Role) readTables(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		SELECT c.relname::text, coalesce(array_agg(p.may) FILTER (WHERE has_table_privilege($1, c.oid, p.may)), ARRAY[]::text[])
		  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		       CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (may)
		 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
		   AND (c.relkind <> 'S' OR p.may IN ('SELECT', 'UPDATE'))
		 GROUP BY c.relname ORDER BY c.relname`, r.Name)
	if err != nil {
		return err
	}
	should := make(map[string][]string)
	for _, right := range everyRight {
		should[right.table] = right.of(r.Name)
	}
	var table string
	var may []string
	_, err = pgx.ForEachRow(rows, []any{&table, &may}, func() error {
		if len(may) > 0 {
			r.Tables[table] = slices.Clone(may)
		}
		for _, x := range may {
			r.fault(!slices.Contains(should[table], x), fmt.Sprintf("may %s %s", x, table))
		}
		for _, x := range should[table] {
			r.fault(!slices.Contains(may, x), fmt.Sprintf("may not %s %s", x, table))
		}
		return nil
	})
	return err
}

// Equal are the tables with which a role may do the same.
type Equal struct {
	May    string
	Tables []string
}

// Lines are the rights of a role, the tables of equal rights together.
func (r Role) Lines() []Equal {
	var list []Equal
	for _, table := range slices.Sorted(maps.Keys(r.Tables)) {
		may := strings.Join(r.Tables[table], ", ")
		i := slices.IndexFunc(list, func(e Equal) bool { return e.May == may })
		if i < 0 {
			i, list = len(list), append(list, Equal{May: may})
		}
		list[i].Tables = append(list[i].Tables, table)
	}
	return list
}
