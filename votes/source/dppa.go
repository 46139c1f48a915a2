package source

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"scvotes/votes"
)

// dppaFormat is the list of vetoes of the UN Peace and Security Data Hub
// (DPPA-SCVETOES.csv): a row a vetoed proposal, with a column for each
// permanent member, 1 where it vetoed.
var dppaFormat = Format{
	Name:   "dppa-vetoes",
	Title:  "UN Peace and Security Data Hub, vetoes, a row a vetoed proposal",
	Source: "UN Peace and Security Data Hub",
	Columns: []Column{
		{Name: "id"},
		{Name: "date", Required: true},
		{Name: "draft_res#", Required: true},
		{Name: "record"},
		{Name: "agenda"},
		{Name: "short_agenda"},
		{Name: "#_of_pms"},
		{Name: "china", Required: true},
		{Name: "russian_federation_ussr", Required: true},
		{Name: "france", Required: true},
		{Name: "united_states", Required: true},
		{Name: "united_kingdom", Required: true},
		{Name: "url_for_res#"},
		{Name: "last_update"},
		// Not in every edition.
		{Name: "permanent_members_casting_negative_vote"},
		{Name: "vetoed_by"},
	},
	columns: map[string]string{"draft": "draft_res#", "resolution": "draft_res#", "meeting": "record", "vetoed_by": "#_of_pms",
		"title": "agenda", "agenda_item": "agenda", "topic": "short_agenda"},
	rowIsVote: true,
	published: true,
	begin:     beginDPPA,
	settle:    func(rd *reading, list []*votes.Account) { settleVetoes(rd, list, "agenda") },
}

func beginDPPA(r *row) {
	r.a.Date = dppaDay(r)
	vetoed(r, "draft_res#", "record", "agenda")
	r.a.Key = strings.TrimSuffix(r.text("id"), ".0") // where there is none, number gives one
	r.a.Topic, r.a.Source.URL = r.text("short_agenda"), r.text("url_for_res#")
	// The day on which the row was changed: it is not the same on every row, so
	// that no edition of the file can be told from it.
	r.keep("last_update")
	dppaMarks(r)
}

// dppaDay reads the day in the forms that cannot be mistaken: 2024-11-20, the
// same at midnight (how programs write a day without an hour), 20 November
// 2024. Of 05/06/2024 nobody can tell which is the month, and an hour other
// than midnight may be of the day before in New York.
func dppaDay(r *row) votes.Date {
	s := r.text("date")
	if s == "" {
		r.refuse("date", votes.KindDate, "the day of the vote is missing")
		return ""
	}
	if m := reDayAlone.FindStringSubmatch(s); m != nil {
		if d, err := votes.ParseDate(m[1]); err == nil {
			return d
		}
	}
	if first, last, ok := wordedDays(s); ok && first == last {
		return first
	}
	r.refuse("date", votes.KindDate, "%s is not a day that can be read in one way only (2024-11-20, 20 November 2024)%s", votes.Quote(s), serialDay(s))
	return ""
}

// reDayAlone is a day, and midnight of it in whatever zone.
var reDayAlone = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$`)

// dppaSeats are the columns of the permanent members. The state that sat that
// day is found by name: the USSR until 24 December 1991.
var dppaSeats = [][2]string{
	{"china", "China"},
	{"russian_federation_ussr", "Russian Federation"},
	{"france", "France"},
	{"united_states", "United States"},
	{"united_kingdom", "United Kingdom"},
}

// dppaMarks reads who vetoed, and holds the marks against the count and the
// names where the row has them. A count that is off is told; names that are
// not those marked leave nobody who can be said to have vetoed.
func dppaMarks(r *row) {
	var marked []votes.Code
	marks := 0
	for _, seat := range dppaSeats {
		switch mark := strings.TrimSuffix(r.text(seat[0]), ".0"); mark {
		case "", "0":
		case "1":
			marks++
			if c, ok := r.state(seat[0], seat[1]); ok {
				marked = append(marked, c)
			}
		default:
			r.refuse(seat[0], votes.KindValue, "%s is neither 1 (vetoed) nor 0", votes.Quote(mark))
		}
	}
	r.a.VetoedBy = marked
	if marks == 0 {
		r.refuse("", votes.KindValue, "no permanent member is marked")
		return
	}
	if n, ok := r.count("#_of_pms"); ok && n != marks {
		r.note("#_of_pms", votes.KindValue, "counts %d permanent members, marks %d", n, marks)
		r.keep("#_of_pms")
	}
	for _, column := range []string{"permanent_members_casting_negative_vote", "vetoed_by"} {
		named := r.permanentMembers(column)
		if len(named) > 0 && !sameMembers(named, marked) {
			r.misread(column, votes.KindConflict, "names %s, marks %s", memberNames(named, r.a.Date), memberNames(marked, r.a.Date))
		}
	}
}

func sameMembers(a, b []votes.Code) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// memberNames lists members for a message.
func memberNames(codes []votes.Code, day votes.Date) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = c.NameOn(day)
	}
	slices.Sort(names)
	return fmt.Sprintf("%d (%s)", len(names), strings.Join(names, ", "))
}
