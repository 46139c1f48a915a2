package table

import (
	"strings"
	"testing"

	"scvotes/votes"
)

// Every cell of a table of figures is the field of that name in the JSON of
// its row, or in the positions that are a part of it.
func TestFiguresEqualJSON(t *testing.T) {
	var events []votes.Event
	for _, r := range ofStarter(t).resolutions {
		events = append(events, votes.EventOf(&r))
	}
	tallies, agreement := votes.NewTallies(votes.GroupYear), votes.NewAgreement(votes.AgreementOptions{Method: votes.Lijphart})
	sponsors := votes.NewSponsorship(votes.SponsorshipOptions{Pairs: true})
	p5, _ := votes.ParseMembers([]string{"P5"})
	cohesion := votes.NewCohesion([]votes.MemberGroup{{Name: "P5", Members: p5}}, votes.ByYear)
	pairVote, memberLine := votes.Compare("FRA", "USA", votes.AgreementOptions{}), votes.MemberLines(votes.MemberOptions{Code: "USA"})
	var pairVotes []votes.PairVote
	var lines []votes.MemberLine
	for _, e := range events {
		tallies.Add(e)
		agreement.Add(e)
		sponsors.Add(e)
		cohesion.Add(e)
		if v, ok := pairVote(e); ok {
			pairVotes = append(pairVotes, v)
		}
		if l, ok := memberLine(e); ok {
			lines = append(lines, l)
		}
	}
	equalJSON(t, Tallies, tallies.Result().Rows)
	equalJSON(t, Agreement, agreement.Result().Pairs)
	equalJSON(t, PairVotes, pairVotes)
	equalJSON(t, MemberLines, lines)
	equalJSON(t, Cohesion, cohesion.Result().Rows)
	equalJSON(t, Sponsors, sponsors.Result().Sponsors)
	equalJSON(t, SponsorPairs, sponsors.Result().Pairs)
	equalJSON(t, ChangedVotes, []votes.ChangedVote{{ID: "S-2024-835", Date: "2024-11-20", Title: "Ceasefire", Outcome: votes.Vetoed, Under: "adopted",
		Reason: "two vetoes needed", Tally: &votes.Tally{Yes: 14, No: 1}, VetoedBy: []votes.Code{"USA", "RUS"}}, {ID: "S-PV.23"}})
}

func equalJSON[T any](t *testing.T, table Table[T], rows []T) {
	t.Helper()
	if len(rows) == 0 {
		t.Fatalf("%s: no rows to compare", table.Name)
	}
	for i, row := range readBack(t, table, rows) {
		o := jsonOf(t, rows[i])
		positions, _ := o["positions"].(map[string]any)
		for column, got := range row {
			v, ok := o[column]
			if !ok {
				v, ok = positions[column]
			}
			want := scalar(v)
			switch v := v.(type) {
			case map[string]any: // a tally
				want = scalar(v["yes"]) + "-" + scalar(v["no"]) + "-" + scalar(v["abstain"])
				if n := scalar(v["not_voting"]); n != "0" {
					want += "-" + n
				}
			case []any:
				var codes []string
				for _, c := range v {
					codes = append(codes, scalar(c))
				}
				want = strings.Join(codes, ";")
			}
			if !ok || got != want {
				t.Errorf("%s row %d, %s: %q, by its JSON %q", table.Name, i, column, got, want)
			}
		}
	}
}
