package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"scvotes/store/pgtest"
)

// A service manager is told when requests are answered, and when the server stops.
func TestServeTellsTheServiceManager(t *testing.T) {
	dir, err := os.MkdirTemp("", "notify") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	t.Setenv("NOTIFY_SOCKET", socket.LocalAddr().String())
	said := make(chan string, 4)
	go func() {
		b := make([]byte, 100)
		for {
			n, err := socket.Read(b)
			if err != nil {
				return
			}
			said <- string(b[:n])
		}
	}()
	t.Run("serve", func(t *testing.T) {
		address, _, _ := startServing(t, "--database-url", pgtest.New(t), "--starter=false")
		if got := <-said; got != "READY=1" {
			t.Errorf("told %q", got)
		}
		get[struct{ Total int }](t, address+"/v1/resolutions")
	})
	if got := <-said; got != "STOPPING=1" {
		t.Errorf("told %q", got)
	}
}

// The unit is held by systemd itself where it is there, and by what the program
// knows: its flags, its variables, and that it speaks the protocol of the type.
func TestTheServiceUnit(t *testing.T) {
	text := read(t, filepath.Join("..", "..", "docs", "deploy", "scvotes.service"))
	settings := make(map[string][]string)
	for _, m := range regexp.MustCompile(`(?m)^([A-Za-z]+)=(.*)$`).FindAllStringSubmatch(text, -1) {
		settings[m[1]] = append(settings[m[1]], m[2])
	}
	for name, want := range map[string]string{"Type": "notify", "ExecStart": "/usr/local/bin/scvotes serve", "DynamicUser": "yes", "NoNewPrivileges": "yes",
		"ProtectSystem": "strict", "CapabilityBoundingSet": "", "StateDirectory": "scvotes", "Restart": "on-failure"} {
		if got := settings[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	help := newRoot().Long
	for _, m := range regexp.MustCompile(`(?m)^(?:Environment=|#   )([A-Z_]+)=`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(help, m[1]) {
			t.Errorf("there is no %s", m[1])
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd is not here: held by its settings alone")
		return
	}
	// The program and its manual are not installed where the tests run.
	here := strings.NewReplacer("/usr/local/bin/scvotes", os.Args[0], "Documentation=", "#").Replace(text)
	if out, err := exec.Command(analyze, "verify", write(t, "scvotes.service", here)).CombinedOutput(); err != nil || strings.Contains(string(out), "scvotes.service:") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Every command has a page that man reads without complaint, with every flag.
func TestManPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1795600000")
	dir := t.TempDir()
	if got := cli(t, "man", dir); got.code != 0 {
		t.Fatal(got.stderr)
	}
	var pages []string
	for _, c := range commandsWithPages(newRoot()) {
		name := filepath.Join(dir, pageName(c)+".1")
		pages = append(pages, name)
		page := read(t, name)
		if !strings.Contains(page, `"2026-11-25"`) || !strings.Contains(page, ".SH SYNOPSIS\n.B "+roff(c.CommandPath())) {
			t.Errorf("%s: %.300s", name, page)
		}
		holdManFlags(t, c, page)
	}
	there, err := filepath.Glob(filepath.Join(dir, "*"))
	if slices.Sort(pages); err != nil || !slices.Equal(there, pages) {
		t.Errorf("%v: %q, want %q", err, there, pages)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("groff is not here: the pages are held by their words alone")
		return
	}
	out, err := exec.Command(groff, append([]string{"-man", "-ww", "-Tutf8", "-z"}, pages...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func holdManFlags(t *testing.T, c *cobra.Command, page string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`--[a-z-]+`).FindAllString(c.LocalFlags().FlagUsages(), -1) {
		if !strings.Contains(page, roff(m)) {
			t.Errorf("the page of %s has no %s", c.CommandPath(), m)
		}
	}
}

// The shells complete commands and flags.
func TestCompletions(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got := cli(t, "completion", shell)
		if got.code != 0 || len(got.stdout) < 500 {
			t.Errorf("%s: exit code %d, %s", shell, got.code, got.stderr)
		}
		if sh, err := exec.LookPath(shell); err == nil && runtime.GOOS == "linux" {
			if out, err := exec.Command(sh, "-n", write(t, "completion", got.stdout)).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", shell, err, out)
			}
		}
	}
	if got := cli(t, "__complete", "ver"); !strings.Contains(got.stdout, "verify\t") || !strings.Contains(got.stdout, "version\t") {
		t.Errorf("what ver may become: %s%s", got.stdout, got.stderr)
	}
}
