//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// publicURL is the same for all instances, so that answers with whole
// addresses in them can be compared.
const publicURL = "https://scvotes.example"

const sceneBase = 3 // the revision of the starter record

// visibleWithin is the time in which a committed import has to be seen on
// every instance.
const visibleWithin = time.Second

// binary builds scvotes as it is shipped, once for all tests.
func binary(t *testing.T) string {
	t.Helper()
	b := built()
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

type build struct {
	path string
	err  error
}

var built = sync.OnceValue(func() build {
	path, err := filepath.Abs(filepath.Join("..", "..", "bin", "scvotes-scale"))
	return build{path, errors.Join(err, goBuild(".", path))}
})

func goBuild(dir, path string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build in %s: %w\n%s", dir, err, out)
	}
	return nil
}

// instance is one scvotes serve. It comes back at the same address when it is
// started again.
type instance struct {
	name, bin, address string
	env, args          []string
	*task
}

// newInstance starts one and does not wait until it serves.
func newInstance(t *testing.T, name, bin string, env []string, args ...string) *instance {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	i := &instance{name: name, bin: bin, address: "http://" + addr, args: append([]string{"serve"}, args...),
		env: append([]string{"SCVOTES_ADDR=" + addr, "SCVOTES_PUBLIC_URL=" + publicURL}, env...)}
	i.restart(t)
	return i
}

func (i *instance) restart(t *testing.T) {
	t.Helper()
	i.task = launch(t, i.name, nil, i.env, i.bin, i.args...)
}

// ready waits until the instance says that the record can be read.
func (i *instance) ready(t *testing.T) {
	t.Helper()
	until(t, 40*time.Second, i.name+" is ready", func() error {
		if !i.runs() {
			t.Fatalf("%s has ended with exit code %d", i.name, i.code(t))
		}
		return i.gives("/readyz", http.StatusOK)
	})
}

// gives tells whether a path is answered with a status.
func (i *instance) gives(path string, status int) error {
	a, err := i.get(path)
	if err == nil && a.status != status {
		err = fmt.Errorf("%s: %s is answered %d: %s", i.name, path, a.status, a.body)
	}
	return err
}

func (i *instance) get(path string) (reply, error) { return receive(visitor, i.address+path) }

// stop sends the instance off and waits until it has finished its requests.
func (i *instance) stop(t *testing.T) {
	t.Helper()
	i.signal(t, syscall.SIGTERM)
	if code := i.code(t); code != 0 {
		t.Errorf("%s ended with exit code %d", i.name, code)
	}
}

// scvotes runs a command to its end.
func scvotes(t *testing.T, bin, database string, args ...string) result {
	t.Helper()
	p := launch(t, "scvotes "+args[0], nil, []string{"DATABASE_URL=" + database}, bin, args...)
	code := p.code(t)
	return result{p.stdout.String(), p.stderr.String(), code}
}

// edition is the file with the canaries: two votes that have the edition's
// number in their title, each time anew, and one vote more for each edition.
// From any answer it can so be told which revision it is of.
func edition(k int) string {
	const header = "draft,resolution,meeting,date,yes,no,abstain,tally,title\n"
	return header + fmt.Sprintf(`S/2016/1110,S/RES/2334 (2016),S/PV.7853,2016-12-23,AGO;CHN;EGY;ESP;FRA;GBR;JPN;MYS;NZL;RUS;SEN;UKR;URY;VEN,,USA,,canary edition %[1]d
S/2016/1085,S/RES/2333 (2016),S/PV.7851,2016-12-23,,,,15-0-0,canary edition %[1]d
S/2015/%[2]d,,,2015-08-07,AGO;CHL;CHN;ESP;FRA;GBR;JOR;LTU;MYS;NGA;NZL;TCD;USA;VEN,RUS,,,one of each edition
`, k, 1000+k)
}

// importEdition takes in edition k, which makes one revision.
func importEdition(t *testing.T, bin, database string, k int) result {
	t.Helper()
	return scvotes(t, bin, database, "import", "--source", "Canary", "--edition", editionDay(k), write(t, "edition.csv", edition(k)))
}

// editionDay is later the higher the number.
func editionDay(k int) string {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, k).Format(time.DateOnly)
}

func mustImport(t *testing.T, bin, database string, k int) {
	t.Helper()
	if got := importEdition(t, bin, database, k); got.code != 0 {
		t.Fatalf("edition %d: exit code %d\n%s%s", k, got.code, got.stdout, got.stderr)
	}
}

// verified holds that the record is what its accounts give, with every edition
// up to last in it.
func verified(t *testing.T, bin, database string, last int) {
	t.Helper()
	if got := scvotes(t, bin, database, "verify"); got.code != 0 || !strings.Contains(got.stdout, "; 0 differences") {
		t.Errorf("verify: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	got := scvotes(t, bin, database, "export")
	for k := 1; k <= last; k++ {
		if !strings.Contains(got.stdout, fmt.Sprintf("S/2015/%d,", 1000+k)) {
			t.Errorf("the vote of edition %d, which was acknowledged, is not there", k)
		}
	}
	if title := fmt.Sprintf("canary edition %d,", last); last > 0 && strings.Count(got.stdout, title) != 2 {
		t.Errorf("%q is not there twice", title)
	}
}
