package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newMan writes manual pages, for whoever makes a release or a package.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a folder",
		Hidden: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("man needs one folder")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			for _, of := range commandsWithPages(c.Root()) {
				name := filepath.Join(args[0], pageName(of)+".1")
				if err := os.WriteFile(name, []byte(manPage(of)), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// commandsWithPages are a command and all below it, but for those that Cobra adds.
func commandsWithPages(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if !sub.Hidden && sub.Name() != "help" && sub.Name() != "completion" {
			list = append(list, commandsWithPages(sub)...)
		}
	}
	return list
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is the help of a command in the language of man(7). Its text stands as
// it is written: it has tables.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH "%s" "1" "%s" "scvotes %s" "User commands"`, strings.ToUpper(roff(pageName(c))), manDate(), roff(versionText()))
	line(".SH NAME")
	line(`%s \- %s`, roff(pageName(c)), roff(c.Short))
	line(".SH SYNOPSIS")
	line(".B %s", roff(c.UseLine()))
	if about := strings.TrimSpace(c.Long); about != "" {
		line(".SH DESCRIPTION\n.nf\n%s\n.fi", roff(about))
	}
	manFlags(line, "OPTIONS", c.NonInheritedFlags())
	manFlags(line, "OPTIONS OF EVERY COMMAND", c.InheritedFlags())
	if c.Example != "" {
		line(".SH EXAMPLES\n.nf\n%s\n.fi", roff(strings.TrimRight(c.Example, "\n")))
	}
	var others []string
	if c.HasParent() {
		others = append(others, pageName(c.Parent()))
	}
	for _, sub := range commandsWithPages(c)[1:] {
		if sub.Parent() == c {
			others = append(others, pageName(sub))
		}
	}
	line(".SH SEE ALSO")
	for i, name := range others {
		comma := map[bool]string{true: " ,"}[i < len(others)-1]
		line(`.BR %s (1)%s`, roff(name), comma)
	}
	return b.String()
}

func manFlags(line func(string, ...any), title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	line(".SH %s", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		line(".TP\n.B %s\n%s", roff(strings.TrimSpace(name+" "+value)), roff(usage))
	})
}

// manDate is the day of the release, so that the same release has the same pages.
func manDate() string {
	epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return ""
	}
	return time.Unix(epoch, 0).UTC().Format(time.DateOnly)
}

// roff escapes what man would take for its own: backslashes, hyphens that are to
// be typed, quotes, and dots and apostrophes at the beginning of a line.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
