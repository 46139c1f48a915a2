//go:build scale && linux

package main

import (
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// olderCommit is the commit of the last program with a schema of five steps.
const olderCommit = "2c6de9a74df369715963a36a17b7693ef8a4df3b"

// older builds the program as it was at that commit.
func older(t *testing.T) string {
	t.Helper()
	if err := exec.Command("git", "cat-file", "-e", olderCommit+"^{commit}").Run(); err != nil {
		t.Skipf("the commit %s is not in this clone (a shallow one?), so there is no older program to upgrade from", olderCommit)
	}
	dir := t.TempDir()
	archive := filepath.Join(dir, "source.tar")
	for _, args := range [][]string{
		{"git", "-C", filepath.Join("..", ".."), "archive", "--output", archive, olderCommit},
		{"tar", "-x", "-f", archive, "-C", dir},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	path := filepath.Join(dir, "scvotes")
	if err := goBuild(filepath.Join(dir, "cmd", "scvotes"), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// An older program serves and imports beside the new one, which migrates the
// database under it. What either writes, both answer.
func TestScaleUpgradeBesideAnOlderProgram(t *testing.T) {
	oldBin, bin, dsn := older(t), binary(t), pgtest.NewEmpty(t)
	env := []string{"DATABASE_URL=" + dsn}
	oldOne := newInstance(t, "the older", oldBin, env)
	oldOne.ready(t)
	mustImport(t, oldBin, dsn, 1)
	// Begun before the upgrade, with the schema that it knows, and given its
	// file after it.
	slow := []*task{waitingImport(t, oldBin, dsn, 2), waitingImport(t, oldBin, dsn, 4)}

	ofOld := newLooseWatch(t, sceneBase, oldOne)
	ofOld.goOn(20)
	newOne := newInstance(t, "the new", bin, env)
	newOne.ready(t)
	ofNew := newWatch(t, sceneBase, newOne)
	ofNew.goOn(20)
	for k := 2; k <= 5; k++ {
		if k%2 == 0 {
			feed(t, slow[k/2-1], k)
		} else {
			mustImport(t, bin, dsn, k)
		}
		for _, w := range []*watch{ofOld, ofNew} {
			w.reach(k, time.Now(), 5*time.Second)
			w.goOn(20)
		}
	}
	ofOld.end()
	ofNew.end()
	verified(t, bin, dsn, 5)

	// With the older gone, the record is what the new one makes of it alone.
	oldOne.stop(t)
	if got := scvotes(t, bin, dsn, "rebuild"); got.code != 0 {
		t.Errorf("rebuild: exit code %d\n%s", got.code, got.stderr)
	}
	verified(t, bin, dsn, 5)
}

// waitingImport starts an import of what it is told later.
func waitingImport(t *testing.T, bin, dsn string, k int) *task {
	t.Helper()
	p := launch(t, fmt.Sprint("import of edition ", k), nil, []string{"DATABASE_URL=" + dsn}, bin,
		"import", "--source", "Canary", "--edition", editionDay(k), "-")
	// More than a pipe holds: once it is taken, the import is past the migration.
	if _, err := io.WriteString(p.stdin, edition(k)); err != nil {
		t.Fatal(err)
	}
	for range 50_000 {
		if _, err := io.WriteString(p.stdin, ",,,,,,,,\n"); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// feed ends the file of a waiting import.
func feed(t *testing.T, p *task, k int) {
	t.Helper()
	if err := p.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := p.code(t); code != 0 {
		t.Fatalf("edition %d: exit code %d\n%s", k, code, p.stderr.String())
	}
}

// Instances are restarted one after the other. A client that tries the other
// one where the first does not take it is always answered.
func TestScaleRollingRestart(t *testing.T) {
	bin, dsn := binary(t), pgtest.NewEmpty(t)
	env := []string{"DATABASE_URL=" + dsn}
	both := []*instance{newInstance(t, "one", bin, env), newInstance(t, "two", bin, env)}
	for _, i := range both {
		i.ready(t)
	}
	mustImport(t, bin, dsn, 1)
	for _, i := range both {
		until(t, 5*time.Second, i.name+" answers edition 1", func() error { return i.gives(probes[0].path, http.StatusOK) })
	}
	var clients sync.WaitGroup
	var answered, turned atomic.Int64
	stop := make(chan struct{})
	for c := range 6 {
		clients.Go(func() { visit(t, both, c, stop, &answered, &turned) })
	}
	for range 2 {
		for _, i := range both {
			some := answered.Load() + 200
			until(t, 20*time.Second, "clients are answered", func() error {
				if n := answered.Load(); n < some {
					return fmt.Errorf("%d answers", n)
				}
				return nil
			})
			i.stop(t)
			i.restart(t)
			i.ready(t)
		}
	}
	close(stop)
	clients.Wait()
	t.Logf("%d answers, %d times by the other instance", answered.Load(), turned.Load())
	if turned.Load() == 0 {
		t.Error("no client had to try the other instance: nothing was tested")
	}
}

// visit is a client, or a load balancer, that goes to the other instance where
// one does not take the request. An answer that is no good is a fault.
func visit(t *testing.T, both []*instance, c int, stop <-chan struct{}, answered, turned *atomic.Int64) {
	client := newClient()
	defer client.CloseIdleConnections()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for n := c; ; n++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		q := probes[n%len(probes)]
		a, err := receive(client, both[n%2].address+q.path)
		if err != nil {
			turned.Add(1)
			a, err = receive(client, both[(n+1)%2].address+q.path)
		}
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("answered %d: %s", a.status, a.body)
		}
		if err == nil {
			_, err = q.check(a, sceneBase)
		}
		if err != nil {
			t.Errorf("%s: %v", q.path, err)
			return
		}
		answered.Add(1)
	}
}
