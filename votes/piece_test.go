package votes

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is joined by a symbol, a meeting or an editor, directly or by way of
// others, is one piece; a meeting says nothing of what has a number.
func TestPieces(t *testing.T) {
	p := NewPieces([]Edit{
		{ID: "S-7", Field: EditMerge, Value: "S-8"},
		{ID: "S-8", Field: EditMerge, Value: "S-9"},
		{ID: "S-5", Field: EditSplit, Value: "undl#k#1"},
		{ID: "S-90", Field: EditMerge, Value: "S-4"}, // of which there is none
	})
	for _, a := range []struct {
		base     string
		meeting  Symbol
		numbered bool
	}{
		{"S-1", "S/PV.1", false}, // 0
		{"S-7", "", false},       // 1
		{"S-2", "S/PV.2", false}, // 2
		{"S-RES-1-1946", "S/PV.1", true},
		{"S-2", "S/PV.1", false}, // 4: joins 0 and 2
		{"S-9", "", false},       // 5: joined with 1
		{"S-4", "S/PV.4", false}, // 6
		{"S-5-k-1", "", false},   // 7
		{"S-5", "", false},       // 8: was one with 7
		{"S-3", "S/PV.2", false}, // 9: joined with 2
		{"S/PV.4", "", false},    // 10: a symbol is no meeting
	} {
		p.Add(a.base, a.meeting, a.numbered)
	}
	want := [][]int32{{0, 2, 4, 9}, {1, 5}, {3}, {6}, {7, 8}, {10}}
	if diff := cmp.Diff(want, p.Batches(1)); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]int32{{0, 2, 4, 9}, {1, 5, 3}, {6, 7, 8}, {10}}, p.Batches(3)); diff != "" {
		t.Errorf("batches of three or more (-want +got):\n%s", diff)
	}
	if list := NewPieces(nil).Batches(3); len(list) > 0 {
		t.Errorf("of nothing: %v", list)
	}
}
