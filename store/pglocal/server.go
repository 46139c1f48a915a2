//go:build unix

package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
)

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
