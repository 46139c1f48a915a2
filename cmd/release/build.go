package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// sumsName is the file with the sums, as sha256sum reads it.
const sumsName = "SHA256SUMS"

// alongside are files of the source that every archive has, those that there are.
var alongside = []string{"LICENSE", "README.md", "CHANGELOG.md", "docs/deploy/scvotes.service", "docs/deploy/alerts.yml", "docs/deploy/grafana.json"}

// build makes the folder with all archives and their sums.
func (e *edition) build(ctx context.Context) error {
	work, err := os.MkdirTemp("", "scvotes-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(e.out, 0o755); err != nil {
		return err
	}
	shared, err := e.shared(ctx, work)
	if err != nil {
		return err
	}
	var names []string
	for _, target := range e.targets {
		system, processor, _ := strings.Cut(target, "/")
		program, err := e.compile(ctx, work, system, processor)
		if err != nil {
			return err
		}
		a := archive{name: fmt.Sprintf("scvotes_%s_%s_%s", e.version, system, processor), moment: e.moment, files: slices.Clone(shared)}
		if err := a.add(filepath.Base(program), program, 0o755); err != nil {
			return err
		}
		name := a.name + ".tar.gz"
		write := a.tarGz
		if system == "windows" {
			name, write = a.name+".zip", a.zip
		}
		if err := os.WriteFile(filepath.Join(e.out, name), write(), 0o644); err != nil {
			return err
		}
		names = append(names, name)
	}
	return e.sum(names)
}

// sum writes the sums of the archives and of whatever else lies beside them, as
// a list of what they are made of.
func (e *edition) sum(names []string) error {
	for _, list := range e.lists() {
		names = append(names, filepath.Base(list))
	}
	slices.Sort(names)
	var sums bytes.Buffer
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(e.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b), name)
	}
	return os.WriteFile(filepath.Join(e.out, sumsName), sums.Bytes(), 0o644)
}

// lists are the lists of what the program is made of (CycloneDX) in the folder.
func (e *edition) lists() []string {
	list, _ := filepath.Glob(filepath.Join(e.out, "*.cdx.json")) // fails for a bad pattern only
	return list
}

// compile builds the program. Nothing of the machine goes into it: no path, no
// C library, no version of git, no setting of the processor at hand.
func (e *edition) compile(ctx context.Context, work, system, processor string) (string, error) {
	name := "scvotes"
	if system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(work, system, processor, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil // it wrote the manual pages
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version="+e.version, "-o", path, "./cmd/scvotes")
	cmd.Dir, cmd.Stderr = e.source, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=-mod=readonly", "GOEXPERIMENT=", "GOWORK=off")
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building for %s/%s: %w", system, processor, err)
	}
	return path, nil
}

// shared are the files that every archive has: those of the source, and what the
// program says of itself.
func (e *edition) shared(ctx context.Context, work string) ([]file, error) {
	program, err := e.compile(ctx, work, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	a := archive{}
	for _, name := range alongside {
		if err := a.add(name, filepath.Join(e.source, name), 0o644); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	man := filepath.Join(work, "man")
	if err := os.Mkdir(man, 0o755); err != nil {
		return nil, err
	}
	if _, err := e.says(ctx, program, "man", man); err != nil {
		return nil, err
	}
	pages, err := filepath.Glob(filepath.Join(man, "*.1"))
	if err != nil || len(pages) == 0 {
		return nil, fmt.Errorf("there are no manual pages: %w", err)
	}
	for _, page := range pages {
		if err := a.add("man/"+filepath.Base(page), page, 0o644); err != nil {
			return nil, err
		}
	}
	for shell, name := range map[string]string{"bash": "scvotes.bash", "zsh": "_scvotes", "fish": "scvotes.fish", "powershell": "scvotes.ps1"} {
		text, err := e.says(ctx, program, "completion", shell)
		if err != nil {
			return nil, err
		}
		a.files = append(a.files, file{"completions/" + name, text, 0o644})
	}
	return a.files, nil
}

// says runs the program that was built.
func (e *edition) says(ctx context.Context, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", e.moment.Unix()), "HOME=/"}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("scvotes %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
}

// output is what a program prints, without the last line's end.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
