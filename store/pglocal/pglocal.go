// Package pglocal runs a private Postgres from the programs that are installed
// on the machine, so that scvotes works where nobody has set up a database.
//
// Every program that opens the same data folder uses the same Postgres: the
// first starts it, later ones join, and the last one out stops it, also when
// it is killed. Where Postgres is killed, a program that uses it starts it
// again. It listens on a unix socket in a folder of mode 0700 and on no network
// address. Linux and macOS.
//
// Four files and the kernel's flock(2) carry all of this. A lock ends with the
// processes that hold it, so no killed program leaves a wrong one behind:
//
//	start.lock    held alone while a program starts or joins Postgres
//	users.lock    shared by the programs that use Postgres; held alone by the
//	              one that stops it
//	server.lock   inherited by Postgres and all its children: it is free when,
//	              and only when, the last of them is gone
//	postgres/     the data, with Postgres's own postmaster.pid
package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Config says where the private Postgres lives.
type Config struct {
	// DataDir is the folder for data, socket, log and locks, made when it is
	// missing; see [DefaultDataDir].
	DataDir string
	// BinDir is the folder of postgres and initdb; empty to look for one.
	BinDir string
	// NoSync trades safety against a crash of the machine for speed. For tests.
	NoSync bool
	// Logf, where set, is told what takes time: a data folder being made, a start.
	Logf func(format string, args ...any)
}

// Server is a running private Postgres and this program's share in it. It has
// to stay reachable until Close: the lock goes when the Server is collected.
type Server struct {
	folder  folder
	users   *os.File // locked shared
	watcher *watcher
	running postmaster // as Open found it
	keeper  *keeper

	closing  sync.Once
	closeErr error
}

// Open joins the Postgres of cfg.DataDir, or makes its data folder and starts
// it as needed. As root, Postgres runs as the user postgres or else nobody. It
// fails with [ErrNoBinaries] where PostgreSQL is not installed and with
// [ErrVersion] where the data was made by a release that is not installed.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Logf == nil {
		cfg.Logf = func(string, ...any) {}
	}
	f, err := openFolder(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	starting, err := f.lock(ctx, "start.lock", syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer starting.Close()
	users, err := f.lock(ctx, "users.lock", syscall.LOCK_SH) // waits for one that is stopping it
	if err != nil {
		return nil, err
	}
	// The watcher comes before Postgres, so that there is no moment at which
	// this program can be killed and leave a Postgres that nobody stops.
	w, err := startWatcher(f, users)
	if err != nil {
		users.Close()
		return nil, err
	}
	s := &Server{folder: f, users: users, watcher: w}
	if s.running, err = f.bringUp(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.keeper = f.keep(cfg)
	return s, nil
}

// DSN returns the connection string of the database scvotes, as libpq and pgx
// read it. There is no password: who can reach the socket is let in.
func (s *Server) DSN() string {
	host := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.running.socketDir)
	return fmt.Sprintf("host='%s' port=%d user=%s dbname=%s sslmode=disable", host, port, superuser, database)
}

// Close gives up this program's share and, if it was the last one, stops
// Postgres and waits until it is gone. Connections have to be closed before.
func (s *Server) Close() error {
	s.closing.Do(func() {
		s.keeper.dismiss()
		s.closeErr = s.folder.leave(s.users)
		s.watcher.dismiss()
		s.users.Close()
	})
	return s.closeErr
}

// DefaultDataDir returns $XDG_DATA_HOME/scvotes, by default
// ~/.local/share/scvotes. For root it is /var/lib/scvotes where that would lie
// in root's home, which the user that Postgres runs as cannot enter.
func DefaultDataDir() (string, error) {
	const forRoot = "/var/lib/scvotes"
	home, err := os.UserHomeDir()
	base := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(base) { // relative ones are to be ignored (XDG Base Directory Specification)
		if err != nil {
			if os.Geteuid() == 0 {
				return forRoot, nil
			}
			return "", fmt.Errorf("no folder for the data: %w", err)
		}
		base = filepath.Join(home, ".local", "share")
	}
	if os.Geteuid() == 0 && home != "" {
		if rel, err := filepath.Rel(home, base); err == nil && filepath.IsLocal(rel) {
			return forRoot, nil
		}
	}
	return filepath.Join(base, "scvotes"), nil
}
