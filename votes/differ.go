package votes

import (
	"fmt"
	"slices"
	"strings"
)

// discrepancies tells where the accounts contradict themselves, the rules, and
// each other, and what the editors said of that.
func (rec *reconciler) discrepancies(edits []Edit) {
	r := &rec.r
	list := []Discrepancy{}
	for _, a := range rec.accounts {
		for _, d := range findings(a) {
			switch {
			case d.Severity != SeveritySerious || d.State != StateOpen:
			case rec.lead != nil && rec.lead != a:
				d.State = StateCorrected
				d.Explanation = Text("the record follows " + rec.lead.Source.Name + ", which is sound")
			case rec.lead == nil && r.RollCall != RollDisputed:
				d.State, d.Explanation = StateCorrected, "the record follows an editor's decision"
			}
			list = append(list, d)
		}
		if a.Match.Doubt != "" {
			list = append(list, Discrepancy{Kind: KindDoubt, Severity: SeverityMinor, State: StateOpen,
				Message: a.Source.Name + ": " + a.Match.Doubt, Sides: []Side{sideOf(a, a.Match.Doubt)}})
		}
	}
	if rec.unfit != nil {
		says := "what the edits set does not go together: " + trimInvalid(rec.unfit)
		list = append(list, Discrepancy{Kind: KindConflict, Field: "votes", Severity: SeveritySerious, State: StateOpen, Message: says,
			Sides: []Side{{Source: "edits", Says: says}}})
	}
	list = append(list, explained(r)...)
	list = append(list, rec.differences()...)
	for i, d := range list {
		d = d.keyed()
		for _, e := range edits {
			if e.Field == EditExplain+":"+d.Key {
				d.State, d.Explanation, d.Reference = e.Value, Text(e.Reason), Text(e.Reference)
			}
		}
		list[i] = d
	}
	slices.SortStableFunc(list, func(a, b Discrepancy) int {
		return strings.Compare(b.Severity+b.Kind+b.Key, a.Severity+a.Kind+a.Key) // serious before minor
	})
	r.Discrepancies = slices.CompactFunc(list, func(a, b Discrepancy) bool { return a.Key == b.Key })
}

// differences holds every other account against the record.
func (rec *reconciler) differences() []Discrepancy {
	r := &rec.r
	var list []Discrepancy
	for _, a := range rec.voting {
		add := func(severity, field, ours, theirs string) {
			if ours == "" || theirs == "" || ours == theirs {
				return
			}
			chosen := rec.side(field, ours)
			list = append(list, Discrepancy{Kind: KindConflict, Field: Text(field), Severity: severity, State: StateOpen,
				Message: fmt.Sprintf("%s: %s in %s, %s in %s", field, ours, chosen.Source, theirs, a.Source.Name),
				Sides:   []Side{chosen, sideOf(a, theirs)}})
		}
		add(SeverityMinor, "date", string(r.Date), string(a.Date))
		add(SeverityMinor, "meeting", string(r.Meeting), string(a.Meeting))
		if !isMeeting(r.Draft) && !isMeeting(a.Draft) {
			add(SeverityMinor, "draft", string(r.Draft), string(a.Draft))
		}
		if rec.lead == nil || a == rec.lead || !a.Sound() {
			continue
		}
		add(SeveritySerious, "outcome", rec.lead.outcome(r.Procedural), a.outcome(r.Procedural))
		add(SeveritySerious, "procedural", rec.lead.procedural(), a.procedural())
		add(SeveritySerious, "tally", rec.lead.counts(), a.counts())
		add(SeveritySerious, "vetoed_by", joinCodes(r.VetoedBy), a.vetoes())
		for _, d := range rollDifferences(rec.lead, a) {
			add(SeveritySerious, "position of "+d[0], d[1], d[2])
		}
	}
	return list
}

// side is who the record follows for a field.
func (rec *reconciler) side(field, says string) Side {
	if strings.HasPrefix(field, "position") || field == "tally" || field == "outcome" {
		return sideOf(rec.lead, says)
	}
	for _, f := range rec.r.Provenance {
		if f.Field == field {
			return Side{Source: f.Source, Edition: f.Edition, Line: f.Line, Says: says}
		}
	}
	if rec.lead != nil {
		return sideOf(rec.lead, says)
	}
	return sideOf(rec.voting[0], says)
}

func isMeeting(s Symbol) bool { return strings.HasPrefix(string(s), "S/PV.") }

// counts is the tally of an account as it can be compared: who was absent is
// left out, because not every source tells it.
func (a *Account) counts() string {
	c, ok := CouncilOn(a.Date)
	var t Tally
	switch {
	case !ok || a.NoVote:
		return ""
	case len(a.Votes) == len(c.Seats):
		t = Count(a.Votes)
	case a.Tally != nil:
		t = *a.Tally
	default:
		return ""
	}
	t.NotVoting = 0
	return t.String()
}

// outcome is what the rules make of the account by itself, "" where they make
// nothing of it. Adopted without a vote is not the same as adopted: the one
// source has no roll call where the other has one.
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

// vetoes names who an account says vetoed; "" where it does not say.
func (a *Account) vetoes() string {
	d, err := Decide(a.Ballot())
	if err != nil || d.Outcome != Vetoed {
		return ""
	}
	return joinCodes(d.VetoedBy)
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
