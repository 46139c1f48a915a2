package votes

import "testing"

func TestProblemAsText(t *testing.T) {
	cases := map[string]Problem{
		`line 41, column vote: "Q" is not a position`: {Line: 41, Column: "vote", Message: `"Q" is not a position`},
		"votes.csv: line 7: 3 fields, the header has 4": {
			File: "votes.csv", Line: 7, Message: "3 fields, the header has 4"},
		"votes.csv: column Date: the column is missing": {File: "votes.csv", Column: "Date", Message: "the column is missing"},
		`line 2, column member: "Ethipia" is not a state (did you mean "Ethiopia"?)`: {
			Line: 2, Column: "member", Message: `"Ethipia" is not a state`, Suggestion: "Ethiopia"},
		"the file is empty": {Message: "the file is empty"},
	}
	for want, p := range cases {
		if got := p.String(); got != want {
			t.Errorf("%+v is written\n%s, want\n%s", p, got, want)
		}
	}
}

func TestOneRefusedProblemRefuses(t *testing.T) {
	for want, problems := range map[bool][]Problem{
		false: {{Severity: Noted}, {Severity: Noted}},
		true:  {{Severity: Noted}, {Severity: Refused}, {Severity: Noted}},
	} {
		if a := (Account{Problems: problems}); a.Refused() != want {
			t.Errorf("%v: refused %t", problems, a.Refused())
		}
	}
	if (&Account{}).Refused() {
		t.Error("an account without problems is refused")
	}
}
