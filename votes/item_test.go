package votes

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// full is a resolution of which every field says something.
func full() *Resolution {
	council, _ := CouncilOn("2024-11-20")
	var cast []Vote
	for _, s := range council.Seats {
		cast = append(cast, Vote{s.Code, Yes})
	}
	cast[4].Position = No
	return &Resolution{ID: "S-2024-835", Draft: "S/2024/835", Resolution: "S/RES/1 (2024)", Part: "operative paragraph 1", Meeting: "S/PV.9790",
		Date: "2024-11-20", Kind: DraftResolution, Title: "A title", AgendaItem: "An item", Topic: "A topic", Region: "Africa", Note: "A note",
		Outcome: Vetoed, AdoptedBy: ByMajority, Reason: "a reason", Tally: &Tally{Yes: 14, No: 1, Members: 15, Required: 9},
		RollCall: RollComplete, VetoedBy: []Code{"USA"}, CarriedButForVeto: true,
		Sponsors: []Sponsor{{Code: "DZA", Name: "Algeria"}, {Name: "the President"}}, SponsoredAs: "E10",
		Detail: &Detail{Votes: RollOf(council, cast, []Code{"USA"}),
			Statements: []Statement{{Speaker: "Robert Wood", For: "USA", Kind: "explanation_of_vote", Date: "2024-11-20", Text: "Said.", Source: "S/PV.9790"}},
			Sources:    []Source{{Name: "a list", Edition: "1", URL: "https://lists.example", Line: 17}}},
		Discrepancies: []Discrepancy{{Key: "0a1b2c3d", Kind: KindTally, Field: "tally", Severity: SeveritySerious, State: StateExplained, Message: "differs",
			Sides: []Side{{Source: "a list", Edition: "1", Line: 17, Says: "14-1-0"}}, Explanation: "a slip", Reference: "S/PV.9790"}},
		Links:    Links{Draft: "https://documents.example/1", Resolution: "https://documents.example/2", Meeting: "https://documents.example/3"},
		Revision: 12}
}

// written is a resolution put together from what is laid down of it.
func written(t *testing.T, r *Resolution) (line, detail, whole []byte) {
	t.Helper()
	line, err := LineJSON(r)
	if err != nil {
		t.Fatal(err)
	}
	if detail, err = DetailJSON(r); err != nil {
		t.Fatal(err)
	}
	var roll []MemberVote
	if r.Detail != nil {
		roll = r.Votes
	}
	if whole, err = WholeJSON(line, detail, roll); err != nil {
		t.Fatal(err)
	}
	return line, detail, whole
}

// What is laid down in one shape is never taken for another.
func TestTheShapeOfItemsIsNumbered(t *testing.T) {
	const golden = "testdata/item.golden"
	line, detail, whole := written(t, full())
	got := fmt.Appendf(nil, "form %d\n%s\n%s\n%s\n", ItemForm, line, detail, whole)
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("a resolution has another shape in JSON: raise ItemForm, add a migration, and run go test ./votes -run Shape -update\ngot  %s\nwant %s", got, want)
	}
}

func TestWhatIsLaidDownIsWhatIsEncoded(t *testing.T) {
	tricky := full()
	tricky.Title, tricky.AgendaItem = `,"discrepancies":[`, Text(`a "b" \ <c> & d`+"\u2028\x00\x1f\xff é 安理会 🕊")
	tricky.Reason, tricky.Sponsors[1].Name = `","discrepancies":[`, "Côte d'Ivoire, \"discrepancies\":["
	for i, name := range []string{"Türkiye", "<&>", `"\`, "\u2029\x7f\x80", ""} {
		tricky.Votes[i].Name = name
	}
	empty := &Resolution{ID: "S-1", Date: "1946-02-16", Detail: &Detail{}}
	for name, r := range map[string]*Resolution{"full": full(), "tricky": tricky, "empty": empty, "no detail": {ID: "S-2"}} {
		line, _, whole := written(t, r)
		all := r.NoNulls()
		all.Detail = &Detail{Votes: []MemberVote{}, Statements: []Statement{}, Sources: []Source{}}
		if d := r.Detail; d != nil {
			all.Detail = &Detail{Votes: orEmpty(d.Votes), Statements: orEmpty(d.Statements), Sources: orEmpty(d.Sources)}
		}
		inList := all
		inList.Detail = nil
		for what, c := range map[string]struct {
			got []byte
			of  Resolution
		}{"whole": {whole, all}, "line": {line, inList}} {
			var want bytes.Buffer
			e := json.NewEncoder(&want)
			e.SetEscapeHTML(false)
			if err := e.Encode(c.of); err != nil {
				t.Fatal(err)
			}
			if got := append(c.got, '\n'); !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%s, %s:\ngot  %s\nwant %s", name, what, got, want.Bytes())
			}
		}
	}
}

func TestWhatIsNoLineIsNotPutTogether(t *testing.T) {
	if b, err := WholeJSON([]byte(`{"id":"S-1"}`), []byte(`"statements":[]`), nil); err == nil {
		t.Errorf("a line of another shape gave %s", b)
	}
	if b, err := WholeJSON([]byte(`{"id":"S-1","discrepancies":[]}`), nil, nil); err == nil {
		t.Errorf("a detail that is not there gave %s", b)
	}
}

func BenchmarkWholeJSON(b *testing.B) {
	r := full()
	line, err := LineJSON(r)
	if err != nil {
		b.Fatal(err)
	}
	detail, err := DetailJSON(r)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := WholeJSON(line, detail, r.Votes); err != nil {
			b.Fatal(err)
		}
	}
}
