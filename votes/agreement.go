package votes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Method is how two positions are compared.
type Method string

// The methods. Lijphart's index of agreement is of "The Analysis of Bloc Voting
// in the General Assembly: A Critique and a Proposal", American Political
// Science Review 57 (1963), 902-917. Exact is the plain share of votes cast alike.
const (
	Exact    Method = "exact"    // the same position agrees, any other does not
	Lijphart Method = "lijphart" // and an abstention beside a vote in favour or against agrees by half
)

// Methods lists them.
var Methods = []Method{Exact, Lijphart}

// ParseMethod reads "exact" or "lijphart".
func ParseMethod(s string) (Method, error) {
	if m := Method(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Methods, m) {
		return m, nil
	}
	return "", fmt.Errorf("%q is not a method (exact, lijphart)", s)
}

// Formula is the method in one line.
func (m Method) Formula() string {
	if m == Lijphart {
		return "share = (same position + 1/2 of one abstaining and the other not) / n; n = votes in which both took part"
	}
	return "share = same position / n; n = votes in which both took part"
}

// halves compares two positions, in halves of an agreement, so that sums stay
// whole numbers and do not depend on the order of the votes.
func (m Method) halves(a, b Position) int32 {
	switch {
	case a == b:
		return 2
	case m == Lijphart && (a == Abstain || b == Abstain):
		return 1
	}
	return 0
}

// AgreementOptions choose what to compare. The zero value compares everyone by
// Exact over the whole time.
type AgreementOptions struct {
	Method           Method
	Members          MemberSet // the pairs of these; of a group, those of the day
	ExcludeUnanimous bool      // leave out votes in which all who voted took the same position
	By               Period    // a row for each pair and period
}

// Agreement is how often each pair of members took the same position. Events
// and Excluded add up to the votes that were given to the counter.
type Agreement struct {
	Method           Method            `json:"method"`
	Formula          string            `json:"formula"`
	ExcludeUnanimous bool              `json:"exclude_unanimous"`
	Events           int               `json:"events"` // counted: their roll has two of the members or more
	Excluded         map[Exclusion]int `json:"excluded"`
	Members          []NamedMember     `json:"members"` // by code; those on the roll of a counted vote, and those asked for by name
	Pairs            []Pair            `json:"pairs"`   // by code, then key
	Matrix           [][]*float64      `json:"matrix"`  // share, in the order of Members; null where n is 0; no matrix by period
}

// Pair is two members' agreement, A before B by code. Pairs that never sat
// together are not listed, but for two members that were both asked for by name.
type Pair struct {
	A       Code     `json:"a"`
	B       Code     `json:"b"`
	Key     Text     `json:"key"`      // the year or decade; null where it is of the whole time
	N       int      `json:"n"`        // votes in which both took part
	Agreed  float64  `json:"agreed"`   // of them; halves by Lijphart's method
	Share   *float64 `json:"share"`    // Agreed / N
	LeftOut int      `json:"left_out"` // votes with both on the roll, one of them absent or not participating
}

// AgreementCounter works out an Agreement from votes added one by one.
type AgreementCounter struct {
	opt      AgreementOptions
	events   int
	excluded map[Exclusion]int
	members  roster
	periods  map[string]*pairTable[pairCount]
	present  []memberPosition // of the vote being added
}

type pairCount struct{ n, halves, leftOut int32 }

type memberPosition struct {
	code     Code // its seat
	member   int  // its number in the roster
	position Position
}

// NewAgreement starts a count.
func NewAgreement(opt AgreementOptions) *AgreementCounter {
	if opt.Method == "" {
		opt.Method = Exact
	}
	c := &AgreementCounter{opt: opt, excluded: make(map[Exclusion]int), periods: make(map[string]*pairTable[pairCount])}
	for _, code := range opt.Members.states {
		c.members.number(code)
	}
	return c
}

// Add counts one vote.
func (c *AgreementCounter) Add(e Event) {
	why := c.opt.leftOut(e)
	if why == "" && c.find(e) < 2 {
		why = LeftTooFew
	}
	if why != "" {
		c.excluded[why]++
		return
	}
	c.events++
	for i := range c.present {
		c.present[i].member = c.members.number(c.present[i].code)
	}
	key := c.opt.By.key(e.Date)
	pairs := c.periods[key]
	if pairs == nil {
		pairs = new(pairTable[pairCount])
		c.periods[key] = pairs
	}
	for i, a := range c.present {
		for _, b := range c.present[:i] {
			if a.member == b.member {
				continue
			}
			p := pairs.at(a.member, b.member)
			if a.position.Voted() && b.position.Voted() {
				p.n++
				p.halves += c.opt.Method.halves(a.position, b.position)
			} else {
				p.leftOut++
			}
		}
	}
}

// leftOut returns why no pair can be compared in the vote, "" if some can.
func (o AgreementOptions) leftOut(e Event) Exclusion {
	if why := e.leftOut(); why != "" {
		return why
	}
	if o.ExcludeUnanimous && !e.divided() {
		return LeftUnanimous
	}
	return ""
}

// divided tells whether two members that voted took different positions. It is
// not the opposite of AdoptedBy unanimity, for which no seat may be missing:
// 14-0-0 with one member not participating divides nobody either.
func (e Event) divided() bool {
	var first Position
	for _, v := range e.Votes {
		switch {
		case !v.Position.Voted() || v.Position == first:
		case first == "":
			first = v.Position
		default:
			return true
		}
	}
	return false
}

// find lays the positions of the chosen members in c.present and counts them.
func (c *AgreementCounter) find(e Event) int {
	c.present = c.present[:0]
	members := c.opt.Members.on(e.Date)
	for _, v := range e.Votes {
		if members.contains(v.Code) {
			c.present = append(c.present, memberPosition{code: v.Code.Seat(), position: v.Position})
		}
	}
	return len(c.present)
}

// Result returns what was counted so far.
func (c *AgreementCounter) Result() Agreement {
	a := Agreement{Method: c.opt.Method, Formula: c.opt.Method.Formula(), ExcludeUnanimous: c.opt.ExcludeUnanimous, Events: c.events,
		Excluded: maps.Clone(c.excluded), Members: []NamedMember{}, Pairs: []Pair{}}
	order := c.members.byCode()
	for _, i := range order {
		code := c.members.codes[i]
		a.Members = append(a.Members, NamedMember{code, code.NameOn("")})
	}
	keys := slices.Sorted(maps.Keys(c.periods))
	if len(keys) == 0 && c.opt.By == WholeTime {
		keys = []string{""} // no votes: members asked for by name have their rows all the same
	}
	for x, i := range order {
		for _, j := range order[x+1:] {
			for _, key := range keys {
				if p, ok := c.pair(i, j, key); ok {
					a.Pairs = append(a.Pairs, p)
				}
			}
		}
	}
	if c.opt.By == WholeTime {
		a.Matrix = a.matrix()
	}
	return a
}

// pair returns the row of two members, and false where there is none to show.
func (c *AgreementCounter) pair(i, j int, key string) (Pair, bool) {
	var n pairCount
	if t := c.periods[key]; t != nil {
		n = t.get(i, j)
	}
	named := len(c.opt.Members.states) // these were numbered first
	if n.n == 0 && n.leftOut == 0 && (i >= named || j >= named || key != "") {
		return Pair{}, false
	}
	agreed := float64(n.halves) / 2
	return Pair{A: c.members.codes[i], B: c.members.codes[j], Key: Text(key), N: int(n.n), Agreed: agreed,
		Share: shareOf(agreed, int(n.n)), LeftOut: int(n.leftOut)}, true
}

// matrix lays the shares of the pairs out. A member agrees with itself, so the
// diagonal is 1: that is what programs that cluster members expect.
func (a Agreement) matrix() [][]*float64 {
	place := make(map[Code]int, len(a.Members))
	rows := make([][]*float64, len(a.Members))
	for i, m := range a.Members {
		place[m.Code] = i
		rows[i] = make([]*float64, len(a.Members))
		rows[i][i] = shareOf(1, 1)
	}
	for _, p := range a.Pairs {
		i, j := place[p.A], place[p.B]
		rows[i][j], rows[j][i] = p.Share, p.Share
	}
	return rows
}

// PairVote is one vote behind the figure of a pair.
type PairVote struct {
	ID        string   `json:"id"`
	Date      Date     `json:"date"`
	Title     Text     `json:"title"`
	Outcome   Outcome  `json:"outcome"`
	A         Position `json:"a"`
	B         Position `json:"b"`
	Agreement float64  `json:"agreement"` // 1, 0, or by Lijphart's method 0.5
}

// Compare returns what tells, vote by vote, how a and b agreed. It answers
// false for votes that do not count: with the same options, the others are the
// n votes of the pair in an Agreement.
func Compare(a, b Code, opt AgreementOptions) func(Event) (PairVote, bool) {
	a, b = a.Seat(), b.Seat()
	return func(e Event) (PairVote, bool) {
		if opt.leftOut(e) != "" || !opt.Members.Contains(a, e.Date) || !opt.Members.Contains(b, e.Date) {
			return PairVote{}, false
		}
		line := PairVote{ID: e.ID, Date: e.Date, Title: e.Title, Outcome: e.Outcome}
		for _, v := range e.Votes {
			seat := v.Code.Seat()
			if seat == a {
				line.A = v.Position
			}
			if seat == b {
				line.B = v.Position
			}
		}
		line.Agreement = float64(opt.Method.halves(line.A, line.B)) / 2
		return line, line.A.Voted() && line.B.Voted()
	}
}
