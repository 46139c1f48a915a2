package source

import (
	"slices"
	"strings"

	"scvotes/votes"
)

// scvotesFormat is the project's own CSV: a line a resolution, made for hands.
// Lists are joined by ";", members stand by code or by any name the UN uses.
// Position columns also take the groups of votes.CouncilGroup (E10, P5) and
// "all", sponsors likewise. Where no roll is known, tally holds the counts as
// 14-1-0, "no vote" (adopted without one) or "withdrawn" (never put to it).
//
// What Writer writes, this format reads.
var scvotesFormat = Format{
	Name:   "scvotes",
	Title:  "scvotes, a line a resolution",
	Source: "scvotes",
	Columns: []Column{
		{Name: "draft"},
		{Name: "resolution"},
		{Name: "meeting"},
		{Name: "date", Required: true},
		{Name: "kind"},
		{Name: "procedural"},
		{Name: "title"},
		{Name: "agenda_item"},
		{Name: "topic"},
		{Name: "region"},
		{Name: "sponsors"},
		{Name: "yes"},
		{Name: "no"},
		{Name: "abstain"},
		{Name: "not_participating"},
		{Name: "absent"},
		{Name: "tally"},
		{Name: "vetoed_by"},
		{Name: "note", Most: votes.MaxText},
		{Name: "source"},
	},
	OneOf:     []string{"draft", "resolution", "meeting"},
	columns:   map[string]string{"vote": "yes", "member": "yes", "outcome": "tally"},
	rowIsVote: true,
	begin:     beginSCVotes,
}

func beginSCVotes(r *row) {
	a := r.a
	if a.Date = r.isoDay("date"); r.text("date") == "" {
		r.refuse("date", votes.KindDate, "the day of the vote is missing")
	}
	r.symbols("draft", "resolution", "meeting")
	a.Key = ownKey(a)
	ownKind(r)
	ownProcedural(r)
	a.Title, a.AgendaItem, a.Topic, a.Region = r.text("title"), r.text("agenda_item"), r.text("topic"), r.text("region")
	ownSponsors(r)
	for _, p := range votes.Positions {
		for _, c := range r.members(string(p)) {
			a.Votes = append(a.Votes, votes.Vote{Code: c, Position: p})
		}
	}
	ownTally(r)
	a.VetoedBy = r.members("vetoed_by")
	if note := r.text("note"); note != "" {
		a.Note = note
	}
	a.Source.Cites = votes.Text(r.text("source"))
	delete(a.Printed, "draft") // the brackets are this format's own way of writing the part
	if len(a.Printed) == 0 {
		a.Printed = nil
	}
}

// ownKey is the id of the resolution. It does not tell parts of an adopted one
// apart, so that the part is added.
func ownKey(a *votes.Account) string {
	id := votes.ID(a.Resolution, a.Draft, a.Part, a.Meeting)
	if a.Resolution != "" && a.Part != "" {
		id += " " + a.Part
	}
	return id
}

func ownKind(r *row) {
	s := r.text("kind")
	if s == "" {
		return
	}
	k := votes.Kind(strings.ReplaceAll(foldWord(s), " ", "_"))
	if !slices.Contains(votes.Kinds, k) {
		var words []string
		for _, k := range votes.Kinds {
			words = append(words, string(k))
		}
		r.refuse("kind", votes.KindValue, "%s is not a kind of proposal (%s)", votes.Quote(s), strings.Join(words, ", "))
		return
	}
	r.a.Kind = k
}

func ownProcedural(r *row) {
	yes, no := true, false
	switch s := r.text("procedural"); strings.ToLower(s) {
	case "":
	case "yes", "true", "y", "1":
		r.a.Procedural = &yes
	case "no", "false", "n", "0":
		r.a.Procedural = &no
	default:
		r.refuse("procedural", votes.KindValue, "%s is neither yes nor no", votes.Quote(s))
	}
}

func ownSponsors(r *row) {
	names, special := splitList(r.text("sponsors")), false
	for _, s := range names {
		list, as := r.sponsorList("sponsors", s)
		r.a.Sponsors = append(r.a.Sponsors, list...)
		special = special || as != ""
	}
	if special { // the words of all of them: a group can stand beside states
		r.a.SponsoredAs = strings.Join(names, "; ")
	}
}

func ownTally(r *row) {
	a := r.a
	switch s := r.text("tally"); strings.ToLower(s) {
	case "":
	case "no vote":
		a.NoVote, a.Stated = true, votes.StatedNoVote
	case "withdrawn":
		a.Stated = votes.StatedWithdrawn
	default:
		t, err := votes.ParseTally(s)
		if err != nil {
			r.refuse("tally", votes.KindTally, "%s", err)
			return
		}
		a.Tally = &t
	}
}

// members reads a list of states, in which a group stands for its members on
// the day of the vote.
func (r *row) members(column string) []votes.Code {
	var list []votes.Code
	for _, s := range splitList(r.text(column)) {
		group := s
		if strings.EqualFold(s, "all") {
			group = "all members"
		}
		if codes, ok := votes.CouncilGroup(group, r.a.Date); ok {
			list = append(list, codes...)
		} else if c, ok := r.state(column, s); ok {
			list = append(list, c)
		}
	}
	return list
}
