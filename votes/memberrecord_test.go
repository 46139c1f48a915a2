package votes_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func memberRecord(opt votes.MemberOptions, events ...votes.Event) votes.MemberRecord {
	c := votes.NewMemberRecord(opt)
	for _, e := range events {
		c.Add(e)
	}
	return c.Result()
}

func TestMemberRecordByHand(t *testing.T) {
	list := append(threeVotes(t),
		vote(t, "unanimous", "2024-12-01"),
		vote(t, "lone abstention", "2024-12-02", "USA:abstain"),
		// The West's draft on Ukraine's referendums: Russia alone against, and not alone apart.
		vote(t, "S-2022-720", "2022-09-30", "RUS:no", "CHN:abstain", "IND:abstain", "BRA:abstain", "GAB:abstain"),
		vote(t, "two vetoes", "2011-10-04", "RUS:no", "CHN:no", "BRA:abstain", "IND:abstain", "LBN:abstain", "ZAF:abstain"),
		vote(t, "level", "2024-12-03", "USA:no", "RUS:abstain", "FRA:absent")) // 12-1-1
	cases := []struct {
		code votes.Code
		want votes.MemberFigures
	}{
		{"USA", votes.MemberFigures{Positions: votes.PositionCounts{Yes: 4, No: 3, Abstain: 1},
			Dissents: 4, LoneDissents: 2, LoneNo: 2, LoneAbstain: 1, Vetoes: 2, VetoesAlone: 2}},
		{"RUS", votes.MemberFigures{Positions: votes.PositionCounts{Yes: 4, No: 3, Abstain: 1},
			Dissents: 4, LoneNo: 2, LoneAbstain: 1, Vetoes: 2, VetoesAlone: 1}},
		{"CHN", votes.MemberFigures{Positions: votes.PositionCounts{Yes: 5, No: 1, Abstain: 2}, Dissents: 3, Vetoes: 1}},
		{"FRA", votes.MemberFigures{Positions: votes.PositionCounts{Yes: 7, Absent: 1}}},
		{"TUV", votes.MemberFigures{}},
	}
	for _, tt := range cases {
		r := memberRecord(votes.MemberOptions{Code: tt.code}, list...)
		if diff := gocmp.Diff(tt.want, r.MemberFigures); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.code, diff)
		}
	}
	r := memberRecord(votes.MemberOptions{Code: "USA", MinShared: 4}, list...)
	if r.Name != "United States" || r.Events != 8 || len(r.Years) != 4 || r.Years[3].Key != "2024" || r.Years[3].Vetoes != 2 || r.Years[0].Vetoes != 0 {
		t.Errorf("%+v", r)
	}
	// China and the Russian Federation both agreed with it once in eight.
	if first, last := r.Nearest[0], r.Farthest[0]; first.Code != "FRA" || first.N != 7 || first.Agreed != 4 ||
		last.Code != "CHN" || last.N != 8 || last.Agreed != 1 || r.Farthest[1].Code != "RUS" {
		t.Errorf("nearest %+v, farthest %+v", r.Nearest, r.Farthest)
	}
	inJSON(t, memberRecord(votes.MemberOptions{Code: "USA"}), "years", "nearest", "farthest")
}

// Where as many abstained as were in favour, those in favour are the most
// (Event.MostTook), and who abstains dissents.
func TestMemberLine(t *testing.T) {
	level := vote(t, "level", "1990-12-20", "CUB:abstain", "YEM:abstain", "COL:abstain", "CAN:abstain", "FIN:abstain", "ROU:abstain", "CIV:abstain", "USA:absent")
	want := votes.MemberLine{ID: "level", Date: "1990-12-20", Outcome: votes.Failed, Position: votes.Abstain, Majority: new(votes.Yes), Dissent: true, Tally: level.Tally}
	got, ok := votes.MemberLines(votes.MemberOptions{Code: "CUB"})(level)
	if diff := gocmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	absent, _ := votes.MemberLines(votes.MemberOptions{Code: "USA"})(level)
	if absent.Dissent || absent.Lone || absent.Position != votes.Absent {
		t.Errorf("who was absent dissented: %+v", absent)
	}
	veto, _ := votes.MemberLines(votes.MemberOptions{Code: "USA"})(threeVotes(t)[2])
	if !veto.Veto || !veto.Lone || !veto.Dissent || *veto.Majority != votes.Yes {
		t.Errorf("the veto of S/2024/835: %+v", veto)
	}
	partial := threeVotes(t)[2] // too short a roll to have a tally
	partial.RollCall, partial.Tally, partial.Votes = votes.RollPartial, nil, partial.Votes[:4]
	short, ok := votes.MemberLines(votes.MemberOptions{Code: partial.Votes[0].Code})(partial)
	if !ok || short.Majority != nil || short.Dissent {
		t.Errorf("a partial roll: %t, %+v", ok, short)
	}
	if _, ok := votes.MemberLines(votes.MemberOptions{Code: "DZA"})(partial); ok {
		t.Error("a position that is not known")
	}
}

func TestMemberRecordLeavesOut(t *testing.T) {
	var list []votes.Event
	for _, e := range unvoted(t) {
		list = append(list, e)
	}
	partial := vote(t, "partial", "2024-06-05")
	partial.RollCall, partial.Tally, partial.Votes = votes.RollPartial, nil, partial.Votes[:4]
	list = append(list, partial)
	// The USSR's veto of 1947 counts, though the roll is not known.
	r := memberRecord(votes.MemberOptions{Code: "SUN"}, list...)
	want := map[votes.Exclusion]int{votes.LeftNoVote: 1, votes.LeftDisputed: 1, votes.LeftNoRoll: 1, votes.LeftWithdrawn: 1}
	if r.Code != "RUS" || r.Events != 1 || r.Vetoes != 1 || len(r.Years) != 2 || r.Years[0].Key != "1947" || r.Years[0].Positions.No != 0 {
		t.Errorf("%+v", r)
	}
	if diff := gocmp.Diff(want, r.Excluded); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// By itself, each state has only what was voted on while it sat.
	alone := memberRecord(votes.MemberOptions{Code: "SUN", Alone: true}, list...)
	if alone.Code != "SUN" || alone.Events != 0 || alone.Vetoes != 1 || len(alone.Excluded) != 1 || alone.Excluded[votes.LeftNoRoll] != 1 {
		t.Errorf("%+v", alone)
	}
	mozambique := memberRecord(votes.MemberOptions{Code: "MOZ"}, list...)
	if mozambique.Excluded[votes.LeftNoPosition] != 1 || added(mozambique.Events, mozambique.Excluded) != 4 {
		t.Errorf("%+v", mozambique)
	}
}

func TestMemberRecordOnTheRecord(t *testing.T) {
	records(t, func(t *testing.T, events []votes.Event) {
		for _, opt := range []votes.MemberOptions{{Code: "USA"}, {Code: "RUS"}, {Code: "SUN", Alone: true}, {Code: "RUS", Alone: true},
			{Code: "CHN", MinShared: 1}, {Code: "JPN", MinShared: 60}, {Code: "DZA", MinShared: 5}, {Code: "ISR"}} {
			got := memberRecord(opt, events...)
			want, years, counted := slowFigures(opt, events)
			if diff := gocmp.Diff(want, got.MemberFigures); diff != "" || got.Events != counted {
				t.Errorf("%+v: %d votes, want %d (-want +got):\n%s", opt, got.Events, counted, diff)
			}
			gotYears := map[string]votes.MemberFigures{}
			for _, y := range got.Years {
				gotYears[y.Key] = y.MemberFigures
			}
			if diff := gocmp.Diff(years, gotYears); diff != "" || len(gotYears) != len(got.Years) {
				t.Errorf("%+v by year (-want +got):\n%s", opt, diff)
			}
			checkNeighbours(t, opt, got, events)
		}
	})
}

// slowFigures is the reference for a member's counts, in all and by year.
func slowFigures(opt votes.MemberOptions, events []votes.Event) (votes.MemberFigures, map[string]votes.MemberFigures, int) {
	years, counted := map[string]votes.MemberFigures{}, 0
	for _, e := range events {
		f, year := votes.MemberFigures{}, fmt.Sprint(e.Date.Year())
		for _, c := range e.VetoedBy {
			if isMember(opt, c) {
				f.Vetoes++
				f.VetoesAlone += boolToInt(len(e.VetoedBy) == 1)
			}
		}
		counts := map[votes.Position]int{}
		for _, v := range e.Votes {
			counts[v.Position]++
		}
		for _, v := range e.Votes {
			if usable(e) && isMember(opt, v.Code) {
				counted++
				judgeSlowly(&f, v.Position, counts, e.Tally != nil)
			}
		}
		if f != (votes.MemberFigures{}) {
			years[year] = sumOf(years[year], f)
		}
	}
	var total votes.MemberFigures
	for _, f := range years {
		total = sumOf(total, f)
	}
	return total, years, counted
}

// judgeSlowly counts one position in a roll with those counts.
func judgeSlowly(f *votes.MemberFigures, own votes.Position, counts map[votes.Position]int, whole bool) {
	*map[votes.Position]*int{votes.Yes: &f.Positions.Yes, votes.No: &f.Positions.No, votes.Abstain: &f.Positions.Abstain,
		votes.NotParticipating: &f.Positions.NotParticipating, votes.Absent: &f.Positions.Absent}[own]++
	if !whole || own == votes.Absent || own == votes.NotParticipating {
		return
	}
	most := votes.Yes
	for _, p := range []votes.Position{votes.No, votes.Abstain} {
		if counts[p] > counts[most] {
			most = p
		}
	}
	if own != most {
		f.Dissents++
		f.LoneDissents += boolToInt(counts[votes.Yes]+counts[votes.No]+counts[votes.Abstain] == counts[most]+1)
	}
	f.LoneNo += boolToInt(own == votes.No && counts[own] == 1)
	f.LoneAbstain += boolToInt(own == votes.Abstain && counts[own] == 1)
}

func sumOf(a, b votes.MemberFigures) votes.MemberFigures {
	p, q := a.Positions, b.Positions
	return votes.MemberFigures{
		Positions: votes.PositionCounts{Yes: p.Yes + q.Yes, No: p.No + q.No, Abstain: p.Abstain + q.Abstain,
			NotParticipating: p.NotParticipating + q.NotParticipating, Absent: p.Absent + q.Absent},
		Dissents: a.Dissents + b.Dissents, LoneDissents: a.LoneDissents + b.LoneDissents, LoneNo: a.LoneNo + b.LoneNo,
		LoneAbstain: a.LoneAbstain + b.LoneAbstain, Vetoes: a.Vetoes + b.Vetoes, VetoesAlone: a.VetoesAlone + b.VetoesAlone,
	}
}

func isMember(opt votes.MemberOptions, c votes.Code) bool {
	return c == opt.Code || !opt.Alone && seatOf(c) == seatOf(opt.Code)
}

// checkNeighbours holds the two lists against the agreement with every member.
func checkNeighbours(t *testing.T, opt votes.MemberOptions, got votes.MemberRecord, events []votes.Event) {
	t.Helper()
	n, agreed := map[votes.Code]int{}, map[votes.Code]int{}
	for _, e := range events {
		at := slices.IndexFunc(e.Votes, func(v votes.Vote) bool { return isMember(opt, v.Code) })
		if at < 0 || !usable(e) || !e.Votes[at].Position.Voted() {
			continue
		}
		for seat, p := range took(e) {
			if seat != seatOf(opt.Code) {
				n[seat]++
				agreed[seat] += boolToInt(p == e.Votes[at].Position)
			}
		}
	}
	least := opt.MinShared
	if least == 0 {
		least = votes.DefaultMinShared
	}
	var list []votes.Neighbour
	few := 0
	for seat := range n {
		if n[seat] < least {
			few++
			continue
		}
		list = append(list, votes.Neighbour{Code: seat, Name: seat.NameOn(""), N: n[seat], Agreed: agreed[seat], Share: ratio(float64(agreed[seat]), n[seat])})
	}
	for sign, lists := range map[int][]votes.Neighbour{-1: got.Nearest, 1: got.Farthest} {
		slices.SortFunc(list, func(a, b votes.Neighbour) int {
			return cmp.Or(sign*cmp.Compare(*a.Share, *b.Share), b.N-a.N, cmp.Compare(a.Code, b.Code))
		})
		if diff := gocmp.Diff(list[:min(5, len(list))], lists, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%+v, order %d (-want +got):\n%s", opt, sign, diff)
		}
	}
	if got.TooFewShared != few || got.MinShared != least {
		t.Errorf("%+v: %d members with fewer than %d votes in common, want %d with %d", opt, got.TooFewShared, got.MinShared, few, least)
	}
}
