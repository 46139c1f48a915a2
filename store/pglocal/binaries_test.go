package pglocal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindBinaries(t *testing.T) {
	real, _, err := FindBinaries("")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("installed: %s", real)

	base := t.TempDir()
	older, newer := install(t, base, "9", 9), install(t, base, "17", 17)
	old := places
	t.Cleanup(func() { places = old })
	places = []string{filepath.Join(base, "*", "bin")}

	t.Setenv("PATH", "/nonexistent:/bin") // /bin for the shell of the stand-ins
	t.Setenv(BinVar, "")
	if dir, version, err := FindBinaries(""); dir != newer || version != 17 || err != nil {
		t.Errorf("of 9 and 17: %s, %d, %v; want %s", dir, version, err, newer)
	}
	if b, err := binariesFor("", 9, "data"); b.dir != older || err != nil {
		t.Errorf("for data of 9: %s, %v; want %s", b.dir, err, older)
	}
	if _, err := binariesFor("", 16, "data"); !errors.Is(err, ErrVersion) {
		t.Errorf("for data of 16: %v; want ErrVersion", err)
	}

	linked := filepath.Join(base, "linked")
	if err := os.Mkdir(linked, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(older, "postgres"), filepath.Join(linked, "postgres")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", linked+":/bin")
	if dir, _, err := FindBinaries(""); dir != older || err != nil {
		t.Errorf("PATH with a link: %s, %v; want %s, where the link leads", dir, err, older)
	}
	t.Setenv(BinVar, newer)
	if dir, _, err := FindBinaries(""); dir != newer || err != nil {
		t.Errorf("%s: %s, %v; want %s", BinVar, dir, err, newer)
	}
	if dir, _, err := FindBinaries(older); dir != older || err != nil {
		t.Errorf("override: %s, %v; want %s", dir, err, older)
	}
}

func TestNoBinaries(t *testing.T) {
	old := places
	t.Cleanup(func() { places = old })
	places = []string{filepath.Join(t.TempDir(), "*")}
	t.Setenv("PATH", t.TempDir())
	t.Setenv(BinVar, "")

	_, err := Open(t.Context(), Config{DataDir: newFolder(t)})
	if !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("got %v, want ErrNoBinaries", err)
	}
	for _, way := range []string{"apt-get install postgresql", "dnf install postgresql-server", "brew install postgresql@17", "docker compose up", "DATABASE_URL="} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("the error does not name the way %q:\n%v", way, err)
		}
	}
	wrong := t.TempDir()
	if _, _, err := FindBinaries(wrong); !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), wrong) {
		t.Errorf("a wrong override: %v; want ErrNoBinaries and the folder", err)
	}
}

// install puts programs that know their version, and nothing else, in a folder.
func install(t *testing.T, base, name string, version int) string {
	t.Helper()
	dir := filepath.Join(base, name, "bin")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %d.1 (stand-in)'\n", version)
	for _, program := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
