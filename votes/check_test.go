package votes

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// account is a sound account of S/RES/2728 (2024), 14-0-1, changed by change.
func account(t testing.TB, change func(*Account)) *Account {
	t.Helper()
	a := &Account{
		Source: Source{Name: "a sheet", Format: "draft-sheet"}, Line: 10, Rows: 15, Key: "1945",
		Resolution: "S/RES/2728 (2024)", Draft: "S/2024/254", Meeting: "S/PV.9586", Date: "2024-03-25",
		Votes: roll(t, "2024-03-25", map[Position]string{Abstain: "USA"}), Stated: StatedMajority,
		Columns: map[string]string{"date": "Date", "vote": "Vote", "member": "Member State", "outcome": "Outcome results"},
	}
	if change != nil {
		change(a)
	}
	return a
}

// vetoed makes it the account of S/2024/835, 14-1-0.
func vetoed(a *Account) {
	a.Resolution, a.Draft, a.Meeting, a.Date, a.Stated = "", "S/2024/835", "S/PV.9790", "2024-11-20", StatedVetoed
	a.Votes = nil
	c, _ := CouncilOn(a.Date)
	for _, s := range c.Seats {
		a.Votes = append(a.Votes, Vote{s.Code, Yes})
	}
	set(a, "USA", No)
}

func set(a *Account, c Code, p Position) {
	for i := range a.Votes {
		if a.Votes[i].Code == c {
			a.Votes[i].Position = p
		}
	}
}

func TestSoundAccounts(t *testing.T) {
	yes := true
	cases := []struct {
		name    string
		change  func(*Account)
		id      string
		outcome Outcome
	}{
		{"adopted by majority", nil, "S-RES-2728-2024", Adopted},
		{"vetoed", vetoed, "S-2024-835", Vetoed},
		{"vetoed, and the veto named", func(a *Account) { vetoed(a); a.VetoedBy = []Code{"USA"} }, "S-2024-835", Vetoed},
		{"its tally stated, without those that were absent", func(a *Account) { a.Tally = &Tally{Yes: 14, Abstain: 1, NotVoting: 9} }, "S-RES-2728-2024", Adopted},
		{"unanimous", func(a *Account) { set(a, "USA", Yes); a.Stated = StatedUnanimous }, "S-RES-2728-2024", Adopted},
		{"unanimous, as far as the roll goes", func(a *Account) { set(a, "USA", Yes); a.Votes, a.Stated = without(a.Votes, "GUY"), StatedUnanimous },
			"S-RES-2728-2024", Adopted},
		{"by consensus, with all shown in favour", func(a *Account) { set(a, "USA", Yes); a.NoVote, a.Stated, a.Tally = true, StatedNoVote, &Tally{} },
			"S-RES-2728-2024", Adopted},
		{"adopted, as its number tells: the roll and the tally are not known", func(a *Account) { a.Votes, a.Stated = nil, StatedNothing }, "S-RES-2728-2024", Adopted},
		{"adopted, no more said", func(a *Account) { a.Stated = StatedAdopted }, "S-RES-2728-2024", Adopted},
		{"an amendment has no number when it carries", func(a *Account) { a.Resolution, a.Kind, a.Part = "", Amendment, "amendment" },
			"S-2024-254-amendment", Adopted},
		{"failed", func(a *Account) {
			vetoed(a)
			a.Stated = StatedFailed
			for _, c := range []Code{"DZA", "CHN", "RUS", "GUY", "MOZ", "SLE"} {
				set(a, c, Abstain)
			}
		}, "S-2024-835", Failed},
		{"withdrawn", func(a *Account) { vetoed(a); a.Votes, a.Stated = nil, StatedWithdrawn }, "S-2024-835", Withdrawn},
		{"of a permanent member abstaining in the January after the draft's year", func(a *Account) {
			a.Draft, a.Resolution, a.Meeting, a.Date = "S/2023/1060", "S/RES/2722 (2024)", "S/PV.9527", "2024-01-10"
			a.Votes = roll(t, a.Date, map[Position]string{Abstain: "USA"})
		}, "S-RES-2722-2024", Adopted},
		{"procedural, and the source says so", func(a *Account) {
			vetoed(a)
			a.Procedural, a.Kind, a.Stated = &yes, PreliminaryQuestion, StatedAdopted
		}, "S-2024-835", Adopted},
		{"procedural, as is known of S/RES/2623", func(a *Account) {
			a.Draft, a.Resolution, a.Meeting, a.Date = "S/2022/160", "S/RES/2623 (2022)", "S/PV.8980", "2022-02-27"
			a.Votes = roll(t, a.Date, map[Position]string{No: "RUS", Abstain: "CHN IND ARE"})
		}, "S-RES-2623-2022", Adopted},
	}
	for _, tt := range cases {
		a := account(t, tt.change)
		d := Check(a)
		for _, p := range a.Problems {
			if p.Kind != KindRollSize || p.Severity != Noted {
				t.Errorf("%s: %s", tt.name, p)
			}
		}
		if !a.Sound() || a.ID != tt.id || d.Outcome != tt.outcome {
			t.Errorf("%s: sound %t, id %s, %s (%s); want %s, %s", tt.name, a.Sound(), a.ID, d.Outcome, d.Reason, tt.id, tt.outcome)
		}
	}
}

const (
	noVetoExplained = "a permanent member's negative vote defeats only a proposal that has the votes to carry"
	article27of3    = "Charter of the United Nations, Article 27(3)"
)

// One thing is wrong with each, and it is told at its place. It is a
// contradiction (serious) where nothing else is said. Only what nobody can tell
// the vote of is refused.
func TestCheckTells(t *testing.T) {
	yes := true
	cases := []struct {
		name   string
		change func(*Account)
		want   Problem
	}{
		{"no symbol", func(a *Account) { a.Resolution, a.Draft, a.Meeting, a.Kind = "", "", "", OralProposal },
			Problem{Line: 10, Column: "draft", Kind: KindIdentity, Severity: Refused, Message: "no symbol of a resolution, draft or meeting by which the vote could be known"}},
		{"no day", func(a *Account) { a.Date = "" },
			Problem{Line: 10, Column: "Date", Kind: KindDate, Severity: Refused, Message: "the day of the vote is missing"}},
		{"no Council", func(a *Account) { a.Resolution, a.Draft, a.Meeting, a.Date = "", "S/2031/254", "", "2031-03-25" },
			Problem{Line: 10, Column: "Date", Kind: KindCouncil, Severity: Refused, Message: "no Council is known for 2031-03-25"}},
		{"a day before the first meeting", func(a *Account) { a.Resolution, a.Draft, a.Meeting, a.Date = "", "S/2", "", "1946-01-16" },
			Problem{Line: 10, Column: "Date", Kind: KindCouncil, Severity: Refused, Message: "no Council is known for 1946-01-16"}},
		{"a meeting of another year", func(a *Account) { a.Meeting = "S/PV.5560" },
			Problem{Line: 10, Column: "meeting", Kind: KindMeeting, Severity: Noted,
				Message: "S/PV.5560 cannot be of 2024-03-25: its number puts it between 2006-10-13 and 2006-11-11"}},
		{"a resolution of another year", func(a *Account) { a.Resolution, a.Kind = "S/RES/425 (2024)", OtherProposal },
			Problem{Line: 10, Column: "resolution", Kind: KindMeeting, Severity: Noted,
				Message: "S/RES/425 (2024) cannot be of 2024-03-25: its number puts it between 1978-03-14 and 1978-05-03"}},
		{"a draft of another year", func(a *Account) { a.Draft = "S/2021/254" },
			Problem{Line: 10, Column: "draft", Kind: KindYear, Severity: Noted, Message: "S/2021/254 is a document of 2021, the vote was on 2024-03-25"}},
		{"a draft of the year after", func(a *Account) { a.Draft = "S/2025/254" },
			Problem{Line: 10, Column: "draft", Kind: KindYear, Severity: Noted, Message: "S/2025/254 is a document of 2025, the vote was on 2024-03-25"}},
		{"a member without a seat, at its own line", func(a *Account) {
			a.Votes[2].Code = "SUN" // behind China and France
			a.VoteLines = []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}
		}, Problem{Line: 12, Column: "Member State", Kind: KindSeat, Message: "USSR (SUN) had no seat on 2024-03-25"}},
		{"a member without a seat", func(a *Account) { a.Votes = append(without(a.Votes, "GUY"), Vote{"BRA", Yes}) },
			Problem{Line: 10, Column: "Member State", Kind: KindSeat, Message: "Brazil (BRA) had no seat on 2024-03-25"}},
		{"a member twice", func(a *Account) { a.Votes = append(without(a.Votes, "GUY"), Vote{"DZA", Yes}) },
			Problem{Line: 10, Column: "Member State", Kind: KindTwice, Message: "Algeria has more than one position"}},
		{"a veto by an elected member", func(a *Account) { vetoed(a); a.VetoedBy = []Code{"DZA"} },
			Problem{Line: 10, Column: "vetoed_by", Kind: KindSeat, Message: "Algeria had no permanent seat on 2024-11-20 and cannot have vetoed"}},
		{"a veto by one that voted in favour", func(a *Account) { vetoed(a); a.VetoedBy = []Code{"FRA"} },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome, Message: "France is recorded as having vetoed, but its position is yes"}},
		{"a tally that is not the roll's", func(a *Account) { a.Tally = &Tally{Yes: 13, Abstain: 2} },
			Problem{Line: 10, Column: "tally", Kind: KindTally, Message: "the tally is given as 13-0-2, the roll counts 14-0-1"}},
		{"called unanimous", func(a *Account) { a.Stated = StatedUnanimous },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome,
				Message: "stated as adopted unanimously, but the rules say adopted by majority (14 in favour, 9 required)"}},
		{"called by majority", func(a *Account) { set(a, "USA", Yes) },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome,
				Message: "stated as adopted by majority, but the rules say adopted unanimously (15 in favour, 9 required)"}},
		{"called failed", func(a *Account) { vetoed(a); a.Stated = StatedFailed },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome,
				Message: "stated as failed, but the rules say vetoed (14 in favour, 9 required; a permanent member voted against: United States)"}},
		{"called vetoed", func(a *Account) {
			vetoed(a)
			set(a, "USA", Abstain)
			a.Kind = Amendment
		}, Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome,
			Message: "stated as vetoed, but the rules say adopted by majority (14 in favour, 9 required)"}},
		{"S/10768, which lists call vetoed", func(a *Account) {
			*a = Account{Line: 10, Draft: "S/10768", Meeting: "S/PV.1660", Date: "1972-08-25", Tally: &Tally{Yes: 3, No: 3, Abstain: 9}, Stated: StatedVetoed}
		}, Problem{Line: 10, Column: "outcome", Kind: KindOutcome, Severity: Noted, Message: "stated as vetoed, but it failed: 3 in favour, 9 required: 6 short",
			Explanation: noVetoExplained, Reference: article27of3}},
		{"vetoed by, where nobody could", func(a *Account) {
			vetoed(a)
			a.Votes, a.Tally, a.VetoedBy, a.Stated = nil, &Tally{Yes: 3, No: 3, Abstain: 9}, []Code{"USA"}, StatedNothing
		}, Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome, Severity: Noted,
			Message:     "stated as vetoed, but it failed: 3 in favour, 9 required: 6 short; the negative vote of United States was therefore no veto",
			Explanation: noVetoExplained, Reference: article27of3}},
		{"vetoed by, where it carried", func(a *Account) {
			a.Tally, a.Votes, a.VetoedBy, a.Stated = &Tally{Yes: 14, No: 1}, nil, []Code{"USA"}, StatedNothing
			a.Procedural, a.Kind, a.Resolution = &yes, OtherProposal, ""
		}, Problem{Line: 10, Column: "vetoed_by", Kind: KindOutcome,
			Message: "stated as vetoed, but the rules say adopted by majority (14 in favour, 9 required; procedural, so the negative vote of United States was no veto)"}},
		{"without a vote, and yet one abstains", func(a *Account) { a.NoVote, a.Stated = true, StatedNoVote },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome, Message: "stated as adopted without a vote, but United States is given as abstain"}},
		{"called by majority, without a vote", func(a *Account) { a.NoVote, a.Votes = true, nil },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome,
				Message: "stated as adopted by majority, but the rules say adopted without a vote (adopted without a vote)"}},
		{"nothing to go by", func(a *Account) { a.Votes, a.Resolution, a.Stated = nil, "", StatedNothing },
			Problem{Line: 10, Column: "Outcome results", Kind: KindOutcome,
				Message: "neither a complete roll, a tally nor a recorded veto: no outcome follows"}},
		{"adopted, without a number", func(a *Account) { a.Resolution = "" },
			Problem{Line: 10, Column: "resolution", Kind: KindSymbol, Severity: Noted, Message: "adopted, but without a resolution's number"}},
		{"vetoed, with a number", func(a *Account) { vetoed(a); a.Resolution = "S/RES/2760 (2024)" },
			Problem{Line: 10, Column: "resolution", Kind: KindSymbol, Message: "vetoed, but with the number S/RES/2760 (2024) of an adopted resolution"}},
	}
	for _, tt := range cases {
		a := account(t, tt.change)
		Check(a)
		if tt.want.Severity == "" {
			tt.want.Severity = Serious
		}
		if diff := cmp.Diff([]Problem{tt.want}, a.Problems); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// What has one reading only is mended, and the account stays.
func TestCheckMends(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Account)
		want   Problem
		date   Date
		symbol Symbol
	}{
		{"day and month", func(a *Account) { // 03/09/1995 for 9 March
			a.Resolution, a.Draft, a.Meeting, a.Date = "S/RES/979 (1995)", "S/1995/173", "S/PV.3507", "1995-09-03"
			a.Votes = roll(t, a.Date, map[Position]string{Abstain: "USA"})
		}, Problem{Line: 10, Column: "Date", Kind: KindDateSwap,
			Message: "1995-09-03 read as 1995-03-09: day and month are swapped, as the numbers of S/PV.3507 and S/RES/979 (1995) tell"}, "1995-03-09", "S/RES/979 (1995)"},
		{"day and month, told by the meeting alone", func(a *Account) { vetoed(a); a.Date, a.Draft, a.Meeting = "2024-03-10", "S/2024/1", "S/PV.9740" },
			Problem{Line: 10, Column: "Date", Kind: KindDateSwap,
				Message: "2024-03-10 read as 2024-10-03: day and month are swapped, as the numbers of S/PV.9740 tell"}, "2024-10-03", ""},
		{"the year behind the number", func(a *Account) { a.Resolution = "S/RES/2728 (2204)" },
			Problem{Line: 10, Column: "resolution", Kind: KindYear,
				Message: "S/RES/2728 (2204) read as S/RES/2728 (2024): the vote was on 2024-03-25"}, "2024-03-25", "S/RES/2728 (2024)"},
		{"a seat without a position", func(a *Account) { a.Votes = without(a.Votes, "GUY", "MLT") },
			Problem{Line: 10, Column: "Vote", Kind: KindRollSize, Message: "13 positions for 15 seats: none for Guyana, Malta"}, "2024-03-25", "S/RES/2728 (2024)"},
	}
	for _, tt := range cases {
		a := account(t, tt.change)
		Check(a)
		tt.want.Severity = Noted
		if diff := cmp.Diff([]Problem{tt.want}, a.Problems); diff != "" || !a.Sound() || a.Date != tt.date || a.Resolution != tt.symbol {
			t.Errorf("%s: dated %s, %s (-want +got):\n%s", tt.name, a.Date, a.Resolution, diff)
		}
	}
}

// A fault does not hide the next one.
func TestCheckTellsEverything(t *testing.T) {
	a := account(t, func(a *Account) {
		a.Draft = "S/1997/1"
		a.Votes = append(without(a.Votes, "GUY", "MLT"), Vote{"BRA", Yes}, Vote{"PER", Yes}, Vote{"DZA", No}, Vote{"USA", No})
		a.VetoedBy = []Code{"DZA", "SUN"}
	})
	Check(a)
	var kinds []string
	for _, p := range a.Problems {
		kinds = append(kinds, p.Kind)
	}
	want := []string{KindYear, KindSeat, KindSeat, KindTwice, KindTwice, KindRollSize, KindSeat, KindSeat}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// Statements alone speak of no vote: they need a symbol and no day.
func TestCheckOfStatements(t *testing.T) {
	a := &Account{Draft: "S/2024/835", Statements: []Statement{{Speaker: "Robert Wood", For: "USA"}}}
	if Check(a); a.ID != "S-2024-835" || len(a.Problems) > 0 {
		t.Errorf("id %s, problems %v", a.ID, a.Problems)
	}
	a = &Account{Statements: []Statement{{Speaker: "Robert Wood", For: "USA"}}}
	if Check(a); !slices.ContainsFunc(a.Problems, func(p Problem) bool { return p.Kind == KindIdentity }) {
		t.Errorf("of nothing: problems %v", a.Problems)
	}
}

// The seven procedural resolutions are known, but what a source says goes before.
func TestCheckKnowsWhatIsProcedural(t *testing.T) {
	no := false
	a := account(t, func(a *Account) {
		a.Draft, a.Resolution, a.Meeting, a.Date = "S/2022/160", "S/RES/2623 (2022)", "S/PV.8980", "2022-02-27"
		a.Votes = roll(t, a.Date, map[Position]string{No: "RUS", Abstain: "CHN IND ARE"})
		a.Procedural = &no
	})
	if Check(a); a.Sound() || a.Refused() || !strings.Contains(a.Problems[0].Message, "the rules say vetoed") {
		t.Errorf("said to be substantive: %v", a.Problems)
	}
	a = account(t, nil)
	if Check(a); a.Procedural != nil {
		t.Errorf("S/RES/2728 is taken for procedural: %t", *a.Procedural)
	}
}

func BenchmarkCheck(b *testing.B) {
	sound := account(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		a := *sound
		if Check(&a); !a.Sound() {
			b.Fatal(a.Problems)
		}
	}
}
