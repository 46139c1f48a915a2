package table

import "scvotes/votes"

// Members has a row for each state that ever sat. Its counts leave out
// adoptions without a vote and disputed rolls, vetoes excepted.
var Members = Table[votes.Member]{
	Name: "members", Key: []string{"code"},
	Description: "One row is one state that sat on the Council. Counts leave out adoptions without a vote and disputed rolls.",
	Columns: []Column[votes.Member]{
		text("code", "The state, by ISO 3166 alpha-3 code of its time.", func(m votes.Member) votes.Code { return m.Code }).always(),
		text("seat", "The seat that it holds or held: RUS for SUN too, else the same code.", func(m votes.Member) votes.Code { return m.Seat }).always(),
		text("name", "The name that it has now, or had last.", func(m votes.Member) string { return m.Name }).always(),
		truth("permanent", "Whether it is a permanent member.", func(m votes.Member) bool { return m.Permanent }),
		list("names", "All its names in the UN, each with the days on which it was in use: name (first day/last day).", nameCells),
		list("terms", "When it sat: first day/last day; two dots for a day that is open.", termCells),
		position("yes", "Votes in favour.", votes.Yes),
		position("no", "Votes against.", votes.No),
		position("abstain", "Abstentions.", votes.Abstain),
		position("not_participating", "Votes in which it was present and took no part, or the source does not tell that from absent.", votes.NotParticipating),
		position("absent", "Votes at which it was not there.", votes.Absent),
		count("vetoes", "Proposals that its vote against, alone or with others, defeated.", func(m votes.Member) int { return m.Vetoes }),
		count("dissents", "Votes in which it took part and took another position than the most members.", func(m votes.Member) int { return m.Dissents }),
	},
}

func position(name, description string, p votes.Position) Column[votes.Member] {
	return count(name, description, func(m votes.Member) int { return m.Votes[p] })
}

// span is a stretch of days as ISO 8601-2 writes it, an open end as two dots.
func span(from, to votes.Date) string {
	open := func(d votes.Date) string {
		if d == "" {
			return ".."
		}
		return string(d)
	}
	return open(from) + "/" + open(to)
}

func termCells(m votes.Member) []string {
	cells := make([]string, len(m.Terms))
	for i, t := range m.Terms {
		cells[i] = span(t.From, t.To)
	}
	return cells
}

func nameCells(m votes.Member) []string {
	cells := make([]string, len(m.Names))
	for i, n := range m.Names {
		cells[i] = n.Name + " (" + span(n.From, n.To) + ")"
	}
	return cells
}
