package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// readings are one line of each kind of reading: what it found and its revision.
func readings(t *testing.T, s *store.Store) []string {
	t.Helper()
	var list []string
	tell := func(what string, found any, revision int64, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		list = append(list, fmt.Sprintf("%s: %v at %d", what, found, revision))
	}
	f := parseFilter(t, "outcome=vetoed")
	page, err := s.Resolutions(t.Context(), f, votes.PageRequest{Limit: 5, Facets: []string{"vetoed_by"}})
	tell("vetoed", fmt.Sprint(page.Total, ids(page.Data), page.Facets), page.Revision, err)
	n := 0
	revision, err := s.Events(t.Context(), votes.Filter{}, false, func(votes.Event) error { n++; return nil })
	tell("events", n, revision, err)
	n = 0
	_, err = s.Each(t.Context(), votes.Filter{}, "", func(*votes.Resolution) error { n++; return nil })
	tell("each", n, 0, err)
	rec, err := s.Vetoes(t.Context(), votes.Filter{}, "member")
	tell("vetoes", fmt.Sprint(rec.ProposalsVetoed, rec.VetoesCast), rec.Revision, err)
	m, revision, err := memberOf(t.Context(), s, "USA", true)
	tell("a member", m.Votes, revision, err)
	imports, err := s.Imports(t.Context(), 9, 0)
	tell("imports", imports.Total, imports.Revision, err)
	d, err := s.Discrepancies(t.Context(), votes.DiscrepancyFilter{}, 9, nil)
	tell("discrepancies", d.Total, d.Revision, err)
	now, err := s.Revision(t.Context())
	tell("revision", "", now.Number, err)
	_, _, err = s.Resolution(t.Context(), "S-2024-835")
	tell("a resolution found", !errors.Is(err, votes.ErrNotFound), 0, nil)
	return list
}

// An import that lands between the readings of one moment is seen by none of them.
func TestAtOneMoment(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+somalia+sudan), store.ImportOptions{})
	before := readings(t, r.Store)
	if err := r.At(t.Context(), func(then *store.Store) error {
		if diff := cmp.Diff(before, readings(t, then)); diff != "" {
			t.Errorf("at first (-outside +inside):\n%s", diff)
		}
		r.land(t, csvFile("b.csv", header+gaza+sudan2).from("B", ""), store.ImportOptions{})
		after := readings(t, r.Store)
		if cmp.Equal(before, after) {
			t.Error("the import is not seen outside either: the test tells nothing")
		}
		// Turn about, so that neither is told what is remembered of the other.
		for range 2 {
			if diff := cmp.Diff(before, readings(t, then)); diff != "" {
				t.Errorf("after the import (-before +inside):\n%s", diff)
			}
			if diff := cmp.Diff(after, readings(t, r.Store)); diff != "" {
				t.Errorf("outside (-after the import +later):\n%s", diff)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Whatever is read at one moment cannot be written, and its error comes back.
func TestAtGivesTheErrorBack(t *testing.T) {
	r := newRecord(t)
	fault := errors.New("the reader's own")
	for range 20 { // more often than there are connections
		if err := r.At(t.Context(), func(*store.Store) error { return fault }); !errors.Is(err, fault) {
			t.Fatalf("err=%v, want the reader's own", err)
		}
	}
}

// What was counted once is remembered, for the revision that it was counted at.
func TestRememberedCounts(t *testing.T) {
	r := newRecord(t)
	other := openStore(t, r.dsn) // as another program on the same database
	ask := func(query string, facets ...string) string {
		t.Helper()
		page, err := r.Resolutions(t.Context(), parseFilter(t, query), votes.PageRequest{Limit: 1, Facets: facets})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(page.Total, page.Facets)
	}
	want := func(when, want string, got string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	want("of nothing", "0 map[]", ask("outcome=vetoed"))
	r.land(t, csvFile("a.csv", header+somalia+sudan), store.ImportOptions{})
	want("after an import", "1 map[]", ask("outcome=vetoed"))
	want("with a facet", "1 map[year:[{2024 2024 1}]]", ask("outcome=vetoed", "year"))
	if _, err := other.Import(t.Context(), store.ImportOptions{}, csvFile("b.csv", header+gaza).from("B", "").read); err != nil {
		t.Fatal(err)
	}
	want("after another program's import", "2 map[]", ask("outcome=vetoed"))
	want("with a facet, after it", "2 map[year:[{2024 2024 2}]]", ask("outcome=vetoed", "year"))
	want("by another facet", "2 map[vetoed_by:[{RUS Russian Federation 1} {USA United States 1}]]", ask("outcome=vetoed", "vetoed_by"))
	want("of another outcome", "1 map[]", ask("outcome=adopted"))
	want("of a topic", "1 map[]", ask("topic=Gaza"))
	want("of another topic", "0 map[]", ask("topic=Paris"))
	want("of two topics", "2 map[]", ask("topic=Gaza&topic=Sudan"))
	want("of one topic with a comma", "0 map[]", ask("topic=Gaza,Sudan"))
	r.edit(t, decide("S-2024-835", "position:USA", "abstain"))
	want("after an edit", "1 map[year:[{2024 2024 1}]]", ask("outcome=vetoed", "year"))

	// An import that is taken back leaves no count behind.
	if _, err := r.take(t, csvFile("c.csv", header+tallied).from("C", ""), store.ImportOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	want("after a dry run", "1 map[]", ask("outcome=vetoed"))
	r.land(t, csvFile("d.csv", header+tallied).from("D", ""), store.ImportOptions{})
	want("after the import", "2 map[]", ask("outcome=vetoed"))

	// That it is remembered shows where the table changes and the revision does not.
	r.exec(t, `DELETE FROM resolutions WHERE id = 'S-2024-900'`)
	want("remembered", "2 map[]", ask("outcome=vetoed"))
	r.edit(t, decide("S-2024-826", "topic", "Sudan, once more"))
	want("counted again", "1 map[]", ask("outcome=vetoed"))
}

// The record changes while one moment of it is read, and is known to have: the
// moment goes on all the same.
func TestAMomentWhileTheRecordGoesOn(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.land(t, csvFile("a.csv", header+gaza), store.ImportOptions{})
	sightings := follow(t, r.Store)
	sighted(t, sightings, "revision 1", revision(1))
	err := r.At(t.Context(), func(then *store.Store) error {
		for n := range int64(3) {
			_, at, err := then.Resolution(t.Context(), "S-2024-835")
			if err != nil || at != 1 {
				return fmt.Errorf("after %d changes it is read at revision %d: %w", n, at, err)
			}
			r.revise(t)
			sighted(t, sightings, "the change", revision(n+2))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
