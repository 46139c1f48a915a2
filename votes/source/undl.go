package source

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strings"

	"scvotes/votes"
)

// undlFormat is the voting data of the UN Digital Library (record 4055387,
// YYYY_MM_DD_sc_voting.csv): one member's vote on one adopted resolution.
// Members carry today's code with the name of the day.
var undlFormat = Format{
	Name:   "undl",
	Title:  "UN Digital Library, voting data",
	Source: "UN Digital Library",
	Columns: []Column{
		{Name: "undl_id", Required: true},
		{Name: "ms_code", Required: true, Use: Member},
		{Name: "ms_name", Use: Member},
		{Name: "permanent_member", Use: Member},
		{Name: "ms_vote", Required: true, Use: Member},
		{Name: "date", Required: true},
		{Name: "resolution", Required: true},
		{Name: "draft"},
		{Name: "meeting"},
		{Name: "description", Use: Words},
		{Name: "agenda", Use: Words},
		{Name: "subjects", Use: Words, Most: votes.MaxText},
		{Name: "vote_note", Use: Words, Most: votes.MaxText},
		{Name: "total_yes"},
		{Name: "total_no"},
		{Name: "total_abstentions"},
		{Name: "total_non_voting"},
		{Name: "total_ms"},
		{Name: "modality"},
		{Name: "undl_link", Use: Words},
	},
	columns: map[string]string{"tally": "total_yes", "vote": "ms_vote", "member": "ms_name", "outcome": "modality",
		"key": "undl_id", "title": "description", "agenda_item": "agenda", "topic": "description", "note": "vote_note"},
	published: true,
	key:       undlKey,
	begin:     beginUNDL,
	member:    undlMember,
	edition:   undlEdition,
}

// undlKey is the record number, or the resolution where a copy of the file has
// lost it.
func undlKey(r *row) string {
	if id := strings.TrimSuffix(r.text("undl_id"), ".0"); id != "" {
		return id
	}
	return r.text("resolution")
}

var reEdition = regexp.MustCompile(`^(\d{4})[_-](\d{2})[_-](\d{2})[_-]`)

// undlEdition takes the day of publication from the name of the file.
func undlEdition(file string) string {
	m := reEdition.FindStringSubmatch(filepath.Base(file))
	if m == nil {
		return ""
	}
	d, err := votes.ParseDate(strings.Join(m[1:], "-"))
	if err != nil {
		return ""
	}
	return string(d)
}

// reOn finds the subject at the end of the library's titles: "Security Council
// resolution 1908 (2010) [on Haiti]".
var reOn = regexp.MustCompile(`\[(?:on|concerning) (.+)\]$`)

func beginUNDL(r *row) {
	a := r.a
	if a.Date = r.isoDay("date"); r.text("date") == "" {
		r.refuse("date", votes.KindDate, "the day of the vote is missing")
	}
	r.symbols("draft", "resolution", "meeting")
	a.Title, a.AgendaItem, a.Source.URL = r.text("description"), r.text("agenda"), r.text("undl_link")
	if m := reOn.FindStringSubmatch(a.Title); m != nil {
		a.Topic = m[1]
	}
	r.keep("subjects")
	if note := r.text("vote_note"); a.Note == "" {
		a.Note = note
	} else if note != "" {
		a.Note += "; " + note
	}
	undlModality(r)
	undlTally(r)
	a.Votes = make([]votes.Vote, 0, 15) // as many as there are seats since 1966
}

// undlModality tells a vote from an adoption without one, for which the file
// shows every member in favour all the same.
func undlModality(r *row) {
	a := r.a
	a.Stated = votes.StatedAdopted // the file holds nothing else
	switch m := strings.ToUpper(r.text("modality")); {
	case m == "" || m == "VOTE" || m == "RECORDED VOTE":
		return
	case strings.Contains(m, "WITHOUT") || strings.Contains(m, "CONSENSUS") || strings.Contains(m, "ACCLAMATION"):
		a.Stated = votes.StatedNoVote
	default:
		r.note("modality", votes.KindValue, "%s is not a modality that is known here: taken as adopted without a vote", votes.Quote(r.text("modality")))
	}
	a.NoVote = true
	r.keep("modality")
}

// undlTally reads the totals as stated. The library gives none for an adoption
// without a vote, or zeros.
func undlTally(r *row) {
	yes, ok := r.count("total_yes")
	no, okNo := r.count("total_no")
	abstain, okAbstain := r.count("total_abstentions")
	nonVoting, _ := r.count("total_non_voting")
	members, _ := r.count("total_ms")
	if ok && okNo && okAbstain && !r.a.NoVote {
		r.a.Tally = &votes.Tally{Yes: yes, No: no, Abstain: abstain, NotVoting: nonVoting, Members: members}
	}
}

func undlMember(r *row) {
	code, known := undlState(r)
	position, ok := r.position("ms_vote")
	if known && ok {
		r.vote(code, position)
	}
}

// undlState finds the state that sat behind today's code: the USSR stands under
// RUS, the United Arab Republic under EGY. Where the code of today leads to no
// seat of that day, the name, which is of the day, does.
func undlState(r *row) (votes.Code, bool) {
	day := r.a.Date
	printed, name := r.text("ms_code"), r.text("ms_name")
	byCode, ok := r.rd.memory.state(printed, day)
	if day == "" || name == "" || printed == "" {
		return r.state("ms_code", cmp.Or(printed, name))
	}
	byName, named := r.rd.memory.state(name, day)
	if ok && (!named || byName == byCode) {
		return byCode, true
	}
	// The two part where a code went on to another state, as after a merger:
	// then only one of them can have sat that day.
	_, codeSat := seatOn(byCode, day)
	_, nameSat := seatOn(byName, day)
	switch {
	case named && nameSat && !(ok && codeSat):
		return byName, true
	case ok && codeSat && !nameSat:
		return byCode, true
	case !ok && !named:
		return r.state("ms_code", printed)
	}
	r.misread("ms_code", votes.KindState, "the code is %s, the name %s is that of another state", printed, votes.Quote(name))
	return "", false
}
