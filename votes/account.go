package votes

import "slices"

// Account is what one source says of one vote event: the fields as understood,
// and beside them what stood in the source. An account is never changed after
// it was read; the record is worked out from accounts.
type Account struct {
	Source Source `json:"source"`
	Line   int    `json:"line,omitempty"` // first line of the file that speaks of this vote, the header being line 1
	Rows   int    `json:"rows,omitempty"` // how many rows of the file it was read from
	Key    string `json:"key,omitempty"`  // how the source itself tells votes apart; the same vote has the same key in a newer edition

	ID         string `json:"id,omitempty"`         // the resolution it speaks of, found by Check
	Resolution Symbol `json:"resolution,omitempty"` // S/RES/2334 (2016), or empty
	Draft      Symbol `json:"draft,omitempty"`      // S/2024/835, or empty
	Part       string `json:"part,omitempty"`       // which vote on the document: "preliminary question", "paragraph 4"; empty for the whole
	Meeting    Symbol `json:"meeting,omitempty"`    // S/PV.9790, or empty
	Date       Date   `json:"date,omitempty"`
	Kind       Kind   `json:"kind,omitempty"`
	Procedural *bool  `json:"procedural,omitempty"` // nil where the source does not say
	Title      string `json:"title,omitempty"`
	AgendaItem string `json:"agenda_item,omitempty"`
	Topic      string `json:"topic,omitempty"`
	Region     string `json:"region,omitempty"`

	Sponsors    []Sponsor `json:"sponsors,omitempty"`
	SponsoredAs string    `json:"sponsored_as,omitempty"` // as printed where that says more than the list: E10, President

	Votes    []Vote        `json:"votes,omitempty"` // the roll, as far as the source gives one
	Tally    *Tally        `json:"tally,omitempty"` // the tally the source states, apart from the roll
	Stated   StatedOutcome `json:"stated,omitempty"`
	VetoedBy []Code        `json:"vetoed_by,omitempty"` // permanent members the source names as having vetoed
	NoVote   bool          `json:"no_vote,omitempty"`   // adopted without a vote: the roll, if any, is not a roll call

	Statements []Statement       `json:"statements,omitempty"`
	Note       string            `json:"note,omitempty"`
	Printed    map[string]string `json:"printed,omitempty"` // column to text, where the text says more than the fields above

	Match     Match             `json:"-"`                  // of which resolution it was found to speak
	VoteLines []int             `json:"-"`                  // the line of each of Votes, where they stand on lines of their own
	Columns   map[string]string `json:"-"`                  // field to the header's word for it, where that differs: date -> Date
	Problems  []Problem         `json:"problems,omitempty"` // what was found while reading it; any Refused one keeps the vote out
}

// Refused tells whether a problem keeps the account out of the record.
func (a *Account) Refused() bool { return a.has(Refused) }

// Sound tells whether nothing is wrong with the account that touches votes,
// tally, outcome or veto. Only sound accounts feed figures.
func (a *Account) Sound() bool { return !a.has(Refused) && !a.has(Serious) }

func (a *Account) has(s Severity) bool {
	return slices.ContainsFunc(a.Problems, func(p Problem) bool { return p.Severity == s })
}

// Source names where an account comes from.
type Source struct {
	Name    string `json:"name"`    // "UN Digital Library", "scvotes starter record"
	Edition string `json:"edition"` // a date or a version; "" where unknown
	Format  string `json:"format"`
	URL     string `json:"url"`
	Cites   Text   `json:"cites"` // the document the source itself leans on, where it names one
	Line    int    `json:"line"`
}

// Kind is what was put to the vote.
type Kind string

// The kinds of proposal.
const (
	DraftResolution     Kind = "draft_resolution"
	Amendment           Kind = "amendment"
	Paragraph           Kind = "paragraph"
	OralProposal        Kind = "oral_proposal"
	Recommendation      Kind = "recommendation" // admission of a member, an appointment
	PreliminaryQuestion Kind = "preliminary_question"
	OtherProposal       Kind = "other"
)

// Kinds lists every kind of proposal.
var Kinds = []Kind{DraftResolution, Amendment, Paragraph, OralProposal, Recommendation, PreliminaryQuestion, OtherProposal}

// StatedOutcome is the outcome as a source prints it, folded to a few words.
// It is only ever compared with what Decide finds, never copied to the record.
type StatedOutcome string

// What sources state.
const (
	StatedNothing   StatedOutcome = ""
	StatedUnanimous StatedOutcome = "adopted unanimously"
	StatedMajority  StatedOutcome = "adopted by majority"
	StatedAdopted   StatedOutcome = "adopted"
	StatedNoVote    StatedOutcome = "adopted without a vote"
	StatedVetoed    StatedOutcome = "vetoed"
	StatedFailed    StatedOutcome = "failed"
	StatedWithdrawn StatedOutcome = "withdrawn"
)

// Sponsor is one that put a draft forward: a state where it is one, else the
// words of the source (President, a committee).
type Sponsor struct {
	Code Code   `json:"code"` // empty (null in JSON) where it is no state
	Name string `json:"name"` // the state's name that day, or the words of the source
}

// Statement is what a delegation or another body said about a vote.
type Statement struct {
	Speaker string `json:"speaker"`
	For     Code   `json:"for"`  // the member spoken for; empty (null) for a body that is no state
	Kind    string `json:"kind"` // explanation_of_vote, reaction, joint_statement
	Date    Date   `json:"date"`
	Text    string `json:"text"` // in scvotes' own words unless quoted
	Source  string `json:"source"`
}

// column returns the header's word for a field, for use in a Problem.
func (a *Account) column(field string) string {
	if w, ok := a.Columns[field]; ok {
		return w
	}
	return field
}

// print keeps the text of a field that the account could not take over.
func (a *Account) print(field, text string) {
	if a.Printed == nil {
		a.Printed = make(map[string]string)
	}
	if _, kept := a.Printed[a.column(field)]; !kept {
		a.Printed[a.column(field)] = text
	}
}
