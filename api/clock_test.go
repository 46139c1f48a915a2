package api

import (
	"errors"
	"testing"
	"time"
)

// The clock of the server jumps: every answer is right before, while and after,
// and whoever has the answer of a day has it again when that day comes back.
func TestTheClockOfTheServerJumps(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	opt := testOptions(nil)
	begun := opt.Now()
	now := begun
	opt.Now = func() time.Time { return now }
	h, news := followedWith(t, f, f, opt)
	const address = "/v1/resolutions/S-2024-835"
	first := get(t, h, address).Header.Get("ETag")
	for _, jump := range []time.Duration{time.Hour, 24 * time.Hour, -24 * time.Hour, 10 * 365 * 24 * time.Hour, -365 * 24 * time.Hour, 0} {
		now = begun.Add(jump)
		sameDay := now.Format(time.DateOnly) == begun.Format(time.DateOnly)
		res := get(t, h, address, "If-None-Match", first)
		if want := map[bool]int{true: 304, false: 200}[sameDay]; res.StatusCode != want {
			t.Errorf("after %v: status %d, want %d", jump, res.StatusCode, want)
		}
		f.revision.Number++
		f.revision.Committed = f.revision.Committed.Add(time.Minute) // as the database's own clock says
		tell(news, f, nil)
		res = get(t, h, address, "If-None-Match", first)
		if res.StatusCode != 200 || res.Header.Get("ETag") == first {
			t.Errorf("after %v and a change: status %d, tag %s", jump, res.StatusCode, res.Header.Get("ETag"))
		}
		now = begun // and back
		if first = get(t, h, address).Header.Get("ETag"); first == "" {
			t.Error("no tag")
		}
	}
}

// Midnight comes while the database is away: what is kept is given on.
func TestMidnightWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	opt := testOptions(nil)
	now := opt.Now()
	opt.Now = func() time.Time { return now }
	h, news := followedWith(t, f, f, opt)
	for _, address := range []string{"/v1/resolutions/S-2024-835", "/resolutions/S-2024-835", "/v1/vetoes"} {
		if res := get(t, h, address); res.StatusCode != 200 {
			t.Fatalf("%s: status %d", address, res.StatusCode)
		}
	}
	f.fault = errors.New("away")
	tell(news, f, f.fault)
	for _, later := range []time.Duration{0, 24 * time.Hour, -48 * time.Hour} {
		now = now.Add(later)
		for _, address := range []string{"/v1/resolutions/S-2024-835", "/resolutions/S-2024-835", "/v1/vetoes"} {
			if res := get(t, h, address); res.StatusCode != 200 || res.Header.Get("Age") == "" {
				t.Errorf("%v later %s: status %d, Age %q", later, address, res.StatusCode, res.Header.Get("Age"))
			}
		}
	}
	f.fault = nil
	tell(news, f, nil)
	if res := get(t, h, "/v1/resolutions/S-2024-835"); res.StatusCode != 200 || res.Header.Get("Age") != "" {
		t.Errorf("with the database back: status %d, Age %q", res.StatusCode, res.Header.Get("Age"))
	}
}
