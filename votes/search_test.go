package votes

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func words(w ...string) SearchTerm { return SearchTerm{Words: w} }

func symbol(s Symbol, key string) SearchTerm { return SearchTerm{Readings: []Reading{{s, key, false}}} }

// draftOrRevisions is a draft's symbol that names no revision.
func draftOrRevisions(s Symbol, key string) SearchTerm {
	return SearchTerm{Readings: []Reading{{s, key, false}, {s, key + "x", true}}}
}

func TestParseSearch(t *testing.T) {
	cases := []searchCase{
		{"ceasefire", []SearchTerm{words("ceasefire")}},
		{"  Ceasefire \t GAZA ", []SearchTerm{words("ceasefire"), words("gaza")}},
		{`"immediate ceasefire" hostages`, []SearchTerm{words("immediate", "ceasefire"), words("hostages")}},
		{"“immediate ceasefire”", []SearchTerm{words("immediate", "ceasefire")}},
		{"gaza -hostages", []SearchTerm{words("gaza"), {Words: []string{"hostages"}, Not: true}}},
		{`gaza -"two states"`, []SearchTerm{words("gaza"), {Words: []string{"two", "states"}, Not: true}}},
		{"-gaza", []SearchTerm{{Words: []string{"gaza"}, Not: true}}},
		{"cease* -hum*", []SearchTerm{{Words: []string{"cease"}, Prefix: true}, {Words: []string{"hum"}, Prefix: true, Not: true}}},
		{`"human righ*"`, []SearchTerm{{Words: []string{"human", "righ"}, Prefix: true}}},
		// What is written together is looked for side by side.
		{"Israel-Palestine, Security-Council", []SearchTerm{words("israel", "palestine"), words("security", "council")}},
		{"Côte d’Ivoire", []SearchTerm{words("cote"), words("divoire")}},
		{"TÜRKIYE Perú São", []SearchTerm{words("turkiye"), words("peru"), words("sao")}},
		{"Gaza - hostages – & ... (Rafah)", []SearchTerm{words("gaza"), words("hostages"), words("rafah")}},
		{"Газа غزة", []SearchTerm{words("газа"), words("غزة")}},
		{"veto?", []SearchTerm{words("veto")}},
	}
	for _, tt := range cases {
		tt.hold(t)
	}
}

// searchCase is what a search is read as.
type searchCase struct {
	q    string
	want []SearchTerm
}

func (tt searchCase) hold(t *testing.T) {
	t.Helper()
	got, err := ParseSearch(tt.q)
	if diff := cmp.Diff(Search{tt.want}, got); err != nil || diff != "" || got.Empty() {
		t.Errorf("%s: %v (-want +got):\n%s", tt.q, err, diff)
	}
}

func TestParseSearchForSymbols(t *testing.T) {
	gaza835 := draftOrRevisions("S/2024/835", "s2024y835")
	res2334 := symbol("S/RES/2334 (2016)", "sres2334y2016")
	cases := []searchCase{
		{"S/2024/835", []SearchTerm{gaza835}},
		{"s/2024/835", []SearchTerm{gaza835}},
		{"S-2024-835", []SearchTerm{gaza835}},
		{"S / 2024 / 835", []SearchTerm{gaza835}},
		{`"S/2024/835"`, []SearchTerm{gaza835}},
		{"veto of S/2024/835, gaza", []SearchTerm{words("veto"), words("of"), gaza835, words("gaza")}},
		{"gaza -S/2024/835", []SearchTerm{words("gaza"), {Readings: gaza835.Readings, Not: true}}},
		{"S/2024/83*", []SearchTerm{{Readings: []Reading{{"S/2024/83", "s2024y83", true}}}}},
		{"S/17769/Rev.1", []SearchTerm{symbol("S/17769/Rev.1", "s17769xrev1")}},
		{"s-17769-rev.1", []SearchTerm{symbol("S/17769/Rev.1", "s17769xrev1")}},
		{"S/17769", []SearchTerm{draftOrRevisions("S/17769", "s17769")}},
		{"S/RES/2334 (2016)", []SearchTerm{res2334}},
		{"S/RES/2334(2016)", []SearchTerm{res2334}},
		{"s/res/2334(2016)", []SearchTerm{res2334}},
		{"S-RES-2334-2016", []SearchTerm{res2334}},
		{"S/RES/2334/2016", []SearchTerm{res2334}},
		{"2334 (2016)", []SearchTerm{res2334}},
		{"2334(2016) settlements", []SearchTerm{res2334, words("settlements")}},
		{"Resolution 2334 (2016)", []SearchTerm{res2334}},
		{"S/RES/2334", []SearchTerm{{Readings: []Reading{{"S/RES/2334", "sres2334y", true}}}}},
		{"resolution 242", []SearchTerm{{Words: []string{"resolution", "242"}, Readings: []Reading{{"S/RES/242", "sres242y", true}}}}},
		{"S/PV.9790", []SearchTerm{symbol("S/PV.9790", "spv9790")}},
		{"S/PV9790", []SearchTerm{symbol("S/PV.9790", "spv9790")}},
		{"s-pv.9790", []SearchTerm{symbol("S/PV.9790", "spv9790")}},
		{"PV.9790 gaza", []SearchTerm{symbol("S/PV.9790", "spv9790"), words("gaza")}},
		{"S/PV.4503 (Resumption 1) iraq", []SearchTerm{symbol("S/PV.4503", "spv4503"), words("iraq")}},
		{"V131", []SearchTerm{symbol("V131", "v131")}},
		// An id of a part: the document, and the words behind it.
		{"S-552-preliminary-question", []SearchTerm{draftOrRevisions("S/552", "s552"), words("preliminary", "question")}},
		// A number and nothing else is all that it can be.
		{"2334", []SearchTerm{{Words: []string{"2334"}, Readings: []Reading{{"S/RES/2334", "sres2334y", true}, {"S/PV.2334", "spv2334", false},
			{"S/2334", "s2334", false}, {"S/2334", "s2334x", true}}}}},
		{"0", []SearchTerm{words("0")}},
		{"gaza 2024", []SearchTerm{words("gaza"), words("2024")}},
		{"1234567", []SearchTerm{words("1234567")}},
		// Not symbols, though they begin like some.
		{"S/2024/835b 1267/1989 S5 pvc V1310 G5-Sahel", []SearchTerm{words("s", "2024", "835b"), words("1267", "1989"), words("s5"), words("pvc"),
			words("v1310"), words("g5", "sahel")}},
		{"S/0 resolutions", []SearchTerm{words("s", "0"), words("resolutions")}},
	}
	for _, tt := range cases {
		tt.hold(t)
	}
}

func TestParseSearchFaults(t *testing.T) {
	cases := []struct{ q, want string }{
		{"", `"" holds no word to look for`},
		{" - ", `" - " holds no word to look for`},
		{`""`, `"\"\"" holds no word to look for`},
		{"?!&", `"?!&" holds no word to look for`},
		{`gaza "immediate ceasefire`, `the quotation mark before "immediate ceasefire" is not closed`},
		{`5" gun`, `the quotation mark before " gun" is not closed`},
		{"a*", `"a*" is too short: two letters or more stand before a *`},
		{"gaza *", `"*" is too short: two letters or more stand before a *`},
		{"cease*fire", `the * in "cease*fire" does not stand at the end of a word`},
		{"cease**", `the * in "cease**" does not stand at the end of a word`},
		{"gaza\x00", "not plain text in UTF-8"},
		{"gaza\x1b[0m", "not plain text in UTF-8"},
		{"gaza\xff", "not plain text in UTF-8"},
		{strings.Repeat("é", 501), "longer than 500 characters"},
	}
	for _, tt := range cases {
		got, err := ParseSearch(tt.q)
		if err == nil || err.Error() != tt.want || !got.Empty() {
			t.Errorf("%q: %v, %v; want %s", tt.q, got, err, tt.want)
		}
	}
	if _, err := ParseSearch(strings.Repeat("é", 500)); err != nil {
		t.Errorf("500 characters: %v", err)
	}
}

func TestSearchRanks(t *testing.T) {
	for q, want := range map[string]bool{"gaza": true, "gaza -hostages": true, "S/2024/835": true, "-gaza": false, "-S/2024/835 -iran": false} {
		s, err := ParseSearch(q)
		if err != nil || s.Ranks() != want {
			t.Errorf("%s: ranks %t, %v; want %t", q, s.Ranks(), err, want)
		}
	}
	if (Search{}).Ranks() || !(Search{}).Empty() {
		t.Error("the zero search looks for something")
	}
}

func TestFold(t *testing.T) {
	cases := []struct{ text, want string }{
		{"The situation in the Middle East", "the situation in the middle east"},
		{"Côte d'Ivoire", "cote divoire"},
		{"CO\u0302TE D’IVOIRE", "cote divoire"}, // the accent by itself
		{"Türkiye, São Tomé, Łódź, Ðà Nẵng, Þingvellir, Straße, Kraków, Çeşme", "turkiye sao tome lodz da nang thingvellir strasse krakow cesme"},
		{"Israel's, the peoples’ and People's", "israel the peoples and people"},
		{"S/2024/835 (2016)", "s 2024 835 2016"},
		{"zero\u200bwidth\u00a0and\ttab", "zerowidth and tab"},
		{"Совет ООН", "совет оон"},
		{"—", ""},
	}
	for _, tt := range cases {
		if got := Fold(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Every small letter that Unicode takes for a Latin one with an accent folds
// to letters from a to z.
func TestFoldKnowsLatinLetters(t *testing.T) {
	folded := 0
	for _, block := range [][2]rune{{0xe0, 0x17f}, {0x1cd, 0x1dc}, {0x1e00, 0x1e99}, {0x1ea0, 0x1ef9}} {
		for r := block[0]; r <= block[1]; r++ {
			if !unicode.IsLower(r) || strings.ContainsRune("ĸŋſŉ", r) { // letters of their own, and two no longer used
				continue
			}
			folded++
			if got := Fold(string(r)); got == "" || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%c (%U) folds to %q", r, r, got)
			}
		}
	}
	if folded < 200 {
		t.Errorf("only %d letters", folded)
	}
}

func TestSearchKey(t *testing.T) {
	keys := map[Symbol]string{
		"S/RES/2334 (2016)": "sres2334y2016", "S/RES/233 (1967)": "sres233y1967", "S/2024/835": "s2024y835", "S/2024/83": "s2024y83",
		"S/2024/83/Rev.5": "s2024y83xrev5", "S/2024": "s2024", "S/17769": "s17769", "S/17769/Rev.1": "s17769xrev1",
		"S/471/Add.1": "s471xadd1", "S/471/Rev.1/Corr.1": "s471xrev1xcorr1", "S/PV.9790": "spv9790", "S/9790": "s9790", "V131": "v131",
	}
	seen := map[string]Symbol{}
	for s, want := range keys {
		got := SearchKey(s)
		if got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
		if other, twice := seen[got]; twice {
			t.Errorf("%s and %s have the key %s", s, other, got)
		}
		seen[got] = s
	}
}

var oneKey = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// FuzzParseSearch: no text stops the reader, and what it makes of one can stand
// in a text search as it is: folded words, and keys of letters and digits.
func FuzzParseSearch(f *testing.F) {
	for _, s := range []string{"gaza", `"a b" -c d*`, `-"`, "S/RES/2334 (2016)*", "--", "S-552-preliminary-question", "2334", "резолюция 1", "''''s", "S/2024/-5", "PV 1 (Part )"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, q string) {
		s, err := ParseSearch(q)
		if (err != nil) != s.Empty() {
			t.Fatalf("%q: %v and %v", q, s, err)
		}
		for _, term := range s.Terms {
			if len(term.Words) == 0 && len(term.Readings) == 0 {
				t.Errorf("%q: a term of nothing", q)
			}
			for _, w := range term.Words {
				if !utf8.ValidString(w) || Fold(w) != w || strings.ContainsAny(w, ` "'*&|!():<>\`) {
					t.Errorf("%q: word %q", q, w)
				}
			}
			if slices.ContainsFunc(term.Readings, func(r Reading) bool { return !oneKey.MatchString(r.Key) }) {
				t.Errorf("%q: readings %v", q, term.Readings)
			}
		}
	})
}
