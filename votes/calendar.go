package votes

import (
	"sort"
	"strconv"
	"strings"
	"sync"
)

// FitsCalendar tells whether a meeting of that number, or the adoption of a
// resolution of that number, can have been on day d. Meetings and resolutions
// are numbered in the order of their days, so the days known on both sides
// bound it. A symbol without such a number, or beyond the known days, fits.
func FitsCalendar(s Symbol, d Date) bool {
	from, to, ok := CalendarWindow(s)
	return !ok || d == "" || from <= d && (to == "" || d <= to)
}

// CalendarWindow returns the first and the last day (inclusive; "" where there
// is no bound) on which the meeting or the adoption that s names can have
// been, and false where the number of s says nothing.
func CalendarWindow(s Symbol) (from, to Date, ok bool) {
	c := theCalendars()
	switch {
	case s.MeetingNumber() > 0:
		from, to = c.meetings.window(s.MeetingNumber())
	case s.ResolutionNumber() > 0:
		from, to = c.resolutions.window(s.ResolutionNumber())
	case reVideo.MatchString(string(s)):
		n, _ := strconv.Atoi(string(s[1:]))
		from, to = c.written.window(n)
	default:
		return "", "", false
	}
	return from, to, true
}

// settleDate compares a printed day with the numbers of the meeting and the
// resolution. Where they rule the day out, and day and month swapped is the
// one reading that they allow, it returns that reading and true.
func settleDate(printed Date, symbols ...Symbol) (d Date, swapped, fits bool) {
	if fitsAll(printed, symbols) {
		return printed, false, true
	}
	if other, ok := printed.SwapDayMonth(); ok && fitsAll(other, symbols) {
		return other, true, true
	}
	return printed, false, false
}

func fitsAll(d Date, symbols []Symbol) bool {
	for _, s := range symbols {
		if !FitsCalendar(s, d) {
			return false
		}
	}
	return true
}

type anchor struct {
	number int
	day    Date
}

// anchors are sorted by number, and so by day.
type anchors []anchor

func (a anchors) window(n int) (from, to Date) {
	i := sort.Search(len(a), func(i int) bool { return a[i].number >= n })
	if i < len(a) && a[i].number == n {
		return a[i].day, a[i].day
	}
	if i > 0 {
		from = a[i-1].day
	} else {
		from = firstDay
	}
	if i < len(a) {
		to = a[i].day
	}
	return from, to
}

type calendars struct{ meetings, written, resolutions anchors }

var theCalendars = sync.OnceValue(func() calendars {
	return calendars{parseAnchors(meetingDays), parseAnchors(writtenVoteDays), parseAnchors(resolutionDays)}
})

func parseAnchors(table string) anchors {
	var list anchors
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		year, rest, _ := strings.Cut(line, " ")
		for _, f := range strings.Fields(rest) {
			number, day, _ := strings.Cut(f, ":")
			n, _ := strconv.Atoi(number)
			list = append(list, anchor{n, Date(year + "-" + day[:2] + "-" + day[2:])})
		}
	}
	return list
}

// firstDay is the day of the Council's first meeting.
const firstDay Date = "1946-01-17"
