package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// faulty has something wrong on half of its lines: a state that is none, a line
// that names no document, a document twice, a day that no month has.
var faulty = csvFile("faulty.csv", header+
	gaza+ // line 2
	"S/2024/836,,S/PV.9790,2024-11-20,Gaza,E10,E10,Ruritania,,,\n"+
	somalia+
	"S/2024/837,,,2024-11-31,Gaza,,,,,3-2-10,\n"+
	sudan+
	",,,2024-11-20,Gaza,,,,,3-2-10,\n"+
	"S/2024/838,,,2024-11-20,Gaza,,,,,3-2-10,\n"+
	"S/2024/838,,,2024-11-20,Gaza,,,,,4-2-9,\n")

// What was wrong with a file can be asked for as long as what was right in it.
func TestImportedTellsWhatWasWrong(t *testing.T) {
	r := newRecord(t)
	rep := r.land(t, faulty.from("a source", "1"), store.ImportOptions{KeepGoing: true})
	page, err := r.Imports(t.Context(), 10, 0)
	if err != nil || len(page.Data) != 1 || page.Total != 1 || page.Next != 0 || page.Revision != 1 {
		t.Fatalf("%+v, %v; want the one import", page, err)
	}
	got := page.Data[0]
	if age := time.Since(got.At); age < 0 || age > time.Minute {
		t.Errorf("it was at %s", got.At)
	}
	want := votes.Import{ID: got.ID, Source: votes.ImportSource{Name: "a source", Edition: "1", Format: rep.Format}, File: "faulty.csv", SHA256: rep.SHA256,
		At: got.At, Rows: 8, RowsLanded: 4, RowsRefused: 4, Accounts: 4, Revision: 1}
	for _, p := range rep.Problems {
		switch p.Severity {
		case votes.Refused:
			want.Problems.Refused++
		case votes.Serious:
			want.Problems.Serious++
		case votes.Noted:
			want.Problems.Noted++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || want.Problems.Refused < 4 {
		t.Errorf("(-report +import):\n%s\n%s", diff, listed(rep.Problems))
	}

	var wantFound []votes.ImportProblem
	for _, p := range rep.Problems {
		wantFound = append(wantFound, votes.ImportProblem{Line: p.Line, Column: p.Column, Kind: p.Kind, Severity: p.Severity, Message: p.Message, Suggestion: p.Suggestion})
	}
	for _, limit := range []int{1, 2, 100} {
		var found []votes.ImportProblem
		for after, n := int64(0), 0; ; n++ {
			d, err := r.Imported(t.Context(), got.ID, limit, after)
			if err != nil || len(d.Found) > limit || n > len(wantFound) {
				t.Fatalf("by %d: %d on page %d, %v", limit, len(d.Found), n, err)
			}
			if diff := cmp.Diff(got, d.Import); diff != "" {
				t.Errorf("(-in the list +by itself):\n%s", diff)
			}
			found = append(found, d.Found...)
			if after = d.Next; after == 0 {
				break
			}
		}
		if diff := cmp.Diff(wantFound, found); diff != "" {
			t.Errorf("by %d (-report +found):\n%s", limit, diff)
		}
		for _, line := range []int{3, 5, 7, 9} {
			if !slices.ContainsFunc(found, func(p votes.ImportProblem) bool { return p.Line == line && p.Severity == votes.Refused }) {
				t.Errorf("by %d: nothing is told of line %d", limit, line)
			}
		}
		if !slices.IsSortedFunc(found, func(a, b votes.ImportProblem) int { return a.Line - b.Line }) {
			t.Errorf("by %d: not in the order of the lines: %v", limit, found)
		}
	}
	for _, id := range []int64{0, -1, got.ID + 1, 1 << 62} {
		if _, err := r.Imported(t.Context(), id, 10, 0); !errors.Is(err, votes.ErrNotFound) {
			t.Errorf("import %d: err=%v, want ErrNotFound", id, err)
		}
	}
}

func TestImportsPageByPage(t *testing.T) {
	r := newRecord(t)
	if page, err := r.Imports(t.Context(), 10, 0); err != nil || page.Total != 0 || len(page.Data) != 0 || page.Revision != 0 {
		t.Errorf("before any: %+v, %v", page, err)
	}
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("%d.csv", i)
		r.land(t, csvFile(name, header+fmt.Sprintf("S/2024/%d,,,2024-11-20,Gaza,,,,,3-2-10,\n", 900+i)), store.ImportOptions{})
		want = append(want, name)
	}
	slices.Reverse(want)
	// What was refused, taken back or known already is no import.
	r.refuse(t, faulty, store.ImportOptions{})
	for opt, f := range map[store.ImportOptions]file{{DryRun: true}: csvFile("dry.csv", header+gaza), {}: csvFile("6.csv", header+"S/2024/906,,,2024-11-20,Gaza,,,,,3-2-10,\n")} {
		if _, err := r.take(t, f, opt); err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int{1, 3, 7, 50} {
		var got []string
		for before := int64(0); ; {
			page, err := r.Imports(t.Context(), limit, before)
			if err != nil || page.Total != 7 || page.Revision != 7 || len(page.Data) > limit {
				t.Fatalf("by %d: %d of %d at %d, %v", limit, len(page.Data), page.Total, page.Revision, err)
			}
			for _, i := range page.Data {
				got = append(got, i.File)
			}
			if before = page.Next; before == 0 {
				break
			}
		}
		if !slices.Equal(want, got) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
	// One that lands between two pages stands before both.
	first, err := r.Imports(t.Context(), 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	r.land(t, csvFile("later.csv", header+gaza), store.ImportOptions{})
	second, err := r.Imports(t.Context(), 3, first.Next)
	if err != nil || second.Data[0].File != want[3] || second.Total != 8 {
		t.Errorf("the second page begins with %s of %d, %v; want %s", second.Data[0].File, second.Total, err, want[3])
	}
}
