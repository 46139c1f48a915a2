//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aMistake is an import that is to be taken back.
const aMistake = `draft,resolution,meeting,date,yes,abstain
S/2017/1060,,S/PV.8139,2017-12-18,BOL;CHN;EGY;ETH;FRA;GBR;ITA;JPN;KAZ;RUS;SEN;SWE;UKR;URY,
`

// TestBackups is the drill of docs/backup.md: its blocks are run as they stand
// there, as the user that Postgres runs as, but for the first, which says where
// everything is. Between them votes are imported, and a server runs.
func TestBackups(t *testing.T) {
	d := newDrill(t)
	d.next("createdb")
	d.sh(`scvotes import starter.csv && scvotes export -o dumped.csv`)
	d.next("pg_dump")
	restored := d.next("pg_restore")
	d.has(restored, "; 0 differences\n")
	d.same("dumped.csv", "backup/restored.csv")

	d.next("archive_mode")
	d.next("pg_basebackup")
	server := start(t, newFolder(t), "serve", "--addr", "127.0.0.1:0", "--starter=false", "--database-url", d.dsn)
	address := server.stdout.wait(t, serves)
	d.sh(`scvotes import good.csv && scvotes export -o before.csv`)
	d.sh(`scvotes import mistake.csv`)
	get[struct{ Total int }](t, address+"/v1/resolutions")
	untilStatus(t, address+"/v1/resolutions/S-2017-1060", http.StatusOK)

	d.next("SELECT max(at)")
	d.next("recovery_target_time")
	d.has(d.next("scvotes verify"), "; 0 differences\n")
	d.same("before.csv", "backup/recovered.csv")
	if d.left() > 0 {
		t.Errorf("%d blocks were not tried", d.left())
	}
	server.stderr.wait(t, "THE RECORD WENT BACK")
	untilStatus(t, address+"/v1/resolutions/S-2017-1060", http.StatusNotFound)
	untilStatus(t, address+"/v1/resolutions/S-RES-2334-2016", http.StatusOK)
}

// drill is the page, a server of its own and a shell.
type drill struct {
	t      *testing.T
	dir    string
	dsn    string
	prefix string // the settings of the drill, in place of those that the page has
	env    []string
	as     *syscall.Credential
	blocks []block
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	n := newNode(t, "drill", newPlace(t))
	d := &drill{t: t, dir: n.dir, as: n.as, blocks: fenced(read(t, filepath.Join("..", "..", "docs", "backup.md"))),
		dsn: fmt.Sprintf("postgres://scvotes@127.0.0.1:%d/scvotes", n.port)}
	program := filepath.Join(d.dir, "program")
	d.copyProgram(program)
	d.write("scvotes", "#!/bin/sh\n"+runVar+"=1 exec "+program+` "$@"`+"\n", 0o755)
	d.write("starter.csv", starterRows(t), 0o644)
	d.write("good.csv", anAdoptedVote, 0o644)
	d.write("mistake.csv", aMistake, 0o644)
	d.env = []string{"PATH=" + d.dir + ":" + n.bin + ":" + os.Getenv("PATH"), "HOME=" + d.dir, "LC_ALL=C.UTF-8", "TZ=UTC"}
	d.prefix = fmt.Sprintf("export PGHOST=127.0.0.1 PGPORT=%d PGUSER=scvotes PGDATABASE=scvotes\nexport DATABASE_URL=postgres:///scvotes PGDATA=%s\nBACKUP=%s\n",
		n.port, n.data(), filepath.Join(d.dir, "backup"))
	if settings := d.blocks[0].text; strings.Count(settings, "\n") != strings.Count(d.prefix, "\n")+1 || !strings.Contains(settings, "BACKUP=") {
		t.Fatalf("the first block is no longer the settings:\n%s", settings)
	}
	d.blocks = d.blocks[1:]
	t.Cleanup(func() { // before its folder goes; it may not run
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_, _ = d.command(ctx, `pg_ctl stop --pgdata="$PGDATA" --mode=immediate --wait --silent`).CombinedOutput()
	})
	d.sh(`initdb --no-sync --auth=trust --encoding=UTF8 --locale=C --username=scvotes --pgdata="$PGDATA" >/dev/null
cat >> "$PGDATA/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = ` + strconv.Itoa(n.port) + `
unix_socket_directories = ''
fsync = off
max_wal_size = 64MB
END
pg_ctl start --pgdata="$PGDATA" --wait --silent --log=first.log`)
	return d
}

// starterRows are some votes to begin with.
func starterRows(t *testing.T) string {
	t.Helper()
	all := cli(t, "export", "--database-url", loaded(t))
	if all.code != 0 {
		t.Fatal(all.stderr)
	}
	return strings.Join(strings.SplitAfterN(all.stdout, "\n", 100)[:90], "")
}

func (d *drill) write(name, content string, mode os.FileMode) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), mode); err != nil {
		d.t.Fatal(err)
	}
}

// copyProgram puts this program where the servant can run it.
func (d *drill) copyProgram(to string) {
	d.t.Helper()
	from, err := os.Open(os.Args[0])
	if err != nil {
		d.t.Fatal(err)
	}
	defer from.Close()
	into, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = io.Copy(into, from)
	if closed := into.Close(); err == nil {
		err = closed
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *drill) command(ctx context.Context, commands string) *exec.Cmd {
	sh := exec.CommandContext(ctx, "sh", "-eu", "-c", d.prefix+commands)
	sh.Dir, sh.Env = d.dir, d.env
	sh.SysProcAttr = &syscall.SysProcAttr{Credential: d.as}
	return sh
}

// sh runs commands, and returns what they print.
func (d *drill) sh(commands string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr strings.Builder
	sh := d.command(ctx, commands)
	sh.Stdout, sh.Stderr = &stdout, &stderr
	if err := sh.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(d.dir, "backup", "postgres.log"))
		d.t.Fatalf("%v; of\n%s\n%s%s\n%s", err, commands, stdout.String(), stderr.String(), log)
	}
	return stdout.String()
}

// next runs the next block of the page, which is the one with these words.
func (d *drill) next(words string) string {
	d.t.Helper()
	if words == "createdb" { // of the server that is there already, on the page
		return d.sh("createdb --template=template0 --encoding=UTF8 --locale=C scvotes")
	}
	if len(d.blocks) == 0 || d.blocks[0].language != "sh" || !strings.Contains(d.blocks[0].text, words) {
		d.t.Fatalf("the next block has no %q", words)
	}
	commands := d.blocks[0].text
	d.blocks = d.blocks[1:]
	return d.sh(commands)
}

func (d *drill) left() int { return len(d.blocks) }

func (d *drill) has(text, words string) {
	d.t.Helper()
	if !strings.Contains(text, words) {
		d.t.Errorf("%q is not in\n%s", words, text)
	}
}

// same holds two exports against each other.
func (d *drill) same(a, b string) {
	d.t.Helper()
	one, two := read(d.t, filepath.Join(d.dir, a)), read(d.t, filepath.Join(d.dir, b))
	if one != two || strings.Count(one, "\n") < 50 {
		d.t.Errorf("%s has %d bytes, %s %d, and they are not the same", a, len(one), b, len(two))
	}
}

func untilStatus(t *testing.T, url string, status int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s answers %d", url, status), func() bool {
		res, err := http.Get(url)
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == status
	})
}
