package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

// everyTable is all that leaves the house.
func everyTable() []Schema {
	return append(Tables(), Tallies.Schema(), Agreement.Schema(), PairVotes.Schema(), MemberLines.Schema(), Cohesion.Schema(),
		Sponsors.Schema(), SponsorPairs.Schema(), ChangedVotes.Schema())
}

func TestEveryColumnIsDescribed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`) // a variable of a URI template, as CSVW asks
	datatypes := []string{String, Integer, Number, Boolean, Date, URI}
	tables := map[string]bool{}
	for _, s := range everyTable() {
		if tables[s.Name] {
			t.Errorf("two tables are called %s", s.Name)
		}
		tables[s.Name] = true
		if !name.MatchString(s.Name) || !strings.HasSuffix(s.Description, ".") {
			t.Errorf("table %q: %q", s.Name, s.Description)
		}
		columns := map[string]bool{}
		for _, c := range s.Columns {
			if columns[c.Name] {
				t.Errorf("%s has two columns %s", s.Name, c.Name)
			}
			columns[c.Name] = true
			if !name.MatchString(c.Name) || !strings.HasSuffix(c.Description, ".") || c.Title == "" {
				t.Errorf("%s.%s: title %q, %q", s.Name, c.Name, c.Title, c.Description)
			}
			if !slices.Contains(datatypes, c.Datatype) {
				t.Errorf("%s.%s is of %q", s.Name, c.Name, c.Datatype)
			}
		}
		for _, k := range s.Key {
			if !columns[k] {
				t.Errorf("%s has no %s to be its key", s.Name, k)
			}
		}
	}
}

func TestTitle(t *testing.T) {
	for name, want := range map[string]string{"id": "ID", "draft_url": "Draft URL", "agenda_item": "Agenda item", "sha256": "SHA-256", "no": "No"} {
		if got := titleOf(name); got != want {
			t.Errorf("titleOf(%s) = %q, want %q", name, got, want)
		}
	}
}

// The lists of words are those of package votes, no word more or less.
func TestWords(t *testing.T) {
	for _, tt := range []struct {
		name  string
		words []Word
		want  []string
	}{
		{"positions", positionWords, texts(votes.Positions)},
		{"outcomes", outcomeWords, texts(votes.Outcomes)},
		{"adopted by", adoptedByWords, texts(votes.AdoptedBys)},
		{"kinds", kindWords, texts(votes.Kinds)},
		{"roll calls", rollCallWords, texts(votes.RollCalls)},
		{"kinds of discrepancy", discrepancyWords, votes.DiscrepancyKinds},
	} {
		var got []string
		for _, w := range tt.words {
			got = append(got, w.Value)
			if w.Meaning == "" {
				t.Errorf("%s: %s has no meaning", tt.name, w.Value)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(slices.Sorted(slices.Values(tt.want)), got); diff != "" {
			t.Errorf("%s (-votes +table):\n%s", tt.name, diff)
		}
	}
}

func texts[S ~string](list []S) []string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}

// Every column of every resolution is what its JSON says, read back from CSV.
// What a cell should hold is worked out here from the JSON alone.
func TestResolutionsEqualJSON(t *testing.T) {
	for name, rec := range map[string]func(testing.TB) record{"starter": ofStarter, "published": ofPublished} {
		t.Run(name, func(t *testing.T) {
			all := rec(t).resolutions
			rows := readBack(t, Resolutions, all)
			if len(rows) != len(all) || len(all) < 400 {
				t.Fatalf("%d rows of %d resolutions", len(rows), len(all))
			}
			filled := map[string]int{}
			for i, row := range rows {
				object := jsonOf(t, all[i])
				for column, got := range row {
					want := resolutionCell(t, object, column)
					if got != want {
						t.Errorf("%s, %s: %q, by its JSON %q", all[i].ID, column, got, want)
					}
					if got != "" {
						filled[column]++
					}
				}
			}
			for _, column := range Resolutions.Header() {
				if filled[column] == 0 {
					t.Errorf("%s is empty throughout, so that nothing was compared", column)
				}
			}
		})
	}
}

func resolutionCell(t *testing.T, o map[string]any, column string) string {
	t.Helper()
	switch column {
	case "yes", "no", "abstain", "not_voting", "members", "required":
		if o["tally"] == nil {
			return ""
		}
		return scalar(o["tally"].(map[string]any)[column])
	case "margin":
		if o["tally"] == nil {
			return ""
		}
		n := func(name string) int64 { v, _ := o["tally"].(map[string]any)[name].(json.Number).Int64(); return v }
		return fmt.Sprint(n("yes") - n("required"))
	case "sponsors":
		return joined(o[column], func(s map[string]any) string {
			if s["code"] == "" || s["code"] == nil {
				return scalar(s["name"])
			}
			return scalar(s["code"])
		})
	case "votes":
		return joined(o[column], func(v map[string]any) string { return scalar(v["code"]) + ":" + scalar(v["position"]) })
	case "vetoed_by":
		codes, _ := o[column].([]any)
		var list []string
		for _, c := range codes {
			list = append(list, scalar(c))
		}
		return strings.Join(list, ";")
	case "discrepancies":
		list, _ := o[column].([]any)
		return fmt.Sprint(len(list))
	case "serious_open":
		return fmt.Sprint(strings.Count(joined(o["discrepancies"], func(d map[string]any) string { return scalar(d["severity"]) + " " + scalar(d["state"]) }), "serious open"))
	case "draft_url", "resolution_url", "meeting_url":
		return scalar(o["links"].(map[string]any)[strings.TrimSuffix(column, "_url")])
	}
	v, ok := o[column]
	if !ok {
		t.Fatalf("the JSON of a resolution has no %s", column)
	}
	return scalar(v)
}

func joined(list any, of func(map[string]any) string) string {
	items, _ := list.([]any)
	var out []string
	for _, item := range items {
		out = append(out, strings.ReplaceAll(of(item.(map[string]any)), ";", ","))
	}
	return strings.Join(out, ";")
}

func scalar(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func jsonOf(t *testing.T, v any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var o map[string]any
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

// readBack writes rows as CSV and reads them again, by column.
func readBack[T any](t *testing.T, table Table[T], rows []T) []map[string]string {
	t.Helper()
	var b bytes.Buffer
	w := NewCSV(&b, table)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Header(), lines[0]); diff != "" {
		t.Fatalf("header (-table +file):\n%s", diff)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		out = append(out, row)
	}
	return out
}

func TestVotesEqualJSON(t *testing.T) {
	n := 0
	for _, r := range ofStarter(t).resolutions {
		o := jsonOf(t, r)
		list, _ := o["votes"].([]any)
		rows := readBack(t, Votes, VotesOf(&r))
		if len(rows) != len(list) {
			t.Fatalf("%s: %d rows of %d votes", r.ID, len(rows), len(list))
		}
		for i, row := range rows {
			vote := list[i].(map[string]any)
			for _, name := range []string{"id", "date", "outcome"} {
				vote[name] = o[name]
			}
			if len(vote) != len(row) {
				t.Fatalf("%s: %d columns, %d fields", r.ID, len(row), len(vote))
			}
			for column, got := range row {
				if want := scalar(vote[column]); got != want {
					t.Errorf("%s, %s of %s: %q, by its JSON %q", r.ID, column, row["code"], got, want)
				}
			}
			n++
		}
	}
	if n < 3000 {
		t.Errorf("%d votes in all", n)
	}
	if rows := VotesOf(&votes.Resolution{}); len(rows) != 0 {
		t.Errorf("a line of a list has %d votes", len(rows))
	}
}

func TestCellsByHand(t *testing.T) {
	rec := ofStarter(t)
	for _, tt := range []struct {
		id, column, want string
	}{
		{"S-2024-835", "votes", "CHN:yes;FRA:yes;RUS:yes;GBR:yes;USA:no;DZA:yes;ECU:yes;GUY:yes;JPN:yes;MLT:yes;MOZ:yes;KOR:yes;SLE:yes;SVN:yes;CHE:yes"},
		{"S-2024-835", "vetoed_by", "USA"},
		{"S-2024-835", "margin", "5"},
		{"S-2024-835", "sponsors", "DZA;ECU;GUY;JPN;MLT;MOZ;KOR;SLE;SVN;CHE"},
		{"S-2024-835", "sponsored_as", "E10"},
		{"S-2024-835", "resolution", ""},
		{"S-2024-835", "draft_url", "https://undocs.org/S/2024/835"},
		{"S-2014-916", "outcome", "failed"},
		{"S-2014-916", "margin", "-1"},
		{"S-2014-916", "carried_but_for_veto", "false"},
		{"S-RES-2623-2022", "procedural", "true"},
		{"S-RES-2623-2022", "no", "1"},
		{"S-RES-2623-2022", "serious_open", "0"},
		{"S-RES-2623-2022", "discrepancies", "1"},
		{"S-PV.23", "votes", ""},
		{"S-PV.23", "yes", ""},
		{"S-PV.23", "roll_call", "tally_only"},
	} {
		row := readBack(t, Resolutions, []votes.Resolution{*rec.find(t, tt.id)})[0]
		if row[tt.column] != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.id, tt.column, row[tt.column], tt.want)
		}
	}
}

func TestMemberRow(t *testing.T) {
	seats := votes.NewMemberCount(false)
	seats.Add(votes.Event{Date: "1970-03-17", Tally: &votes.Tally{Yes: 9, No: 2, Abstain: 4}, Votes: []votes.Vote{{Code: "SUN", Position: votes.Abstain}}})
	for _, m := range seats.Members() {
		row := readBack(t, Members, []votes.Member{m})[0]
		switch m.Code {
		case "SUN":
			want := map[string]string{"code": "SUN", "seat": "RUS", "name": "USSR", "permanent": "true", "names": "USSR (../1991-12-23)",
				"terms": "1946-01-17/1991-12-23", "yes": "0", "no": "0", "abstain": "1", "not_participating": "0", "absent": "0", "vetoes": "0", "dissents": "1"}
			if diff := cmp.Diff(want, row); diff != "" {
				t.Errorf("SUN (-want +got):\n%s", diff)
			}
		case "RUS":
			if !strings.HasSuffix(row["terms"], "/..") {
				t.Errorf("the Russian Federation sat %q: it still does", row["terms"])
			}
		}
	}
}

func TestAccountRow(t *testing.T) {
	yes, newer := true, int64(12)
	full := votes.FoundAccount{Resolution: "S-2024-835", AccountView: votes.AccountView{
		Number: 7, File: "votes.csv", SHA256: "ab", Import: 3, SupersededBy: &newer, MatchedBy: votes.RuleSymbol, Doubt: "perhaps", Finds: "vetoed: 14 in favour",
		Source: votes.Source{Name: "A list", Edition: "2025", Format: "undl", URL: "https://example.org/1", Cites: "S/PV.9790", Line: 17},
		Account: &votes.Account{Rows: 15, Draft: "S/2024/835", Resolution: "S/RES/1 (2024)", Part: "paragraph 1", Meeting: "S/PV.9790", Date: "2024-11-20",
			Kind: votes.Paragraph, Procedural: &yes, Title: "A, \"title\"", AgendaItem: "Item", Topic: "Topic", Region: "Region",
			Sponsors: []votes.Sponsor{{Code: "DZA", Name: "Algeria"}, {Name: "President; Council"}}, SponsoredAs: "E10",
			Votes: []votes.Vote{{Code: "USA", Position: votes.No}, {Code: "FRA", Position: votes.Yes}}, Tally: &votes.Tally{Yes: 14, No: 1, Abstain: 2, NotVoting: 3},
			Stated: votes.StatedVetoed, VetoedBy: []votes.Code{"USA"}, NoVote: true, Statements: make([]votes.Statement, 2), Note: "Note\nover lines",
			Problems: make([]votes.Problem, 4)},
	}}
	want := map[string]string{"number": "7", "id": "S-2024-835", "source": "A list", "edition": "2025", "format": "undl", "url": "https://example.org/1",
		"cites": "S/PV.9790", "file": "votes.csv", "sha256": "ab", "import": "3", "line": "17", "rows": "15", "sound": "false", "superseded_by": "12",
		"matched_by": "same symbol", "doubt": "perhaps", "finds": "vetoed: 14 in favour", "draft": "S/2024/835", "resolution": "S/RES/1 (2024)",
		"part": "paragraph 1", "meeting": "S/PV.9790", "date": "2024-11-20", "kind": "paragraph", "procedural": "true", "title": "A, \"title\"",
		"agenda_item": "Item", "topic": "Topic", "region": "Region", "sponsors": "DZA;President, Council", "sponsored_as": "E10",
		"votes": "USA:no;FRA:yes", "yes": "14", "no": "1", "abstain": "2", "not_voting": "3", "stated": "vetoed", "vetoed_by": "USA", "no_vote": "true",
		"note": "Note\nover lines", "statements": "2", "problems": "4"}
	if diff := cmp.Diff(want, readBack(t, Accounts, []votes.FoundAccount{full})[0]); diff != "" {
		t.Errorf("a full account (-want +got):\n%s", diff)
	}
	for column, cell := range readBack(t, Accounts, []votes.FoundAccount{{}})[0] {
		if cell != "" && cell != "0" && cell != "false" {
			t.Errorf("an empty account has %s %q", column, cell)
		}
	}
}

func TestDiscrepancyRow(t *testing.T) {
	r := &votes.Resolution{ID: "S-2024-835", Date: "2024-11-20", Discrepancies: []votes.Discrepancy{{Key: "0f0f0f0f", Kind: votes.KindConflict, Field: "date",
		Severity: votes.SeverityMinor, State: votes.StateExplained, Message: "date: two", Explanation: "printed a day late", Reference: "S/PV.9790",
		Sides: []votes.Side{{Source: "A list", Edition: "2025", Line: 17, Says: "2024-11-20; or so"}, {Source: "edits", Says: "2024-11-21"}}}}}
	want := map[string]string{"id": "S-2024-835", "date": "2024-11-20", "key": "0f0f0f0f", "kind": "conflict", "field": "date", "severity": "minor",
		"state": "explained", "message": "date: two", "sides": "A list (2025), line 17: 2024-11-20, or so;edits: 2024-11-21",
		"explanation": "printed a day late", "reference": "S/PV.9790"}
	if diff := cmp.Diff(want, readBack(t, Discrepancies, DiscrepanciesOf(r))[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCSVWithoutRows(t *testing.T) {
	var b bytes.Buffer
	if err := NewCSV(&b, Votes).Flush(); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != "id,date,outcome,code,seat,name,permanent,position,veto\n" {
		t.Errorf("%q", got)
	}
}

var errFull = errors.New("no space left")

// fullAfter fails once so many bytes are written.
type fullAfter int

func (n *fullAfter) Write(b []byte) (int, error) {
	if *n -= fullAfter(len(b)); *n < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestCSVTellsOfAFullDisk(t *testing.T) {
	n := fullAfter(10)
	w := NewCSV(&n, Resolutions)
	for _, r := range ofStarter(t).resolutions[:3] {
		_ = w.Write(r) // it may be buffered; Flush tells
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("Flush: %v", err)
	}
}
