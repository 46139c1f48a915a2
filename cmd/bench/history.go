package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// historyHead are the columns of the history: a line for each thing measured, and
// for the memory of each server. ratio is to the contestant that "of" names.
var historyHead = []string{"date", "commit", "machine", "record", "what", "rounds", "seconds", "per_second", "least", "most", "p50_ms", "p99_ms", "ratio", "of", "memory_mb"}

// heldAgainst is what each is compared with; the peers stand for themselves.
func heldAgainst(results []result) map[string]string {
	of := map[string]string{
		keyWarm: keyEchoRecord, keyWarmList: keyEchoList, keyWarmKnown: keyWarm,
		keyCold: keyBench, keyColdList: keyBenchList, keyColdKnown: keyCold, keyColdAny: keyCold,
	}
	for _, r := range results {
		if strings.HasPrefix(r.Name, keyPeer) {
			of[r.Name] = keyCold
		}
	}
	return of
}

// append adds the run to the history, and begins it where there is none.
func (r report) append(name string) error {
	_, err := os.Stat(name)
	begins := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	lines := r.history()
	if begins {
		lines = append([][]string{historyHead}, lines...)
	}
	w := csv.NewWriter(f)
	return errors.Join(w.WriteAll(lines), f.Close())
}

func (r report) history() [][]string {
	run := []string{r.Machine.Date.Format(time.RFC3339), r.Machine.Commit, fmt.Sprintf("%s, %d cores", r.Machine.Processor, r.Machine.Cores), r.Machine.Record}
	var lines [][]string
	line := func(cells ...string) { lines = append(lines, append(run[:len(run):len(run)], cells...)) }
	byName := map[string]result{}
	for _, x := range r.Results {
		byName[x.Name] = x
	}
	of := heldAgainst(r.Results)
	for _, x := range r.Results {
		if !x.sound() {
			continue
		}
		n, other, times := x.perSecond(), "", ""
		if got, ok := ratio(x, byName[of[x.Name]]); ok {
			other, times = of[x.Name], decimal(got.Median, 3)
		}
		line(x.Name, strconv.Itoa(len(x.Samples)), decimal(r.Each.Seconds(), 0), decimal(n.Median, 1), decimal(n.Min, 1), decimal(n.Max, 1),
			decimal(x.p50().Median, 3), decimal(x.p99().Median, 3), times, other, "")
	}
	for _, u := range r.Memory {
		line("memory: "+u.Server, "", "", "", "", "", "", "", "", "", decimal(float64(u.Resident)/megabyte, 1))
	}
	return lines
}

// decimal leaves out what is not known.
func decimal(n float64, digits int) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', digits, 64)
}
