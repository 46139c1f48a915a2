package votes

import (
	"fmt"
	"strconv"
)

// Check holds an account against itself, the Charter, the membership of the
// day and the calendar of meetings. It sets the account's ID, mends what has
// only one possible reading (day and month swapped, a wrong year behind a
// resolution's number), and adds what it found to the account's Problems. It
// returns what the rules make of the vote; the Decision is meaningful only if
// the account is Sound and speaks of a vote (Date is set).
//
// Only an account of which nobody can tell what vote it is about is Refused.
// One that contradicts itself, the Charter or the membership is kept, with
// Serious problems, and shown beside the others.
func Check(a *Account) Decision {
	c := checker{a: a}
	if a.Date != "" {
		c.date()
		c.year()
		c.known()
	}
	a.ID = ID(a.Resolution, a.Draft, a.Part, a.Meeting)
	if a.ID == "" {
		c.refuse(KindIdentity, "draft", "no symbol of a resolution, draft or meeting by which the vote could be known")
	}
	if a.Date == "" {
		if len(a.Statements) == 0 && !a.Refused() { // else the reader told what is wrong with it
			c.refuse(KindDate, "date", "the day of the vote is missing")
		}
		return Decision{}
	}
	if !c.council() {
		return Decision{}
	}
	c.roll()
	if !a.Sound() {
		return Decision{}
	}
	return c.outcome()
}

type checker struct {
	a       *Account
	members Council
}

func (c *checker) refuse(kind, column, format string, args ...any) {
	c.add(Refused, kind, column, format, args...)
}

func (c *checker) contradict(kind, column, format string, args ...any) {
	c.add(Serious, kind, column, format, args...)
}

func (c *checker) note(kind, column, format string, args ...any) {
	c.add(Noted, kind, column, format, args...)
}

// contradictVote tells of the i-th vote, at its own line where it has one.
func (c *checker) contradictVote(i int, kind, format string, args ...any) {
	c.contradict(kind, "member", format, args...)
	if i < len(c.a.VoteLines) {
		c.a.Problems[len(c.a.Problems)-1].Line = c.a.VoteLines[i]
	}
}

func (c *checker) add(s Severity, kind, column, format string, args ...any) {
	c.a.Problems = append(c.a.Problems, Problem{Line: c.a.Line, Column: c.a.column(column), Kind: kind, Severity: s,
		Message: fmt.Sprintf(format, args...)})
}

// date settles the day against the numbers of the meeting and the resolution.
func (c *checker) date() {
	a := c.a
	d, swapped, fits := settleDate(a.Date, a.Meeting, a.Resolution)
	switch {
	case swapped:
		c.note(KindDateSwap, "date", "%s read as %s: day and month are swapped, as the numbers of %s tell", a.Date, d, numbered(a))
		a.Date = d
	case !fits:
		c.misfit()
	}
}

// misfit tells which of day, meeting and resolution cannot be. Where the day
// fits one of the two numbers, the other number is the one that is wrong, and
// is left out of what identifies the vote; it stays in Printed.
func (c *checker) misfit() {
	a := c.a
	for _, f := range []struct {
		name         string
		symbol, twin *Symbol
	}{{"meeting", &a.Meeting, &a.Resolution}, {"resolution", &a.Resolution, &a.Meeting}} {
		if FitsCalendar(*f.symbol, a.Date) {
			continue
		}
		from, to, _ := CalendarWindow(*f.symbol)
		c.note(KindMeeting, f.name, "%s cannot be of %s: its number puts it between %s and %s", *f.symbol, a.Date, from, orOpen(to))
		if _, _, known := CalendarWindow(*f.twin); known && FitsCalendar(*f.twin, a.Date) {
			a.print(f.name, string(*f.symbol))
			*f.symbol = ""
		}
	}
}

func numbered(a *Account) string {
	switch {
	case a.Meeting != "" && a.Resolution != "":
		return string(a.Meeting) + " and " + string(a.Resolution)
	case a.Meeting != "":
		return string(a.Meeting)
	default:
		return string(a.Resolution)
	}
}

func orOpen(d Date) string {
	if d == "" {
		return "today"
	}
	return string(d)
}

// year mends the year behind a resolution's number: the number tells the day,
// so 899 (1999) voted on in 1994 is 899 (1994). A draft may be voted on in the
// January after its year, but not later.
func (c *checker) year() {
	a := c.a
	if y := a.Resolution.Year(); y != 0 && y != a.Date.Year() && FitsCalendar(a.Resolution, a.Date) {
		mended := resolutionSymbol(strconv.Itoa(a.Resolution.ResolutionNumber()), strconv.Itoa(a.Date.Year()))
		c.note(KindYear, "resolution", "%s read as %s: the vote was on %s", a.Resolution, mended, a.Date)
		a.Resolution = mended
	}
	if y := a.Draft.Year(); y != 0 && y != a.Date.Year() && y != a.Date.Year()-1 {
		c.note(KindYear, "draft", "%s is a document of %d, the vote was on %s", a.Draft, y, a.Date)
	}
}

// procedural are the resolutions that carried over a permanent member's
// negative vote because they were procedural (Article 27(2)); the last four
// but one call an emergency special session under "Uniting for peace".
var procedural = map[Symbol]bool{
	"S/RES/87 (1950)": true, "S/RES/119 (1956)": true, "S/RES/120 (1956)": true, "S/RES/132 (1959)": true,
	"S/RES/157 (1960)": true, "S/RES/462 (1980)": true, "S/RES/2623 (2022)": true,
}

func (c *checker) known() {
	if a := c.a; procedural[a.Resolution] && a.Procedural == nil {
		yes := true
		a.Procedural = &yes
	}
}

func (c *checker) council() bool {
	var ok bool
	c.members, ok = CouncilOn(c.a.Date)
	if !ok {
		c.refuse(KindCouncil, "date", "no Council is known for %s", c.a.Date)
	}
	return ok
}

// roll looks at who voted: a seat that day, once, and no more than the seats.
func (c *checker) roll() {
	a := c.a
	if a.NoVote {
		// A list that shows every member in favour of what was never put to
		// the vote is not a roll call.
		for _, v := range a.Votes {
			if v.Position != Yes {
				c.contradict(KindOutcome, "outcome", "stated as adopted without a vote, but %s is given as %s", v.Code.NameOn(a.Date), v.Position)
			}
		}
		return
	}
	seen := make(map[Code]bool, len(a.Votes))
	for i, v := range a.Votes {
		if _, ok := c.members.Seat(v.Code); !ok {
			c.contradictVote(i, KindSeat, "%s (%s) had no seat on %s", v.Code.NameOn(a.Date), v.Code, a.Date)
		}
		if seen[v.Code] {
			c.contradictVote(i, KindTwice, "%s has more than one position", v.Code.NameOn(a.Date))
		}
		seen[v.Code] = true
	}
	if n, seats := len(a.Votes), len(c.members.Seats); n > seats {
		c.contradict(KindRollSize, "vote", "%d positions for %d seats", n, seats)
	} else if n > 0 && n < seats {
		c.note(KindRollSize, "vote", "%d positions for %d seats: none for %s", n, seats, names(c.members, absentees(c.members, a.Votes)))
	}
	for _, v := range a.VetoedBy {
		if s, ok := c.members.Seat(v); !ok || !s.Permanent {
			c.contradict(KindSeat, "vetoed_by", "%s had no permanent seat on %s and cannot have vetoed", v.NameOn(a.Date), a.Date)
		}
	}
}

// outcome works out what the rules say and holds it against what is stated.
func (c *checker) outcome() Decision {
	a := c.a
	d, err := Decide(a.Ballot())
	if err != nil {
		c.contradict(KindOutcome, "outcome", "%s", trimInvalid(err))
		return Decision{}
	}
	if a.Tally != nil && len(a.Votes) == len(c.members.Seats) && !a.NoVote {
		if given := Count(a.Votes); !sameCounts(given, *a.Tally) {
			c.contradict(KindTally, "tally", "the tally is given as %s, the roll counts %s", a.Tally, given)
		}
	}
	agrees := a.Stated.agrees(d)
	if d.Outcome == Failed && (a.Stated == StatedVetoed || agrees && len(a.VetoedBy) > 0) {
		c.noVeto(d)
	} else if !agrees {
		c.contradict(KindOutcome, "outcome", "stated as %s, but the rules say %s (%s)", a.Stated, describe(d), d.Reason)
	}
	if len(a.VetoedBy) > 0 && d.Outcome != Vetoed && d.Outcome != Failed {
		c.contradict(KindOutcome, "vetoed_by", "stated as vetoed, but the rules say %s (%s)", describe(d), d.Reason)
	}
	switch {
	case d.Outcome == Adopted && a.Resolution == "" && a.Kind.becomesResolution():
		c.note(KindSymbol, "resolution", "adopted, but without a resolution's number")
	case d.Outcome != Adopted && a.Resolution != "":
		c.contradict(KindSymbol, "resolution", "%s, but with the number %s of an adopted resolution", d.Outcome, a.Resolution)
	}
	return d
}

// noVeto explains what lists of vetoes often take for one: the vote is as it is
// told, only its name is wrong.
func (c *checker) noVeto(d Decision) {
	c.note(KindOutcome, "outcome", "stated as vetoed, but it failed: %s", d.Reason)
	p := &c.a.Problems[len(c.a.Problems)-1]
	p.Explanation = "a permanent member's negative vote defeats only a proposal that has the votes to carry"
	p.Reference = "Charter of the United Nations, Article 27(3)"
}

// becomesResolution tells whether a proposal of that kind, once adopted, is a
// resolution with a number: an amendment, a paragraph or a decision on
// procedure is not.
func (k Kind) becomesResolution() bool { return k == DraftResolution || k == "" }

// Ballot returns the part of the account that the rules look at.
func (a *Account) Ballot() Ballot {
	b := Ballot{Date: a.Date, Votes: a.Votes, Tally: a.Tally, Vetoes: a.VetoedBy, NoVote: a.NoVote,
		Withdrawn: a.Stated == StatedWithdrawn, Stated: a.Stated, Numbered: a.Resolution != "", Procedural: a.Procedural != nil && *a.Procedural}
	if a.NoVote {
		b.Votes = nil
	}
	return b
}

func sameCounts(a, b Tally) bool {
	return a.Yes == b.Yes && a.No == b.No && a.Abstain == b.Abstain
}

func (s StatedOutcome) agrees(d Decision) bool {
	switch s {
	case StatedNothing:
		return true
	case StatedUnanimous:
		// A roll with a seat missing cannot show unanimity, nor contradict it.
		return d.Outcome == Adopted && (d.AdoptedBy == ByUnanimity || d.Tally != nil && d.Tally.No == 0 && d.Tally.Abstain == 0)
	case StatedMajority:
		return d.Outcome == Adopted && d.AdoptedBy == ByMajority
	case StatedAdopted:
		return d.Outcome == Adopted
	case StatedNoVote:
		return d.Outcome == Adopted && d.AdoptedBy == ByNoVote
	case StatedVetoed:
		return d.Outcome == Vetoed
	case StatedFailed:
		return d.Outcome == Failed
	case StatedWithdrawn:
		return d.Outcome == Withdrawn
	}
	return false
}

func describe(d Decision) string {
	switch d.AdoptedBy {
	case ByUnanimity:
		return "adopted unanimously"
	case ByMajority:
		return "adopted by majority"
	case ByNoVote:
		return "adopted without a vote"
	}
	return string(d.Outcome)
}

func trimInvalid(err error) string {
	s := err.Error()
	if n := len(s) - len(": "+ErrInvalid.Error()); n > 0 && s[n:] == ": "+ErrInvalid.Error() {
		return s[:n]
	}
	return s
}
