package pages

import (
	"fmt"
	"strings"
	"testing"

	"scvotes/votes"
)

// figures is a row of the table of pairs, behind its names.
func figures(share string, agreed string, n, leftOut int) string {
	return fmt.Sprintf(`</a></th><td class="number">%s</td><td class="number">%s</td><td class="number">%d</td><td class="number">%d</td>`, share, agreed, n, leftOut)
}

// The three votes that docs/figures.md follows the formulas with.
func TestAgreementOfThreeVotes(t *testing.T) {
	body := samplePage(t, newSample(t), "/agreement")
	wants(t, body, `<a href="/agreement/CHN/FRA">China and France`+figures("67%", "2", 3, 0), `<a href="/agreement/RUS/USA">Russian Federation and United States`+figures("0%", "0", 3, 0),
		"3 votes are compared, of 5 members.", "the votes in which both took the same position, divided by", `name="members" value="P5"`,
		`href="/v1/agreement.csv"`, `href="/v1/charts/agreement.svg"`, "Agreement of 10 pairs, the highest share first", `<option value="exact" selected>`)
	if strings.Index(body, "China and United States") < strings.Index(body, "China and France") {
		t.Error("the pairs are not in the order of their shares")
	}
	halves := samplePage(t, newSample(t), "/agreement?method=lijphart&from=2014-01-01&exclude_unanimous=true")
	wants(t, halves, `<a href="/agreement/CHN/FRA?exclude_unanimous=true&amp;from=2014-01-01&amp;method=lijphart">China and France`+figures("83%", "2.5", 3, 0),
		"half of those in which one of them abstained", `<option value="lijphart" selected>`, `<option value="true" selected>are left out`)
}

// A cell of the map leads to what the table's row leads to.
func TestAgreementCellsLead(t *testing.T) {
	body := samplePage(t, newSample(t), "/agreement?from=2014-01-01")
	if n := strings.Count(body, `href="/agreement/RUS/USA?from=2014-01-01"`); n != 3 { // above and below the diagonal, and in the table
		t.Errorf("%d links to the pair", n)
	}
}

func TestAgreementOfMany(t *testing.T) {
	body := samplePage(t, newSample(t), "/agreement?members=all")
	wants(t, body, "A map has room for 20 members", "Agreement of 190 pairs, the highest share first. They are those with the most votes behind them;")
	lacks(t, body, "<svg", "/v1/charts/agreement.svg")
	if n := len(body); n > 100<<10 {
		t.Errorf("the page has %d bytes", n)
	}
	wants(t, samplePage(t, newSample(t), "/agreement?members=BDI,ALB"), "No two of these members took part in the same vote")
	wants(t, samplePage(t, newSample(t), "/agreement?members=E10&topic=Gaza"), `<a href="/agreement?members=A3%2B1&amp;topic=Gaza">`, `type="hidden" name="topic" value="Gaza"`)
}

func TestAgreementTellsFaults(t *testing.T) {
	body := refused(t, newSample(t), "/agreement?members=Atlantis&method=guess&exclude_unanimous=maybe&to=soon")
	wants(t, body, "members “Atlantis”", "method “guess”", "exclude_unanimous “maybe”", "to “soon”", `name="members" value="Atlantis"`, "Groups to compare")
	lacks(t, body, "Every pair")
}

func TestExcludedInWords(t *testing.T) {
	for want, counts := range map[string]map[votes.Exclusion]int{
		"": {votes.LeftNoVote: 0},
		"44 adoptions without a vote, 1 vote of which it is not known who voted how and 2 proposals that were not put to the vote": {votes.LeftWithdrawn: 2, votes.LeftNoRoll: 1, votes.LeftNoVote: 44},
	} {
		if got := excludedWords(counts); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
