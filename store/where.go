package store

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// where is the condition that a filter makes over resolutions r, with its
// values under names. Values never enter the text.
type where struct {
	conditions []string
	args       pgx.NamedArgs
}

func whereOf(f votes.Filter) *where {
	w := &where{args: pgx.NamedArgs{}}
	if len(f.Outcome) > 0 {
		w.add("r.outcome = ANY(%s)", texts(f.Outcome))
	}
	if f.From != "" {
		w.add("r.date >= %s", f.From)
	}
	if f.To != "" {
		w.add("r.date <= %s", f.To)
	}
	if len(f.Year) > 0 {
		w.add("extract(year FROM r.date)::int = ANY(%s)", f.Year)
	}
	if len(f.RollCall) > 0 {
		w.add("r.roll_call = ANY(%s)", texts(f.RollCall))
	}
	switch f.Discrepancy {
	case "":
	case votes.AnyDiscrepancy:
		w.conditions = append(w.conditions, "EXISTS (SELECT FROM discrepancies x WHERE x.resolution_no = r.no)")
	default:
		w.add("EXISTS (SELECT FROM discrepancies x WHERE x.resolution_no = r.no AND x.severity = %s)", f.Discrepancy)
	}
	for _, any := range f.VetoedBy {
		w.add("EXISTS (SELECT FROM vetoes x WHERE x.resolution_no = r.no AND x.code = ANY(%s))", codesOfSeats(any))
	}
	for _, any := range f.Sponsor {
		w.add("EXISTS (SELECT FROM sponsors x WHERE x.resolution_no = r.no AND x.code = ANY(%s))", codesOfSeats(any))
	}
	for _, any := range f.Voted {
		w.voted(any)
	}
	return w
}

// voted asks for any of some positions.
func (w *where) voted(any []votes.Voted) {
	either := make([]string, len(any))
	for i, v := range any {
		positions := []votes.Position{v.Position}
		if v.Position == "" {
			positions = []votes.Position{votes.Yes, votes.No, votes.Abstain}
		}
		either[i] = fmt.Sprintf("(x.code = ANY(%s) AND x.position = ANY(%s))",
			w.name(codesOfSeats([]votes.Code{v.Code})), w.name(texts(positions)))
	}
	w.conditions = append(w.conditions,
		"EXISTS (SELECT FROM votes x WHERE x.resolution_no = r.no AND ("+strings.Join(either, " OR ")+"))")
}

func (w *where) add(condition string, value any) {
	w.conditions = append(w.conditions, fmt.Sprintf(condition, w.name(value)))
}

func (w *where) name(value any) string {
	name := fmt.Sprintf("f%d", len(w.args))
	w.args[name] = value
	return "@" + name
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

// with adds a value under a name of its own and returns all the values.
func (w *where) with(name string, value any) pgx.NamedArgs {
	w.args[name] = value
	return w.args
}
