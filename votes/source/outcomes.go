package source

import (
	"regexp"
	"strings"

	"scvotes/votes"
)

// outcomesFormat is the UN's yearly tables of meetings and outcomes: a row a
// vote, adopted or not, with its tally and no roll.
//
// The symbol is that of the resolution, else of the draft, else of the meeting
// where a proposal had no document. "published" is the whole line of the
// meeting as printed, which tells several votes on one symbol apart.
var outcomesFormat = Format{
	Name:   "un-outcomes",
	Title:  "UN yearly tables of meetings and outcomes, a row a vote",
	Source: "UN yearly tables of meetings and outcomes",
	Columns: []Column{
		{Name: "date", Required: true},
		{Name: "meeting", Required: true},
		{Name: "symbol", Required: true},
		{Name: "outcome", Required: true},
		{Name: "tally", Required: true},
		{Name: "vetoed_by"},
		{Name: "published", Most: votes.MaxLine},
	},
	columns:   map[string]string{"draft": "symbol", "resolution": "symbol"},
	rowIsVote: true,
	published: true,
	begin:     beginOutcome,
	settle:    settleOutcomes,
}

func beginOutcome(r *row) {
	if r.a.Date = r.isoDay("date"); r.text("date") == "" {
		r.refuse("date", votes.KindDate, "the day of the vote is missing")
	}
	outcomeSymbol(r)
	outcomeMeeting(r)
	printed := r.text("outcome")
	stated, ok := tableOutcomes[strings.ToLower(printed)]
	if r.a.Stated = stated; !ok {
		r.note("outcome", votes.KindValue, "%s is not an outcome that is known here (adopted, vetoed, not adopted)", votes.Quote(printed))
		r.keep("outcome")
	}
	if tally := r.text("tally"); tally != "" && !outcomeTally(r.a, tally) {
		r.refuse("tally", votes.KindTally, "%s is not the tally of a proposal %s (14-1-0, unanimous, without vote)", votes.Quote(tally), printed)
	}
	r.a.VetoedBy = r.permanentMembers("vetoed_by")
	r.keep("published")
}

var tableOutcomes = map[string]votes.StatedOutcome{
	"":            votes.StatedNothing,
	"adopted":     votes.StatedAdopted,
	"vetoed":      votes.StatedVetoed,
	"not adopted": votes.StatedFailed,
}

func outcomeSymbol(r *row) {
	s := r.text("symbol")
	if res, err := votes.ParseResolution(s, r.a.Date); err == nil {
		r.a.Resolution = res
		return
	}
	if s == "" {
		r.refuse("symbol", votes.KindSymbol, "the symbol is missing")
		return
	}
	r.symbols("symbol", "", "")
}

var reLeadingMeeting = regexp.MustCompile(`^S/PV\.?\d+\b`)

// outcomeMeeting reads the meeting. Behind its symbol the tables sometimes go
// on with what was voted on there, which stands in the other columns too.
func outcomeMeeting(r *row) {
	s := r.symbol("meeting")
	m, err := votes.ParseMeeting(s)
	if lead := reLeadingMeeting.FindString(s); err != nil && lead != "" {
		m, err = votes.ParseMeeting(lead)
		r.keep("meeting")
	}
	if r.a.Meeting = m; err != nil && s != "" {
		r.note("meeting", votes.KindSymbol, "%s", err)
		r.keep("meeting")
	}
}

// rePrintedTally finds the counts, or the words that stand for them.
var rePrintedTally = regexp.MustCompile(`(?i)\b\d+-\d+-\d+\b|unanimous(?:ly)?|without (?:a )?vote|consensus|acclamation`)

// outcomeTally reads a tally. "unanimous" counts nobody: how many sat, and
// whether a member stayed away, is not said. It is false for what is no tally,
// and for words of adoption beside another outcome.
func outcomeTally(a *votes.Account, printed string) bool {
	switch word := strings.ToLower(rePrintedTally.FindString(printed)); {
	case word == "" || len(word) != len(printed):
		return false
	case word[0] <= '9':
		t, err := votes.ParseTally(word)
		if err == nil {
			a.Tally = &t
		}
		return err == nil
	case a.Stated != votes.StatedAdopted:
		return false
	case strings.HasPrefix(word, "unanimous"):
		a.Stated = votes.StatedUnanimous
	default:
		a.Stated, a.NoVote = votes.StatedNoVote, true
	}
	return true
}

// settleOutcomes tells votes on one symbol apart by the printed line of their
// meeting: the rows stand in the order in which the line mentions them.
func settleOutcomes(rd *reading, list []*votes.Account) {
	for i, a := range list {
		of := mentions(a, a.Printed[rd.word("published")])
		switch {
		case len(of) > len(list):
			rd.tell(a, "published", votes.KindIdentity, votes.Refused, "the printed line has %d votes on the symbol, the file has %d: which is which is not sure", len(of), len(list))
		case i < len(of):
			readMention(rd, a, of[i])
		}
	}
	rd.number(list)
}

// readMention adds what the printed line says of a vote and the other columns
// do not: which part was voted on, and words that stand in place of a tally.
func readMention(rd *reading, a *votes.Account, m mention) {
	if tally := rePrintedTally.FindString(m.rest); a.Tally == nil && !a.NoVote {
		outcomeTally(a, tally)
	} else if a.Tally != nil && tally != "" && tally[0] <= '9' && !strings.HasPrefix(a.Tally.String(), tally) { // the line may be cut short
		rd.tell(a, "tally", votes.KindTally, votes.Serious, "the tally is given as %s, the printed line has %s", a.Tally, tally)
		return
	}
	if m.qualifier == "" || a.Part != "" || a.Draft == "" {
		return
	}
	d, err := parseDraft(string(a.Draft) + " (" + m.qualifier + ")")
	if err != nil || d.Part == "" {
		a.Note = m.qualifier // it describes the text: as amended
		return
	}
	a.Part, a.Kind = d.Part, kindOf(d.Part)
	// A proposal that goes by a state's name alone is its admission.
	if _, ok := votes.FindState(d.Part); ok {
		a.Kind = votes.Recommendation
	}
}

// mention is one vote in the printed line of a meeting.
type mention struct {
	qualifier string // in brackets behind the symbol: preliminary question, as amended
	rest      string // up to the next symbol
}

const printedSymbol = `S/(?:RES/\d+ ?\(\d{4}\)|(?:PV\.)?\d+(?:/(?:Rev|Add|Corr|Amend)\.\d+)*)`

// reMention takes further symbols of the same proposal, and those that its
// qualifier names, together with the first.
var reMention = regexp.MustCompile(`(` + printedSymbol + `)(?: ?, ?` + printedSymbol + `)* ?(?:\(([^)]*)\))?`)

// mentions returns those of the account's symbol.
func mentions(a *votes.Account, line string) []mention {
	var list []mention
	found := reMention.FindAllStringSubmatchIndex(line, -1)
	for i, m := range found {
		res, _ := votes.ParseResolution(line[m[2]:m[3]], "")
		d, _ := votes.ParseDraft(line[m[2]:m[3]])
		if res != a.Resolution || res == "" && d.Symbol != a.Draft {
			continue
		}
		end := len(line)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		var of mention
		if of.rest = line[m[1]:end]; m[4] >= 0 {
			of.qualifier = strings.TrimSpace(line[m[4]:m[5]])
		}
		list = append(list, of)
	}
	return list
}
