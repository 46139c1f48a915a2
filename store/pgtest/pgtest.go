// Package pgtest gives each test a database of its own, cloned in some tens of
// milliseconds from a template that holds the migrated schema.
//
// All test processes share one private Postgres, see [pglocal], in the folder
// for temporary files; it stops when the last of them ends. TEST_DATABASE_URL
// names another server, whose user has to be allowed to create databases.
// Where there is no Postgres the tests fail: they are never skipped.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/store/pglocal"
)

const (
	testPrefix     = "scvotes_test_"
	templatePrefix = "scvotes_template_"
	timeLimit      = time.Minute
)

// New returns the connection string of a fresh database with the migrated
// schema and no resolutions. It is dropped when the test ends, with whatever
// connections are still open.
func New(t testing.TB) string {
	t.Helper()
	return fresh(t, cloneTemplate)
}

// NewEmpty is New without any schema.
func NewEmpty(t testing.TB) string {
	t.Helper()
	return fresh(t, func(ctx context.Context, c *pgx.Conn, _, name string) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+quote(name))
		return err
	})
}

// NewFrom is New with what fill puts into it. It is filled once for each key and
// test process, and cloned from then on.
func NewFrom(t testing.TB, key string, fill func(dsn string) error) string {
	t.Helper()
	if os.Getenv("TEST_DATABASE_URL") != "" { // where nobody would drop what was filled
		dsn := New(t)
		if err := fill(dsn); err != nil {
			t.Fatalf("fill the database of the test with %s: %v", key, err)
		}
		return dsn
	}
	made, _ := filled.LoadOrStore(key, sync.OnceValues(func() (string, error) { return fillOne(fill) }))
	from, err := made.(func() (string, error))()
	if err != nil {
		t.Fatalf("fill a database with %s: %v", key, err)
	}
	return fresh(t, func(ctx context.Context, c *pgx.Conn, _, name string) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(from))
		return err
	})
}

var filled sync.Map // of key to the function that makes its database and returns the name

// fillOne makes a database that lasts until a later process finds it abandoned.
func fillOne(fill func(dsn string) error) (name string, err error) {
	server, err := testServer()
	if err != nil {
		return "", err
	}
	name = testName()
	err = onServer(server, func(ctx context.Context, c *pgx.Conn) error { return cloneTemplate(ctx, c, server, name) })
	if err != nil {
		return "", err
	}
	return name, fill(withDatabase(server, name))
}

// testName is a name by which later test runs can tell whether the process that
// made the database is gone.
func testName() string {
	return fmt.Sprintf("%s%d_%s", testPrefix, os.Getpid(), strings.ToLower(rand.Text()))
}

// fresh lets create make a database on the server and drops it after the test.
func fresh(t testing.TB, create func(ctx context.Context, c *pgx.Conn, server, name string) error) string {
	t.Helper()
	server, err := testServer()
	if err != nil {
		t.Fatalf("no Postgres for the tests: %v", err)
	}
	name := testName()
	err = onServer(server, func(ctx context.Context, c *pgx.Conn) error { return create(ctx, c, server, name) })
	if err != nil {
		t.Fatalf("create a database for the test: %v", err)
	}
	t.Cleanup(func() {
		err := onServer(server, func(ctx context.Context, c *pgx.Conn) error { return drop(ctx, c, name) })
		if err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	return withDatabase(server, name)
}

// private is kept here because a Server that is not reachable lets go of Postgres.
var private *pglocal.Server

// testServer returns the connection string of the server, started or joined
// once per test process. There is no function to close it and none is needed:
// it notices when the process ends.
var testServer = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv("TEST_DATABASE_URL"); dsn != "" {
		return dsn, nil
	}
	_, version, err := pglocal.FindBinaries("")
	if err != nil {
		return "", err
	}
	// One folder a release, or the first run after an upgrade would be refused.
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("scvotes-test-%d-pg%d", os.Getuid(), version))
	ctx, cancel := context.WithTimeout(context.Background(), 2*timeLimit)
	defer cancel()
	if private, err = pglocal.Open(ctx, pglocal.Config{DataDir: dir, NoSync: true}); err != nil {
		return "", err
	}
	return private.DSN(), onServer(private.DSN(), dropAbandoned)
})

func onServer(dsn string, do func(context.Context, *pgx.Conn) error) error {
	// Not the test's own context, which has ended when its clean-up runs.
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer c.Close(ctx) // and with it the locks it holds
	return do(ctx, c)
}

func drop(ctx context.Context, c *pgx.Conn, name string) error {
	_, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// withDatabase returns dsn, in either of its two forms, with another database.
func withDatabase(dsn, name string) string {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		u.Path = "/" + name
		return u.String()
	}
	return dsn + " dbname=" + name // of two, the last counts
}
