package pages

import (
	"strings"
	"testing"

	"scvotes/votes"
)

func TestWhatIfBeginsFromAVote(t *testing.T) {
	r := newChosen(t)
	body := samplePage(t, r, "/what-if?id=S/2024/835&rule=two_vetoes")
	wants(t, body, `<input type="hidden" name="id" value="S-2024-835">`, `<select id="p_USA" name="p_USA"><option value="yes">in favour</option><option value="no" selected>against</option>`,
		`<option value="two_vetoes" selected>`, "<h3>Under the rule: two vetoes are needed</h3>", `<p class="verdict adopted"><span><strong>Adopted.</strong> 14 in favour, 9 required; a permanent member voted against: United States, and it takes 2.`,
		`<p class="verdict vetoed"><span><strong>Vetoed.</strong> 14 in favour`, `A/55/47`, `id="supposed`, `href="/v1/decide/history?rule=two_vetoes"`)
	// A second permanent member against it, and the tally is still enough.
	wants(t, samplePage(t, r, "/what-if?id=S-2024-835&rule=two_vetoes&p_GBR=no"), `<p class="verdict vetoed"><span><strong>Vetoed.</strong> 13 in favour`)
	charter := samplePage(t, r, "/what-if?id=S-2024-835&p_USA=abstain")
	wants(t, charter, `<strong>Adopted.</strong> 14 in favour`, "Choose another rule")
	lacks(t, charter, "Under the rule:", "would have passed")
	// 2623 was procedural, so that the Russian vote against it was no veto; had it been substantive, it was.
	wants(t, samplePage(t, r, "/what-if?id=S-RES-2623-2022"), `<option value="true" selected>yes: nobody can veto`, "<strong>Adopted.</strong> 11 in favour")
	wants(t, samplePage(t, r, "/what-if?id=S-RES-2623-2022&procedural=false"), "<strong>Vetoed.</strong> 11 in favour")
}

// Of 9696 only the vetoes are known: they decide it, until the fields are sent.
func TestWhatIfWithoutARoll(t *testing.T) {
	r := newChosen(t)
	body := samplePage(t, r, "/what-if?id=S-9696&rule=no_veto")
	wants(t, body, "The record does not have who voted how in this vote.", "Until you fill them in, the outcome here is that of the counts on record.",
		`<select id="p_GBR" name="p_GBR"><option value="yes">in favour</option><option value="no" selected>`, `<strong>Adopted.</strong>`, `<strong>Vetoed.</strong>`)
	lacks(t, body, `id="supposed`)
	// Nor is the roll of this one, but its counts are: eight in favour are too few.
	r.all[2].Detail, r.all[2].RollCall = nil, votes.RollTallyOnly
	wants(t, samplePage(t, r, "/what-if?id=S-2014-916"), "<strong>Failed.</strong> 8 in favour", "the outcome here is that of the counts")
	filled := samplePage(t, r, "/what-if?id=S-9696&p_GBR=yes&p_USA=abstain")
	wants(t, filled, "<strong>Adopted.</strong> 14 in favour", `id="supposed`)
	lacks(t, filled, "Until you fill them in")
}

func TestWhatIfOfADay(t *testing.T) {
	r := newChosen(t)
	// The state that sat is meant by any of its names, and the field is its own.
	body := samplePage(t, r, "/what-if?date=1970-03-17&p_RUS=no&rule=no_veto")
	wants(t, body, `<label for="p_SUN">USSR (permanent)</label><select id="p_SUN" name="p_SUN"><option value="yes">in favour</option><option value="no" selected>`,
		`<input type="hidden" name="date" value="1970-03-17">`, "<strong>Adopted.</strong> 14 in favour", `<a href="/what-if?date=1970-03-17">Undo`)
	enlarged := samplePage(t, r, "/what-if?date=2024-11-20&rule=council_25&new_yes=6&new_no=4")
	wants(t, enlarged, `name="new_yes" min="0" max="10" value="6"`, `<details class="wide" open>`, "<strong>Adopted.</strong> 15 in favour and 6 of the new members, 14 required.")
	// Short of the number whatever the new members do, or vetoed: not adopted in any case.
	wants(t, samplePage(t, r, "/what-if?id=S-2014-916&rule=council_25"), "<strong>Not adopted.</strong>")
	open := samplePage(t, r, "/what-if?date=1960-06-01&rule=council_25&p_CHN=abstain")
	wants(t, open, "14 in all", "<strong>Not certain.</strong>", `<details class="wide">`)
	atrocity := samplePage(t, r, "/what-if?date=2024-11-20&rule=no_veto_mass_atrocity&mass_atrocity=true&p_CHN=no")
	wants(t, atrocity, "<strong>Adopted.</strong> 14 in favour", "The record does not tell which proposals were against mass atrocities")
}

// Without a question the latest vetoed proposal stands there.
func TestWhatIfBeginning(t *testing.T) {
	r := newChosen(t)
	wants(t, samplePage(t, r, "/what-if"), `<input type="hidden" name="id" value="S-2024-835">`, `<strong>Vetoed.</strong>`)
	r.all = nil
	wants(t, samplePage(t, r, "/what-if"), `<input type="hidden" name="date" value="2026-11-23">`, "<strong>Adopted.</strong> 15 in favour")
}

// Of the sample's six votes 835, 13729, 9696 and 3710 were vetoed, 3710 and
// 9696 by two members.
func TestWhatIfHistory(t *testing.T) {
	body := samplePage(t, newChosen(t), "/what-if?rule=two_vetoes")
	wants(t, body, `<span class="figure">3</span> would have passed`, `<span class="figure">3</span> would not have passed`, `<span class="figure">2</span> would be other than they were`,
		"The newest 2 of the 2", `<td class="number">14–1–0</td>`, `<a class="small" href="/what-if?id=S-13729&amp;rule=two_vetoes">`, `soft">by the United States</span>`)
	lacks(t, body, `<a href="/resolutions/S-3710">`)
	wants(t, samplePage(t, newChosen(t), "/what-if?rule=no_veto"), `&lt;script&gt;alert(`, "by France and the United Kingdom", `<td class="number"><span class="soft">not known</span></td>`)
}

func TestWhatIfTellsFaults(t *testing.T) {
	r := newChosen(t)
	for address, want := range map[string][]string{
		"/what-if?date=2024-11-20&p_ZZZ=yes&p_USA=perhaps&rule=mine": {"p_ZZZ “ZZZ”", "p_USA “perhaps”: ", "rule “mine”", `<select id="p_USA"`},
		"/what-if?date=2024-11-20&p_DEU=no":                          {"p_DEU “DEU”: Germany had no seat on 2024-11-20"},
		"/what-if?date=2024-11-20&p_USA=no&p_USA=yes":                {"p_USA “USA”: United States has more than one position"},
		"/what-if?id=S/2024/836":                                     {"id “S-2024-836”: the record does not hold it; it has S-2024-835", `name="id" value="S/2024/836"`},
		"/what-if?id=%3F":                                            {"id “?”: is not an id or a symbol"},
		"/what-if?id=S-2024-835&date=2024-11-20":                     {"date “2024-11-20”: give a vote or a day, not both"},
		"/what-if?date=1945-01-01":                                   {"date “1945-01-01”: no Council is known"},
		"/what-if?date=soon":                                         {"date “soon”"},
		"/what-if?date=2024-11-20&new_yes=many&procedural=perhaps":   {"new_yes “many”", "procedural “perhaps”"},
		"/what-if?date=2024-11-20&new_yes=1":                         {"new_members: there are no new members under the rule charter"},
		"/what-if?date=2024-11-20&mass_atrocity=true":                {"mass_atrocity: mass atrocity makes no difference"},
		"/what-if?date=2024-11-20&rule=council_25&new_yes=11":        {"new_members: there are 10 new members"},
	} {
		body := refused(t, r, address)
		wants(t, body, append(want, "Where to begin")...)
		lacks(t, body, "What becomes of it")
	}
}

// Whatever the fields say, they are what is decided: the page agrees with the
// rules for every vote of the sample and every rule.
func TestWhatIfFieldsAreWhatIsDecided(t *testing.T) {
	r := newChosen(t)
	for _, v := range r.all {
		for _, rule := range votes.Rules {
			h := hypothesis{values: map[string][]string{"rule": {string(rule.Rule)}}, vote: &v}
			h.read()
			a, err := h.decide()
			if err != nil || h.faults != nil {
				t.Fatalf("%s under %s: %v %v", v.ID, rule.Rule, err, h.faults)
			}
			if a.Charter.Outcome != v.Outcome {
				t.Errorf("%s is %s by the Charter, and %s on record", v.ID, a.Charter.Outcome, v.Outcome)
			}
			// Sent as they stand, the fields of a known roll give the same again.
			if v.RollCall != votes.RollComplete {
				continue
			}
			sent := hypothesis{values: map[string][]string{"rule": {string(rule.Rule)}}, vote: &v}
			for _, field := range h.form().Seats {
				for _, o := range field.Options {
					if o.Chosen {
						sent.values[field.Field] = []string{o.Value}
					}
				}
			}
			sent.read()
			if again, err := sent.decide(); err != nil || again == nil || again.Reason != a.Reason || !strings.HasPrefix(sent.fields[0], positionField) {
				t.Errorf("%s under %s: sent again %v, %v", v.ID, rule.Rule, again, err)
			}
		}
	}
}
