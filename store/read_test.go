package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
)

// korea is the vote of 25 June 1950, from which the USSR was absent.
const korea = "resolution,meeting,date,yes,abstain,absent\nS/RES/82 (1950),S/PV.473,1950-06-25,CHN;CUB;ECU;EGY;FRA;GBR;IND;NOR;USA,YUG,SUN\n"

// published is the starter record with the published sheet and the vote on
// Korea in it, and the same once more as Each gives it, to hold the other reads
// against.
func published(t testing.TB) (record, []*votes.Resolution) {
	t.Helper()
	sheet := publishedFile(t, sheetName)
	dsn := pgtest.NewFrom(t, "starter, sheet and Korea", func(dsn string) error {
		r := openRecord(t, dsn)
		defer r.Close()
		defer r.db.Close(t.Context())
		r.loadStarter(t)
		r.land(t, sheet, store.ImportOptions{KeepGoing: true})
		r.land(t, csvFile("korea.csv", korea), store.ImportOptions{})
		return nil
	})
	r := openRecord(t, dsn)
	return r, r.all(t)
}

func TestResolutionOf20November2024(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	got := r.resolution(t, "S-2024-835")
	if diff := cmp.Diff(votes.Tally{Yes: 14, No: 1, Members: 15, Required: 9}, *got.Tally); diff != "" {
		t.Errorf("tally (-want +got):\n%s", diff)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"id": "S-2024-835", "draft": "S/2024/835", "resolution": nil, "part": nil, "meeting": "S/PV.9790", "date": "2024-11-20",
		"kind": "draft_resolution", "procedural": false, "region": "Middle East", "outcome": "vetoed", "adopted_by": nil,
		"reason":    "14 in favour, 9 required; a permanent member voted against: United States",
		"roll_call": "complete", "vetoed_by": []any{"USA"}, "carried_but_for_veto": true, "sponsored_as": "E10",
		"discrepancies": []any{}, "revision": 2.0,
		"links": map[string]any{"draft": "https://undocs.org/S/2024/835", "meeting": "https://undocs.org/S/PV.9790"},
	} {
		if diff := cmp.Diff(want, said[field]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}

	council, _ := votes.CouncilOn("2024-11-20")
	var sponsors []votes.Code
	for _, s := range got.Sponsors {
		sponsors = append(sponsors, s.Code)
	}
	if diff := cmp.Diff(council.Elected(), sponsors); diff != "" {
		t.Errorf("sponsors (-the ten elected members +got):\n%s", diff)
	}
	for i, seat := range council.Seats {
		want := votes.MemberVote{Code: seat.Code, Seat: seat.Code, Name: seat.Name, Permanent: seat.Permanent, Position: votes.Yes}
		if seat.Code == "USA" {
			want.Position, want.Veto = votes.No, true
		}
		if i >= len(got.Votes) || got.Votes[i] != want {
			t.Errorf("seat %d: want %+v among %+v", i, want, got.Votes)
		}
	}
	var speakers []string
	for _, s := range got.Statements {
		speakers = append(speakers, s.Speaker+" for "+string(s.For)+", "+s.Kind+" of "+string(s.Date))
	}
	want := []string{"Robert Wood for USA, explanation_of_vote of 2024-11-20", "Russian foreign ministry for RUS, reaction of 2024-11-21"}
	if !slices.Equal(speakers, want) {
		t.Errorf("statements %v, want %v", speakers, want)
	}
	if len(got.Sources) != 2 || got.Sources[0].Line == 0 || got.Sources[0].Edition == "" {
		t.Errorf("sources %+v, want the lines of the starter record's two tables", got.Sources)
	}
}

func TestWhatIsNotInTheRecord(t *testing.T) {
	r := newRecord(t)
	for name, read := range map[string]func() error{
		"a resolution":                    func() error { _, _, err := r.Resolution(t.Context(), "S-2024-835"); return err },
		"a resolution by an odd id":       func() error { _, _, err := r.Resolution(t.Context(), "'; DROP TABLE votes; --"); return err },
		"no state":                        func() error { _, _, err := memberOf(t.Context(), r.Store, "XXX", true); return err },
		"a state that never sat (a seat)": func() error { _, _, err := memberOf(t.Context(), r.Store, "CHE'", true); return err },
		"a state that never sat":          func() error { _, _, err := memberOf(t.Context(), r.Store, "AND", false); return err },
	} {
		if err := read(); !errors.Is(err, votes.ErrNotFound) {
			t.Errorf("%s: err=%v, want ErrNotFound", name, err)
		}
	}
}

func TestTheEmptyRecord(t *testing.T) {
	r := newRecord(t)
	page, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{})
	if err != nil || page.Data == nil || len(page.Data) != 0 || page.Total != 0 || page.Next != nil || page.Revision != 0 {
		t.Errorf("page %+v, %v; want an empty one", page, err)
	}
	rec, err := r.Vetoes(t.Context(), votes.Filter{}, "member")
	if err != nil || rec.Groups == nil || len(rec.Groups) != 0 || rec.VetoesCast != 0 {
		t.Errorf("vetoes %+v, %v; want none", rec, err)
	}
	rev, err := r.Revision(t.Context())
	if err != nil || rev.Number != 0 {
		t.Errorf("revision %+v, %v; want 0", rev, err)
	}
	members, _, err := membersOf(t.Context(), r.Store, true)
	if err != nil || len(members) == 0 || members[0].Votes[votes.Yes] != 0 {
		t.Errorf("%d members, %v; want those who sat, without votes", len(members), err)
	}
}

func TestRevisionGrowsWithTheRecord(t *testing.T) {
	r := newRecord(t)
	began := time.Now().Add(-time.Minute)
	for want := int64(1); want <= 2; want++ {
		f := []file{csvFile("a.csv", header+somalia), csvFile("b.csv", header+gaza)}[want-1]
		r.land(t, f, store.ImportOptions{})
		rev, err := r.Revision(t.Context())
		if err != nil || rev.Number != want || rev.Committed.Before(began) {
			t.Errorf("revision %+v, %v; want %d", rev, err, want)
		}
		page, err := r.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{})
		if err != nil || page.Revision != want {
			t.Errorf("a page is of revision %d, want %d", page.Revision, want)
		}
		if _, rev, err := memberOf(t.Context(), r.Store, "USA", true); err != nil || rev != want {
			t.Errorf("a member is of revision %d, want %d", rev, want)
		}
		if rec, err := r.Vetoes(t.Context(), votes.Filter{}, "year"); err != nil || rec.Revision != want {
			t.Errorf("vetoes are of revision %d, want %d", rec.Revision, want)
		}
	}
}

func TestEach(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	list := r.all(t)
	if !slices.IsSortedFunc(list, func(a, b *votes.Resolution) int { return -newestFirst(*a, *b) }) || len(list) != 427 {
		t.Errorf("%d resolutions, or not the oldest first", len(list))
	}
	for _, res := range list {
		if diff := cmp.Diff(res, r.resolution(t, res.ID)); diff != "" {
			t.Fatalf("%s (-Each +Resolution):\n%s", res.ID, diff)
		}
	}
	// One that is given up lets go of its connection, of which there are few.
	enough := errors.New("enough")
	for range 30 {
		n := 0
		_, err := r.Each(t.Context(), votes.Filter{}, "", func(*votes.Resolution) error {
			if n++; n == 3 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != 3 {
			t.Fatalf("err=%v after %d, want the caller's error after 3", err, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Each(ctx, votes.Filter{}, "", func(*votes.Resolution) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("err=%v, want context.Canceled", err)
	}
	if err := r.Ping(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Ping: err=%v, want context.Canceled", err)
	}
}

func newestFirst(a, b votes.Resolution) int {
	switch {
	case a.Date > b.Date, a.Date == b.Date && a.ID > b.ID:
		return -1
	case a.Date == b.Date && a.ID == b.ID:
		return 0
	}
	return 1
}
