package source

import (
	"fmt"
	"unicode/utf8"

	"scvotes/votes"
)

// The bounds of a file. They are far beyond every file that was published, and
// there so that no file, whatever is in it, takes more than a fixed amount of
// memory, or much time to be refused.
const (
	maxRow     = 1 << 20   // bytes of one row; the longest published have some thousands
	maxField   = 8 << 10   // bytes of one field, but for those that hold prose; lists of eighty sponsors have 1,300
	maxColumns = 1000      // of a header; the widest layout has twenty
	maxHeading = 200       // bytes of a column's name
	maxEmpty   = 1 << 20   // rows without anything in them: as many as a spreadsheet has rows
	maxOfVote  = 1000      // rows of one vote, and votes on one symbol in one day
	maxVotes   = 1_000_000 // of one file; the Council has held some 4,000
	maxHeld    = 64 << 20  // bytes of a file that has to be held in memory, its rows being scattered
	maxGather  = 100_000   // votes of such a file

	maxProblems       = 10_000 // of the report; what goes beyond it is still counted in RefusedRows
	maxProblemsOfVote = 200
	maxMessage        = 1000 // bytes of a problem's message
)

// limit returns the fault of a file that goes beyond one of the bounds.
func (rd *reading) limit(kind, format string, args ...any) error {
	return rd.fail(votes.Problem{Line: rd.line, Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// blame puts a problem on an account. Of an account with more than anybody would
// read the rest is left out, and with it the account.
func (rd *reading) blame(a *votes.Account, p votes.Problem) *votes.Problem {
	n := len(a.Problems)
	switch {
	case n > maxProblemsOfVote:
		return &p
	case n == maxProblemsOfVote:
		p.Column, p.Severity, p.Message = "", votes.Refused, fmt.Sprintf("more than %d problems in one vote: these and the rest are not listed", maxProblemsOfVote)
	}
	a.Problems = append(a.Problems, rd.placed(p))
	return &a.Problems[n]
}

// placed is a problem of this file, of a length that can be read.
func (rd *reading) placed(p votes.Problem) votes.Problem {
	p.File, p.Column, p.Message = rd.opt.File, cut(p.Column, maxHeading), cut(p.Message, maxMessage)
	return p
}

// cut is the beginning of what is longer than so many bytes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "..."
}

// tooLong tells of texts that the record has no room for, once a vote's own
// columns were read.
func (rd *reading) tooLong(a *votes.Account) {
	for _, f := range []struct {
		field, text string
		most        int
	}{
		{"draft", string(a.Draft), votes.MaxKey}, {"draft", a.Part, votes.MaxKey},
		{"title", a.Title, votes.MaxLine}, {"agenda_item", a.AgendaItem, votes.MaxLine},
		{"topic", a.Topic, votes.MaxLine}, {"region", a.Region, votes.MaxLine},
		{"sponsors", a.SponsoredAs, votes.MaxLine}, {"note", a.Note, votes.MaxText},
	} {
		if len(f.text) > f.most {
			rd.tell(a, f.field, votes.KindValue, votes.Refused, "%d bytes, and no more than %d can be kept", len(f.text), f.most)
		}
	}
	if !rd.format.rowIsVote && len(a.Key) > votes.MaxKey { // in the others it is made of the draft and the part
		rd.tell(a, "key", votes.KindValue, votes.Refused, "%d bytes, and no more than %d tell votes apart", len(a.Key), votes.MaxKey)
	}
}
