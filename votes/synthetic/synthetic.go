// Package synthetic invents votes for measuring: a history of any length in the
// layout of the draft-level sheet, with the Councils, outcomes and proportions
// of the real one. What it writes is sound, so that every row lands.
package synthetic

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"

	"scvotes/votes"
)

// firstDay and lastDay bound the invented days: after the last real meeting
// whose number is known, so that invented numbers contradict no real one.
const (
	firstDay = votes.Date("2025-07-01")
	days     = 540
)

// WriteSheet writes resolutions votes, fifteen rows each, with a header. The
// same seed writes the same bytes.
func WriteSheet(w io.Writer, resolutions int, seed uint64) error {
	out := bufio.NewWriterSize(w, 1<<16)
	rnd := rand.New(rand.NewPCG(seed, 1))
	fmt.Fprintln(out, "ID,Year,Date,Meeting,Resolution,Draft,Agenda item,Category,Region,Topic,Submitted by,Outcome results,Vote,Member State,Membership_Status")
	adopted := 0
	for i := range resolutions {
		day := firstDay.AddDays(i * days / resolutions)
		v := invent(rnd, day)
		resolution := ""
		if v.outcome == "Adopted unanimously" || v.outcome == "Adopted by majority" {
			adopted++
			resolution = fmt.Sprintf("S/RES/%d (%d)", 3000+adopted, day.Year())
		}
		shared := fmt.Sprintf("%d,%d,%s,S/PV.%d,%s,S/%d/%d,The situation in invented country %d,Country/Region-specific,%s,Country %d,%q,%s",
			i+1, day.Year(), day.Time().Format("02/01/2006"), 11000+i, resolution, day.Year(), i+1, i%97, regions[i%len(regions)], i%97, v.sponsors, v.outcome)
		for j, s := range v.council.Seats {
			fmt.Fprintf(out, "%s,%s,%s,Other\n", shared, v.positions[j], s.Name)
		}
	}
	return out.Flush()
}

var regions = []string{"Africa", "Middle East", "Europe", "Asia", "Americas"}

type invented struct {
	council   votes.Council
	positions []string
	outcome   string
	sponsors  string
}

// invent draws a vote: nine in ten unanimous, most of the others adopted over
// abstentions, a few vetoed, as in the years since 1994.
func invent(rnd *rand.Rand, day votes.Date) invented {
	council, _ := votes.CouncilOn(day)
	v := invented{council: council, positions: make([]string, len(council.Seats)), sponsors: "United Kingdom,United States"}
	for i := range v.positions {
		v.positions[i] = "Yes"
	}
	switch draw := rnd.IntN(100); {
	case draw < 85:
		v.outcome = "Adopted unanimously"
	case draw < 95:
		v.outcome = "Adopted by majority"
		for range 1 + rnd.IntN(3) {
			v.positions[rnd.IntN(len(v.positions))] = "Abstain"
		}
	default:
		v.outcome, v.sponsors = "Not adopted - veto", "E10"
		v.positions[rnd.IntN(5)] = "No" // the permanent members stand first
	}
	return v
}
