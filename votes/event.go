package votes

import (
	"cmp"
	"slices"
)

// Event is one vote as the figures need it: what was put to the vote, what
// became of it, and who voted how.
type Event struct {
	ID         string
	Date       Date
	Kind       Kind
	Procedural bool
	Title      Text
	AgendaItem Text
	Topic      Text
	Region     Text
	Outcome    Outcome
	AdoptedBy  AdoptedBy
	Tally      *Tally // nil where it is not known
	RollCall   RollCall
	VetoedBy   []Code // as the states that sat, in the order of the seats
	Sponsors   []Code // states only, in the order of the document
	Votes      []Vote // by code; empty where no roll is known, or none can be trusted
}

// EventOf takes from a resolution what the figures need.
func EventOf(r *Resolution) Event {
	e := Event{ID: r.ID, Date: r.Date, Kind: r.Kind, Procedural: r.Procedural, Title: r.Title, AgendaItem: r.AgendaItem,
		Topic: r.Topic, Region: r.Region, Outcome: r.Outcome, AdoptedBy: r.AdoptedBy, Tally: r.Tally, RollCall: r.RollCall,
		VetoedBy: r.VetoedBy}
	for _, s := range r.Sponsors {
		if s.Code != "" {
			e.Sponsors = append(e.Sponsors, s.Code)
		}
	}
	if r.Detail != nil {
		for _, v := range r.Votes {
			e.Votes = append(e.Votes, Vote{v.Code, v.Position})
		}
		slices.SortFunc(e.Votes, func(a, b Vote) int { return cmp.Compare(a.Code, b.Code) })
	}
	return e
}
