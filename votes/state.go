package votes

import (
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Code is the ISO 3166 alpha-3 code of a state, current (KEN) or withdrawn
// with the state itself (SUN, CSK, YUG, SCG, DDR, YMD). A state that only
// changed its name has today's code throughout: COD for Zaire. The empty Code
// is unknown, null in JSON.
type Code string

// Named is a name and the days, both inclusive, on which the UN used it; an
// empty day leaves that end open.
type Named struct {
	Name string `json:"name"`
	From Date   `json:"from"` // null: from the beginning
	To   Date   `json:"to"`   // inclusive; null: still in use
}

// State is a state that is or was a member of the UN, or observes it.
type State struct {
	Code      Code
	Names     []Named  // short names as the UN used them, the earliest first; at least one
	Aliases   []string // official long forms, and the spellings of sources
	Successor Code     // the state that continued its membership or its seat on the Council; else empty
}

// States returns every state by code. The lists inside are shared and must
// not be changed.
func States() []State { return slices.Clone(stateIndex().states) }

// StateByCode returns the state of a code in capitals, and false for a code
// that no state of the record has. Codes withdrawn with a mere name (ZAR) are
// for FindState.
func StateByCode(c Code) (State, bool) {
	idx := stateIndex()
	i, ok := idx.byCode[c]
	if !ok {
		return State{}, false
	}
	return idx.states[i], true
}

// FindState returns the state that goes by a printed name: a name the UN used
// at any time, the official long form, the spelling of a source, or a code.
// Case, accents, apostrophes, hyphens, a leading "the" and white space of any
// kind make no difference, nor does an inverted form ("Korea, Republic of").
// A misspelt name is not found: see SuggestState.
func FindState(printed string) (Code, bool) {
	names := stateIndex().byName
	if c, ok := names[printed]; ok { // most are printed as they stand here
		return c, true
	}
	if c, ok := names[fold(printed)]; ok {
		return c, true
	}
	c, ok := names[fold(uninvert(printed))]
	return c, ok
}

// FindStateOn is FindState, and then the state that held that identity on the
// day: SUN for "Russian Federation" in 1970, RUS for "USSR" in 1993, SCG for
// Serbia in 2005. Files that print today's code for the member of the day can
// so be read. Yemen is Democratic Yemen (YMD) on the days when that state sat
// on the Council and Yemen did not. The empty day changes nothing.
func FindStateOn(printed string, d Date) (Code, bool) {
	c, ok := FindState(printed)
	if !ok || d == "" {
		return c, ok
	}
	idx := stateIndex()
	for d > idx.state(c).lastDay() && idx.state(c).Successor != "" {
		c = idx.state(c).Successor
	}
	for {
		before := idx.predecessor[c]
		if before == "" || d >= idx.state(c).Names[0].From && !satInstead(before, c, d) {
			return c, true
		}
		c = before
	}
}

// satInstead tells whether a had a seat on the Council that day and b had none.
func satInstead(a, b Code, d Date) bool {
	council, ok := CouncilOn(d)
	if !ok {
		return false
	}
	_, sat := council.Seat(a)
	_, other := council.Seat(b)
	return sat && !other
}

// SuggestState returns the known name nearest to a printed one that FindState
// does not know: "Ethiopia" for "Ethipia", "Solomon Islands" for "Solomon". It
// returns "" when nothing is near, or two states are equally near.
func SuggestState(printed string) string {
	name, _, _ := nearestState(printed)
	return name
}

// NameOn returns the name that the UN used for the state on the day, in the
// short form of its voting records; the present or last name for the empty
// day, and the code itself for a state that is not in the record.
func (c Code) NameOn(d Date) string {
	idx := stateIndex()
	i, ok := idx.byCode[c]
	if !ok {
		return string(c)
	}
	names := idx.states[i].Names
	for k := len(names) - 1; k > 0; k-- {
		if d == "" || names[k].From <= d {
			return names[k].Name
		}
	}
	return names[0].Name
}

func (c Code) String() string { return string(c) }

// MarshalJSON writes the unknown code as null.
func (c Code) MarshalJSON() ([]byte, error) { return nullIfEmpty(string(c)) }

// lastDay is the last day of a state that is no more; no day is later than
// that of a state that still is.
func (s State) lastDay() Date {
	if to := s.Names[len(s.Names)-1].To; to != "" {
		return to
	}
	return "9999-12-31"
}

// stateLookup finds states; candidates are the names that a misspelt one may
// have been meant for.
type stateLookup struct {
	states      []State
	byCode      map[Code]int
	byName      map[string]Code // as printed and folded
	predecessor map[Code]Code
	candidates  []candidate
}

type candidate struct {
	folded []rune
	name   string
	code   Code
}

var stateIndex = sync.OnceValue(func() *stateLookup {
	idx := &stateLookup{byCode: map[Code]int{}, byName: map[string]Code{}, predecessor: map[Code]Code{}}
	idx.states = slices.Concat(statesAToL, statesMToZ)
	slices.SortFunc(idx.states, func(a, b State) int { return strings.Compare(string(a.Code), string(b.Code)) })
	for i, s := range idx.states {
		idx.byCode[s.Code] = i
		if s.Successor != "" {
			idx.predecessor[s.Successor] = s.Code
		}
		idx.addName(s.Code, string(s.Code))
		for _, n := range s.Names {
			idx.addName(s.Code, n.Name)
			idx.candidates = append(idx.candidates, candidate{[]rune(fold(n.Name)), n.Name, s.Code})
		}
		for _, a := range s.Aliases {
			idx.addName(s.Code, a)
			// Long forms share most of their words, so that a misspelt one
			// is as near to another state's; abbreviations are near to many.
			if !strings.Contains(a, " of ") && len(a) > 4 {
				idx.candidates = append(idx.candidates, candidate{[]rune(fold(a)), s.Names[len(s.Names)-1].Name, s.Code})
			}
		}
	}
	return idx
})

func (idx *stateLookup) state(c Code) *State { return &idx.states[idx.byCode[c]] }

func (idx *stateLookup) addName(c Code, name string) {
	for _, key := range []string{name, strings.ToUpper(name), fold(name)} {
		idx.byName[key] = c
	}
}

// uninvert turns "Iran, Islamic Republic of" and "Iran (Islamic Republic of)"
// the right way round.
func uninvert(s string) string {
	i := strings.IndexAny(s, ",(")
	if i < 0 {
		return s
	}
	return s[i+1:] + " " + s[:i]
}

// fold brings a printed name to the form in which names are compared: lower
// case without accents and apostrophes, "&" and "St." written out, every other
// sign and white space a single space, no leading "the".
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+': // the + of A3+1
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), strings.ContainsRune("'`´’‘ʼ′.\u200b\u200e\u200f\ufeff", r):
		case r == '&':
			b.WriteString(" and ")
		case accents[r] != 0:
			b.WriteRune(accents[r])
		case unicode.IsLetter(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	if len(words) > 1 && words[0] == "st" {
		words[0] = "saint"
	}
	return strings.Join(words, " ")
}

// accents are the letters that names of states are printed with in the UN's
// six languages' Latin ones and in their own.
var accents = func() map[rune]rune {
	m := map[rune]rune{}
	for base, letters := range map[rune]string{
		'a': "àáâãäåāă", 'c': "çćč", 'e': "èéêëēę", 'g': "ğ", 'i': "ìíîïīı",
		'n': "ñń", 'o': "òóôõöøōő", 's': "śšşș", 't': "ţț", 'u': "ùúûüūű", 'y': "ýÿ", 'z': "źžż",
	} {
		for _, l := range letters {
			m[l] = base
		}
	}
	return m
}()

// MisspeltState returns the state that printed means but for one letter, wrong,
// missing, too many or in its neighbour's place. What is further off is only
// worth a suggestion: Holland is not Poland.
func MisspeltState(printed string) (Code, bool) {
	_, code, apart := nearestState(printed)
	return code, code != "" && apart <= 1
}

// nearestState returns the name and state nearest to a printed name, and how
// many letters apart they are: 0 for a name cut short at the end of a word.
func nearestState(printed string) (string, Code, int) {
	given := []rune(fold(printed))
	if len(given) < 4 {
		return "", "", 0
	}
	limit := 1 + min(len(given)/6, 2)
	start := string(given) + " "
	best, tie := candidate{}, false
	for _, c := range stateIndex().candidates {
		n, longer := 0, len(given)-len(c.folded)
		if longer >= 0 || len(given) < 5 || !strings.HasPrefix(string(c.folded), start) {
			if max(longer, -longer) > limit {
				continue // so many letters apart at least: to count them takes long where the text is
			}
			n = editDistance(given, c.folded)
		}
		switch {
		case n > limit:
		case n < limit || best.code == "":
			best, tie, limit = c, false, n
		case c.code != best.code:
			tie = true
		}
	}
	if best.code == "" || tie {
		return "", "", 0
	}
	return best.name, best.code, limit
}

// editDistance counts the letters to add, drop, change or swap with their
// neighbour to make b of a (optimal string alignment).
func editDistance(a, b []rune) int {
	before, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := boolToInt(a[i-1] != b[j-1])
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev = prev, cur
	}
	return prev[len(b)]
}
