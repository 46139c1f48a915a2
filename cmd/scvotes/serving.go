package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"scvotes/store"
)

// The passwords of the roles that serve runs as: for roles apply to set, and for
// serve where the URL of the role has none.
var rolePasswords = map[string]string{
	store.ReaderRole: "SCVOTES_READER_PASSWORD",
	store.WriterRole: "SCVOTES_WRITER_PASSWORD",
}

// openServing is open for serve, which reads as one role and writes as another,
// where they are to be had: by URLs of their own, or by itself with the private
// Postgres. Without migrate nobody is needed who may change the schema.
func (d *database) openServing(ctx context.Context, migrate bool, options ...store.Option) (*store.Store, func(), error) {
	apart := d.readURL != "" || d.writeURL != ""
	if apart && d.url == "" && migrate {
		return nil, nil, usageError{errors.New("DATABASE_READ_URL and DATABASE_WRITE_URL name roles that may not migrate: name one that may with DATABASE_URL, or say --migrate=false")}
	}
	owner, release := d.url, func() {}
	if d.url == "" && !apart {
		var err error
		if owner, release, err = d.dsn(ctx); err != nil {
			return nil, nil, err
		}
	}
	s, err := d.openAs(ctx, owner, migrate, options)
	if err != nil {
		release()
		return nil, nil, err
	}
	return s, func() { s.Close(); release() }, nil
}

// openAs migrates as the owner, if it is to, and opens as the roles.
func (d *database) openAs(ctx context.Context, owner string, migrate bool, options []store.Option) (*store.Store, error) {
	if migrate {
		if err := store.Migrate(ctx, owner, options...); err != nil {
			return nil, err
		}
	}
	writes, reads := owner, ""
	if d.writeURL != "" {
		writes = withPassword(d.writeURL)
	}
	if d.readURL != "" {
		reads = withPassword(d.readURL)
	}
	if private := d.url == "" && owner != ""; private && migrate {
		var err error
		if writes, reads, err = privateRoles(ctx, owner); err != nil {
			return nil, err
		}
	}
	if !migrate {
		if err := schemaStands(ctx, cmp.Or(reads, writes)); err != nil {
			return nil, err
		}
	}
	if reads != "" {
		options = append(options, store.WithReader(reads))
	}
	return store.Open(ctx, writes, options...)
}

// privateRoles are the roles of the private Postgres, made where they are
// missing. Its socket asks nobody for a password. A schema that a newer program
// made has what that one granted.
func privateRoles(ctx context.Context, owner string) (writes, reads string, err error) {
	at, newest, _, err := store.MigrationStatus(ctx, owner)
	if err != nil {
		return "", "", err
	}
	roles, err := store.Roles(ctx, owner)
	if err != nil {
		return "", "", err
	}
	if at <= newest && len(roles[0].Faults)+len(roles[1].Faults) > 0 {
		if err := store.ApplyRoles(ctx, owner, nil); err != nil {
			return "", "", err
		}
	}
	return owner + " user=" + store.WriterRole, owner + " user=" + store.ReaderRole, nil
}

// schemaStands refuses a schema that lacks what the program needs.
func schemaStands(ctx context.Context, dsn string) error {
	at, newest, _, err := store.MigrationStatus(ctx, dsn)
	if err != nil {
		return err
	}
	if at < newest {
		return fmt.Errorf("the schema is at version %d, and this program needs %d: run scvotes migrate up as its owner", at, newest)
	}
	return nil
}

// withPassword gives the connection string of one of the roles the password that
// the environment has for it, where it has none of its own.
func withPassword(dsn string) string {
	for role, variable := range rolePasswords {
		password := os.Getenv(variable)
		if password == "" {
			continue
		}
		scheme, rest, isURL := strings.Cut(dsn, "://")
		if words := " " + dsn + " "; !isURL && strings.Contains(words, " user="+role+" ") && !strings.Contains(words, " password=") {
			return dsn + " password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password) + "'"
		}
		// By hand: a URL of several hosts with ports is none to net/url.
		if after, ok := strings.CutPrefix(rest, role+"@"); isURL && ok {
			return scheme + "://" + role + ":" + url.User(password).String() + "@" + after
		}
	}
	return dsn
}
