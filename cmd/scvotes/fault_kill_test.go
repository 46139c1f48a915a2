//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// victims are what is killed, each in turn: a few of each are among any few.
var victims = []string{"the importing program", "the API", "the postmaster", "the connection of the import", "a process of Postgres"}

// killing is a record that is imported into while its programs are killed.
type killing struct {
	*site
	t        *testing.T
	dsn      string
	database string
	api      *instance
	watch    *watch
	r        *rand.Rand
	took     time.Duration            // an import that nothing disturbs, at best
	gaps     map[string]time.Duration // longest without a good answer
	count    map[string]int
	acked    int // imports that were acknowledged although something was killed
	kept     int // imports that were not, and had landed all the same
}

// Whatever is killed while an import runs, the import is in or it is not; what
// was acknowledged stays; the others go on.
func testKilledInMidImport(t *testing.T, s *site) {
	k := &killing{site: s, t: t, database: "killed", dsn: s.database(t, "killed"), r: pgtest.Chance(t),
		gaps: make(map[string]time.Duration), count: make(map[string]int)}
	k.api = newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + k.dsn})
	k.api.ready(t)
	begun := time.Now()
	if in := startBulk(t, s.bin, k.dsn, 1); in.code(t) != 0 {
		t.Fatal("the import fails with nothing in its way")
	}
	k.took = time.Since(begun)
	k.watch = k.watched(t, k.api)
	k.watch.goOn(5)
	n := pgtest.Times(len(victims), 50)
	for round := range n {
		k.round(victims[round%len(victims)], round+2)
	}
	k.watch.end()
	s.asUndisturbed(t, k.dsn, n+1)
	t.Logf("figure: killed %d times in mid import: %d imports were acknowledged all the same, %d were not and had landed, none acknowledged was lost, none was half in; an undisturbed import takes %v",
		n, k.acked, k.kept, round(k.took))
	for _, v := range victims {
		t.Logf("figure: of these %d times %s; longest without a good answer %v", k.count[v], v, round(k.gaps[v]))
	}
}

// round kills one of them at some point of the import of one edition.
func (k *killing) round(victim string, edition int) {
	t := k.t
	t.Helper()
	k.watch.allowAway(true)
	k.watch.allowGone(victim == "the API")
	k.watch.again()
	begun := time.Now()
	in := startBulk(t, k.bin, k.dsn, edition)
	time.Sleep(upTo(k.r, k.took))
	k.kill(victim, in)
	k.count[victim]++
	acknowledged := in.code(t) == 0
	if acknowledged {
		k.took = min(k.took, time.Since(begun))
	}
	before := landed(t, k.dsn, edition)
	switch {
	case acknowledged && !before:
		t.Errorf("edition %d was acknowledged, and is lost with %s", edition, victim)
	case acknowledged:
		k.acked++
	case before:
		k.kept++
	}
	if code := in.cmd.ProcessState.ExitCode(); code > 0 && (code != exitFailed || !strings.Contains("\n"+in.stderr.String(), "\nscvotes: ")) {
		t.Errorf("the import of edition %d says, with exit code %d: %s", edition, code, in.stderr.String())
	}
	k.watch.reach(edition, time.Now(), 30*time.Second)
	k.watch.goOn(3)
	k.gaps[victim] = max(k.gaps[victim], k.watch.of(k.api).gap)
	k.watch.allowGone(false)
	k.watch.allowAway(false) // healed: from here on a 503 is a fault again
	k.watch.goOn(2)
	clean(t, k.dsn, fmt.Sprintf("edition %d, with %s killed", edition, victim))
}

func (k *killing) kill(victim string, in *task) {
	k.t.Helper()
	switch victim {
	case "the importing program":
		in.killAll()
	case "the API":
		k.api.killAll()
		k.api.restart(k.t) // as whoever looks after it does
		k.api.ready(k.t)
	case "the postmaster":
		_ = k.cmd.Process.Kill()
		<-k.ended
		k.revive(k.t)
	case "the connection of the import":
		pid, err := k.ask(k.database, `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL`)
		var number int
		if _, scanErr := fmt.Sscan(pid, &number); err == nil && scanErr == nil {
			_ = syscall.Kill(number, syscall.SIGKILL)
		}
	default:
		children := k.children()
		_ = syscall.Kill(children[k.r.IntN(len(children))], syscall.SIGKILL)
	}
}
