package votes

import (
	"fmt"
	"regexp"
	"strings"
)

// ParseSponsors reads the sponsors of a draft as sources print them: states
// between commas, semicolons or "and"; a group (E10, P5, A3, All Council
// Members), which stands for its members on the day d; or a body that is no
// state (President, a committee), kept as printed without a code.
//
// The states come in the order printed, each once, with their names of the
// day. The text is what SponsoredAs of an Account holds: the words of the
// source where they name a group or a body, else "". Problems are Noted, with
// no place: a near-miss read as the state it was meant for, a name broken over
// a comma, a state named twice, words that are neither state nor body. An
// empty field and "-none-" are no sponsors and no problem.
func ParseSponsors(printed string, d Date) ([]Sponsor, string, []Problem) {
	text := cleanSponsors(printed)
	l := sponsorList{day: d}
	switch {
	case noSponsors[fold(text)]:
		return nil, "", nil
	case isBody(text):
		l.body(text)
	default:
		l.split(text)
		for i := 0; i < len(l.words); {
			i += l.take(i)
		}
	}
	if l.special {
		return l.sponsors, text, l.problems
	}
	return l.sponsors, "", l.problems
}

// sponsorList is a list of sponsors being read. words are the places in text
// of what stands between commas, semicolons and "and".
type sponsorList struct {
	day      Date
	text     string
	words    [][2]int
	sponsors []Sponsor
	problems []Problem
	special  bool // a group or a body was named
}

// longestName is the number of words between separators that one name may
// hold: "Saint Vincent and the Grenadines" is two, a name broken over its
// spaces by commas may be more.
const longestName = 4

var (
	reSponsorSeparator = regexp.MustCompile(`(?i)\s*[,;]\s*(?:and\s)?\s*|\s+(?:and|&)\s+`)
	reSpreadsheetMark  = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`) // a control character, as .xlsx files write it
	reSponsorCount     = regexp.MustCompile(`\(\d+\)`)           // "(64)": how many sponsors there are
)

var noSponsors = map[string]bool{"": true, "none": true, "n a": true, "no sponsor": true, "no sponsors": true}

func cleanSponsors(s string) string {
	s = reSpreadsheetMark.ReplaceAllString(s, " ")
	s = reSponsorCount.ReplaceAllString(s, " ")
	return strings.Trim(strings.Join(strings.Fields(s), " "), ` .,;"“”`)
}

// isBody tells whether the words name one that can put a draft forward and is
// no state: the President of the Council, or one of its committees.
func isBody(s string) bool {
	f := fold(s)
	return f == "president" || f == "presidency" || strings.HasPrefix(f, "president of ") || strings.Contains(f, "committee")
}

func (l *sponsorList) split(text string) {
	l.text = text
	start := 0
	for _, sep := range append(reSponsorSeparator.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		if sep[0] > start {
			l.words = append(l.words, [2]int{start, sep[0]})
		}
		start = sep[1]
	}
}

// take reads one sponsor that begins with word i and returns how many words it
// was. The longest name is tried first, since names hold "and" and, inverted
// ("Korea, Republic of"), commas.
func (l *sponsorList) take(i int) int {
	for n := min(longestName, len(l.words)-i); n > 1; n-- {
		span := l.text[l.words[i][0]:l.words[i+n-1][1]]
		code, ok := FindStateOn(span, l.day)
		if !ok || l.separateStates(i, n, span) {
			continue
		}
		if strings.ContainsAny(span, ",;") && !inverted(span) {
			l.note(KindState, code.NameOn(l.day), "%q is one name, broken by a comma", span)
		}
		l.state(code)
		return n
	}
	l.single(l.text[l.words[i][0]:l.words[i][1]])
	return 1
}

// separateStates tells whether every one of n words is a state of its own, so
// that they are a list. Serbia and Montenegro is one state while there was one.
func (l *sponsorList) separateStates(i, n int, span string) bool {
	for _, w := range l.words[i : i+n] {
		if _, ok := FindState(l.text[w[0]:w[1]]); !ok {
			return false
		}
	}
	code, _ := FindState(span)
	state, _ := StateByCode(code)
	return l.day == "" || l.day < state.Names[0].From || l.day > state.lastDay()
}

// inverted tells whether a name holds its comma by right: "Korea, Republic of"
// is a name when it is turned round, "Cabo,Verde" is not.
func inverted(name string) bool {
	_, ok := stateIndex().byName[fold(uninvert(name))]
	return ok
}

// single reads one name, which is read in a list as it is by itself: what names
// nobody there names nobody here.
func (l *sponsorList) single(word string) {
	if word = cleanSponsors(word); noSponsors[fold(word)] {
		return
	}
	if code, ok := FindStateOn(word, l.day); ok {
		l.state(code)
		return
	}
	if members, ok := CouncilGroup(word, l.day); ok {
		l.special = true
		for _, m := range members {
			l.add(Sponsor{Code: m, Name: m.NameOn(l.day)})
		}
		return
	}
	if isBody(word) {
		l.body(word)
		return
	}
	name, code, apart := nearestState(word)
	if code == "" || apart > 1 {
		l.add(Sponsor{Name: word})
		l.note(KindSponsor, name, "%q is not a state, a group or a body: kept as printed", word)
		return
	}
	code, _ = FindStateOn(string(code), l.day)
	l.note(KindState, name, "%q is not a state: read as %s", word, name)
	l.state(code)
}

func (l *sponsorList) body(words string) {
	l.special = true
	l.add(Sponsor{Name: words})
	if strings.Contains(words, "?") {
		l.note(KindSponsor, "", "the source itself doubts %q", words)
	}
}

func (l *sponsorList) state(code Code) {
	if name := code.NameOn(l.day); !l.add(Sponsor{Code: code, Name: name}) {
		l.note(KindSponsor, "", "%s is named twice", name)
	}
}

// add appends a sponsor that is not in the list, and tells whether it did.
func (l *sponsorList) add(s Sponsor) bool {
	for _, have := range l.sponsors {
		if have == s {
			return false
		}
	}
	l.sponsors = append(l.sponsors, s)
	return true
}

func (l *sponsorList) note(kind, suggestion, format string, args ...any) {
	l.problems = append(l.problems, Problem{
		Kind: kind, Severity: Noted, Message: fmt.Sprintf(format, args...), Suggestion: suggestion,
	})
}
