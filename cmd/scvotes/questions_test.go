package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
)

// question is one of docs/questions.md: the request that it prints, and the
// phrases that its answer has to have, in their order, made from the real answer.
type question struct {
	address string
	starter bool // the starter record alone gives the same answer
	phrases func(told) []string
}

var questions = []question{
	{"/v1/vetoes?q=syria&vetoed_by=RUS&vetoes=1", true, func(a told) []string {
		slices.SortFunc(a.Data, func(x, y toldRow) int { return strings.Compare(string(x.Date), string(y.Date)) })
		return []string{fmt.Sprintf("%d drafts, from", a.ProposalsVetoed), a.Data[0].symbolAndDay(), a.Data[len(a.Data)-1].symbolAndDay(),
			fmt.Sprintf("Of %d of them", a.count(func(r toldRow) bool { return r.Tally == nil }))}
	}},
	{"/v1/agreement/FRA/USA/votes?from=2010-01-01&differ=true", false, func(a told) []string {
		return []string{fmt.Sprintf("%d times in %d votes", a.Total, a.Pair.N), fmt.Sprintf("%.1f %%", 100**a.Pair.Share),
			fmt.Sprintf("%s (%s): France %s, United States %s.", a.Data[0].ID, a.Data[0].day(), a.Data[0].A, a.Data[0].B)}
	}},
	{"/v1/tallies?group_by=member&year=2023&sort=-abstain", true, func(a told) []string {
		r := a.Data
		return []string{fmt.Sprintf("%s, %d times in %d votes", r[0].Name, r[0].Positions.Abstain, r[0].Resolutions),
			fmt.Sprintf("before %s with %d and %s with %d.", r[1].Name, r[1].Positions.Abstain, r[2].Name, r[2].Positions.Abstain)}
	}},
	{"/v1/resolutions?outcome=failed&margin=-1", false, func(a told) []string {
		early := a.count(func(r toldRow) bool { return r.Tally.Members == 11 })
		list := []string{fmt.Sprintf("%d. The last two had 8 in favour where 9 are required:", a.Total)}
		for _, r := range a.Data[:a.Total-early] {
			list = append(list, fmt.Sprintf("%s (%s, %s)", r.Draft, r.day(), r.Tally))
		}
		return append(list, fmt.Sprintf("The other %d were", early), a.Data[a.Total-1].day(), a.Data[a.Total-early].day())
	}},
	{"/v1/vetoes?group_by=member&from=2020-01-01", true, func(a told) []string {
		var by []string
		for _, g := range a.Groups {
			by = append(by, fmt.Sprintf("%s %d", g.Name, g.VetoesCast))
		}
		return []string{fmt.Sprintf("%s: %d vetoes, which defeated %d proposals.", strings.Join(by, ", "), a.VetoesCast, a.ProposalsVetoed),
			fmt.Sprintf("Without amendments it is %d vetoes and %d proposals.", a.Conventions[0].VetoesCast, a.Conventions[0].ProposalsVetoed)}
	}},
	{"/v1/vetoes?q=palestin*&vetoed_by=USA&from=2023-10-07&sort=date", true, func(a told) []string {
		return []string{fmt.Sprintf("%d proposals: %s.", a.ProposalsVetoed, a.list(func(r toldRow) string { return fmt.Sprintf("%s (%s)", r.ID, r.Tally) }))}
	}},
	{"/v1/resolutions?outcome=adopted&voted=CHN:abstain&voted=RUS:abstain&year=2024&sort=date", true, func(a told) []string {
		return []string{fmt.Sprintf("%d resolutions: %s.", a.Total, a.list(func(r toldRow) string { return r.Of }))}
	}},
	{"/v1/decide/history?rule=no_veto&from=2000-01-01", false, func(a told) []string {
		return []string{fmt.Sprintf("%d proposals more: %d of %d votes would have carried.", a.Total, a.WouldPass, a.Considered),
			fmt.Sprintf("Left out are %d rolls in dispute and %d adoptions", a.Excluded[votes.LeftDisputed], a.Excluded[votes.LeftNoVote])}
	}},
	{"/v1/cohesion?members=E10&members=P5&year=2024", true, func(a told) []string {
		return []string{fmt.Sprintf("%s: %.3f on a scale from 0 (split in three) to 1 (as one)", a.Data[0].Group, *a.Data[0].Index),
			fmt.Sprintf("all ten did the same in %.0f %% of %d votes", 100**a.Data[0].United, a.Data[0].N),
			fmt.Sprintf("%s: %.3f, and %.0f %%.", a.Data[1].Group, *a.Data[1].Index, 100**a.Data[1].United)}
	}},
	{"/v1/members/USA/votes?position=no&lone=true", false, func(a told) []string {
		if n := a.count(func(r toldRow) bool { return r.Veto && r.Tally.String() == "14-1-0" }); n != a.Total {
			return []string{fmt.Sprintf("not all are vetoes of 14-1-0: %d", n)}
		}
		return []string{fmt.Sprintf("%d votes, all 14-1-0 and all vetoes: %s.", a.Total, a.list(func(r toldRow) string { return r.ID }))}
	}},
	{"/v1/sponsors?sponsor=DZA&year=2024", true, func(a told) []string {
		own, most := a.Data[0], a.Data[1].Proposals
		with := told{Data: slices.DeleteFunc(slices.Clone(a.Data[1:]), func(r toldRow) bool { return r.Proposals < most })}
		return []string{fmt.Sprintf("Of %d proposals %d were adopted, %d vetoed, and %d failed.", own.Proposals, own.Adopted, own.Vetoed, own.Failed),
			fmt.Sprintf("Most often with %s: %d times", with.list(func(r toldRow) string { return r.Name }), most)}
	}},
	{"/v1/discrepancies?kind=permanent_no_on_adopted", false, func(a told) []string {
		if n := a.count(func(r toldRow) bool {
			return r.State == votes.StateExplained && strings.Contains(r.Reference, "Article 27(2)")
		}); n != a.Total {
			return []string{fmt.Sprintf("not all are explained by Article 27(2): %d", n)}
		}
		return []string{fmt.Sprintf("%d resolutions", a.Total), "(Article 27(2) of the Charter)", a.list(func(r toldRow) string { return r.Of }) + "."}
	}},
}

// answerQuestions asks what docs/questions.md asks, and holds its answers to
// what comes back: every figure has to be one of the answer.
func (w *whole) answerQuestions(t *testing.T) {
	page := read(t, filepath.Join("..", "..", "docs", "questions.md"))
	intro, rest, _ := strings.Cut(page, "\n## ")
	sections := strings.Split(rest, "\n## ")
	if len(sections) != len(questions) {
		t.Fatalf("%d questions are printed, %d known", len(sections), len(questions))
	}
	starter := &whole{handler: handlerOf(t, loaded(t))}
	for i, q := range questions {
		t.Run(q.address, func(t *testing.T) {
			asked := reCurl.FindStringSubmatch(sections[i])
			if asked == nil || asked[1] != q.address {
				t.Fatalf("the page asks %q", asked)
			}
			got := w.ask(t, http.MethodGet, q.address)
			holdAnswer(t, answerIn(t, sections[i]), q.phrases(toldBy(t, got)))
			if q.starter {
				holdAnswer(t, answerIn(t, sections[i]), q.phrases(toldBy(t, starter.ask(t, http.MethodGet, q.address))))
			}
		})
	}
	w.holdGaps(t, intro)
	for _, m := range regexp.MustCompile(`S(?:/RES)?/\d+(?:/\d+| \(\d+\))`).FindAllString(plainText(page), -1) {
		id, err := votes.ParseID(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.ask(t, http.MethodGet, "/v1/resolutions/"+id); got.status != http.StatusOK {
			t.Errorf("%s is not in the record: status %d", m, got.status)
		}
	}
}

// answerIn is the paragraph between the request and what is to be minded.
func answerIn(t *testing.T, section string) string {
	t.Helper()
	_, after, asked := strings.Cut(section, "\n```\n")
	text, _, ends := strings.Cut(after, "*Mind:*")
	if !asked || !ends {
		t.Fatalf("no request, answer and caution in\n%s", section)
	}
	return plainText(text)
}

func plainText(s string) string { return strings.Join(strings.Fields(s), " ") }

// holdAnswer looks for the phrases one behind the other; beside them there is
// no figure.
func holdAnswer(t *testing.T, text string, phrases []string) {
	t.Helper()
	rest, beside := text, ""
	for _, p := range phrases {
		before, after, ok := strings.Cut(rest, p)
		if !ok {
			t.Fatalf("%q is not in, or not where it should be in\n%s", p, text)
		}
		rest, beside = after, beside+before
	}
	if at := strings.IndexAny(beside+rest, "0123456789"); at >= 0 {
		t.Errorf("a figure that nothing holds, in %q", (beside + rest)[at:])
	}
}

// holdGaps holds what the page says is not in the record.
func (w *whole) holdGaps(t *testing.T, intro string) {
	total := func(filter string) int {
		return toldBy(t, w.ask(t, http.MethodGet, "/v1/resolutions?limit=1&"+filter)).Total
	}
	gap, early := "from=2015-01-01&to=2018-12-31", "to=1993-12-31"
	last := toldBy(t, w.ask(t, http.MethodGet, "/v1/resolutions?limit=1")).Data[0]
	for _, phrase := range []string{
		fmt.Sprintf("Of 2015 to 2018 it has the %d vetoed proposals and no other", total(gap+"&outcome=vetoed")),
		fmt.Sprintf("Of the %d votes before 1994", total(early)),
		"It ends on " + last.day(),
		fmt.Sprintf("%d rolls, most of them of 1995, are in dispute", total("roll_call=disputed")),
	} {
		if !strings.Contains(plainText(intro), phrase) {
			t.Errorf("the page should say: %s", phrase)
		}
	}
	if n := total(gap) - total(gap+"&outcome=vetoed") + total(early+"&roll_call=complete,partial"); n != 0 {
		t.Errorf("%d votes are in the record of which the page says that they are not", n)
	}
	if of := total("roll_call=disputed&year=1995"); 2*of <= total("roll_call=disputed") {
		t.Errorf("%d of the disputed rolls are of 1995: not most of them", of)
	}
}

// told is what the answers to the questions tell, each of them some of it.
type told struct {
	votes.VetoRecord
	Total      int                     `json:"total"`
	Pair       votes.Pair              `json:"pair"`
	Considered int                     `json:"considered"`
	WouldPass  int                     `json:"would_pass"`
	Excluded   map[votes.Exclusion]int `json:"excluded"`
	Data       []toldRow               `json:"data"`
}

type toldRow struct {
	ID          string               `json:"id"`
	Of          string               `json:"resolution"` // the symbol, or what a discrepancy is of
	Draft       votes.Symbol         `json:"draft"`
	Date        votes.Date           `json:"date"`
	Tally       *votes.Tally         `json:"tally"`
	Veto        bool                 `json:"veto"`
	A           votes.Position       `json:"a"`
	B           votes.Position       `json:"b"`
	Name        string               `json:"name"`
	Resolutions int                  `json:"resolutions"`
	Positions   votes.PositionCounts `json:"positions"`
	Group       string               `json:"group"`
	N           int                  `json:"n"`
	Index       *float64             `json:"index"`
	United      *float64             `json:"united"`
	State       string               `json:"state"`
	Reference   string               `json:"reference"`
	votes.SponsorCounts
}

func toldBy(t *testing.T, got answer) (a told) {
	t.Helper()
	if got.status != http.StatusOK {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	if err := json.Unmarshal(got.body, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a told) count(is func(toldRow) bool) (n int) {
	for _, r := range a.Data {
		if is(r) {
			n++
		}
	}
	return n
}

// list writes the rows one after the other, as a sentence does.
func (a told) list(name func(toldRow) string) string {
	names := make([]string, len(a.Data))
	for i, r := range a.Data {
		names[i] = name(r)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func (r toldRow) day() string { return r.Date.Time().Format("2 January 2006") }

func (r toldRow) symbolAndDay() string { return fmt.Sprintf("%s (%s)", r.Draft, r.day()) }
