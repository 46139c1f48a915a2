package source

import (
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

func TestDraftSheetIsReadWhole(t *testing.T) {
	list, report, err := read(t, string(realFile(t, "sc_draft_votes_1994_2025.csv")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Format: "draft-sheet", Rows: 25788, AccountRows: 25788, Accounts: 1721}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
	byKey := map[string]*votes.Account{}
	positions, refused, unsound := 0, 0, 0
	for _, a := range list {
		byKey[a.Key] = a
		positions += len(a.Votes)
		if a.Refused() {
			refused++
		}
		if !a.Sound() {
			unsound++
		}
		if a.Rows > 17 {
			t.Errorf("%s has %d rows: two votes in one", a.Key, a.Rows)
		}
	}
	// One row names a state that had no seat, misspelt: its account is kept, as
	// one that cannot be trusted.
	if positions != 25787 || refused != 0 || unsound != 1 {
		t.Errorf("%d positions, %d accounts refused, %d unsound", positions, refused, unsound)
	}
	for _, tt := range []struct {
		key, resolution, draft, part, meeting string
		kind                                  votes.Kind
		stated                                votes.StatedOutcome
	}{
		{"1", "S/RES/893 (1994)", "S/1994/11", "", "S/PV.3326", "", votes.StatedUnanimous},
		{"70", "S/RES/963 (1994)", "S/1994/1356", "paragraph 4", "S/PV.3469", votes.Recommendation, votes.StatedNoVote},
		{"407", "S/RES/1290 (2000)", "", "para. 4 of report of committee on admission of new members", "S/PV.4103", votes.Recommendation, votes.StatedMajority},
		{"551", "S/RES/1426 (2002)", "S/2002/825", "paragraph 4", "S/PV.4585", votes.Recommendation, votes.StatedNoVote},
		{"653", "S/RES/1522 (2004)", "S/2004/25", "", "S/PV.4894", "", votes.StatedUnanimous},
		{"754", "S/RES/1620 (2005)", "S/2005/554", "", "S/PV.5254", "", votes.StatedUnanimous},
		{"1659", "", "S/2019/725", "", "S/PV.8616", "", votes.StatedUnanimous},
		{"1680", "", "S/2020/24", "amendment", "S/PV.8700", votes.Amendment, votes.StatedFailed},
		{"1934", "", "", "oral amendment 1", "S/PV.9527", votes.Amendment, votes.StatedFailed},
		{"2010", "S/RES/2779 (2025)", "S/2025/270", "", "S/PV.9913", "", votes.StatedMajority},
	} {
		a := byKey[tt.key]
		if a == nil {
			t.Errorf("there is no vote %s", tt.key)
			continue
		}
		got := []any{string(a.Resolution), string(a.Draft), a.Part, string(a.Meeting), a.Kind, a.Stated}
		if diff := cmp.Diff([]any{tt.resolution, tt.draft, tt.part, tt.meeting, tt.kind, tt.stated}, got); diff != "" {
			t.Errorf("%s: %s", tt.key, diff)
		}
	}
}

func TestDraftSheetKeepsWhatItPrints(t *testing.T) {
	a := one(t, "ID,Year,Date,Meeting,Resolution,Draft,Agenda item,Category,Region,Topic,Submitted by,Outcome results,Vote,Member State,Membership_Status\n"+
		"773,2005,21/09/2005,5270,Missing,S/2005/727 as orally revised,The situation,Thematic,Africa,Sudan,E10,Adopted by consensus,Yes,Japan,Other\n")
	yes := []votes.Vote{{Code: "JPN", Position: votes.Yes}}
	switch {
	case a.Note != "as orally revised" || a.Draft != "S/2005/727" || a.Part != "":
		t.Errorf("draft %q, part %q, note %q", a.Draft, a.Part, a.Note)
	case a.SponsoredAs != "E10" || len(a.Sponsors) != 10:
		t.Errorf("sponsors %v as %q", a.Sponsors, a.SponsoredAs)
	case !a.NoVote || a.Stated != votes.StatedNoVote || !cmp.Equal(a.Votes, yes):
		t.Errorf("no vote %t, stated %q, votes %v", a.NoVote, a.Stated, a.Votes)
	case a.AgendaItem != "The situation" || a.Region != "Africa" || a.Topic != "Sudan":
		t.Errorf("%q, %q, %q", a.AgendaItem, a.Region, a.Topic)
	}
	// Every column that holds for the whole vote, as it stands in the file.
	printed := map[string]string{"ID": "773", "Year": "2005", "Date": "21/09/2005", "Meeting": "5270", "Resolution": "Missing",
		"Draft": "S/2005/727 as orally revised", "Agenda item": "The situation", "Category": "Thematic", "Region": "Africa",
		"Topic": "Sudan", "Submitted by": "E10", "Outcome results": "Adopted by consensus"}
	if diff := cmp.Diff(printed, a.Printed); diff != "" {
		t.Error(diff)
	}
}
