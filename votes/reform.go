package votes

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is a way to decide whether a proposal carries: that of the Charter, or
// one that has been put forward in its place.
type Rule string

// The rules.
const (
	RuleCharter            Rule = "charter"
	RuleTwoVetoes          Rule = "two_vetoes"
	RuleNoVeto             Rule = "no_veto"
	RuleNoVetoMassAtrocity Rule = "no_veto_mass_atrocity"
	RuleCouncil25          Rule = "council_25"
)

// RuleText is a rule in words, and where it is from.
type RuleText struct {
	Rule   Rule   `json:"rule"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// Rules lists the rules, that of the Charter first.
var Rules = []RuleText{
	{RuleCharter, "Nine affirmative votes of fifteen carry (seven of eleven to the end of 1965); on what is not procedural a negative vote by a permanent member defeats a proposal that had the number.",
		"Charter of the United Nations, Article 27; the amendment in force since 31 August 1965"},
	{RuleTwoVetoes, "As the Charter, but the negative votes of two permanent members or more are needed to defeat a proposal that had the number.",
		"An idea of the debate on reform rather than one text; the proposals on the veto before the General Assembly's Open-ended Working Group are in its report of 2001, A/55/47, annexes IV and V"},
	{RuleNoVeto, "The number of affirmative votes alone decides, as it does on procedural matters.",
		"The proposals on the veto before the General Assembly's Open-ended Working Group, A/55/47 (2001), annexes IV and V; against the veto in principle: African Union, Ezulwini Consensus, Ext/EX.CL/2 (VII), March 2005"},
	{RuleNoVetoMassAtrocity, "On proposals to prevent or end genocide, crimes against humanity or war crimes the number of affirmative votes alone decides; on all others as the Charter. The proposals cited are pledges not to cast such a vote; here such a vote does not count as a veto.",
		"France and Mexico, Political Declaration on Suspension of Veto Powers in Cases of Mass Atrocities, 2015; Accountability, Coherence and Transparency group, Code of Conduct, A/70/621-S/2015/978, annex, December 2015"},
	{RuleCouncil25, "Twenty-five members, of whom fourteen carry; the veto stays with the present five permanent members alone.",
		"Draft resolution of Brazil, Germany, India, Japan and others, A/59/L.64, 6 July 2005: six new permanent and four new elected members, the new permanent ones without a veto for the time being"},
}

// ParseRule reads the word for a rule.
func ParseRule(s string) (Rule, error) {
	if t, ok := Rule(strings.ToLower(strings.TrimSpace(s))).text(); ok {
		return t.Rule, nil
	}
	list := make([]string, len(Rules))
	for i, t := range Rules {
		list[i] = string(t.Rule)
	}
	return "", fmt.Errorf("%q is not a rule (%s)", s, strings.Join(list, ", "))
}

func (r Rule) text() (RuleText, bool) {
	i := slices.IndexFunc(Rules, func(t RuleText) bool { return t.Rule == r })
	if i < 0 {
		return RuleText{}, false
	}
	return Rules[i], true
}

// What A/59/L.64 asks for.
const (
	council25Members  = 25
	council25Required = 14
)

// WhatIf is what a rule has to know beside the ballot. What is nil is not known.
type WhatIf struct {
	MassAtrocity *bool       // for RuleNoVetoMassAtrocity: whether the proposal was against mass atrocities
	NewMembers   *NewMembers // for RuleCouncil25: the votes of those that did not sit
}

// NewMembers are the votes of members that an enlarged Council would have had
// beside those that sat; those that are not counted took no part.
type NewMembers struct {
	Yes     int `json:"yes"`
	No      int `json:"no"`
	Abstain int `json:"abstain"`
}

// WhatIfDecision is what a rule makes of a ballot, beside what the Charter does.
type WhatIfDecision struct {
	RuleText
	Outcome  Outcome // "" where more than one is possible
	Adopted  *bool   // nil where it depends on what is not known
	Members  int
	Required int
	VetoedBy []Code // permanent members whose negative votes defeat it under the rule
	Reason   string // one line, in words
	Charter  Decision
}

// DecideUnder applies a rule to a ballot. An outcome is given where it is the
// same whatever those did of whom nothing is known: the members of an enlarged
// Council, and the negative voters of a tally without names. A veto recorded
// without a tally tells that the number had been reached; the vetoes recorded
// are all there were. Withdrawn proposals and adoptions without a vote stay
// what they were.
//
// It returns an error that wraps ErrInvalid for an unknown rule, for what the
// rule cannot use, and wherever Decide does.
func DecideUnder(b Ballot, rule Rule, opt WhatIf) (WhatIfDecision, error) {
	text, ok := rule.text()
	if !ok {
		return WhatIfDecision{}, fmt.Errorf("%q is not a rule: %w", rule, ErrInvalid)
	}
	charter, err := Decide(b)
	if err != nil {
		return WhatIfDecision{}, err
	}
	council, _ := CouncilOn(b.Date)
	if err := opt.check(rule, council); err != nil {
		return WhatIfDecision{}, fmt.Errorf("%w: %w", err, ErrInvalid)
	}
	d := WhatIfDecision{RuleText: text, Charter: charter, Members: len(council.Seats), Required: council.Required}
	if rule == RuleCouncil25 {
		d.Members, d.Required = council25Members, council25Required
	}
	if rule == RuleCharter || charter.Outcome == Withdrawn || charter.AdoptedBy == ByNoVote {
		d.settle([]Outcome{charter.Outcome}, charter.VetoedBy)
		d.Reason = charter.Reason
		return d, nil
	}
	against, err := permanentAgainst(council, b)
	if err != nil {
		return WhatIfDecision{}, err
	}
	h := hypothesis{required: d.Required, against: against, procedural: b.Procedural}
	h.count(council, b, charter)
	h.apply(rule, opt, council)
	d.settle(h.outcomes(), against)
	d.Reason = h.reason(council)
	return d, nil
}

// check tells what of opt the rule cannot use.
func (opt WhatIf) check(rule Rule, council Council) error {
	if opt.MassAtrocity != nil && rule != RuleNoVetoMassAtrocity {
		return fmt.Errorf("mass atrocity makes no difference to the rule %s", rule)
	}
	n := opt.NewMembers
	if n == nil {
		return nil
	}
	seats := council25Members - len(council.Seats)
	switch {
	case rule != RuleCouncil25:
		return fmt.Errorf("there are no new members under the rule %s", rule)
	case min(n.Yes, n.No, n.Abstain) < 0:
		return fmt.Errorf("fewer than no new members cannot vote")
	case max(n.Yes, n.No, n.Abstain) > seats || n.Yes+n.No+n.Abstain > seats:
		return fmt.Errorf("there are %d new members beside the %d that sat", seats, len(council.Seats))
	}
	return nil
}

// settle takes over what is certain of the possible outcomes.
func (d *WhatIfDecision) settle(possible []Outcome, against []Code) {
	if len(possible) == 1 {
		d.Outcome = possible[0]
	}
	if adopted := slices.Contains(possible, Adopted); !adopted || len(possible) == 1 {
		d.Adopted = &adopted
	}
	if d.Outcome == Vetoed {
		d.VetoedBy = against
	}
}

// hypothesis is a ballot under a rule, with the bounds of what is not known.
type hypothesis struct {
	low, high  int    // votes in favour: known, and possible
	known      string // the votes in favour in words
	required   int
	against    []Code // permanent members known to have voted against
	others     int    // permanent members that may have voted against as well
	needed     int    // how many of them defeat a proposal; 0 where none do
	setAside   bool   // whether the rule sets the veto aside is not known
	procedural bool
}

// count finds the votes in favour, and how many permanent members may have
// voted against beside those that are known to have.
func (h *hypothesis) count(council Council, b Ballot, d Decision) {
	seats := len(council.Seats)
	switch t := d.Tally; {
	case t != nil:
		h.low = t.Yes
		h.high = seats - t.No - t.Abstain - t.NotVoting
		h.known = fmt.Sprintf("%d in favour", t.Yes)
	case d.AdoptedBy == ByUnanimity:
		h.low, h.high, h.known = seats, seats, "all in favour"
	case d.Outcome == Adopted:
		h.low, h.high = council.Required, seats
		h.known = fmt.Sprintf("at least %d in favour, as it was adopted", h.low)
	case len(h.against) > 0:
		h.low, h.high = council.Required, seats-len(h.against)
		h.known = fmt.Sprintf("at least %d in favour, as it was vetoed", h.low)
	default:
		h.high, h.known = seats, "how many were in favour is not known"
	}
	// An adopted text had no veto, and a source that names vetoes names all.
	if d.Outcome == Adopted || len(b.Vetoes) > 0 {
		return
	}
	has := func(c Code) bool { return slices.ContainsFunc(b.Votes, func(v Vote) bool { return v.Code == c }) }
	h.others = len(slices.DeleteFunc(council.Permanent(), has))
	if d.Tally != nil && h.high == h.low {
		h.others = min(h.others, d.Tally.No-len(h.against))
	}
}

// apply adds what the rule changes.
func (h *hypothesis) apply(rule Rule, opt WhatIf, council Council) {
	h.needed = 1
	switch rule {
	case RuleTwoVetoes:
		h.needed = 2
	case RuleNoVeto:
		h.needed = 0
	case RuleNoVetoMassAtrocity:
		h.setAside = opt.MassAtrocity == nil
		if opt.MassAtrocity != nil && *opt.MassAtrocity {
			h.needed = 0
		}
	case RuleCouncil25:
		if n := opt.NewMembers; n != nil {
			h.low, h.high = h.low+n.Yes, h.high+n.Yes
			h.known += fmt.Sprintf(" and %d of the new members", n.Yes)
		} else {
			h.high += council25Members - len(council.Seats)
		}
	}
}

// outcomes lists what is possible.
func (h *hypothesis) outcomes() []Outcome {
	var list []Outcome
	if reached := h.high >= h.required; reached {
		if !h.vetoCertain() {
			list = append(list, Adopted)
		}
		if h.vetoPossible() {
			list = append(list, Vetoed)
		}
	}
	if h.low < h.required {
		list = append(list, Failed)
	}
	return list
}

func (h *hypothesis) vetoPossible() bool {
	return h.needed > 0 && !h.procedural && len(h.against)+h.others >= h.needed
}

func (h *hypothesis) vetoCertain() bool {
	return h.needed > 0 && !h.procedural && len(h.against) >= h.needed && !h.setAside
}

func (h *hypothesis) reason(council Council) string {
	s := fmt.Sprintf("%s, %d required", h.known, h.required)
	switch short, unknown := h.required-h.low, h.high-h.low; {
	case short <= 0:
	case unknown == 0:
		s += fmt.Sprintf(": %d short", short)
	case unknown < short:
		s += fmt.Sprintf(": %d short, and only %d votes are not known", short, unknown)
	default:
		s += fmt.Sprintf("; %d of the %d votes that are not known would have to be in favour", short, unknown)
	}
	if len(h.against) > 0 {
		s += "; " + h.ofTheVeto(council)
	}
	if h.high >= h.required && h.vetoPossible() && !h.vetoCertain() && !h.setAside {
		s += "; whether permanent members were among those against is not known"
	}
	return s
}

// ofTheVeto tells what the permanent members' negative votes amount to.
func (h *hypothesis) ofTheVeto(council Council) string {
	who := names(council, h.against)
	switch {
	case h.high < h.required:
		return "the negative vote of " + who + " was therefore no veto"
	case h.procedural:
		return "procedural, so the negative vote of " + who + " was no veto"
	case h.needed == 0:
		return "the negative vote of " + who + " is no veto under this rule"
	case h.setAside:
		return memberWord(h.against) + " voted against: " + who + ", which is no veto if the proposal was against mass atrocities"
	case len(h.against) < h.needed:
		return memberWord(h.against) + " voted against: " + who + ", and it takes " + fmt.Sprint(h.needed)
	}
	return memberWord(h.against) + " voted against: " + who
}
