package votes

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"
)

// MemberSet is a choice of members: states, groups, or both. A state stands for
// its seat (RUS for the USSR too), and a group for those who made it up on the
// day of a vote. The zero MemberSet is everyone. It is not changed once it is
// made, and can be shared.
type MemberSet struct {
	words   []string // in the order asked for, each once
	states  []Code   // by seat
	sitting [][]Code // by seat: whom the groups choose in each stretch of councils(); nil without groups
	all     bool
}

// everyGroup is a day on which each group that CouncilGroup knows had members,
// A3+1 among them, so that a name it does not know that day is no group.
const everyGroup Date = "2024-06-01"

// ParseMembers reads the parameter "members": states by code or by any name the
// UN uses, and groups as CouncilGroup knows them (P5, E10, P3, A3, A3+1, a
// regional group), or "all"; commas between them, or the parameter repeated. It
// collects every fault.
func ParseMembers(words []string) (MemberSet, Faults) {
	var p filterParser
	var m MemberSet
	for _, c := range each(&p, url.Values{"members": words}, "members", parseMember) {
		if slices.Contains(m.words, c.word) {
			continue
		}
		m.words = append(m.words, c.word)
		switch {
		case c.code != "":
			m.states = append(m.states, c.code)
		case c.word == everyone:
			m.all = true
		default:
			m.addGroup(c.word)
		}
	}
	return m, p.faults
}

// everyone is the word for all members.
const everyone = "all"

// choice is one word of the parameter: a state, where code is set, or a group.
type choice struct {
	word string
	code Code
}

func parseMember(s string) (choice, error) {
	key := fold(s)
	if key == "a3 1" { // the + of a query that was not escaped is read as a space
		s, key = "A3+1", "a3+1"
	}
	if key == everyone {
		return choice{word: everyone}, nil
	}
	if _, ok := CouncilGroup(s, everyGroup); ok {
		if region := groupNames[key]; region != "" {
			return choice{word: string(region)}, nil
		}
		return choice{word: strings.ToUpper(key)}, nil
	}
	code, err := parseState(s)
	if err != nil && SuggestState(s) == "" {
		err = fmt.Errorf("%q is neither a state nor a group (P5, E10, P3, A3, A3+1, african, asia_pacific, "+
			"eastern_european, latin_american_caribbean, western_european_others, all)", s)
	}
	return choice{word: string(code.Seat()), code: code.Seat()}, err
}

// addGroup works out once who is in the group in each stretch of days with the
// same Council: asking anew for each of 45,000 positions takes too long.
func (m *MemberSet) addGroup(name string) {
	stretches := councils()
	if m.sitting == nil {
		m.sitting = make([][]Code, len(stretches))
	}
	for i, c := range stretches {
		members, _ := CouncilGroup(name, c.Date)
		for _, code := range members {
			m.sitting[i] = append(m.sitting[i], code.Seat())
		}
	}
}

// All tells whether the set is everyone, so that nobody needs to be looked up.
func (m MemberSet) All() bool { return m.all || len(m.words) == 0 }

// Contains tells whether the member is in the set on the day: a state that was
// named always is, whichever state held its seat that day; the others are where
// a group that was named had them in it.
func (m MemberSet) Contains(c Code, d Date) bool { return m.on(d).contains(c) }

// membersOn is a set as it was on a day.
type membersOn struct {
	all            bool
	states, groups []Code
}

// on is for whoever asks of all that voted on a day: the groups of that day are
// looked up once.
func (m MemberSet) on(d Date) membersOn { return membersOn{m.All(), m.states, m.groupsOn(d)} }

func (m membersOn) contains(c Code) bool {
	seat := c.Seat()
	return m.all || slices.Contains(m.states, seat) || slices.Contains(m.groups, seat)
}

func (m MemberSet) groupsOn(d Date) []Code {
	if m.sitting == nil || d < firstMeeting || d > lastKnownDay {
		return nil
	}
	stretches := councils()
	return m.sitting[sort.Search(len(stretches), func(i int) bool { return stretches[i].Date > d })-1]
}

// String lists what was asked for, each in one spelling: "RUS,P5,african".
func (m MemberSet) String() string {
	if m.All() {
		return everyone
	}
	return strings.Join(m.words, ",")
}
