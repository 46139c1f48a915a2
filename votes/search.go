package votes

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Search is what is looked for in the text of the record. Every term must
// hold. The zero Search looks for nothing.
type Search struct{ Terms []SearchTerm }

// SearchTerm is one thing looked for: a word, a phrase, a symbol, or what may be
// either. Where it has both Words and Readings, one of them is enough.
type SearchTerm struct {
	Words    []string  // folded (see Fold); several stand side by side in this order
	Prefix   bool      // the last of Words is the beginning of a word
	Readings []Reading // the documents that it can name, the likeliest first; one is enough
	Not      bool      // must not hold
}

// Reading is a document that a term of a search can name. Key is that of
// SearchKey, or with Prefix the beginning of several.
type Reading struct {
	Symbol Symbol
	Key    string
	Prefix bool
}

// Empty tells whether nothing is looked for.
func (s Search) Empty() bool { return len(s.Terms) == 0 }

// Ranks tells whether results can be ranked: something is looked for, and not
// only left out.
func (s Search) Ranks() bool {
	return slices.ContainsFunc(s.Terms, func(t SearchTerm) bool { return !t.Not })
}

// MaxSearch is the length of a search in characters.
const MaxSearch = 500

// ParseSearch reads words, "quoted phrases", -words and -"phrases" to leave
// out, beginnings of words (cease*), and symbols in any spelling: S/RES/2334
// (2016), 2334 (2016), S/PV9790, S-2024-835. A number alone may be that of a
// resolution, a meeting or an old draft, or only a number: all are looked for.
//
// It is an error when a quotation mark is not closed, when there is nothing to
// look for, and when the text is too long or not plain.
func ParseSearch(s string) (Search, error) {
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }):
		return Search{}, fmt.Errorf("not plain text in UTF-8")
	case utf8.RuneCountInString(s) > MaxSearch:
		return Search{}, fmt.Errorf("longer than %d characters", MaxSearch)
	}
	scan := searchScanner{rest: cleanSymbol(strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`).Replace(s))}
	if number := reNumber.FindString(scan.rest); number != "" {
		return Search{[]SearchTerm{numberTerm(number)}}, nil
	}
	for scan.next() {
	}
	switch {
	case scan.err != nil:
		return Search{}, scan.err
	case len(scan.terms) == 0:
		return Search{}, fmt.Errorf("%q holds no word to look for", s)
	}
	return Search{scan.terms}, nil
}

// SearchKey writes a symbol as one word of small letters and digits, under
// which it stands among the words of the record: sres2334y2016, s2024y835,
// s17769xrev1, spv9790. No two symbols have the same.
func SearchKey(s Symbol) string { return strings.ToLower(keyLetters.Replace(string(s))) }

// A "y" stands by a year and an "x" before a suffix, so that S/2024/83 with a 5
// behind it and S/2024/835 differ, and S/2024 is not the beginning of both.
var keyLetters = strings.NewReplacer("S/RES/", "sres", " (", "y", ")", "", "S/PV.", "spv", "S/", "s",
	"/Rev.", "xrev", "/Add.", "xadd", "/Corr.", "xcorr", "/Amend.", "xamend", "/", "y")

var (
	reNumber = regexp.MustCompile(`^\d{1,6}$`)

	// What a symbol may look like at the beginning of the rest of a search.
	reSearchSymbol = regexp.MustCompile(`(?i)^(?:` +
		`(?:resolution |(?:S ?/ ?)?RES ?/ ?|S-RES-)\d{1,6}(?: ?\( ?\d{4} ?\)|[/-]\d{4})?` + // S/RES/2334 (2016), resolution 2334
		`|\d{1,6} ?\( ?\d{4} ?\)` + // 2334 (2016)
		`|(?:S ?[/-] ?)?PV ?[./]? ?\d{1,6}(?: ?\((?:Resumption|Part) ?\d*\))?` + // S/PV.9790
		`|S ?[/-] ?(?:(?:19|20)\d\d ?[/-] ?)?\d{1,6}(?:[/-](?:Rev|Add|Corr|Amend)\.? ?\d+)*` + // S/2024/835
		`|V\d{3})`) // V131, a vote in writing

	reNotSymbol  = regexp.MustCompile(`^(?:[\pL\pN]|[/-]\d)`) // what goes on like this was no symbol
	reSymbolDone = regexp.MustCompile(`^[/-]`)
)

// searchScanner takes a search apart from left to right.
type searchScanner struct {
	rest  string
	terms []SearchTerm
	err   error
}

// next takes one term and tells whether there may be more.
func (s *searchScanner) next() bool {
	s.rest = strings.TrimLeft(s.rest, " ")
	not := len(s.rest) > 1 && s.rest[0] == '-' && s.rest[1] != ' '
	if not {
		s.rest = s.rest[1:]
	}
	switch {
	case s.rest == "" || s.err != nil:
		return false
	case s.rest[0] == '"':
		s.phrase(not)
	default:
		if !s.symbol(not) {
			s.word(not)
		}
	}
	return true
}

// phrase takes what stands between quotation marks.
func (s *searchScanner) phrase(not bool) {
	text, rest, closed := strings.Cut(s.rest[1:], `"`)
	if !closed {
		s.err = fmt.Errorf("the quotation mark before %q is not closed", text)
		return
	}
	s.rest = rest
	inner := searchScanner{rest: strings.TrimSpace(text)}
	if inner.symbol(not) && inner.rest == "" { // a symbol in quotes is still one
		s.terms = append(s.terms, inner.terms...)
		return
	}
	s.words(text, not)
}

// symbol takes a symbol, where one stands next.
func (s *searchScanner) symbol(not bool) bool {
	found := reSearchSymbol.FindString(s.rest)
	rest := s.rest[len(found):]
	if found == "" || reNotSymbol.MatchString(rest) {
		return false
	}
	readings := symbolReadings(found)
	if len(readings) == 0 {
		return false
	}
	if after, ok := strings.CutPrefix(rest, "*"); ok { // S/2024/83*
		rest = after
		readings = []Reading{{readings[0].Symbol, readings[0].Key, true}}
	}
	t := SearchTerm{Readings: readings, Not: not}
	if readings[0].Prefix && strings.HasPrefix(strings.ToLower(found), "resolution ") {
		t.Words = strings.Fields(Fold(found)) // "resolution 242" is named in many a title
	}
	s.terms = append(s.terms, t)
	// An id goes on behind the symbol: S-552-preliminary-question.
	s.rest = reSymbolDone.ReplaceAllString(rest, "")
	return true
}

// word takes all up to the next white space or quotation mark.
func (s *searchScanner) word(not bool) {
	end := strings.IndexAny(s.rest, ` "`)
	if end < 0 {
		end = len(s.rest)
	}
	text := s.rest[:end]
	s.rest = s.rest[end:]
	s.words(text, not)
}

// words adds a word or a phrase. Signs alone are no word.
func (s *searchScanner) words(text string, not bool) {
	text = strings.TrimRight(text, " ,;.:!?)]")
	stem, prefix := strings.CutSuffix(text, "*")
	t := SearchTerm{Words: strings.Fields(Fold(stem)), Prefix: prefix, Not: not}
	switch {
	case len(t.Words) == 0 && !prefix:
		return
	case strings.Contains(stem, "*"):
		s.err = fmt.Errorf("the * in %q does not stand at the end of a word", text)
	case prefix && (len(t.Words) == 0 || utf8.RuneCountInString(t.Words[len(t.Words)-1]) < 2):
		s.err = fmt.Errorf("%q is too short: two letters or more stand before a *", text)
	}
	s.terms = append(s.terms, t)
}

// symbolReadings tells which documents a spelling can name.
func symbolReadings(found string) []Reading {
	t := cleanSymbol(found)
	upper := strings.ToUpper(t)
	if id, ok := strings.CutPrefix(upper, "S-RES-"); ok {
		upper = "S/RES/" + strings.Replace(id, "-", "/", 1)
	}
	if sym, err := ParseResolution(upper, ""); err == nil {
		return []Reading{exactly(sym)}
	}
	if m := reResBare.FindStringSubmatch(upper); m != nil {
		return []Reading{resolutionOfAnyYear(m[1])}
	}
	if strings.Contains(upper, "PV") || strings.HasPrefix(upper, "V") {
		if sym, err := ParseMeeting(strings.Replace(upper, "S-", "S/", 1)); err == nil {
			return []Reading{exactly(sym)}
		}
		return nil
	}
	if sym, ok := canonicalDraft(t); ok {
		return draftReadings(sym)
	}
	return nil
}

// numberTerm is a search that is a number and nothing else.
func numberTerm(number string) SearchTerm {
	t := SearchTerm{Words: []string{number}}
	if n, _ := strconv.Atoi(number); n > 0 {
		bare := strconv.Itoa(n)
		t.Readings = append([]Reading{resolutionOfAnyYear(bare), exactly(Symbol("S/PV." + bare))}, draftReadings(Symbol("S/"+bare))...)
	}
	return t
}

func exactly(s Symbol) Reading { return Reading{Symbol: s, Key: SearchKey(s)} }

// Resolutions are numbered through, so that the number alone names one.
func resolutionOfAnyYear(number string) Reading {
	s := Symbol("S/RES/" + number)
	return Reading{Symbol: s, Key: SearchKey(s) + "y", Prefix: true}
}

// draftReadings are the draft and, where its symbol has no suffix, its
// revisions: the vote is often on one of these.
func draftReadings(s Symbol) []Reading {
	list := []Reading{exactly(s)}
	if !reSuffix.MatchString(strings.ToUpper(string(s))) {
		list = append(list, Reading{Symbol: s, Key: SearchKey(s) + "x", Prefix: true})
	}
	return list
}
