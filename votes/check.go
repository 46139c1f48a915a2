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
// the account is not Refused and speaks of a vote (Date is set).
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
		if len(a.Statements) == 0 {
			c.refuse(KindDate, "date", "the day of the vote is missing")
		}
		return Decision{}
	}
	if !c.council() {
		return Decision{}
	}
	c.roll()
	if a.Refused() {
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

func (c *checker) note(kind, column, format string, args ...any) {
	c.add(Noted, kind, column, format, args...)
}

// refuseVote tells of the i-th vote, at its own line where it has one.
func (c *checker) refuseVote(i int, kind, format string, args ...any) {
	c.refuse(kind, "member", format, args...)
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
		for _, s := range []Symbol{a.Meeting, a.Resolution} {
			if FitsCalendar(s, a.Date) {
				continue
			}
			from, to, _ := CalendarWindow(s)
			c.refuse(KindMeeting, "date", "%s cannot be of %s: its number puts it between %s and %s", s, a.Date, from, orOpen(to))
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
		c.refuse(KindYear, "draft", "%s is a document of %d, the vote was on %s", a.Draft, y, a.Date)
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
				c.refuse(KindOutcome, "outcome", "stated as adopted without a vote, but %s is given as %s", v.Code.NameOn(a.Date), v.Position)
			}
		}
		return
	}
	seen := make(map[Code]bool, len(a.Votes))
	for i, v := range a.Votes {
		if _, ok := c.members.Seat(v.Code); !ok {
			c.refuseVote(i, KindSeat, "%s (%s) had no seat on %s", v.Code.NameOn(a.Date), v.Code, a.Date)
		}
		if seen[v.Code] {
			c.refuseVote(i, KindTwice, "%s has more than one position", v.Code.NameOn(a.Date))
		}
		seen[v.Code] = true
	}
	if n, seats := len(a.Votes), len(c.members.Seats); n > seats {
		c.refuse(KindRollSize, "vote", "%d positions for %d seats", n, seats)
	} else if n > 0 && n < seats {
		c.note(KindRollSize, "vote", "%d positions for %d seats: none for %s", n, seats, names(c.members, absentees(c.members, a.Votes)))
	}
	for _, v := range a.VetoedBy {
		if s, ok := c.members.Seat(v); !ok || !s.Permanent {
			c.refuse(KindSeat, "vetoed_by", "%s had no permanent seat on %s and cannot have vetoed", v.NameOn(a.Date), a.Date)
		}
	}
}

// outcome works out what the rules say and holds it against what is stated.
func (c *checker) outcome() Decision {
	a := c.a
	d, err := Decide(a.Ballot())
	if err != nil {
		c.refuse(KindOutcome, "outcome", "%s", trimInvalid(err))
		return Decision{}
	}
	if a.Tally != nil && len(a.Votes) == len(c.members.Seats) && !a.NoVote {
		if given := Count(a.Votes); !sameCounts(given, *a.Tally) {
			c.refuse(KindTally, "tally", "the tally is given as %s, the roll counts %s", a.Tally, given)
		}
	}
	if !a.Stated.agrees(d) {
		c.refuse(KindOutcome, "outcome", "stated as %s, but the rules say %s (%s)", a.Stated, describe(d), d.Reason)
	}
	if len(a.VetoedBy) > 0 && d.Outcome != Vetoed {
		c.refuse(KindOutcome, "vetoed_by", "stated as vetoed, but the rules say %s (%s)", describe(d), d.Reason)
	}
	switch {
	case d.Outcome == Adopted && a.Resolution == "" && a.Kind.becomesResolution():
		c.refuse(KindSymbol, "resolution", "adopted, but without a resolution's number")
	case d.Outcome != Adopted && a.Resolution != "":
		c.refuse(KindSymbol, "resolution", "%s, but with the number %s of an adopted resolution", d.Outcome, a.Resolution)
	}
	return d
}

// becomesResolution tells whether a proposal of that kind, once adopted, is a
// resolution with a number: an amendment, a paragraph or a decision on
// procedure is not.
func (k Kind) becomesResolution() bool { return k == DraftResolution || k == "" }

// Ballot returns the part of the account that the rules look at.
func (a *Account) Ballot() Ballot {
	b := Ballot{Date: a.Date, Votes: a.Votes, Tally: a.Tally, Vetoes: a.VetoedBy, NoVote: a.NoVote,
		Withdrawn: a.Stated == StatedWithdrawn, Procedural: a.Procedural != nil && *a.Procedural}
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
