package votes

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// AccountView is an account as it is shown beside the others of its vote.
type AccountView struct {
	Number       int64    `json:"number"` // of the account in this record
	Source       Source   `json:"source"`
	File         string   `json:"file"`
	SHA256       string   `json:"sha256"` // of the file
	Import       int64    `json:"import"`
	Sound        bool     `json:"sound"`         // contradicts nothing: only such accounts feed figures
	SupersededBy *int64   `json:"superseded_by"` // the same source's newer account; null while this is the current one
	MatchedBy    string   `json:"matched_by"`
	Doubt        Text     `json:"doubt"`
	Finds        string   `json:"finds"` // the outcome that the rules make of this account alone; "" where none follows
	Account      *Account `json:"account"`
}

// FoundAccount is an account with the resolution that it was found to speak of.
type FoundAccount struct {
	Resolution string `json:"resolution"` // its id
	AccountView
}

// Accounts is all that the sources say of one resolution.
type Accounts struct {
	ID       string        `json:"id"`
	Fields   []FieldSource `json:"fields"` // which account, by which rule, each field of the record is from
	Accounts []AccountView `json:"accounts"`
	Edits    []Edit        `json:"edits"`
	Revision int64         `json:"revision"`
	Record   int64         `json:"-"` // the revision of the whole record they were read at
}

// Revised is one revision of a resolution: what changed, when, by what, why.
type Revised struct {
	Revision  int64     `json:"revision"`
	Committed time.Time `json:"committed"`
	What      string    `json:"what"`    // created, changed or deleted
	Summary   string    `json:"summary"` // the import or the edit
	Import    *int64    `json:"import"`  // its number, null for an edit
	Edits     []Edit    `json:"edits"`   // with reason and reference
	Changes   []Change  `json:"changes"`
}

// History is every revision of one resolution, the newest first.
type History struct {
	ID       string    `json:"id"`
	Data     []Revised `json:"data"`
	Revision int64     `json:"revision"`
	Record   int64     `json:"-"` // the revision of the whole record it was read at
}

// FoundDiscrepancy is a discrepancy with the resolution it is about.
type FoundDiscrepancy struct {
	Resolution string `json:"resolution"` // its id
	Date       Date   `json:"date"`       // of the vote
	Discrepancy
}

// DiscrepancyFilter chooses discrepancies; within a field one value is enough.
type DiscrepancyFilter struct {
	Source, Kind, Severity, State []string
}

// DiscrepancyPage is some of a list, newest vote first.
type DiscrepancyPage struct {
	Data     []FoundDiscrepancy
	Total    int
	Kinds    map[string]int // how many of each kind the filter chooses
	States   map[string]int
	Next     *DiscrepancyMark
	Revision int64
}

// DiscrepancyMark is a place in the list of discrepancies.
type DiscrepancyMark struct {
	Date Date
	ID   string
	Key  string
}

// DiscrepancyParameters are the names that ParseDiscrepancyFilter reads.
var DiscrepancyParameters = []string{"source", "kind", "severity", "state"}

// DiscrepancyKinds lists what a discrepancy can be.
var DiscrepancyKinds = []string{KindSymbol, KindDate, KindDateSwap, KindState, KindPosition, KindSponsor, KindSeat, KindTwice,
	KindRollSize, KindTally, KindOutcome, KindValue, KindConflict, KindYear, KindMeeting, KindPermanentNo, KindDoubt, KindIdentity}

// ParseDiscrepancyFilter reads a filter from a query, with every fault of it.
func ParseDiscrepancyFilter(q url.Values) (DiscrepancyFilter, Faults) {
	var p filterParser
	f := DiscrepancyFilter{
		Kind:     each(&p, q, "kind", oneOf(DiscrepancyKinds)),
		Severity: each(&p, q, "severity", oneOf([]string{SeveritySerious, SeverityMinor})),
		State:    each(&p, q, "state", oneOf([]string{StateOpen, StateExplained, StateCorrected})),
		Source:   whole(&p, q, "source", parseWords),
	}
	return f, p.faults
}

func oneOf(words []string) func(string) (string, error) {
	return func(s string) (string, error) {
		if slices.Contains(words, s) {
			return s, nil
		}
		return "", fmt.Errorf("%q is none of %s", s, strings.Join(words, ", "))
	}
}
