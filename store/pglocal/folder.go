//go:build unix

package pglocal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

const (
	superuser = "scvotes"
	database  = "scvotes"
	port      = 5432 // only part of the socket's name
	logName   = "postgres.log"

	// A socket's path has room for 107 bytes on Linux and 103 on macOS.
	longestSocket = 103
)

// folder is a data folder.
type folder struct {
	dir   string              // absolute, links resolved
	owner *syscall.Credential // whom Postgres runs as; nil for the user of this program
}

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }
func (f folder) data() string            { return f.path("postgres") }

// openFolder makes the folder where it is missing. One that is there already
// keeps its mode and owner: it may hold other things.
func openFolder(dir string) (folder, error) {
	if dir == "" {
		return folder{}, errors.New("no data folder given for the private Postgres")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, err
	}
	var f folder
	if f.owner, err = unprivileged(); err != nil {
		return folder{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return folder{}, err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := f.place(dir); err != nil {
			return folder{}, err
		}
	}
	if f.dir, err = filepath.EvalSymlinks(dir); err != nil {
		return folder{}, err
	}
	return f, errors.Join(f.ours(f.dir), f.reachable(f.dir))
}

// unprivileged returns whom Postgres is to run as when this program is run by
// root, since Postgres refuses to; nil for any other user. initdb needs a user
// that has a name, so a bare number would not do.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("run by root, Postgres needs a user postgres or nobody, and there is none: %w", err)
	}
	uid, uidErr := strconv.ParseInt(u.Uid, 10, 64) // macOS has the user nobody at -2
	gid, gidErr := strconv.ParseInt(u.Gid, 10, 64)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

// place makes the data folder, unless another program has just done so. It
// gets its owner and a first file before its name: from then on others use it,
// and a folder that holds something is not replaced by renaming.
func (f folder) place(dir string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".scvotes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing is there once it is renamed
	err = errors.Join(f.own(tmp), os.WriteFile(filepath.Join(tmp, "start.lock"), nil, 0o600))
	if err == nil {
		err = os.Rename(tmp, dir)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// ours refuses a folder of another user: where all may write, as in /tmp,
// anybody could have put it there.
func (f folder) ours(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	uid := info.Sys().(*syscall.Stat_t).Uid
	if uid != uint32(os.Geteuid()) && (f.owner == nil || uid != f.owner.Uid) {
		return fmt.Errorf("%s belongs to the user with id %d: not used for a private Postgres", dir, uid)
	}
	return nil
}

// own hands a file to the user that Postgres runs as.
func (f folder) own(name string) error {
	if f.owner == nil {
		return nil
	}
	return os.Chown(name, int(f.owner.Uid), int(f.owner.Gid))
}

// reachable names the folder on the way to dir that keeps Postgres out.
func (f folder) reachable(dir string) error {
	for ; f.owner != nil; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		enter := fs.FileMode(0o001)
		if st.Uid == f.owner.Uid {
			enter = 0o100
		} else if st.Gid == f.owner.Gid {
			enter = 0o010
		}
		if info.Mode()&enter == 0 {
			return fmt.Errorf("%s cannot be used for data: run by root, Postgres runs as the user with id %d, who may not enter %s (mode %#o)",
				f.dir, f.owner.Uid, dir, info.Mode().Perm())
		}
		if dir == "/" {
			break
		}
	}
	return nil
}

// socketDir returns the folder of the socket, made: in the data folder, or in
// /tmp where that path is too long or holds what Postgres reads as a list.
// TMPDIR is not asked, which on macOS is long and may differ between programs.
func (f folder) socketDir() (string, error) {
	dir := f.path("run")
	if len(dir)+len("/.s.PGSQL.5432") > longestSocket || strings.ContainsAny(dir, `,"`) {
		dir = fmt.Sprintf("/tmp/scvotes-%x", sha256.Sum256([]byte(f.dir)))[:len("/tmp/scvotes-")+16]
	}
	switch err := os.Mkdir(dir, 0o700); {
	case err == nil:
		return dir, f.own(dir)
	case !errors.Is(err, fs.ErrExist):
		return "", err
	}
	if err := f.ours(dir); err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o700)
}

// madeBy returns the major version that made the data, 0 where there is none.
func (f folder) madeBy() (int, error) {
	name := filepath.Join(f.data(), "PG_VERSION")
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, _, _ := strings.Cut(strings.TrimSpace(string(b)), ".") // 9.6 had two numbers
	version, err := strconv.Atoi(major)
	if err != nil {
		return 0, fmt.Errorf("%s does not hold a version: %w", name, err)
	}
	return version, nil
}

// create makes the data folder with an empty database in it. It is made beside
// its place and then renamed, so that one half made never counts.
func (f folder) create(ctx context.Context, bin binaries, noSync bool) error {
	const building = "postgres.new-"
	// Of a program that was killed here. Its initdb may outlive it and still be
	// writing: what cannot be removed now is removed when this one is made.
	left, _ := filepath.Glob(f.path(building) + "*")
	sweep := func() {
		for _, dir := range left {
			_ = os.RemoveAll(dir)
		}
	}
	sweep()
	defer sweep()
	dir, err := os.MkdirTemp(f.dir, building)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // nothing is there once it is renamed
	if err := f.own(dir); err != nil {
		return err
	}
	args := append(localeArgs(bin.version), "--pgdata", dir, "--username", superuser, "--auth=trust", "--encoding=UTF8")
	if noSync {
		args = append(args, "--no-sync")
	}
	if out, err := f.command(ctx, bin, "initdb", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, lastLines(string(out)))
	}
	single := f.command(ctx, bin, "postgres", "--single", "-D", dir, "postgres")
	single.Stdin = strings.NewReader("CREATE DATABASE " + database + "\n")
	// A failed statement does not show in the exit code of a single-user session.
	out, err := single.CombinedOutput()
	if err == nil && strings.Contains(string(out), "ERROR:") {
		err = errors.New("failed")
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w\n%s", database, err, lastLines(string(out)))
	}
	return os.Rename(dir, f.data())
}

// localeArgs asks for text that sorts by code point, the same on every
// machine, and knows the letters of all of Unicode. Since 17 Postgres does
// that by itself; before, the system's library has to.
func localeArgs(version int) []string {
	if version >= 17 {
		return []string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}
	}
	if runtime.GOOS == "darwin" {
		return []string{"--locale=C", "--lc-ctype=UTF-8"}
	}
	return []string{"--locale=C", "--lc-ctype=C.UTF-8"}
}

// command prepares one of Postgres's programs, run as the folder's owner. It
// gets little of the environment: PGPORT, PGDATA and their like are obeyed by
// a server too.
func (f folder) command(ctx context.Context, bin binaries, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(bin.dir, name), args...)
	cmd.Dir = f.dir // the user that Postgres runs as may not be able to read ours
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	// A session of its own, so that Ctrl-C in the terminal does not reach it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: f.owner}
	return cmd
}
