//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
)

// A machine that goes dark in the middle of an import says no word of it. Its
// server has to look whether it is there within seconds, not within the hours of
// the system, in which nobody else could import. The kernel tells when it will.
func testMachineGoneDark(t *testing.T, s *site) {
	record, err := store.Open(t.Context(), s.database(t, "dark"))
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	reading, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_, _ = record.Import(t.Context(), store.ImportOptions{DryRun: true}, func(*votes.ImportReport, func(*votes.Account) error) error {
			close(reading)
			<-end
			return nil
		})
	}()
	<-reading
	defer func() { close(end); <-done }()
	until(t, 5*time.Second, "the server is to look soon", func() error { // once all that it sent has arrived
		if soonest := s.looksAfter(t); soonest > 11*time.Second {
			return fmt.Errorf("the server looks whether an importing machine is there after %v", soonest)
		}
		return nil
	})
}

// looksAfter is the shortest time after which the server will look whether one
// of its clients is still there, as the kernel tells of its connections.
func (n *node) looksAfter(t *testing.T) time.Duration {
	t.Helper()
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	const keepAlive = "02:"
	soonest := time.Duration(1<<63 - 1)
	port := fmt.Sprintf(":%04X", n.port)
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line) // number, local, remote, state, queues, timer and when, ...
		if len(f) < 6 || !strings.HasSuffix(f[1], port) || !strings.HasPrefix(f[5], keepAlive) {
			continue
		}
		ticks, err := strconv.ParseInt(strings.TrimPrefix(f[5], keepAlive), 16, 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		soonest = min(soonest, time.Duration(ticks)*10*time.Millisecond)
	}
	return soonest
}
