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
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// ErrNotHere is returned by Open on systems where no private Postgres is run: it
// leans on what unix has, sockets, locks that end with their process and
// children that end with their parent.
var ErrNotHere = errors.New("on this system scvotes runs no Postgres of its own: name one in DATABASE_URL, as " +
	"postgres://user:password@host/name (PostgreSQL can be installed from https://www.postgresql.org/download/, or run in a container)")

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
