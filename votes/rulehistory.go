package votes

import (
	"cmp"
	"slices"
)

// LeftNoTally is why a history under another rule leaves a vote out: neither a
// roll, a tally nor who vetoed is known, and not all were in favour.
const LeftNoTally Exclusion = "no_tally"

// RuleHistory is what would have become of past votes under a rule, had every
// member voted as it did. Considered and Excluded add up to the votes given,
// and so do WouldPass, WouldFail and Undecided, and Unchanged and Changed, to
// those considered.
type RuleHistory struct {
	RuleText
	Considered int               `json:"considered"`
	Excluded   map[Exclusion]int `json:"excluded"`
	WouldPass  int               `json:"would_pass"`
	WouldFail  int               `json:"would_fail"`
	Undecided  int               `json:"undecided"` // depends on what is not known
	Outcomes   map[string]int    `json:"outcomes"`  // adopted, vetoed, failed, vetoed_or_failed, undecided
	Unchanged  int               `json:"unchanged"` // adopted, or not adopted, as it was
	Changed    []ChangedVote     `json:"changed"`   // the others, newest first
}

// ChangedVote is a vote that another rule would, or might, have turned: what
// was not adopted would be, or the other way round.
type ChangedVote struct {
	ID       string  `json:"id"`
	Date     Date    `json:"date"`
	Title    Text    `json:"title"`
	Outcome  Outcome `json:"outcome"` // by the Charter
	Under    Text    `json:"under"`   // by the rule; null where more than one outcome is possible
	Reason   string  `json:"reason"`
	Tally    *Tally  `json:"tally"`
	VetoedBy []Code  `json:"vetoed_by"` // by the Charter
}

// RuleHistoryCounter works out a RuleHistory from votes added one by one.
type RuleHistoryCounter struct{ out RuleHistory }

// Keys of RuleHistory.Outcomes beside the outcomes themselves.
const (
	vetoedOrFailed = "vetoed_or_failed"
	undecided      = "undecided"
)

// NewRuleHistory starts a history under one of Rules; RuleText is empty for
// another rule, and nothing is then considered.
func NewRuleHistory(rule Rule) *RuleHistoryCounter {
	text, _ := rule.text()
	return &RuleHistoryCounter{RuleHistory{RuleText: text, Excluded: map[Exclusion]int{}, Changed: []ChangedVote{},
		Outcomes: map[string]int{string(Adopted): 0, string(Vetoed): 0, string(Failed): 0, vetoedOrFailed: 0, undecided: 0}}}
}

// Add counts one vote.
func (c *RuleHistoryCounter) Add(e Event) {
	out := &c.out
	if why := e.leftOutOfRules(); why != "" {
		out.Excluded[why]++
		return
	}
	d, err := DecideUnder(e.ballot(), out.Rule, WhatIf{})
	if err != nil {
		out.Excluded[LeftNoTally]++ // too little is known of it for any rule
		return
	}
	out.Considered++
	switch {
	case d.Adopted == nil:
		out.Undecided++
		out.Outcomes[undecided]++
	case *d.Adopted:
		out.WouldPass++
		out.Outcomes[string(Adopted)]++
	default:
		out.WouldFail++
		out.Outcomes[cmp.Or(string(d.Outcome), vetoedOrFailed)]++
	}
	if d.Adopted != nil && *d.Adopted == (e.Outcome == Adopted) {
		out.Unchanged++
		return
	}
	out.Changed = append(out.Changed, ChangedVote{ID: e.ID, Date: e.Date, Title: e.Title, Outcome: e.Outcome, Under: Text(d.Outcome),
		Reason: d.Reason, Tally: e.Tally, VetoedBy: append([]Code{}, e.VetoedBy...)})
}

// Result is the history so far.
func (c *RuleHistoryCounter) Result() RuleHistory {
	out := c.out
	out.Changed = slices.Clone(out.Changed)
	slices.SortFunc(out.Changed, func(a, b ChangedVote) int { return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(b.ID, a.ID)) })
	return out
}

// leftOutOfRules returns why no rule can be applied to the vote, "" if one can:
// unlike figures about positions, a tally is enough, or a veto by itself, or
// that all were in favour.
func (e Event) leftOutOfRules() Exclusion {
	why := e.leftOut()
	if why != LeftNoRoll {
		return why
	}
	if e.Tally == nil && len(e.VetoedBy) == 0 && e.AdoptedBy != ByUnanimity {
		return LeftNoTally
	}
	return ""
}

// ballot is what Decide makes the outcome of the event from.
func (e Event) ballot() Ballot {
	b := Ballot{Date: e.Date, Procedural: e.Procedural, Votes: e.Votes, Vetoes: e.VetoedBy}
	// The tally of a partial roll counts only those on it.
	if t := e.Tally; t != nil && t.Yes+t.No+t.Abstain+t.NotVoting == t.Members {
		b.Tally = t
	} else if t == nil && e.AdoptedBy == ByUnanimity {
		b.Stated = StatedUnanimous
	}
	return b
}
