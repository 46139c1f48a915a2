package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// where is the condition that a filter makes over resolutions r, with its
// values by number. Values never enter the text.
type where struct {
	conditions []string
	args       []any
	uneven     bool // one value chooses nearly all and another nothing: who plans has to see it
	narrow     bool // the index of days tells one condition at least, and so leaves fewer to look at
}

func whereOf(f votes.Filter) *where {
	w := &where{}
	if !f.Q.Empty() {
		w.conditions, w.uneven = append(w.conditions, "r.search @@ ("+w.searchFor(f.Q)+")"), true
	}
	w.oneOf("r.outcome", texts(f.Outcome))
	w.oneOf("r.adopted_by", texts(f.AdoptedBy))
	w.oneOf("r.kind", texts(f.Kind))
	w.oneOf("r.roll_call", texts(f.RollCall))
	w.narrow = len(f.Outcome) > 1 || len(f.AdoptedBy)+len(f.Kind)+len(f.RollCall) > 0 || f.AgainstMin > 0 // one outcome has an index of its own
	w.sameText("r.topic", f.Topic)
	w.sameText("r.agenda_item", f.AgendaItem)
	w.sameText("r.region", f.Region)
	if f.Procedural != nil {
		is := map[bool]string{true: "r.procedural", false: "NOT r.procedural"} // as the index has it
		w.conditions = append(w.conditions, is[*f.Procedural])
	}
	if f.From != "" {
		w.add("r.date >= %s", f.From)
	}
	if f.To != "" {
		w.add("r.date <= %s", f.To)
	}
	w.years(f.Year)
	if f.AgainstMin > 0 {
		w.add("r.no_votes >= %s", f.AgainstMin)
	}
	switch len(f.Margin) {
	case 0:
	case 1: // its index has the votes in the order of the list
		w.add("r.yes - r.required = %s", f.Margin[0])
	default:
		w.add("r.yes - r.required = ANY(%s)", f.Margin)
		w.uneven = true
	}
	if f.ChangedSince != nil {
		w.add("r.revision > %s", *f.ChangedSince)
	}
	w.hanging(f)
	return w
}

// hanging are the conditions over what hangs on a resolution.
func (w *where) hanging(f votes.Filter) {
	switch f.Discrepancy {
	case "":
	case votes.AnyDiscrepancy:
		w.conditions = append(w.conditions, "EXISTS (SELECT FROM discrepancies x WHERE x.resolution_no = r.no)")
	default:
		w.add("EXISTS (SELECT FROM discrepancies x WHERE x.resolution_no = r.no AND x.severity = %s)", f.Discrepancy)
	}
	if len(f.Vetoes) > 0 {
		if !slices.Contains(f.Vetoes, 0) { // what was not vetoed is not counted for each
			w.conditions = append(w.conditions, "r.outcome = 'vetoed'")
		}
		w.add("(SELECT count(*) FROM vetoes x WHERE x.resolution_no = r.no) = ANY(%s)", f.Vetoes)
	}
	for _, any := range f.VetoedBy {
		marks := codesOfSeats(any)
		for i := range marks {
			marks[i] += vetoMark
		}
		w.marked(marks)
	}
	for _, any := range f.Sponsor {
		w.add("EXISTS (SELECT FROM sponsors x WHERE x.resolution_no = r.no AND x.code = ANY(%s))", codesOfSeats(any))
	}
	for _, any := range f.Voted {
		w.voted(any)
	}
}

// oneOf compares one value alone as such, as sameText does.
func (w *where) oneOf(column string, values []string) {
	switch len(values) {
	case 0:
	case 1:
		w.add(column+" = %s", values[0])
	default:
		w.add(column+" = ANY(%s)", values)
	}
}

// sameText compares without regard to case, as the index does. One value alone
// is compared as such: its index then has the votes in the order of the list.
func (w *where) sameText(column string, values []string) {
	switch len(values) {
	case 0:
	case 1:
		w.add("lower("+column+") = lower(%s::text)", values[0])
	default:
		w.add("lower("+column+") = ANY(ARRAY(SELECT lower(v) FROM unnest(%s::text[]) v))", values)
	}
}

// years asks for the days of any of some years: days have an index, years none.
func (w *where) years(years []int) {
	either := make([]string, len(years))
	for i, y := range years {
		first, last := votes.Date(fmt.Sprintf("%04d-01-01", y)), votes.Date(fmt.Sprintf("%04d-12-31", y))
		either[i] = "r.date BETWEEN " + w.name(first) + " AND " + w.name(last)
	}
	if len(either) > 0 {
		w.conditions = append(w.conditions, "("+strings.Join(either, " OR ")+")")
	}
}

// voted asks for any of some positions.
func (w *where) voted(any []votes.Voted) {
	var marks []string
	for _, v := range any {
		positions := []votes.Position{v.Position}
		if v.Position == "" {
			positions = []votes.Position{votes.Yes, votes.No, votes.Abstain}
		}
		for _, code := range codesOfSeats([]votes.Code{v.Code}) {
			for _, p := range positions {
				marks = append(marks, code+":"+string(p))
			}
		}
	}
	w.marked(marks)
}

// marked asks for rolls with one of the marks.
func (w *where) marked(marks []string) {
	w.add("r.roll && %s", marks)
	w.uneven = true
}

func (w *where) add(condition string, value any) {
	w.conditions = append(w.conditions, strings.Replace(condition, "%s", w.name(value), 1))
}

// name takes a value in and returns what stands for it in the text.
func (w *where) name(value any) string {
	w.args = append(w.args, value)
	return "$" + strconv.Itoa(len(w.args))
}

// planned is the values, with how to plan for them. A statement that is kept
// prepared is soon planned once for all values: a bitmap of nearly every row,
// put in order, where the newest fifty could be read off. What is uneven is
// planned each time, which costs less than a tenth of that.
func (w *where) planned() []any {
	if !w.uneven {
		return w.args
	}
	return append([]any{pgx.QueryExecModeCacheDescribe}, w.args...)
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return "true"
	}
	return strings.Join(w.conditions, " AND ")
}

// codesOfSeats returns the states that held the seats of the given ones: SUN
// and RUS for either.
func codesOfSeats(codes []votes.Code) []string {
	var list []string
	for _, c := range codes {
		for _, s := range votes.CodesOfSeat(c) {
			list = append(list, string(s))
		}
	}
	return list
}
