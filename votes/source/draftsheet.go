package source

import (
	"strings"

	"scvotes/votes"
)

// draftSheetFormat is the sheet of drafts that researchers keep: one member's
// vote on one draft, adopted or not, so that what failed is in it too.
//
// Its ID tells votes apart; the draft does not: a document that was voted on
// twice would come out as one roll of 30.
var draftSheetFormat = Format{
	Name:   "draft-sheet",
	Title:  "sheet of drafts, a row a member's vote",
	Source: "Security Council draft votes",
	Columns: []Column{
		{Name: "ID", Required: true},
		{Name: "Year"},
		{Name: "Date", Required: true},
		{Name: "Meeting"},
		{Name: "Resolution", Required: true},
		{Name: "Draft", Required: true},
		{Name: "Agenda item", Use: Words},
		{Name: "Category", Use: Words},
		{Name: "Region", Use: Words},
		{Name: "Topic", Use: Words},
		{Name: "Submitted by", Use: Words},
		{Name: "Outcome results"},
		{Name: "Vote", Required: true, Use: Member},
		{Name: "Member State", Required: true, Use: Member},
		// Whether the state is a member at the time of publication: it says nothing of the vote.
		{Name: "Membership_Status", Use: Member},
	},
	columns: map[string]string{"date": "Date", "draft": "Draft", "resolution": "Resolution", "meeting": "Meeting",
		"outcome": "Outcome results", "vote": "Vote", "member": "Member State", "sponsors": "Submitted by",
		"key": "ID", "agenda_item": "Agenda item", "topic": "Topic", "region": "Region"},
	published: true,
	key:       func(r *row) string { return strings.TrimSuffix(r.text("ID"), ".0") },
	begin:     beginSheet,
	member:    sheetMember,
}

// beginSheet keeps date and outcome as printed: the one is mended against the
// calendar later on, the other folded to fewer words than the sheet has.
func beginSheet(r *row) {
	a := r.a
	a.Date = r.dayFirst("Date")
	if a.Date == "" && r.text("Date") == "" {
		r.refuse("Date", votes.KindDate, "the day of the vote is missing")
	}
	r.keep("Date")
	if y, ok := r.count("Year"); ok && a.Date != "" && y != a.Date.Year() {
		r.note("Year", votes.KindDate, "the year is given as %d, the day as %s", y, r.text("Date"))
		r.keep("Year")
	}
	r.symbols("Draft", "Resolution", "Meeting")
	a.AgendaItem, a.Topic, a.Region = r.text("Agenda item"), r.text("Topic"), r.text("Region")
	// The paragraphs of the admission committee's report are its
	// recommendations, each voted on as a whole.
	if a.Kind == votes.Paragraph && strings.EqualFold(a.AgendaItem, "admission of new members") {
		a.Kind = votes.Recommendation
	}
	r.keep("Category")
	r.sponsors("Submitted by")
	sheetOutcome(r)
	a.Votes = make([]votes.Vote, 0, 15)
}

// sheetOutcomes are the sheet's words for what became of a draft. Consensus
// and acclamation are both adoption without a vote, though the sheet shows
// every member in favour.
var sheetOutcomes = map[string]votes.StatedOutcome{
	"":                       votes.StatedNothing,
	"adopted":                votes.StatedAdopted,
	"adopted unanimously":    votes.StatedUnanimous,
	"adopted by majority":    votes.StatedMajority,
	"adopted by consensus":   votes.StatedNoVote,
	"adopted by acclamation": votes.StatedNoVote,
	"adopted without a vote": votes.StatedNoVote,
	"not adopted - veto":     votes.StatedVetoed,
	"not adopted - failed to receive required number of votes": votes.StatedFailed,
}

func sheetOutcome(r *row) {
	printed := r.text("Outcome results")
	stated, ok := sheetOutcomes[strings.ToLower(printed)]
	if !ok {
		r.note("Outcome results", votes.KindValue, "%s is not an outcome that is known here", votes.Quote(printed))
	}
	r.keep("Outcome results")
	r.a.Stated, r.a.NoVote = stated, stated == votes.StatedNoVote
}

func sheetMember(r *row) {
	code, known := r.state("Member State", r.text("Member State"))
	position, ok := r.position("Vote")
	if known && ok {
		r.vote(code, position)
	}
}
