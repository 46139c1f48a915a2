package votes

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Filter chooses resolutions. The zero Filter chooses all of them. Within a
// field one value is enough; all the fields that are set must hold. Voted,
// VetoedBy and Sponsor are lists of such lists: every outer one must hold.
type Filter struct {
	Q          Search
	Outcome    []Outcome
	AdoptedBy  []AdoptedBy
	Kind       []Kind
	Procedural *bool     // nil: either
	VetoedBy   [][]Code  // by continuing seat: RUS finds the vetoes of the USSR too
	Sponsor    [][]Code  // by continuing seat, too
	Voted      [][]Voted // who voted how
	From, To   Date      // inclusive
	Year       []int
	Topic      []string // Topic, AgendaItem and Region: the whole text, in any case
	AgendaItem []string
	Region     []string

	RollCall     []RollCall
	Discrepancy  string // AnyDiscrepancy or a severity: has such a one, whatever its state
	AgainstMin   int    // so many votes against or more; 0 asks nothing
	Margin       []int  // see Tally.Margin
	Vetoes       []int  // how many permanent members vetoed it
	ChangedSince *int64 // changed by a later revision than this one
}

// AnyDiscrepancy is the word for a discrepancy of either severity.
const AnyDiscrepancy = "true"

// RollCalls lists how much of a roll can be known.
var RollCalls = []RollCall{RollComplete, RollPartial, RollTallyOnly, RollNone, RollDisputed}

// Voted is a member's position as asked for: Position "" means that it took part.
type Voted struct {
	Code     Code
	Position Position
}

// AnyPosition is the word for "took part" in a voted parameter.
const AnyPosition = "any"

// Fault is one thing wrong with a request, as told under "errors" of a problem.
type Fault struct {
	Parameter string `json:"parameter"`
	Value     string `json:"value,omitempty"`
	Message   string `json:"message"`
}

// Faults is every fault of one request. It is an error that wraps ErrInvalid.
type Faults []Fault

func (f Faults) Error() string {
	s := make([]string, len(f))
	for i, x := range f {
		s[i] = x.Parameter + ": " + x.Message
	}
	return strings.Join(s, "; ")
}

func (f Faults) Unwrap() error { return ErrInvalid }

// FilterParameters are the names that ParseFilter reads.
var FilterParameters = []string{"q", "outcome", "adopted_by", "kind", "procedural", "vetoed_by", "sponsor", "voted", "from", "to", "year",
	"topic", "agenda_item", "region", "roll_call", "discrepancy", "against_min", "margin", "vetoes", "changed_since"}

// ParseFilter reads a filter from a query. In a value a comma means "or";
// a repeated voted, vetoed_by or sponsor must hold as well as the first. A
// topic, an agenda item or a region may hold a comma itself: those three are
// repeated for "or". It collects every fault; parameters that are not a
// filter's are not looked at.
func ParseFilter(q url.Values) (Filter, Faults) {
	var p filterParser
	f := Filter{
		Q:          one(&p, q, "q", ParseSearch),
		Outcome:    each(&p, q, "outcome", parseOutcome),
		AdoptedBy:  each(&p, q, "adopted_by", parseAdoptedBy),
		Kind:       each(&p, q, "kind", parseKind),
		Procedural: one(&p, q, "procedural", parseTrueFalse),
		VetoedBy:   groups(&p, q, "vetoed_by", parsePermanent),
		Sponsor:    groups(&p, q, "sponsor", parseState),
		Voted:      groups(&p, q, "voted", parseVoted),
		From:       one(&p, q, "from", ParseDate),
		To:         one(&p, q, "to", ParseDate),
		Year:       each(&p, q, "year", parseYear),
		Topic:      whole(&p, q, "topic", parseWords),
		AgendaItem: whole(&p, q, "agenda_item", parseWords),
		Region:     whole(&p, q, "region", parseWords),
		RollCall:   each(&p, q, "roll_call", parseRollCall),
		Discrepancy: one(&p, q, "discrepancy",
			oneOf([]string{AnyDiscrepancy, SeveritySerious, SeverityMinor})),
		AgainstMin:   one(&p, q, "against_min", parseAgainst),
		Margin:       each(&p, q, "margin", parseMargin),
		Vetoes:       each(&p, q, "vetoes", parseVetoes),
		ChangedSince: one(&p, q, "changed_since", parseRevision),
	}
	if f.From != "" && f.To != "" && f.From > f.To {
		p.faults = append(p.faults, Fault{"from", string(f.From), "from is later than to (" + string(f.To) + ")"})
	}
	return f, p.faults
}

type filterParser struct{ faults Faults }

// groups reads a repeatable parameter: the outer list is and, the inner one or.
func groups[T any](p *filterParser, q url.Values, name string, parse func(string) (T, error)) [][]T {
	var all [][]T
	for _, value := range q[name] {
		var group []T
		for _, word := range strings.Split(value, ",") {
			v, err := parse(strings.TrimSpace(word))
			if err != nil {
				p.faults = append(p.faults, Fault{name, word, err.Error()})
				continue
			}
			group = append(group, v)
		}
		if len(group) > 0 {
			all = append(all, group)
		}
	}
	return all
}

// each reads a parameter whose every value means "or".
func each[T any](p *filterParser, q url.Values, name string, parse func(string) (T, error)) []T {
	return slices.Concat(groups(p, q, name, parse)...)
}

// whole reads a repeatable parameter whose values may hold a comma.
func whole[T any](p *filterParser, q url.Values, name string, parse func(string) (T, error)) []T {
	var list []T
	for _, value := range q[name] {
		v, err := parse(value)
		if err != nil {
			p.faults = append(p.faults, Fault{name, value, err.Error()})
			continue
		}
		list = append(list, v)
	}
	return list
}

// one reads a parameter that may stand once.
func one[T any](p *filterParser, q url.Values, name string, parse func(string) (T, error)) T {
	var v T
	switch values := q[name]; len(values) {
	case 0:
	case 1:
		var err error
		if v, err = parse(values[0]); err != nil {
			p.faults = append(p.faults, Fault{name, values[0], err.Error()})
		}
	default:
		p.faults = append(p.faults, Fault{name, strings.Join(values, ", "), "may stand only once"})
	}
	return v
}

func parseOutcome(s string) (Outcome, error) {
	if o := Outcome(strings.ToLower(s)); slices.Contains(Outcomes, o) {
		return o, nil
	}
	return "", fmt.Errorf("%q is not an outcome (adopted, vetoed, failed, withdrawn)", s)
}

func parseAdoptedBy(s string) (AdoptedBy, error) {
	if a := AdoptedBy(strings.ToLower(s)); slices.Contains(AdoptedBys, a) {
		return a, nil
	}
	return "", fmt.Errorf("%q is not a way of adoption (unanimity, majority, no_vote)", s)
}

func parseKind(s string) (Kind, error) {
	if k := Kind(strings.ToLower(s)); slices.Contains(Kinds, k) {
		return k, nil
	}
	list := make([]string, len(Kinds))
	for i, k := range Kinds {
		list[i] = string(k)
	}
	return "", fmt.Errorf("%q is not a kind of proposal (%s)", s, strings.Join(list, ", "))
}

func parseTrueFalse(s string) (*bool, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true":
		return new(true), nil
	case "false":
		return new(false), nil
	}
	return nil, fmt.Errorf("%q is neither true nor false", s)
}

func parseRollCall(s string) (RollCall, error) {
	if r := RollCall(strings.ToLower(s)); slices.Contains(RollCalls, r) {
		return r, nil
	}
	return "", fmt.Errorf("%q is not how much of a roll is known (complete, partial, tally_only, none, disputed)", s)
}

func parseYear(s string) (int, error) {
	y, err := strconv.Atoi(s)
	if err != nil || y < 1946 || y > 9999 {
		return 0, fmt.Errorf("%q is not a year from 1946 on", s)
	}
	return y, nil
}

// maxWords is longer than any agenda item that the Council has had.
const maxWords = 1000

func parseWords(s string) (string, error) {
	t := strings.TrimSpace(s)
	switch {
	case t == "":
		return "", fmt.Errorf("no text is given")
	case !utf8.ValidString(t) || strings.ContainsFunc(t, unicode.IsControl):
		return "", fmt.Errorf("%q is not plain text in UTF-8", s)
	case utf8.RuneCountInString(t) > maxWords:
		return "", fmt.Errorf("longer than %d characters", maxWords)
	}
	return t, nil
}

func parseAgainst(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 || n > maxSeats {
		return 0, fmt.Errorf("%q is not a number of votes against, 1 to %d", s, maxSeats)
	}
	return n, nil
}

func parseMargin(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < -maxSeats || n > maxSeats {
		return 0, fmt.Errorf("%q is not a margin: votes in favour beyond the number required, -%d to %d, as -1 for one short", s, maxSeats, maxSeats)
	}
	return n, nil
}

func parseVetoes(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxVetoes {
		return 0, fmt.Errorf("%q is not how many members vetoed it, 0 to %d", s, maxVetoes)
	}
	return n, nil
}

// maxVetoes is the number of permanent seats.
const maxVetoes = 5

func parseRevision(s string) (*int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("%q is not a revision, a whole number from 0 on", s)
	}
	return &n, nil
}

func parseState(s string) (Code, error) {
	if c, ok := FindState(s); ok {
		return c, nil
	}
	if near := SuggestState(s); near != "" {
		return "", fmt.Errorf("%q is not a state; did you mean %s?", s, near)
	}
	return "", fmt.Errorf("%q is not a state (an ISO 3166 alpha-3 code, or a name the UN uses)", s)
}

// parsePermanent reads a permanent member as its continuing seat.
func parsePermanent(s string) (Code, error) {
	c, err := parseState(s)
	if err != nil {
		return "", err
	}
	for _, t := range TermsOf(c) {
		if t.Permanent {
			return c.Seat(), nil
		}
	}
	return "", fmt.Errorf("%s never held a permanent seat, and only permanent members can veto", c)
}

func parseVoted(s string) (Voted, error) {
	state, position, ok := strings.Cut(s, ":")
	if !ok {
		return Voted{}, fmt.Errorf("%q is not MEMBER:POSITION, as USA:no", s)
	}
	c, err := parseState(state)
	if err != nil {
		return Voted{}, err
	}
	if strings.EqualFold(strings.TrimSpace(position), AnyPosition) {
		return Voted{Code: c.Seat()}, nil
	}
	p, err := ParsePosition(position)
	return Voted{Code: c.Seat(), Position: p}, err
}
