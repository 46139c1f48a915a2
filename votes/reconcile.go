package votes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reconcile works out the record of one resolution from all the accounts of
// it. It is a pure function: the same accounts in any order give the same
// record. Every field is taken from the account that ranks highest for it, and
// where another account says otherwise that is told as a discrepancy.
//
// The accounts must have passed Check. It returns an error that wraps
// ErrInvalid when none of them speaks of a vote (statements alone are none).
func Reconcile(accounts []*Account) (Resolution, error) {
	list := slices.Clone(accounts)
	slices.SortStableFunc(list, byRank)
	var voting []*Account
	for _, a := range list {
		if a.Date != "" {
			voting = append(voting, a)
		}
	}
	if len(voting) == 0 {
		return Resolution{}, fmt.Errorf("no account tells of a vote: %w", ErrInvalid)
	}
	lead := voting[0]
	r := Resolution{ID: lead.ID, Detail: &Detail{Votes: []MemberVote{}, Statements: []Statement{}, Sources: []Source{}},
		Sponsors: []Sponsor{}, VetoedBy: []Code{}, Discrepancies: []Discrepancy{}}
	describeVote(&r, voting)
	if err := decideVote(&r, voting, lead); err != nil {
		return Resolution{}, fmt.Errorf("%s: %w", lead.ID, err)
	}
	for _, a := range list {
		r.Detail.Sources = append(r.Detail.Sources, a.Source)
		r.Detail.Statements = append(r.Detail.Statements, a.Statements...)
		r.Discrepancies = append(r.Discrepancies, notices(a)...)
	}
	r.Detail.Statements = uniqueStatements(r.Detail.Statements)
	r.Discrepancies = append(r.Discrepancies, differences(lead, voting[1:], r.Procedural)...)
	r.Links = Links{Draft: r.Draft.URL(), Resolution: r.Resolution.URL(), Meeting: r.Meeting.URL()}
	return r, nil
}

// byRank puts the account that is believed first: a full roll before a tally,
// then by who published it, then by what makes the order the same every time.
func byRank(a, b *Account) int {
	return cmp.Or(
		-cmp.Compare(a.completeness(), b.completeness()),
		cmp.Compare(formatRank[a.Source.Format], formatRank[b.Source.Format]),
		cmp.Compare(a.Source.Format, b.Source.Format),
		cmp.Compare(a.Source.Name, b.Source.Name),
		-cmp.Compare(a.Source.Edition, b.Source.Edition),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Key, b.Key),
	)
}

// formatRank: checked facts, then the UN's own file, then other people's.
var formatRank = map[string]int{"scvotes": 0, "undl": 1, "draft-sheet": 2}

// completeness orders what an account tells of the vote itself.
func (a *Account) completeness() int {
	c, ok := CouncilOn(a.Date)
	switch {
	case a.Date == "" || !ok:
		return 0
	case a.NoVote, len(a.Votes) == len(c.Seats):
		return 4
	case a.Tally != nil:
		return 3
	case len(a.Votes) > 0:
		return 2
	default:
		return 1
	}
}

// describeVote fills what names the vote; the first account that says
// something of a field gives it.
func describeVote(r *Resolution, list []*Account) {
	lead := list[0]
	r.Date, r.Part, r.Kind = lead.Date, Text(lead.Part), DraftResolution
	for _, a := range list {
		r.Draft = cmp.Or(r.Draft, a.Draft)
		r.Resolution = cmp.Or(r.Resolution, a.Resolution)
		r.Meeting = cmp.Or(r.Meeting, a.Meeting)
		r.Title = cmp.Or(r.Title, Text(a.Title))
		r.AgendaItem = cmp.Or(r.AgendaItem, Text(a.AgendaItem))
		r.Topic = cmp.Or(r.Topic, Text(a.Topic))
		r.Region = cmp.Or(r.Region, Text(a.Region))
		r.Note = cmp.Or(r.Note, Text(a.Note))
		if len(r.Sponsors) == 0 && len(a.Sponsors) > 0 {
			r.Sponsors, r.SponsoredAs = a.Sponsors, Text(a.SponsoredAs)
		}
	}
	if i := slices.IndexFunc(list, func(a *Account) bool { return a.Kind != "" }); i >= 0 {
		r.Kind = list[i].Kind
	}
	if i := slices.IndexFunc(list, func(a *Account) bool { return a.Procedural != nil }); i >= 0 {
		r.Procedural = *list[i].Procedural
	}
}

// decideVote applies the rules to the lead account's positions or tally.
func decideVote(r *Resolution, list []*Account, lead *Account) error {
	b := lead.Ballot()
	b.Procedural = r.Procedural
	for _, a := range list {
		if len(b.Vetoes) == 0 && len(b.Votes) == 0 {
			b.Vetoes = a.VetoedBy
		}
	}
	d, err := Decide(b)
	if err != nil {
		return err
	}
	council, _ := CouncilOn(r.Date)
	r.Outcome, r.AdoptedBy, r.Reason = d.Outcome, d.AdoptedBy, d.Reason
	r.Tally, r.CarriedButForVeto = d.Tally, d.CarriedButForVeto
	r.VetoedBy = append(r.VetoedBy, d.VetoedBy...)
	switch {
	case b.NoVote || b.Withdrawn:
		r.RollCall = RollNone
	case len(b.Votes) == len(council.Seats):
		r.RollCall = RollComplete
	case len(b.Votes) > 0:
		r.RollCall = RollPartial
	default:
		r.RollCall = RollTallyOnly
	}
	r.Detail.Votes = RollOf(council, b.Votes, d.VetoedBy)
	return nil
}

// notices tells what Check and the reader mended or kept aside in an account.
func notices(a *Account) []Discrepancy {
	var list []Discrepancy
	for _, p := range a.Problems {
		if p.Severity != Noted || p.Kind == KindSponsor {
			continue
		}
		d := Discrepancy{Kind: p.Kind, Severity: "minor", State: "corrected", Message: p.Message, Source: a.Source.Name, Line: p.Line}
		if p.Kind == KindRollSize {
			d.Severity, d.State = "serious", "open"
		}
		list = append(list, d)
	}
	return list
}

// differences holds the other accounts against the one that was believed.
func differences(lead *Account, others []*Account, procedural bool) []Discrepancy {
	var list []Discrepancy
	add := func(a *Account, severity, field, leads, says string) {
		if leads == "" || says == "" || leads == says {
			return
		}
		list = append(list, Discrepancy{Kind: KindConflict, Severity: severity, State: "open", Source: a.Source.Name, Line: a.Line,
			Message: fmt.Sprintf("%s: %s in %s, %s in %s", field, leads, lead.Source.Name, says, a.Source.Name)})
	}
	for _, a := range others {
		add(a, "minor", "date", string(lead.Date), string(a.Date))
		add(a, "minor", "draft", string(lead.Draft), string(a.Draft))
		add(a, "minor", "meeting", string(lead.Meeting), string(a.Meeting))
		add(a, "serious", "outcome", lead.outcome(procedural), a.outcome(procedural))
		add(a, "serious", "procedural", lead.procedural(), a.procedural())
		add(a, "serious", "tally", lead.counts(), a.counts())
		add(a, "serious", "vetoed by", lead.vetoes(), a.vetoes())
		for _, d := range rollDifferences(lead, a) {
			add(a, "serious", "position of "+d[0], d[1], d[2])
		}
	}
	return list
}

// outcome returns what the rules make of the account by itself, and "" where
// they make nothing of it. Adopted without a vote is not the same as adopted:
// the one source has no roll call where the other has one.
func (a *Account) outcome(procedural bool) string {
	b := a.Ballot()
	b.Procedural = procedural
	d, err := Decide(b)
	switch {
	case err != nil:
		return ""
	case d.AdoptedBy == ByNoVote:
		return describe(d)
	case d.Outcome == Adopted && a.mayBeVetoed(procedural):
		return ""
	}
	return string(d.Outcome)
}

// mayBeVetoed tells whether a tally with votes against is all that is said:
// then a permanent member may be among them.
func (a *Account) mayBeVetoed(procedural bool) bool {
	return !procedural && len(a.Votes) == 0 && a.Tally != nil && a.Tally.No > 0 && a.Resolution == "" && a.Stated == StatedNothing
}

func (a *Account) procedural() string {
	switch {
	case a.Procedural == nil:
		return ""
	case *a.Procedural:
		return "yes"
	}
	return "no"
}

func (a *Account) counts() string {
	c, ok := CouncilOn(a.Date)
	switch {
	case !ok || a.NoVote:
		return ""
	case len(a.Votes) == len(c.Seats):
		t := Count(a.Votes)
		t.NotVoting = 0 // not every source tells who was absent
		return t.String()
	case a.Tally != nil:
		t := *a.Tally
		t.NotVoting = 0
		return t.String()
	}
	return ""
}

func (a *Account) vetoes() string {
	d, err := Decide(a.Ballot())
	if err != nil || d.Outcome != Vetoed {
		return ""
	}
	s := make([]string, len(d.VetoedBy))
	for i, c := range d.VetoedBy {
		s[i] = string(c)
	}
	return strings.Join(s, ", ")
}

func rollDifferences(a, b *Account) [][3]string {
	if a.NoVote || b.NoVote {
		return nil
	}
	positions := make(map[Code]Position, len(b.Votes))
	for _, v := range b.Votes {
		positions[v.Code] = v.Position
	}
	var list [][3]string
	for _, v := range a.Votes {
		if p, ok := positions[v.Code]; ok && p != v.Position && (p.Voted() || v.Position.Voted()) {
			list = append(list, [3]string{v.Code.NameOn(a.Date), string(v.Position), string(p)})
		}
	}
	slices.SortFunc(list, func(x, y [3]string) int { return strings.Compare(x[0], y[0]) })
	return list
}

func uniqueStatements(list []Statement) []Statement {
	slices.SortStableFunc(list, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Speaker, b.Speaker), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(list)
}
