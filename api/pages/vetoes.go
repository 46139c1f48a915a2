package pages

import (
	"context"
	"html/template"
	"maps"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

// vetoesPage is every vetoed proposal, or those of them that a filter chooses.
type vetoesPage struct {
	Frame       Frame
	Form        vetoForm
	Faults      votes.Faults
	Proposals   int // vetoed
	Cast        int // vetoes
	Conventions []votes.VetoConvention
	Chart       template.HTML
	Members     []facetValue // the columns of Decades
	Decades     []vetoDecade
	Sum         vetoDecade
	Topics      []facetValue
	Votes       []voteLine
	First, Next string
	Data        []Alternate
}

func (vetoesPage) template() string { return "vetoes" }

// vetoForm is the filter as its fields show it.
type vetoForm struct {
	Q, From, To, Topic string
	VetoedBy, Sort     []option
	One                bool // a member is chosen
	Kept               []kept
}

// vetoDecade counts the vetoes of one decade, ByMember in the order of the columns.
type vetoDecade struct {
	Name, Href      string
	Proposals, Cast int
	ByMember        []int
}

// permanentSeats are the seats that can veto, by code as the charts have them.
var permanentSeats = []votes.Code{"CHN", "FRA", "GBR", "RUS", "USA"}

// vetoes answers GET /vetoes: the parameters are those of /v1/vetoes.
func (s *Site) vetoes(c echo.Context) error {
	values := tidy(c.QueryParams())
	filter, faults := votes.ParseFilter(values)
	order, more := votes.ParseSort(values, filter)
	after, misplaced := afterIn(values)
	faults = slices.Concat(faults, more, misplaced)
	if values.Has("outcome") {
		faults = append(faults, votes.Fault{Parameter: "outcome", Value: values.Get("outcome"), Message: "everything on this page was vetoed; other outcomes are among the votes"})
	}
	filter.Outcome = []votes.Outcome{votes.Vetoed}
	answer := s.show
	if len(faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		p := vetoesPage{Form: vetoFormOf(values, filter), Faults: faults}
		if len(faults) == 0 {
			if err := s.fillVetoes(ctx, &p, values, filter, votes.PageRequest{Limit: pageSize, Sort: order, After: after, Detail: true, Facets: []string{"topic"}}); err != nil {
				return nil, err
			}
		}
		asked := only(values, append(votes.FilterParameters, "sort")...)
		vetoed := only(values, votes.FilterParameters...)
		vetoed.Set("outcome", string(votes.Vetoed))
		p.Data = []Alternate{{"application/json", "JSON", address("/v1/vetoes", asked, "", "")}, {"text/csv", "CSV", address("/v1/vetoes.csv", asked, "", "")},
			{"application/atom+xml", "feed (Atom)", address("/v1/feed.atom", vetoed, "", "")}, {"application/feed+json", "feed (JSON)", address("/v1/feed.json", vetoed, "", "")}}
		var err error
		p.Frame, err = s.frame(ctx, c, "Vetoes in the Security Council",
			"Every proposal that a permanent member's negative vote defeated in the UN Security Council since 1946: by member, decade and topic, and how vetoes are counted.")
		p.Frame.Alternates = p.Data
		return p, err
	})
}

func (s *Site) fillVetoes(ctx context.Context, p *vetoesPage, values url.Values, f votes.Filter, request votes.PageRequest) error {
	count := newVetoCount()
	if _, err := s.read.Events(ctx, f, false, func(e votes.Event) error { count.add(e); return nil }); err != nil {
		return err
	}
	found, err := s.read.Resolutions(ctx, f, request)
	if err != nil {
		return err
	}
	p.Votes = voteLines(found.Data)
	p.Proposals, p.Cast = count.sum.Proposals, count.sum.Cast
	p.Conventions = votes.VetoConventions(count.proposals, count.cast)
	p.Sum = count.sum
	for _, decade := range slices.Sorted(maps.Keys(count.decades)) {
		row := *count.decades[decade]
		row.Name = decade + "s"
		row.Href = address("/vetoes", with(values, "from", decade+"-01-01"), "to", decade[:3]+"9-12-31")
		p.Decades = append(p.Decades, row)
	}
	for i, code := range permanentSeats {
		p.Members = append(p.Members, facetValue{Name: code.NameOn(""), Count: count.sum.ByMember[i], Href: address("/vetoes", values, "vetoed_by", string(code))})
	}
	if p.Proposals > 0 {
		p.Chart = inline(chart.Vetoes(count.series.years(), chart.Options{Width: 960, IDPrefix: "vetoes"}))
	}
	for _, t := range found.Facets["topic"] {
		if t.Value != "" {
			p.Topics = append(p.Topics, facetValue{Name: t.Name, Count: t.Count, Href: address("/vetoes", values, "topic", t.Value)})
		}
	}
	if request.After != nil {
		p.First = address("/vetoes", values, "", "")
	}
	if found.Next != nil {
		p.Next = address("/vetoes", values, "after", markText(*found.Next))
	}
	return nil
}

// ShownTopics are the topics that are offered as links; the field offers all.
func (p vetoesPage) ShownTopics() []facetValue { return p.Topics[:min(len(p.Topics), shownValues)] }

// vetoCount counts vetoed proposals and the vetoes cast on them.
type vetoCount struct {
	series          vetoSeries
	proposals, cast map[votes.Kind]int
	decades         map[string]*vetoDecade // by first year
	sum             vetoDecade
}

func newVetoCount() *vetoCount {
	return &vetoCount{series: newVetoSeries(), proposals: map[votes.Kind]int{}, cast: map[votes.Kind]int{},
		decades: map[string]*vetoDecade{}, sum: newVetoDecade()}
}

func newVetoDecade() vetoDecade { return vetoDecade{ByMember: make([]int, len(permanentSeats))} }

func (v *vetoCount) add(e votes.Event) {
	v.series.add(e)
	v.proposals[e.Kind]++
	v.cast[e.Kind] += len(e.VetoedBy)
	decade := string(e.Date[:3]) + "0"
	if v.decades[decade] == nil {
		row := newVetoDecade()
		v.decades[decade] = &row
	}
	v.decades[decade].add(e)
	v.sum.add(e)
}

func (d *vetoDecade) add(e votes.Event) {
	d.Proposals++
	d.Cast += len(e.VetoedBy)
	for i, seat := range permanentSeats {
		for _, code := range e.VetoedBy {
			if code.Seat() == seat {
				d.ByMember[i]++
			}
		}
	}
}

func vetoFormOf(values url.Values, f votes.Filter) vetoForm {
	fm := vetoForm{Q: values.Get("q"), From: values.Get("from"), To: values.Get("to"), Topic: values.Get("topic"), One: len(f.VetoedBy) > 0}
	own := []string{"q", "from", "to", "topic", "outcome"}
	var chosen votes.Code
	switch groups := f.VetoedBy; {
	case len(groups) == 1 && len(groups[0]) == 1: // the field has room for one member
		chosen, own = groups[0][0], append(own, "vetoed_by")
	case len(groups) == 0: // none, or none that can veto
		own = append(own, "vetoed_by")
	}
	for _, code := range permanentSeats {
		fm.VetoedBy = append(fm.VetoedBy, option{string(code), seatName(code), code == chosen})
	}
	orders := []option{{Value: "", Name: "newest first"}, {Value: string(votes.SortOldest), Name: "oldest first"}}
	if f.Q.Ranks() {
		orders = []option{{Value: "", Name: "best answers first"}, {Value: string(votes.SortNewest), Name: "newest first"}, orders[1]}
	}
	for _, o := range orders {
		fm.Sort = append(fm.Sort, option{o.Value, o.Name, values.Get("sort") == o.Value})
	}
	fm.Kept = keep(values, own...)
	return fm
}

// seatName is the name of a seat that several states held, with theirs.
func seatName(code votes.Code) string {
	name := code.NameOn("")
	for _, holder := range votes.CodesOfSeat(code) {
		if holder != code {
			name += " (and " + holder.NameOn("") + ")"
		}
	}
	return name
}

// afterIn reads where the page before ended.
func afterIn(values url.Values) (*votes.Mark, votes.Faults) {
	after, ok := parseMark(values.Get("after"))
	if !ok {
		return nil, votes.Faults{{Parameter: "after", Value: values.Get("after"), Message: "is no place in this list"}}
	}
	return after, nil
}

// only is a query with nothing but the parameters that are named.
func only(values url.Values, names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if list, ok := values[name]; ok {
			q[name] = list
		}
	}
	return q
}

// with is a query in which one parameter is set.
func with(values url.Values, name, value string) url.Values {
	q := maps.Clone(values)
	q.Set(name, value)
	return q
}

// once are the parameters that may stand once: a second one is a fault, which a
// form should not send on.
var once = []string{"q", "from", "to"}

// keep is what a form has no room for in its own fields, so that it survives
// when the form is sent: the filter's other parameters, and the second value of
// one that it has a field for.
func keep(values url.Values, fields ...string) []kept {
	var list []kept
	for _, name := range votes.FilterParameters {
		for i, v := range values[name] {
			if !slices.Contains(fields, name) || i > 0 && !slices.Contains(once, name) {
				list = append(list, kept{name, v})
			}
		}
	}
	return list
}
