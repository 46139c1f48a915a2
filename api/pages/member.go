package pages

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

// memberPage is one member's record.
type memberPage struct {
	Frame       Frame
	Code        votes.Code
	Name        string
	Lead        string
	Permanent   bool
	Names       []stateName
	Terms       []votes.Term
	Timeline    template.HTML
	Record      votes.MemberRecord
	Excluded    string
	Chart       template.HTML
	Positions   []facetValue // each with the votes behind it
	Near        []neighbours
	Faults      votes.Faults
	Shown       []lineChoice
	Lines       []memberLine
	Total       int // of the lines that were chosen
	First, Next string
	Data        []Alternate
}

func (memberPage) template() string { return "member" }

// Group is the word for the group of a term.
func (memberPage) Group(t votes.Term) string {
	if t.Permanent {
		return "permanent"
	}
	return groupWord(t.Group)
}

// NotVoting is in how many votes of a year the member took no part.
func (memberPage) NotVoting(y votes.MemberYear) int {
	return y.Positions.NotParticipating + y.Positions.Absent
}

// Noted tells whether any of its terms has a note.
func (p memberPage) Noted() bool {
	return slices.ContainsFunc(p.Terms, func(t votes.Term) bool { return t.Note != "" })
}

// stateName is a name of a state that held the seat, with its days.
type stateName struct {
	Code votes.Code
	votes.Named
}

// neighbours are the members that voted most, or least, as this one did.
type neighbours struct {
	ID, Heading, Caption string
	List                 []neighbour
}

type neighbour struct {
	votes.Neighbour
	Href string
}

// lineChoice is a choice of a member's votes.
type lineChoice struct {
	Label, Href string
	Chosen      bool
}

// memberLine is one vote of a member.
type memberLine struct {
	votes.MemberLine
	About string
}

// memberShown is how many of a member's votes stand on one page.
const memberShown = 20

// lineChoices are the values of ?show=.
var lineChoices = []struct {
	value, label string
	chooses      func(votes.MemberLine) bool
}{
	{"", "all", func(votes.MemberLine) bool { return true }},
	{"against", "against", func(l votes.MemberLine) bool { return l.Position == votes.No }},
	{"abstained", "abstained", func(l votes.MemberLine) bool { return l.Position == votes.Abstain }},
	{"dissents", "dissents", func(l votes.MemberLine) bool { return l.Dissent }},
	{"alone", "dissents alone", func(l votes.MemberLine) bool { return l.Lone }},
}

// member answers GET /members/{code}: any name leads to the code, and a state
// whose permanent seat another continues to that one's page.
func (s *Site) member(c echo.Context) error {
	asked := wordInPath(c, "code")
	code, err := memberNamed(asked)
	if err != nil {
		return fmt.Errorf("%q %w: %w", asked, err, votes.ErrNotFound)
	}
	if string(code) != asked {
		return s.Moved(membersPath + string(code))
	}
	values := tidy(c.QueryParams())
	after, faults := afterIn(values)
	show, ok := parseLineChoice(values.Get("show"))
	if !ok {
		faults = append(faults, votes.Fault{Parameter: "show", Value: values.Get("show"), Message: "is no choice of a member's votes"})
	}
	answer := s.show
	if len(faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		p := newMemberPage(code, votes.DateOf(s.Now()))
		p.Faults = faults
		if err := s.fillMember(ctx, &p, show, after); err != nil {
			return nil, err
		}
		var err error
		p.Frame, err = s.frame(ctx, c, p.Name+" on the Security Council", p.Lead)
		p.Frame.Alternates = p.Data
		return p, err
	})
}

// wordInPath is a part of the path as its writer meant it: Echo leaves what is
// escaped there as it is.
func wordInPath(c echo.Context, name string) string {
	word := c.Param(name)
	if plain, err := url.PathUnescape(word); err == nil {
		return plain
	}
	return word
}

// parseLineChoice returns the place of a choice; that of all votes where there
// is no such choice.
func parseLineChoice(asked string) (int, bool) {
	for i, choice := range lineChoices {
		if choice.value == asked {
			return i, true
		}
	}
	return 0, false
}

// newMemberPage tells what the rules alone know of a member: who held the seat
// and when.
func newMemberPage(code votes.Code, today votes.Date) memberPage {
	p := memberPage{Code: code, Name: code.NameOn("")}
	for _, holder := range votes.CodesOfSeat(code) {
		state, _ := votes.StateByCode(holder)
		for _, n := range state.Names {
			p.Names = append(p.Names, stateName{holder, n})
		}
		p.Terms = append(p.Terms, votes.TermsOf(holder)...)
	}
	p.Permanent = p.Terms[0].Permanent
	p.Timeline = inline(chart.Terms(p.Name, p.Terms, today, chart.Options{Width: 960, IDPrefix: "terms"}))
	p.Lead = memberLead(p)
	api := "/v1/members/" + string(code)
	voted := url.Values{"voted": {string(code) + ":" + votes.AnyPosition}}
	p.Data = []Alternate{{"application/json", "JSON", api}, {"application/json", "votes as JSON", api + "/votes"}, {"text/csv", "votes as CSV", api + "/votes.csv"},
		{"application/atom+xml", "feed (Atom)", address("/v1/feed.atom", voted, "", "")}}
	return p
}

// memberLead is what a member is, in a sentence or two.
func memberLead(p memberPage) string {
	if !p.Permanent {
		terms := joined(p.Terms)
		if len(terms) == 1 {
			return "An elected member: " + yearsOf(terms) + "."
		}
		return fmt.Sprintf("An elected member, %d times: %s.", len(terms), yearsOf(terms))
	}
	lead := "A permanent member of the Council, whose negative vote defeats a proposal that is not procedural."
	for _, t := range p.Terms {
		if t.Code != p.Code {
			lead += fmt.Sprintf(" Until %s the seat was that of the %s, whose membership %s continues: the figures here are of the seat, under both.",
				longDate(t.To), t.Code.NameOn(t.To), withArticle(p.Name))
		}
	}
	return lead
}

func (s *Site) fillMember(ctx context.Context, p *memberPage, show int, after *votes.Mark) error {
	opt := votes.MemberOptions{Code: p.Code}
	record, lineOf := votes.NewMemberRecord(opt), votes.MemberLines(opt)
	var lines []memberLine
	_, err := s.read.Events(ctx, votes.Filter{}, false, func(e votes.Event) error {
		record.Add(e)
		if line, ok := lineOf(e); ok && lineChoices[show].chooses(line) {
			lines = append(lines, memberLine{line, aboutEvent(e)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(lines) // newest first
	p.Record, p.Total = record.Result(), len(lines)
	p.Excluded = excludedWords(p.Record.Excluded)
	p.Chart = inline(chart.Positions(p.Name, votedIn(p.Record.Years), chart.Options{Width: 960, IDPrefix: "years"}))
	p.Positions = positionLinks(p.Code, p.Record.Positions)
	p.Near = nearAndFar(p.Record)
	here := membersPath + string(p.Code)
	values := url.Values{}
	if lineChoices[show].value != "" {
		values.Set("show", lineChoices[show].value)
	}
	for i, choice := range lineChoices {
		p.Shown = append(p.Shown, lineChoice{choice.label, address(here, values, "show", choice.value) + "#votes", i == show})
	}
	var next string
	p.Lines, next = cut(lines, after, memberShown, func(l memberLine) (votes.Date, string) { return l.Date, l.ID })
	if after != nil {
		p.First = address(here, values, "", "") + "#votes"
	}
	if next != "" {
		p.Next = address(here, values, "after", next) + "#votes"
	}
	return nil
}

// votedIn leaves out the years before the first of which its votes are known:
// a veto can be on record without a roll call.
func votedIn(years []votes.MemberYear) []votes.MemberYear {
	first := slices.IndexFunc(years, func(y votes.MemberYear) bool { return y.Positions != votes.PositionCounts{} })
	return years[max(first, 0):]
}

// cut takes a page out of a list that is at hand, the newest vote first, and
// tells the place where the next page begins; none on the last page.
func cut[T any](all []T, after *votes.Mark, size int, place func(T) (votes.Date, string)) (shown []T, next string) {
	for i, row := range all {
		day, id := place(row)
		if after != nil && (day > after.Date || day == after.Date && id >= after.ID) {
			continue
		}
		if shown = append(shown, row); len(shown) == size && i < len(all)-1 {
			return shown, markText(votes.Mark{Date: day, ID: id})
		}
	}
	return shown, ""
}

// aboutEvent is what a vote was about, as far as it is known.
func aboutEvent(e votes.Event) string {
	return about(votes.Resolution{ID: e.ID, Title: e.Title, AgendaItem: e.AgendaItem, Topic: e.Topic})
}

// positionLinks count a member's positions, each with the votes behind it.
func positionLinks(code votes.Code, n votes.PositionCounts) []facetValue {
	counts := map[votes.Position]int{votes.Yes: n.Yes, votes.No: n.No, votes.Abstain: n.Abstain, votes.NotParticipating: n.NotParticipating, votes.Absent: n.Absent}
	var list []facetValue
	for _, position := range votes.Positions {
		if counts[position] > 0 {
			voted := url.Values{"voted": {string(code) + ":" + string(position)}}
			list = append(list, facetValue{Name: positionWord(position), Count: counts[position], Href: address("/resolutions", voted, "", "")})
		}
	}
	return list
}

func nearAndFar(r votes.MemberRecord) []neighbours {
	list := []neighbours{{ID: "nearest", Heading: "Voted most like it", Caption: "The highest shares of votes with the same position"},
		{ID: "farthest", Heading: "Voted least like it", Caption: "The lowest shares of votes with the same position"}}
	for i, from := range [][]votes.Neighbour{r.Nearest, r.Farthest} {
		for _, n := range from {
			list[i].List = append(list[i].List, neighbour{n, pairPath(r.Code, n.Code)})
		}
	}
	return list
}
