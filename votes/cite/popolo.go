package cite

import (
	"cmp"
	"fmt"

	"scvotes/votes"
)

// VoteEvent is a vote event as Popolo has it, the open standard for the votes
// of assemblies (https://www.popoloproject.com/specs/vote-event.html; schema
// https://www.popoloproject.com/schemas/vote_event.json).
type VoteEvent struct {
	ID           string             `json:"id"`
	Identifier   string             `json:"identifier"` // the document's symbol
	Organization PopoloOrganization `json:"organization"`
	Session      *PopoloMeeting     `json:"legislative_session,omitempty"`
	Motion       PopoloMotion       `json:"motion"`
	StartDate    string             `json:"start_date,omitempty"`
	Result       string             `json:"result"` // pass, fail; withdrawn, which is of our own
	Counts       []PopoloCount      `json:"counts"`
	Votes        []PopoloVote       `json:"votes"`
	Sources      []PopoloLink       `json:"sources"`
}

// PopoloOrganization is the Council, or a state that votes in it.
type PopoloOrganization struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Classification string `json:"classification"`
}

// PopoloMeeting is the meeting in which the vote was held.
type PopoloMeeting struct {
	ID             string     `json:"id"`
	Name           string     `json:"name"`
	Classification string     `json:"classification"`
	StartDate      votes.Date `json:"start_date"`
}

// PopoloMotion is the proposal.
type PopoloMotion struct {
	ID             string `json:"id"`
	Text           string `json:"text,omitempty"`
	Classification string `json:"classification"`
	Requirement    string `json:"requirement,omitempty"`
	Result         string `json:"result"`
}

// PopoloCount is the number of members that chose an option.
type PopoloCount struct {
	Option string `json:"option"`
	Value  int    `json:"value"`
}

// PopoloVote is one member's vote.
type PopoloVote struct {
	VoterID string             `json:"voter_id"`
	Voter   PopoloOrganization `json:"voter"`
	Option  string             `json:"option"`
	Role    string             `json:"role"` // permanent or elected member
}

// PopoloLink is a document.
type PopoloLink struct {
	URL  string `json:"url"`
	Note string `json:"note"`
}

// Popolo returns the vote on a resolution as a Popolo vote event. base is the
// address of the server, without a slash at the end.
//
// The schema wants a time of day for start_date, which no source gives:
// midnight UTC stands for the day. legislative_session has the day by itself.
// The day on which the motion was made is not known, and left out.
func Popolo(r *votes.Resolution, base string) VoteEvent {
	result := popoloResult(r.Outcome)
	e := VoteEvent{
		ID: r.ID, Identifier: string(cmp.Or(r.Resolution, r.Draft, r.Meeting)),
		Organization: PopoloOrganization{"un-security-council", council, "council"},
		Motion: PopoloMotion{ID: r.ID, Text: cmp.Or(string(r.Title), string(r.AgendaItem)), Classification: string(r.Kind),
			Requirement: requirement(r), Result: result},
		Result: result, Counts: popoloCounts(r), Votes: []PopoloVote{}, Sources: popoloSources(r, base),
	}
	if r.Date != "" {
		e.StartDate = string(r.Date) + "T00:00:00Z"
	}
	if r.Meeting != "" {
		e.Session = &PopoloMeeting{string(r.Meeting), fmt.Sprintf("Meeting %s of the %s", r.Meeting, council), "meeting", r.Date}
	}
	if r.Detail == nil {
		return e
	}
	for _, v := range r.Votes {
		role := "elected member"
		if v.Permanent {
			role = "permanent member"
		}
		e.Votes = append(e.Votes, PopoloVote{string(v.Code), PopoloOrganization{string(v.Code), v.Name, "state"}, options[v.Position], role})
	}
	return e
}

// options are Popolo's words for the positions.
var options = map[votes.Position]string{
	votes.Yes: "yes", votes.No: "no", votes.Abstain: "abstain", votes.NotParticipating: "not voting", votes.Absent: "absent",
}

// popoloResult: Popolo has pass and fail, and allows words of one's own.
func popoloResult(o votes.Outcome) string {
	switch o {
	case votes.Adopted:
		return "pass"
	case votes.Withdrawn:
		return "withdrawn"
	}
	return "fail"
}

// requirement tells why 14 votes in favour of 15 can be a fail.
func requirement(r *votes.Resolution) string {
	seats, ok := votes.CouncilOn(r.Date)
	if !ok {
		return ""
	}
	s := fmt.Sprintf("%d affirmative votes of %d", seats.Required, len(seats.Seats))
	if !r.Procedural {
		s += ", and no negative vote of a permanent member"
	}
	return s + " (Charter of the United Nations, Article 27)"
}

// popoloCounts tells members that were absent from those that took no part
// only where every position is known: a tally does not.
func popoloCounts(r *votes.Resolution) []PopoloCount {
	if r.Tally == nil {
		return []PopoloCount{}
	}
	t := r.Tally
	counts := []PopoloCount{{"yes", t.Yes}, {"no", t.No}, {"abstain", t.Abstain}}
	if r.Detail == nil || r.RollCall != votes.RollComplete {
		return append(counts, PopoloCount{"not voting", t.NotVoting})
	}
	absent := 0
	for _, v := range r.Votes {
		if v.Position == votes.Absent {
			absent++
		}
	}
	return append(counts, PopoloCount{"not voting", t.NotVoting - absent}, PopoloCount{"absent", absent})
}

func popoloSources(r *votes.Resolution, base string) []PopoloLink {
	links := []PopoloLink{{base + "/v1/resolutions/" + r.ID, fmt.Sprintf("scvotes, revision %d", r.Revision)}}
	for _, l := range []PopoloLink{{r.Links.Resolution, "resolution"}, {r.Links.Draft, "draft"}, {r.Links.Meeting, "verbatim record of the meeting"}} {
		if l.URL != "" {
			links = append(links, l)
		}
	}
	return links
}
