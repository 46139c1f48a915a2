package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"scvotes/store"
	"scvotes/votes"
)

// Events tell of every vote what its resolution does, in the order of Each.
func TestEventsEqualTheResolutions(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	for _, query := range []string{"", "outcome=vetoed", "voted=SUN:no", "roll_call=disputed,tally_only", "sponsor=USA", "margin=7"} {
		f := parseFilter(t, query)
		var want []votes.Event
		for _, res := range all {
			if chosen(f, res) {
				want = append(want, votes.EventOf(res))
			}
		}
		for _, sponsors := range []bool{true, false} {
			var got []votes.Event
			revision, err := r.Events(t.Context(), f, sponsors, func(e votes.Event) error { got = append(got, e); return nil })
			if err != nil || revision != 4 {
				t.Fatalf("%q: at revision %d, %v; want 4", query, revision, err)
			}
			options := cmp.Options{cmpopts.EquateEmpty()}
			if !sponsors {
				options = append(options, cmpopts.IgnoreFields(votes.Event{}, "Sponsors"))
				if slices.ContainsFunc(got, func(e votes.Event) bool { return e.Sponsors != nil }) {
					t.Errorf("%q: sponsors, though none were asked for", query)
				}
			}
			if diff := cmp.Diff(want, got, options); diff != "" {
				t.Errorf("%q, sponsors=%v (-of the resolutions +Events):\n%s", query, sponsors, firstLines(diff, 30))
			}
		}
	}
}

// Vetoes stand in the order of the seats and sponsors in that of the document,
// in whatever order the database finds them.
func TestEventsKeepTheirOrders(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+"S/2024/901,,S/PV.9790,2024-11-20,Gaza,SLE;DZA;MLT,,,,9-3-3,USA;GBR;RUS\n"), store.ImportOptions{})
	r.exec(t, `UPDATE sponsors SET name = name WHERE ord = 1`) // which lays the row down behind the others
	want := votes.EventOf(r.resolution(t, "S-2024-901"))
	if !slices.Equal(want.VetoedBy, []votes.Code{"RUS", "GBR", "USA"}) || !slices.Equal(want.Sponsors, []votes.Code{"SLE", "DZA", "MLT"}) {
		t.Errorf("vetoed by %v, sponsored by %v", want.VetoedBy, want.Sponsors)
	}
	if _, err := r.Events(t.Context(), votes.Filter{}, true, func(e votes.Event) error {
		if diff := cmp.Diff(want, e, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-of the resolution +Events):\n%s", diff)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestEventsEndWithTheReader(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	enough := errors.New("enough")
	for range 20 { // more often than there are connections
		n := 0
		_, err := r.Events(t.Context(), votes.Filter{}, true, func(votes.Event) error {
			if n++; n == 3 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != 3 {
			t.Fatalf("err=%v after %d, want the reader's after 3", err, n)
		}
	}
}

// An id that is not there leads to those most like it.
func TestNear(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	for id, want := range map[string]string{
		"S-2024-853":      "S-2024-835", // two digits in each other's place
		"S-2024-8355":     "S-2024-835",
		"S-2023-835":      "S-2024-835",
		"S-2024-835-Rev1": "S-2024-835",
	} {
		near, err := r.Near(t.Context(), id)
		if err != nil || !slices.Contains(near, want) || len(near) > 5 {
			t.Errorf("near %s are %v, %v; want %s among five at most", id, near, err, want)
		}
	}
	all := make(map[string]bool)
	for _, res := range r.all(t) {
		all[res.ID] = true
	}
	for _, id := range []string{"", "%", "_", "S-%", `S\2024`, "'; DROP TABLE votes; --", "nonsense", "S-RES-999999-2024", strings.Repeat("S-", 500)} {
		near, err := r.Near(t.Context(), id)
		if err != nil || slices.ContainsFunc(near, func(n string) bool { return !all[n] }) {
			t.Errorf("near %.20q are %v, %v", id, near, err)
		}
	}
}
