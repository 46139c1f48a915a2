package api

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
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
	got, err := parseCursor(in(`{"d":"2024-11-20","i":"S-2024-835"}`))
	if diff := cmp.Diff(&votes.Mark{Date: "2024-11-20", ID: "S-2024-835"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for _, bad := range []string{"", "?", "S-2024-835", in(""), in("null"), in("[]"), in(`{"d":"2024-11-20"}`), in(`{"i":"S-1"}`),
		in(`{"d":"2024-02-30","i":"S-1"}`), in("{\"d\":\"2024-11-20\",\"i\":\"S-1\\u0000\"}"), in(`{"d":"2024-11-20","i":"S-1"} more`)} {
		if m, err := parseCursor(bad); err == nil {
			t.Errorf("%q gave %v", bad, m)
		}
	}
}
