package pages

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

const membersPath = "/members/"

// membersPage is every state that ever sat on the Council.
type membersPage struct {
	Frame   Frame
	Name    string // that was looked for and not found
	Faults  votes.Faults
	Columns []memberColumn
	Members []memberRow
	Data    []Alternate
}

func (membersPage) template() string { return "members" }

// memberColumn is the head of a column, which orders the table by it.
type memberColumn struct {
	Label, Href string
	Number      bool
	Sorted      string // ascending or descending, as aria-sort has it; empty for the others
}

// memberRow is one member's line. Counts are of votes in which it is known who
// voted how.
type memberRow struct {
	Code                                      votes.Code
	Name, Kind, Terms                         string
	Permanent                                 bool
	First                                     votes.Date
	Votes, Yes, No, Abstain, Dissents, Vetoes int
}

// memberOrder is one way to order members.
type memberOrder struct {
	Name, Label string
	Number      bool // a count: the largest come first when it is first asked for
	by          func(a, b memberRow) int
}

var memberOrders = []memberOrder{
	{"name", "Member", false, func(a, b memberRow) int { return 0 }},
	{"seat", "Seat or group", false, func(a, b memberRow) int {
		switch {
		case a.Permanent == b.Permanent:
			return strings.Compare(a.Kind, b.Kind)
		case a.Permanent:
			return -1
		}
		return 1
	}},
	{"first", "On the Council", false, func(a, b memberRow) int { return cmp.Compare(a.First, b.First) }},
	{"votes", "Votes", true, func(a, b memberRow) int { return a.Votes - b.Votes }},
	{"yes", "In favour", true, func(a, b memberRow) int { return a.Yes - b.Yes }},
	{"no", "Against", true, func(a, b memberRow) int { return a.No - b.No }},
	{"abstain", "Abstained", true, func(a, b memberRow) int { return a.Abstain - b.Abstain }},
	{"dissents", "Dissents", true, func(a, b memberRow) int { return a.Dissents - b.Dissents }},
	{"vetoes", "Vetoes", true, func(a, b memberRow) int { return a.Vetoes - b.Vetoes }},
}

// members answers GET /members?sort=-vetoes; a name in ?name= leads to the
// page of its state.
func (s *Site) members(c echo.Context) error {
	p := membersPage{Name: strings.TrimSpace(c.QueryParam("name"))}
	if p.Name != "" {
		code, err := memberNamed(p.Name)
		if err == nil {
			return s.Found(membersPath + string(code))
		}
		p.Faults = append(p.Faults, votes.Fault{Parameter: "name", Value: p.Name, Message: err.Error()})
	}
	order, fault := parseMemberOrder(c.QueryParam("sort"))
	p.Faults = append(p.Faults, fault...)
	answer := s.show
	if len(p.Faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		count := votes.NewMemberCount(true)
		if _, err := s.read.Events(ctx, votes.Filter{}, false, func(e votes.Event) error { count.Add(e); return nil }); err != nil {
			return nil, err
		}
		for _, m := range count.Members() { // by name
			p.Members = append(p.Members, memberRowOf(m))
		}
		p.Columns = order.sort(p.Members)
		p.Data = []Alternate{{"application/json", "JSON", "/v1/members"}, {"text/csv", "CSV", "/v1/members.csv"}}
		var err error
		p.Frame, err = s.frame(ctx, c, "Members of the Security Council",
			"Every state that has sat on the UN Security Council since 1946: its terms, how often it voted in favour, against and abstained, and its vetoes.")
		p.Frame.Alternates = p.Data
		return p, err
	})
}

// memberNamed returns the seat of the state that goes by a name. The errors are
// for people to read.
func memberNamed(name string) (votes.Code, error) {
	code, ok := votes.FindState(name)
	if !ok {
		if near := votes.SuggestState(name); near != "" {
			return "", fmt.Errorf("is no state that the United Nations knows; did you mean %s?", near)
		}
		return "", fmt.Errorf("is no state that the United Nations knows, by name or by three-letter code")
	}
	if len(votes.TermsOf(code)) == 0 {
		return "", fmt.Errorf("has never sat on the Council (%s)", code.NameOn(""))
	}
	return code.Seat(), nil
}

func memberRowOf(m votes.Member) memberRow {
	row := memberRow{Code: m.Code, Name: m.Name, Kind: "permanent", Terms: yearsOf(m.Terms), Permanent: m.Permanent, First: m.Terms[0].From,
		Yes: m.Votes[votes.Yes], No: m.Votes[votes.No], Abstain: m.Votes[votes.Abstain], Dissents: m.Dissents, Vetoes: m.Vetoes}
	for _, n := range m.Votes {
		row.Votes += n
	}
	if !m.Permanent {
		row.Kind = groupWord(m.Terms[len(m.Terms)-1].Group)
	}
	return row
}

// chosenOrder is an order with its direction.
type chosenOrder struct {
	memberOrder
	falling bool
}

// parseMemberOrder reads ?sort=: by seat, the permanent members first, where it
// does not stand.
func parseMemberOrder(asked string) (chosenOrder, votes.Faults) {
	name, falling := strings.CutPrefix(cmp.Or(strings.TrimSpace(asked), "seat"), "-")
	var names []string
	for _, o := range memberOrders {
		if o.Name == name {
			return chosenOrder{o, falling}, nil
		}
		names = append(names, o.Name)
	}
	return chosenOrder{memberOrders[1], false}, votes.Faults{{Parameter: "sort", Value: asked,
		Message: "is no order (" + strings.Join(names, ", ") + "; with - before it the other way round)"}}
}

// sort puts the rows, which are by name, in order, and returns the heads of the
// columns. Members that are level stay by name.
func (o chosenOrder) sort(rows []memberRow) []memberColumn {
	sign := 1
	if o.falling {
		sign = -1
	}
	slices.SortStableFunc(rows, func(a, b memberRow) int {
		if o.Name == "name" {
			return sign * strings.Compare(a.Name, b.Name)
		}
		return sign * o.by(a, b)
	})
	var columns []memberColumn
	for _, other := range memberOrders {
		column := memberColumn{Label: other.Label, Number: other.Number}
		falling := other.Number
		if other.Name == o.Name {
			falling = !o.falling // the other way round
			column.Sorted = map[bool]string{false: "ascending", true: "descending"}[o.falling]
		}
		column.Href = "/members?sort=" + map[bool]string{true: "-"}[falling] + other.Name
		columns = append(columns, column)
	}
	return columns
}

// yearsOf writes terms as years: 1946–1991, 2024–2025, since 1946. A term that
// goes on where another ends is one with it, as those of the two holders of the
// Soviet seat.
func yearsOf(terms []votes.Term) string {
	var list []string
	for _, t := range joined(terms) {
		switch first, last := t.From.Year(), t.To.Year(); {
		case t.To == "":
			list = append(list, fmt.Sprintf("since %d", first))
		case first == last:
			list = append(list, fmt.Sprint(first))
		default:
			list = append(list, fmt.Sprintf("%d–%d", first, last))
		}
	}
	return strings.Join(list, ", ")
}

// joined puts terms together that follow each other without a day between.
func joined(terms []votes.Term) []votes.Term {
	var list []votes.Term
	for _, t := range terms {
		if n := len(list); n > 0 && list[n-1].To != "" && list[n-1].To.AddDays(1) == t.From {
			list[n-1].To = t.To
			continue
		}
		list = append(list, t)
	}
	return list
}

// groupWord is the regional group to which an elected seat is allotted.
func groupWord(g votes.RegionalGroup) string {
	return map[votes.RegionalGroup]string{"": "elected before the groups of today", votes.African: "African", votes.AsiaPacific: "Asia-Pacific",
		votes.EasternEuropean: "Eastern European", votes.LatinAmericanCaribbean: "Latin American and Caribbean",
		votes.WesternEuropeanOthers: "Western European and others"}[g]
}
