package votes

import "encoding/json"

// Resolution is one proposal put to the vote and what became of it, adopted or
// not: the unit of the record. Its JSON is the answer of GET /v1/resolutions/{id}.
type Resolution struct {
	ID         string `json:"id"`
	Draft      Symbol `json:"draft"`
	Resolution Symbol `json:"resolution"`
	Part       Text   `json:"part"`
	Meeting    Symbol `json:"meeting"`
	Date       Date   `json:"date"`
	Kind       Kind   `json:"kind"`
	Procedural bool   `json:"procedural"`
	Title      Text   `json:"title"`
	AgendaItem Text   `json:"agenda_item"`
	Topic      Text   `json:"topic"`
	Region     Text   `json:"region"`
	Note       Text   `json:"note"`

	Outcome           Outcome   `json:"outcome"`
	AdoptedBy         AdoptedBy `json:"adopted_by"`
	Reason            string    `json:"reason"`
	Tally             *Tally    `json:"tally"` // nil (null) where no source gives one
	RollCall          RollCall  `json:"roll_call"`
	VetoedBy          []Code    `json:"vetoed_by"`
	CarriedButForVeto bool      `json:"carried_but_for_veto"`

	Sponsors    []Sponsor `json:"sponsors"`
	SponsoredAs Text      `json:"sponsored_as"`

	*Detail
	Discrepancies []Discrepancy `json:"discrepancies"`
	Links         Links         `json:"links"`
	Revision      int64         `json:"revision"` // the last change to this resolution

	Provenance []FieldSource `json:"-"` // where each field is from, by field
}

// Detail is what a resolution's own page adds to its line in a list.
type Detail struct {
	Votes      []MemberVote `json:"votes"`
	Statements []Statement  `json:"statements"`
	Sources    []Source     `json:"sources"`
}

// MemberVote is one member's position with the names of the day.
type MemberVote struct {
	Code      Code     `json:"code"`
	Seat      Code     `json:"seat"` // the continuing seat of a permanent member: RUS for SUN; else the code
	Name      string   `json:"name"`
	Permanent bool     `json:"permanent"`
	Position  Position `json:"position"`
	Veto      bool     `json:"veto"`
}

// Links leads to the documents.
type Links struct {
	Draft      string `json:"draft,omitempty"`
	Resolution string `json:"resolution,omitempty"`
	Meeting    string `json:"meeting,omitempty"`
}

// RollCall tells how much of the roll is known.
type RollCall string

// How much of a roll is known.
const (
	RollComplete  RollCall = "complete"   // every seat has a position
	RollPartial   RollCall = "partial"    // some seats have one
	RollTallyOnly RollCall = "tally_only" // the counts, and who vetoed, but not who voted how
	RollNone      RollCall = "none"       // adopted without a vote: there is no roll
	RollDisputed  RollCall = "disputed"   // the roll contradicts its outcome, the Charter or the membership
)

// Text is a string that is null in JSON when it is not known.
type Text string

// MarshalJSON writes the unknown text as null.
func (t Text) MarshalJSON() ([]byte, error) { return nullIfEmpty(string(t)) }

// UnmarshalJSON reads text or null.
func (t *Text) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, (*string)(t)) }
