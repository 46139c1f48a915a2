package source

import (
	"slices"
	"strings"

	"scvotes/votes"
)

// statementsFormat holds what was said about votes, a statement a line. Its
// accounts carry statements and no vote: their Date is empty.
var statementsFormat = Format{
	Name:   "scvotes-statements",
	Title:  "scvotes, statements about votes",
	Source: "scvotes",
	Columns: []Column{
		// Their spelling may change from row to row: the key is what they mean.
		{Name: "draft", Use: Member},
		{Name: "resolution", Use: Member},
		{Name: "meeting", Use: Member}, // names the vote where it has neither, as an oral amendment
		{Name: "speaker", Required: true, Use: Member},
		{Name: "for", Use: Member},
		{Name: "kind", Required: true, Use: Member},
		{Name: "date", Use: Member},
		{Name: "text", Required: true, Use: Member, Most: votes.MaxText},
		{Name: "source", Use: Member},
	},
	OneOf:  []string{"draft", "resolution", "meeting"},
	key:    statementKey,
	begin:  beginStatements,
	member: statement,
}

// statementKey is the id of the resolution; symbols that cannot be read are
// kept apart as they are printed, for begin to say what is wrong with them.
func statementKey(r *row) string {
	printedDraft, printedResolution := r.text("draft"), r.text("resolution")
	d, _ := parseDrafts(printedDraft)
	res, _ := votes.ParseResolution(printedResolution, "")
	meeting, _ := votes.ParseMeeting(r.text("meeting"))
	if id := votes.ID(res, d.Symbol, d.Part, meeting); id != "" {
		return id
	}
	return strings.TrimSpace(printedDraft + " " + printedResolution)
}

func beginStatements(r *row) { r.symbols("draft", "resolution", "meeting") }

func statement(r *row) {
	s := votes.Statement{
		Speaker: r.text("speaker"),
		Kind:    strings.ReplaceAll(foldWord(r.raw("kind")), " ", "_"),
		Date:    r.isoDay("date"),
		Text:    cleanLines(r.raw("text")),
		Source:  r.text("source"),
	}
	if !slices.Contains(votes.StatementKinds, s.Kind) {
		r.refuse("kind", votes.KindValue, "%s is not a kind of statement (%s)", votes.Quote(r.text("kind")), strings.Join(votes.StatementKinds, ", "))
	}
	if s.Text == "" {
		r.refuse("text", votes.KindValue, "the statement has no text")
	}
	if printed := r.text("for"); printed != "" {
		var known bool
		if s.For, known = votes.FindStateOn(printed, s.Date); !known {
			r.problem("for", votes.KindState, votes.Refused, "%s is not a state; the field stays empty for a body that is none",
				votes.Quote(printed)).Suggestion = votes.SuggestState(printed)
		}
	}
	if s.Speaker == "" && s.For == "" {
		r.refuse("speaker", votes.KindValue, "nobody is named as the speaker")
	}
	r.a.Statements = append(r.a.Statements, s)
}
