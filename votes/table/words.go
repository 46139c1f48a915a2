package table

import "scvotes/votes"

// The closed lists, with what each word means. Tests hold them against the
// lists of package votes.
var (
	positionWords = []Word{
		{string(votes.Yes), "voted in favour"},
		{string(votes.No), "voted against"},
		{string(votes.Abstain), "abstained"},
		{string(votes.NotParticipating), "was present and took no part; where a source does not tell it from absent, this is what is written"},
		{string(votes.Absent), "was not there"},
	}
	outcomeWords = []Word{
		{string(votes.Adopted), "it had the votes required, and no veto stood against it"},
		{string(votes.Vetoed), "it had the votes required, and a permanent member's vote against defeated it"},
		{string(votes.Failed), "it had too few votes in favour; a permanent member's vote against is then no veto"},
		{string(votes.Withdrawn), "it was not put to the vote"},
	}
	adoptedByWords = []Word{
		{string(votes.ByUnanimity), "every member voted in favour"},
		{string(votes.ByMajority), "not every member voted in favour"},
		{string(votes.ByNoVote), "by consensus or acclamation: nobody's position was recorded"},
	}
	kindWords = []Word{
		{string(votes.DraftResolution), "a draft resolution as a whole"},
		{string(votes.Amendment), "an amendment to a draft"},
		{string(votes.Paragraph), "one paragraph of a draft"},
		{string(votes.OralProposal), "a proposal made in words"},
		{string(votes.Recommendation), "the admission of a member state, or an appointment"},
		{string(votes.PreliminaryQuestion), "whether a matter is procedural"},
		{string(votes.OtherProposal), "anything else"},
	}
	rollCallWords = []Word{
		{string(votes.RollComplete), "the position of every member is known"},
		{string(votes.RollPartial), "the positions of some members are known"},
		{string(votes.RollTallyOnly), "not who voted how, but the counts, or who vetoed, or at least the outcome"},
		{string(votes.RollNone), "adopted without a vote: there is no roll"},
		{string(votes.RollDisputed), "the roll contradicts itself, the Charter or the membership; it is shown by account only, and feeds no figure"},
	}
	statedWords = []Word{
		{string(votes.StatedUnanimous), "with every vote in favour"},
		{string(votes.StatedMajority), "not with every vote in favour"},
		{string(votes.StatedAdopted), "without saying how"},
		{string(votes.StatedNoVote), "by consensus or acclamation"},
		{string(votes.StatedVetoed), "defeated by a permanent member"},
		{string(votes.StatedFailed), "not adopted for want of votes"},
		{string(votes.StatedWithdrawn), "not put to the vote"},
	}
	severityWords = []Word{
		{votes.SeveritySerious, "touches votes, tally, outcome or veto"},
		{votes.SeverityMinor, "touches anything else"},
	}
	stateWords = []Word{
		{votes.StateOpen, "nobody has settled it"},
		{votes.StateExplained, "it looks wrong and is right; the explanation says why"},
		{votes.StateCorrected, "the record does not follow the wrong account, or reads it in the only way that is possible"},
	}
	discrepancyWords = []Word{
		{votes.KindSymbol, "a symbol is not one, is missing, or belongs to something else"},
		{votes.KindDate, "the day is doubtful"},
		{votes.KindDateSwap, "day and month stood in each other's place"},
		{votes.KindState, "a name is not that of a state as the UN writes it"},
		{votes.KindPosition, "a word is none of the five positions"},
		{votes.KindSponsor, "a sponsor is no state, or is named twice"},
		{votes.KindSeat, "a vote or a veto is given to a state without that seat on that day"},
		{votes.KindTwice, "a member has two positions in one vote"},
		{votes.KindRollSize, "there are more or fewer positions than seats"},
		{votes.KindTally, "the counts that are stated are not those of the roll"},
		{votes.KindOutcome, "the outcome that is stated is not that of the Charter's rules"},
		{votes.KindValue, "a word in a field is none of those that can stand there"},
		{votes.KindConflict, "two accounts tell it differently"},
		{votes.KindYear, "the year in a symbol is not the year of the vote"},
		{votes.KindMeeting, "the number of the meeting or the resolution belongs to another time"},
		{votes.KindPermanentNo, "adopted over a permanent member's vote against; on a procedural question that is right"},
		{votes.KindDoubt, "an account may be of this vote or of another"},
		{votes.KindIdentity, "several proposals share a symbol, and nothing tells which of them the account is of"},
	}
)
