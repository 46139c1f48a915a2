package source

import (
	"bytes"
	"io"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const ownHeader = "draft,resolution,meeting,date,kind,procedural,title,agenda_item,topic,region,sponsors,yes,no,abstain,not_participating,absent,tally,vetoed_by,note,source\n"

func TestOwnCSV(t *testing.T) {
	a := one(t, ownHeader+"S/2024/835,,S/PV.9790,2024-11-20,draft_resolution,no,Ceasefire in Gaza,The situation in the Middle East,,Middle East,"+
		"E10,E10;China;FRA;United Kingdom of Great Britain and Northern Ireland;Russia,usa,,,,,,A note,S/PV.9790\n")
	switch {
	case len(a.Votes) != 15 || a.Votes[10].Code != "CHN" || a.Votes[13].Code != "RUS" || a.Votes[14] != (votes.Vote{Code: "USA", Position: votes.No}):
		t.Errorf("votes %v", a.Votes)
	case len(a.Sponsors) != 10 || a.SponsoredAs != "E10":
		t.Errorf("sponsors %v as %q", a.Sponsors, a.SponsoredAs)
	case a.Key != "S-2024-835" || a.Procedural == nil || *a.Procedural || a.Kind != votes.DraftResolution:
		t.Errorf("key %q, procedural %v, kind %q", a.Key, a.Procedural, a.Kind)
	case a.Source.Cites != "S/PV.9790" || a.Note != "A note" || a.Tally != nil || a.Printed != nil:
		t.Errorf("source %+v, note %q, tally %v, printed %v", a.Source, a.Note, a.Tally, a.Printed)
	}
}

func TestOwnCSVNamesTheVote(t *testing.T) {
	tests := []struct {
		draft, resolution, meeting  string
		wantDraft, wantPart, wantID string
		kind                        votes.Kind
	}{
		{"S/552", "", "S/PV.204", "S/552", "", "S-552", ""},
		{"S/552 (preliminary question)", "", "", "S/552", "preliminary question", "S-552-preliminary-question", votes.PreliminaryQuestion},
		{"S/PV.57 (Ireland)", "", "S/PV.57", "S/PV.57", "Ireland", "S-PV.57-ireland", votes.OtherProposal},
		{"S/2007/14 (as orally revised)", "", "", "S/2007/14", "", "S-2007-14", ""},
		{"Oral amendment 1", "", "S/PV.9527", "", "oral amendment 1", "S-PV.9527-oral-amendment-1", votes.Amendment},
		{"(paragraph 4)", "", "S/PV.57", "", "paragraph 4", "S-PV.57-paragraph-4", votes.Paragraph},
		{"S/10784 (amendment of paragraph 2)", "", "", "S/10784", "amendment of paragraph 2", "S-10784-amendment-of-paragraph-2", votes.Amendment},
		{"", "2334 (2016)", "", "", "", "S-RES-2334-2016", ""},
		{"", "S/RES/275 (1969) ", "", "", "", "S-RES-275-1969", ""},
		{"", "", "9790", "", "", "S-PV.9790", ""},
	}
	for _, tt := range tests {
		a := one(t, "draft,resolution,meeting,date,tally\n"+tt.draft+","+tt.resolution+","+tt.meeting+",2007-01-12,14-1-0\n")
		got := []any{string(a.Draft), a.Part, a.Key, a.Kind, len(a.Problems)}
		if diff := cmp.Diff([]any{tt.wantDraft, tt.wantPart, tt.wantID, tt.kind, 0}, got); diff != "" {
			t.Errorf("%q %q %q: %s %v", tt.draft, tt.resolution, tt.meeting, diff, a.Problems)
		}
	}
}

func TestOwnCSVTally(t *testing.T) {
	read := func(tally string) *votes.Account {
		return one(t, "draft,date,tally,vetoed_by\nS/2024/835,2024-11-20,"+tally+",\n")
	}
	if a := read("9-1-4-1"); !cmp.Equal(a.Tally, &votes.Tally{Yes: 9, No: 1, Abstain: 4, NotVoting: 1}) {
		t.Errorf("%+v", a.Tally)
	}
	if a := read("No vote"); !a.NoVote || a.Stated != votes.StatedNoVote || a.Tally != nil {
		t.Errorf("%+v", a)
	}
	if a := read("withdrawn"); a.NoVote || a.Stated != votes.StatedWithdrawn || a.Tally != nil {
		t.Errorf("%+v", a)
	}
	a := one(t, "draft,date,yes\nS/2024/835,2024-11-20,all\n")
	if len(a.Votes) != 15 {
		t.Errorf("all: %v", a.Votes)
	}
}

func TestStatementsOfAMeeting(t *testing.T) {
	a := one(t, "draft,resolution,meeting,speaker,kind,text\n(oral amendment 1),,9527,Somebody,reaction,Words\n")
	if a.Key != "S-PV.9527-oral-amendment-1" || a.Part != "oral amendment 1" || a.Meeting != "S/PV.9527" || len(a.Statements) != 1 || len(a.Problems) > 0 {
		t.Errorf("%+v", *a)
	}
}

func TestStatements(t *testing.T) {
	list, report, err := read(t, "draft,resolution,speaker,for,kind,date,text,source\n"+
		"S/2024/835,,Robert Wood,United States,explanation of vote,2024-11-20,\"No.\n\nNever.\",S/PV.9790\n"+
		"s/2024/835,,,RUS,reaction,2024-11-21,Words,\n"+
		",2735 (2024),A speaker,,joint_statement,,More words,\n", Options{})
	if err != nil || len(told(list, report)) > 0 || len(list) != 2 {
		t.Fatal(err, told(list, report), len(list))
	}
	want := []votes.Statement{
		{Speaker: "Robert Wood", For: "USA", Kind: "explanation_of_vote", Date: "2024-11-20", Text: "No.\n\nNever.", Source: "S/PV.9790"},
		{For: "RUS", Kind: "reaction", Date: "2024-11-21", Text: "Words"},
	}
	if diff := cmp.Diff(want, list[0].Statements); diff != "" {
		t.Error(diff)
	}
	if list[0].Key != "S-2024-835" || list[0].Date != "" || list[1].Key != "S-RES-2735-2024" || list[1].Resolution != "S/RES/2735 (2024)" {
		t.Errorf("%+v\n%+v", *list[0], *list[1])
	}
}

// records makes the record of every account that the rules let in.
func records(list []*votes.Account) []votes.Resolution {
	var out []votes.Resolution
	for _, a := range list {
		votes.Check(a)
		if a.Refused() {
			continue
		}
		if r, _ := votes.Reconcile([]*votes.Account{a}, nil); r.ID != "" {
			out = append(out, r)
		}
	}
	return out
}

func written(t *testing.T, list []votes.Resolution) string {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	for _, r := range list {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is written reads back as the same record, and is written again with the
// same bytes.
func roundTrip(t *testing.T, first []votes.Resolution) {
	t.Helper()
	text := written(t, first)
	list, report, err := read(t, text, Options{Format: "scvotes"})
	if err != nil || report.RefusedRows > 0 || len(list) != len(first) {
		t.Fatalf("%d accounts of %d, %+v, %v", len(list), len(first), report, err)
	}
	second := records(list)
	ignore := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(votes.Detail{}, "Sources", "Statements"),
		cmpopts.IgnoreFields(votes.Resolution{}, "Discrepancies", "Provenance")}
	if diff := cmp.Diff(first, second, ignore); diff != "" {
		t.Error(diff)
	}
	if again := written(t, second); again != text {
		t.Error(cmp.Diff(text, again))
	}
}

func TestRoundTrip(t *testing.T) {
	text := ownHeader +
		"S/2024/835,,S/PV.9790,2024-11-20,draft_resolution,no,\"Ceasefire, with \"\"quotes\"\"\",Item,Topic,Middle East,E10,E10;CHN;FRA;GBR;RUS,USA,,,,,USA,Note,Cited\n" +
		"S/2024/24 (amendment),,S/PV.9527,2024-01-10,amendment,no,,,,,RUS;Secretary-General,CHN;DZA;RUS;SLE,GBR;USA,CHE;ECU;GUY;KOR;MLT;MOZ;SVN,FRA,JPN,,,,\n" +
		"S/PV.57 (Ireland),,S/PV.57,1946-08-29,recommendation,no,,,,,,,,,,,9-1-1,SUN,,\n" +
		"(paragraph 4),,S/PV.9527,2024-01-10,paragraph,no,,,,,A3,,,,,,2-5-8,,,\n" +
		"S/552 (preliminary question),,S/PV.303,1948-05-24,preliminary_question,no,,,,,,,,,,,8-2-1,SUN,,\n" +
		",S/RES/1 (1946),,1946-01-25,draft_resolution,no,,,,,,,,,,,no vote,,,\n" +
		"S/2024/836,,S/PV.9790,2024-11-20,draft_resolution,no,,,,,FRA;MLT,,,,,,withdrawn,,,\n" +
		",S/RES/2623 (2022),S/PV.8980,2022-02-27,draft_resolution,yes,,,,,,ALB;BRA;FRA;GAB;GBR;GHA;IRL;KEN;MEX;NOR;USA,RUS,ARE;CHN;IND,,,,,,\n" +
		"S/2000/1171,,S/PV.4248,2000-12-18,draft_resolution,no,,,,,,ARG;BGD;CAN;CHN;FRA;GBR;JAM;MLI;MYS;NAM;NLD;RUS;TUN,USA,,,,,,,\n"
	list, report, err := read(t, text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	first := records(list)
	if len(first) != 9 {
		t.Fatalf("%d records of 9: %v", len(first), told(list, report))
	}
	roundTrip(t, first)
}

func TestRoundTripOfTheSheet(t *testing.T) {
	list, _, err := read(t, string(realFile(t, "sc_draft_votes_1994_2025.csv")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var first, disputed []votes.Resolution
	seen := map[string]bool{}
	for _, r := range records(list) {
		switch {
		case seen[r.ID]: // the sheet has a few votes twice
		case r.RollCall == votes.RollDisputed:
			disputed = append(disputed, r)
		default:
			first = append(first, r)
		}
		seen[r.ID] = true
	}
	if len(first) < 1500 || len(disputed) < 50 {
		t.Fatalf("only %d records, %d disputed", len(first), len(disputed))
	}
	roundTrip(t, first)
	// A disputed roll has no place in the file: its line gives no votes, no tally
	// and no veto, and is the same after a round.
	text := written(t, disputed)
	again, _, err := read(t, text, Options{Format: "scvotes"})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range again {
		if len(a.Votes) > 0 || a.Tally != nil || len(a.VetoedBy) > 0 {
			t.Errorf("%s: votes %v, tally %v, vetoed by %v of a disputed roll", a.Key, a.Votes, a.Tally, a.VetoedBy)
		}
	}
	if back := written(t, records(again)); back != text {
		t.Error(cmp.Diff(text, back))
	}
}

func TestWriterTellsOfErrors(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	out := NewWriter(w)
	if err := out.Flush(); err != io.ErrClosedPipe {
		t.Errorf("error %v", err)
	}
}
