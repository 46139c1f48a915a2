package votes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"

	gocmp "github.com/google/go-cmp/cmp"
)

// A sheetVote is one vote to be written in the sheet's layout: S/RES/2728
// (2024), 14-0-1, where nothing else is said.
type sheetVote struct {
	id, year, date, meeting, resolution, draft, sponsors, outcome string
	members                                                       []string // "Yes Algeria"
}

const sheetHeader = "ID,Year,Date,Meeting,Resolution,Draft,Submitted by,Outcome results,Vote,Member State\n"

func (v sheetVote) text() string {
	var b strings.Builder
	for _, m := range v.members {
		position, name, _ := strings.Cut(m, " ")
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%q\n", v.id, v.year, v.date, v.meeting, v.resolution, v.draft, v.sponsors, v.outcome, position, name)
	}
	return b.String()
}

// sheet writes a sheet of one vote, as changed.
func sheet(change func(*sheetVote)) string {
	v := sheetVote{"1945", "2024", "25/03/2024", "9586", "2728 (2024)", "S/2024/254", "Malta", "Adopted by majority", membersOn("2024-03-25")}
	v.vote("United States", "Abstain")
	change(&v)
	return sheetHeader + v.text()
}

func membersOn(day votes.Date) []string {
	council, _ := votes.CouncilOn(day)
	list := make([]string, len(council.Seats))
	for i, s := range council.Seats {
		list[i] = "Yes " + s.Name
	}
	return list
}

func (v *sheetVote) vote(name, position string) {
	i := slices.IndexFunc(v.members, func(m string) bool { return strings.HasSuffix(m, " "+name) })
	v.members[i] = position + " " + name
}

// own is S/RES/2728 as the project's own file has it, changed by old to new.
func own(oldNew ...string) string {
	const text = "draft,resolution,meeting,date,abstain,yes\n" +
		"S/2024/254,S/RES/2728 (2024),S/PV.9586,2024-03-25,USA,CHN;FRA;RUS;GBR;E10\n"
	return strings.NewReplacer(oldNew...).Replace(text)
}

const (
	tables   = "date,meeting,symbol,outcome,tally,vetoed_by,published\n"
	vetoList = "date,draft,record,agenda_item,permanent_members_casting_negative_vote\n"
)

var discrepancyTests = []struct {
	name, kind            string
	severity, state, says string
	files                 []string
}{
	{"a draft that is none", votes.KindSymbol, "minor", "open", `"the draft" is not a draft's symbol`,
		[]string{sheet(func(v *sheetVote) { v.draft = "the draft" })}},
	{"another year beside the day", votes.KindDate, "minor", "open", "the year is given as 2023",
		[]string{sheet(func(v *sheetVote) { v.year = "2023" })}},
	{"day and month in each other's place", votes.KindDateSwap, "minor", "corrected", "2024-03-10 read as 2024-10-03",
		[]string{sheet(func(v *sheetVote) {
			v.date, v.meeting, v.resolution, v.draft = "10/03/2024", "9740", "2752 (2024)", "S/2024/711"
		})}},
	{"a state misspelt that had a seat", votes.KindState, "minor", "open", `"Mozambiqe" read as Mozambique`,
		[]string{sheet(func(v *sheetVote) { v.members[slices.Index(v.members, "Yes Mozambique")] = "Yes Mozambiqe" })}},
	{"no state", votes.KindState, "serious", "open", `"Atlantis" is not a state`,
		[]string{sheet(func(v *sheetVote) { v.members[14] = "Yes Atlantis" })}},
	{"no position", votes.KindPosition, "serious", "open", `"Q" is not a position`,
		[]string{sheet(func(v *sheetVote) { v.vote("Malta", "Q") })}},
	{"a sponsor that is no state", votes.KindSponsor, "minor", "open", "Atlantis",
		[]string{sheet(func(v *sheetVote) { v.sponsors = "Atlantis" })}},
	{"a vote without a seat", votes.KindSeat, "serious", "open", "Brazil (BRA) had no seat on 2024-03-25",
		[]string{sheet(func(v *sheetVote) { v.members[14] = "Yes Brazil" })}},
	{"a veto without a permanent seat", votes.KindSeat, "serious", "open", "Malta had no permanent seat",
		[]string{vetoList + "2024-11-20,S/2024/835,S/PV.9790,Item,Malta\n"}},
	{"a member twice", votes.KindTwice, "serious", "open", "Algeria has more than one position",
		[]string{sheet(func(v *sheetVote) { v.members[14] = "No Algeria" })}},
	{"a seat without a position", votes.KindRollSize, "minor", "open", "14 positions for 15 seats: none for Switzerland",
		[]string{sheet(func(v *sheetVote) { v.members = v.members[:14] })}},
	{"more positions than seats", votes.KindRollSize, "serious", "open", "16 positions for 15 seats",
		[]string{sheet(func(v *sheetVote) { v.members = append(v.members, "Yes Brazil") })}},
	{"a tally that is not the roll's", votes.KindTally, "serious", "open", "the tally is given as 13-0-2, the roll counts 14-0-1",
		[]string{own("abstain,", "tally,abstain,", "USA,", "13-0-2,USA,")}},
	{"an outcome that is not the Charter's", votes.KindOutcome, "serious", "open", "stated as adopted unanimously, but the rules say adopted by majority",
		[]string{sheet(func(v *sheetVote) { v.outcome = "Adopted unanimously" })}},
	{"the same, where a sound account tells", votes.KindOutcome, "serious", "corrected", "stated as adopted unanimously",
		[]string{sheet(func(v *sheetVote) { v.outcome = "Adopted unanimously" }), own()}},
	{"no veto, because it had not the votes", votes.KindOutcome, "serious", "explained", "stated as vetoed, but it failed: 3 in favour",
		[]string{tables + "1972-08-25,S/PV.1660,S/10768,vetoed,3-3-9,USSR,\n"}},
	{"a word that cannot stand there", votes.KindValue, "minor", "open", `"Carried" is not an outcome`,
		[]string{sheet(func(v *sheetVote) { v.outcome = "Carried" })}},
	{"two that tell a position differently", votes.KindConflict, "serious", "open", "position of Malta: yes in own, abstain in",
		[]string{own(), sheet(func(v *sheetVote) { v.vote("Malta", "Abstain") })}},
	{"two that tell the meeting differently", votes.KindConflict, "minor", "open", "meeting: S/PV.9586 in own, S/PV.9587 in",
		[]string{own(), sheet(func(v *sheetVote) { v.meeting = "9587" })}},
	{"a year that the number of the resolution tells", votes.KindYear, "minor", "corrected", "S/RES/2728 (2204) read as S/RES/2728 (2024)",
		[]string{sheet(func(v *sheetVote) { v.resolution = "2728 (2204)" })}},
	{"a year that nothing tells", votes.KindYear, "minor", "open", "S/2021/254 is a document of 2021",
		[]string{sheet(func(v *sheetVote) { v.draft = "S/2021/254" })}},
	{"a meeting of another time", votes.KindMeeting, "minor", "open", "S/PV.5560 cannot be of 2024-03-25",
		[]string{sheet(func(v *sheetVote) { v.meeting = "5560" })}},
	{"procedural, over a permanent member's negative vote", votes.KindPermanentNo, "serious", "explained", "against: Russian Federation",
		[]string{sheet(func(v *sheetVote) {
			v.year, v.date, v.meeting, v.resolution, v.draft, v.members = "2022", "27/02/2022", "8980", "2623 (2022)", "S/2022/160", membersOn("2022-02-27")
			v.vote("Russian Federation", "No")
		})}},
	{"one symbol for two votes", votes.KindDoubt, "minor", "open", "one source tells of S-2020-667 twice, and differently",
		[]string{twoVotesOneSymbol()}},
	{"several proposals that nothing tells apart", votes.KindIdentity, "minor", "open", "nothing tells the 2 proposals that S/PV.186 stands for apart",
		[]string{tables + "1947-08-18,S/PV.186,S/PV.186,vetoed,9-1-1,USSR,\n1947-08-18,S/PV.186,S/PV.186,vetoed,8-1-2,USSR,\n"}},
}

// twoVotesOneSymbol is the sheet's error of July 2020: a draft that failed
// stands under the symbol of the one that was vetoed a day later.
func twoVotesOneSymbol() string {
	v := sheetVote{"1711", "2020", "10/07/2020", "", "", "S/2020/667", "Germany", "Not adopted - veto", membersOn("2020-07-10")}
	v.vote("China", "No")
	other := sheetVote{"1715", "2020", "10/07/2020", "", "", "S/2020/667", "Germany", "Not adopted - failed to receive required number of votes", membersOn("2020-07-10")}
	for i := range 10 {
		other.members[i] = strings.Replace(other.members[i], "Yes ", "Abstain ", 1)
	}
	return sheetHeader + v.text() + other.text()
}

// Every kind of discrepancy comes out of a file that has just that wrong with
// it, read by the real readers, once a record and with the state it must have.
func TestEachKindOfDiscrepancy(t *testing.T) {
	provoked := map[string]bool{}
	for _, tt := range discrepancyTests {
		provoked[tt.kind] = true
		byRecord := map[string][]votes.Discrepancy{}
		for id, list := range reconciled(t, tt.files) {
			for _, d := range list {
				if d.Kind == tt.kind && strings.Contains(d.Message, tt.says) {
					byRecord[id] = append(byRecord[id], d)
				}
			}
		}
		if len(byRecord) == 0 {
			t.Errorf("%s: not told: %v", tt.name, reconciled(t, tt.files))
		}
		for id, list := range byRecord {
			d := list[0]
			if len(list) != 1 || d.Severity != tt.severity || d.State != tt.state {
				t.Errorf("%s: %s has %d, %s %s; want one, %s %s", tt.name, id, len(list), d.Severity, d.State, tt.severity, tt.state)
			}
			if (d.State == votes.StateOpen) != (d.Explanation == "") || (d.State == votes.StateExplained) != (d.Reference != "") {
				t.Errorf("%s: %s, explained as %q by %q", tt.name, d.State, d.Explanation, d.Reference)
			}
		}
	}
	for _, kind := range votes.DiscrepancyKinds {
		if !provoked[kind] {
			t.Errorf("no test provokes %s", kind)
		}
	}
}

// What is sound has no discrepancy, so that those above are of what was changed.
func TestNoDiscrepancy(t *testing.T) {
	for id, list := range reconciled(t, []string{sheet(func(*sheetVote) {}), own()}) {
		if id != "S-RES-2728-2024" || len(list) > 0 {
			t.Errorf("%s: %v", id, list)
		}
	}
}

// reconciled works the records of the files out, by id.
func reconciled(t *testing.T, files []string) map[string][]votes.Discrepancy {
	t.Helper()
	var all everything
	for _, text := range files {
		opt := source.Options{}
		if strings.HasPrefix(text, "draft,") {
			opt.Source = "own"
		}
		for _, a := range checkedFrom(t, strings.NewReader(text), opt) {
			if a.Refused() {
				t.Errorf("refused: %v", a.Problems)
			}
			all.accounts = append(all.accounts, a)
		}
	}
	all.match()
	byID := map[string][]votes.Discrepancy{}
	for _, g := range all.groups {
		r, list := votes.Reconcile(g.accounts, nil)
		if diff := gocmp.Diff(r.Discrepancies, list); diff != "" {
			t.Errorf("%s: two lists of discrepancies:\n%s", g.id, diff)
		}
		byID[r.ID] = list
	}
	return byID
}
