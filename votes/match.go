package votes

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Brief is as much of an account as is needed to tell which vote it speaks of.
type Brief struct {
	Format  string  `json:"format"`
	Source  string  `json:"source"`
	Key     string  `json:"key"`
	Base    string  `json:"base"` // the id that its own symbols give
	Stem    Symbol  `json:"stem"` // its draft without /Rev, /Corr and /Add
	Part    string  `json:"part"`
	Meeting Symbol  `json:"meeting"`
	Date    Date    `json:"date"` // "" for statements alone
	Number  bool    `json:"number"`
	Sound   bool    `json:"sound"`
	Counts  string  `json:"counts"` // the tally, as far as known
	Roll    string  `json:"roll"`   // the positions, where there is a roll
	Outcome Outcome `json:"outcome"`
	Vetoes  string  `json:"vetoes"`
}

// BriefOf sums up a checked account.
func BriefOf(a *Account) Brief {
	var d Decision
	if a.Sound() && a.Date != "" {
		d, _ = Decide(a.Ballot()) // Check has found that it decides
	}
	b := Brief{Format: a.Source.Format, Source: a.Source.Name, Key: a.Key, Base: a.ID, Part: strings.ToLower(a.Part),
		Meeting: a.Meeting, Date: a.Date, Number: a.Resolution != "", Sound: a.Sound(), Counts: a.counts(), Outcome: d.Outcome}
	b.Stem = Symbol(reSuffix.ReplaceAllString(strings.ToUpper(string(a.Draft)), ""))
	if len(a.Votes) > 0 && !a.NoVote {
		roll := make([]string, len(a.Votes))
		for i, v := range a.Votes {
			roll[i] = string(v.Code) + ":" + string(v.Position[:2])
		}
		slices.Sort(roll)
		b.Roll = strings.Join(roll, " ")
	}
	b.Vetoes = joinCodes(d.VetoedBy)
	return b
}

func joinCodes(codes []Code) string {
	s := make([]string, len(codes))
	for i, c := range codes {
		s[i] = string(c)
	}
	return strings.Join(s, " ")
}

// Match tells of which resolution an account speaks, by which rule, and what
// is doubtful about it.
type Match struct {
	ID    string `json:"id"`
	Rule  string `json:"rule"`
	Doubt string `json:"doubt"` // "" where there is none
}

// The rules by which an account comes to its resolution.
const (
	RuleSymbol  = "same symbol"
	RuleMeeting = "same meeting, outcome and vetoes"
	RuleEditor  = "an editor's decision"
	RuleAlone   = "kept apart"
)

// MatchAccounts finds out which accounts speak of the same vote event. The
// result is in the order of the briefs and does not depend on it: symbols
// first, then, where a proposal had no document of its own or sources name
// different revisions of it, the meeting. A doubtful match is not made.
//
// Accounts that share neither symbol nor meeting do not touch each other, so a
// set that is closed under both can be matched by itself: see Pieces.
func MatchAccounts(briefs []Brief, edits []Edit) []Match {
	m := &matcher{briefs: briefs, matches: make([]Match, len(briefs))}
	m.rename(Effective(edits))
	for i := range briefs {
		m.order = append(m.order, i)
	}
	slices.SortStableFunc(m.order, func(a, b int) int { return believedFirst(m.briefs[a], m.briefs[b]) })
	m.findDoubles()
	m.bySymbol()
	m.byMeeting()
	for _, e := range m.events {
		for _, i := range e.accounts {
			m.matches[i].ID = e.id
		}
	}
	return m.matches
}

type matcher struct {
	briefs  []Brief
	order   []int // the briefs, those that are believed first
	matches []Match
	double  []bool // the source tells of the symbol twice, and means two votes
	events  []*event
}

type event struct {
	id       string
	accounts []int // the first one is believed most
	gone     bool
}

func believedFirst(a, b Brief) int {
	return cmp.Or(
		-cmp.Compare(boolToInt(a.Date != ""), boolToInt(b.Date != "")),
		-cmp.Compare(boolToInt(a.Sound), boolToInt(b.Sound)),
		cmp.Compare(formatRank[a.Format], formatRank[b.Format]),
		cmp.Compare(a.Source, b.Source),
		cmp.Compare(len(a.Key), len(b.Key)), // 75 before 1711
		cmp.Compare(a.Key, b.Key),
	)
}

// rename carries out the editors' merges and splits.
func (m *matcher) rename(edits []Edit) {
	m.briefs = slices.Clone(m.briefs)
	for _, e := range edits {
		id, err := ParseID(e.ID)
		if err != nil || e.Field != EditMerge && e.Field != EditSplit {
			continue
		}
		for i, b := range m.briefs {
			switch {
			case b.Base != id:
			case e.Field == EditMerge:
				if to, err := ParseID(e.Value); err == nil {
					m.briefs[i].Base, m.matches[i].Rule = to, RuleEditor
				}
			case e.Value == b.Format+"#"+b.Key:
				m.briefs[i].Base, m.matches[i].Rule = splitOff(id, b.Key), RuleEditor
			}
		}
	}
}

// splitOff is the id of an account that an editor took out of a resolution.
func splitOff(id, key string) string { return id + "-" + foldID(key) }

// bySymbol joins accounts of one symbol, unless one source speaks of it twice
// and means two votes.
func (m *matcher) bySymbol() {
	groups := make(map[string][]*event)
	for _, i := range m.order {
		b := m.briefs[i]
		if m.matches[i].Rule == "" {
			m.matches[i].Rule = RuleSymbol
		}
		group := groups[b.Base]
		var fits []*event
		for _, e := range group {
			if m.fits(i, e) {
				fits = append(fits, e)
			}
		}
		if len(fits) > 1 {
			equal := slices.DeleteFunc(slices.Clone(fits), func(e *event) bool { return !m.equal(i, e.accounts[0]) })
			switch {
			case len(equal) > 0:
				fits = equal[:1]
			case b.Date == "": // statements go with the first vote on the document
				fits = fits[:1]
			default:
				m.matches[i].Doubt = fmt.Sprintf("it may be of %s or of %s", fits[0].id, fits[1].id)
				fits = nil
			}
		}
		if len(fits) == 1 {
			fits[0].accounts = append(fits[0].accounts, i)
			continue
		}
		e := &event{id: b.Base, accounts: []int{i}}
		if n := len(group); n > 0 {
			e.id += "-" + strconv.Itoa(n+1)
			m.matches[i].Rule = RuleAlone
			if m.matches[i].Doubt == "" {
				m.matches[i].Doubt = fmt.Sprintf("one source tells of %s twice, and differently", b.Base)
			}
		}
		groups[b.Base] = append(group, e)
		m.events = append(m.events, e)
	}
}

// fits tells whether an account can be of the event. A source that means two
// votes by one symbol has each of its accounts go where another source says the
// same; one that contradicts itself is no second vote, only a bad account.
func (m *matcher) fits(i int, e *event) bool {
	b := m.briefs[i]
	if b.Date == "" || !b.Sound {
		return true
	}
	if m.double[i] {
		return m.equal(i, e.accounts[0])
	}
	return true
}

// findDoubles marks the sound accounts beside which the same source has another
// sound one of the same symbol that says otherwise.
func (m *matcher) findDoubles() {
	m.double = make([]bool, len(m.briefs))
	type voice struct{ base, source, format string }
	first := make(map[voice][]int)
	for _, i := range m.order {
		b := m.briefs[i]
		if b.Date == "" || !b.Sound {
			continue
		}
		v := voice{b.Base, b.Source, b.Format}
		for _, j := range first[v] {
			if !m.equal(i, j) {
				m.double[i], m.double[j] = true, true
			}
		}
		first[v] = append(first[v], i)
	}
}

// equal tells whether two accounts say the same of the vote itself.
func (m *matcher) equal(i, j int) bool {
	a, b := m.briefs[i], m.briefs[j]
	if a.Roll != "" && b.Roll != "" {
		return a.Roll == b.Roll
	}
	return a.Outcome == b.Outcome && a.Counts == b.Counts && a.Vetoes == b.Vetoes
}

// byMeeting joins events of one meeting whose sources call the proposal by
// different symbols: the meeting's own, because it had no document, or another
// revision of the document.
func (m *matcher) byMeeting() {
	meetings := make(map[Symbol][]*event)
	for _, e := range m.events {
		decided := slices.ContainsFunc(e.accounts, func(i int) bool { return m.matches[i].Rule == RuleEditor })
		if b := m.briefs[e.accounts[0]]; b.Meeting != "" && b.Date != "" && !b.Number && b.Sound && !decided {
			meetings[b.Meeting] = append(meetings[b.Meeting], e)
		}
	}
	for _, list := range meetings {
		for _, e := range list {
			m.joinTwin(e, list)
		}
	}
	m.events = slices.DeleteFunc(m.events, func(e *event) bool { return e.gone })
}

// joinTwin joins e with the one event of the list that it can be. Where there
// are several, it takes one only if they are as many as the events like e, and
// nothing tells them apart: then it makes no difference which.
func (m *matcher) joinTwin(e *event, list []*event) {
	twins := slices.DeleteFunc(slices.Clone(list), func(o *event) bool { return o == e || o.gone || e.gone || !m.twin(e, o) })
	if len(twins) == 0 {
		return
	}
	rivals := slices.DeleteFunc(slices.Clone(list), func(o *event) bool { return o == e || o.gone || !m.twin(o, twins[0]) })
	same := func(list []*event, as *event) bool {
		return !slices.ContainsFunc(list, func(o *event) bool { return !m.equal(o.accounts[0], as.accounts[0]) })
	}
	one := len(twins) == 1 && len(rivals) == 0
	interchangeable := len(twins) == len(rivals)+1 && same(twins, twins[0]) && same(rivals, e)
	if !one && !interchangeable {
		for _, i := range e.accounts {
			m.matches[i].Doubt = fmt.Sprintf("it may be the same vote as %s", twins[0].id)
		}
		return
	}
	keep, drop := e, twins[0]
	if m.namedBefore(drop, keep) {
		keep, drop = drop, keep
	}
	for _, i := range drop.accounts {
		m.matches[i].Rule, m.matches[i].Doubt = RuleMeeting, ""
	}
	for _, i := range keep.accounts {
		m.matches[i].Doubt = ""
	}
	keep.accounts = append(keep.accounts, drop.accounts...)
	slices.SortStableFunc(keep.accounts, func(a, b int) int { return believedFirst(m.briefs[a], m.briefs[b]) })
	drop.gone = true
}

// twin tells whether two events of one meeting can be one: told by different
// sources, under names that do not exclude each other, with the same result.
func (m *matcher) twin(e, o *event) bool {
	for _, i := range e.accounts {
		for _, j := range o.accounts {
			if m.briefs[i].Source == m.briefs[j].Source {
				return false
			}
		}
	}
	a, b := m.briefs[e.accounts[0]], m.briefs[o.accounts[0]]
	if a.Outcome != b.Outcome || a.Vetoes != b.Vetoes || a.Counts != "" && b.Counts != "" && a.Counts != b.Counts {
		return false
	}
	nameless := a.Stem == a.Meeting || a.Stem == "" || b.Stem == b.Meeting || b.Stem == ""
	numbered := a.Part == "" || b.Part == "" || strings.HasPrefix(a.Part, "proposal ") || strings.HasPrefix(b.Part, "proposal ")
	return nameless && (a.Part == b.Part || numbered) || a.Stem == b.Stem && a.Part == b.Part
}

// namedBefore tells whether a's name is the better one for both: a document's
// before a meeting's, a part in words before a numbered one, then the shorter.
func (m *matcher) namedBefore(a, b *event) bool {
	rank := func(e *event) [3]int {
		x := m.briefs[e.accounts[0]]
		return [3]int{boolToInt(x.Stem == "" || x.Stem == x.Meeting), boolToInt(strings.HasPrefix(x.Part, "proposal ")), formatRank[x.Format]}
	}
	ra, rb := rank(a), rank(b)
	return cmp.Or(slices.Compare(ra[:], rb[:]), cmp.Compare(a.id, b.id)) < 0
}
