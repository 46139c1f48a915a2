package votes

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ask reads a request as an address would, and decides it.
func ask(t *testing.T, body string) (WhatIfAnswer, error) {
	t.Helper()
	var w WhatIfRequest
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return w.Decide()
}

// The example of docs/whatif.md.
func TestWhatIfAnswer(t *testing.T) {
	got, err := ask(t, `{"date": "2024-11-20", "votes": [{"code": "USA", "position": "no"}], "others": "yes", "rule": "two_vetoes"}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Votes) != 15 || got.Votes[4] != (MemberVote{"USA", "USA", "United States", true, No, true}) || got.Votes[5].Position != Yes {
		t.Errorf("votes %+v", got.Votes)
	}
	got.Votes = nil
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "rule": "two_vetoes",
 "text": "As the Charter, but the negative votes of two permanent members or more are needed to defeat a proposal that had the number.",
 "source": "An idea of the debate on reform rather than one text; the proposals on the veto before the General Assembly's Open-ended Working Group are in its report of 2001, A/55/47, annexes IV and V",
 "date": "2024-11-20",
 "procedural": false,
 "outcome": "adopted",
 "adopted": true,
 "reason": "14 in favour, 9 required; a permanent member voted against: United States, and it takes 2",
 "members": 15,
 "required": 9,
 "vetoed_by": [],
 "charter": {
  "outcome": "vetoed",
  "adopted_by": null,
  "reason": "14 in favour, 9 required; a permanent member voted against: United States",
  "tally": {
   "yes": 14,
   "no": 1,
   "abstain": 0,
   "not_voting": 0,
   "members": 15,
   "required": 9
  },
  "vetoed_by": [
   "USA"
  ],
  "carried_but_for_veto": true
 },
 "votes": null
}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIfRequests(t *testing.T) {
	cases := []struct {
		body             string
		outcome, charter string
		adopted          string
	}{
		// The rule of the Charter is the one that holds where none is asked for.
		{`{"date":"2024-11-20","tally":"14-1-0","vetoes":["USA"]}`, "vetoed", "vetoed", "false"},
		{`{"date":"2024-11-20","tally":"14-1-0"}`, "adopted", "adopted", "true"}, // against: an elected member
		{`{"date":"2024-11-20","others":"in favour"}`, "adopted", "adopted", "true"},
		{`{"date":"2024-11-20","procedural":true,"votes":[{"code":"USA","position":"N"}],"others":"Y"}`, "adopted", "adopted", "true"},
		{`{"date":"2024-11-20","others":"yes","vetoes":["usa","United Kingdom"],"rule":"two_vetoes"}`, "vetoed", "vetoed", "false"},
		// States by any name of theirs, and by the state that sat.
		{`{"date":"1975-06-06","votes":[{"code":"United States of America","position":"against"},{"code":"Russia","position":"abstain"}],"others":"yes","rule":"no_veto"}`, "adopted", "vetoed", "true"},
		{`{"date":"1946-02-16","vetoes":["USSR"],"rule":"no_veto"}`, "adopted", "vetoed", "true"},
		{`{"date":"2014-12-30","tally":"8-2-5","vetoes":["USA"],"rule":"council_25"}`, "", "failed", "false"},
		{`{"date":"2014-12-30","tally":"8-1-6","rule":"council_25","new_members":{"yes":6,"no":1,"abstain":3}}`, "", "failed", "<nil>"},
		{`{"date":"2024-11-20","others":"abstain","rule":"council_25"}`, "failed", "failed", "false"},
		{`{"date":"2024-11-20","tally":"14-1-0","vetoes":["USA"],"rule":"no_veto_mass_atrocity","mass_atrocity":true}`, "adopted", "vetoed", "true"},
		{`{"date":"2024-11-20","tally":"14-1-0","vetoes":["USA"],"rule":"no_veto_mass_atrocity"}`, "", "vetoed", "<nil>"},
	}
	for _, tt := range cases {
		got, err := ask(t, tt.body)
		adopted := "<nil>"
		if got.Adopted != nil {
			adopted = map[bool]string{true: "true", false: "false"}[*got.Adopted]
		}
		if err != nil || string(got.Outcome) != tt.outcome || string(got.Charter.Outcome) != tt.charter || adopted != tt.adopted {
			t.Errorf("%s: %q, adopted %s, by the Charter %q, %v; want %q, %s, %q", tt.body, got.Outcome, adopted, got.Charter.Outcome, err,
				tt.outcome, tt.adopted, tt.charter)
		}
	}
}

func TestWhatIfFaults(t *testing.T) {
	cases := []struct {
		body string
		want Faults
	}{
		{`{}`, Faults{{"date", "", `"" is not a date (YYYY-MM-DD)`}, {"votes", "", "nothing to decide: give votes, others, a tally or vetoes"}}},
		{`{"date":"2030-01-01","others":"yes"}`, Faults{{"date", "2030-01-01", "no Council is known for that day, only from 1946-01-17 to 2026-12-31"}}},
		{`{"date":"2024-11-20","tally":"14-1-0","others":"yes"}`, Faults{{"tally", "14-1-0", "either positions or a tally, not both"}}},
		{`{"date":"2024-11-20","tally":"14-1-1"}`, Faults{{"tally", "14-1-1", "16 votes by a Council of 15"}}},
		{`{"date":"2024-11-20","tally":"fourteen"}`, Faults{{"tally", "fourteen", `"fourteen" is not a tally (in favour-against-abstaining, as 14-1-0)`}}},
		{`{"date":"2024-11-20","votes":[{"code":"USA","position":"yes"},{"code":"United States","position":"no"}],"others":"yes"}`,
			Faults{{"votes[1].code", "United States", "United States has more than one position"}}},
		{`{"date":"2024-11-20","votes":[{"code":"IND","position":"no"},{"code":"Frence","position":"perhaps"},{"code":"","position":""}]}`, Faults{
			{"votes[0].code", "IND", "India had no seat on 2024-11-20"},
			{"votes[1].code", "Frence", `"Frence" is not a state; did you mean France?`},
			{"votes[1].position", "perhaps", `"perhaps" is not a position (yes, no, abstain, not_participating, absent)`},
			{"votes[2].code", "", `"" is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)`},
			{"votes[2].position", "", `"" is not a position (yes, no, abstain, not_participating, absent)`},
		}},
		{`{"date":"2024-11-20","tally":"14-1-0","vetoes":["Malta","Narnia"],"rule":"veto"}`, Faults{
			{"rule", "veto", `"veto" is not a rule (charter, two_vetoes, no_veto, no_veto_mass_atrocity, council_25)`},
			{"vetoes[0]", "Malta", "Malta is no permanent member, and only these can veto"},
			{"vetoes[1]", "Narnia", `"Narnia" is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)`},
		}},
		{`{"date":"2024-11-20","others":"aye","mass_atrocity":true}`, Faults{
			{"others", "aye", `"aye" is not a position (yes, no, abstain, not_participating, absent)`},
			{"mass_atrocity", "", "mass atrocity makes no difference to the rule charter"},
		}},
		{`{"date":"2024-11-20","others":"yes","rule":"no_veto","new_members":{"yes":1}}`, Faults{{"new_members", "", "there are no new members under the rule no_veto"}}},
		{`{"date":"2024-11-20","others":"yes","rule":"council_25","new_members":{"yes":11}}`,
			Faults{{"new_members", "", "there are 10 new members beside the 15 that sat"}}},
		// Nine of fifteen, and nothing of a permanent member.
		{`{"date":"2024-11-20","votes":[{"code":"GBR","position":"no"}]}`, Faults{{"votes", "", "0 in favour and no position known for China, France, Russian Federation, United States, Algeria, Ecuador, Guyana, Japan, Malta, Mozambique, Republic of Korea, Sierra Leone, Slovenia, Switzerland: no outcome follows"}}},
		{`{"date":"2024-11-20","votes":[{"code":"USA","position":"yes"}],"others":"yes","vetoes":["USA"]}`,
			Faults{{"votes", "", "United States is recorded as having vetoed, but its position is yes"}}},
	}
	for _, tt := range cases {
		_, err := ask(t, tt.body)
		var faults Faults
		errors.As(err, &faults)
		if diff := cmp.Diff(tt.want, faults); diff != "" || !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v (-want +got):\n%s", tt.body, err, diff)
		}
	}
}
