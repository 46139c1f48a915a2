package main

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTuneMemory(t *testing.T) {
	percent := debug.SetGCPercent(100)
	limit := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetGCPercent(percent)
	defer debug.SetMemoryLimit(limit)
	for _, c := range []struct {
		variable string
		bytes    int
		percent  int
		limit    int64
	}{
		{"", 0, 400, 68 << 20}, // the default of the cache
		{"", -1, 400, 64 << 20},
		{"", 1 << 30, 400, 1<<30 + 36<<20},
		{"GOGC", 0, 100, math.MaxInt64},
		{"GOMEMLIMIT", 0, 100, math.MaxInt64},
	} {
		t.Setenv("GOGC", "")
		t.Setenv("GOMEMLIMIT", "")
		if c.variable != "" {
			t.Setenv(c.variable, "100")
		}
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
		room := tuneMemory(c.bytes)
		room(5 << 20)
		if l := debug.SetMemoryLimit(-1); c.variable == "" && l != c.limit+10<<20 || c.variable != "" && l != c.limit {
			t.Errorf("%s, cache of %d bytes, with 5 MiB of votes: %d bytes", c.variable, c.bytes, l)
		}
		room(0)
		if p, l := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64); p != c.percent || l != c.limit {
			t.Errorf("%s, cache of %d bytes: %d %%, %d bytes; want %d %%, %d", c.variable, c.bytes, p, l, c.percent, c.limit)
		}
	}
}

func TestBoundMemory(t *testing.T) {
	limit := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(limit)
	for variable, want := range map[string]int64{"": 72 << 20, "GOGC": math.MaxInt64, "GOMEMLIMIT": math.MaxInt64} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv("GOGC", "")
			t.Setenv("GOMEMLIMIT", "")
			if variable != "" {
				t.Setenv(variable, "100")
			}
			debug.SetMemoryLimit(math.MaxInt64)
			boundMemory()
			if have := debug.SetMemoryLimit(-1); have != want {
				t.Errorf("%d bytes, want %d", have, want)
			}
		})
	}
}
