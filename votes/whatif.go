package votes

import (
	"fmt"
	"slices"
	"strings"
)

// WhatIfRequest is a vote that was or might be taken, as a caller writes it:
// the body of POST /v1/decide. Either positions (votes, others) or a tally with
// the vetoes in it are given.
type WhatIfRequest struct {
	Date         string           `json:"date"` // of the Council that votes
	Procedural   bool             `json:"procedural"`
	Votes        []WhatIfPosition `json:"votes"`
	Others       string           `json:"others"` // position of every member that votes leaves out
	Tally        string           `json:"tally"`  // 14-1-0
	Vetoes       []string         `json:"vetoes"` // permanent members that voted against, where a tally is given
	Rule         string           `json:"rule"`   // charter where it is left out
	MassAtrocity *bool            `json:"mass_atrocity"`
	NewMembers   *NewMembers      `json:"new_members"`
}

// WhatIfPosition is one member's position, the member by code or any name.
type WhatIfPosition struct {
	Code     string `json:"code"`
	Position string `json:"position"`
}

// WhatIfAnswer is the decision under a rule and, beside it, the Charter's.
type WhatIfAnswer struct {
	RuleText
	Date       Date          `json:"date"`
	Procedural bool          `json:"procedural"`
	Outcome    Text          `json:"outcome"` // null where more than one is possible
	Adopted    *bool         `json:"adopted"` // null where it depends on what is not known
	Reason     string        `json:"reason"`
	Members    int           `json:"members"`
	Required   int           `json:"required"`
	VetoedBy   []Code        `json:"vetoed_by"`
	Charter    CharterAnswer `json:"charter"`
	Votes      []MemberVote  `json:"votes"` // the positions as understood
}

// CharterAnswer is what Article 27 of the Charter makes of the vote.
type CharterAnswer struct {
	Outcome           Outcome   `json:"outcome"`
	AdoptedBy         AdoptedBy `json:"adopted_by"`
	Reason            string    `json:"reason"`
	Tally             *Tally    `json:"tally"`
	VetoedBy          []Code    `json:"vetoed_by"`
	CarriedButForVeto bool      `json:"carried_but_for_veto"`
}

// Decide reads the request and decides it. Every fault of the request is told,
// as Faults, under the place where it stands: votes[2].code.
func (w WhatIfRequest) Decide() (WhatIfAnswer, error) {
	p := whatIfParser{request: w, seen: map[Code]int{}}
	b, rule := p.ballot()
	opt := WhatIf{MassAtrocity: w.MassAtrocity, NewMembers: w.NewMembers}
	if err := opt.check(rule, p.council); err != nil && rule != "" && p.sits {
		field, value := "mass_atrocity", ""
		if w.MassAtrocity == nil || rule == RuleNoVetoMassAtrocity {
			field = "new_members"
		}
		p.fault(field, value, "%v", err)
	}
	if len(p.faults) > 0 {
		return WhatIfAnswer{}, p.faults
	}
	d, err := DecideUnder(b, rule, opt)
	if err != nil {
		p.fault("votes", "", "%s", strings.TrimSuffix(err.Error(), ": "+ErrInvalid.Error()))
		return WhatIfAnswer{}, p.faults
	}
	return WhatIfAnswer{RuleText: d.RuleText, Date: b.Date, Procedural: b.Procedural, Outcome: Text(d.Outcome), Adopted: d.Adopted,
		Reason: d.Reason, Members: d.Members, Required: d.Required, VetoedBy: append([]Code{}, d.VetoedBy...),
		Charter: CharterAnswer{d.Charter.Outcome, d.Charter.AdoptedBy, d.Charter.Reason, d.Charter.Tally,
			append([]Code{}, d.Charter.VetoedBy...), d.Charter.CarriedButForVeto},
		Votes: append([]MemberVote{}, RollOf(p.council, b.Votes, d.Charter.VetoedBy)...)}, nil
}

// whatIfParser reads a request and collects its faults.
type whatIfParser struct {
	request WhatIfRequest
	council Council
	sits    bool // a Council is known for the day
	seen    map[Code]int
	faults  Faults
}

func (p *whatIfParser) fault(parameter, value, format string, args ...any) {
	p.faults = append(p.faults, Fault{parameter, value, fmt.Sprintf(format, args...)})
}

func (p *whatIfParser) ballot() (Ballot, Rule) {
	w := p.request
	b := Ballot{Procedural: w.Procedural}
	rule := RuleCharter
	if w.Rule != "" {
		var err error
		if rule, err = ParseRule(w.Rule); err != nil {
			p.fault("rule", w.Rule, "%v", err)
		}
	}
	var err error
	if b.Date, err = ParseDate(w.Date); err != nil {
		p.fault("date", w.Date, "%v", err)
	} else if p.council, p.sits = CouncilOn(b.Date); !p.sits {
		p.fault("date", w.Date, "no Council is known for that day, only from %s to %s", firstMeeting, lastKnownDay)
	}
	switch {
	case w.Tally != "" && (len(w.Votes) > 0 || w.Others != ""):
		p.fault("tally", w.Tally, "either positions or a tally, not both")
	case w.Tally == "" && len(w.Votes) == 0 && w.Others == "" && len(w.Vetoes) == 0:
		p.fault("votes", "", "nothing to decide: give votes, others, a tally or vetoes")
	}
	b.Votes = p.votes()
	if w.Tally != "" {
		b.Tally = p.tally()
	}
	for i, name := range w.Vetoes {
		if c, ok := p.member(fmt.Sprintf("vetoes[%d]", i), name, p.permanent); ok {
			b.Vetoes = append(b.Vetoes, c)
		}
	}
	return b, rule
}

// votes reads the positions, and fills in the members that are left out.
func (p *whatIfParser) votes() []Vote {
	var list []Vote
	for i, v := range p.request.Votes {
		c, ok := p.member(fmt.Sprintf("votes[%d].code", i), v.Code, p.once)
		position, err := ParsePosition(v.Position)
		if err != nil {
			p.fault(fmt.Sprintf("votes[%d].position", i), v.Position, "%v", err)
		} else if ok {
			list = append(list, Vote{c, position})
		}
	}
	if p.request.Others == "" {
		return list
	}
	others, err := ParsePosition(p.request.Others)
	if err != nil {
		p.fault("others", p.request.Others, "%v", err)
		return list
	}
	for _, c := range absentees(p.council, list) {
		if !slices.Contains(p.namedInVetoes(), c) {
			list = append(list, Vote{c, others})
		} else {
			list = append(list, Vote{c, No})
		}
	}
	return list
}

// namedInVetoes are the members of vetoes: these voted against, whatever the
// others did.
func (p *whatIfParser) namedInVetoes() []Code {
	var list []Code
	for _, name := range p.request.Vetoes {
		if c, ok := FindStateOn(name, p.council.Date); ok {
			list = append(list, c)
		}
	}
	return list
}

func (p *whatIfParser) tally() *Tally {
	t, err := ParseTally(p.request.Tally)
	if err != nil {
		p.fault("tally", p.request.Tally, "%v", err)
		return nil
	}
	if sum := t.Yes + t.No + t.Abstain + t.NotVoting; p.sits && sum > len(p.council.Seats) {
		p.fault("tally", p.request.Tally, "%d votes by a Council of %d", sum, len(p.council.Seats))
	}
	return &t
}

// member reads a state that had a seat on the day, under a further condition.
func (p *whatIfParser) member(parameter, name string, condition func(parameter, name string, s Seat) bool) (Code, bool) {
	if _, err := parseState(name); err != nil {
		p.fault(parameter, name, "%v", err)
		return "", false
	}
	if !p.sits {
		return "", false
	}
	c, _ := FindStateOn(name, p.council.Date)
	s, ok := p.council.Seat(c)
	if !ok {
		p.fault(parameter, name, "%s had no seat on %s", c.NameOn(p.council.Date), p.council.Date)
		return "", false
	}
	return c, condition(parameter, name, s)
}

func (p *whatIfParser) once(parameter, name string, s Seat) bool {
	p.seen[s.Code]++
	if p.seen[s.Code] > 1 {
		p.fault(parameter, name, "%s has more than one position", s.Name)
	}
	return p.seen[s.Code] == 1
}

func (p *whatIfParser) permanent(parameter, name string, s Seat) bool {
	if !s.Permanent {
		p.fault(parameter, name, "%s is no permanent member, and only these can veto", s.Name)
	}
	return s.Permanent
}
