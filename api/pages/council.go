package pages

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

const councilPath = "/council"

// councilPage is who sat on one day.
type councilPage struct {
	Frame       Frame
	Asked       string
	Faults      votes.Faults
	First, Last votes.Date    // between which the Council is known
	Council     votes.Council // without seats where it is not
	Table       template.HTML
	Seats       []seatLine
	Began, Ends *councilChange // the changes on either side; nil at the ends of what is known
	Timeline    template.HTML
	Data        []Alternate
}

func (councilPage) template() string { return "council" }

// seatLine is one member of the day.
type seatLine struct {
	votes.Seat
	Kind string
}

// councilChange is a day on which members came and went, with the address of
// the Council on the other side of it.
type councilChange struct {
	Date       votes.Date
	Href       string
	Came, Went string
}

// council answers GET /council?date=: the Council of today where no day is given.
func (s *Site) council(c echo.Context) error {
	today, changes := votes.DateOf(s.Now()), membershipChanges()
	p := councilPage{Asked: strings.TrimSpace(c.QueryParam("date")), First: changes[0], Last: lastCouncil()}
	day := min(today, p.Last)
	if p.Asked != "" {
		var err error
		if day, err = votes.ParseDate(p.Asked); err != nil {
			p.fault(err.Error())
		}
	}
	var sat bool
	if p.Council, sat = votes.CouncilOn(day); !sat && len(p.Faults) == 0 {
		p.fault(fmt.Sprintf("who sat is known from the first meeting on %s to %s", longDate(p.First), longDate(p.Last)))
	}
	answer := s.show
	if len(p.Faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		title := "Who sat on the Security Council, on any day since 1946"
		if sat {
			p.fill(changes)
		}
		if sat && p.Asked != "" {
			title = "The Security Council on " + longDate(day)
		}
		p.Timeline = inline(chart.Timeline(votes.Terms(), today, chart.ByRegion, chart.Options{Width: 960, IDPrefix: "timeline"}))
		var err error
		p.Frame, err = s.frame(ctx, c, title, "Who sat on the UN Security Council on any day since 1946, how many votes carried a proposal then, and a time line of every seat.")
		p.Frame.Alternates = p.Data
		return p, err
	})
}

func (p *councilPage) fault(message string) {
	p.Faults = append(p.Faults, votes.Fault{Parameter: "date", Value: p.Asked, Message: message})
}

func (p *councilPage) fill(changes []votes.Date) {
	day := p.Council.Date
	p.Table = inline(chart.Council(p.Council, chart.Options{Width: 640, IDPrefix: "seats"}))
	for _, seat := range p.Council.Seats {
		line := seatLine{seat, "permanent"}
		if !seat.Permanent {
			line.Kind = groupWord(seat.Group)
		}
		p.Seats = append(p.Seats, line)
	}
	for i, d := range changes {
		if d <= day && i > 0 {
			p.Began = changeOf(d)
			p.Began.Href = councilOn(d.AddDays(-1))
		}
		if d > day {
			p.Ends = changeOf(d)
			p.Ends.Href = councilOn(d)
			break
		}
	}
	p.Data = []Alternate{{"application/json", "JSON", "/v1" + councilOn(day)}, {"text/csv", "every member as CSV", "/v1/members.csv"},
		{"image/svg+xml", "the time line (SVG)", "/v1/charts/timeline.svg"}}
}

func councilOn(d votes.Date) string {
	return address(councilPath, url.Values{}, "date", string(d))
}

// membershipChanges are the days on which a term began, and those after the day
// on which one ended, as far as the Council is known: the first is its first
// meeting.
func membershipChanges() []votes.Date {
	var days []votes.Date
	for _, t := range votes.Terms() {
		days = append(days, t.From)
		if t.To != "" {
			days = append(days, t.To.AddDays(1))
		}
	}
	slices.Sort(days)
	return slices.DeleteFunc(slices.Compact(days), func(d votes.Date) bool { _, known := votes.CouncilOn(d); return !known })
}

// lastCouncil is the last day of which the whole Council is known: terms end
// with it, and the members that take their places are not all elected.
func lastCouncil() votes.Date {
	var last votes.Date
	for _, t := range votes.Terms() {
		if _, known := votes.CouncilOn(t.To); known {
			last = max(last, t.To)
		}
	}
	return last
}

// changeOf tells who came on a day, and whose last day was the one before.
func changeOf(d votes.Date) *councilChange {
	after, _ := votes.CouncilOn(d)
	before, _ := votes.CouncilOn(d.AddDays(-1))
	var came, went []string
	for _, seat := range after.Seats {
		if seat.From == d {
			came = append(came, holderOf(seat))
		}
	}
	for _, seat := range before.Seats {
		if seat.To == d.AddDays(-1) {
			went = append(went, holderOf(seat))
		}
	}
	return &councilChange{Date: d, Came: named(came), Went: named(went)}
}

// holderOf names a member; of a permanent seat with who held it or spoke for it,
// without which the change of 25 October 1971 would be from China to China.
func holderOf(seat votes.Seat) string {
	if seat.Permanent && seat.Note != "" {
		return seat.Name + " (" + seat.Note + ")"
	}
	return withArticle(seat.Name)
}
