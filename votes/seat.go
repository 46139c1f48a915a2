package votes

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
)

const (
	firstMeeting Date = "1946-01-17" // S/PV.1, at Church House, London
	enlarged     Date = "1966-01-01" // 11 seats before, 15 from this day
	// The five members elected for 2027-2028 are not in the record, so that
	// the Council is known to the end of 2026 and no further.
	lastKnownDay Date = "2026-12-31"
)

// RegionalGroup is the group of states to which an elected seat is allotted.
// It is empty for permanent seats, which are allotted to none, and before
// 1966, when the seats followed other groups: General Assembly resolution
// 1991 A (XVIII) took effect with the enlarged Council.
type RegionalGroup string

// The five groups.
const (
	African                RegionalGroup = "african"
	AsiaPacific            RegionalGroup = "asia_pacific"
	EasternEuropean        RegionalGroup = "eastern_european"
	LatinAmericanCaribbean RegionalGroup = "latin_american_caribbean"
	WesternEuropeanOthers  RegionalGroup = "western_european_others"
)

// MarshalJSON writes the absent group as null.
func (g RegionalGroup) MarshalJSON() ([]byte, error) { return nullIfEmpty(string(g)) }

// RegionalGroups lists the five groups.
var RegionalGroups = []RegionalGroup{African, AsiaPacific, EasternEuropean, LatinAmericanCaribbean, WesternEuropeanOthers}

// Term is one stay of a state on the Council. The seat of China has two, one
// for each representation. To is empty for a permanent member that still sits.
type Term struct {
	Code      Code          `json:"code"`
	Permanent bool          `json:"permanent"`
	From      Date          `json:"from"`
	To        Date          `json:"to"` // inclusive
	Group     RegionalGroup `json:"group"`
	Note      string        `json:"note,omitempty"`
}

// Seat is one member of the Council of a day, with its name of that day.
// From and To are those of its term.
type Seat struct {
	Code      Code          `json:"code"`
	Name      string        `json:"name"`
	Permanent bool          `json:"permanent"`
	Group     RegionalGroup `json:"group"`
	From      Date          `json:"from"`
	To        Date          `json:"to"` // inclusive; empty while it lasts
	Note      string        `json:"note,omitempty"`
}

// Council is who sat on one day: the permanent members in the order China,
// France, USSR or Russian Federation, United Kingdom, United States, then the
// elected ones by name. Seats is shared between calls and must not be changed.
//
// Required is the number of affirmative votes that carry: 7 in the Council of
// 11, 9 in the Council of 15. There are 11 or 15 Seats.
type Council struct {
	Date     Date   `json:"date"`
	Seats    []Seat `json:"seats"`
	Required int    `json:"required"`
}

// CouncilOn returns the Council of the day, and false where it is not fully
// known: before its first meeting on 17 January 1946, and after 31 December
// 2026 (Terms goes on to 2027 with the members already elected).
func CouncilOn(d Date) (Council, bool) {
	if d < firstMeeting || d > lastKnownDay {
		return Council{}, false
	}
	all := councils()
	i := sort.Search(len(all), func(i int) bool { return all[i].Date > d })
	c := all[i-1]
	c.Date = d
	return c, true
}

// Seat returns the seat of code, which must be the state that sat: SUN, not
// RUS, on a day of 1970.
func (c Council) Seat(code Code) (Seat, bool) {
	for i := range c.Seats {
		if c.Seats[i].Code == code {
			return c.Seats[i], true
		}
	}
	return Seat{}, false
}

// Permanent returns the five permanent members in the order of the seats.
func (c Council) Permanent() []Code {
	return c.codes(func(s Seat) bool { return s.Permanent })
}

// Elected returns the elected members in the order of the seats.
func (c Council) Elected() []Code {
	return c.codes(func(s Seat) bool { return !s.Permanent })
}

func (c Council) codes(keep func(Seat) bool) []Code {
	var out []Code
	for _, s := range c.Seats {
		if keep(s) {
			out = append(out, s.Code)
		}
	}
	return out
}

// Terms returns every term since 1946, by first day; those of one day with the
// permanent members first. Terms of members already elected reach past the
// last day for which CouncilOn answers.
func Terms() []Term { return slices.Clone(terms()) }

// TermsOf returns the terms of one state, the earliest first.
func TermsOf(c Code) []Term {
	var out []Term
	for _, t := range terms() {
		if t.Code == c {
			out = append(out, t)
		}
	}
	return out
}

// Seat returns the code of the seat that the state holds or held: RUS for SUN,
// whose permanent seat the Russian Federation continues, and else c itself.
func (c Code) Seat() Code {
	if c == "SUN" {
		return "RUS"
	}
	return c
}

// CouncilGroup returns the members on a day of a group by the name sources and
// users give it, in any case: P5, P3 (France, United Kingdom, United States),
// E10, A3 (the African elected members), A3+1 (with Saint Vincent and the
// Grenadines in 2020-21, Guyana in 2024-25), "All Council Members", or the
// elected members of a regional group. It returns false for an unknown name,
// and where there was no such group that day: no E10 in the Council of 11.
func CouncilGroup(name string, d Date) ([]Code, bool) {
	c, ok := CouncilOn(d)
	if !ok {
		return nil, false
	}
	key := fold(name)
	var out []Code
	switch key {
	case "p5":
		out = c.Permanent()
	case "p3":
		out = c.codes(func(s Seat) bool { return s.Code == "FRA" || s.Code == "GBR" || s.Code == "USA" })
	case "e10":
		if d >= enlarged {
			out = c.Elected()
		}
	case "a3":
		out = c.ofGroup(African)
	case "a3+1":
		out = c.africanPlusOne()
	case "all council members", "all members", "all members of the council", "all members of the security council":
		out = c.codes(func(Seat) bool { return true })
	default:
		out = c.ofGroup(groupNames[key])
	}
	return out, len(out) > 0
}

// groupNames are the groups as printed, folded; the Asian Group took its
// present name in 2011.
var groupNames = map[string]RegionalGroup{
	"african": African, "african group": African, "african states": African, "group of african states": African,
	"asia pacific": AsiaPacific, "asia pacific group": AsiaPacific, "asian group": AsiaPacific,
	"asian states": AsiaPacific, "asia pacific states": AsiaPacific, "group of asia pacific states": AsiaPacific,
	"eastern european": EasternEuropean, "eastern european group": EasternEuropean,
	"eastern european states": EasternEuropean, "eeg": EasternEuropean,
	"latin american caribbean": LatinAmericanCaribbean, "latin american and caribbean": LatinAmericanCaribbean,
	"latin american and caribbean group": LatinAmericanCaribbean, "grulac": LatinAmericanCaribbean,
	"latin american and caribbean states": LatinAmericanCaribbean, "group of latin american and caribbean states": LatinAmericanCaribbean,
	"western european others": WesternEuropeanOthers, "western european and others": WesternEuropeanOthers,
	"western european and others group": WesternEuropeanOthers, "weog": WesternEuropeanOthers,
	"western european and other states": WesternEuropeanOthers, "group of western european and other states": WesternEuropeanOthers,
}

func (c Council) ofGroup(g RegionalGroup) []Code {
	if g == "" {
		return nil
	}
	return c.codes(func(s Seat) bool { return s.Group == g })
}

// africanPlusOne are the African members with the Caribbean state that joined
// them, in the two periods when there was such an arrangement.
func (c Council) africanPlusOne() []Code {
	var one Code
	switch c.Date.Year() {
	case 2020, 2021:
		one = "VCT"
	case 2024, 2025:
		one = "GUY"
	default:
		return nil
	}
	return append(c.ofGroup(African), one)
}

// terms are the terms in order, written out from the tables once.
var terms = sync.OnceValue(func() []Term {
	var out []Term
	for year, codes := range earlyIntakes {
		out = append(out, intakeTerms(year, codes, "")...)
	}
	for _, in := range intakes {
		out = append(out, intakeTerms(in.Year, in.African, African)...)
		out = append(out, intakeTerms(in.Year, in.AsiaPacific, AsiaPacific)...)
		out = append(out, intakeTerms(in.Year, in.LatinAmerican, LatinAmericanCaribbean)...)
		out = append(out, intakeTerms(in.Year, in.Eastern, EasternEuropean)...)
		out = append(out, intakeTerms(in.Year, in.Western, WesternEuropeanOthers)...)
	}
	out = append(out, irregularTerms...)
	slices.SortFunc(out, func(a, b Term) int {
		return strings.Compare(string(a.From)+string(a.Code), string(b.From)+string(b.Code))
	})
	out = append(slices.Clone(permanentTerms), out...)
	slices.SortStableFunc(out, func(a, b Term) int { return strings.Compare(string(a.From), string(b.From)) })
	return out
})

func intakeTerms(year int, codes string, g RegionalGroup) []Term {
	from := Date(fmt.Sprintf("%04d-01-01", year))
	if from < firstMeeting {
		from = firstMeeting
	}
	to := Date(fmt.Sprintf("%04d-12-31", year+1))
	var out []Term
	for _, c := range strings.Fields(codes) {
		out = append(out, Term{Code: Code(c), From: from, To: to, Group: g})
	}
	return out
}

// councils holds one Council for each stretch of days with the same seats and
// names, dated with its first day.
var councils = sync.OnceValue(func() []Council {
	var out []Council
	for _, d := range councilChanges() {
		c := Council{Date: d, Required: 9}
		if d < enlarged {
			c.Required = 7
		}
		for _, t := range terms() {
			if t.holds(d) {
				c.Seats = append(c.Seats, t.seatOn(d))
			}
		}
		slices.SortFunc(c.Seats, seatOrder)
		out = append(out, c)
	}
	return out
})

// councilChanges are the days on which a seat or the name of its holder
// changed. The enlargement is the first day of the terms of its new members.
func councilChanges() []Date {
	var days []Date
	for _, t := range terms() {
		days = append(days, t.From)
		if t.To != "" {
			days = append(days, t.To.AddDays(1))
		}
		state, _ := StateByCode(t.Code)
		for _, n := range state.Names {
			if t.holds(n.From) {
				days = append(days, n.From)
			}
		}
	}
	slices.Sort(days)
	days = slices.Compact(days)
	return slices.DeleteFunc(days, func(d Date) bool { return d > lastKnownDay })
}

func (t Term) holds(d Date) bool { return t.From <= d && (t.To == "" || d <= t.To) }

func (t Term) seatOn(d Date) Seat {
	s := Seat{Code: t.Code, Name: t.Code.NameOn(d), Permanent: t.Permanent, Group: t.Group, From: t.From, To: t.To, Note: t.Note}
	if d < enlarged {
		s.Group = "" // a term of 1965-66 began before there were groups
	}
	return s
}

func seatOrder(a, b Seat) int {
	if a.Permanent != b.Permanent {
		return boolToInt(b.Permanent) - boolToInt(a.Permanent)
	}
	if a.Permanent {
		return permanentRank(a.Code) - permanentRank(b.Code)
	}
	return strings.Compare(fold(a.Name), fold(b.Name))
}

func permanentRank(c Code) int {
	return slices.IndexFunc(permanentTerms, func(t Term) bool { return t.Code == c })
}
