package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// TestARelease builds one, for the system at hand, and looks at what is in it. The other systems are built by make release.
func TestARelease(t *testing.T) {
	target := runtime.GOOS + "/" + runtime.GOARCH
	e := edition{source: "../..", out: t.TempDir(), version: "v0.0.1-test", moment: time.Unix(1_795_600_000, 0).UTC(), targets: []string{target}}
	if err := e.build(t.Context()); err != nil {
		t.Fatal(err)
	}
	name := "scvotes_v0.0.1-test_" + strings.Replace(target, "/", "_", 1)
	packed, err := os.ReadFile(filepath.Join(e.out, name+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(e.out, sumsName))
	if want := fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256(packed), name); err != nil || string(sums) != want {
		t.Errorf("%v: %s is %q, want %q", err, sumsName, sums, want)
	}
	files := untar(t, packed)
	for _, want := range []string{"scvotes", "LICENSE", "README.md", "docs/deploy/scvotes.service", "man/scvotes.1", "man/scvotes-serve.1",
		"completions/scvotes.bash", "completions/_scvotes", "completions/scvotes.fish", "completions/scvotes.ps1"} {
		h, ok := files[name+"/"+want]
		mode := map[bool]int64{true: 0o755, false: 0o644}[want == "scvotes"]
		if !ok || h.Mode != mode || !h.ModTime.Equal(e.moment) || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Size == 0 {
			t.Errorf("%s: %+v", want, h)
		}
	}
}

// Built again where nothing is built yet it is the same. That compiles everything, so
// only make soak does it here; make release does it for each release.
func TestAReleaseTwiceIsTheSame(t *testing.T) {
	if !pgtest.Soaking() {
		t.Skip("left out: make soak and make release build twice")
	}
	e := edition{source: "../..", out: t.TempDir(), version: "v0.0.1-test", moment: time.Unix(1_795_600_000, 0).UTC(), targets: []string{runtime.GOOS + "/" + runtime.GOARCH}}
	if err := e.build(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.buildAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func untar(t *testing.T, packed []byte) map[string]*tar.Header {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]*tar.Header)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(h.Name, "/scvotes") {
			program, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			here, err := filepath.Abs("../..")
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(program, []byte(here)) || !bytes.Contains(program, []byte("v0.0.1-test")) {
				t.Error("the program has a path of this machine in it, or not its version")
			}
		}
		files[h.Name] = h
	}
}

// An archive is the same in whatever order its files came.
func TestAnArchiveIsTheSameHoweverItIsPacked(t *testing.T) {
	one := archive{name: "a", moment: time.Unix(1_795_600_000, 0).UTC(), files: []file{{"b", []byte("b"), 0o644}, {"a", []byte("a"), 0o755}}}
	two := one
	two.files = slices.Clone(one.files)
	slices.Reverse(two.files)
	if !bytes.Equal(one.tarGz(), two.tarGz()) || !bytes.Equal(one.zip(), two.zip()) {
		t.Error("the order of the files shows")
	}
	z, err := zip.NewReader(bytes.NewReader(one.zip()), int64(len(one.zip())))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 2 || z.File[0].Name != "a/a" || z.File[0].Mode() != 0o755 || !z.File[0].Modified.Equal(one.moment) {
		t.Errorf("%+v", z.File)
	}
}

func TestTheCommitTellsVersionAndMoment(t *testing.T) {
	e := edition{source: "../.."}
	if err := e.fill(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if e.version == "" || e.moment.Year() < 2025 {
		t.Errorf("%q of %v", e.version, e.moment)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	if err := e.fill(t.Context(), 0); err != nil || e.moment.Unix() != 1_000_000_000 {
		t.Errorf("%v, %v", err, e.moment)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "soon")
	if err := e.fill(t.Context(), 0); err == nil {
		t.Error("soon is no moment")
	}
}
