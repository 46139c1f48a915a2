package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"scvotes/store"
	"scvotes/store/pglocal"
)

// database says where the record is kept.
type database struct {
	url, dataDir, binDir string
	readURL, writeURL    string   // of the roles that serve runs as
	replicas             []string // flags as they were given; see replicaURLs
	stderr               io.Writer
	log                  *slog.Logger // takes what would go to stderr; nil is none
}

func (d *database) fromEnvironment(stderr io.Writer) {
	d.stderr = stderr
	d.url = orEnv(d.url, "DATABASE_URL", "")
	d.readURL = orEnv(d.readURL, "DATABASE_READ_URL", "")
	d.writeURL = orEnv(d.writeURL, "DATABASE_WRITE_URL", "")
	d.dataDir = orEnv(d.dataDir, "SCVOTES_DATA", "")
	d.binDir = orEnv(d.binDir, "SCVOTES_PG_BIN", "")
}

// replicaURLs lists the replicas that were named, by the flags, else by the
// environment: URLs apart by spaces or commas. The hosts in a URL are apart by
// commas too, so that only one before another URL parts them.
func (d *database) replicaURLs() ([]string, error) {
	named := d.replicas
	if len(named) == 0 {
		named = []string{os.Getenv("DATABASE_REPLICA_URLS")}
	}
	var urls []string
	for _, text := range named {
		for _, scheme := range []string{"postgres://", "postgresql://"} {
			text = strings.ReplaceAll(text, ","+scheme, " "+scheme)
		}
		for _, url := range strings.Fields(text) {
			url = strings.Trim(url, ",")
			if url == "" {
				continue
			}
			if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
				// Not shown: there may be a password in it.
				return nil, usageError{fmt.Errorf("DATABASE_REPLICA_URLS: entry %d does not begin with postgres://", len(urls)+1)}
			}
			urls = append(urls, withPassword(url))
		}
	}
	if len(urls) > 0 && d.url == "" && d.readURL == "" {
		return nil, usageError{errors.New("DATABASE_REPLICA_URLS names replicas of the database of DATABASE_URL, and that names none")}
	}
	return urls, nil
}

// dsn returns how to connect, and a function that lets go. It starts or joins
// the private Postgres where no database was named.
func (d *database) dsn(ctx context.Context) (string, func(), error) {
	if d.url != "" {
		return d.url, func() {}, nil
	}
	dir, err := d.folder()
	if err != nil {
		return "", nil, err
	}
	server, err := pglocal.Open(ctx, pglocal.Config{DataDir: dir, BinDir: d.binDir, Logf: d.tell})
	if err != nil {
		return "", nil, err
	}
	return server.DSN(), func() {
		if err := server.Close(); err != nil {
			d.tell("scvotes: %v", err)
		}
	}, nil
}

// folder is where the private Postgres lives.
func (d *database) folder() (string, error) {
	if d.dataDir != "" {
		return d.dataDir, nil
	}
	return pglocal.DefaultDataDir()
}

// tell tells of the private Postgres.
func (d *database) tell(format string, args ...any) {
	if d.log != nil {
		d.log.Info(fmt.Sprintf(format, args...))
		return
	}
	fmt.Fprintf(d.stderr, format+"\n", args...)
}

// open connects, migrated and ready to read and write. The function it returns
// closes the connections, then lets go of the private Postgres.
func (d *database) open(ctx context.Context, options ...store.Option) (*store.Store, func(), error) {
	dsn, release, err := d.dsn(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := store.Migrate(ctx, dsn, options...); err != nil {
		release()
		return nil, nil, err
	}
	s, err := store.Open(ctx, dsn, options...)
	if err != nil {
		release()
		return nil, nil, err
	}
	return s, func() { s.Close(); release() }, nil
}
