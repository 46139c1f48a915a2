package table

import "scvotes/votes"

// Resolutions has a row for each proposal that was put to the vote.
var Resolutions = Table[votes.Resolution]{
	Name: "resolutions", Key: []string{"id"},
	Description: "One row is one proposal put to the vote, adopted or not.",
	Columns: []Column[votes.Resolution]{
		text("id", "Names the vote, for ever: the resolution's symbol, else the draft's, with other signs folded to hyphens.",
			func(r votes.Resolution) string { return r.ID }).always(),
		text("draft", "Symbol of the draft.", func(r votes.Resolution) votes.Symbol { return r.Draft }),
		text("resolution", "Symbol of the resolution that it became.", func(r votes.Resolution) votes.Symbol { return r.Resolution }),
		text("part", "Which of several votes on the document this is.", func(r votes.Resolution) votes.Text { return r.Part }),
		text("meeting", "Symbol of the meeting, and of its verbatim record.", func(r votes.Resolution) votes.Symbol { return r.Meeting }),
		day("date", "Day of the vote, where the Council met.", func(r votes.Resolution) votes.Date { return r.Date }).always(),
		text("kind", "What was put to the vote.", func(r votes.Resolution) votes.Kind { return r.Kind }).among(kindWords).always(),
		truth("procedural", "Whether it was a matter of procedure, on which nobody can veto (Charter, Article 27(2)).",
			func(r votes.Resolution) bool { return r.Procedural }),
		text("title", "What it is about.", func(r votes.Resolution) votes.Text { return r.Title }),
		text("agenda_item", "Item of the Council's agenda.", func(r votes.Resolution) votes.Text { return r.AgendaItem }),
		text("topic", "Topic, in a source's words.", func(r votes.Resolution) votes.Text { return r.Topic }),
		text("region", "Region, in a source's words.", func(r votes.Resolution) votes.Text { return r.Region }),
		text("note", "What else has to be known of the vote or of its sources.", func(r votes.Resolution) votes.Text { return r.Note }),
		text("outcome", "What became of it under the Charter: worked out, never copied.",
			func(r votes.Resolution) votes.Outcome { return r.Outcome }).among(outcomeWords).always(),
		text("adopted_by", "How it was adopted.", func(r votes.Resolution) votes.AdoptedBy { return r.AdoptedBy }).among(adoptedByWords),
		text("reason", "Why that is the outcome, in words.", func(r votes.Resolution) string { return r.Reason }).always(),
		tallied("yes", "Members in favour.", func(t votes.Tally) int { return t.Yes }),
		tallied("no", "Members against.", func(t votes.Tally) int { return t.No }),
		tallied("abstain", "Members abstaining.", func(t votes.Tally) int { return t.Abstain }),
		tallied("not_voting", "Members that did not participate or were absent.", func(t votes.Tally) int { return t.NotVoting }),
		tallied("members", "Seats in the Council that day: 11 or 15.", func(t votes.Tally) int { return t.Members }),
		tallied("required", "Votes in favour that carry: 7 of 11 or 9 of 15.", func(t votes.Tally) int { return t.Required }),
		tallied("margin", "Votes in favour beyond the number required; negative where some were missing.", votes.Tally.Margin),
		text("roll_call", "How much is known of who voted how.",
			func(r votes.Resolution) votes.RollCall { return r.RollCall }).among(rollCallWords).always(),
		list("vetoed_by", "Permanent members whose vote against defeated it, by code.",
			func(r votes.Resolution) []votes.Code { return r.VetoedBy }),
		truth("carried_but_for_veto", "Whether it had the votes required and was defeated by a veto alone.",
			func(r votes.Resolution) bool { return r.CarriedButForVeto }),
		list("sponsors", "Who put it forward: a state's code, or the source's words for one that is no state.",
			func(r votes.Resolution) []string { return sponsorCells(r.Sponsors) }),
		text("sponsored_as", "The sponsors as printed, where that says more than the list: E10.",
			func(r votes.Resolution) votes.Text { return r.SponsoredAs }),
		list("votes", "Who voted how, in the order of the seats: CODE:position, as USA:no.", rollCells),
		count("discrepancies", "How many discrepancies there are between its sources, or in one of them.",
			func(r votes.Resolution) int { return len(r.Discrepancies) }),
		count("serious_open", "How many of them are serious and open.", func(r votes.Resolution) int { return seriousOpen(r.Discrepancies) }),
		address("draft_url", "The draft at the UN.", func(r votes.Resolution) string { return r.Links.Draft }),
		address("resolution_url", "The resolution at the UN.", func(r votes.Resolution) string { return r.Links.Resolution }),
		address("meeting_url", "The verbatim record of the meeting at the UN.", func(r votes.Resolution) string { return r.Links.Meeting }),
		count("revision", "Revision of the record that last changed it.", func(r votes.Resolution) int64 { return r.Revision }),
	},
}

// MemberVote is a row of Votes: one member's position in one vote.
type MemberVote struct {
	Resolution *votes.Resolution
	votes.MemberVote
}

// Votes has a row for each known position.
var Votes = Table[MemberVote]{
	Name: "votes", Key: []string{"id", "code"},
	Description: "One row is one member's position in one vote. Adoptions without a vote and disputed rolls have none.",
	Columns: []Column[MemberVote]{
		text("id", "The vote.", func(v MemberVote) string { return v.Resolution.ID }).names("resolutions.id").always(),
		day("date", "Day of the vote.", func(v MemberVote) votes.Date { return v.Resolution.Date }).always(),
		text("outcome", "What became of the proposal.", func(v MemberVote) votes.Outcome { return v.Resolution.Outcome }).among(outcomeWords).always(),
		text("code", "The state that sat, by ISO 3166 alpha-3 code of its time: SUN, then RUS.",
			func(v MemberVote) votes.Code { return v.Code }).names("members.code").always(),
		text("seat", "The seat that it continues: RUS for SUN too, else the same code.", func(v MemberVote) votes.Code { return v.Seat }).always(),
		text("name", "Its name on that day, as the UN wrote it.", func(v MemberVote) string { return v.Name }).always(),
		truth("permanent", "Whether it is a permanent member.", func(v MemberVote) bool { return v.Permanent }),
		text("position", "What it did.", func(v MemberVote) votes.Position { return v.Position }).among(positionWords).always(),
		truth("veto", "Whether its vote against defeated the proposal.", func(v MemberVote) bool { return v.Veto }),
	},
}

// VotesOf returns the rows of Votes that one resolution has.
func VotesOf(r *votes.Resolution) []MemberVote {
	if r.Detail == nil {
		return nil
	}
	rows := make([]MemberVote, len(r.Votes))
	for i, v := range r.Votes {
		rows[i] = MemberVote{r, v}
	}
	return rows
}

// tallied is a count of a tally that may not be known.
func tallied(name, description string, of func(votes.Tally) int) Column[votes.Resolution] {
	return countIf(name, description, func(r votes.Resolution) (int, bool) {
		if r.Tally == nil {
			return 0, false
		}
		return of(*r.Tally), true
	})
}

// sponsorCells names states by code, and others in the words of the source.
func sponsorCells(sponsors []votes.Sponsor) []string {
	cells := make([]string, len(sponsors))
	for i, s := range sponsors {
		if cells[i] = string(s.Code); s.Code == "" {
			cells[i] = s.Name
		}
	}
	return cells
}

func rollCells(r votes.Resolution) []string {
	if r.Detail == nil {
		return nil
	}
	cells := make([]string, len(r.Votes))
	for i, v := range r.Votes {
		cells[i] = string(v.Code) + ":" + string(v.Position)
	}
	return cells
}

func seriousOpen(all []votes.Discrepancy) int {
	n := 0
	for _, d := range all {
		if d.Severity == votes.SeveritySerious && d.State == votes.StateOpen {
			n++
		}
	}
	return n
}
