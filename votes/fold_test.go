package votes

import (
	"math/rand/v2"
	"testing"
)

// Plain text is folded on a way of its own, which has to lead to the same.
func TestFoldOfPlainTextIsAsOfAny(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		b := make([]byte, rnd.IntN(40))
		for i := range b {
			b[i] = byte(rnd.IntN(128))
			if rnd.IntN(3) == 0 {
				b[i] = ' '
			}
		}
		plain, other := "x"+string(b), "é"+string(b) // the accent leads the other way
		if got, want := Fold(plain)[1:], Fold(other)[1:]; got != want {
			t.Fatalf("%q: %q, want %q", b, got, want)
		}
	}
}
