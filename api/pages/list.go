package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// listPage is what a filter chooses: the form that is the filter, and the votes.
type listPage struct {
	Frame   Frame
	Form    form
	Faults  votes.Faults
	Total   int
	Heading string
	Votes   []voteLine
	Facets  []facet
	First   string
	Next    string
	Data    []Alternate
}

func (listPage) template() string { return "list" }

// form is the filter as its fields show it.
type form struct {
	Q, From, To, VotedBy, VotedHow, Sponsor, Topic, Region string
	AgendaItem                                             string
	Outcome, VetoedBy, Kind, RollCall, Discrepancy, Sort   []option
	AdoptedBy, Procedural                                  []option
	Numbers                                                []numberField
	Kept                                                   []kept // parameters without a field of their own
}

// option is one choice of a field.
type option struct {
	Value, Name string
	Chosen      bool
}

// numberField is a field for a number, "" where none is asked for.
type numberField struct {
	Name, Label, Value string
	Least, Most        int
}

type kept struct{ Name, Value string }

// facet is how a list divides, each value with the address that narrows to it.
type facet struct {
	Name   string
	Values []facetValue
}

type facetValue struct {
	Name, Href string
	Count      int
}

// pageSize is how many votes stand on one page.
const pageSize = 25

// list answers GET /resolutions: the parameters are those of /v1/resolutions.
func (s *Site) list(c echo.Context) error {
	values := tidy(c.QueryParams())
	filter, faults := votes.ParseFilter(values)
	sort, more := votes.ParseSort(values, filter)
	faults = append(faults, more...)
	after, ok := parseMark(values.Get("after"))
	if !ok {
		faults = append(faults, votes.Fault{Parameter: "after", Value: values.Get("after"), Message: "is no place in this list"})
	}
	if id := soleSymbol(filter); id != "" {
		if _, _, err := s.read.Resolution(c.Request().Context(), id); err == nil {
			return s.Found(votesPath + id)
		}
	}
	answer := s.show
	if len(faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		p := listPage{Form: formOf(values, filter), Faults: faults, Heading: "Votes"}
		var err error
		if len(faults) == 0 {
			err = s.fillList(ctx, &p, values, filter, votes.PageRequest{Limit: pageSize, Sort: sort, After: after, Detail: true,
				Facets: []string{"outcome", "vetoed_by", "decade", "region", "topic"}})
		}
		if err != nil {
			return nil, err
		}
		p.Frame, err = s.frame(ctx, c, "Votes of the Security Council", "Every proposal put to the vote in the UN Security Council since 1946: search, filter, and download.")
		asked, filtered := only(values, append(slices.Clone(votes.FilterParameters), "sort")...), only(values, votes.FilterParameters...)
		p.Data = []Alternate{{"application/json", "JSON", address("/v1/resolutions", asked, "", "")}, {"text/csv", "CSV", address("/v1/resolutions.csv", asked, "", "")},
			{"application/atom+xml", "feed (Atom)", address("/v1/feed.atom", filtered, "", "")}, {"application/feed+json", "feed (JSON)", address("/v1/feed.json", filtered, "", "")}}
		p.Frame.Alternates = p.Data
		return p, err
	})
}

func (s *Site) fillList(ctx context.Context, p *listPage, values url.Values, f votes.Filter, request votes.PageRequest) error {
	found, err := s.read.Resolutions(ctx, f, request)
	if err != nil {
		return err
	}
	p.Total, p.Votes = found.Total, voteLines(found.Data)
	for _, name := range request.Facets {
		if all := found.Facets[name]; len(all) > 1 {
			p.Facets = append(p.Facets, facetOf(name, all, values))
		}
	}
	if request.After != nil {
		p.First = address("/resolutions", values, "after", "")
	}
	if found.Next != nil {
		p.Next = address("/resolutions", values, "after", markText(*found.Next))
	}
	return nil
}

// shownValues is how many values of a facet a page shows.
const shownValues = 12

func facetOf(name string, all []votes.Facet, values url.Values) facet {
	titles := map[string]string{"outcome": "Outcome", "vetoed_by": "Vetoed by", "decade": "Decade", "region": "Region", "topic": "Topic"}
	f := facet{Name: titles[name]}
	for _, v := range all {
		if v.Value == "" || len(f.Values) == shownValues {
			continue
		}
		link := facetValue{Name: v.Name, Count: v.Count, Href: address("/resolutions", values, name, v.Value)}
		switch name {
		case "outcome":
			link.Name = outcomeWord(votes.Outcome(v.Value))
		case "decade":
			narrowed := url.Values{}
			for k, w := range values {
				narrowed[k] = w
			}
			narrowed.Set("from", v.Value+"-01-01")
			link.Name, link.Href = v.Value+"s", address("/resolutions", narrowed, "to", v.Value[:3]+"9-12-31")
		}
		f.Values = append(f.Values, link)
	}
	return f
}

// address is a path with a query in which one parameter is set, or taken out.
// A narrower list begins at its first page.
func address(path string, values url.Values, name, value string) string {
	q := url.Values{}
	for k, v := range values {
		if k != "after" {
			q[k] = v
		}
	}
	if q.Del(name); value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// markText writes a place in a list as it stands in an address.
func markText(m votes.Mark) string {
	return strconv.FormatFloat(m.At, 'g', -1, 64) + "~" + string(m.Date) + "~" + m.ID
}

func parseMark(text string) (*votes.Mark, bool) {
	if text == "" {
		return nil, true
	}
	parts := strings.SplitN(text, "~", 3)
	if len(parts) != 3 {
		return nil, false
	}
	at, err := strconv.ParseFloat(parts[0], 64)
	day, dayErr := votes.ParseDate(parts[1])
	id, idErr := votes.ParseID(parts[2])
	if err != nil || dayErr != nil || idErr != nil {
		return nil, false
	}
	return &votes.Mark{At: at, Date: day, ID: id}, true
}

// tidy drops what a form sends for fields that were left empty, and joins the
// two fields of who voted how.
func tidy(values url.Values) url.Values {
	q := url.Values{}
	for name, list := range values {
		for _, v := range list {
			if strings.TrimSpace(v) != "" {
				q.Add(name, v)
			}
		}
	}
	if by, how := q.Get("voted_by"), q.Get("voted_how"); by != "" {
		if how == "" {
			how = votes.AnyPosition
		}
		q.Set("voted", by+":"+how)
	}
	q.Del("voted_by")
	q.Del("voted_how")
	return q
}

// soleSymbol is the id of the one document that is searched for and nothing else.
func soleSymbol(f votes.Filter) string {
	if len(f.Q.Terms) != 1 {
		return ""
	}
	t := f.Q.Terms[0]
	if t.Not || len(t.Words) > 0 || len(t.Readings) == 0 ||
		slices.ContainsFunc(t.Readings, func(r votes.Reading) bool { return r.Symbol != t.Readings[0].Symbol }) {
		return ""
	}
	id, err := votes.ParseID(string(t.Readings[0].Symbol))
	if err != nil {
		return ""
	}
	return id
}

func formOf(values url.Values, f votes.Filter) form {
	fm := form{Q: values.Get("q"), From: values.Get("from"), To: values.Get("to"), Sponsor: values.Get("sponsor"),
		Topic: values.Get("topic"), Region: values.Get("region"), AgendaItem: values.Get("agenda_item")}
	fm.VotedBy, fm.VotedHow, _ = strings.Cut(values.Get("voted"), ":")
	choose := func(name string, list []string, word func(string) string) []option {
		var options []option
		for _, v := range list {
			options = append(options, option{v, word(v), slices.Contains(values[name], v)})
		}
		return options
	}
	fm.Outcome = choose("outcome", []string{"adopted", "vetoed", "failed", "withdrawn"}, func(v string) string { return outcomeWord(votes.Outcome(v)) })
	fm.VetoedBy = choose("vetoed_by", []string{"CHN", "FRA", "GBR", "RUS", "USA"}, func(v string) string { return votes.Code(v).NameOn("") })
	fm.Kind = choose("kind", words(votes.Kinds), func(v string) string { return kindWord(votes.Kind(v)) })
	fm.RollCall = choose("roll_call", words(votes.RollCalls), func(v string) string { return strings.ReplaceAll(v, "_", " ") })
	fm.Discrepancy = choose("discrepancy", []string{votes.AnyDiscrepancy, votes.SeveritySerious, votes.SeverityMinor}, func(v string) string {
		return map[string]string{votes.AnyDiscrepancy: "any", votes.SeveritySerious: "serious", votes.SeverityMinor: "minor"}[v]
	})
	fm.Sort = choose("sort", []string{string(votes.SortNewest), string(votes.SortOldest), string(votes.SortMargin)}, func(v string) string {
		return map[string]string{"-date": "newest first", "date": "oldest first", "margin": "closest first"}[v]
	})
	fm.AdoptedBy = choose("adopted_by", words(votes.AdoptedBys), func(v string) string {
		return map[string]string{"unanimity": "unanimously", "majority": "by majority", "no_vote": "without a vote"}[v]
	})
	fm.Procedural = choose("procedural", []string{"true", "false"}, func(v string) string {
		return map[string]string{"true": "procedural", "false": "not procedural"}[v]
	})
	fm.Numbers = []numberField{{"year", "Year", values.Get("year"), 1946, 9999}, {"against_min", "Votes against, at least", values.Get("against_min"), 1, 15},
		{"margin", "Votes beyond the number needed (-1: one short)", values.Get("margin"), -15, 15}, {"vetoes", "Members that vetoed it", values.Get("vetoes"), 0, 5}}
	own := []string{"adopted_by", "procedural", "year", "against_min", "margin", "vetoes", "agenda_item", "q", "from", "to", "sponsor", "topic", "region", "voted", "outcome", "vetoed_by", "kind", "roll_call", "discrepancy", "sort", "after"}
	for _, name := range votes.FilterParameters {
		if !slices.Contains(own, name) {
			for _, v := range values[name] {
				fm.Kept = append(fm.Kept, kept{name, v})
			}
		}
	}
	return fm
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
