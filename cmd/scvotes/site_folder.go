package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// siteFolder is where a folder really is: a link to it stays.
func siteFolder(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	return real, err
}

// mayReplace tells whether a folder is one that an export may replace: none yet,
// an empty one, or an earlier export that nothing was added to.
func mayReplace(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot write %s: %w", dir, plainPathError(err))
	case len(entries) == 0:
		return nil
	}
	earlier, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil {
		return fmt.Errorf("%s is not empty and no earlier export (%w): name another folder, or empty it", dir, plainPathError(err))
	}
	ours := make(map[string]bool, len(earlier.Files)+len(earlier.Others))
	for _, f := range earlier.Files {
		ours[f.File] = true
	}
	for _, name := range earlier.Others {
		ours[name] = true
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && !ours[filepath.ToSlash(name)] {
			err = fmt.Errorf("%s is no file of the earlier export, and would be lost: move it out of %s", path, dir)
		}
		return err
	})
}

// stage makes the folder that the export is written into, beside its place.
func stage(dir string) (string, error) {
	staging, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-*")
	if err != nil {
		return "", fmt.Errorf("cannot write %s: %w", dir, plainPathError(err))
	}
	return staging, os.Chmod(staging, 0o755)
}

// replace puts the staged folder into its place. What was there is moved away
// first and comes back if the other cannot take its place.
func replace(dir, staging string) error {
	old := staging + "-old"
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot replace %s: %w", dir, err)
	}
	had := err == nil
	if err := os.Rename(staging, dir); err != nil {
		if had {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return fmt.Errorf("cannot write %s: %w", dir, err)
	}
	if had {
		return os.RemoveAll(old)
	}
	return nil
}

// siteProgress shows how many answers are written of those known so far: a bar
// on a terminal, nothing elsewhere. A nil one shows nothing.
type siteProgress struct {
	bar   *progressbar.ProgressBar
	known int
}

func newSiteProgress(opt siteOptions) *siteProgress {
	f, ok := opt.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(opt.stderr, "writing %s\n", opt.dir)
		return nil
	}
	return &siteProgress{bar: progressbar.NewOptions(1, progressbar.OptionSetWriter(f), progressbar.OptionShowCount(),
		progressbar.OptionSetDescription(opt.dir), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))}
}

// more tells of one more address to come; whoever calls it holds the crawl.
func (p *siteProgress) more() {
	if p != nil {
		p.known++
		p.bar.ChangeMax(p.known + 1) // never full before the end
	}
}

func (p *siteProgress) one() {
	if p != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn is no reason to fail
	}
}

func (p *siteProgress) done() {
	if p != nil {
		_ = p.bar.Finish()
	}
}
