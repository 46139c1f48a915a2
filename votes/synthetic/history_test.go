package synthetic_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/synthetic"
)

// shape is what the tests hold of a history.
type shape struct {
	accounts          map[string]int // by format
	rows              int
	outcomes          map[votes.Outcome]int
	adopted           map[votes.AdoptedBy]int
	disputed          int
	kinds             map[string]int // of problems
	years             map[int]int
	sizes             map[int]int // of the Councils of eleven and of fifteen
	ids               map[string]bool
	numbers, sponsors int
}

func read(t *testing.T, h synthetic.History) shape {
	t.Helper()
	s := shape{accounts: map[string]int{}, outcomes: map[votes.Outcome]int{}, adopted: map[votes.AdoptedBy]int{}, kinds: map[string]int{},
		years: map[int]int{}, sizes: map[int]int{}, ids: map[string]bool{}}
	for _, write := range []func(io.Writer) error{h.WriteSheet, h.WriteOutcomes, h.WriteVetoes} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		rep, err := source.Read(&b, source.Options{File: "invented.csv"}, func(a *votes.Account) error { s.take(t, a); return nil })
		if err != nil || rep.RefusedRows > 0 || len(rep.Problems) > 0 {
			t.Fatalf("%d rows refused, %v, %v", rep.RefusedRows, rep.Problems, err)
		}
		s.rows += rep.Rows
	}
	return s
}

func (s *shape) take(t *testing.T, a *votes.Account) {
	d := votes.Check(a)
	s.accounts[a.Source.Format]++
	for _, p := range a.Problems {
		if p.Severity == votes.Refused {
			t.Errorf("refused: %v", p)
		}
		s.kinds[p.Kind]++
	}
	if !a.Sound() {
		s.disputed++
	}
	if s.ids[a.ID] {
		return
	}
	s.ids[a.ID] = true
	s.outcomes[d.Outcome]++
	s.adopted[d.AdoptedBy]++
	s.years[a.Date.Year()]++
	council, _ := votes.CouncilOn(a.Date)
	s.sizes[len(council.Seats)]++
	if a.Resolution != "" {
		s.numbers++
	}
	if len(a.Sponsors) > 0 && a.Sponsors[0].Code != "" {
		s.sponsors++
	}
}

// The real record has 2,858 votes in three files: what was vetoed, failed,
// adopted by a majority or without a vote, and how much of it is disputed, is
// to be near the same here, at every size.
func TestShapeOfAHistory(t *testing.T) {
	for _, n := range []int{3_000, 30_000} {
		s := read(t, synthetic.History{Resolutions: n, Seed: 1})
		if len(s.ids) != n {
			t.Errorf("%d resolutions of %d", len(s.ids), n)
		}
		in := func(what string, count int, from, to float64) {
			t.Helper()
			if share := 100 * float64(count) / float64(n); share < from || share > to {
				t.Errorf("%d resolutions: %s is %.1f in a hundred, not between %g and %g", n, what, share, from, to)
			}
		}
		in("vetoed", s.outcomes[votes.Vetoed], 6, 9)
		in("failed", s.outcomes[votes.Failed], 3, 6)
		in("adopted by a majority", s.adopted[votes.ByMajority], 14, 22)
		in("adopted without a vote", s.adopted[votes.ByNoVote], 1, 2.5)
		in("disputed", s.disputed, 1.5, 4)
		in("a Council of eleven", s.sizes[11], 10, 17)
		in("a vote of 1993", s.years[1993], 2.5, 4)
		in("in the sheet", s.accounts["draft-sheet"], 85, 97)
		in("in the tables", s.accounts["un-outcomes"], 25, 40)
		in("in the list of vetoes", s.accounts["un-vetoes"], 5, 9)
		in("with states for sponsors", s.sponsors, 40, 60)
		if perVote := float64(s.rows) / float64(n); math.Abs(perVote-14) > 1 {
			t.Errorf("%d resolutions: %.1f rows each", n, perVote)
		}
		if len(s.years) != 80 {
			t.Errorf("%d years", len(s.years))
		}
		if s.numbers < 2_000 {
			t.Errorf("%d resolutions: %d have a number", n, s.numbers)
		}
	}
}

// What is wrong with the invented files is of the kinds that the real ones have,
// and nothing else: no invented number contradicts the calendar.
func TestFaultsOfAHistory(t *testing.T) {
	s := read(t, synthetic.History{Resolutions: 3_000, Seed: 7})
	for _, kind := range []string{votes.KindDateSwap, votes.KindSeat, votes.KindOutcome, votes.KindRollSize, votes.KindSymbol} {
		if s.kinds[kind] == 0 {
			t.Errorf("no %s", kind)
		}
		delete(s.kinds, kind)
	}
	if len(s.kinds) > 0 {
		t.Errorf("also %v", s.kinds)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	write := func(seed uint64) []byte {
		var b bytes.Buffer
		h := synthetic.History{Resolutions: 500, Seed: seed}
		for _, write := range []func(io.Writer) error{h.WriteSheet, h.WriteOutcomes, h.WriteVetoes} {
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
		}
		return b.Bytes()
	}
	if !bytes.Equal(write(1), write(1)) {
		t.Error("the same seed gives other bytes")
	}
	if bytes.Equal(write(1), write(2)) {
		t.Error("another seed gives the same bytes")
	}
}

// A correction changes one position of a vote that the sheet holds; a second
// one takes it back.
func TestCorrections(t *testing.T) {
	h := synthetic.History{Resolutions: 3_000, Seed: 1}
	sheet := sheetAccounts(t, h.WriteSheet)
	for _, changed := range []bool{true, false} {
		corrected := sheetAccounts(t, func(w io.Writer) error { return h.WriteCorrections(w, 100, changed) })
		if len(corrected) != 100 {
			t.Fatalf("%d corrections", len(corrected))
		}
		for key, a := range corrected {
			was := sheet[key]
			if was == nil || was.ID != a.ID || !a.Sound() {
				t.Fatalf("%s: %v", a.ID, a.Problems)
			}
			different := 0
			for i, v := range a.Votes {
				if v != was.Votes[i] {
					different++
				}
			}
			if changed != (different == 1) {
				t.Errorf("%s: %d positions differ", a.ID, different)
			}
		}
	}
}

func sheetAccounts(t *testing.T, write func(io.Writer) error) map[string]*votes.Account {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	list := map[string]*votes.Account{}
	if _, err := source.Read(&b, source.Options{}, func(a *votes.Account) error {
		votes.Check(a)
		list[a.Key] = a
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}
