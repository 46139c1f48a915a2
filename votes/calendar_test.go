package votes

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A higher number is never of an earlier day, and every day is one.
func TestAnchorsAreInOrder(t *testing.T) {
	c := theCalendars()
	for name, list := range map[string]anchors{"meetings": c.meetings, "votes in writing": c.written, "resolutions": c.resolutions} {
		if len(list) < 30 {
			t.Errorf("%s: %d known days", name, len(list))
		}
		for i, a := range list {
			if d, err := ParseDate(string(a.day)); err != nil || d != a.day || a.number < 1 {
				t.Errorf("%s: %d is of %q", name, a.number, a.day)
			}
			if i > 0 && (a.number <= list[i-1].number || a.day < list[i-1].day) {
				t.Errorf("%s: %d of %s stands before %d of %s", name, list[i-1].number, list[i-1].day, a.number, a.day)
			}
		}
	}
}

func TestCalendarWindow(t *testing.T) {
	cases := []struct {
		symbol   Symbol
		from, to Date
		ok       bool
	}{
		{"S/PV.1", "1946-01-17", "1946-01-17", true},
		{"S/PV.9790", "2024-11-20", "2024-11-20", true},
		{"S/PV.9586", "2024-03-14", "2024-04-18", true},
		{"S/RES/2334 (2016)", "2014-12-09", "2019-01-16", true},
		{"S/RES/1 (1946)", "1946-01-25", "1946-01-25", true},
		{"S/RES/2 (1946)", "1946-01-25", "1946-04-04", true},
		{"V131", "2020-08-14", "2020-08-14", true},
		{"V001", "1946-01-17", "2020-03-30", true},
		{"S/PV.99999", "2025-06-04", "", true}, // beyond the known days there is no last one
		{"S/2024/835", "", "", false},
		{"", "", "", false},
	}
	for _, tt := range cases {
		from, to, ok := CalendarWindow(tt.symbol)
		if from != tt.from || to != tt.to || ok != tt.ok {
			t.Errorf("%s: %s to %s, %t; want %s to %s, %t", tt.symbol, from, to, ok, tt.from, tt.to, tt.ok)
		}
	}
}

func TestFitsCalendar(t *testing.T) {
	cases := []struct {
		symbol Symbol
		day    Date
		want   bool
	}{
		{"S/PV.9790", "2024-11-20", true},
		{"S/PV.9790", "2024-11-21", false},
		{"S/PV.9586", "2024-03-14", true}, // the bounds are days on which other meetings were held
		{"S/PV.9586", "2024-04-18", true},
		{"S/PV.9586", "2024-03-13", false},
		{"S/PV.9586", "2024-04-19", false},
		{"S/PV.99999", "2040-01-01", true},
		{"S/PV.99999", "2025-06-03", false},
		{"S/2024/835", "1950-01-01", true},
		{"S/PV.9790", "", true},
	}
	for _, tt := range cases {
		if got := FitsCalendar(tt.symbol, tt.day); got != tt.want {
			t.Errorf("FitsCalendar(%s, %s) = %t", tt.symbol, tt.day, got)
		}
	}
}

func TestSettleDate(t *testing.T) {
	cases := []struct {
		name          string
		printed       Date
		symbols       []Symbol
		want          Date
		swapped, fits bool
	}{
		{"as printed", "1995-03-09", []Symbol{"S/PV.3507", "S/RES/979 (1995)"}, "1995-03-09", false, true},
		{"swapped", "1995-09-03", []Symbol{"S/PV.3507", "S/RES/979 (1995)"}, "1995-03-09", true, true},
		{"swapped, by the resolution alone", "1995-09-03", []Symbol{"", "S/RES/979 (1995)"}, "1995-03-09", true, true},
		{"both readings fit: left alone", "2016-05-06", []Symbol{"S/RES/2285 (2016)"}, "2016-05-06", false, true},
		{"neither fits", "1995-10-03", []Symbol{"S/PV.3507"}, "1995-10-03", false, false},
		{"no such day the other way", "1995-03-20", []Symbol{"S/PV.3507"}, "1995-03-20", false, false},
		{"the numbers contradict each other", "1995-09-03", []Symbol{"S/PV.3507", "S/RES/425 (1978)"}, "1995-09-03", false, false},
		{"no numbers", "1995-09-03", nil, "1995-09-03", false, true},
	}
	for _, tt := range cases {
		got, swapped, fits := settleDate(tt.printed, tt.symbols...)
		if got != tt.want || swapped != tt.swapped || fits != tt.fits {
			t.Errorf("%s: %s, swapped %t, fits %t", tt.name, got, swapped, fits)
		}
	}
}

// Every meeting and resolution that the UN's own tables date, against the
// calendar. Two resolutions stand there under the number of another one:
// S/RES/666 of 13 September 1990 as 663, S/RES/695 of 30 May 1991 as 701.
func TestCalendarAgainstPublishedTables(t *testing.T) {
	var misfits []string
	meetings, resolutions := 0, 0
	fits := func(s Symbol, day string) {
		if !FitsCalendar(s, Date(day)) {
			misfits = append(misfits, string(s)+" of "+day)
		}
	}
	for _, row := range sharedRows(t, "un_outcomes_1946_1993.csv") {
		first, _, _ := strings.Cut(row["meeting"], " ") // words of the next column run into some
		m, err := ParseMeeting(first)
		if err != nil {
			t.Errorf("%s: %v", row["date"], err)
			continue
		}
		fits(m, row["date"])
		meetings++
		if r, err := ParseResolution(row["symbol"], ""); err == nil {
			fits(r, row["date"])
			resolutions++
		}
	}
	var written []string
	for _, row := range sharedRows(t, "un_veto_list_1946_2022.csv") {
		m, err := ParseMeeting(row["record"])
		if err != nil { // the votes in writing of 2020 have two letters for a record
			written = append(written, row["date"])
			continue
		}
		fits(m, row["date"])
		meetings++
	}
	slices.Sort(written)
	if diff := cmp.Diff([]string{"S/RES/663 (1990) of 1990-09-13", "S/RES/701 (1991) of 1991-05-30"}, misfits); diff != "" {
		t.Errorf("days that do not fit (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2020-07-07", "2020-07-10", "2020-08-31"}, written); diff != "" {
		t.Errorf("votes without a meeting (-want +got):\n%s", diff)
	}
	if meetings < 1300 || resolutions < 880 {
		t.Errorf("only %d meetings and %d resolutions", meetings, resolutions)
	}
}
