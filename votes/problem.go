package votes

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotFound is returned, wrapped with what was asked for, when the record
// holds no such resolution, member or import.
var ErrNotFound = errors.New("not found")

// ErrInvalid is wrapped by every error that the caller's input caused.
var ErrInvalid = errors.New("invalid")

// ErrUnavailable is wrapped where the record cannot be read or written now,
// though nothing is wrong with what was asked: the database is away.
var ErrUnavailable = errors.New("the database is away")

// ErrNoRoom is wrapped where the database has no room on its disk for what was
// to be written. Nothing of it was kept.
var ErrNoRoom = errors.New("the database's disk is full")

// ErrUnsure is wrapped where the connection was lost while the work was being
// committed: it was kept whole or not at all, and nobody was told which.
var ErrUnsure = errors.New("the connection was lost while committing, so that the work may have been kept or not")

// Severity tells whether a problem kept a resolution out of the record.
type Severity string

// A Refused problem keeps the account out: it could not be read, or nothing
// tells which vote it speaks of. A Serious one is kept with its account, which
// loses its rank: it contradicts itself, the Charter or the membership. A Noted
// one was understood, and is shown.
const (
	Refused Severity = "refused"
	Serious Severity = "serious"
	Noted   Severity = "noted"
)

// Problem is one fault in a source, with its place.
type Problem struct {
	File       string   `json:"file,omitempty"`
	Line       int      `json:"line,omitempty"`   // 1 is the header; 0 the whole file
	Column     string   `json:"column,omitempty"` // the header's word
	Kind       string   `json:"kind"`
	Severity   Severity `json:"severity"`
	Message    string   `json:"message"`
	Suggestion string   `json:"suggestion,omitempty"`

	Explanation string `json:"explanation,omitempty"` // why it is no error of the vote, where a rule tells
	Reference   string `json:"reference,omitempty"`   // that rule
}

// Kinds of problem. They are part of the import report, so they do not change.
const (
	KindFile        = "file"                    // not a file that can be read: empty, a folder, not text
	KindHeader      = "header"                  // a column is missing, unknown or twice
	KindRow         = "row"                     // the row does not have the header's number of fields, or its quoting is broken
	KindSymbol      = "symbol"                  // not a symbol of a resolution, draft or meeting
	KindDate        = "date"                    // not a day, or not a day the meeting can have been held
	KindDateSwap    = "date_swapped"            // day and month stood in each other's place
	KindState       = "state"                   // not a state that the UN knows
	KindPosition    = "position"                // not one of the five positions
	KindSponsor     = "sponsor"                 // kept as printed: not a state
	KindSeat        = "no_seat"                 // a vote by a state without a seat that day
	KindTwice       = "voted_twice"             // one member has two positions
	KindRollSize    = "roll_size"               // more or fewer positions than seats
	KindTally       = "tally"                   // the stated tally is not that of the roll
	KindOutcome     = "outcome"                 // the stated outcome is not that of the Charter's rules
	KindCouncil     = "council"                 // no Council sat that day
	KindDuplicate   = "duplicate"               // a second account of the same vote in one file
	KindIdentity    = "identity"                // no symbol by which the vote could be known
	KindValue       = "value"                   // a field that is not of its kind (a number, a yes or no)
	KindConflict    = "conflict"                // another source tells it otherwise
	KindYear        = "symbol_year"             // the year in a symbol is not the year of the vote
	KindPermanentNo = "permanent_no_on_adopted" // a permanent member's negative vote on an adopted text
	KindDoubt       = "doubtful_match"          // accounts that may be of one vote, and were not joined
	KindMeeting     = "meeting_out_of_order"    // the meeting's number does not fit its day
)

// String writes the problem as a person reads it: place, then what is wrong.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ": ")
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d", p.Line)
		if p.Column != "" {
			fmt.Fprintf(&b, ", column %s", p.Column)
		}
		b.WriteString(": ")
	} else if p.Column != "" {
		fmt.Fprintf(&b, "column %s: ", p.Column)
	}
	b.WriteString(p.Message)
	return b.String() + p.doYouMean()
}

// doYouMean asks whether the suggestion is meant, where it was not taken already.
func (p Problem) doYouMean() string {
	if p.Suggestion == "" || strings.HasSuffix(p.Message, "read as "+p.Suggestion) {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", p.Suggestion)
}
