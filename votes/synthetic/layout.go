package synthetic

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"scvotes/votes"
)

// WriteSheet writes what the sheet of drafts tells: the rolls, a row a member.
func (h History) WriteSheet(w io.Writer) error {
	return writeRows(w, sheetHeader, func(out *bufio.Writer) {
		for v := range h.all() {
			if v.rolled {
				v.sheetRows(out)
			}
		}
	})
}

// WriteOutcomes writes what the tables of outcomes tell, which end with 1993: a
// row a vote, its tally and no roll.
func (h History) WriteOutcomes(w io.Writer) error {
	return writeRows(w, "date,meeting,symbol,outcome,tally,vetoed_by,published", func(out *bufio.Writer) {
		for v := range h.all() {
			if v.tabled {
				v.outcomeRow(out)
			}
		}
	})
}

// WriteVetoes writes the list of vetoes: a row a vetoed proposal, no tally.
func (h History) WriteVetoes(w io.Writer) error {
	return writeRows(w, "published_date,date,draft,record,agenda_item,permanent_members_casting_negative_vote", func(out *bufio.Writer) {
		for v := range h.all() {
			if v.listed {
				fmt.Fprintf(out, "%s,%s,%s,S/PV.%s,%s,%s\n", v.day.Time().Format("2 January 2006"), v.day, v.draft, v.meeting, agendaItem(v.agenda), v.vetoers())
			}
		}
	})
}

// WriteCorrections writes a later edition of the sheet that holds n of its
// votes, spread over the years: in each a member that voted in favour abstains
// if changed, and votes as it did before if not.
func (h History) WriteCorrections(w io.Writer, n int, changed bool) error {
	return writeRows(w, sheetHeader, func(out *bufio.Writer) {
		left, every := n, max(h.Resolutions/(2*n), 1)
		for v := range h.all() {
			if v.no%every != 0 || left == 0 || !v.correctable() {
				continue
			}
			left--
			if changed {
				v.positions[len(v.positions)-1] = votes.Abstain
			}
			v.sheetRows(out)
		}
	})
}

// correctable tells whether the sheet has the vote right, and unanimous.
func (v *vote) correctable() bool {
	return v.rolled && v.outcome == votes.Adopted && !v.noVote && !v.scrambled && !v.stranger && v.count(votes.Yes) == len(v.positions)
}

func writeRows(w io.Writer, header string, write func(out *bufio.Writer)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintln(out, header)
	write(out)
	return out.Flush() // tells of every write that failed before
}

const sheetHeader = "ID,Year,Date,Meeting,Resolution,Draft,Agenda item,Category,Region,Topic,Submitted by,Outcome results,Vote,Member State,Membership_Status"

// sheetRows writes a row for each member that has a position.
func (v *vote) sheetRows(out *bufio.Writer) {
	resolution := strings.TrimPrefix(v.resolution, "S/RES/")
	day := v.day
	if v.swapped {
		day, _ = day.SwapDayMonth()
	}
	shared := fmt.Sprintf("%d,%d,%s,%s,%s,%s,%s,Country/Region-specific,%s,%s,%q,%s,", v.no, v.day.Year(), day.Time().Format("02/01/2006"), v.meeting,
		resolution, v.draft, agendaItem(v.agenda), regions[v.agenda%len(regions)], topic(v.agenda), v.sponsors, v.sheetOutcome())
	for i, seat := range v.council.Seats {
		name, position := seat.Name, v.positions[i]
		if v.scrambled && i < 8 {
			position = []votes.Position{votes.Abstain, votes.No}[i%2]
		}
		if v.stranger && i == len(v.council.Seats)-1 {
			name = "Monaco" // has never had a seat
		}
		if position != "" {
			out.WriteString(shared)
			out.WriteString(sheetPositions[position])
			out.WriteString(name)
			out.WriteString(",Other\n")
		}
	}
}

var sheetPositions = map[votes.Position]string{votes.Yes: "Yes,", votes.No: "No,", votes.Abstain: "Abstain,"}

func (v *vote) sheetOutcome() string {
	switch {
	case v.noVote:
		return "Adopted by consensus"
	case v.outcome == votes.Vetoed:
		return "Not adopted - veto"
	case v.outcome == votes.Failed:
		return "Not adopted - failed to receive required number of votes"
	case v.count(votes.No)+v.count(votes.Abstain) > 0:
		return "Adopted by majority"
	}
	return "Adopted unanimously"
}

func (v *vote) outcomeRow(out *bufio.Writer) {
	symbol, meeting := v.resolution, "S/PV."+v.meeting
	if symbol == "" {
		symbol = v.draft
	}
	if v.meeting == "" {
		meeting = ""
	}
	outcome := map[votes.Outcome]string{votes.Adopted: "adopted", votes.Vetoed: "vetoed", votes.Failed: "not adopted"}[v.outcome]
	yes, abstain := v.count(votes.Yes), v.count(votes.Abstain)
	if v.mistaken {
		yes, abstain = yes-1, abstain+1
	}
	tally := fmt.Sprintf("%d-%d-%d", yes, v.count(votes.No), abstain)
	if v.noVote {
		tally = "without vote"
	}
	fmt.Fprintf(out, "%s,%s,%s,%s,%s,%s,\n", v.day, meeting, symbol, outcome, tally, v.vetoers())
}

// vetoers are the permanent members that vetoed, by name.
func (v *vote) vetoers() string {
	if v.outcome != votes.Vetoed {
		return ""
	}
	var names []string
	for i, seat := range v.council.Seats {
		if seat.Permanent && v.positions[i] == votes.No {
			names = append(names, seat.Name)
		}
	}
	return strings.Join(names, "; ")
}

// agendaItems is how many there are in the real sheet; they do not grow with
// the number of votes.
const agendaItems = 118

// places are invented, so that no invented vote is taken for a real one.
var places = []string{"Avaria", "Belmara", "Cordania", "Dravia", "Estmark", "Fironia", "Galmora", "Hestia", "Ivorna", "Jaspera",
	"Korvia", "Lusania", "Mordova", "Nevaria", "Ostrava Bay", "Pelagia"}

var subjects = []string{"The situation in %s", "The question concerning %s", "Ceasefire and withdrawal in %s", "Humanitarian access in %s",
	"Sanctions on %s", "The peacekeeping mission in %s", "Letter of the Permanent Representative of %s", "Elections in %s"}

var themes = []string{"situation", "question", "ceasefire", "aid", "sanctions", "mission", "letter", "elections"}

func agendaItem(i int) string {
	return fmt.Sprintf(subjects[i/len(places)%len(subjects)], places[i%len(places)])
}

// topic tells the theme too, so that there are as many topics as items.
func topic(i int) string {
	return fmt.Sprintf("%s (%s)", places[i%len(places)], themes[i/len(places)%len(themes)])
}
