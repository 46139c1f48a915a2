package pgtest

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// The tests named TestFault make one kind of fault happen again and again, each
// at another point: a few times in every run, and many times in a soak.
const (
	soakVar = "SCVOTES_SOAK"
	seedVar = "SCVOTES_SEED" // has the faults of an earlier run happen again
)

// Soaking tells whether faults are to happen as often as make soak wants it.
func Soaking() bool { return os.Getenv(soakVar) != "" }

// Times is how often something is to happen.
func Times(few, many int) int {
	if Soaking() {
		return many
	}
	return few
}

// Chance gives random numbers, the same each time for one seed and test.
func Chance(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv(seedVar); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVar, err)
		}
	}
	t.Logf("%s=%d makes the same happen again", seedVar, seed)
	of := fnv.New64a()
	_, _ = io.WriteString(of, t.Name()) // a hash takes everything
	return rand.New(rand.NewPCG(seed, of.Sum64()))
}
