package votes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// verdict is a decision under a rule, in short.
type verdict struct {
	outcome Outcome
	adopted string // yes, no, or ? where it is not certain
	reason  string
}

func verdictOf(d WhatIfDecision) verdict {
	v := verdict{d.Outcome, "?", d.Reason}
	if d.Adopted != nil {
		v.adopted = map[bool]string{true: "yes", false: "no"}[*d.Adopted]
	}
	return v
}

// Votes that were taken, under each of the rules.
func TestDecideUnder(t *testing.T) {
	gaza := Ballot{Date: "2024-11-20", Votes: roll(t, "2024-11-20", map[Position]string{No: "USA"})}
	palestine := Ballot{Date: "2014-12-30", Votes: roll(t, "2014-12-30", map[Position]string{No: "AUS USA", Abstain: "LTU NGA KOR RWA GBR"})}
	ukraine := Ballot{Date: "2022-02-27", Procedural: true, Votes: roll(t, "2022-02-27", map[Position]string{No: "RUS", Abstain: "CHN IND ARE"})}
	portuguese := Ballot{Date: "1965-11-23", Votes: roll(t, "1965-11-23", map[Position]string{Abstain: "FRA NLD GBR USA"})}
	syria := Ballot{Date: "2011-10-04", Votes: roll(t, "2011-10-04", map[Position]string{No: "CHN RUS", Abstain: "BRA IND LBN ZAF"})}
	for _, tt := range []underCase{
		{"S/2024/835", gaza, RuleCharter, WhatIf{}, verdict{Vetoed, "no", "14 in favour, 9 required; a permanent member voted against: United States"}},
		{"S/2024/835", gaza, RuleTwoVetoes, WhatIf{}, verdict{Adopted, "yes", "14 in favour, 9 required; a permanent member voted against: United States, and it takes 2"}},
		{"S/2024/835", gaza, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "14 in favour, 9 required; the negative vote of United States is no veto under this rule"}},
		{"S/2024/835", gaza, RuleNoVetoMassAtrocity, WhatIf{MassAtrocity: new(true)}, verdict{Adopted, "yes", "14 in favour, 9 required; the negative vote of United States is no veto under this rule"}},
		{"S/2024/835", gaza, RuleNoVetoMassAtrocity, WhatIf{MassAtrocity: new(false)}, verdict{Vetoed, "no", "14 in favour, 9 required; a permanent member voted against: United States"}},
		{"S/2024/835", gaza, RuleNoVetoMassAtrocity, WhatIf{}, verdict{"", "?", "14 in favour, 9 required; a permanent member voted against: United States, which is no veto if the proposal was against mass atrocities"}},
		{"S/2024/835", gaza, RuleCouncil25, WhatIf{}, verdict{Vetoed, "no", "14 in favour, 14 required; a permanent member voted against: United States"}},

		// For want of votes, whatever the veto; but new members could have made it one.
		{"S/2014/916", palestine, RuleNoVeto, WhatIf{}, verdict{Failed, "no", "8 in favour, 9 required: 1 short; the negative vote of United States was therefore no veto"}},
		{"S/2014/916", palestine, RuleTwoVetoes, WhatIf{}, verdict{Failed, "no", "8 in favour, 9 required: 1 short; the negative vote of United States was therefore no veto"}},
		{"S/2014/916", palestine, RuleCouncil25, WhatIf{}, verdict{"", "no", "8 in favour, 14 required; 6 of the 10 votes that are not known would have to be in favour; a permanent member voted against: United States"}},
		{"S/2014/916", palestine, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 6}}, verdict{Vetoed, "no", "8 in favour and 6 of the new members, 14 required; a permanent member voted against: United States"}},
		{"S/2014/916", palestine, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 5, No: 5}}, verdict{Failed, "no", "8 in favour and 5 of the new members, 14 required: 1 short; the negative vote of United States was therefore no veto"}},

		{"S/RES/2623", ukraine, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "11 in favour, 9 required; procedural, so the negative vote of Russian Federation was no veto"}},
		{"S/RES/2623", ukraine, RuleCouncil25, WhatIf{}, verdict{"", "?", "11 in favour, 14 required; 3 of the 10 votes that are not known would have to be in favour; procedural, so the negative vote of Russian Federation was no veto"}},
		{"S/RES/2623", ukraine, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 3, No: 7}}, verdict{Adopted, "yes", "11 in favour and 3 of the new members, 14 required; procedural, so the negative vote of Russian Federation was no veto"}},

		{"S/RES/218", portuguese, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "7 in favour, 7 required"}},
		{"S/RES/218, 14 new members beside 11", portuguese, RuleCouncil25, WhatIf{}, verdict{"", "?", "7 in favour, 14 required; 7 of the 14 votes that are not known would have to be in favour"}},
		{"S/RES/218", portuguese, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 14}}, verdict{Adopted, "yes", "7 in favour and 14 of the new members, 14 required"}},

		{"S/2011/612, two vetoes", syria, RuleTwoVetoes, WhatIf{}, verdict{Vetoed, "no", "9 in favour, 9 required; 2 permanent members voted against: China, Russian Federation"}},
		{"S/2011/612", syria, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "9 in favour, 9 required; the negative vote of China, Russian Federation is no veto under this rule"}},
	} {
		tt.hold(t)
	}
}

// Votes of which the tally alone is known, or less.
func TestDecideUnderOnLittle(t *testing.T) {
	arab := Ballot{Date: "1986-01-30", Tally: tally(t, "13-1-1"), Vetoes: []Code{"USA"}}
	namibia := Ballot{Date: "1975-06-06", Tally: tally(t, "10-3-2"), Vetoes: []Code{"FRA", "GBR", "USA"}}
	levant := Ballot{Date: "1946-02-16", Vetoes: []Code{"SUN"}} // no tally in the list of vetoes
	spain := Ballot{Date: "1946-06-26", Vetoes: []Code{"FRA", "SUN"}}
	unnamed := Ballot{Date: "1952-07-03", Tally: tally(t, "5-2-4")} // who was against is not told
	for _, tt := range []underCase{
		{"S/17769/Rev.1, by its tally", arab, RuleTwoVetoes, WhatIf{}, verdict{Adopted, "yes", "13 in favour, 9 required; a permanent member voted against: United States, and it takes 2"}},
		{"S/11713, three vetoes", namibia, RuleTwoVetoes, WhatIf{}, verdict{Vetoed, "no", "10 in favour, 9 required; 3 permanent members voted against: France, United Kingdom, United States"}},
		{"S/11713", namibia, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "10 in favour, 9 required; the negative vote of France, United Kingdom, United States is no veto under this rule"}},

		// That it was a veto tells that the number was reached.
		{"S/PV.23", levant, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "at least 7 in favour, as it was vetoed, 7 required; the negative vote of USSR is no veto under this rule"}},
		{"S/PV.23", levant, RuleTwoVetoes, WhatIf{}, verdict{Adopted, "yes", "at least 7 in favour, as it was vetoed, 7 required; a permanent member voted against: USSR, and it takes 2"}},
		{"S/PV.23", levant, RuleCouncil25, WhatIf{}, verdict{"", "no", "at least 7 in favour, as it was vetoed, 14 required; 7 of the 17 votes that are not known would have to be in favour; a permanent member voted against: USSR"}},
		{"S/PV.49, the preliminary question", spain, RuleTwoVetoes, WhatIf{}, verdict{Vetoed, "no", "at least 7 in favour, as it was vetoed, 7 required; 2 permanent members voted against: France, USSR"}},

		{"a tally without names", unnamed, RuleNoVeto, WhatIf{}, verdict{Failed, "no", "5 in favour, 7 required: 2 short"}},
		{"a tally without names", unnamed, RuleCouncil25, WhatIf{}, verdict{"", "?", "5 in favour, 14 required; 9 of the 14 votes that are not known would have to be in favour; whether permanent members were among those against is not known"}},
		{"a tally without names", unnamed, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 2, Abstain: 12}}, verdict{Failed, "no", "5 in favour and 2 of the new members, 14 required: 7 short"}},
		{"far from the number", Ballot{Date: "2020-08-14", Tally: tally(t, "2-2-11")}, RuleCouncil25, WhatIf{},
			verdict{Failed, "no", "2 in favour, 14 required: 12 short, and only 10 votes are not known"}},

		{"unanimous, no tally", Ballot{Date: "1956-06-04", Stated: StatedUnanimous}, RuleTwoVetoes, WhatIf{}, verdict{Adopted, "yes", "all in favour, 7 required"}},
		{"adopted, no tally", Ballot{Date: "1978-07-27", Numbered: true}, RuleNoVeto, WhatIf{}, verdict{Adopted, "yes", "at least 9 in favour, as it was adopted, 9 required"}},
		{"adopted, no tally", Ballot{Date: "1978-07-27", Numbered: true}, RuleCouncil25, WhatIf{}, verdict{"", "?", "at least 9 in favour, as it was adopted, 14 required; 5 of the 16 votes that are not known would have to be in favour"}},
		{"stated as vetoed, nobody named", Ballot{Date: "1990-01-17", Stated: StatedVetoed}, RuleNoVeto, WhatIf{},
			verdict{"", "?", "how many were in favour is not known, 9 required; 9 of the 15 votes that are not known would have to be in favour"}},
		{"no vote", Ballot{Date: "2024-11-20", NoVote: true}, RuleCouncil25, WhatIf{}, verdict{Adopted, "yes", "adopted without a vote"}},
		{"withdrawn", Ballot{Date: "2024-11-20", Withdrawn: true}, RuleNoVeto, WhatIf{}, verdict{Withdrawn, "no", "not put to the vote"}},
	} {
		tt.hold(t)
	}
}

// underCase is a vote under a rule.
type underCase struct {
	name string
	b    Ballot
	rule Rule
	opt  WhatIf
	want verdict
}

func (tt underCase) hold(t *testing.T) {
	t.Helper()
	d, err := DecideUnder(tt.b, tt.rule, tt.opt)
	if err != nil {
		t.Errorf("%s under %s: %v", tt.name, tt.rule, err)
		return
	}
	if diff := cmp.Diff(tt.want, verdictOf(d), cmp.AllowUnexported(verdict{})); diff != "" {
		t.Errorf("%s under %s (-want +got):\n%s", tt.name, tt.rule, diff)
	}
	if charter, _ := Decide(tt.b); cmp.Diff(charter, d.Charter) != "" {
		t.Errorf("%s under %s: the Charter's own decision is %+v, want %+v", tt.name, tt.rule, d.Charter, charter)
	}
	if (d.Outcome == Vetoed) != (len(d.VetoedBy) > 0) {
		t.Errorf("%s under %s: %s, vetoed by %v", tt.name, tt.rule, d.Outcome, d.VetoedBy)
	}
}

func TestDecideUnderErrors(t *testing.T) {
	gaza := Ballot{Date: "2024-11-20", Votes: roll(t, "2024-11-20", map[Position]string{No: "USA"})}
	early := Ballot{Date: "1965-11-23", Votes: roll(t, "1965-11-23", nil)}
	cases := []struct {
		name string
		b    Ballot
		rule Rule
		opt  WhatIf
		want string
	}{
		{"no such rule", gaza, "three_vetoes", WhatIf{}, `"three_vetoes" is not a rule`},
		{"no rule", gaza, "", WhatIf{}, `"" is not a rule`},
		{"what Decide refuses", Ballot{Date: "2024-11-20"}, RuleNoVeto, WhatIf{}, "no outcome follows"},
		{"no Council", Ballot{Date: "1945-06-26", Tally: tally(t, "9-0-2")}, RuleCouncil25, WhatIf{}, "no Council is known"},
		{"an option of another rule", gaza, RuleNoVeto, WhatIf{MassAtrocity: new(true)}, "mass atrocity makes no difference to the rule no_veto"},
		{"members of another rule", gaza, RuleCharter, WhatIf{NewMembers: &NewMembers{Yes: 1}}, "there are no new members under the rule charter"},
		{"too many", gaza, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 6, No: 5}}, "there are 10 new members beside the 15 that sat"},
		{"too many beside eleven", early, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 15}}, "there are 14 new members beside the 11 that sat"},
		{"no overflow", gaza, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 1 << 62, No: 1 << 62, Abstain: 1 << 62}}, "there are 10 new members"},
		{"fewer than none", gaza, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: 2, No: -1}}, "fewer than no new members cannot vote"},
	}
	for _, tt := range cases {
		_, err := DecideUnder(tt.b, tt.rule, tt.opt)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestParseRule(t *testing.T) {
	for _, r := range Rules {
		if got, err := ParseRule(" " + strings.ToUpper(string(r.Rule))); err != nil || got != r.Rule {
			t.Errorf("%s: %s, %v", r.Rule, got, err)
		}
		if r.Text == "" || r.Source == "" {
			t.Errorf("%s is without a text or a source", r.Rule)
		}
	}
	want := `"veto" is not a rule (charter, two_vetoes, no_veto, no_veto_mass_atrocity, council_25)`
	if _, err := ParseRule("veto"); err == nil || err.Error() != want {
		t.Errorf("veto: %v", err)
	}
}

// Every roll there can be of the permanent members' positions, with every
// number of elected members in favour: no rule without a veto gives one, a rule
// that weakens the veto turns no adoption, and a certain outcome of the
// Council of 25 is that of every vote of its new members.
func TestRulesHoldOnEveryRoll(t *testing.T) {
	const day = "2024-11-20"
	council, _ := CouncilOn(day)
	positions := []Position{Yes, No, Abstain}
	for n := range 3 * 3 * 3 * 3 * 3 * 11 {
		list, k := make([]Vote, len(council.Seats)), n/11
		for i, s := range council.Seats {
			list[i] = Vote{s.Code, Abstain}
			if s.Permanent {
				list[i].Position, k = positions[k%3], k/3
			} else if i-5 < n%11 {
				list[i].Position = Yes
			}
		}
		b := Ballot{Date: day, Votes: list}
		charter := decideUnder(t, b, RuleCharter, WhatIf{})
		two, none := decideUnder(t, b, RuleTwoVetoes, WhatIf{}), decideUnder(t, b, RuleNoVeto, WhatIf{})
		tally := charter.Charter.Tally
		switch {
		case charter.Outcome != charter.Charter.Outcome || charter.Reason != charter.Charter.Reason:
			t.Fatalf("%v: the Charter's rule says %+v", list, charter)
		case none.Outcome == Vetoed || (none.Outcome == Adopted) != (tally.Yes >= 9):
			t.Fatalf("%s: %s without a veto", tally, none.Outcome)
		case charter.Outcome == Adopted && two.Outcome != Adopted || two.Outcome == Adopted && none.Outcome != Adopted:
			t.Fatalf("%s: %s, with two vetoes %s, without %s", tally, charter.Outcome, two.Outcome, none.Outcome)
		case two.Outcome == Vetoed && len(two.VetoedBy) < 2:
			t.Fatalf("%s: vetoed by %v", tally, two.VetoedBy)
		}
		unknown := decideUnder(t, b, RuleCouncil25, WhatIf{})
		var ends []string
		for yes := range 11 {
			d := decideUnder(t, b, RuleCouncil25, WhatIf{NewMembers: &NewMembers{Yes: yes, No: 10 - yes}})
			ends = append(ends, string(d.Outcome))
		}
		slices.Sort(ends)
		ends = slices.Compact(ends)
		if certain := len(ends) == 1; certain != (unknown.Outcome != "") || certain && ends[0] != string(unknown.Outcome) {
			t.Fatalf("%s: %q of 25, but with the new members' votes %v", tally, unknown.Outcome, ends)
		}
		if unknown.Adopted == nil != (len(ends) > 1 && slices.Contains(ends, string(Adopted))) {
			t.Fatalf("%s: adopted %s of 25, but with the new members' votes %v", tally, fmt.Sprint(unknown.Adopted), ends)
		}
	}
}

func decideUnder(t *testing.T, b Ballot, rule Rule, opt WhatIf) WhatIfDecision {
	t.Helper()
	d, err := DecideUnder(b, rule, opt)
	if err != nil {
		t.Fatalf("%v under %s: %v", b.Votes, rule, err)
	}
	return d
}
