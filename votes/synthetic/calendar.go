package synthetic

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"scvotes/votes"
)

// numbered is a number of a meeting or a resolution, and the days it may be of.
type numbered struct {
	number   int
	from, to votes.Date
}

func (n numbered) days() int { return int(n.to.Time().Sub(n.from.Time()).Hours() / 24) }

func (n numbered) someDay(rnd *rand.Rand) votes.Date { return n.from.AddDays(rnd.IntN(n.days() + 1)) }

// share is the day at which i of all parts have passed.
func (n numbered) share(i, all int) votes.Date { return n.from.AddDays(i * (n.days() + 1) / all) }

// resolutionDays are the numbers of resolutions by year, without those that may
// be of two years.
func resolutionDays() map[int][]numbered {
	years := make(map[int][]numbered)
	for _, r := range calendar("S/RES/%d (1946)") {
		if y := r.from.Year(); y == r.to.Year() {
			years[y] = append(years[y], r)
		}
	}
	return years
}

func meetingDays() []numbered { return calendar("S/PV.%d") }

// calendar asks for the days of each number, up to the last that is known.
func calendar(symbol string) []numbered {
	var list []numbered
	for n := 1; ; n++ {
		from, to, _ := votes.CalendarWindow(votes.Symbol(fmt.Sprintf(symbol, n)))
		if to == "" {
			return list
		}
		list = append(list, numbered{n, from, to})
	}
}

// meetingOn is the number of a meeting that can have been on the day.
func meetingOn(rnd *rand.Rand, meetings []numbered, day votes.Date) string {
	first, _ := slices.BinarySearchFunc(meetings, day, func(m numbered, d votes.Date) int { return cmp.Compare(m.to, d) })
	last := first
	for last < len(meetings) && meetings[last].from <= day {
		last++
	}
	if first == last {
		return ""
	}
	return fmt.Sprint(meetings[first+rnd.IntN(last-first)].number)
}
