package store

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// ApplyRoles makes the roles where they are missing, and gives them the rights
// that they should have and no others. passwords are theirs by name; a role that
// has none in it keeps what it has. The schema has to be the newest: what a newer
// one would grant is not known here.
func ApplyRoles(ctx context.Context, dsn string, passwords map[string]string) error {
	for role, password := range passwords {
		if strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r > '~' }) {
			// Clients differ in what they make of other letters before they hash them.
			return fmt.Errorf("the password of %s: only letters, digits and signs of ASCII are taken: %w", role, votes.ErrInvalid)
		}
	}
	s, err := open(ctx, dsn, opened(nil))
	if err != nil {
		return err
	}
	defer s.Close()
	for tries := 0; ; tries++ {
		err := s.migrating(ctx, func(tx pgx.Tx) error { return s.applyRoles(ctx, tx, passwords) })
		if !metAnother(err) || tries == triesForRoles {
			if err != nil {
				return fmt.Errorf("making the roles: %w", err)
			}
			return nil
		}
		time.Sleep(time.Duration(tries+1) * 20 * time.Millisecond)
	}
}

// triesForRoles is how often it is tried to make the roles.
const triesForRoles = 20

// metAnother tells whether somebody else made or changed the same role in the
// same moment, from another database of the server: no lock keeps those apart.
func metAnother(err error) bool {
	return slices.Contains([]string{"23505", "42710", "XX000"}, sqlState(err))
}

func (s *Store) applyRoles(ctx context.Context, tx pgx.Tx, passwords map[string]string) error {
	statements, err := s.roleStatements(ctx, tx)
	if err != nil {
		return err
	}
	for role, password := range passwords {
		verifier, err := scramVerifier(password)
		if err != nil {
			return err
		}
		statements = append(statements, `ALTER ROLE `+role+` PASSWORD '`+verifier+`'`)
	}
	if _, err := tx.Exec(ctx, strings.Join(statements, ";\n")); err != nil {
		return err
	}
	list, err := rolesIn(ctx, tx)
	if err != nil {
		return err
	}
	var left []error
	for _, r := range list {
		for _, fault := range r.Faults {
			left = append(left, fmt.Errorf("%s %s", r.Name, fault))
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("nothing was kept, since this user cannot put right that: %w", errors.Join(left...))
	}
	return nil
}

// RoleSQL returns the statements of ApplyRoles but for the passwords, for
// whoever may make roles where this program may not.
func RoleSQL(ctx context.Context, dsn string) ([]string, error) {
	s, err := open(ctx, dsn, opened(nil))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var list []string
	err = s.snapshot(ctx, func(tx pgx.Tx) error {
		list, err = s.roleStatements(ctx, tx)
		return err
	})
	return list, err
}

// roleStatements are what makes the roles of this database what they should be.
func (s *Store) roleStatements(ctx context.Context, tx pgx.Tx) ([]string, error) {
	version, _, err := schemaVersion(ctx, tx)
	if err != nil {
		return nil, err
	}
	if version > int(s.nodes.schema) {
		return nil, fmt.Errorf("the schema is at version %d, of which this program knows %d: the one that made it has to grant what it needs", version, s.nodes.schema)
	}
	list, err := rolesIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, r := range list {
		if !r.There {
			statements = append(statements, `CREATE ROLE `+r.Name+` LOGIN`)
		}
		for _, setting := range roleSettings[r.Name] {
			if !r.There || slices.Contains(r.Faults, fmt.Sprintf("has not the setting %s = %s", setting[0], setting[1])) {
				statements = append(statements, `ALTER ROLE `+r.Name+` SET `+setting[0]+` = '`+setting[1]+`'`)
			}
		}
	}
	places, err := placeStatements(ctx, tx)
	if err != nil {
		return nil, err
	}
	tables, err := tableStatements(ctx, tx)
	return slices.Concat(statements, places, tables), err
}

// bothRoles is the list of them in SQL.
const bothRoles = ReaderRole + `, ` + WriterRole

// placeStatements give the roles the database and the schema, and take from
// everybody what nobody but whoever migrates needs there.
func placeStatements(ctx context.Context, tx pgx.Tx) ([]string, error) {
	var db, schema, me string
	if err := tx.QueryRow(ctx, `SELECT current_database(), current_schema(), CURRENT_USER`).Scan(&db, &schema, &me); err != nil {
		return nil, err
	}
	db, schema, me = pgx.Identifier{db}.Sanitize(), pgx.Identifier{schema}.Sanitize(), pgx.Identifier{me}.Sanitize()
	return []string{
		`GRANT CREATE, TEMPORARY ON DATABASE ` + db + ` TO ` + me,
		`REVOKE CREATE, TEMPORARY ON DATABASE ` + db + ` FROM PUBLIC, ` + bothRoles,
		`GRANT CONNECT ON DATABASE ` + db + ` TO ` + bothRoles,
		`GRANT TEMPORARY ON DATABASE ` + db + ` TO ` + WriterRole,
		`GRANT CREATE, USAGE ON SCHEMA ` + schema + ` TO ` + me,
		`REVOKE CREATE ON SCHEMA ` + schema + ` FROM PUBLIC, ` + bothRoles,
		`GRANT USAGE ON SCHEMA ` + schema + ` TO ` + bothRoles,
		`REVOKE ALL ON ALL TABLES IN SCHEMA ` + schema + ` FROM PUBLIC, ` + bothRoles,
		`REVOKE ALL ON ALL SEQUENCES IN SCHEMA ` + schema + ` FROM PUBLIC, ` + bothRoles,
	}, nil
}

// tableStatements give the roles their rights on the tables that there are.
func tableStatements(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()`)
	if err != nil {
		return nil, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, right := range everyRight {
		for _, role := range []string{ReaderRole, WriterRole} {
			if may := right.of(role); may != nil && slices.Contains(there, right.table) {
				statements = append(statements, `GRANT `+strings.Join(may, ", ")+` ON `+right.table+` TO `+role)
			}
		}
	}
	return statements, nil
}

// grantNew gives the roles, where they are there, what new tables need.
func grantNew(ctx context.Context, tx pgx.Tx) error {
	var roles int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM pg_roles WHERE rolname IN ('`+ReaderRole+`', '`+WriterRole+`')`).Scan(&roles); err != nil || roles < 2 {
		return err
	}
	statements, err := tableStatements(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, strings.Join(statements, ";")); err != nil {
		return fmt.Errorf("granting the roles what the new tables need: %w", err)
	}
	return nil
}

// scramVerifier is what the server keeps of a password (RFC 5803), worked out
// here so that the password reaches neither the server nor its log.
func scramVerifier(password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	return scramOf(password, salt, scramRounds)
}

const scramRounds = 4096 // as Postgres has it

func scramOf(password string, salt []byte, rounds int) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", err
	}
	sign := func(words string) []byte {
		h := hmac.New(sha256.New, salted)
		h.Write([]byte(words))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", rounds, text(salt), text(stored[:]), text(sign("Server Key"))), nil
}
