package api

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"outcom":       "outcome",
		"Outcome":      "outcome",
		"vetoedby":     "vetoed_by",
		"limits":       "limit",
		"sponsored_by": "", // too far from sponsor to be meant for certain
		"colour":       "",
		"":             "",
	} {
		if got := nearest(word, resolutionParameters); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"year", "years", 1}, {"from", "form", 2}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestParseCursor(t *testing.T) {
	in := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	const resolution, keyed = `{"d":"2024-11-20","i":"S-2024-835"}`, `{"d":"2024-11-20","i":"S-2024-835","k":"0a1b2c3d"}`
	got, err := parseCursor(in(resolution))
	if diff := cmp.Diff(&cursor{Date: "2024-11-20", ID: "S-2024-835"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	got, err = parseKeyedCursor(in(keyed))
	if diff := cmp.Diff(&cursor{Date: "2024-11-20", ID: "S-2024-835", Key: "0a1b2c3d"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for _, bad := range []string{"", "?", "S-2024-835", in(""), in("null"), in("[]"), in(`{"d":"2024-11-20"}`), in(`{"i":"S-1"}`),
		in(`{"d":"2024-02-30","i":"S-1","k":"1"}`), in("{\"d\":\"2024-11-20\",\"i\":\"S-1\\u0000\",\"k\":\"1\"}"), in(keyed + " more"),
		in("{\"d\":\"2024-11-20\",\"i\":\"S-1\\u0000\"}"), in(resolution + " more")} {
		for _, parse := range []func(string) (*cursor, error){parseCursor, parseKeyedCursor} {
			if m, err := parse(bad); err == nil {
				t.Errorf("%q gave %v", bad, m)
			}
		}
	}
	if m, err := parseCursor(in(keyed)); err == nil {
		t.Errorf("a place in the list of discrepancies was read as %v", m)
	}
	if m, err := parseKeyedCursor(in(resolution)); err == nil {
		t.Errorf("a place in the list of resolutions was read as %v", m)
	}
}
