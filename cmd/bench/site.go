package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"scvotes/store/pglocal"
	"scvotes/votes/synthetic"
)

// site is all that this run has started, and the folder that it works in.
type site struct {
	settings
	logf      func(format string, args ...any)
	folder    string
	postgres  *pglocal.Server
	processes []*process

	warm, cold, static *process // scvotes with and without its cache; Echo
	missing            []missing
	scripts            int
}

// missing is what could not be measured, and why.
type missing struct{ What, Why string }

// resolutions is how many the record holds.
func (s *site) resolutions(ctx context.Context) (int, error) {
	out, err := s.output(ctx, nil, s.program("psql"), "-qAt", "-d", s.postgres.DSN(), "-c", "SELECT count(*) FROM resolutions")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		return 0, fmt.Errorf("counting the resolutions: %w", err)
	}
	return n, nil
}

// fullRecord is about how many votes there were from 1946 to now. Without the
// published files the record is filled up to it.
const fullRecord = 3000

// open brings up everything but the peers. It returns what it has started, to be
// closed, with an error too.
func open(ctx context.Context, set settings, logf func(string, ...any)) (*site, error) {
	folder, err := os.MkdirTemp("", "scvotes-bench-")
	if err != nil {
		return nil, err
	}
	s := &site{settings: set, logf: logf, folder: folder}
	// Where root runs this, Postgres runs as another user and has to get in.
	if err := os.Chmod(folder, 0o755); err != nil {
		return s, err
	}
	if _, err := exec.LookPath("wrk"); err != nil {
		return s, errors.New("wrk is not installed: scripts/need-bench installs it (Debian, Ubuntu: apt-get install wrk)")
	}
	if s.binary == "" {
		s.logf("building scvotes")
		s.binary = s.path("scvotes")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", s.binary, "./cmd/scvotes")
		build.Dir, build.Env = s.root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return s, fmt.Errorf("go build: %w\n%s", err, out)
		}
	} else if s.binary, err = filepath.Abs(s.binary); err != nil {
		return s, err
	}
	if s.postgres, err = pglocal.Open(ctx, pglocal.Config{DataDir: s.path("data"), Logf: logf}); err != nil {
		return s, err
	}
	if err := s.load(ctx); err != nil {
		return s, err
	}
	return s, s.serve(ctx)
}

// close ends what was started, the newest first.
func (s *site) close() {
	for _, p := range slices.Backward(s.processes) {
		p.stop()
	}
	if s.postgres != nil {
		if err := s.postgres.Close(); err != nil {
			s.logf("%v", err)
		}
	}
	if err := os.RemoveAll(s.folder); err != nil {
		s.logf("%v", err)
	}
}

func (s *site) path(name string) string { return filepath.Join(s.folder, name) }

func (s *site) environment(more ...string) []string {
	return append([]string{"DATABASE_URL=" + s.postgres.DSN()}, more...)
}

// load fills the database: the starter record that the program carries, then the
// published files, or invented votes where there are none.
func (s *site) load(ctx context.Context) error {
	s.logf("loading the starter record")
	first, err := s.scvotes(ctx, "scvotes loading", s.postgres.DSN())
	if err != nil {
		return err
	}
	first.stop()
	files, err := s.sheets(ctx)
	if err != nil {
		return err
	}
	for _, name := range files {
		s.logf("importing %s", filepath.Base(name))
		out, err := s.output(ctx, s.environment(), s.binary, "import", "--keep-going", "--quiet", name)
		var ended *exec.ExitError
		if errors.As(err, &ended) && strings.Contains(out, "no known layout") {
			s.logf("%s is no list of votes: left out", filepath.Base(name))
		} else if err != nil {
			return err
		}
	}
	// As autovacuum does within the minute.
	if _, err := s.output(ctx, nil, s.program("psql"), "-q", "-d", s.postgres.DSN(), "-c", "VACUUM ANALYZE"); err != nil {
		return err
	}
	if _, err := s.output(ctx, s.environment(), s.binary, "export", "--format", "ndjson", "-o", s.path(recordName)); err != nil {
		return err
	}
	return nil
}

// recordName is the whole record, a line a resolution, for the peers to load.
const recordName = "record.ndjson"

// sheets are the files to import.
func (s *site) sheets(ctx context.Context) ([]string, error) {
	if s.files != "" {
		files, err := filepath.Glob(filepath.Join(s.files, "*.csv"))
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("%s holds no CSV files", s.files)
		}
		for i := range files {
			if files[i], err = filepath.Abs(files[i]); err != nil {
				return nil, err
			}
		}
		return files, err
	}
	have, err := s.resolutions(ctx)
	if err != nil {
		return nil, err
	}
	name := s.path("invented.csv")
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return []string{name}, errors.Join(synthetic.WriteSheet(f, max(1, fullRecord-have), 1946), f.Close())
}

// serve starts scvotes twice on the same record, and Echo with its answers.
func (s *site) serve(ctx context.Context) (err error) {
	s.logf("starting the servers")
	if s.warm, err = s.scvotes(ctx, serverWarm, s.postgres.DSN()); err != nil {
		return err
	}
	if s.cold, err = s.scvotes(ctx, "scvotes without cache", s.postgres.DSN(), noCache); err != nil {
		return err
	}
	answers, err := s.answers(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path("answers.json"), answers, 0o644); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.static, err = s.start(ctx, "Echo", question{path: pathRecord}, nil, func(addr string) []string {
		return []string{self, staticCommand, addr, s.path("answers.json")}
	})
	return err
}

// serverWarm is the server whose memory is held to its target: it answers as it is
// installed, with its cache.
const serverWarm = "scvotes"

// noCache has scvotes make every answer anew.
const noCache = "SCVOTES_CACHE_BYTES=0"

func (s *site) scvotes(ctx context.Context, name, dsn string, env ...string) (*process, error) {
	return s.start(ctx, name, question{path: "/readyz"}, append(env, "DATABASE_URL="+dsn), func(addr string) []string {
		return []string{s.binary, "serve", "--addr", addr, "--rate", "0"}
	})
}

// program is a program of the Postgres that runs, or else of PATH: Debian has them
// beside the server, other systems in PATH only.
func (s *site) program(name string) string {
	if dir, _, err := pglocal.FindBinaries(""); err == nil {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return name
}

// memory tells what the servers have come to hold by the end of the run.
func (s *site) memory() []usage {
	var all []usage
	for _, p := range s.processes {
		select {
		case <-p.gone:
			continue
		default:
		}
		u, err := p.memory()
		if err != nil {
			s.logf("memory of %s: %v", p.name, err)
			continue
		}
		all = append(all, u)
	}
	return all
}
