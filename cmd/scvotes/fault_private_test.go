//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// privately is a server with a Postgres of its own.
type privately struct {
	dir string
	env []string
	*instance
}

// postmaster is the number of the running postmaster, 0 where there is none.
func (p *privately) postmaster() int {
	b, err := os.ReadFile(filepath.Join(p.dir, "postgres", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}

// command runs a command beside the server.
func (p *privately) command(t *testing.T, args ...string) result {
	t.Helper()
	c := launch(t, "scvotes "+args[0], nil, p.env, p.bin, args...)
	code := c.code(t)
	return result{c.stdout.String(), c.stderr.String(), code}
}

// Whatever of an import, its server and their private Postgres is killed, the
// record is whole, and a server that lives has its Postgres back by itself.
func TestFaultPrivatePostgresKilled(t *testing.T) {
	t.Parallel()
	dir, r, bin := newFolder(t), pgtest.Chance(t), shipped(t)
	env := []string{"SCVOTES_DATA=" + dir}
	p := &privately{dir, env, newInstance(t, "with a private Postgres", bin, env)}
	p.ready(t)
	gaps, count := make(map[string]time.Duration), make(map[string]int)
	kinds := []string{"postmaster", "importing program", "importing program and postmaster", "server and postmaster", "server"}
	n := pgtest.Times(2, 6*len(kinds))
	for round := range n {
		kind, k := kinds[round%len(kinds)], round+1
		in := launch(t, "import", nil, env, bin, "import", "--source", "Canary", "--edition", editionDay(k), bulkFile(t, k))
		time.Sleep(upTo(r, 700*time.Millisecond))
		begun := time.Now()
		if strings.HasPrefix(kind, "importing") {
			in.killAll()
		}
		if strings.HasPrefix(kind, "server") {
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
		if pid := p.postmaster(); pid > 0 && strings.HasSuffix(kind, "postmaster") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if strings.HasPrefix(kind, "server") {
			p.restart(t)
		}
		acknowledged := in.code(t) == 0
		until(t, 30*time.Second, "the server answers from its database again", func() error {
			return p.gives(coldProbe().path, 200)
		})
		gaps[kind] = max(gaps[kind], time.Since(begun))
		count[kind]++
		p.holdEdition(t, kind, k, acknowledged)
	}
	for _, kind := range kinds {
		t.Logf("figure: of the private Postgres, killed %d times: %s; at the longest %v until the server had answers from its database again", count[kind], kind, round(gaps[kind]))
	}
	p.stop(t)
	if p.postmaster() != 0 {
		t.Error("the server has left a Postgres behind")
	}
}

// holdEdition brings an edition in that may be in already, and holds that the
// record is whole.
func (p *privately) holdEdition(t *testing.T, after string, k int, acknowledged bool) {
	t.Helper()
	var got result
	until(t, 30*time.Second, "the edition is imported", func() error {
		if got = p.command(t, "import", "--source", "Canary", "--edition", editionDay(k), bulkFile(t, k)); got.code != 0 {
			return errors.New(got.stderr)
		}
		return nil
	})
	if all := fmt.Sprintf("(%d known before", bulkEach+3); acknowledged && !strings.Contains(got.stdout, all) {
		t.Errorf("edition %d was acknowledged, and is lost with %s:\n%s", k, after, got.stdout)
	}
	if got := p.command(t, "verify"); got.code != 0 || !strings.Contains(got.stdout, "; 0 differences") {
		t.Errorf("after %s: verify: exit code %d\n%s%s", after, got.code, got.stdout, got.stderr)
	}
	want := fmt.Sprintf("canary edition %d", k)
	until(t, 10*time.Second, "the server answers the edition", func() error {
		a, err := p.get(probes[0].path)
		if err == nil && !strings.Contains(string(a.body), want) {
			err = fmt.Errorf("there is no %q", want)
		}
		return err
	})
}
