package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// Three votes of November 2024 in the project's own layout.
const (
	header  = "draft,resolution,meeting,date,topic,sponsors,yes,no,abstain,tally,vetoed_by\n"
	somalia = "S/2024/790,S/RES/2753 (2024),S/PV.9764,2024-10-30,Somalia,GBR,all,,,,\n"
	sudan   = "S/2024/826,,S/PV.9786,2024-11-18,Sudan,GBR;SLE,E10;CHN;FRA;GBR;USA,RUS,,,\n"
	gaza    = "S/2024/835,,S/PV.9790,2024-11-20,Gaza,E10,E10;CHN;FRA;GBR;RUS,USA,,,\n"
)

func TestImportLandsWhole(t *testing.T) {
	r := newRecord(t)
	rep := r.land(t, csvFile("three.csv", header+somalia+sudan+gaza).from("a tracker", "2024-12-01"), store.ImportOptions{})
	want := votes.ImportReport{File: "three.csv", Format: "scvotes", Source: "a tracker", Edition: "2024-12-01", SHA256: rep.SHA256,
		Landed: true, Rows: 3, RowsLanded: 3, Accounts: 3, AccountsUnmatched: 3, ResolutionsNew: 3, Votes: 45, Sponsors: 13,
		Discrepancies: map[string]int{}, Import: 1, Revision: 1, Problems: []votes.Problem{}}
	if diff := cmp.Diff(want, rep); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	wantCounts := map[string]int{"accounts": 3, "changes": 3, "discrepancies": 0, "edits": 0, "import_problems": 0, "imports": 1, "resolutions": 3,
		"revisions": 1, "sources": 1, "sponsors": 13, "statements": 0, "vetoes": 2, "votes": 45}
	if diff := cmp.Diff(wantCounts, r.counts(t)); diff != "" {
		t.Errorf("rows of the tables (-want +got):\n%s", diff)
	}
	got := r.list(t, `SELECT format('%s %s %s-%s-%s', id, outcome, yes, no_votes, abstain) FROM resolutions ORDER BY date`)
	if want := []string{"S-RES-2753-2024 adopted 15-0-0", "S-2024-826 vetoed 14-1-0", "S-2024-835 vetoed 14-1-0"}; !slices.Equal(got, want) {
		t.Errorf("resolutions %v, want %v", got, want)
	}
	accounts := r.list(t, `SELECT format('%s %s %s %s', resolution_id, line, rows, content->'source'->>'name') FROM accounts ORDER BY line`)
	if want := []string{"S-RES-2753-2024 2 1 a tracker", "S-2024-826 3 1 a tracker", "S-2024-835 4 1 a tracker"}; !slices.Equal(accounts, want) {
		t.Errorf("accounts %v, want %v", accounts, want)
	}
}

// What cannot be read, or speaks of no vote that could be told.
func TestImportRefusesAFileWhole(t *testing.T) {
	r := newRecord(t)
	for name, fault := range map[string]struct{ line, kind string }{
		"a row of other length":      {"S/2024/883,,S/PV.9800\n", votes.KindRow},
		"a state that is none":       {strings.Replace(sudan, "RUS", "Ruritania", 1), votes.KindState},
		"a day on which nobody sat":  {strings.Replace(sudan, "2024-11-18", "1945-11-18", 1), votes.KindCouncil},
		"a day that is none":         {strings.Replace(sudan, "2024-11-18", "2024-11-31", 1), votes.KindDate},
		"a symbol that is none":      {strings.Replace(sudan, "S/2024/826", "A/2024/826", 1), votes.KindSymbol},
		"no symbol by which to know": {strings.Replace(sudan, "S/2024/826,,S/PV.9786", ",,", 1), votes.KindIdentity},
		"a tally that is no tally":   {strings.Replace(sudan, ",RUS,,,", ",RUS,,many,", 1), votes.KindTally},
	} {
		t.Run(name, func(t *testing.T) {
			r.clear(t)
			f := csvFile("faulty.csv", header+gaza+fault.line)
			rep := r.refuse(t, f, store.ImportOptions{})
			if rep.Rows != 2 || rep.RowsRefused != 2 {
				t.Errorf("%d of %d rows refused, want both: the file lands whole or not at all", rep.RowsRefused, rep.Rows)
			}
			if !slices.Contains(refusals(rep), fault.kind+", line 3") {
				t.Errorf("want %s on line 3 among:\n%s", fault.kind, listed(rep.Problems))
			}

			rep = r.land(t, f, store.ImportOptions{KeepGoing: true})
			if rep.RowsLanded != 1 || rep.RowsRefused != 1 || rep.ResolutionsNew != 1 {
				t.Errorf("keep-going: %d rows landed, %d refused, %d new; want one each", rep.RowsLanded, rep.RowsRefused, rep.ResolutionsNew)
			}
			kept := r.list(t, `SELECT kind || ', line ' || line FROM import_problems WHERE severity = 'refused' ORDER BY 1`)
			if !slices.Equal(kept, refusals(rep)) {
				t.Errorf("kept beside the import: %v, in the report: %v", kept, refusals(rep))
			}
			if got := r.list(t, `SELECT id FROM resolutions`); !slices.Equal(got, []string{"S-2024-835"}) {
				t.Errorf("in the record: %v", got)
			}
		})
	}
}

func TestImportOfAFileWithNothingSound(t *testing.T) {
	r := newRecord(t)
	before := r.counts(t)
	for name, text := range map[string]string{
		"a header alone":        header,
		"every line is refused": header + strings.Replace(gaza, "USA", "Ruritania", 1),
	} {
		rep, err := r.take(t, csvFile(name, text), store.ImportOptions{KeepGoing: true})
		if err != nil || rep.Landed {
			t.Errorf("%s: landed=%v, %v; want nothing landed and no error", name, rep.Landed, err)
		}
	}
	r.refuse(t, csvFile("empty", ""), store.ImportOptions{KeepGoing: true})
	r.refuse(t, csvFile("of no known layout", "a,b,c\n1,2,3\n"), store.ImportOptions{KeepGoing: true})
	sameCounts(t, before, r.counts(t))
}

func TestDryRunWritesNothing(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("known.csv", header+somalia), store.ImportOptions{})
	before := r.counts(t)
	f := csvFile("three.csv", header+somalia+sudan+strings.Replace(gaza, "USA", "Ruritania", 1)+strings.Replace(strings.Replace(gaza, "835", "836", 1), "USA", "IND", 1))
	dry, err := r.take(t, f, store.ImportOptions{KeepGoing: true, DryRun: true})
	if err != nil || dry.Landed || !dry.DryRun {
		t.Fatalf("landed=%v dry=%v err=%v", dry.Landed, dry.DryRun, err)
	}
	sameCounts(t, before, r.counts(t))
	if _, err := r.take(t, f, store.ImportOptions{DryRun: true}); !errors.Is(err, votes.ErrInvalid) {
		t.Errorf("a dry run of a file with a fault: err=%v, want ErrInvalid as without it", err)
	}
	sameCounts(t, before, r.counts(t))

	// But for that, it tells what the import then does.
	wet := r.land(t, f, store.ImportOptions{KeepGoing: true})
	wet.DryRun, wet.Landed, wet.Revision, wet.Import = true, false, 0, 0
	wet.WouldChange, dry.WouldChange = nil, nil // see TestADryRunTellsWhatWouldChange
	if diff := cmp.Diff(wet, dry); diff != "" {
		t.Errorf("the dry run told otherwise (-import +dry run):\n%s", diff)
	}
}

func TestTheSameFileTwiceChangesNothing(t *testing.T) {
	r := newRecord(t)
	f := csvFile("three.csv", header+somalia+sudan+gaza)
	r.land(t, f, store.ImportOptions{})
	counts, list := r.counts(t), r.all(t)
	rep, err := r.take(t, f, store.ImportOptions{})
	if err != nil || rep.Landed {
		t.Fatalf("landed=%v err=%v, want nothing to do", rep.Landed, err)
	}
	if rep.Accounts != 3 || rep.AccountsUnchanged != 3 || rep.RowsLanded != 3 {
		t.Errorf("%d of %d accounts known, %d rows landed; want all 3", rep.AccountsUnchanged, rep.Accounts, rep.RowsLanded)
	}
	sameCounts(t, counts, r.counts(t))
	if diff := cmp.Diff(list, r.all(t)); diff != "" {
		t.Errorf("the record changed (-before +after):\n%s", diff)
	}
}

func TestAChangedLineSupersedesItsOlderAccount(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("three.csv", header+somalia+sudan+gaza), store.ImportOptions{})
	old := one[string](t, r, `SELECT content::text FROM accounts WHERE key = 'S-2024-826'`)

	abstained := strings.Replace(sudan, "E10;CHN;FRA;GBR;USA,RUS,,", "E10;FRA;GBR;USA,RUS,CHN,", 1)
	rep := r.land(t, csvFile("three.csv", header+somalia+abstained+gaza), store.ImportOptions{})
	if rep.AccountsUnchanged != 2 || rep.ResolutionsChanged != 1 || rep.ResolutionsNew != 0 || rep.Votes != 15 {
		t.Errorf("%d accounts known, %d resolutions changed, %d new, %d votes written; want 2, 1, 0, 15",
			rep.AccountsUnchanged, rep.ResolutionsChanged, rep.ResolutionsNew, rep.Votes)
	}
	res := r.resolution(t, "S-2024-826")
	if want := (votes.Tally{Yes: 13, No: 1, Abstain: 1, Members: 15, Required: 9}); *res.Tally != want || res.Revision != rep.Revision {
		t.Errorf("tally %s at revision %d, want %s at %d", res.Tally, res.Revision, want, rep.Revision)
	}
	if len(res.Sources) != 1 {
		t.Errorf("%d sources, want the newer account alone", len(res.Sources))
	}
	if unchanged := r.resolution(t, "S-2024-835"); unchanged.Revision != 1 {
		t.Errorf("a resolution that did not change is at revision %d, want 1", unchanged.Revision)
	}
	kept := one[string](t, r, `SELECT old.content::text FROM accounts old JOIN accounts new ON new.id = old.superseded_by WHERE new.key = 'S-2024-826'`)
	if kept != old {
		t.Errorf("the older account was %s, and is %s", old, kept)
	}
	if n := one[int](t, r, `SELECT count(*) FROM accounts`); n != 4 {
		t.Errorf("%d accounts, want the three and the superseded one", n)
	}
}

func TestANewerEditionSupersedesTheOlder(t *testing.T) {
	r := newRecord(t)
	first := sheet(sheetVote{"7", "18/11/2024", "9786", "S/2024/826", "Russian Federation"}, sheetVote{"8", "20/11/2024", "9790", "S/2024/835", "United States"})
	r.land(t, first.from("a sheet", "2025"), store.ImportOptions{})
	// The next edition has found that vote 7 was on another draft.
	next := sheet(sheetVote{"7", "18/11/2024", "9786", "S/2024/827", "Russian Federation"}, sheetVote{"8", "20/11/2024", "9790", "S/2024/835", "United States"})
	rep := r.land(t, next.from("a sheet", "2026"), store.ImportOptions{})
	if rep.ResolutionsNew != 1 || rep.ResolutionsChanged != 1 {
		t.Errorf("%d new, %d changed; want the moved vote new and the other changed in its source", rep.ResolutionsNew, rep.ResolutionsChanged)
	}
	if got := sorted(r.list(t, `SELECT id FROM resolutions`)); !slices.Equal(got, []string{"S-2024-827", "S-2024-835"}) {
		t.Errorf("in the record: %v", got)
	}
	if res := r.resolution(t, "S-2024-835"); len(res.Sources) != 1 || res.Sources[0].Edition != "2026" {
		t.Errorf("sources %v, want the edition of 2026 alone", res.Sources)
	}
	if n := one[int](t, r, `SELECT count(*) FROM accounts WHERE superseded_by IS NOT NULL`); n != 2 {
		t.Errorf("%d superseded accounts kept, want 2", n)
	}

	// Another publisher with the same keys supersedes nothing.
	r.land(t, first.from("another sheet", "2025"), store.ImportOptions{})
	if n := one[int](t, r, `SELECT count(*) FROM accounts WHERE superseded_by IS NULL`); n != 4 {
		t.Errorf("%d current accounts, want two of each publisher", n)
	}
}

func TestTwoSourcesOfOneVote(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+somalia+sudan).from("A", ""), store.ImportOptions{})
	other := strings.NewReplacer("E10;CHN;FRA", "E10;FRA", ",RUS,,", ",RUS,CHN,").Replace(sudan)
	rep := r.land(t, csvFile("b.csv", header+somalia+other).from("B", ""), store.ImportOptions{})
	if rep.AccountsUnchanged != 0 || rep.ResolutionsChanged != 2 {
		t.Errorf("%d accounts known, %d resolutions changed; want 0 and 2", rep.AccountsUnchanged, rep.ResolutionsChanged)
	}
	agreed, disputed := r.resolution(t, "S-RES-2753-2024"), r.resolution(t, "S-2024-826")
	for _, res := range []*votes.Resolution{agreed, disputed} {
		var names []string
		for _, s := range res.Sources {
			names = append(names, s.Name)
		}
		if !slices.Equal(names, []string{"A", "B"}) {
			t.Errorf("%s: sources %v, want A and B", res.ID, names)
		}
	}
	if len(agreed.Discrepancies) != 0 {
		t.Errorf("sources that agree: %v", agreed.Discrepancies)
	}
	var told []string
	for _, d := range disputed.Discrepancies {
		told = append(told, d.Severity+" "+d.State+" "+d.Sides[1].Source+" "+d.Message)
	}
	want := []string{
		"serious open B tally: 14-1-0 in A, 13-1-1 in B",
		"serious open B position of China: yes in A, abstain in B",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("discrepancies (-want +got):\n%s", diff)
	}
}

// A file that has one vote twice: the reader refuses the second line. Accounts
// of one key that come by another way are refused all of them, because nothing
// tells which is meant.
func TestTwinsInOneFileAreRefused(t *testing.T) {
	r := newRecord(t)
	f := csvFile("twins.csv", header+gaza+sudan+strings.Replace(gaza, "RUS,USA,", "RUS,,USA", 1))
	r.refuse(t, f, store.ImportOptions{})
	rep := r.land(t, f, store.ImportOptions{KeepGoing: true})
	if got := refusals(rep); !slices.Equal(got, []string{"duplicate, line 4"}) || rep.Accounts != 2 || rep.AccountsRefused != 1 {
		t.Errorf("refused %v; %d accounts landed, %d refused", got, rep.Accounts, rep.AccountsRefused)
	}

	r.clear(t)
	account := func(line int, key string, draft votes.Symbol) *votes.Account {
		return &votes.Account{Source: votes.Source{Name: "A", Format: "un-vetoes"}, Line: line, Rows: 1, Key: key, Date: "2024-11-20",
			Draft: draft, VetoedBy: []votes.Code{"USA"}}
	}
	rep, err := r.Import(t.Context(), store.ImportOptions{KeepGoing: true},
		given(account(2, "1", "S/2024/835"), account(3, "2", "S/2024/836"), account(4, "1", "S/2024/837")))
	if err != nil || rep.RowsRefused != 2 || rep.RowsLanded != 1 || rep.Accounts != 1 || rep.AccountsRefused != 2 {
		t.Errorf("%v; %d rows and %d accounts refused, %d and %d landed", err, rep.RowsRefused, rep.AccountsRefused, rep.RowsLanded, rep.Accounts)
	}
	if got := refusals(rep); !slices.Equal(got, []string{"duplicate, line 2", "duplicate, line 4"}) {
		t.Errorf("refused %v, want both accounts of the key", got)
	}
	if got := r.list(t, `SELECT id FROM resolutions`); !slices.Equal(got, []string{"S-2024-836"}) {
		t.Errorf("in the record: %v", got)
	}
}

// A sponsor named by itself and in a group is one sponsor.
func TestASponsorNamedTwiceIsOne(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("one.csv", header+strings.Replace(gaza, "E10", "E10;DZA;Algeria", 1)), store.ImportOptions{})
	if n := len(r.resolution(t, "S-2024-835").Sponsors); n != 10 {
		t.Errorf("%d sponsors, want the ten elected members", n)
	}
}

func TestADryRunTellsWhatWouldChange(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("known.csv", header+somalia).from("A", "2024-11-01"), store.ImportOptions{})
	newer := csvFile("newer.csv", header+strings.Replace(somalia, ",Somalia,", ",Horn of Africa,", 1)+sudan).from("A", "2024-12-01")
	rep, err := r.take(t, newer, store.ImportOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	want := &votes.WouldChange{Total: 2, Data: []votes.ChangeToCome{
		{ID: "S-2024-826", Date: "2024-11-18", Outcome: votes.Vetoed, What: votes.Created, Changes: []votes.Change{}},
		{ID: "S-RES-2753-2024", Date: "2024-10-30", Outcome: votes.Adopted, What: votes.Changed,
			Changes: []votes.Change{{Field: "topic", From: []byte(`"Somalia"`), To: []byte(`"Horn of Africa"`)}}},
	}}
	if diff := cmp.Diff(want, rep.WouldChange); diff != "" {
		t.Errorf("the dry run (-want +got):\n%s", diff)
	}
	if rep := r.land(t, newer, store.ImportOptions{}); rep.WouldChange != nil {
		t.Errorf("an import that landed tells what would change: %+v", rep.WouldChange)
	}
	if rep, err = r.take(t, newer, store.ImportOptions{DryRun: true}); err != nil || rep.WouldChange != nil {
		t.Errorf("what is known by now would change %+v, %v", rep.WouldChange, err)
	}
}

// What a file changes is listed before what it only repeats of another source.
func TestADryRunListsWhatChangesFirst(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("known.csv", header+gaza).from("A", "2024-12-01"), store.ImportOptions{})
	rep, err := r.take(t, csvFile("other.csv", header+gaza+somalia).from("B", "2024-12-01"), store.ImportOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range rep.WouldChange.Data {
		got = append(got, fmt.Sprint(c.What, " ", c.ID, " ", len(c.Changes)))
	}
	if diff := cmp.Diff([]string{"created S-RES-2753-2024 0", "changed S-2024-835 0"}, got); diff != "" {
		t.Errorf("the dry run (-want +got):\n%s", diff)
	}
}

func TestADryRunListsNoMoreThanItCounts(t *testing.T) {
	r := newRecord(t)
	rep, err := r.take(t, starterResolutions(), store.ImportOptions{DryRun: true})
	if err != nil || len(rep.WouldChange.Data) != votes.MaxWouldChange || rep.WouldChange.Total != rep.ResolutionsNew {
		t.Errorf("%d of %d listed, %d are new; %v", len(rep.WouldChange.Data), rep.WouldChange.Total, rep.ResolutionsNew, err)
	}
}
