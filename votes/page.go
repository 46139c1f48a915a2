package votes

import (
	"strings"
	"time"
)

// PageRequest asks for some of a list, newest vote first.
type PageRequest struct {
	Limit int   // 1 to MaxLimit
	After *Mark // the last resolution already seen; nil for the first page
}

// Limits of one page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Mark is a place in a list ordered by date and id. It stays right when
// resolutions are added before or after it.
type Mark struct {
	Date Date
	ID   string
}

// Page is some of a list. Next is nil on the last page. Revision is that of
// the whole record at the moment the page was read.
type Page struct {
	Data     []Resolution
	Total    int // of all that the filter chooses
	Next     *Mark
	Revision int64
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
	Revision        int64       `json:"-"`
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
}

// ByMemberName orders members as a reader looks them up.
func ByMemberName(a, b Member) int { return strings.Compare(a.Name, b.Name) }
