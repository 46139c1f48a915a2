package pages

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"scvotes/api/chart"
	"scvotes/votes"
)

// hypothesis is a vote that is supposed, read from the address.
type hypothesis struct {
	values  url.Values
	vote    *votes.Resolution // that it begins from; nil for the Council of a day
	date    string
	council votes.Council
	start   map[votes.Code]votes.Position // what the fields show
	request votes.WhatIfRequest
	fields  []string // the parameter of each of request.Votes
	faults  votes.Faults
}

func (h *hypothesis) fault(parameter, value, message string) {
	h.faults = append(h.faults, votes.Fault{Parameter: parameter, Value: value, Message: message})
}

const positionField = "p_"

// read turns the parameters into the request that POST /v1/decide takes.
func (h *hypothesis) read() {
	if h.vote != nil {
		h.date = string(h.vote.Date)
	}
	h.request = votes.WhatIfRequest{Date: h.date, Rule: h.values.Get("rule")}
	if day, err := votes.ParseDate(h.date); err == nil {
		h.council, _ = votes.CouncilOn(day)
	}
	h.request.Procedural = h.trueOrFalse("procedural", h.vote != nil && h.vote.Procedural)
	if h.values.Has("mass_atrocity") {
		h.request.MassAtrocity = new(h.trueOrFalse("mass_atrocity", false))
	}
	h.readNewMembers()
	h.lay()
	given := map[votes.Code]bool{}
	for _, field := range slices.Sorted(maps.Keys(h.values)) {
		name, ok := strings.CutPrefix(field, positionField)
		for _, position := range h.values[field] {
			if !ok {
				break
			}
			h.request.Votes, h.fields = append(h.request.Votes, votes.WhatIfPosition{Code: name, Position: position}), append(h.fields, field)
			code, _ := votes.FindStateOn(name, h.council.Date)
			given[code] = true
			if p, err := votes.ParsePosition(position); err == nil {
				h.start[code] = p
			}
		}
	}
	if len(given) == 0 && h.asRecorded() {
		return
	}
	for _, seat := range h.council.Seats {
		if !given[seat.Code] {
			h.request.Votes = append(h.request.Votes, votes.WhatIfPosition{Code: string(seat.Code), Position: string(h.start[seat.Code])})
		}
	}
}

// lay puts the positions of the record in the fields. Where it has none for a
// member, the field begins in favour, or against if the member vetoed.
func (h *hypothesis) lay() {
	h.start = map[votes.Code]votes.Position{}
	for _, seat := range h.council.Seats {
		h.start[seat.Code] = votes.Yes
	}
	if h.vote == nil {
		return
	}
	for _, code := range h.vote.VetoedBy {
		h.start[code] = votes.No
	}
	if h.vote.Detail != nil && h.vote.RollCall != votes.RollDisputed {
		for _, v := range h.vote.Votes {
			h.start[v.Code] = v.Position
		}
	}
}

// asRecorded takes the counts and the vetoes of a vote whose roll is not known:
// these decide it, until somebody fills the fields in.
func (h *hypothesis) asRecorded() bool {
	if h.vote == nil || h.vote.RollCall == votes.RollComplete || h.vote.Tally == nil && len(h.vote.VetoedBy) == 0 {
		return false
	}
	if h.vote.Tally != nil {
		h.request.Tally = h.vote.Tally.String()
	}
	for _, code := range h.vote.VetoedBy {
		h.request.Vetoes = append(h.request.Vetoes, string(code))
	}
	return true
}

func (h *hypothesis) trueOrFalse(name string, absent bool) bool {
	switch v := h.values.Get(name); v {
	case "":
		return absent
	case "true", "false":
		return v == "true"
	default:
		h.fault(name, v, "is neither true nor false")
		return absent
	}
}

// readNewMembers reads the votes of those that an enlarged Council would have.
func (h *hypothesis) readNewMembers() {
	var n votes.NewMembers
	for _, f := range []struct {
		name string
		into *int
	}{{"new_yes", &n.Yes}, {"new_no", &n.No}, {"new_abstain", &n.Abstain}} {
		v := h.values.Get(f.name)
		if v == "" {
			continue
		}
		count, err := strconv.Atoi(v)
		if err != nil {
			h.fault(f.name, v, "is not a number of members")
			continue
		}
		*f.into, h.request.NewMembers = count, &n
	}
}

// decide decides it; the faults of the request are told under the parameters of
// the address.
func (h *hypothesis) decide() (*votes.WhatIfAnswer, error) {
	if len(h.faults) > 0 {
		return nil, nil
	}
	a, err := h.request.Decide()
	var faults votes.Faults
	switch {
	case err == nil:
		return &a, nil
	case !errors.As(err, &faults):
		return nil, err
	}
	for _, f := range faults {
		var i int
		if _, err := fmt.Sscanf(f.Parameter, "votes[%d]", &i); err == nil && i < len(h.fields) {
			f.Parameter = h.fields[i]
		}
		h.faults = append(h.faults, f)
	}
	return nil, nil
}

// page shows the hypothesis in fields, and the decision where there is one.
func (h *hypothesis) page(a *votes.WhatIfAnswer) whatIfPage {
	p := whatIfPage{ID: h.values.Get("id"), Date: h.values.Get("date"), Faults: h.faults, Council: h.council, Answer: a, RollNote: h.rollNote(), Form: h.form()}
	if h.vote != nil {
		p.ID, p.Date = h.vote.ID, ""
		p.Vote = voteLines([]votes.Resolution{*h.vote})
	}
	if a == nil {
		return p
	}
	p.Rule = a.RuleText
	if p.Vote == nil {
		p.Date = string(a.Date)
	}
	if len(a.Votes) > 0 {
		c := a.Charter
		r := votes.Resolution{ID: "a supposed proposal", Date: a.Date, Procedural: a.Procedural, Outcome: c.Outcome, AdoptedBy: c.AdoptedBy, Reason: c.Reason,
			Tally: c.Tally, RollCall: votes.RollComplete, VetoedBy: c.VetoedBy, CarriedButForVeto: c.CarriedButForVeto, Detail: &votes.Detail{Votes: a.Votes}}
		p.Table = inline(chart.Horseshoe(r, chart.Options{Width: 640, IDPrefix: "supposed"}))
	}
	return p
}

// rollNote tells what the fields begin with where the record does not have who
// voted how.
func (h *hypothesis) rollNote() string {
	if h.vote == nil || h.vote.RollCall == votes.RollComplete {
		return ""
	}
	note := map[votes.RollCall]string{
		votes.RollPartial:   "The record does not have the position of every member in this vote.",
		votes.RollTallyOnly: "The record does not have who voted how in this vote.",
		votes.RollNone:      "This was adopted without a vote.",
		votes.RollDisputed:  "Who voted how in this vote is in dispute.",
	}[h.vote.RollCall] + " The fields that it leaves open begin in favour, and those of members known to have vetoed it against."
	if h.request.Tally != "" || len(h.request.Vetoes) > 0 {
		note += " Until you fill them in, the outcome here is that of the counts on record."
	}
	return note
}

// form shows the hypothesis in fields.
func (h *hypothesis) form() whatIfForm {
	fm := whatIfForm{NewYes: h.values.Get("new_yes"), NewNo: h.values.Get("new_no"), NewAbstain: h.values.Get("new_abstain"),
		NewSeats: newSeats(h.council)}
	for _, seat := range h.council.Seats {
		choice := seatChoice{Seat: seat, Field: positionField + string(seat.Code)}
		for _, p := range votes.Positions {
			choice.Options = append(choice.Options, option{string(p), positionWord(p), h.start[seat.Code] == p})
		}
		fm.Seats = append(fm.Seats, choice)
	}
	for _, r := range votes.Rules {
		fm.Rules = append(fm.Rules, option{string(r.Rule), ruleWord(r.Rule), h.values.Get("rule") == string(r.Rule)})
	}
	procedural := fmt.Sprint(h.request.Procedural)
	for _, o := range []option{{Value: "false", Name: "no: a veto counts"}, {Value: "true", Name: "yes: nobody can veto"}} {
		fm.Procedural = append(fm.Procedural, option{o.Value, o.Name, o.Value == procedural})
	}
	for _, o := range []option{{Value: "true", Name: "yes"}, {Value: "false", Name: "no"}} {
		fm.MassAtrocity = append(fm.MassAtrocity, option{o.Value, o.Name, h.values.Get("mass_atrocity") == o.Value})
	}
	return fm
}

// ruleWord names a rule in a few words; its text stands beside the outcome.
func ruleWord(r votes.Rule) string {
	return map[votes.Rule]string{votes.RuleCharter: "the Charter, as it is", votes.RuleTwoVetoes: "two vetoes are needed", votes.RuleNoVeto: "no veto",
		votes.RuleNoVetoMassAtrocity: "no veto on mass atrocities", votes.RuleCouncil25: "a Council of 25"}[r]
}

// newSeats is how many members a Council of 25 would have beside those that sit.
func newSeats(c votes.Council) int { return 25 - len(c.Seats) }
