package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

func TestNewIsMigratedAndItsOwn(t *testing.T) {
	a, b := connect(t, New(t)), connect(t, New(t))
	if n := number(t, a, "SELECT count(*) FROM states"); n != len(votes.States()) {
		t.Errorf("%d states, want the %d of package votes", n, len(votes.States()))
	}
	run(t, a, "CREATE TABLE mine (n int)")
	if n := number(t, b, "SELECT count(*) FROM pg_tables WHERE tablename = 'mine'"); n != 0 {
		t.Error("one test's table is seen by another")
	}
}

func TestNewEmptyHasNoSchema(t *testing.T) {
	c := connect(t, NewEmpty(t))
	if n := number(t, c, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
		t.Errorf("%d tables, want none", n)
	}
}

func TestDatabaseIsDroppedWithOpenConnections(t *testing.T) {
	var name string
	t.Run("uses one", func(t *testing.T) {
		c, err := pgx.Connect(t.Context(), New(t)) // not closed
		if err != nil {
			t.Fatal(err)
		}
		name = c.Config().Database
	})
	if slices.Contains(all(t), name) {
		t.Errorf("%s is still there", name)
	}
}

func TestTestsThatStartTogetherShareOneTemplate(t *testing.T) {
	if os.Getenv("TEST_DATABASE_URL") != "" {
		t.Skip("drops the template, which on a shared server others may be using")
	}
	server, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	template, err := templateName()
	if err != nil {
		t.Fatal(err)
	}
	err = onServer(server, func(ctx context.Context, c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
			return err
		}
		return drop(ctx, c, template)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			number(t, connect(t, New(t)), "SELECT count(*) FROM states")
		})
	}
}

func TestAbandonedDatabasesGo(t *testing.T) {
	server, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	abandoned := fmt.Sprintf("%s%d_abandoned", testPrefix, gone.Process.Pid)
	kept := connect(t, NewEmpty(t)).Config().Database
	err = onServer(server, func(ctx context.Context, c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "CREATE DATABASE "+quote(abandoned)); err != nil {
			return err
		}
		return dropAbandoned(ctx, c)
	})
	if err != nil {
		t.Fatal(err)
	}
	left := all(t)
	if slices.Contains(left, abandoned) {
		t.Error("the database of a process that is gone is still there")
	}
	if !slices.Contains(left, kept) {
		t.Error("the database of a living process was dropped")
	}
}

func TestWithDatabase(t *testing.T) {
	for _, dsn := range []string{
		"host='/tmp/a b' user=u dbname=scvotes",
		"postgres://u:p%40ss@127.0.0.1:5433/scvotes?sslmode=disable",
		"postgres:///?host=/tmp",
	} {
		before, err := pgx.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		after, err := pgx.ParseConfig(withDatabase(dsn, "other"))
		if err != nil {
			t.Fatal(err)
		}
		if after.Database != "other" || after.Host != before.Host || after.Port != before.Port || after.User != before.User || after.Password != before.Password {
			t.Errorf("%s became %s", dsn, withDatabase(dsn, "other"))
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(b)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func number(t *testing.T, c *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := c.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func run(t *testing.T, c *pgx.Conn, sql string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T) (names []string) {
	t.Helper()
	server, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	err = onServer(server, func(ctx context.Context, c *pgx.Conn) error {
		names, err = databases(ctx, c, testPrefix)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
