package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scvotes/votes"
)

// lines are those of a log in JSON that several write to.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// failures returns what the log has at ERROR since it was last asked: the message,
// and of how many requests it tells.
func (l *lines) failures(t *testing.T) (list []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for scanner := bufio.NewScanner(&l.b); scanner.Scan(); {
		var line struct {
			Level, Msg, Cause string
			Requests          int
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Level == "ERROR" {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %d", line.Msg, line.Requests)))
		}
	}
	return list
}

// While the database is away the log tells of the first request that is refused,
// and then how many more there were: a line in five seconds, however many come.
func TestRequestsRefusedForOneCauseAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		log := new(lines)
		h := New(f, testOptions(slog.New(slog.NewJSONHandler(log, nil))))
		f.fault = fmt.Errorf("reading: %w", votes.ErrUnavailable)
		said := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if got := log.failures(t); strings.Join(got, ", ") != strings.Join(want, ", ") {
				t.Errorf("the log has %q, want %q", got, want)
			}
		}
		for range 100 {
			get(t, h, "/v1/resolutions")
		}
		said("request failed 0")
		time.Sleep(time.Millisecond)
		f.fault = votes.ErrNoRoom // another cause
		get(t, h, "/v1/resolutions")
		get(t, h, "/v1/resolutions")
		said("request failed 0")
		time.Sleep(refusalsEvery + 2*time.Millisecond)
		said("more requests failed 99", "more requests failed 1")
		f.fault = votes.ErrUnavailable
		for range 7 {
			get(t, h, "/v1/vetoes")
		}
		time.Sleep(refusalsEvery)
		said("more requests failed 7")
		time.Sleep(2 * refusalsEvery) // in which the database is back
		get(t, h, "/v1/vetoes")
		said("request failed 0")
		// What nobody foresaw, and changes of which nobody knows, are told each.
		f.fault = fmt.Errorf("out of order")
		get(t, h, "/v1/vetoes")
		get(t, h, "/v1/vetoes")
		f.fault = fmt.Errorf("%w: %w", votes.ErrUnsure, votes.ErrUnavailable)
		get(t, h, "/v1/vetoes")
		get(t, h, "/v1/vetoes")
		said("request failed 0", "request failed 0", "request failed 0", "request failed 0")
		time.Sleep(3 * refusalsEvery) // until no line is to come
	})
}
