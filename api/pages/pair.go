package pages

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

// pairPage is how two members agreed, and the votes behind the figure.
type pairPage struct {
	Frame        Frame
	A, B         votes.NamedMember
	Form         agreementForm
	Faults       votes.Faults
	Pair         votes.Pair
	Formula      string
	Excluded     string
	Trend        template.HTML
	Decades      []votes.Pair
	Here         string // the address without conditions
	Comparison   string // the address of the heat map
	Differ, Both lineChoice
	Lines        []pairVote
	Total        int // of the lines that were chosen
	First, Next  string
	Data         []Alternate
}

func (pairPage) template() string { return "pair" }

// Called is a member's name as a sentence has it.
func (pairPage) Called(m votes.NamedMember) string { return withArticle(m.Name) }

// Agreed is how often the two agreed.
func (pairPage) Agreed(p votes.Pair) string { return agreedWord(p.Agreed) }

// pairVote is one vote in which both took part.
type pairVote struct {
	votes.PairVote
	About string
}

// pairVotesShown is how many votes stand on one page.
const pairVotesShown = 25

// pair answers GET /agreement/{a}/{b}, in which either may be any name of a
// state: the votes in which the two differed, or with ?show=all every vote in
// which both took part.
func (s *Site) pair(c echo.Context) error {
	a, b, err := s.pairInPath(c)
	if err != nil {
		return err
	}
	values := tidy(c.QueryParams())
	q := parseComparison(values)
	after, faults := afterIn(values)
	q.faults = append(q.faults, faults...)
	show := values.Get("show")
	if show != "" && show != "all" {
		q.faults = append(q.faults, votes.Fault{Parameter: "show", Value: show, Message: "is neither left out (the votes in which they differed) nor all"})
	}
	answer := s.show
	if len(q.faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		p := newPairPage(a, b, q, show == "all")
		if len(q.faults) == 0 {
			if err := s.fillPair(ctx, &p, q, after); err != nil {
				return nil, err
			}
		}
		var err error
		p.Frame, err = s.frame(ctx, c, fmt.Sprintf("%s and %s: agreement in the Security Council", p.A.Name, p.B.Name),
			fmt.Sprintf("How often %s and %s voted alike in the UN Security Council, by decade, and the votes in which they differed.", withArticle(p.A.Name), withArticle(p.B.Name)))
		p.Frame.Alternates = p.Data
		return p, err
	})
}

// pairInPath reads two members, each by its seat. There is one address for the
// two, so that another order or spelling leads to it.
func (s *Site) pairInPath(c echo.Context) (a, b votes.Code, err error) {
	var seats [2]votes.Code
	for i, name := range []string{"a", "b"} {
		asked := wordInPath(c, name)
		if seats[i], err = memberNamed(asked); err != nil {
			return "", "", fmt.Errorf("%q %w: %w", asked, err, votes.ErrNotFound)
		}
	}
	a, b = min(seats[0], seats[1]), max(seats[0], seats[1])
	switch {
	case a == b:
		return "", "", fmt.Errorf("agreement is that of two members, and both of these are %s: %w", a.NameOn(""), votes.ErrNotFound)
	case c.Param("a") != string(a) || c.Param("b") != string(b):
		return "", "", s.Moved(address(pairPath(a, b), c.QueryParams(), "", ""))
	}
	return a, b, nil
}

func newPairPage(a, b votes.Code, q comparison, all bool) pairPage {
	p := pairPage{A: votes.NamedMember{Code: a, Name: a.NameOn("")}, B: votes.NamedMember{Code: b, Name: b.NameOn("")},
		Form: q.form(), Faults: q.faults, Formula: formulaWords(q.opt.Method), Here: pairPath(a, b), Comparison: address(agreementPath, q.values, "", "")}
	for _, word := range q.values["members"] { // the form has no field for these
		p.Form.Kept = append(p.Form.Kept, kept{"members", word})
	}
	p.Differ = lineChoice{"in which they differed", address(p.Here, q.values, "", "") + "#votes", !all}
	p.Both = lineChoice{"in which both took part", address(p.Here, q.values, "show", "all") + "#votes", all}
	asked, path := q.values, "/v1"+p.Here+"/votes"
	if !all {
		asked = with(asked, "differ", "true")
	}
	p.Data = []Alternate{{"application/json", "JSON", address(path, asked, "", "")}, {"text/csv", "CSV", address(path+".csv", asked, "", "")}}
	return p
}

func (s *Site) fillPair(ctx context.Context, p *pairPage, q comparison, after *votes.Mark) error {
	both, _ := votes.ParseMembers([]string{string(p.A.Code), string(p.B.Code)})
	opt := votes.AgreementOptions{Method: q.opt.Method, Members: both, ExcludeUnanimous: q.opt.ExcludeUnanimous}
	total := votes.NewAgreement(opt)
	opt.By = votes.ByYear
	years := votes.NewAgreement(opt)
	opt.By = votes.ByDecade
	decades, compare := votes.NewAgreement(opt), votes.Compare(p.A.Code, p.B.Code, q.opt)
	var lines []pairVote
	_, err := s.read.Events(ctx, q.filter, false, func(e votes.Event) error {
		if !p.together(e.Date, q.opt.Members) {
			return nil
		}
		for _, count := range []*votes.AgreementCounter{total, years, decades} {
			count.Add(e)
		}
		if line, ok := compare(e); ok && (p.Both.Chosen || line.Agreement < 1) {
			lines = append(lines, pairVote{line, aboutEvent(e)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(lines) // newest first
	result := total.Result()
	p.Pair = result.Pairs[0] // members asked for by name have their row, whatever was counted
	p.Excluded = excludedWords(result.Excluded)
	p.Decades = decades.Result().Pairs
	if p.Pair.N > 0 {
		p.Trend = p.trend(years.Result().Pairs)
	}
	p.Total = len(lines)
	values := q.values
	if p.Both.Chosen {
		values = with(values, "show", "all")
	}
	var next string
	p.Lines, next = cut(lines, after, pairVotesShown, func(l pairVote) (votes.Date, string) { return l.Date, l.ID })
	if after != nil {
		p.First = address(p.Here, values, "", "") + "#votes"
	}
	if next != "" {
		p.Next = address(p.Here, values, "after", next) + "#votes"
	}
	return nil
}

// together tells whether both sat that day, and as two of the members that are
// compared: a figure of the E10 leaves out the days on which one was not of them.
func (p *pairPage) together(d votes.Date, members votes.MemberSet) bool {
	council, _ := votes.CouncilOn(d)
	sat := func(code votes.Code) bool {
		return members.Contains(code, d) && slices.ContainsFunc(council.Seats, func(s votes.Seat) bool { return s.Code.Seat() == code })
	}
	return sat(p.A.Code) && sat(p.B.Code)
}

// trend draws the share of each year, with a gap for years without a vote.
func (p *pairPage) trend(years []votes.Pair) template.HTML {
	var points []chart.SharePoint
	for _, y := range years {
		if year, err := strconv.Atoi(string(y.Key)); err == nil { // the keys of years are years
			points = append(points, chart.SharePoint{Year: year, Share: y.Share, N: y.N})
		}
	}
	both := p.A.Name + " and " + p.B.Name
	return inline(chart.Trend("Agreement of "+withArticle(p.A.Name)+" and "+withArticle(p.B.Name), []chart.Series{{Name: both, Points: points}},
		chart.Options{Width: 960, IDPrefix: "trend"}))
}
