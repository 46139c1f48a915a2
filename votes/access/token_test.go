package access

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"scvotes/votes"
)

func TestATokenIsReadAsItWasMade(t *testing.T) {
	text, made := New()
	if !regexp.MustCompile(`^scv_[a-z2-7]{12}_[a-z2-7]{52}$`).MatchString(text) {
		t.Errorf("%q is not as scanners look for it", text)
	}
	read, err := Parse(text)
	if err != nil || read != made || read.ID != text[4:16] {
		t.Errorf("%v, %v; made was %v", read, err, made)
	}
	if !read.Has(made.Sum()) || len(made.Sum()) != sha256.Size {
		t.Error("the sum is not its own")
	}
	if again, other := New(); again == text || other.Has(made.Sum()) {
		t.Error("two tokens are the same")
	}
}

func TestNothingElseIsAToken(t *testing.T) {
	text, made := New()
	for _, wrong := range []string{"", "scv_", text + "a", text[:len(text)-1], " " + text, strings.ToUpper(text), "x" + text,
		strings.Replace(text, "_", "-", 1), text[:len(text)-1] + "z", text + "\n"} {
		if c, err := Parse(wrong); !errors.Is(err, ErrUnknown) || !errors.Is(err, ErrDenied) {
			t.Errorf("%q: %v, %v", wrong, c, err)
		}
	}
	other := []byte(text)
	if other[20]++; other[20] > 'z' || other[20] < '2' || other[20] > '7' && other[20] < 'a' {
		other[20] = 'b'
	}
	if c, err := Parse(string(other)); err == nil && bytes.Equal(c.Sum(), made.Sum()) {
		t.Error("another secret has the same sum")
	}
}

func TestACredentialIsNotPrinted(t *testing.T) {
	text, c := New()
	secret := text[17:]
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, v := range []any{c, &c} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, secret) || strings.Contains(got, fmt.Sprint(c.sum[0])+" ") {
				t.Errorf("%s: %s", verb, got)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	text, c := New()
	for before, want := range map[string]string{
		"":                       "",
		"/v1/resolutions?q=scv_": "/v1/resolutions?q=scv_",
		text:                     "scv_" + c.ID + "_...",
		"a=" + strings.ReplaceAll(text, "_", "%5f"): "a=scv_" + c.ID + "_...",
		"?a=" + text + "&b=" + text:                 "?a=scv_" + c.ID + "_...&b=scv_" + c.ID + "_...",
		"cut " + text[:30] + " off":                 "cut scv_" + c.ID + "_... off",
		"Bearer " + text + text[:20]:                "Bearer scv_" + c.ID + "_..._" + text[17:20],
	} {
		got := Redact(before)
		if strings.Contains(got, text[20:]) || before != "" && len(before) < 60 && got != want {
			t.Errorf("%q: %q, want %q", before, got, want)
		}
	}
}

func TestParseScopes(t *testing.T) {
	got, err := ParseScopes("edit, read,edit")
	if err != nil || len(got) != 2 || got[0] != Edit || got[1] != Read {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range []string{"", "write", "edit,", "EDIT"} {
		if _, err := ParseScopes(wrong); !errors.Is(err, votes.ErrInvalid) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	for _, have := range Scopes {
		for _, ask := range Scopes {
			if got := (Token{Scopes: []Scope{have}}).May(ask); got != (have == ask) {
				t.Errorf("%s may %s: %v", have, ask, got)
			}
		}
	}
}
