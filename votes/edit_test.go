package votes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edit is a good edit of S/2024/835.
func edit(number int64, field, value string) Edit {
	return Edit{Number: number, ID: "S-2024-835", Field: field, Value: value, Reason: "seen in the record", Reference: "S/PV.9790"}
}

func TestEditsBeatAccounts(t *testing.T) {
	position := func(c Code) func(Resolution) any {
		return func(r Resolution) any {
			i := slices.IndexFunc(r.Votes, func(v MemberVote) bool { return v.Code == c })
			return r.Votes[i].Position
		}
	}
	const statement = `{"speaker":"Robert Wood","for":"USA","kind":"explanation_of_vote","date":"2024-11-20","text":"No.","source":"S/PV.9790"}`
	cases := []struct {
		field, value string
		get          func(Resolution) any
		want         any
	}{
		{"draft", "S/2024/836", func(r Resolution) any { return r.Draft }, Symbol("S/2024/836")},
		{"resolution", "2760 (2024)", func(r Resolution) any { return r.Resolution }, Symbol("S/RES/2760 (2024)")},
		{"meeting", "9791", func(r Resolution) any { return r.Meeting }, Symbol("S/PV.9791")},
		{"date", "2024-11-22", func(r Resolution) any { return r.Date }, Date("2024-11-22")},
		{"kind", "amendment", func(r Resolution) any { return r.Kind }, Amendment},
		{"procedural", "yes", func(r Resolution) any { return r.Procedural }, true},
		{"title", "Another title", func(r Resolution) any { return r.Title }, Text("Another title")},
		{"agenda_item", "Another item", func(r Resolution) any { return r.AgendaItem }, Text("Another item")},
		{"topic", "Palestine", func(r Resolution) any { return r.Topic }, Text("Palestine")},
		{"region", "Asia", func(r Resolution) any { return r.Region }, Text("Asia")},
		{"note", "As orally revised", func(r Resolution) any { return r.Note }, Text("As orally revised")},
		{"title", "", func(r Resolution) any { return r.Title }, Text("")},
		{"sponsors", "Guyana;MLT", func(r Resolution) any { return r.Sponsors }, []Sponsor{{"GUY", "Guyana"}, {"MLT", "Malta"}}},
		{"sponsors", "Guyana;MLT", func(r Resolution) any { return r.SponsoredAs }, Text("")},
		{"sponsors", "A3; Guyana", func(r Resolution) any { return r.SponsoredAs }, Text("A3; Guyana")},
		{"tally", "13-0-2", func(r Resolution) any { return r.Tally.String() + " " + string(r.RollCall) }, "13-0-2 tally_only"},
		{"vetoed_by", "CHN;USA", func(r Resolution) any { return fmt.Sprint(r.VetoedBy) }, "[CHN USA]"},
		{"position:GBR", "abstain", position("GBR"), Abstain},
		{"position:United Kingdom", "abstain", position("GBR"), Abstain},
		{"statement", statement, func(r Resolution) any { return r.Statements },
			[]Statement{{"Robert Wood", "USA", "explanation_of_vote", "2024-11-20", "No.", "S/PV.9790"}}},
	}
	for _, tt := range cases {
		accounts := []*Account{from(t, "starter", "scvotes", "", func(a *Account) {
			a.Title, a.Topic, a.Region, a.Sponsors = "Ceasefire", "Gaza", "Middle East", []Sponsor{{"DZA", "Algeria"}}
			a.SponsoredAs = "E10"
			set(a, "USA", Abstain)
			if tt.field == "vetoed_by" {
				tallied(13, 2, 0)(a)
			}
		})}
		e := edit(7, tt.field, tt.value)
		if faults := e.Check(); len(faults) > 0 {
			t.Errorf("%s: %v", tt.field, faults)
		}
		before, _ := Reconcile(accounts, nil)
		if before.Outcome != Adopted {
			t.Fatalf("%s: %s without the edit", tt.field, before.Outcome)
		}
		after, _ := Reconcile(accounts, []Edit{e})
		if diff := cmp.Diff(tt.want, tt.get(after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.field, diff)
		}
		i := slices.IndexFunc(after.Provenance, func(f FieldSource) bool { return f.Field == tt.field })
		if i < 0 || after.Provenance[i].Rule != "edit 7: seen in the record" || after.Provenance[i].Source != "S/PV.9790" {
			t.Errorf("%s: %+v", tt.field, after.Provenance)
		}
		undone, _ := Reconcile(accounts, []Edit{e, edit(8, EditUndo, "7")})
		if diff := cmp.Diff(before, undone); diff != "" {
			t.Errorf("%s, undone (-want +got):\n%s", tt.field, diff)
		}
	}
}

// The outcome is never edited: it follows from the votes that an editor sets.
func TestEditsChangeTheOutcome(t *testing.T) {
	accounts := []*Account{from(t, "starter", "scvotes", "", nil)}
	if r, _ := Reconcile(accounts, nil); r.Outcome != Vetoed {
		t.Fatalf("%s before", r.Outcome)
	}
	r, _ := Reconcile(accounts, []Edit{edit(1, "position:USA", "abstain")})
	if r.Outcome != Adopted || r.AdoptedBy != ByMajority || r.Tally.String() != "14-0-1" || len(r.VetoedBy) > 0 || r.RollCall != RollComplete {
		t.Errorf("%s by %s, %s, vetoed by %v, %s", r.Outcome, r.AdoptedBy, r.Tally, r.VetoedBy, r.RollCall)
	}
	r, _ = Reconcile(accounts, []Edit{edit(1, "position:GBR", "no")})
	if r.Outcome != Vetoed || !slices.Equal(r.VetoedBy, []Code{"GBR", "USA"}) {
		t.Errorf("%s by %v", r.Outcome, r.VetoedBy)
	}
}

// A roll that no account can vouch for is settled by an editor's tally.
func TestEditsSettleWhatIsDisputed(t *testing.T) {
	a := account(t, func(a *Account) { a.Votes = append(a.Votes, Vote{"BRA", Yes}) })
	Check(a)
	before, _ := Reconcile([]*Account{a}, nil)
	if before.RollCall != RollDisputed || before.Outcome != Adopted || before.AdoptedBy != "" || before.Tally != nil || len(before.Votes) > 0 {
		t.Errorf("disputed: %+v", before)
	}
	after, _ := Reconcile([]*Account{a}, []Edit{edit(1, "tally", "14-0-1")})
	if after.RollCall != RollTallyOnly || after.AdoptedBy != ByMajority || after.Tally.String() != "14-0-1" {
		t.Errorf("settled: %s, %s, %v", after.RollCall, after.AdoptedBy, after.Tally)
	}
}

// A tally that an editor sets does not undo the veto that the roll showed.
func TestEditedTallyKeepsTheVeto(t *testing.T) {
	r, _ := Reconcile([]*Account{from(t, "starter", "scvotes", "", nil)}, []Edit{edit(1, "tally", "13-1-1")})
	if r.Outcome != Vetoed || !slices.Equal(r.VetoedBy, []Code{"USA"}) || r.RollCall != RollTallyOnly || r.Tally.String() != "13-1-1" {
		t.Errorf("%s by %v, %s, %v", r.Outcome, r.VetoedBy, r.RollCall, r.Tally)
	}
}

// A member that stands twice in a roll is settled by its position alone: what
// was sound in the roll stays.
func TestEditsMendADisputedRoll(t *testing.T) {
	a := account(t, func(a *Account) { a.Votes = append(a.Votes, Vote{"GBR", No}) })
	Check(a)
	r, list := Reconcile([]*Account{a}, []Edit{edit(1, "position:GBR", "yes")})
	if r.RollCall != RollComplete || r.Outcome != Adopted || r.Tally.String() != "14-0-1" || len(r.Votes) != 15 {
		t.Errorf("%s, %s with %s, %d positions", r.RollCall, r.Outcome, r.Tally, len(r.Votes))
	}
	for _, d := range list {
		if d.Severity == SeveritySerious && d.State != StateCorrected {
			t.Errorf("%s is %s", d.Message, d.State)
		}
	}
}

// An edit goes with its vote when an editor finds that two ids are one vote.
func TestEditsByID(t *testing.T) {
	of := func(n int64, id, field, value string) Edit {
		return Edit{Number: n, ID: id, Field: field, Value: value}
	}
	edits := []Edit{of(1, "S-1", "title", "A"), of(2, "S-2", "title", "B"), of(3, "S-1", EditMerge, "S-2"), of(4, "S-2", EditMerge, "S-3"),
		of(5, "S-9", "title", "C"), of(6, "S-8", EditMerge, "S-9"), of(7, "S-8", EditUndo, "6"), of(8, "S-8", "topic", "D")}
	got := make(map[string][]int64)
	for id, list := range EditsByID(edits) {
		for _, e := range list {
			got[id] = append(got[id], e.Number)
		}
	}
	want := map[string][]int64{"S-3": {1, 2}, "S-1": {3}, "S-2": {4}, "S-9": {5}, "S-8": {6, 7, 8}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(EditsByID([]Edit{of(1, "S-1", EditMerge, "S-2"), of(2, "S-2", EditMerge, "S-1"), of(3, "S-1", "title", "A")})); n == 0 {
		t.Error("merges in a circle lose the edits")
	}
}

// A tally that no Council can have is no edit at all.
func TestEditOfATallyBeyondTheSeats(t *testing.T) {
	if faults := edit(1, "tally", "14-9-0").Check(); len(faults) != 1 || faults[0].Message != "14-9-0 is more than 15 votes" {
		t.Errorf("%v", faults)
	}
}

// What editors set may not go together: then nothing of it is shown as a roll.
func TestEditsThatContradict(t *testing.T) {
	r, list := Reconcile([]*Account{from(t, "starter", "scvotes", "", func(a *Account) { a.Stated = StatedVetoed })}, []Edit{edit(1, "vetoed_by", "DZA")})
	if len(list) != 1 || list[0].Kind != KindConflict || list[0].Severity != SeveritySerious || list[0].State != StateOpen || !strings.Contains(list[0].Message, "DZA") {
		t.Errorf("told as %+v", list)
	}
	if r.RollCall != RollDisputed || r.Outcome != Vetoed || r.Tally != nil || len(r.Votes) > 0 {
		t.Errorf("a veto of an elected member: %s, %s, %v, %v", r.Outcome, r.RollCall, r.Tally, r.Votes)
	}
}

func TestEffective(t *testing.T) {
	title := func(n int64, s string) Edit { return edit(n, "title", s) }
	undo := func(n int64, of string) Edit { return edit(n, EditUndo, of) }
	for name, tt := range map[string]struct {
		edits []Edit
		want  string
	}{
		"none":                        {nil, ""},
		"the last one beats":          {[]Edit{title(1, "A"), title(2, "B")}, "B"},
		"in the order of the numbers": {[]Edit{title(2, "B"), title(1, "A")}, "B"},
		"undo":                        {[]Edit{title(1, "A"), undo(2, "1")}, ""},
		"undo of the last":            {[]Edit{title(1, "A"), title(2, "B"), undo(3, "2")}, "A"},
		"undo of another":             {[]Edit{title(1, "A"), title(2, "B"), undo(3, "1")}, "B"},
		"undo of undo":                {[]Edit{title(1, "A"), undo(2, "1"), undo(3, "2")}, "A"},
		"undo of undo of undo":        {[]Edit{title(1, "A"), undo(2, "1"), undo(3, "2"), undo(4, "3")}, ""},
		"undo of none":                {[]Edit{title(1, "A"), undo(2, "99")}, "A"},
	} {
		given := slices.Clone(tt.edits)
		r, _ := Reconcile([]*Account{from(t, "starter", "scvotes", "", nil)}, tt.edits)
		if string(r.Title) != tt.want {
			t.Errorf("%s: title %q, want %q", name, r.Title, tt.want)
		}
		if diff := cmp.Diff(given, tt.edits); diff != "" {
			t.Errorf("%s: the edits were changed:\n%s", name, diff)
		}
	}
}

// Check lists every fault, each with the field and the value it is about.
func TestEditCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		edit Edit
		want []string // field: value
	}{
		"good":                         {edit(0, "tally", "14-1-0"), nil},
		"no reason":                    {Edit{ID: "S-2024-835", Field: "title", Reference: "S/PV.9790"}, []string{"reason: "}},
		"no reference":                 {Edit{ID: "S-2024-835", Field: "title", Reason: "seen"}, []string{"reference: "}},
		"blanks":                       {Edit{ID: "S-2024-835", Field: "title", Reason: " ", Reference: "\t"}, []string{"reason: ", "reference: "}},
		"everything":                   {Edit{ID: "x", Field: "tally", Value: "many"}, []string{"id: x", "reason: ", "reference: ", "tally: many"}},
		"no such field":                {edit(0, "outcome", "vetoed"), []string{"outcome: vetoed"}},
		"no field":                     {edit(0, "", ""), []string{": "}},
		"date":                         {edit(0, "date", "20/11/2024"), []string{"date: 20/11/2024"}},
		"a day of no Council":          {edit(0, "date", "2224-11-20"), []string{"date: 2224-11-20"}},
		"a day before the Council":     {edit(0, "date", "1945-11-20"), []string{"date: 1945-11-20"}},
		"draft":                        {edit(0, "draft", "the draft"), []string{"draft: the draft"}},
		"resolution":                   {edit(0, "resolution", "the text"), []string{"resolution: the text"}},
		"meeting":                      {edit(0, "meeting", "New York"), []string{"meeting: New York"}},
		"kind":                         {edit(0, "kind", "decree"), []string{"kind: decree"}},
		"procedural":                   {edit(0, "procedural", "perhaps"), []string{"procedural: perhaps"}},
		"vetoed by":                    {edit(0, "vetoed_by", "USA;Atlantis"), []string{"vetoed_by: USA;Atlantis"}},
		"position of none":             {edit(0, "position:Atlantis", "yes"), []string{"position:Atlantis: yes"}},
		"no position":                  {edit(0, "position:USA", "Q"), []string{"position:USA: Q"}},
		"a state of another time":      {edit(0, "position:SUN", "no"), nil},
		"by its name":                  {edit(0, "position:USSR", "no"), nil},
		"a veto of another time":       {edit(0, "vetoed_by", "SUN"), nil},
		"one that is no state today":   {edit(0, "position:Czechoslovakia", "no"), nil},
		"discrepancy without a key":    {edit(0, "discrepancy", "explained"), []string{"discrepancy: explained"}},
		"discrepancy in another state": {edit(0, "discrepancy:2159728d", "corrected"), []string{"discrepancy:2159728d: corrected"}},
		"discrepancy":                  {edit(0, "discrepancy:2159728d", "open"), nil},
		"merge":                        {edit(0, "merge", "S-2024-836"), nil},
		"merge with none":              {edit(0, "merge", "x"), []string{"merge: x"}},
		"split":                        {edit(0, "split", "draft-sheet#1711"), nil},
		"split off nothing":            {edit(0, "split", "draft-sheet#"), []string{"split: draft-sheet#"}},
		"undo":                         {edit(0, "undo", "4"), nil},
		"undo of words":                {edit(0, "undo", "the last"), []string{"undo: the last"}},
		"statement":                    {edit(0, "statement", "No."), []string{"statement: No."}},
		"statement without a text":     {edit(0, "statement", `{"speaker":"Robert Wood"}`), []string{`statement: {"speaker":"Robert Wood"}`}},
	} {
		var got []string
		for _, f := range tt.edit.Check() {
			got = append(got, f.Parameter+": "+f.Value)
			if strings.TrimSpace(f.Message) == "" {
				t.Errorf("%s: %s has no message", name, f.Parameter)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Every field that help names can be edited, and no other.
func TestEditFieldsAreAll(t *testing.T) {
	for _, field := range strings.Split(EditFields, ", ") {
		faults := edit(0, field, "").Check()
		for _, f := range faults {
			if strings.Contains(f.Message, "is not a field that can be edited") {
				t.Errorf("%s: %s", field, f.Message)
			}
		}
	}
}

func TestChanges(t *testing.T) {
	record := func(change func(*Resolution)) *Resolution {
		r, _ := Reconcile([]*Account{from(t, "starter", "scvotes", "", func(a *Account) { a.Title = "Ceasefire" })}, nil)
		if change != nil {
			change(&r)
		}
		return &r
	}
	for name, tt := range map[string]struct {
		old, new *Resolution
		want     []string // field: from -> to
	}{
		"nothing":                         {record(nil), record(nil), nil},
		"a text":                          {record(nil), record(func(r *Resolution) { r.Title = "Gaza" }), []string{`title: "Ceasefire" -> "Gaza"`}},
		"a text that goes":                {record(nil), record(func(r *Resolution) { r.Title = "" }), []string{`title: "Ceasefire" -> null`}},
		"a position":                      {record(nil), record(func(r *Resolution) { r.Votes[0].Position = Abstain }), []string{`position of China: "yes" -> "abstain"`}},
		"a member that has none any more": {record(nil), record(func(r *Resolution) { r.Votes = r.Votes[1:] }), []string{`position of China: "yes" -> null`}},
		"several, in order": {record(nil), record(func(r *Resolution) { r.Outcome, r.Date, r.Procedural = Adopted, "2024-11-21", true }),
			[]string{`date: "2024-11-20" -> "2024-11-21"`, `outcome: "vetoed" -> "adopted"`, `procedural: false -> true`}},
		"not what the revision tells itself": {record(nil), record(func(r *Resolution) {
			r.Revision, r.Sources, r.Links = 9, []Source{{Name: "another"}}, Links{Draft: "elsewhere"}
		}), nil},
		"without detail": {record(func(r *Resolution) { r.Detail = nil }), record(func(r *Resolution) { r.Detail, r.Kind = nil, Amendment }),
			[]string{`kind: "draft_resolution" -> "amendment"`}},
	} {
		list, err := Changes(tt.old, tt.new)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, c := range list {
			got = append(got, fmt.Sprintf("%s: %s -> %s", c.Field, c.From, c.To))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if content, err := json.Marshal(list); err != nil || content[0] != '[' {
			t.Errorf("%s: %s, %v", name, content, err)
		}
	}
}
