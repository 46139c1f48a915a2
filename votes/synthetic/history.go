package synthetic

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"scvotes/votes"
)

// History is an invented record from 1946 on, in the shape of the real one at
// any size: its years in their proportions, the Councils of the days, the
// outcomes and majorities of each era, three sources that overlap as the
// published files do, and as often wrong as they are. The same History writes
// the same bytes.
//
// The Council has only so many numbers of resolutions and meetings. What a
// larger History adopts beyond them are amendments and paragraphs, which have
// no number, and its votes share the meetings there were: an invented number
// would contradict the calendar in every record.
type History struct {
	Resolutions int
	Seed        uint64
}

// yearly is how many votes each year has of the real record, from firstYear on.
var yearly = []int{
	24, 51, 49, 32, 24, 7, 17, 5, 6, 7, 15, 9, 13, 1, 36, 25, 9, 11, 15, 20, 15, 12, 19, 13, 18, 20, 22, 23, 25, 24, 26, 23, 21, 20, 26, 20,
	37, 20, 17, 24, 21, 15, 26, 25, 40, 42, 74, 93, 74, 66, 59, 60, 73, 68, 52, 54, 70, 69, 62, 71, 89, 57, 66, 49, 59, 68, 55, 48, 66, 66,
	77, 62, 55, 58, 66, 57, 60, 65, 61, 19,
}

const (
	firstYear = 1946
	sheetYear = 1994 // the year in which the real sheet of drafts begins, and the UN's tables of outcomes end
)

// vote is one invented vote: what happened, and what each source makes of it.
type vote struct {
	no         int // from 1 on
	day        votes.Date
	meeting    string // a bare number; "" for none
	resolution string // "S/RES/893 (1994)"; "" where nothing with a number was adopted
	draft      string // with its part in brackets
	council    votes.Council
	positions  []votes.Position // by seat; "" for a member that has no row
	outcome    votes.Outcome
	noVote     bool // adopted without one
	agenda     int
	sponsors   string

	rolled    bool // the sheet has it; else its tally alone is known
	tabled    bool // the tables of outcomes have it
	listed    bool // the list of vetoes has it
	swapped   bool // the sheet has day and month swapped
	scrambled bool // the sheet's roll is not that of its outcome
	stranger  bool // the sheet names a member that had no seat
	mistaken  bool // the table's tally is wrong by a vote
}

// all gives every vote, in the order of the years.
func (h History) all() iter.Seq[*vote] {
	return func(yield func(*vote) bool) {
		rnd := rand.New(rand.NewPCG(h.Seed, 2))
		numbers, meetings := resolutionDays(), meetingDays()
		sum := 0
		for _, n := range yearly {
			sum += n
		}
		for no, before, i := 1, 0, 0; i < len(yearly); i++ {
			from, to := before*h.Resolutions/sum, (before+yearly[i])*h.Resolutions/sum
			before += yearly[i]
			year := year{number: firstYear + i, votes: to - from, free: numbers[firstYear+i]}
			for j := range year.votes {
				if !yield(year.invent(rnd, no, j, meetings)) {
					return
				}
				no++
			}
		}
	}
}

// year is a year's share of the history.
type year struct {
	number, votes int
	free          []numbered // the numbers of resolutions that fit no other year
}

// invent makes up the j-th vote of the year.
func (y year) invent(rnd *rand.Rand, no, j int, meetings []numbered) *vote {
	v := &vote{no: no, agenda: skewed(rnd, agendaItems)}
	// A number goes to votes at even distances, in the order of the days.
	at, next := j*len(y.free)/y.votes, (j+1)*len(y.free)/y.votes
	if next > at {
		v.day = y.free[at].someDay(rnd)
	} else {
		first := max(votes.Date(fmt.Sprintf("%d-01-01", y.number)), "1946-01-17")
		last := min(votes.Date(fmt.Sprintf("%d-12-31", y.number)), meetings[len(meetings)-1].to)
		v.day = numbered{from: first, to: last}.share(j, y.votes)
	}
	v.council, _ = votes.CouncilOn(v.day)
	v.meeting = meetingOn(rnd, meetings, v.day)
	v.decide(rnd)
	v.draft = fmt.Sprintf("S/%d/%d", y.number, j+1)
	if y.number < sheetYear {
		v.draft = fmt.Sprintf("S/%d", 1000+no)
	}
	switch {
	case v.outcome != votes.Adopted:
	case next > at:
		v.resolution = fmt.Sprintf("S/RES/%d (%d)", y.free[at].number, y.number)
	case no%2 == 0:
		v.draft += " (amendment)"
	default:
		v.draft += " (paragraph 3)"
	}
	v.sponsors = v.sponsoredBy(rnd)
	v.tell(rnd)
	return v
}

// decide draws an outcome and the positions that give it, in the proportions of
// the real record before and since the sheet.
func (v *vote) decide(rnd *rand.Rand) {
	vetoed, failed, majority, without := 14.3, 7.5, 29.0, 2.0 // in a hundred
	if v.day.Year() >= sheetYear {
		vetoed, failed, majority, without = 3.1, 2.1, 11.0, 1.1
	}
	v.positions = make([]votes.Position, len(v.council.Seats))
	for i := range v.positions {
		v.positions[i] = votes.Yes
	}
	v.outcome = votes.Adopted
	spare := len(v.positions) - v.council.Required // as many may be against, or abstain
	switch draw := rnd.Float64() * 100; {
	case draw < vetoed:
		v.outcome = votes.Vetoed
		v.spread(rnd, votes.Abstain, rnd.IntN(4), spare-3, 5) // at most three veto
		for _, seat := range vetoers[skewed(rnd, len(vetoers))] {
			v.positions[seat] = votes.No
		}
	case draw < vetoed+failed:
		v.outcome = votes.Failed
		v.spread(rnd, votes.Abstain, spare+1+rnd.IntN(3), len(v.positions), 0)
		v.spread(rnd, votes.No, 1+rnd.IntN(3), len(v.positions), 0)
	case draw < vetoed+failed+majority:
		v.spread(rnd, votes.Abstain, 1+skewed(rnd, spare), spare, 0)
		if rnd.IntN(10) == 0 {
			v.spread(rnd, votes.No, 1, spare, 5)
		}
	case draw < vetoed+failed+majority+without:
		v.noVote = true
	}
}

// vetoers are the seats that vetoed together, the most frequent first: the
// USSR or Russian Federation, the United States, and others.
var vetoers = [][]int{{2}, {2}, {4}, {2}, {4}, {0, 2}, {3, 4}, {3}, {1, 3, 4}, {0}, {1, 3}, {1}}

// spread gives n members of seat from or later a position other than yes, as
// long as no more than most have one.
func (v *vote) spread(rnd *rand.Rand, p votes.Position, n, most, from int) {
	for _, seat := range rnd.Perm(len(v.positions)) {
		others := 0
		for _, q := range v.positions {
			if q != votes.Yes {
				others++
			}
		}
		if n == 0 || others >= most {
			return
		}
		if seat >= from && v.positions[seat] == votes.Yes {
			v.positions[seat] = p
			n--
		}
	}
}

// sponsoredBy draws who put it forward: the President, nobody named, one
// member, or several; in one of forty, states that have no seat as well.
func (v *vote) sponsoredBy(rnd *rand.Rand) string {
	draw, n := rnd.IntN(100), 0
	switch {
	case draw < 37:
		return "President"
	case draw < 47:
		return ""
	case draw < 72:
		n = 1
	default:
		n = 2 + skewed(rnd, len(v.council.Seats)-2)
	}
	seats := rnd.Perm(len(v.council.Seats))[:n]
	if n < 4 { // the permanent members write most drafts
		seats = append([]int{1 + rnd.IntN(4)}, seats[1:]...)
	}
	var names []string
	for _, seat := range seats {
		names = append(names, v.council.Seats[seat].Name)
	}
	if draw >= 97 && v.day.Year() >= sheetYear {
		for _, i := range rnd.Perm(len(states()))[:20+rnd.IntN(40)] {
			names = append(names, states()[i])
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ",")
}

// states are the names of those that exist.
var states = sync.OnceValue(func() []string {
	var names []string
	for _, s := range votes.States() {
		if s.Successor == "" {
			names = append(names, s.Code.NameOn("2025-01-01"))
		}
	}
	return names
})

// tell draws which sources tell of the vote, and what they get wrong.
func (v *vote) tell(rnd *rand.Rand) {
	draw := func(inHundred float64) bool { return rnd.Float64()*100 < inHundred }
	early := v.day.Year() < sheetYear
	v.rolled = !early || v.outcome == votes.Adopted || draw(50)
	v.tabled = early && (!v.rolled || draw(80))
	v.listed = v.outcome == votes.Vetoed && draw(90)
	v.scrambled = v.rolled && !v.noVote && draw(1.5)
	v.stranger = v.rolled && !v.noVote && !v.scrambled && draw(1.5)
	v.mistaken = v.tabled && v.rolled && !v.noVote && draw(2)
	other, ok := v.day.SwapDayMonth()
	v.swapped = v.rolled && ok && other != v.day && v.meeting != "" && draw(50) &&
		!votes.FitsCalendar(votes.Symbol("S/PV."+v.meeting), other)
	if v.rolled && v.outcome == votes.Adopted && !v.noVote && !v.scrambled && draw(1) {
		v.leaveOut()
	}
}

// leaveOut takes the row of a member away that voted like all the others: the
// roll is then short of one.
func (v *vote) leaveOut() {
	if last := len(v.positions) - 1; v.positions[last] == votes.Yes && v.count(votes.Yes) > v.council.Required {
		v.positions[last] = ""
	}
}

func (v *vote) count(p votes.Position) int {
	n := 0
	for _, q := range v.positions {
		if q == p {
			n++
		}
	}
	return n
}

// skewed draws a number below n, the small ones far more often than the large.
func skewed(rnd *rand.Rand, n int) int {
	f := rnd.Float64()
	return min(int(f*f*float64(n)), n-1)
}
