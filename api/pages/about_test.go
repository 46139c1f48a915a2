package pages

import (
	"errors"
	"strings"
	"testing"

	"scvotes/votes"
)

func TestAboutTellsTheRulesWithVotesOfTheRecord(t *testing.T) {
	body := samplePage(t, newSample(t), "/about")
	for _, want := range []string{
		`<a href="/resolutions/S-2024-835">S/2024/835</a>`,
		"14 in favour, 9 needed: carried, but for the negative vote of the United States, a permanent member.",
		"8 in favour, 9 needed: 1 short.",
		"The question was procedural, so the negative vote of the Russian Federation, a permanent member, was no veto.",
		"American Political Science Review", "British Journal of Political Science", unTerms, "MIT licence", "Revision 3, 20 November 2026.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "S-RES-218-1965") {
		t.Error("it leads to a vote that the record does not hold")
	}
}

// The page tells every word that the record uses, and no other.
func TestAboutKnowsEveryWord(t *testing.T) {
	if got, want := len(outcomeWords), len(votes.Outcomes); got != want {
		t.Errorf("%d outcomes are told of, there are %d", got, want)
	}
	for i, r := range votes.RollCalls {
		if want := "/resolutions?roll_call=" + string(r); rollCallWords[i].Href != want {
			t.Errorf("roll call %s leads to %s", r, rollCallWords[i].Href)
		}
	}
	for _, w := range groupWords {
		if _, faults := votes.ParseMembers([]string{w.Word}); faults != nil {
			t.Errorf("%s is no group: %v", w.Word, faults)
		}
	}
	for _, l := range lessons {
		if id, err := votes.ParseID(l.id); err != nil || id != l.id {
			t.Errorf("%s is no id (%s, %v)", l.id, id, err)
		}
	}
}

func TestAboutPassesAFaultOn(t *testing.T) {
	r := newSample(t)
	r.fault = errors.New("the database is away")
	if _, err := sampleGet(t, r, "/about"); !errors.Is(err, r.fault) {
		t.Errorf("got %v", err)
	}
}
