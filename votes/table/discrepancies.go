package table

import (
	"strconv"
	"strings"

	"scvotes/votes"
)

// Discrepancies has a row for each place where accounts differ, or where one
// contradicts the Charter, the membership, the calendar or itself.
var Discrepancies = Table[votes.FoundDiscrepancy]{
	Name: "discrepancies", Key: []string{"id", "key"},
	Description: "One row is one place where accounts differ, or where one contradicts the Charter, the membership of the day, the calendar or itself.",
	Columns: []Column[votes.FoundDiscrepancy]{
		text("id", "The vote.", func(d votes.FoundDiscrepancy) string { return d.Resolution }).names("resolutions.id").always(),
		day("date", "Day of the vote.", func(d votes.FoundDiscrepancy) votes.Date { return d.Date }),
		text("key", "Names the discrepancy within the vote.", func(d votes.FoundDiscrepancy) string { return d.Key }).always(),
		text("kind", "What is wrong.", func(d votes.FoundDiscrepancy) string { return d.Kind }).among(discrepancyWords).always(),
		text("field", "The field that it touches.", func(d votes.FoundDiscrepancy) votes.Text { return d.Field }),
		text("severity", "How much it matters.", func(d votes.FoundDiscrepancy) string { return d.Severity }).among(severityWords).always(),
		text("state", "Whether it is settled.", func(d votes.FoundDiscrepancy) string { return d.State }).among(stateWords).always(),
		text("message", "What is wrong, in words.", func(d votes.FoundDiscrepancy) string { return d.Message }).always(),
		list("sides", "Who says what, the account that was followed first: source (edition), line: words.", sideCells),
		text("explanation", "Why it is no error, or what was done about it.", func(d votes.FoundDiscrepancy) votes.Text { return d.Explanation }),
		text("reference", "The article, document or edit that says so.", func(d votes.FoundDiscrepancy) votes.Text { return d.Reference }),
	},
}

// DiscrepanciesOf returns the rows of Discrepancies that one resolution has.
func DiscrepanciesOf(r *votes.Resolution) []votes.FoundDiscrepancy {
	rows := make([]votes.FoundDiscrepancy, len(r.Discrepancies))
	for i, d := range r.Discrepancies {
		rows[i] = votes.FoundDiscrepancy{Resolution: r.ID, Date: r.Date, Discrepancy: d}
	}
	return rows
}

func sideCells(d votes.FoundDiscrepancy) []string {
	cells := make([]string, len(d.Sides))
	for i, s := range d.Sides {
		var b strings.Builder
		b.WriteString(s.Source)
		if s.Edition != "" {
			b.WriteString(" (" + s.Edition + ")")
		}
		if s.Line > 0 {
			b.WriteString(", line " + strconv.Itoa(s.Line))
		}
		cells[i] = b.String() + ": " + s.Says
	}
	return cells
}
