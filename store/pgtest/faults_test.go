package pgtest

import (
	"testing"
)

func TestASeedHasTheSameHappenAgain(t *testing.T) {
	t.Setenv("SCVOTES_SEED", "7")
	if a, b := Chance(t).Uint64(), Chance(t).Uint64(); a != b {
		t.Errorf("%d and then %d", a, b)
	}
	before := Chance(t).Uint64()
	t.Run("another test", func(t *testing.T) {
		if Chance(t).Uint64() == before {
			t.Error("two tests have the same chance")
		}
	})
	t.Setenv("SCVOTES_SEED", "8")
	if Chance(t).Uint64() == before {
		t.Error("two seeds are the same chance")
	}
}

func TestFaultsHappenMoreOftenInASoak(t *testing.T) {
	t.Setenv("SCVOTES_SOAK", "")
	if Soaking() || Times(2, 50) != 2 {
		t.Errorf("without: %t, %d times", Soaking(), Times(2, 50))
	}
	t.Setenv("SCVOTES_SOAK", "1")
	if !Soaking() || Times(2, 50) != 50 {
		t.Errorf("with: %t, %d times", Soaking(), Times(2, 50))
	}
}
