package votes

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome is what became of a proposal. It is always worked out by Decide.
type Outcome string

// The outcomes.
const (
	Adopted   Outcome = "adopted"
	Vetoed    Outcome = "vetoed"
	Failed    Outcome = "failed"    // too few affirmative votes
	Withdrawn Outcome = "withdrawn" // not put to the vote
)

// Outcomes lists them.
var Outcomes = []Outcome{Adopted, Vetoed, Failed, Withdrawn}

// AdoptedBy tells how an adopted proposal carried; empty (null) for the others.
type AdoptedBy string

// The ways of adoption.
const (
	ByUnanimity AdoptedBy = "unanimity" // every seat in favour
	ByMajority  AdoptedBy = "majority"
	ByNoVote    AdoptedBy = "no_vote" // by consensus or acclamation
)

// AdoptedBys lists them.
var AdoptedBys = []AdoptedBy{ByUnanimity, ByMajority, ByNoVote}

// MarshalJSON writes null for a proposal that was not adopted.
func (a AdoptedBy) MarshalJSON() ([]byte, error) { return nullIfEmpty(string(a)) }

// Ballot is what is known of one vote, enough for Decide: the positions, or
// else the tally and the vetoes that were recorded.
type Ballot struct {
	Date       Date
	Procedural bool
	Votes      []Vote // positions, as far as known
	Tally      *Tally // the counts, where the positions are not all known
	Vetoes     []Code // permanent members recorded as having vetoed, beside those in Votes
	NoVote     bool   // adopted without a vote
	Withdrawn  bool   // not put to the vote

	// Stated is asked only where none of the above is known or can be trusted:
	// what a source says of the outcome, or that it has a resolution's number,
	// which only adopted texts have.
	Stated   StatedOutcome
	Numbered bool
}

// Decision is what the Charter's rules make of a Ballot.
type Decision struct {
	Outcome           Outcome
	AdoptedBy         AdoptedBy
	VetoedBy          []Code // permanent members whose negative vote defeated it, in the order of the seats
	CarriedButForVeto bool
	Tally             *Tally // with Members and Required filled in; nil where nothing is known
	Reason            string // one line, in words
}

// Decide applies Article 27 of the Charter to a ballot.
//
// Seven affirmative votes of eleven, or nine of fifteen, carry. The number
// follows the size of the Council that sat that day. On a question that is not
// procedural a negative vote by a permanent member defeats a proposal that had
// the number; its abstention or absence does not (ICJ, Namibia opinion, 1971).
// A negative vote against a proposal that lacked the number is no veto.
//
// It returns an error that wraps ErrInvalid when no Council sat that day, when
// the ballot says nothing from which an outcome follows, or when it cannot be:
// more votes than seats, a vote without a seat, two positions of one member, a
// recorded veto by an elected member or by one that did not vote against.
func Decide(b Ballot) (Decision, error) {
	council, ok := CouncilOn(b.Date)
	if !ok {
		return Decision{}, fmt.Errorf("no Council is known for %q: %w", b.Date, ErrInvalid)
	}
	switch {
	case b.Withdrawn:
		return Decision{Outcome: Withdrawn, Reason: "not put to the vote"}, nil
	case b.NoVote:
		return Decision{Outcome: Adopted, AdoptedBy: ByNoVote, Reason: "adopted without a vote"}, nil
	}
	against, err := permanentAgainst(council, b)
	if err != nil {
		return Decision{}, err
	}
	t := b.tally(council)
	switch {
	case t == nil && len(b.Votes) > 0:
		return decidePartial(council, b, against)
	case t == nil && len(b.Vetoes) == 0 && (b.Numbered || b.Stated != StatedNothing):
		return decideStated(b), nil
	case t == nil:
		return decideUncounted(council, b, against)
	}
	if err := checkTally(council, *t, len(against)); err != nil {
		return Decision{}, err
	}
	return decideCounted(council, b, *t, against), nil
}

// decideCounted is the rule itself.
func decideCounted(council Council, b Ballot, t Tally, against []Code) Decision {
	d := Decision{Tally: &t}
	count := fmt.Sprintf("%d in favour, %d required", t.Yes, t.Required)
	switch {
	case t.Yes < t.Required:
		d.Outcome = Failed
		d.Reason = fmt.Sprintf("%s: %d short", count, t.Required-t.Yes)
		if len(against) > 0 {
			d.Reason += "; the negative vote of " + names(council, against) + " was therefore no veto"
		}
	case len(against) > 0 && !b.Procedural:
		d.Outcome, d.VetoedBy, d.CarriedButForVeto = Vetoed, against, true
		d.Reason = count + "; " + memberWord(against) + " voted against: " + names(council, against)
	default:
		d.Outcome, d.AdoptedBy, d.Reason = Adopted, ByMajority, count
		if t.Yes == t.Members {
			d.AdoptedBy = ByUnanimity
		}
		if len(against) > 0 {
			d.Reason += "; procedural, so the negative vote of " + names(council, against) + " was no veto"
		}
	}
	return d
}

// decideUncounted decides where a veto was recorded but no tally was: that it
// was a veto tells that the number of votes had been reached.
func decideUncounted(council Council, b Ballot, against []Code) (Decision, error) {
	if len(b.Vetoes) == 0 || b.Procedural {
		return Decision{}, fmt.Errorf("neither a complete roll, a tally nor a recorded veto: no outcome follows: %w", ErrInvalid)
	}
	return Decision{Outcome: Vetoed, VetoedBy: against, CarriedButForVeto: true,
		Reason: "tally not known; recorded as vetoed by " + names(council, against)}, nil
}

// decideStated takes the word of a source, where its votes cannot be trusted.
// How many were in favour is not known then, so AdoptedBy stays empty.
func decideStated(b Ballot) Decision {
	switch {
	case b.Numbered && b.Stated != StatedUnanimous:
		return Decision{Outcome: Adopted, Reason: "adopted, as its resolution's number tells; no sound roll call or tally is known"}
	case b.Stated == StatedVetoed:
		return Decision{Outcome: Vetoed, CarriedButForVeto: true, Reason: "stated as vetoed; no sound roll call or tally is known"}
	case b.Stated == StatedFailed:
		return Decision{Outcome: Failed, Reason: "stated as not adopted; no sound roll call or tally is known"}
	case b.Stated == StatedUnanimous:
		return Decision{Outcome: Adopted, AdoptedBy: ByUnanimity, Reason: "stated as adopted unanimously; no tally is known"}
	default:
		return Decision{Outcome: Adopted, Reason: "stated as adopted; no sound roll call or tally is known"}
	}
}

// decidePartial decides from a roll with seats missing, where the outcome is
// the same whatever the missing members did. A member that is recorded as
// having vetoed voted against, though the roll may leave it out.
func decidePartial(council Council, b Ballot, against []Code) (Decision, error) {
	missing := absentees(council, b.Votes)
	t := Count(b.Votes)
	t.Members, t.Required = len(council.Seats), council.Required
	missing = slices.DeleteFunc(missing, func(c Code) bool {
		if slices.Contains(b.Vetoes, c) {
			t.No++
			return true
		}
		return false
	})
	d := decideCounted(council, b, t, against)
	if len(missing) == 0 {
		return d, nil
	}
	d.Reason += "; no position known for " + names(council, missing)
	if d.Outcome == Failed && t.Yes+len(missing) >= t.Required {
		if len(b.Vetoes) > 0 {
			return decideUncounted(council, b, against) // a roll too short to show more than the veto
		}
		return Decision{}, fmt.Errorf("%d in favour and no position known for %s: no outcome follows: %w", t.Yes, names(council, missing), ErrInvalid)
	}
	if d.Outcome == Adopted && !b.Procedural {
		for _, c := range missing {
			if s, _ := council.Seat(c); s.Permanent {
				return Decision{}, fmt.Errorf("the position of %s, a permanent member, is missing: no outcome follows: %w", s.Name, ErrInvalid)
			}
		}
	}
	return d, nil
}

func absentees(council Council, roll []Vote) []Code {
	has := make(map[Code]bool, len(roll))
	for _, v := range roll {
		has[v.Code] = true
	}
	var missing []Code
	for _, s := range council.Seats {
		if !has[s.Code] {
			missing = append(missing, s.Code)
		}
	}
	return missing
}

// tally returns the counts of a complete roll, else the stated ones, else nil.
func (b Ballot) tally(council Council) *Tally {
	var t Tally
	switch {
	case len(b.Votes) == len(council.Seats):
		t = Count(b.Votes)
	case b.Tally != nil:
		t = *b.Tally
		// Older tables leave out the members that took no part.
		if sum := t.Yes + t.No + t.Abstain + t.NotVoting; sum < len(council.Seats) {
			t.NotVoting += len(council.Seats) - sum
		}
	default:
		return nil
	}
	t.Members, t.Required = len(council.Seats), council.Required
	return &t
}

func checkTally(council Council, t Tally, against int) error {
	if sum := t.Yes + t.No + t.Abstain + t.NotVoting; sum > len(council.Seats) {
		return fmt.Errorf("%d votes by a Council of %d: %w", sum, len(council.Seats), ErrInvalid)
	}
	if against > t.No {
		return fmt.Errorf("%d permanent members against, but only %d votes against: %w", against, t.No, ErrInvalid)
	}
	return nil
}

// permanentAgainst lists the permanent members known to have voted against, in
// the order of the seats, each once. It looks at who voted on the way.
func permanentAgainst(council Council, b Ballot) ([]Code, error) {
	var positions [32]Position // by seat, of which the Council never had as many
	var known [32]bool
	seat := func(c Code) int { return slices.IndexFunc(council.Seats, func(s Seat) bool { return s.Code == c }) }
	for _, v := range b.Votes {
		switch i := seat(v.Code); {
		case i < 0:
			return nil, fmt.Errorf("%s had no seat on %s: %w", v.Code, b.Date, ErrInvalid)
		case known[i]:
			return nil, fmt.Errorf("%s has more than one position: %w", v.Code, ErrInvalid)
		default:
			positions[i], known[i] = v.Position, true
		}
	}
	for _, c := range b.Vetoes {
		i := seat(c)
		if i < 0 || !council.Seats[i].Permanent {
			return nil, fmt.Errorf("%s had no permanent seat on %s and cannot have vetoed: %w", c, b.Date, ErrInvalid)
		}
		if p := positions[i]; known[i] && p != No {
			return nil, fmt.Errorf("%s is recorded as having vetoed, but its position is %s: %w", council.Seats[i].Name, p, ErrInvalid)
		}
		positions[i] = No
	}
	var against []Code
	for i, s := range council.Seats {
		if s.Permanent && positions[i] == No {
			against = append(against, s.Code)
		}
	}
	return against, nil
}

func memberWord(codes []Code) string {
	if len(codes) == 1 {
		return "a permanent member"
	}
	return fmt.Sprintf("%d permanent members", len(codes))
}

func names(council Council, codes []Code) string {
	list := make([]string, len(codes))
	for i, c := range codes {
		s, _ := council.Seat(c)
		list[i] = s.Name
	}
	return strings.Join(list, ", ")
}
