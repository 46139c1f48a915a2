package pages

import (
	"context"
	"html/template"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

// homePage is the first page.
type homePage struct {
	Frame     Frame
	Latest    []voteLine
	Vetoed    []voteLine
	Chart     template.HTML
	Year      votes.TallyRow // the newest year of the record
	Total     int
	Proposals int // vetoed since 1946
	Cast      int
}

func (homePage) template() string { return "home" }

// home answers GET /.
func (s *Site) home(c echo.Context) error {
	return s.show(c, func(ctx context.Context) (page, error) {
		var p homePage
		latest, err := s.read.Resolutions(ctx, votes.Filter{}, votes.PageRequest{Limit: 6, Detail: true})
		if err != nil {
			return nil, err
		}
		vetoed, err := s.read.Resolutions(ctx, votes.Filter{Outcome: []votes.Outcome{votes.Vetoed}}, votes.PageRequest{Limit: 4, Detail: true})
		if err != nil {
			return nil, err
		}
		record, err := s.read.Vetoes(ctx, votes.Filter{}, "")
		if err != nil {
			return nil, err
		}
		// The chart is of the vetoed alone, and the line about the year of one year:
		// the first page does not read the whole record.
		series, years := newVetoSeries(), votes.NewTallies(votes.GroupYear)
		if _, err := s.read.Events(ctx, votes.Filter{Outcome: []votes.Outcome{votes.Vetoed}}, false, func(e votes.Event) error {
			series.add(e)
			return nil
		}); err != nil {
			return nil, err
		}
		if len(latest.Data) > 0 {
			newest := votes.Filter{Year: []int{latest.Data[0].Date.Year()}}
			if _, err := s.read.Events(ctx, newest, false, func(e votes.Event) error { years.Add(e); return nil }); err != nil {
				return nil, err
			}
		}
		if rows := years.Result().Rows; len(rows) > 0 {
			p.Year = rows[len(rows)-1]
		}
		p.Latest, p.Vetoed, p.Total = voteLines(latest.Data), voteLines(vetoed.Data), latest.Total
		p.Proposals, p.Cast = record.ProposalsVetoed, record.VetoesCast
		p.Chart = fitted(func(o chart.Options) chart.Picture { return chart.Vetoes(series.years(), o) }, 960, "vetoes")
		p.Frame, err = s.frame(ctx, c, "How the UN Security Council votes",
			"Every vote of the UN Security Council as a checked, citable record: who voted how, what was vetoed and by whom, and where each fact is from.")
		return p, err
	})
}

// vetoSeries counts the vetoes of each year by member.
type vetoSeries map[int]map[votes.Code]int

func newVetoSeries() vetoSeries { return vetoSeries{} }

func (v vetoSeries) add(e votes.Event) {
	for _, c := range e.VetoedBy {
		year := e.Date.Year()
		if v[year] == nil {
			v[year] = map[votes.Code]int{}
		}
		v[year][c.Seat()]++
	}
}

// years is every year from the first to the last, those without vetoes too.
func (v vetoSeries) years() []chart.VetoYear {
	first, last := 0, 0
	for y := range v {
		if first == 0 || y < first {
			first = y
		}
		last = max(last, y)
	}
	var list []chart.VetoYear
	for y := first; y <= last && y > 0; y++ {
		list = append(list, chart.VetoYear{Year: y, ByMember: v[y]})
	}
	return list
}
