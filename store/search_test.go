package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// texts is all that can be searched in a resolution but its symbols, folded,
// each text by itself.
func texts(r *votes.Resolution) []string {
	list := []string{string(r.Title), string(r.AgendaItem), string(r.Topic), string(r.Region), string(r.Part), string(r.Note), string(r.SponsoredAs)}
	names := func(c votes.Code) {
		for _, code := range votes.CodesOfSeat(c) {
			state, _ := votes.StateByCode(code)
			for _, n := range state.Names {
				list = append(list, n.Name)
			}
		}
	}
	for _, s := range r.Sponsors {
		list = append(list, s.Name)
		names(s.Code)
	}
	for _, c := range r.VetoedBy {
		names(c)
	}
	for _, s := range r.Statements {
		list = append(list, s.Speaker, s.Text)
		names(s.For)
	}
	for i, text := range list {
		list[i] = " " + votes.Fold(text) + " "
	}
	return list
}

// says tells whether words stand side by side in one of the texts; the last may
// go on.
func says(r *votes.Resolution, words string) bool {
	return slices.ContainsFunc(texts(r), func(text string) bool { return strings.Contains(text, " "+words) })
}

// found returns the ids that a search finds, in any order, and no error.
func (r record) found(t *testing.T, search string) []string {
	t.Helper()
	s, err := votes.ParseSearch(search)
	if err != nil {
		t.Fatalf("%q: %v", search, err)
	}
	var list []string
	if _, err := r.Each(t.Context(), votes.Filter{Q: s}, "", func(res *votes.Resolution) error { list = append(list, res.ID); return nil }); err != nil {
		t.Fatalf("%q: %v", search, err)
	}
	return sorted(list)
}

func TestSearchByWords(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	both := func(a, b func(*votes.Resolution) bool) func(*votes.Resolution) bool {
		return func(r *votes.Resolution) bool { return a(r) && b(r) }
	}
	say := func(words string) func(*votes.Resolution) bool {
		return func(r *votes.Resolution) bool { return says(r, words) }
	}
	not := func(f func(*votes.Resolution) bool) func(*votes.Resolution) bool {
		return func(r *votes.Resolution) bool { return !f(r) }
	}
	for _, c := range []struct {
		search string
		want   func(*votes.Resolution) bool
		n      int // how many at least
	}{
		{"Somalia", say("somalia "), 80},
		{"somalia sudan", both(say("somalia "), say("sudan ")), 1},
		{`"western sahara"`, say("western sahara "), 60},
		{`western sahara -"western sahara"`, both(both(say("western "), say("sahara ")), not(say("western sahara "))), 0},
		{`"middle east"`, say("middle east "), 150},
		{`middle -"middle east"`, both(say("middle "), not(say("middle east "))), 0},
		{"sudan -darfur -chad", both(both(say("sudan "), not(say("darfur "))), not(say("chad "))), 20},
		{"-somalia haiti", both(say("haiti "), not(say("somalia "))), 40},
		{"somal*", say("somal"), 80},
		{"kuw*", say("kuw"), 40},
		{"yugo* -croat*", both(say("yugo"), not(say("croat"))), 20},
		{`"western sah*"`, say("western sah"), 60},
		{`"situation in the mid*"`, say("situation in the mid"), 100}, // words too common to be kept stand between
		{`"situation in the middle east"`, say("situation in the middle east "), 100},
		{`"east middle"`, say("east middle "), 0}, // from one text into the next is no phrase
		{`"somalia somalia"`, say("somalia somalia "), 0},
		{"Cote d'Ivoire", say("cote divoire "), 50},
		{"Côte d’Ivoire", say("cote divoire "), 50},
		{`"COTE D'IVOIRE"`, say("cote divoire "), 50},
		{"türkiye", say("turkiye "), 20},
		{"Turkiye", say("turkiye "), 20},
		{"Turkey", say("turkey "), 20},
		{"herzegovina", say("herzegovina "), 30},
		{"Byelorussian", say("byelorussian "), 1},
		{`"Robert Wood"`, say("robert wood "), 1},
		{"US drafts in Somalia and of Ethiopia", nil, 0}, // only has to be answered
	} {
		t.Run(c.search, func(t *testing.T) {
			got := r.found(t, c.search)
			if c.want == nil {
				return
			}
			var want []string
			for _, res := range all {
				if c.want(res) {
					want = append(want, res.ID)
				}
			}
			if len(want) < c.n {
				t.Fatalf("the reference finds %d, want %d or more for a test that tells something", len(want), c.n)
			}
			if diff := cmp.Diff(sorted(want), got); diff != "" {
				t.Errorf("%d found, want %d (-reference +found):\n%s", len(got), len(want), firstLines(diff, 20))
			}
		})
	}
}

// A word finds its other forms too, which a reference that compares letters does not.
func TestSearchByStems(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", "draft,date,title,tally\n"+
		"S/2024/1,2024-01-08,Piracy off the coast,3-2-10\n"+
		"S/2024/2,2024-01-08,Sanctions on pirates,3-2-10\n"+
		"S/2024/3,2024-01-08,Sanctioned goods,3-2-10\n"+
		"S/2024/4,2024-01-08,Israel's withdrawal,3-2-10\n"), store.ImportOptions{})
	for search, want := range map[string][]string{
		"sanction":              {"S-2024-2", "S-2024-3"},
		"sanctions":             {"S-2024-2", "S-2024-3"},
		"pirate":                {"S-2024-2"},
		"coasts":                {"S-2024-1"},
		`"sanction on pirate"`:  {"S-2024-2"},
		`"pirate sanction"`:     nil,
		"Israel":                {"S-2024-4"},
		"israel's":              {"S-2024-4"},
		"with*":                 {"S-2024-4"}, // the beginning of a word, though it is itself a common one
		"on*":                   nil,          // nothing that is kept begins so
		"off the":               nil,          // common words alone
		"coast of the off":      {"S-2024-1"}, // beside another, they ask nothing
		`"coast with*"`:         nil,
		`"israel withd*"`:       {"S-2024-4"},
		"sanctions -goods":      {"S-2024-2"},
		"-sanctions -piracy":    {"S-2024-4"},
		"-the":                  nil,
		"sanctions -the":        {"S-2024-2", "S-2024-3"},
		`-"sanctions on" pira*`: {"S-2024-1"},
	} {
		if got := r.found(t, search); !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", search, got, want)
		}
	}
}

// A resolution is found by what a member that had a part in it is called, and
// not by the members that only voted.
func TestSearchByMembers(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+somalia+sudan+gaza), store.ImportOptions{})
	r.land(t, csvFile("b.csv", statementHeader+onGaza), store.ImportOptions{})
	for search, want := range map[string][]string{
		"USSR":                          {"S-2024-826"}, // its seat vetoed
		"russian federation":            {"S-2024-826"},
		"united kingdom":                {"S-2024-826", "S-RES-2753-2024"},
		"Ecuador":                       {"S-2024-835"}, // one of the ten that sponsored it
		"E10":                           {"S-2024-835"},
		"China":                         nil,
		"wood":                          {"S-2024-835"},
		`"could not support" ceasefir*`: nil,
		`"could not support"`:           {"S-2024-835"},
		"support -wood":                 nil,
	} {
		if got := r.found(t, search); !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", search, got, want)
		}
	}
}

// A word in the title counts for more than one in the agenda item, and that for
// more than the name of a member and a word in a statement.
func TestSearchRanks(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", "draft,date,title,agenda_item,topic,sponsors,tally\n"+
		"S/2024/1,2024-01-08,Malta,,,,3-2-10\n"+
		"S/2024/2,2024-01-09,,The situation in Malta,,,3-2-10\n"+
		"S/2024/3,2024-01-10,,,,Malta,3-2-10\n"+
		"S/2024/4,2024-01-11,Another,,,,3-2-10\n"+
		"S/2024/5,2024-01-12,Malta,The situation in Malta,,,3-2-10\n"+
		"S/2024/6,2024-01-13,,The situation in Malta,,,3-2-10\n"), store.ImportOptions{})
	r.land(t, csvFile("b.csv", statementHeader+"S/2024/4,,CHN,reaction,2024-01-12,Spoke of Malta and of nothing else.,\n"), store.ImportOptions{})
	s, err := votes.ParseSearch("malta")
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 4, 50} {
		var got []string
		walk(t, r, votes.Filter{Q: s}, votes.PageRequest{Limit: limit, Sort: votes.SortRelevance}, func(_ int, page votes.Page) {
			got = append(got, ids(page.Data)...)
		})
		// Of two that answer as well, the newer stands first.
		if want := []string{"S-2024-5", "S-2024-1", "S-2024-6", "S-2024-2", "S-2024-3", "S-2024-4"}; !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
}

// What looks like a piece of SQL, or of a text search, is words.
func TestSearchIsHarmless(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	before := r.counts(t)
	for _, text := range []string{"'", "''", `\`, `a'b`, `a\b`, `\'`, "cease:*", "cease:A", "a & b", "a | b", "! a", "!!a", "a <-> b", "a <2> b", "(a", "a)", "((",
		"'; DROP TABLE votes; --", "@f0", "$1", "%", "_", "*", "a:*b", `"'"`, `"\"`, "cease''fire", "cease\\:*", "ab'*", `ab\*`, "ab:*", "'ab'*", "𝒜𝒷", "ひらがな", "ひ*",
		"-'", `-"a & b"`, "S/2024/835'", "S/2024/835:*", "S/2024/8*", "x'y:z*", "\u202eabc", "a\u00a0b", "--", "- -", "🕊", "ß*", "ﬁ*", "½", strings.Repeat("ab ", 160)} {
		s, err := votes.ParseSearch(text)
		if err != nil {
			continue // it says why; see the tests of package votes
		}
		sort := votes.SortNewest
		if s.Ranks() {
			sort = votes.SortRelevance
		}
		for _, f := range []votes.Filter{{Q: s}, {Q: s, Outcome: []votes.Outcome{votes.Vetoed}}} {
			if _, err := r.Resolutions(t.Context(), f, votes.PageRequest{Sort: sort, Facets: []string{"outcome", "vetoed_by"}}); err != nil {
				t.Errorf("%q: %v", text, err)
			}
			if _, err := r.Vetoes(t.Context(), f, "member"); err != nil {
				t.Errorf("%q, of the vetoes: %v", text, err)
			}
		}
	}
	sameCounts(t, before, r.counts(t))
	if _, err := votes.ParseSearch("a\x00b"); err == nil {
		t.Error("a search with a NUL in it, which Postgres cannot take, is let through")
	}
}

// Every symbol of the record finds what it names, and what it names alone.
func TestEverySymbolFindsItsOwn(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	bySymbol := make(map[votes.Symbol][]string)
	for _, res := range r.all(t) {
		for _, s := range []votes.Symbol{res.Draft, res.Resolution, res.Meeting} {
			if s != "" && !slices.Contains(bySymbol[s], res.ID) {
				bySymbol[s] = append(bySymbol[s], res.ID)
			}
		}
	}
	for s, named := range bySymbol {
		for other, more := range bySymbol { // a draft leads to its revisions too
			if strings.HasPrefix(string(other), string(s)+"/") && !strings.Contains(strings.TrimPrefix(string(s), "S/"), "/Rev") {
				named = append(slices.Clone(named), more...)
			}
		}
		want := slices.Compact(sorted(slices.Clone(named)))
		if got := r.found(t, string(s)); !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", s, got, want)
		}
	}
	for _, res := range r.all(t) {
		if got := r.found(t, res.ID); !slices.Contains(got, res.ID) {
			t.Errorf("the id %s finds %v", res.ID, got)
		}
	}
}

func TestSymbolsInAnySpelling(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+
		"S/2024/835,,S/PV.9790,2024-11-20,Gaza,E10,E10;CHN;FRA;GBR;RUS,USA,,,\n"+
		"S/2016/1060,S/RES/2334 (2016),S/PV.7853,2016-12-23,Palestine,,all,,,,\n"+
		"S/17769/Rev.1,,S/PV.2655,1986-01-30,Lebanon,,,,,11-1-3,USA\n"+
		"S/2024/83,,S/PV.9791,2024-11-21,Sudan,,,,,3-2-10,\n"+
		"S/2334,,S/PV.600,1952-06-18,Germ warfare,,,,,3-1-7,\n"), store.ImportOptions{})
	for want, spellings := range map[string][]string{
		"S-2024-835": {"S/2024/835", "s/2024/835", "S-2024-835", `"S/2024/835"`, " S/2024/835 ", "S/PV.9790", "S/PV9790", "PV.9790", "pv 9790", "9790", "S/2024/835 gaza"},
		"S-RES-2334-2016": {"S/RES/2334 (2016)", "S/RES/2334(2016)", "2334 (2016)", "2334(2016)", "S/RES/2334", "res/2334", "S-RES-2334-2016",
			"resolution 2334", "Resolution 2334 (2016)", "7853", "S/2016/1060"},
		"S-17769-Rev.1":              {"S/17769/Rev.1", "S/17769/Rev. 1", "S/17769", "S-17769-Rev.1", "17769", "S/PV.2655"},
		"S-2024-83":                  {"S/2024/83", "S/PV.9791"},
		"S-2024-83 S-2024-835":       {"S/2024/83*", "S/2024/8*"},
		"S-2334 S-RES-2334-2016":     {"2334"},
		"":                           {"S/2024/8", "S/2024", "S/RES/233", "979", "S/2023/835", "S/RES/2334 (2017)", "S/2024/835 -gaza", "S/2024/835 sudan"},
		"S-2334":                     {"S/2334", "S/PV.600", "600"},
		"S-2024-835 S-RES-2334-2016": {"-S/2024/83 -S/2334 -S/17769"},
	} {
		for _, text := range spellings {
			if got := strings.Join(r.found(t, text), " "); got != want {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
	}
	// The record that a symbol names stands before those that only speak of it.
	r.land(t, csvFile("b.csv", statementHeader+"S/2024/83,A. Speaker,CHN,reaction,2024-11-22,Recalled resolution 2334 and resolution 2334 again.,\n"), store.ImportOptions{})
	page, err := r.Resolutions(t.Context(), parseFilter(t, "q=resolution 2334"), votes.PageRequest{Sort: votes.SortRelevance})
	if err != nil || !slices.Equal(ids(page.Data), []string{"S-RES-2334-2016", "S-2024-83"}) {
		t.Errorf("found %v, %v", ids(page.Data), err)
	}
}
