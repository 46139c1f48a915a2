package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// machine is what a figure is worth nothing without.
type machine struct {
	Processor string
	Cores     int
	Memory    string
	System    string
	Go        string
	Postgres  string
	Wrk       string
	Date      time.Time
	Commit    string
	Record    string // what was served
}

// describe asks the machine. What it does not tell is left out.
func describe(ctx context.Context, s *site) machine {
	m := machine{
		Processor: firstMatch(`(?m)^model name\s*:\s*(.+)$`, readFile("/proc/cpuinfo")),
		Cores:     runtime.NumCPU(),
		System:    firstMatch(`(?m)^PRETTY_NAME="?([^"\n]+)"?$`, readFile("/etc/os-release")),
		Go:        strings.TrimPrefix(runtime.Version(), "go"),
		Date:      time.Now().UTC(),
		Commit:    s.commit(ctx),
	}
	if m.Processor == "" {
		m.Processor = runtime.GOARCH
	}
	if m.System == "" {
		m.System = runtime.GOOS
	}
	var kb float64
	if _, err := fmt.Sscan(firstMatch(`(?m)^MemTotal:\s+(\d+) kB$`, readFile("/proc/meminfo")), &kb); err == nil {
		m.Memory = fmt.Sprintf("%.0f GB", kb/(1<<20))
	}
	if out, err := s.output(ctx, nil, s.program("pgbench"), "--version"); err == nil {
		m.Postgres = firstMatch(`\(PostgreSQL\) (\S+)`, out)
	}
	out, _ := exec.CommandContext(ctx, "wrk", "-v").CombinedOutput() // it exits with 1
	m.Wrk = firstMatch(`wrk (?:\w+/)?(\S+)`, string(out))
	if n, err := s.resolutions(ctx); err == nil {
		m.Record = fmt.Sprintf("%d resolutions", n)
		if s.files == "" {
			m.Record += ", some of them invented"
		}
	}
	return m
}

func (s *site) commit(ctx context.Context) string {
	out, err := s.output(ctx, nil, "git", "-C", s.root, "describe", "--always", "--dirty", "--exclude", "*")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(out)
}

func (m machine) String() string {
	parts := []string{fmt.Sprintf("%s, %d cores", m.Processor, m.Cores)}
	for _, p := range [][2]string{{"", m.Memory}, {"", m.System}, {"Go ", m.Go}, {"PostgreSQL ", m.Postgres}, {"wrk ", m.Wrk}} {
		if p[1] != "" {
			parts = append(parts, p[0]+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

func readFile(name string) string {
	b, _ := os.ReadFile(name) // not there on every system
	return string(b)
}

func firstMatch(pattern, text string) string {
	if m := regexp.MustCompile(pattern).FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}
