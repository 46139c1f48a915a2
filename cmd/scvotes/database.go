package main

import (
	"context"
	"fmt"
	"io"

	"scvotes/store"
	"scvotes/store/pglocal"
)

// database says where the record is kept.
type database struct {
	url, dataDir, binDir string
	stderr               io.Writer
}

func (d *database) fromEnvironment(stderr io.Writer) {
	d.stderr = stderr
	d.url = orEnv(d.url, "DATABASE_URL", "")
	d.dataDir = orEnv(d.dataDir, "SCVOTES_DATA", "")
	d.binDir = orEnv(d.binDir, "SCVOTES_PG_BIN", "")
}

// dsn returns how to connect, and a function that lets go. It starts or joins
// the private Postgres where no database was named.
func (d *database) dsn(ctx context.Context) (string, func(), error) {
	if d.url != "" {
		return d.url, func() {}, nil
	}
	dir := d.dataDir
	if dir == "" {
		var err error
		if dir, err = pglocal.DefaultDataDir(); err != nil {
			return "", nil, err
		}
	}
	server, err := pglocal.Open(ctx, pglocal.Config{DataDir: dir, BinDir: d.binDir, Logf: func(format string, args ...any) {
		fmt.Fprintf(d.stderr, format+"\n", args...)
	}})
	if err != nil {
		return "", nil, err
	}
	return server.DSN(), func() {
		if err := server.Close(); err != nil {
			fmt.Fprintln(d.stderr, "scvotes:", err)
		}
	}, nil
}

// open connects, migrated and ready to read and write. The function it returns
// closes the connections, then lets go of the private Postgres.
func (d *database) open(ctx context.Context) (*store.Store, func(), error) {
	dsn, release, err := d.dsn(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := store.Migrate(ctx, dsn); err != nil {
		release()
		return nil, nil, err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		release()
		return nil, nil, err
	}
	return s, func() { s.Close(); release() }, nil
}
