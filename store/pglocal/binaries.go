package pglocal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ErrNoBinaries is returned where PostgreSQL's server programs are not found.
// Its text says what to do about it.
var ErrNoBinaries = errors.New(`PostgreSQL is not installed (no folder with the programs postgres and initdb). Three ways on:
  install it:          Debian, Ubuntu: apt-get install postgresql
                       Fedora: dnf install postgresql-server
                       Homebrew: brew install postgresql@17
  run in containers:   docker compose up
  use a running one:   DATABASE_URL=postgres://user:password@host/database`)

// ErrVersion is returned for a data folder made by another major release than
// those installed. The folder has not been touched.
var ErrVersion = errors.New("the data folder belongs to another major version of PostgreSQL")

// BinVar is the environment variable that names the folder of postgres and initdb.
const BinVar = "SCVOTES_PG_BIN"

// places are where systems put the server programs when they do not put them
// in PATH: Debian and Ubuntu, the PostgreSQL project's packages for Fedora and
// Red Hat, Homebrew on Apple silicon and on Intel.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

type binaries struct {
	dir     string
	version int // major release
}

// FindBinaries returns the folder of postgres and initdb and their major
// version: override, else $SCVOTES_PG_BIN, else PATH, else the newest in the
// places where systems put them. An override that is wrong is an error, and no
// other is looked for. The error is [ErrNoBinaries].
func FindBinaries(override string) (dir string, version int, err error) {
	all, err := allBinaries(override)
	if err != nil {
		return "", 0, err
	}
	return all[0].dir, all[0].version, nil
}

// binariesFor returns the programs that can run data made by version made, or
// the best there are where made is 0.
func binariesFor(override string, made int, data string) (binaries, error) {
	all, err := allBinaries(override)
	if err != nil {
		return binaries{}, err
	}
	if made == 0 {
		return all[0], nil
	}
	// Two releases live side by side after a system upgrade: take the one that fits.
	for _, b := range all {
		if b.version == made {
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf(`%w: %s was made by PostgreSQL %d; installed is %d, in %s. Nothing was changed.
  To go on as before:  install PostgreSQL %d beside it, or name its folder in %s.
  To upgrade:          run pg_upgrade (https://www.postgresql.org/docs/current/pgupgrade.html), or
                       export with %d, move the folder away, start anew and import`,
		ErrVersion, data, made, all[0].version, all[0].dir, made, BinVar, made)
}

// allBinaries returns what is installed, best first, at least one.
func allBinaries(override string) ([]binaries, error) {
	if override == "" {
		override = os.Getenv(BinVar)
	}
	if override != "" {
		b, err := inspect(override)
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%w", override, err, ErrNoBinaries)
		}
		return []binaries{b}, nil
	}
	var found []binaries
	for _, pattern := range places {
		dirs, _ := filepath.Glob(pattern) // fails for a bad pattern only
		for _, dir := range dirs {
			if b, err := inspect(dir); err == nil {
				found = append(found, b)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return b.version - a.version })
	// A name in PATH is often a link; initdb looks for its files beside the real one.
	if name, err := exec.LookPath("postgres"); err == nil {
		if name, err = filepath.EvalSymlinks(name); err == nil {
			if b, err := inspect(filepath.Dir(name)); err == nil {
				found = slices.Insert(found, 0, b)
			}
		}
	}
	if len(found) == 0 {
		return nil, ErrNoBinaries
	}
	return found, nil
}

var reVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect tells whether dir holds the programs, and of which release.
func inspect(dir string) (binaries, error) {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return binaries{}, err
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("postgres --version: %w", err)
	}
	m := reVersion.FindSubmatch(out)
	if m == nil {
		return binaries{}, fmt.Errorf("postgres --version says %q", strings.TrimSpace(string(out)))
	}
	version, err := strconv.Atoi(string(m[1]))
	return binaries{dir: dir, version: version}, err
}
