package votes

import (
	"encoding/json"
	"strings"
	"time"
)

// PageRequest asks for some of a list.
type PageRequest struct {
	Limit  int      // 1 to MaxLimit
	After  *Mark    // the last resolution already seen; nil for the first page
	Sort   Sort     // "" is newest first
	Detail bool     // each with its votes, statements and sources
	Facets []string // what to count all that the filter chooses by, of FacetNames

	Vetoes  bool   // also count the vetoes among all that the filter chooses,
	GroupBy string // by member, year, decade or topic; "" for no groups
}

// Limits of one page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Mark is a place in a list. It stays right when resolutions are added before
// or after it. At is what the list is ordered by before the day and the id: the
// closeness, the rank or the revision; 0 where the day comes first.
type Mark struct {
	At   float64
	Date Date
	ID   string
}

// Page is some of a list of resolutions, ItemPage the same with each as it
// stands in a list as JSON.
type (
	Page     = PageOf[Resolution]
	ItemPage = PageOf[json.RawMessage]
)

// PageOf is some of a list. Next is nil on the last page. Revision is that of
// the whole record at the moment the page was read.
type PageOf[T any] struct {
	Data     []T
	Total    int // of all that the filter chooses
	Next     *Mark
	Facets   map[string][]Facet // by name, those that were asked for
	Deleted  []Removed          // since Filter.ChangedSince, oldest first; nil where that is not asked
	Vetoes   *VetoRecord        // nil where it is not asked
	Revision int64
}

// Facet is one value and how many resolutions have it. Of a field with several
// values in one resolution, as its sponsors, each is counted.
type Facet struct {
	Value string `json:"value"` // "" where it is not known
	Name  string `json:"name"`  // for people
	Count int    `json:"count"`
}

// Removed is a resolution that the record no longer holds.
type Removed struct {
	ID       string `json:"id"`
	Revision int64  `json:"revision"` // that took it away
}

// Member is a state that sat on the Council and what the record knows of it.
// Counts leave out adoptions without a vote and disputed rolls.
type Member struct {
	Code      Code    `json:"code"`
	Seat      Code    `json:"seat"`
	Name      string  `json:"name"` // the state's latest name
	Permanent bool    `json:"permanent"`
	Names     []Named `json:"names"`
	Terms     []Term  `json:"terms"`

	Votes    map[Position]int `json:"votes"`    // roll calls by position
	Vetoes   int              `json:"vetoes"`   // proposals that its veto, alone or with others, defeated
	Dissents int              `json:"dissents"` // roll calls in which it took another position than the most members
}

// VetoRecord is every proposal that was vetoed, in two different counts that
// are often mixed up: a proposal with three vetoes is one proposal and three vetoes.
type VetoRecord struct {
	ProposalsVetoed int         `json:"proposals_vetoed"`
	VetoesCast      int         `json:"vetoes_cast"`
	Groups          []VetoGroup `json:"groups"`

	Conventions []VetoConvention `json:"conventions"`
	Revision    int64            `json:"-"`
}

// VetoConvention is one of the ways in which published lists count vetoes: over
// fewer kinds of proposals, or over all.
type VetoConvention struct {
	Name            string `json:"name"`
	Description     string `json:"description"`
	Kinds           []Kind `json:"kinds"`
	ProposalsVetoed int    `json:"proposals_vetoed"`
	VetoesCast      int    `json:"vetoes_cast"`
}

// VetoConventions returns the conventions, the narrowest first, with what they
// count of the vetoes of each kind.
func VetoConventions(proposals, vetoes map[Kind]int) []VetoConvention {
	list := []VetoConvention{
		{Name: "drafts", Description: "draft resolutions as a whole, with those that recommend an admission or an appointment",
			Kinds: []Kind{DraftResolution, Recommendation}},
		{Name: "drafts_amendments_paragraphs", Description: "also amendments, separate paragraphs and oral proposals",
			Kinds: []Kind{DraftResolution, Recommendation, Amendment, Paragraph, OralProposal, OtherProposal}},
		{Name: "with_preliminary_question", Description: "also the preliminary question whether a matter is procedural: everything that was vetoed",
			Kinds: Kinds},
	}
	for i, c := range list {
		for _, k := range c.Kinds {
			list[i].ProposalsVetoed += proposals[k]
			list[i].VetoesCast += vetoes[k]
		}
	}
	return list
}

// VetoGroup counts within one member, year, topic or decade.
type VetoGroup struct {
	Key             string `json:"key"`
	Name            string `json:"name"`
	ProposalsVetoed int    `json:"proposals_vetoed"`
	VetoesCast      int    `json:"vetoes_cast"`
}

// Revision is one committed state of the record.
type Revision struct {
	Number    int64
	Committed time.Time
	Shared    bool // the one before it was committed in the same second: to the second, they cannot be told apart
}

// ByMemberName orders members as a reader looks them up.
func ByMemberName(a, b Member) int { return strings.Compare(a.Name, b.Name) }
