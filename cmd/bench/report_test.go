package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// of is a result whose rounds gave these rates.
func of(name string, rates ...float64) result {
	r := result{Name: name}
	for i, n := range rates {
		r.Samples = append(r.Samples, sample{n, time.Millisecond, time.Duration(i+3) * time.Millisecond})
	}
	return r
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		figures []float64
		want    spread
	}{
		{[]float64{3, 1, 2}, spread{2, 1, 3}},
		{[]float64{4, 1, 2, 3}, spread{2.5, 1, 4}},
		{[]float64{7}, spread{7, 7, 7}},
		{nil, spread{}},
	} {
		if got := spreadOf(c.figures); got != c.want {
			t.Errorf("%v: %v, want %v", c.figures, got, c.want)
		}
	}
}

// TestRatioIsRoundByRound has a machine that becomes ten times slower: medians
// divided by each other would give 5, where each round gives 2.
func TestRatioIsRoundByRound(t *testing.T) {
	got, ok := ratio(of("a", 2000, 200, 200), of("b", 1000, 1000, 100))
	if want := (spread{2, 0.2, 2}); got != want || !ok {
		t.Errorf("%v, %v; want %v", got, ok, want)
	}
	failed := of("b", 1000)
	failed.Failed = "status 500"
	for _, b := range []result{{}, failed} {
		if got, ok := ratio(of("a", 1), b); ok {
			t.Errorf("%v against %+v", got, b)
		}
	}
}

func TestFastestPeer(t *testing.T) {
	failed := of(keyPeer+"three", 9000)
	failed.Failed = "wrk: Non-2xx or 3xx responses: 3"
	got, ok := fastestPeer([]result{of(keyWarm, 9000), of(keyPeer+"one", 900, 100, 200), of(keyPeer+"two", 300, 300, 300), failed})
	if !ok || got.Name != keyPeer+"two" {
		t.Errorf("%s, %v", got.Name, ok)
	}
	if got, ok := fastestPeer([]result{of(keyWarm, 9000), failed}); ok {
		t.Errorf("%s", got.Name)
	}
}

func sampleReport() report {
	return report{
		Machine: machine{Processor: "Z80", Cores: 2, System: "CP/M", Date: time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC), Commit: "abc", Record: "3000 resolutions"},
		Rounds:  3, Each: 3 * time.Second,
		Results: []result{of(keyEchoRecord, 1000, 1000, 1000), of(keyWarm, 950, 900, 960), of(keyCold, 100, 110, 120), of(keyBench, 400, 400, 400),
			of(keyPeer+"one", 10, 10, 10), {Name: keyColdList, Failed: "status 503"}},
		Memory:  []usage{{serverWarm, 50 * megabyte, 60 * megabyte}, {"Echo", 10 * megabyte, 10 * megabyte}},
		Missing: []missing{{keyPeer + "two", "it is not installed"}},
	}
}

func TestDocument(t *testing.T) {
	got := sampleReport().document()
	for _, line := range []string{
		"|  | this run | target |  |\n| --- | ---: | --- | --- |\n",
		"| warm single record / Echo serving the same bytes from memory | 0.95x (0.90-0.96) | at least 0.90x | reached |\n",
		"| cold single record / pgbench on the same statement | 0.28x (0.25-0.30) | at least 0.50x | **missed** |\n",
		"| warm single record / the fastest peer, one | 95x (90-96) | at least 25x | reached |\n",
		"| cold list of 50 / cold single record | not measured | at least 0.50x |  |\n",
		"| p99, cold: single record | 4.00 ms (3.00-5.00) | under 10 ms | reached |\n",
		"| memory after the run, whole record served | 50 MB | under 100 MB | reached |\n",
		"24 November 2026, commit abc: Z80, 2 cores, CP/M. 3000 resolutions. 3 rounds of 3s",
		" One target is missed.\n",
		"| Echo from memory: single record | 1,000 | 1,000-1,000 | 1.00 | 4.00 |\n",
		"| peer: one | 10.0 | 10.0-10.0 | 1.00 | 4.00 |\n",
		"| Echo | 10 MB | 10 MB |\n",
		"- peer: two: it is not installed\n- cold: list of 50: status 503\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("lacks %q", line)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestWrite(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	documents := map[string]string{}
	for _, name := range []string{"README.md", "docs/performance.md"} {
		text := "before\n" + beginMark + "\nstale\n" + endMark + "\nafter\n"
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		documents[name] = text
	}
	r := sampleReport()
	for _, s := range []settings{{root: root, quick: true}, {root: root}, {root: root}} {
		if err := r.write(s); err != nil {
			t.Fatal(err)
		}
		for name, before := range documents {
			if got := read(t, filepath.Join(root, name)); (got == before) != s.quick {
				t.Errorf("%s after a run, quick %v:\n%s", name, s.quick, got)
			}
		}
	}
	if got, want := read(t, filepath.Join(root, "docs/performance.md")), "before\n"+beginMark+"\n"+r.document()+endMark+"\nafter\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := read(t, filepath.Join(root, "README.md")); strings.Count(got, "\n|") != 2+mainGoals || strings.Contains(got, "stale") {
		t.Error(got)
	}
	lines, err := csv.NewReader(strings.NewReader(read(t, filepath.Join(root, "docs/bench-history.csv")))).ReadAll()
	if err != nil || len(lines) != 1+3*7 {
		t.Fatalf("%d lines, %v: the head once, and five results and two servers of each of three runs", len(lines), err)
	}
	want := "2026-11-24T04:00:00Z|abc|Z80, 2 cores|3000 resolutions|" + keyWarm + "|3|3|950.0|900.0|960.0|1.000|4.000|0.950|" + keyEchoRecord + "|"
	if got := strings.Join(lines[2], "|"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestNoPlaceForTheReport(t *testing.T) {
	name := filepath.Join(t.TempDir(), "README.md")
	for _, text := range []string{"nothing\n", beginMark + "\nno end\n", endMark + "\n" + beginMark + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := between(name, "new\n"); err == nil || read(t, name) != text {
			t.Errorf("%q became %q, %v", text, read(t, name), err)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
