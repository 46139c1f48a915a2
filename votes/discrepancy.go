package votes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Discrepancy is a place where accounts differ, or where an account contradicts
// the Charter, the membership of the day, the calendar or itself.
type Discrepancy struct {
	Key      string `json:"key"`      // names it within its resolution, whatever else changes
	Kind     string `json:"kind"`     // one of the kinds of Problem
	Field    Text   `json:"field"`    // of the record: date, tally, position of France; null where it is none
	Severity string `json:"severity"` // serious (touches votes, tally, outcome or veto) or minor
	State    string `json:"state"`    // open, explained or corrected
	Message  string `json:"message"`
	Sides    []Side `json:"sides"` // who says what, the account that was followed first

	Explanation Text `json:"explanation"` // why it is no error, or what was done about it
	Reference   Text `json:"reference"`   // the article, document or edit that says so
}

// Side is what one account says of the matter.
type Side struct {
	Source  string `json:"source"`
	Edition string `json:"edition"`
	Line    int    `json:"line"`
	Says    string `json:"says"`
}

// States and severities of a discrepancy.
const (
	StateOpen      = "open"
	StateExplained = "explained"
	StateCorrected = "corrected"

	SeveritySerious = "serious"
	SeverityMinor   = "minor"
)

func sideOf(a *Account, says string) Side {
	return Side{Source: a.Source.Name, Edition: a.Source.Edition, Line: a.Line, Says: says}
}

// keyed sets the key: it leaves out editions, lines and wording, so that a new
// edition of a source that says the same keeps it.
func (d Discrepancy) keyed() Discrepancy {
	parts := []string{d.Kind, string(d.Field)}
	for _, s := range d.Sides {
		parts = append(parts, s.Source, s.Says)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	d.Key = hex.EncodeToString(sum[:4])
	return d
}

// findings are the problems of one account as discrepancies of the record: one
// for each kind and column, however many rows it touches.
func findings(a *Account) []Discrepancy {
	var list []Discrepancy
	for _, p := range a.Problems {
		if p.Severity == Refused {
			continue
		}
		same := func(d Discrepancy) bool { return d.Kind == p.Kind && d.Field == Text(p.Column) }
		if i := slices.IndexFunc(list, same); i >= 0 {
			list[i].Sides[0].Says += "; " + p.Message
			continue
		}
		d := Discrepancy{Kind: p.Kind, Field: Text(p.Column), Severity: SeverityMinor, State: StateOpen,
			Sides: []Side{sideOf(a, p.Message)}}
		if p.Severity == Serious || p.Kind == KindOutcome {
			d.Severity = SeveritySerious
		}
		if p.Explanation != "" {
			d.State, d.Explanation, d.Reference = StateExplained, Text(p.Explanation), Text(p.Reference)
		}
		if p.Kind == KindDateSwap || p.Kind == KindYear && !strings.Contains(p.Message, "is a document of") {
			d.State, d.Explanation = StateCorrected, "read in the only way that the numbers of the meeting and the resolution allow"
		}
		d.Sides[0].Says += p.doYouMean()
		list = append(list, d)
	}
	for i, d := range list {
		list[i].Message = d.Sides[0].Source + ": " + d.Sides[0].Says
	}
	return list
}

// explained tells of a permanent member's negative vote on a procedural text
// that was adopted: against the rule for other texts, and right.
func explained(r *Resolution) []Discrepancy {
	council, ok := CouncilOn(r.Date)
	if !ok || r.Outcome != Adopted || !r.Procedural {
		return nil
	}
	var against []string
	for _, v := range r.Detail.Votes {
		if v.Permanent && v.Position == No {
			against = append(against, v.Name)
		}
	}
	says := "against: " + strings.Join(against, ", ")
	if len(against) == 0 {
		if r.RollCall != RollTallyOnly || r.Tally == nil || r.Tally.No == 0 || !procedural[r.Resolution] {
			return nil
		}
		says = fmt.Sprintf("%d against, a permanent member among them", r.Tally.No)
	}
	return []Discrepancy{{Kind: KindPermanentNo, Field: "outcome", Severity: SeveritySerious, State: StateExplained,
		Message:     fmt.Sprintf("adopted over the negative vote of a permanent member (%s)", says),
		Sides:       []Side{},
		Explanation: Text(fmt.Sprintf("the question was procedural: %d affirmative votes carry it and no negative vote is a veto", council.Required)),
		Reference:   "Charter of the United Nations, Article 27(2)"}}
}
