package votes

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePosition(t *testing.T) {
	cases := map[Position][]string{
		Yes:              {"yes", "Y", "Yes", "YES", " in favour ", "In Favor", "for"},
		No:               {"no", "N", "No", "against", "Against"},
		Abstain:          {"abstain", "A", "Abstain", "abstention", "abstained", "Abstaining"},
		NotParticipating: {"not_participating", "X", "not participating", "Did not participate"},
		Absent:           {"absent", "Absent"},
	}
	for want, printed := range cases {
		for _, p := range printed {
			if got, err := ParsePosition(p); err != nil || got != want {
				t.Errorf("ParsePosition(%q) = %q, %v, want %s", p, got, err, want)
			}
		}
		if again, err := ParsePosition(string(want)); err != nil || again != want {
			t.Errorf("%s is not read as itself: %q, %v", want, again, err)
		}
	}
	if len(cases) != len(Positions) {
		t.Errorf("%d of %d positions", len(cases), len(Positions))
	}
	for _, p := range []string{"", "Q", "1", "veto", "yes no"} {
		if got, err := ParsePosition(p); err == nil {
			t.Errorf("ParsePosition(%q) = %q", p, got)
		}
	}
}

func TestPositionVoted(t *testing.T) {
	for p, want := range map[Position]bool{Yes: true, No: true, Abstain: true, NotParticipating: false, Absent: false, "": false} {
		if p.Voted() != want {
			t.Errorf("%q took part: %t", p, p.Voted())
		}
	}
}

func TestCount(t *testing.T) {
	got := Count(roll(t, "1950-06-27", map[Position]string{Absent: "SUN", No: "YUG", NotParticipating: "EGY IND"}))
	if diff := cmp.Diff(Tally{Yes: 7, No: 1, NotVoting: 3, Members: 11}, got); diff != "" {
		t.Error(diff)
	}
	if got := Count(nil); got != (Tally{}) {
		t.Errorf("of nobody: %+v", got)
	}
}

func TestTallyAsText(t *testing.T) {
	for in, want := range map[string]Tally{
		"14-1-0":     {Yes: 14, No: 1},
		" 7-0-3-1\n": {Yes: 7, Abstain: 3, NotVoting: 1},
		"0-0-0":      {},
	} {
		got, err := ParseTally(in)
		if err != nil || got != want {
			t.Errorf("ParseTally(%q) = %+v, %v", in, got, err)
		}
		if again, err := ParseTally(got.String()); err != nil || again != want {
			t.Errorf("%q is written %q", in, got)
		}
	}
	for _, in := range []string{"", "14", "14-1", "14-1-0-0-0", "14-1-x", "unanimous", "14 - 1 - 0", "+14-1-0", "-1-1-0", "100-0-0", "14--0", "١٤-1-0"} {
		if got, err := ParseTally(in); err == nil || got != (Tally{}) {
			t.Errorf("ParseTally(%q) = %+v", in, got)
		}
	}
}
