package table

import (
	"strconv"

	"scvotes/votes"
)

// Accounts has a row for what each source says of each vote, right or wrong.
var Accounts = Table[votes.FoundAccount]{
	Name: "accounts", Key: []string{"number"},
	Description: "One row is what one source says of one vote, as it was read, right or wrong.",
	Columns: []Column[votes.FoundAccount]{
		count("number", "Names the account.", func(a votes.FoundAccount) int64 { return a.Number }),
		text("id", "The vote that it was found to speak of.", func(a votes.FoundAccount) string { return a.Resolution }).names("resolutions.id").always(),
		text("source", "Whose account it is.", func(a votes.FoundAccount) string { return a.Source.Name }).always(),
		text("edition", "Day or version of the source.", func(a votes.FoundAccount) string { return a.Source.Edition }),
		text("format", "Published format that it was read in.", func(a votes.FoundAccount) string { return a.Source.Format }).always(),
		address("url", "Where the source has it.", func(a votes.FoundAccount) string { return a.Source.URL }),
		text("cites", "The document that the source itself leans on.", func(a votes.FoundAccount) votes.Text { return a.Source.Cites }),
		text("file", "File that it was read from.", func(a votes.FoundAccount) string { return a.File }),
		text("sha256", "Checksum of that file.", func(a votes.FoundAccount) string { return a.SHA256 }),
		count("import", "The import that brought it.", func(a votes.FoundAccount) int64 { return a.Import }),
		countIf("line", "First line of the file that speaks of the vote; the header is line 1.", func(a votes.FoundAccount) (int, bool) { return a.Source.Line, a.Source.Line > 0 }),
		countIf("rows", "How many rows it was read from.", func(a votes.FoundAccount) (int, bool) { return account(a).Rows, account(a).Rows > 0 }),
		truth("sound", "Whether it contradicts nothing in what touches votes, tally, outcome or veto.", func(a votes.FoundAccount) bool { return a.Sound }),
		countIf("superseded_by", "Number of the same source's newer account; empty while this is the current one.", supersededBy),
		text("matched_by", "By which rule it was found to speak of this vote.", func(a votes.FoundAccount) string { return a.MatchedBy }),
		text("doubt", "What is doubtful about that.", func(a votes.FoundAccount) votes.Text { return a.Doubt }),
		text("finds", "The outcome that the Charter makes of this account alone; empty where none follows.", func(a votes.FoundAccount) string { return a.Finds }),
		said("draft", "The draft's symbol that it gives.", func(a *votes.Account) votes.Symbol { return a.Draft }),
		said("resolution", "The resolution's symbol that it gives.", func(a *votes.Account) votes.Symbol { return a.Resolution }),
		said("part", "Which vote on the document it speaks of.", func(a *votes.Account) string { return a.Part }),
		said("meeting", "The meeting's symbol that it gives.", func(a *votes.Account) votes.Symbol { return a.Meeting }),
		day("date", "The day that it gives.", func(a votes.FoundAccount) votes.Date { return account(a).Date }),
		said("kind", "What it says was put to the vote.", func(a *votes.Account) votes.Kind { return a.Kind }).among(kindWords),
		saidProcedural(),
		said("title", "The title that it gives.", func(a *votes.Account) string { return a.Title }),
		said("agenda_item", "The agenda item that it gives.", func(a *votes.Account) string { return a.AgendaItem }),
		said("topic", "The topic that it gives.", func(a *votes.Account) string { return a.Topic }),
		said("region", "The region that it gives.", func(a *votes.Account) string { return a.Region }),
		list("sponsors", "The sponsors that it names: a state's code, or its words for one that is no state.",
			func(a votes.FoundAccount) []string { return sponsorCells(account(a).Sponsors) }),
		said("sponsored_as", "The sponsors as printed, where that says more than the list.", func(a *votes.Account) string { return a.SponsoredAs }),
		list("votes", "Who, by this account, voted how: CODE:position, as USA:no.", accountRoll),
		stated("yes", "Members in favour that it counts.", func(t votes.Tally) int { return t.Yes }),
		stated("no", "Members against that it counts.", func(t votes.Tally) int { return t.No }),
		stated("abstain", "Members abstaining that it counts.", func(t votes.Tally) int { return t.Abstain }),
		stated("not_voting", "Members not voting that it counts.", func(t votes.Tally) int { return t.NotVoting }),
		said("stated", "The outcome that it states. It is only ever compared.", func(a *votes.Account) votes.StatedOutcome { return a.Stated }).among(statedWords),
		list("vetoed_by", "Who, by this account, vetoed it.", func(a votes.FoundAccount) []votes.Code { return account(a).VetoedBy }),
		truth("no_vote", "Whether it says that there was no vote: its roll, if any, is then no roll call.", func(a votes.FoundAccount) bool { return account(a).NoVote }),
		said("note", "What else it says.", func(a *votes.Account) string { return a.Note }),
		count("statements", "How many statements it holds.", func(a votes.FoundAccount) int { return len(account(a).Statements) }),
		count("problems", "How many problems were found in it.", func(a votes.FoundAccount) int { return len(account(a).Problems) }),
	},
}

// account is what the account says; nothing, where only its place is known.
func account(a votes.FoundAccount) *votes.Account {
	if a.Account == nil {
		return &votes.Account{}
	}
	return a.Account
}

func said[S ~string](name, description string, of func(*votes.Account) S) Column[votes.FoundAccount] {
	return text(name, description, func(a votes.FoundAccount) S { return of(account(a)) })
}

// stated is a count of the tally that the source gives apart from its roll.
func stated(name, description string, of func(votes.Tally) int) Column[votes.FoundAccount] {
	return countIf(name, description, func(a votes.FoundAccount) (int, bool) {
		t := account(a).Tally
		if t == nil {
			return 0, false
		}
		return of(*t), true
	})
}

// saidProcedural is empty where the source does not say.
func saidProcedural() Column[votes.FoundAccount] {
	c := said("procedural", "Whether it says that it was a matter of procedure.", func(a *votes.Account) string {
		if a.Procedural == nil {
			return ""
		}
		return strconv.FormatBool(*a.Procedural)
	})
	c.Datatype = Boolean
	return c
}

func supersededBy(a votes.FoundAccount) (int64, bool) {
	if a.SupersededBy == nil {
		return 0, false
	}
	return *a.SupersededBy, true
}

func accountRoll(a votes.FoundAccount) []string {
	roll := account(a).Votes
	cells := make([]string, len(roll))
	for i, v := range roll {
		cells[i] = string(v.Code) + ":" + string(v.Position)
	}
	return cells
}
