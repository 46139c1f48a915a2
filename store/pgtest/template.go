package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"

	"scvotes/migrations"
	"scvotes/store"
	"scvotes/votes"
)

// templateLock is the advisory lock of the template: shared while it is
// cloned, held alone while it is built. go test runs packages side by side.
const templateLock = 0x5c07e5

// cloneTemplate creates the database name from the template, building that
// first where it is missing. The connection keeps the shared lock to its end.
func cloneTemplate(ctx context.Context, c *pgx.Conn, server, name string) error {
	template, err := templateName()
	if err != nil {
		return err
	}
	for {
		if _, err := c.Exec(ctx, "SELECT pg_advisory_lock_shared($1)", templateLock); err != nil {
			return err
		}
		there, err := exists(ctx, c, template)
		if err != nil {
			return err
		}
		if there {
			_, err := c.Exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template))
			return err
		}
		if _, err := c.Exec(ctx, "SELECT pg_advisory_unlock_shared($1)", templateLock); err != nil {
			return err
		}
		if err := buildTemplate(ctx, c, server, template); err != nil {
			return fmt.Errorf("build the template: %w", err)
		}
	}
}

// buildTemplate migrates a database beside the template's name and renames it
// when all went well, so that a half migrated one is never cloned. Templates
// of other schemas go.
func buildTemplate(ctx context.Context, c *pgx.Conn, server, template string) error {
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	there, err := exists(ctx, c, template)
	if err == nil && !there {
		err = migrateTemplate(ctx, c, server, template)
	}
	_, unlockErr := c.Exec(ctx, "SELECT pg_advisory_unlock($1)", templateLock)
	return errors.Join(err, unlockErr)
}

func migrateTemplate(ctx context.Context, c *pgx.Conn, server, template string) error {
	old, err := databases(ctx, c, templatePrefix)
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := drop(ctx, c, name); err != nil {
			return err
		}
	}
	building := template + "_new"
	if _, err := c.Exec(ctx, "CREATE DATABASE "+quote(building)); err != nil {
		return err
	}
	if err := store.Migrate(ctx, withDatabase(server, building)); err != nil {
		return err
	}
	_, err = c.Exec(ctx, "ALTER DATABASE "+quote(building)+" RENAME TO "+quote(template))
	return err
}

// templateName changes with everything that store.Migrate lays down: the
// migrations, and the states and terms of package votes.
var templateName = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	if err == nil {
		err = json.NewEncoder(h).Encode([]any{votes.States(), votes.Terms()})
	}
	return fmt.Sprintf("%s%x", templatePrefix, h.Sum(nil)[:8]), err
})

// dropAbandoned drops the databases of test processes that were killed. It is
// for the private server only, where the numbers are those of this machine.
func dropAbandoned(ctx context.Context, c *pgx.Conn) error {
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	names, err := databases(ctx, c, testPrefix)
	if err != nil {
		return err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
		pid, err := strconv.Atoi(number)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			if err := drop(ctx, c, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func exists(ctx context.Context, c *pgx.Conn, name string) (there bool, err error) {
	err = c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	return there, err
}

func databases(ctx context.Context, c *pgx.Conn, prefix string) ([]string, error) {
	rows, err := c.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
