package votes

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRollOf(t *testing.T) {
	council, _ := CouncilOn("1983-09-12")
	list := []Vote{{"ZWE", Abstain}, {"SUN", No}, {"BRA", Yes}, {"POL", No}, {"FRA", Yes}}
	got := RollOf(council, list, []Code{"SUN", "FRA"}) // only a negative vote is a veto
	want := []MemberVote{                              // in the order of the seats, without Brazil, which had none
		{Code: "FRA", Seat: "FRA", Name: "France", Permanent: true, Position: Yes},
		{Code: "SUN", Seat: "RUS", Name: "USSR", Permanent: true, Position: No, Veto: true},
		{Code: "POL", Seat: "POL", Name: "Poland", Position: No},
		{Code: "ZWE", Seat: "ZWE", Name: "Zimbabwe", Position: Abstain},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, v := range RollOf(council, list, nil) {
		if v.Veto {
			t.Errorf("%s vetoed what was not vetoed", v.Code)
		}
	}
	if got := RollOf(council, nil, nil); got == nil || len(got) > 0 {
		t.Errorf("of no roll: %v, want an empty list", got)
	}
}

func TestInOrder(t *testing.T) {
	council, _ := CouncilOn("1975-06-06")
	got := council.InOrder([]string{"USA", "ITA", "GBR", "BRA", "FRA"})
	if want := []Code{"FRA", "GBR", "USA", "ITA"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCodesOfSeat(t *testing.T) {
	for c, want := range map[Code][]Code{"RUS": {"SUN", "RUS"}, "SUN": {"SUN", "RUS"}, "CHN": {"CHN"}, "YEM": {"YEM"}} {
		if got := CodesOfSeat(c); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c, got, want)
		}
	}
}
