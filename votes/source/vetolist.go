package source

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"scvotes/votes"
)

// vetoListFormat is the list of vetoes that the UN's library keeps: a row a
// vetoed proposal, with the members that vetoed it and no tally. A proposal
// without a document goes by the symbol of its meeting.
var vetoListFormat = Format{
	Name:   "un-vetoes",
	Title:  "UN list of vetoes, a row a vetoed proposal",
	Source: "UN list of vetoes",
	Columns: []Column{
		{Name: "published_date"},
		{Name: "date", Required: true},
		{Name: "draft", Required: true},
		{Name: "record"},
		{Name: "agenda_item"},
		{Name: "permanent_members_casting_negative_vote", Required: true},
	},
	columns: map[string]string{"resolution": "draft", "meeting": "record", "vetoed_by": "permanent_members_casting_negative_vote",
		"title": "agenda_item"},
	rowIsVote: true,
	published: true,
	begin:     beginListedVeto,
	settle:    func(rd *reading, list []*votes.Account) { settleVetoes(rd, list, "agenda_item") },
}

func beginListedVeto(r *row) {
	const by = "permanent_members_casting_negative_vote"
	if r.a.Date = r.isoDay("date"); r.text("date") == "" {
		r.refuse("date", votes.KindDate, "the day of the vote is missing")
	}
	publishedDate(r)
	vetoed(r, "draft", "record", "agenda_item")
	if r.a.VetoedBy = r.permanentMembers(by); r.text(by) == "" {
		r.refuse(by, votes.KindValue, "no permanent member is named")
	}
}

// vetoed reads what names a vetoed proposal.
func vetoed(r *row, draft, record, agenda string) {
	r.a.Stated = votes.StatedVetoed
	// Without a document the UN's lists print the meeting here. Where they print
	// nothing, the vote must not be taken for the only one of its meeting.
	if r.symbols(draft, "", ""); r.symbol(draft) == "" {
		r.refuse(draft, votes.KindSymbol, "the draft's symbol is missing")
	}
	vetoRecord(r, record)
	item := readAgenda(r.text(agenda))
	r.a.AgendaItem = item.words
	if item.applicant != "" {
		r.a.Title = "Admission of " + item.applicant
	}
	if item.question {
		r.a.Part = preliminaryQuestion
	}
	if item.kind != "" {
		r.a.Kind = item.kind
	}
	if item.words != r.text(agenda) {
		r.keep(agenda)
	}
}

// vetoRecord reads the meeting. In 2020 and 2021 votes were cast in writing:
// the record of such a vote is in letters of the President, not in a meeting.
func vetoRecord(r *row, column string) {
	s := r.symbol(column)
	if s == "" {
		return
	}
	m, err := votes.ParseMeeting(s)
	if r.a.Meeting = m; err == nil {
		return
	}
	r.keep(column)
	for _, letter := range splitList(s) {
		if d, bad := votes.ParseDraft(letter); bad != nil || string(d.Symbol) != letter {
			r.note(column, votes.KindSymbol, "%s", err)
			return
		}
	}
}

// publishedDate compares the day with the one printed in words. A meeting that
// ran past midnight has two, and the lists do not say on which the vote was.
func publishedDate(r *row) {
	s := r.text("published_date")
	day := r.a.Date
	if s == "" || day == "" {
		return
	}
	first, last, ok := wordedDays(s)
	switch {
	case !ok:
		r.note("published_date", votes.KindDate, "%s is not a day (20 November 2024)", votes.Quote(s))
	case day < first || day > last:
		r.note("published_date", votes.KindDate, "published as %s, but the day is given as %s", s, day)
	}
	if first != last || day != first {
		r.keep("published_date")
	}
}

var reDayRange = regexp.MustCompile(`^(\d{1,2}) ?[-–] ?(\d{1,2}) (.+)$`)

// wordedDays reads 20 November 2024 and 20 Nov 2024, and the days of one month,
// 3-4 December 1960.
func wordedDays(s string) (first, last votes.Date, ok bool) {
	if m := reDayRange.FindStringSubmatch(s); m != nil {
		first, _, ok = wordedDays(m[1] + " " + m[3])
		last, _, okLast := wordedDays(m[2] + " " + m[3])
		return first, last, ok && okLast && first < last
	}
	for _, layout := range []string{"2 January 2006", "2 Jan 2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return votes.DateOf(t), votes.DateOf(t), true
		}
	}
	return "", "", false
}

var reMemberSeparator = regexp.MustCompile(`\s*[,;]\s*(?:and\s)?\s*|\s+and\s+|\s*&\s*`)

// permanentMembers reads "USA, France and UK", "China; Russian Federation".
// Whether they had a permanent seat is for votes.Check.
func (r *row) permanentMembers(column string) []votes.Code {
	var list []votes.Code
	for _, name := range reMemberSeparator.Split(r.text(column), -1) {
		if name == "" {
			continue
		}
		if c, ok := r.state(column, name); ok && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// agendaItem is an agenda item of the lists of vetoes, which end it with what
// was voted on: "The Spanish question preliminary question", "Application for
// Membership Italy".
type agendaItem struct {
	words     string
	question  bool   // the preliminary question whether the matter is procedural
	applicant string // the state whose admission was voted on, as printed
	kind      votes.Kind
}

const preliminaryQuestion = "preliminary question"

var (
	reAdmission     = regexp.MustCompile(`(?i)^(applications? for membership|admission of new members)\b[\s:–-]*(.*)$`)
	reQuestion      = regexp.MustCompile(`(?i)[\s:–-]*\(?preliminary question\)?$`)
	bracketedSpaces = strings.NewReplacer("( ", "(", " )", ")")
)

func readAgenda(printed string) agendaItem {
	item := agendaItem{words: bracketedSpaces.Replace(printed)}
	if at := reQuestion.FindStringIndex(item.words); at != nil {
		item.words, item.question, item.kind = item.words[:at[0]], true, votes.PreliminaryQuestion
	}
	if m := reAdmission.FindStringSubmatch(item.words); m != nil {
		item.words, item.applicant = m[1], m[2]
		if !item.question {
			item.kind = votes.Recommendation
		}
	}
	return item
}

// settleVetoes tells several vetoes on one symbol apart: by the applicant, and
// else by their order. The lists run from the newest vote to the oldest, and so
// do their rows of one meeting: the last row is the first vote.
//
// An application that is the only one of its meeting is known by the meeting.
func settleVetoes(rd *reading, list []*votes.Account, agenda string) {
	if len(list) > 1 {
		for _, a := range list {
			if item := readAgenda(a.Printed[rd.word(agenda)]); a.Part == "" {
				a.Part = item.applicant
			}
		}
	}
	earliestFirst := slices.Clone(list)
	slices.Reverse(earliestFirst)
	rd.number(earliestFirst)
}
