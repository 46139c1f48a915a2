//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scvotes/store/pgtest"
)

// fakeClock has a server's clock be as far off as a file says, in seconds.
func (n *node) fakeClock(t *testing.T) (set func(off time.Duration)) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib*/*/faketime/libfaketime.so.1") // fails for a bad pattern only
	more, _ := filepath.Glob("/usr/lib64/faketime/libfaketime.so.1")
	if found = append(found, more...); len(found) == 0 {
		t.Fatal("libfaketime is not installed: scripts/need-scale installs it where it may")
	}
	file := filepath.Join(n.dir, "clock")
	set = func(off time.Duration) {
		t.Helper()
		if err := os.WriteFile(file+".new", fmt.Appendf(nil, "%+d\n", int(off.Seconds())), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	set(0)
	n.env = []string{"LD_PRELOAD=" + found[0], "FAKETIME_TIMESTAMP_FILE=" + file, "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"}
	return set
}

// The clock of the database jumps, forward and back: the record goes on, nobody
// is told that it went back, and whoever asks what changed since, by a revision,
// a tag or a moment, misses nothing.
func TestFaultClockOfTheDatabase(t *testing.T) {
	if !pgtest.Soaking() {
		t.Skip("make soak moves the clock of a server; every run of the tests has the moments of the store's revisions")
	}
	s := newSite(t)
	s.stop(t)
	set := s.fakeClock(t)
	s.start(t)
	dsn := s.database(t, "clock")
	api := newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + dsn})
	api.ready(t)
	landed(t, dsn, 1)
	w := s.watched(t, api)
	jumps := []time.Duration{0, time.Hour, 48 * time.Hour, -48 * time.Hour, -time.Second, 0, 10 * 365 * 24 * time.Hour, 0, 5 * time.Second, -10 * time.Minute}
	off := 0
	for round, jump := range jumps {
		k := round + 2
		set(jump)
		if now, err := s.ask("clock", fmt.Sprintf(`SELECT abs(extract(epoch FROM now()) - %d) < 60`, time.Now().Add(jump).Unix())); err != nil || now != "t" {
			t.Fatalf("the clock did not jump by %v: %s, %v", jump, now, err)
		}
		before, err := api.get(probes[0].path)
		if err != nil {
			t.Fatal(err)
		}
		landed(t, dsn, k)
		w.reach(k, time.Now(), 5*time.Second)
		missesNothing(t, api, before, k)
		off++
	}
	w.goOn(5)
	w.end()
	if told := api.stderr.String(); strings.Contains(told, "WENT BACK") {
		t.Error("the API tells that the record went back")
	}
	if wrong, err := s.ask("clock", `SELECT count(*) FROM revisions a JOIN revisions b ON b.number = a.number + 1 WHERE b.committed <= a.committed`); err != nil || wrong != "0" {
		t.Errorf("%s revisions are not later than the one before (%v)", wrong, err)
	}
	clean(t, dsn, "a clock that jumps")
	s.asUndisturbed(t, dsn, len(jumps)+1)
	t.Logf("figure: the clock of the database jumped %d times, by up to ten years and back; nothing was missed", off)
}

// missesNothing asks in every way whether something changed since an answer,
// after edition k did.
func missesNothing(t *testing.T, api *instance, before reply, k int) {
	t.Helper()
	for _, since := range [][2]string{{"If-None-Match", before.etag}, {"If-Modified-Since", before.modified}} {
		req, err := http.NewRequest(http.MethodGet, api.address+probes[0].path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(since[0], since[1])
		resp, err := visitor.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("edition %d, %s: %s: status %d", k, since[0], since[1], resp.StatusCode)
		}
	}
	a, err := api.get(fmt.Sprintf("/v1/resolutions?changed_since=%d&year=2016", sceneBase+k-1))
	if err != nil || strings.Count(string(a.body), fmt.Sprintf("canary edition %d\"", k)) != 2 {
		t.Errorf("edition %d is not among what changed: %s, %v", k, a.body, err)
	}
}
