package pages

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// aboutPage tells the rules, the figures and the terms in plain words.
type aboutPage struct {
	Frame      Frame
	Examples   []example
	Outcomes   []word
	RollCalls  []word
	Exclusions []word
	Groups     []word
	Exact      string // the formulas, as the API names them
	Lijphart   string
	Cohesion   string
	Terms      string
}

func (aboutPage) template() string { return "about" }

// word is a word of the record and what it means. Href leads to the votes that
// it is said of.
type word struct{ Word, Meaning, Href string }

// example is a vote that shows a rule. All but the lesson is from the record.
type example struct {
	Lesson  string
	Href    string
	Name    string
	Date    votes.Date
	Verdict string
	Outcome votes.Outcome
}

// about answers GET /about.
func (s *Site) about(c echo.Context) error {
	return s.show(c, func(ctx context.Context) (page, error) {
		p := aboutPage{Outcomes: outcomeWords, RollCalls: rollCallWords, Exclusions: leftOutWords, Groups: groupWords,
			Exact: votes.Exact.Formula(), Lijphart: votes.Lijphart.Formula(),
			Cohesion: votes.NewCohesion(nil, votes.WholeTime).Result().Formula, Terms: unTerms}
		for _, l := range lessons {
			r, _, err := s.read.Resolution(ctx, l.id)
			if errors.Is(err, votes.ErrNotFound) {
				continue // not every record holds every vote
			}
			if err != nil {
				return nil, err
			}
			p.Examples = append(p.Examples, example{l.shows, votesPath + r.ID, nameOf(*r), r.Date, verdict(*r), r.Outcome})
		}
		var err error
		p.Frame, err = s.frame(ctx, c, "About", "How the Security Council votes, by Article 27 of the Charter; how this record comes from "+
			"its sources; what its figures count and leave out; its terms, and how to cite it.")
		return p, err
	})
}

// unTerms are the terms of use of the United Nations.
const unTerms = "https://www.un.org/en/about-us/terms-of-use"

// lessons are votes that show the rules, each with what it shows.
var lessons = []struct{ id, shows string }{
	{"S-2024-835", "A veto: the number is reached, and a permanent member is against."},
	{"S-2014-916", "No veto: a permanent member is against, but the number was not reached anyway."},
	{"S-RES-2623-2022", "A procedural question: a permanent member is against, and it carries."},
	{"S-PV.303-preliminary-question", "The first half of a double veto: whether the matter is procedural is itself voted on, and vetoed."},
	{"S-PV.303", "The second half, on the same day: the draft, which is now open to a veto."},
	{"S-RES-218-1965", "Seven votes in favour carry in the Council of eleven."},
}

var outcomeWords = []word{
	{"Adopted", "It carried. Unanimously, where every seat voted in favour; by majority; or without a vote, where the Council " +
		"agreed by consensus or acclamation and nobody voted.", "/resolutions?outcome=adopted"},
	{"Vetoed", "It had the number in favour, and a permanent member voted against a question that was not procedural.", "/resolutions?outcome=vetoed"},
	{"Failed", "It had too few votes in favour, whoever voted against.", "/resolutions?outcome=failed"},
	{"Not put to the vote", "It was withdrawn, or the Council never came to vote on it.", "/resolutions?outcome=withdrawn"},
}

var rollCallWords = []word{
	{"Complete", "The position of every seat is known.", "/resolutions?roll_call=complete"},
	{"Partial", "The positions of some are known.", "/resolutions?roll_call=partial"},
	{"Tally only", "The counts are known, or who vetoed, but not who voted how. So it is for most votes before 1994.", "/resolutions?roll_call=tally_only"},
	{"None", "It was adopted without a vote, so there is no roll call. Some lists print fifteen votes in favour there.", "/resolutions?roll_call=none"},
	{"Disputed", "Every roll that is published contradicts its own outcome, the Charter or the membership. The positions are shown " +
		"by source, and feed no figure.", "/resolutions?roll_call=disputed"},
}

// leftOutWords are the reasons of votes.Exclusion, by the words of the API.
var leftOutWords = []word{
	{Word: string(votes.LeftNoVote), Meaning: "It was adopted without a vote."},
	{Word: string(votes.LeftWithdrawn), Meaning: "It was not put to the vote."},
	{Word: string(votes.LeftDisputed), Meaning: "No source tells its roll call without contradicting something."},
	{Word: string(votes.LeftNoRoll), Meaning: "Only the counts are known, or less."},
	{Word: string(votes.LeftNoTally), Meaning: "Only its outcome is known (what if)."},
	{Word: string(votes.LeftUnanimous), Meaning: "All who voted did the same, and you asked for such votes to be left out."},
	{Word: string(votes.LeftTooFew), Meaning: "Fewer than two of the members you asked for are on its roll."},
	{Word: string(votes.LeftNoPosition), Meaning: "The roll has gaps, and the member’s position is one (a member’s record)."},
	{Word: string(votes.LeftNoSponsor), Meaning: "No state is known to have put it forward, or none that you asked for (sponsors)."},
}

var groupWords = []word{
	{"P5", "The permanent members: China, France, the Russian Federation (before it the USSR), the United Kingdom and the United States.", "/agreement?members=P5"},
	{"E10", "The ten elected members, from 1966 on. Before, there were six.", "/agreement?members=E10"},
	{"P3", "France, the United Kingdom and the United States.", "/agreement?members=P3"},
	{"A3", "The elected members from Africa.", "/agreement?members=A3"},
	{"A3+1", "The same with Saint Vincent and the Grenadines in 2020 and 2021, and with Guyana in 2024 and 2025.", "/agreement?members=A3%2B1"},
}
