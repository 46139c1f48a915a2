package table

import "scvotes/votes"

// Tallies is the table of GET /v1/tallies.
var Tallies = Table[votes.TallyRow]{Name: "tallies", Description: "Votes counted by group.", Columns: []Column[votes.TallyRow]{
	text("key", "The group: a code, a year, a decade's first year or a text; empty where it is not known.", func(r votes.TallyRow) string { return r.Key }),
	text("name", "The group for people.", func(r votes.TallyRow) string { return r.Name }),
	count("resolutions", "Proposals in the group.", func(r votes.TallyRow) int { return r.Resolutions }),
	count("adopted", "Of them, adopted.", func(r votes.TallyRow) int { return r.Adopted }),
	count("vetoed", "Of them, vetoed.", func(r votes.TallyRow) int { return r.Vetoed }),
	count("failed", "Of them, short of the number required.", func(r votes.TallyRow) int { return r.Failed }),
	count("withdrawn", "Of them, not put to the vote.", func(r votes.TallyRow) int { return r.Withdrawn }),
	count("unanimity", "Adopted with every seat in favour.", func(r votes.TallyRow) int { return r.Unanimity }),
	count("majority", "Adopted by majority.", func(r votes.TallyRow) int { return r.Majority }),
	count("no_vote", "Adopted without a vote.", func(r votes.TallyRow) int { return r.NoVote }),
	count("vetoes_cast", "Vetoes cast on them.", func(r votes.TallyRow) int { return r.VetoesCast }),
	count("yes", "Positions in favour in the roll calls; by member, its own.", func(r votes.TallyRow) int { return r.Positions.Yes }),
	count("no", "Positions against.", func(r votes.TallyRow) int { return r.Positions.No }),
	count("abstain", "Abstentions.", func(r votes.TallyRow) int { return r.Positions.Abstain }),
	count("not_participating", "Members present that took no part.", func(r votes.TallyRow) int { return r.Positions.NotParticipating }),
	count("absent", "Members absent.", func(r votes.TallyRow) int { return r.Positions.Absent }),
}}

// Agreement is the table of GET /v1/agreement.
var Agreement = Table[votes.Pair]{Name: "agreement", Description: "How often each pair of members took the same position.", Columns: []Column[votes.Pair]{
	text("a", "The first member's code, by continuing seat.", func(p votes.Pair) string { return string(p.A) }),
	text("b", "The second member's code, by continuing seat.", func(p votes.Pair) string { return string(p.B) }),
	text("key", "The year or decade; empty for the whole time.", func(p votes.Pair) string { return string(p.Key) }),
	count("n", "Votes in which both took part.", func(p votes.Pair) int { return p.N }),
	number("agreed", "Of them, with the same position; halves by Lijphart's method.", func(p votes.Pair) *float64 { return &p.Agreed }),
	number("share", "agreed / n; empty where n is 0.", func(p votes.Pair) *float64 { return p.Share }),
	count("left_out", "Votes with both on the roll, one of them absent or not participating.", func(p votes.Pair) int { return p.LeftOut }),
}}

// PairVotes is the table of GET /v1/agreement/{a}/{b}.
var PairVotes = Table[votes.PairVote]{Name: "pair_votes", Description: "The votes behind the agreement of two members.", Columns: []Column[votes.PairVote]{
	text("id", "The proposal.", func(v votes.PairVote) string { return v.ID }),
	day("date", "The day of the vote.", func(v votes.PairVote) votes.Date { return v.Date }),
	text("title", "What it was about.", func(v votes.PairVote) string { return string(v.Title) }),
	text("outcome", "What became of it.", func(v votes.PairVote) string { return string(v.Outcome) }),
	text("a", "The first member's position.", func(v votes.PairVote) string { return string(v.A) }),
	text("b", "The second member's position.", func(v votes.PairVote) string { return string(v.B) }),
	number("agreement", "1 for the same position, 0 for another, 0.5 by Lijphart's method for an abstention beside yes or no.", func(v votes.PairVote) *float64 { return &v.Agreement }),
}}

// MemberLines is the table of GET /v1/members/{code}/votes.
var MemberLines = Table[votes.MemberLine]{Name: "member_votes", Description: "Every vote of one member.", Columns: []Column[votes.MemberLine]{
	text("id", "The proposal.", func(l votes.MemberLine) string { return l.ID }),
	day("date", "The day of the vote.", func(l votes.MemberLine) votes.Date { return l.Date }),
	text("title", "What it was about.", func(l votes.MemberLine) string { return string(l.Title) }),
	text("outcome", "What became of it.", func(l votes.MemberLine) string { return string(l.Outcome) }),
	text("position", "The member's position.", func(l votes.MemberLine) string { return string(l.Position) }),
	text("majority", "The position that the most members took; empty where no tally is known.", func(l votes.MemberLine) string {
		if l.Majority == nil {
			return ""
		}
		return string(*l.Majority)
	}),
	truth("dissent", "Whether the member took part and took another position than the most.", func(l votes.MemberLine) bool { return l.Dissent }),
	truth("lone", "Whether it was the only one.", func(l votes.MemberLine) bool { return l.Lone }),
	truth("veto", "Whether its vote defeated the proposal.", func(l votes.MemberLine) bool { return l.Veto }),
	text("tally", "For, against, abstaining.", func(l votes.MemberLine) string {
		if l.Tally == nil {
			return ""
		}
		return l.Tally.String()
	}),
}}

// Cohesion is the table of GET /v1/cohesion.
var Cohesion = Table[votes.CohesionRow]{Name: "cohesion", Description: "How much groups voted as one.", Columns: []Column[votes.CohesionRow]{
	text("group", "The group as it was asked for.", func(r votes.CohesionRow) string { return r.Group }),
	text("key", "The year or decade; empty for the whole time.", func(r votes.CohesionRow) string { return string(r.Key) }),
	count("n", "Votes in which two of the group or more took part.", func(r votes.CohesionRow) int { return r.N }),
	count("left_out", "Votes in which fewer did.", func(r votes.CohesionRow) int { return r.LeftOut }),
	number("index", "Mean agreement index of Hix, Noury and Roland; empty where n is 0.", func(r votes.CohesionRow) *float64 { return r.Index }),
	number("united", "Share of the votes in which all of the group that took part did the same.", func(r votes.CohesionRow) *float64 { return r.United }),
}}

// Sponsors is the table of GET /v1/sponsors.
var Sponsors = Table[votes.SponsorRow]{Name: "sponsors", Description: "What became of each sponsor's proposals.", Columns: append([]Column[votes.SponsorRow]{
	text("code", "The sponsor, by continuing seat.", func(r votes.SponsorRow) string { return string(r.Code) }),
	text("name", "Its name.", func(r votes.SponsorRow) string { return r.Name }),
}, sponsored(func(r votes.SponsorRow) votes.SponsorCounts { return r.SponsorCounts })...)}

// SponsorPairs is the table of GET /v1/sponsors/pairs.
var SponsorPairs = Table[votes.SponsorPair]{Name: "sponsor_pairs", Description: "Who sponsored with whom, and what became of it.", Columns: append([]Column[votes.SponsorPair]{
	text("a", "The first sponsor.", func(r votes.SponsorPair) string { return string(r.A) }),
	text("b", "The second sponsor.", func(r votes.SponsorPair) string { return string(r.B) }),
}, sponsored(func(r votes.SponsorPair) votes.SponsorCounts { return r.SponsorCounts })...)}

func sponsored[T any](of func(T) votes.SponsorCounts) []Column[T] {
	return []Column[T]{
		count("proposals", "Proposals sponsored.", func(r T) int { return of(r).Proposals }),
		count("adopted", "Of them, adopted.", func(r T) int { return of(r).Adopted }),
		count("vetoed", "Of them, vetoed.", func(r T) int { return of(r).Vetoed }),
		count("failed", "Of them, short of the number required.", func(r T) int { return of(r).Failed }),
		count("withdrawn", "Of them, not put to the vote.", func(r T) int { return of(r).Withdrawn }),
		number("share_adopted", "adopted / proposals.", func(r T) *float64 { return of(r).ShareAdopted }),
	}
}

// ChangedVotes is the table of GET /v1/decide/history.
var ChangedVotes = Table[votes.ChangedVote]{Name: "changed_votes", Description: "The votes that another rule would, or might, have turned.", Columns: []Column[votes.ChangedVote]{
	text("id", "The proposal.", func(v votes.ChangedVote) string { return v.ID }),
	day("date", "The day of the vote.", func(v votes.ChangedVote) votes.Date { return v.Date }),
	text("title", "What it was about.", func(v votes.ChangedVote) string { return string(v.Title) }),
	text("outcome", "What became of it by the Charter.", func(v votes.ChangedVote) string { return string(v.Outcome) }),
	text("under", "What would have become of it by the rule; empty where that depends on what is not known.", func(v votes.ChangedVote) string { return string(v.Under) }),
	text("reason", "Why, in words.", func(v votes.ChangedVote) string { return v.Reason }),
	text("tally", "For, against, abstaining; empty where it is not known.", func(v votes.ChangedVote) string {
		if v.Tally == nil {
			return ""
		}
		return v.Tally.String()
	}),
	list("vetoed_by", "Who vetoed it.", func(v votes.ChangedVote) []votes.Code { return v.VetoedBy }),
}}
