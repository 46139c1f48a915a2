package votes

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// brief is a sound account of a vote at a meeting, to be changed by the case.
func brief(source, key, base string, meeting Symbol, change func(*Brief)) Brief {
	b := Brief{Format: source, Source: source, Key: key, Base: base, Meeting: meeting, Date: "1947-08-18", Sound: true,
		Stem: meeting, Counts: "9-1-1", Outcome: Vetoed, Vetoes: "SUN"}
	if change != nil {
		change(&b)
	}
	return b
}

func TestMatchAccounts(t *testing.T) {
	part := func(p string) func(*Brief) { return func(b *Brief) { b.Part = p } }
	roll := func(r string) func(*Brief) { return func(b *Brief) { b.Roll, b.Counts = r, r } }
	unsound := func(b *Brief) { b.Sound, b.Outcome, b.Counts = false, "", "" }
	document := func(stem Symbol) func(*Brief) { return func(b *Brief) { b.Stem = stem } }
	for _, tc := range []struct {
		name   string
		briefs []Brief
		edits  []Edit
		ids    []string
		doubts []bool
	}{
		{"one symbol, two sources", []Brief{
			brief("undl", "1", "S-RES-2334-2016", "S/PV.7853", nil), brief("draft-sheet", "9", "S-RES-2334-2016", "S/PV.7853", nil),
		}, nil, []string{"S-RES-2334-2016", "S-RES-2334-2016"}, nil},
		{"one symbol, and the sources differ: still one vote", []Brief{
			brief("undl", "1", "S-1305", "S/PV.423", nil), brief("un-outcomes", "9", "S-1305", "S/PV.425", roll("8-2-1")),
		}, nil, []string{"S-1305", "S-1305"}, nil},
		{"one source means two votes by one symbol", []Brief{
			brief("draft-sheet", "1711", "S-2020-667", "", roll("13-2-0")), brief("draft-sheet", "1715", "S-2020-667", "", roll("2-7-6")),
		}, nil, []string{"S-2020-667", "S-2020-667-2"}, []bool{false, true}},
		{"and another source tells which of them it means", []Brief{
			brief("draft-sheet", "1711", "S-2020-667", "", roll("2-7-6")), brief("draft-sheet", "1715", "S-2020-667", "", roll("13-2-0")),
			brief("scvotes", "x", "S-2020-667", "", roll("13-2-0")),
		}, nil, []string{"S-2020-667-2", "S-2020-667", "S-2020-667"}, []bool{true, false, false}},
		{"a second account that contradicts itself is no second vote", []Brief{
			brief("draft-sheet", "76", "S-1996-952", "", unsound), brief("draft-sheet", "190", "S-1996-952", "", nil),
		}, nil, []string{"S-1996-952", "S-1996-952"}, nil},
		{"a meeting's proposals told apart by what they were about", []Brief{
			brief("un-vetoes", "1", "S-PV.57-ireland", "S/PV.57", part("ireland")), brief("un-outcomes", "2", "S-PV.57-portugal", "S/PV.57", part("portugal")),
		}, nil, []string{"S-PV.57-ireland", "S-PV.57-portugal"}, nil},
		{"a proposal without a document is found by its meeting", []Brief{
			brief("un-vetoes", "1", "S-PV.122", "S/PV.122", nil), brief("un-outcomes", "2", "S-314", "S/PV.122", document("S/314")),
		}, nil, []string{"S-314", "S-314"}, nil},
		{"another revision of the document is found by its meeting", []Brief{
			brief("un-vetoes", "1", "S-3188-Corr.1", "S/PV.664", document("S/3188")), brief("un-outcomes", "2", "S-3188", "S/PV.664", document("S/3188")),
		}, nil, []string{"S-3188-Corr.1", "S-3188-Corr.1"}, nil}, // the name that the higher-ranking source uses
		{"another document is another proposal", []Brief{
			brief("un-vetoes", "1", "S-1336", "S/PV.443", document("S/1336")), brief("un-outcomes", "2", "S-1335", "S/PV.443", document("S/1335")),
		}, nil, []string{"S-1336", "S-1335"}, nil},
		{"two that can be meant: no match, and a doubt", []Brief{
			brief("un-vetoes", "1", "S-PV.186-ireland", "S/PV.186", func(b *Brief) { b.Part, b.Counts = "ireland", "" }),
			brief("un-outcomes", "2", "S-PV.186-proposal-1", "S/PV.186", part("proposal 1")),
			brief("un-outcomes", "3", "S-PV.186-proposal-2", "S/PV.186", func(b *Brief) { b.Part, b.Counts = "proposal 2", "9-2-0" }),
		}, nil, []string{"S-PV.186-ireland", "S-PV.186-proposal-1", "S-PV.186-proposal-2"}, []bool{true, true, true}},
		{"as many on each side and nothing between them: it makes no difference which", []Brief{
			brief("un-vetoes", "1", "S-PV.206-finland", "S/PV.206", part("finland")), brief("un-vetoes", "2", "S-PV.206-italy", "S/PV.206", part("italy")),
			brief("un-outcomes", "3", "S-PV.206-proposal-1", "S/PV.206", part("proposal 1")),
			brief("un-outcomes", "4", "S-PV.206-proposal-2", "S/PV.206", part("proposal 2")),
		}, nil, []string{"S-PV.206-finland", "S-PV.206-italy", "S-PV.206-finland", "S-PV.206-italy"}, nil},
		{"an editor joins", []Brief{
			brief("un-vetoes", "1", "S-1", "S/PV.1", document("S/1")), brief("un-outcomes", "2", "S-2", "S/PV.2", document("S/2")),
		}, []Edit{{Number: 1, ID: "S-2", Field: EditMerge, Value: "S-1"}}, []string{"S-1", "S-1"}, nil},
		{"an editor parts", []Brief{
			brief("un-vetoes", "1", "S-1", "S/PV.1", document("S/1")), brief("un-outcomes", "2", "S-1", "S/PV.1", document("S/1")),
		}, []Edit{{Number: 1, ID: "S-1", Field: EditSplit, Value: "un-outcomes#2"}}, []string{"S-1", "S-1-2"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 2))
			for range 10 { // in any order of arrival
				order := rnd.Perm(len(tc.briefs))
				shuffled := make([]Brief, len(order))
				for to, from := range order {
					shuffled[to] = tc.briefs[from]
				}
				got := MatchAccounts(shuffled, tc.edits)
				ids, doubts := make([]string, len(order)), make([]bool, len(order))
				for to, from := range order {
					ids[from], doubts[from] = got[to].ID, got[to].Doubt != ""
				}
				if diff := cmp.Diff(tc.ids, ids); diff != "" {
					t.Fatalf("order %v (-want +got):\n%s", order, diff)
				}
				want := tc.doubts
				if want == nil {
					want = make([]bool, len(order))
				}
				if diff := cmp.Diff(want, doubts); diff != "" {
					t.Fatalf("doubts in order %v (-want +got):\n%s", order, diff)
				}
			}
		})
	}
}
