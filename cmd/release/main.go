// Command release builds what is published of scvotes: an archive for each
// system and processor, with the manual pages, completions and the unit for
// systemd, and the sums of all. The same commit gives the same bytes, on any
// machine with the same Go: see make release.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// targets are the systems and processors that there is an archive for.
const targets = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"

// edition is one release.
type edition struct {
	source  string // the folder of the source
	out     string // the folder that takes the archives
	version string
	moment  time.Time // of every file in them: that of the commit
	targets []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	e := edition{source: "."}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&e.out, "out", "dist", "folder for the archives")
	flags.StringVar(&e.version, "version", "", "of the program; by default what git describe says")
	epoch := flags.Int64("epoch", 0, "seconds since 1970 that all files bear; by default the commit's (SOURCE_DATE_EPOCH)")
	list := flags.String("targets", targets, "systems and processors, apart by spaces")
	check := flags.Bool("check", false, "build all of it again in a copy of the source in another folder, and compare")
	if err := flags.Parse(args); err != nil {
		return err
	}
	e.targets = strings.Fields(*list)
	if err := e.fill(ctx, *epoch); err != nil {
		return err
	}
	if err := e.build(ctx); err != nil {
		return err
	}
	if !*check {
		return nil
	}
	return e.buildAgain(ctx)
}

// fill asks git for what was not said.
func (e *edition) fill(ctx context.Context, epoch int64) (err error) {
	if e.version == "" {
		if e.version, err = output(ctx, e.source, "git", "describe", "--tags", "--always", "--dirty"); err != nil {
			return err
		}
	}
	said := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == 0 && said == "" {
		if said, err = output(ctx, e.source, "git", "log", "-1", "--format=%ct"); err != nil {
			return err
		}
	}
	if epoch == 0 {
		if _, err := fmt.Sscan(said, &epoch); err != nil {
			return fmt.Errorf("%q is no number of seconds: %w", said, err)
		}
	}
	e.moment = time.Unix(epoch, 0).UTC()
	return nil
}

// buildAgain builds the release a second time, elsewhere, and holds the sums
// of both against each other.
func (e *edition) buildAgain(ctx context.Context) error {
	elsewhere, err := os.MkdirTemp("", "scvotes-release-again-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(elsewhere)
	again := *e
	again.source, again.out = filepath.Join(elsewhere, "source"), filepath.Join(elsewhere, "dist")
	if err := copySource(ctx, e.source, again.source); err != nil {
		return err
	}
	// What the program is made of was listed before, and is only summed here.
	for _, list := range e.lists() {
		if err := copyFile(list, filepath.Join(again.out, filepath.Base(list))); err != nil {
			return err
		}
	}
	if err := again.build(ctx); err != nil {
		return fmt.Errorf("the second time: %w", err)
	}
	one, err1 := os.ReadFile(filepath.Join(e.out, sumsName))
	two, err2 := os.ReadFile(filepath.Join(again.out, sumsName))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if string(one) != string(two) {
		return fmt.Errorf("the same source gave two releases:\n%s\n%s", one, two)
	}
	fmt.Printf("built twice, in two folders, with the same sums: %s\n", strings.Join(e.targets, ", "))
	return nil
}

// copySource copies what git knows of, and what is new and not ignored.
func copySource(ctx context.Context, from, to string) error {
	list, err := output(ctx, from, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for _, name := range strings.Split(strings.Trim(list, "\x00"), "\x00") {
		err := copyFile(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) { // taken away, and not committed
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}
