package pages

import (
	"context"
	"errors"
	"html/template"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// whatIfPage is a vote as it might have been, and what another rule would have
// made of it and of every vote on record.
type whatIfPage struct {
	Frame    Frame
	ID, Date string     // as they stand in their fields
	Vote     []voteLine // the vote of the record that it begins from; none for the Council of a day
	Faults   votes.Faults
	Council  votes.Council
	RollNote string // where the record does not have who voted how
	Form     whatIfForm
	Answer   *votes.WhatIfAnswer
	Rule     votes.RuleText
	Table    template.HTML
	History  *votes.RuleHistory // nil where the rule has none
	Excluded string
	Changed  []changedVote
	Data     []Alternate
}

func (whatIfPage) template() string { return "whatif" }

// whatIfForm is the vote as the fields show it.
type whatIfForm struct {
	Seats                     []seatChoice
	Rules, Procedural         []option
	MassAtrocity              []option
	NewYes, NewNo, NewAbstain string
	NewSeats                  int // beside those that sit
}

// seatChoice is the field of one member's position.
type seatChoice struct {
	votes.Seat
	Field   string
	Options []option
}

// changedVote is a vote of the record that the rule would, or might, have turned.
type changedVote struct {
	votes.ChangedVote
	About string
	Would string // have become of it
	By    string // who vetoed it
}

// changedShown is how many of them stand on the page; the data has all.
const changedShown = 20

// whatIf answers GET /what-if: ?id= begins from a vote of the record and ?date=
// from the Council of a day, p_USA=no sets a position, and rule= the rule. The
// latest vetoed proposal is there to begin with.
func (s *Site) whatIf(c echo.Context) error {
	values := tidy(c.QueryParams())
	h := hypothesis{values: values, date: values.Get("date")}
	if err := s.startingVote(c.Request().Context(), &h); err != nil {
		return err
	}
	h.read()
	answered, err := h.decide()
	if err != nil {
		return err
	}
	answer := s.show
	if len(h.faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		p := h.page(answered)
		if err := s.fillHistory(ctx, &p); err != nil {
			return nil, err
		}
		var err error
		p.Frame, err = s.frame(ctx, c, "What if? Change a vote of the Security Council, or the rule",
			"Change a member's vote or the rule of the veto, and see what would have become of a proposal in the UN Security Council, and of every vote since 1946.")
		p.Frame.Alternates = p.Data
		return p, err
	})
}

// startingVote finds the vote that is asked for, or one to begin with.
func (s *Site) startingVote(ctx context.Context, h *hypothesis) error {
	asked := h.values.Get("id")
	switch {
	case asked != "" && h.date != "":
		h.fault("date", h.date, "give a vote or a day, not both: the vote tells its day")
		return nil
	case asked != "":
		id, err := votes.ParseID(asked)
		if err != nil {
			h.fault("id", asked, "is not an id or a symbol of the record, as S/2024/835")
			return nil
		}
		h.vote, _, err = s.read.Resolution(ctx, id)
		if errors.Is(err, votes.ErrNotFound) {
			return s.suggest(ctx, h, id)
		}
		return err
	case h.date == "":
		latest, err := s.read.Resolutions(ctx, votes.Filter{Outcome: []votes.Outcome{votes.Vetoed}}, votes.PageRequest{Limit: 1, Detail: true})
		if err != nil {
			return err
		}
		h.date = string(min(votes.DateOf(s.Now()), lastCouncil()))
		if len(latest.Data) > 0 {
			h.vote = &latest.Data[0]
		}
	}
	return nil
}

func (s *Site) suggest(ctx context.Context, h *hypothesis, id string) error {
	near, err := s.read.Near(ctx, id)
	if err != nil {
		return err
	}
	message := "the record does not hold it"
	if len(near) > 0 {
		message += "; it has " + named(near)
	}
	h.fault("id", id, message)
	return nil
}

func (s *Site) fillHistory(ctx context.Context, p *whatIfPage) error {
	rule := p.Rule.Rule
	if rule == "" || rule == votes.RuleCharter || rule == votes.RuleNoVetoMassAtrocity || len(p.Faults) > 0 {
		return nil // the record does not tell which proposals were against mass atrocities
	}
	history, abouts := votes.NewRuleHistory(rule), map[string]string{}
	if _, err := s.read.Events(ctx, votes.Filter{}, false, func(e votes.Event) error {
		history.Add(e)
		abouts[e.ID] = aboutEvent(e)
		return nil
	}); err != nil {
		return err
	}
	result := history.Result()
	p.History, p.Excluded = &result, excludedWords(result.Excluded)
	for _, v := range result.Changed[:min(len(result.Changed), changedShown)] {
		p.Changed = append(p.Changed, changedVote{v, abouts[v.ID], underWord(v.Under, nil), named(namesOn(v.VetoedBy, v.Date))})
	}
	q := url.Values{"rule": {string(rule)}}
	p.Data = []Alternate{{"application/json", "JSON", address("/v1/decide/history", q, "", "")}, {"text/csv", "CSV", address("/v1/decide/history.csv", q, "", "")}}
	return nil
}

// UnderWord is what became of the vote under the rule.
func (p whatIfPage) UnderWord() string { return underWord(p.Answer.Outcome, p.Answer.Adopted) }

// underWord is the word for an outcome that may be open.
func underWord(o votes.Text, adopted *bool) string {
	switch {
	case o != "":
		return outcomeWord(votes.Outcome(o))
	case adopted != nil && !*adopted:
		return "Not adopted"
	}
	return "Not certain"
}

// RuleName names the rule in a few words.
func (p whatIfPage) RuleName() string { return ruleWord(p.Rule.Rule) }

// Sentence writes the reason of a decision as a sentence.
func (whatIfPage) Sentence(reason string) string { return sentence(reason) }

// MoreOpen tells whether one of the fields is filled in that few need.
func (p whatIfPage) MoreOpen() bool {
	chosen := func(o option) bool { return o.Chosen }
	return p.Form.NewYes+p.Form.NewNo+p.Form.NewAbstain != "" || slices.ContainsFunc(p.Form.MassAtrocity, chosen)
}
