package main

import (
	"bytes"
	"strings"
	"testing"

	"scvotes/votes"
	"scvotes/votes/anytext"
)

// FuzzTerminal: whatever the texts of a vote and of a report are, nothing reaches
// a terminal but letters, spaces and line ends.
func FuzzTerminal(f *testing.F) {
	for _, s := range []string{"x", "\x1b[2J\x1b]0;owned\x07", "\r\x08\x7f", "\u009b31m", "\u202eabc\u2066", "\xff\xfe", "\U000e0041", "a\tb\nc", "%!s(%d) %n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := votes.Resolution{Outcome: votes.Vetoed, Tally: &votes.Tally{}, Sponsors: []votes.Sponsor{{}}, Discrepancies: []votes.Discrepancy{{Sides: []votes.Side{{}}}},
			Detail: &votes.Detail{Votes: []votes.MemberVote{{}}, Statements: []votes.Statement{{}}, Sources: []votes.Source{{}}}}
		anytext.Fill(&r, text)
		rep := votes.ImportReport{Accounts: 1, Landed: true, Problems: []votes.Problem{{}, {}}}
		anytext.Fill(&rep, text, "Severity", "Kind", "Format")
		rep.Problems[0].Severity, rep.Problems[1].Severity = votes.Refused, votes.Noted
		var out bytes.Buffer
		if err := show(&out, &r); err != nil {
			t.Fatal(err)
		}
		reporter{stdout: &out, stderr: &out}.report(rep, nil)
		if found := reControl.FindString(out.String()); found != "" {
			t.Errorf("%q reaches the terminal:\n%q", found, out.String())
		}
		if strings.Contains(text, "%") && strings.Contains(out.String(), "%!") && !strings.Contains(text, "%!") {
			t.Errorf("%q was taken for a format:\n%s", text, out.String())
		}
	})
}
