package votes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// FieldSource tells where a field of the record is from: the account and the
// rule that chose it.
type FieldSource struct {
	Field   string `json:"field"`
	Source  string `json:"source"`
	Edition string `json:"edition"`
	Line    int    `json:"line"`
	Rule    string `json:"rule"`
}

// The rules that choose a field's account.
const (
	ruleOnly     = "the only account that tells it"
	ruleRank     = "the account that ranks highest for this field"
	ruleSound    = "the highest-ranking account that contradicts nothing"
	ruleApart    = "one symbol stands for several votes: numbered as they were told apart"
	ruleDisputed = "no account of it is sound: the highest-ranking one, shown as disputed"
)

// Reconcile works out the record of one vote from all the accounts of it and
// the editors' decisions. It is a pure function: the same accounts in any order
// give the same record. Each field is taken from the account that ranks highest
// for it (Resolution.Provenance tells which, and by what rule); where another
// account says otherwise, or contradicts itself, the Charter or the membership,
// that is a discrepancy. An editor's decision beats every account.
//
// The accounts must have passed Check, and be of one vote (MatchAccounts). The
// Resolution is empty, without an ID, when none of them tells of a vote.
func Reconcile(accounts []*Account, edits []Edit) (Resolution, []Discrepancy) {
	rec := reconciler{accounts: slices.Clone(accounts)}
	slices.SortFunc(rec.accounts, byRank(""))
	for _, a := range rec.accounts {
		if a.Date != "" {
			rec.voting = append(rec.voting, a)
		}
	}
	if len(rec.voting) == 0 {
		return Resolution{}, nil
	}
	r := &rec.r
	first := rec.accounts[0]
	r.ID = cmp.Or(first.Match.ID, first.ID)
	r.Sponsors, r.VetoedBy = []Sponsor{}, []Code{}
	r.Detail = &Detail{Votes: []MemberVote{}, Statements: []Statement{}, Sources: []Source{}}
	rec.describe()
	rec.tellApart()
	rec.gather()
	rec.decide(Effective(edits))
	rec.discrepancies(Effective(edits))
	r.Links = Links{Draft: r.Draft.URL(), Resolution: r.Resolution.URL(), Meeting: r.Meeting.URL()}
	slices.SortFunc(r.Provenance, func(a, b FieldSource) int { return strings.Compare(a.Field, b.Field) })
	return *r, r.Discrepancies
}

type reconciler struct {
	accounts []*Account // all, by rank
	voting   []*Account // those that tell of the vote
	lead     *Account   // whose votes or tally are followed; nil where none is sound
	unfit    error      // why what editors set does not go together
	r        Resolution
}

// describe fills the fields that name the vote.
func (rec *reconciler) describe() {
	r := &rec.r
	take(rec, "date", &r.Date, func(a *Account) Date { return a.Date })
	take(rec, "draft", &r.Draft, func(a *Account) Symbol { return a.Draft })
	take(rec, "resolution", &r.Resolution, func(a *Account) Symbol { return a.Resolution })
	take(rec, "meeting", &r.Meeting, func(a *Account) Symbol { return a.Meeting })
	take(rec, "part", &r.Part, func(a *Account) Text { return Text(a.Part) })
	take(rec, "kind", &r.Kind, func(a *Account) Kind { return a.Kind })
	take(rec, "title", &r.Title, func(a *Account) Text { return Text(a.Title) })
	take(rec, "agenda_item", &r.AgendaItem, func(a *Account) Text { return Text(a.AgendaItem) })
	take(rec, "topic", &r.Topic, func(a *Account) Text { return Text(a.Topic) })
	take(rec, "region", &r.Region, func(a *Account) Text { return Text(a.Region) })
	take(rec, "note", &r.Note, func(a *Account) Text { return Text(a.Note) })
	r.Kind = cmp.Or(r.Kind, DraftResolution)
	var procedural Text
	take(rec, "procedural", &procedural, func(a *Account) Text {
		if a.Procedural == nil {
			return ""
		}
		return Text(fmt.Sprint(*a.Procedural))
	})
	r.Procedural = procedural == "true"
	by := slices.Clone(rec.voting)
	slices.SortFunc(by, byRank("sponsors"))
	if i := slices.IndexFunc(by, func(a *Account) bool { return len(a.Sponsors) > 0 }); i >= 0 {
		r.Sponsors, r.SponsoredAs = by[i].Sponsors, Text(by[i].SponsoredAs)
		rec.from("sponsors", by[i], ruleRank)
	}
}

// tellApart has the Part say what the id does where one symbol stands for
// several votes: S-2020-667-2 is part "2" of S/2020/667, and is found again by it.
func (rec *reconciler) tellApart() {
	r := &rec.r
	own := ID(r.Resolution, r.Draft, string(r.Part), r.Meeting)
	if n, ok := strings.CutPrefix(r.ID, own+"-"); ok && r.Resolution == "" {
		r.Part = Text(strings.TrimSpace(string(r.Part) + " " + n))
		r.Provenance = slices.DeleteFunc(r.Provenance, func(f FieldSource) bool { return f.Field == "part" })
		rec.from("part", rec.voting[0], ruleApart)
	}
}

// take sets a field from the account that ranks highest among those that tell it.
func take[T ~string](rec *reconciler, field string, to *T, of func(*Account) T) {
	by := slices.Clone(rec.voting)
	slices.SortFunc(by, byRank(field))
	tell := slices.DeleteFunc(by, func(a *Account) bool { return of(a) == "" })
	if len(tell) == 0 {
		return
	}
	*to = of(tell[0])
	rule := ruleRank
	if len(tell) == 1 {
		rule = ruleOnly
	}
	rec.from(field, tell[0], rule)
}

func (rec *reconciler) from(field string, a *Account, rule string) {
	rec.r.Provenance = append(rec.r.Provenance, FieldSource{Field: field, Source: a.Source.Name, Edition: a.Source.Edition, Line: a.Line, Rule: rule})
}

// gather lays sources and statements together.
func (rec *reconciler) gather() {
	d := rec.r.Detail
	for _, a := range rec.accounts {
		src := a.Source
		src.Line = a.Line
		d.Sources = append(d.Sources, src)
		d.Statements = append(d.Statements, a.Statements...)
	}
}

// decide applies the editors' decisions, then the rules, to the votes or the
// tally of the account that is followed.
func (rec *reconciler) decide(edits []Edit) {
	r := &rec.r
	b := rec.ballot()
	if rec.lead == nil && slices.ContainsFunc(edits, func(e Edit) bool { return strings.HasPrefix(e.Field, EditPosition+":") }) {
		b.Votes = rec.usable() // an editor mends the roll: what is not mended stays
	}
	for _, e := range edits {
		if err := apply(r, &b, e); err == nil && !strings.HasPrefix(e.Field, EditExplain) {
			rec.edited(e)
		}
	}
	r.Detail.Statements = uniqueStatements(r.Detail.Statements)
	b.Numbered = r.Resolution != ""
	d, err := Decide(b)
	if err != nil { // what editors set does not go together: the stated outcome is left
		rec.lead, rec.unfit = nil, err
		b.Votes, b.Tally, b.Vetoes = nil, nil, nil
		b.Stated = cmp.Or(b.Stated, StatedFailed)
		d, _ = Decide(b)
	}
	council, _ := CouncilOn(r.Date)
	r.Outcome, r.AdoptedBy, r.Reason = d.Outcome, d.AdoptedBy, d.Reason
	r.Tally, r.CarriedButForVeto = d.Tally, d.CarriedButForVeto
	r.VetoedBy = append(r.VetoedBy, d.VetoedBy...)
	r.Detail.Votes = RollOf(council, b.Votes, d.VetoedBy)
	r.RollCall = rollCallOf(b, council)
	if rec.lead == nil && b.Tally == nil && len(b.Votes) == 0 && len(b.Vetoes) == 0 {
		r.RollCall = RollDisputed
	}
	if d.Outcome != Adopted {
		r.Resolution = ""
	}
}

// ballot is what the followed account says; where none is sound, only what the
// highest-ranking one states of the outcome.
func (rec *reconciler) ballot() Ballot {
	by := slices.Clone(rec.voting)
	slices.SortFunc(by, byRank("votes"))
	b := Ballot{Date: rec.r.Date, Procedural: rec.r.Procedural, Stated: by[0].Stated}
	if !by[0].Sound() {
		rec.from("votes", by[0], ruleDisputed)
		if b.Stated == StatedUnanimous || b.Stated == StatedMajority {
			b.Stated = StatedAdopted // by how many is what is in dispute
		}
		return b
	}
	rec.lead = by[0]
	rule := ruleRank
	switch {
	case len(by) == 1:
		rule = ruleOnly
	case slices.ContainsFunc(by, func(a *Account) bool { return !a.Sound() }):
		rule = ruleSound
	}
	rec.from("votes", by[0], rule)
	b = rec.lead.Ballot()
	b.Date, b.Procedural, b.Stated = rec.r.Date, rec.r.Procedural, rec.lead.Stated
	for _, a := range by {
		if len(b.Votes) == 0 && len(b.Vetoes) == 0 && a.Sound() && len(a.VetoedBy) > 0 {
			b.Vetoes = a.VetoedBy
			rec.from("vetoed_by", a, ruleRank)
		}
	}
	return b
}

// usable is what can be kept of a disputed roll for an editor to complete: one
// position each of members that had a seat.
func (rec *reconciler) usable() []Vote {
	by := slices.Clone(rec.voting)
	slices.SortFunc(by, byRank("votes"))
	council, _ := CouncilOn(rec.r.Date)
	times := make(map[Code]int)
	for _, v := range by[0].Votes {
		times[v.Code]++
	}
	return slices.DeleteFunc(slices.Clone(by[0].Votes), func(v Vote) bool {
		_, sat := council.Seat(v.Code)
		return !sat || times[v.Code] > 1
	})
}

func rollCallOf(b Ballot, council Council) RollCall {
	switch {
	case b.NoVote || b.Withdrawn:
		return RollNone
	case len(b.Votes) == len(council.Seats):
		return RollComplete
	case len(b.Votes) > 0:
		return RollPartial
	}
	return RollTallyOnly
}

// edited replaces what Provenance says of a field that an editor set.
func (rec *reconciler) edited(e Edit) {
	r := &rec.r
	r.Provenance = slices.DeleteFunc(r.Provenance, func(f FieldSource) bool { return f.Field == e.Field })
	r.Provenance = append(r.Provenance, FieldSource{Field: e.Field, Source: e.Reference, Line: 0,
		Rule: fmt.Sprintf("edit %d: %s", e.Number, e.Reason)})
}

func uniqueStatements(list []Statement) []Statement {
	slices.SortStableFunc(list, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Speaker, b.Speaker), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(list)
}
