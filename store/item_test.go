package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

// encoded is a value as the API encodes it.
func encoded(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// asLines is a page of resolutions as one of lines.
func asLines(t testing.TB, p votes.Page) []string {
	t.Helper()
	lines := make([]string, len(p.Data))
	for i, r := range p.Data {
		r.Detail = nil
		lines[i] = encoded(t, r)
	}
	return lines
}

// linesOf holds a page of items against the same page of resolutions, and
// returns it with how many statements it took.
func linesOf(t *testing.T, s *store.Store, o *overhearing, f votes.Filter, p votes.PageRequest) (votes.ItemPage, int) {
	t.Helper()
	o.take()
	items, err := s.Items(t.Context(), f, p)
	if err != nil {
		t.Fatal(err)
	}
	statements := len(o.take())
	page, err := s.Resolutions(t.Context(), f, p)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, len(items.Data))
	for i, line := range items.Data {
		got[i] = string(line)
	}
	if want := asLines(t, page); !slices.Equal(got, want) {
		t.Errorf("%+v, %+v:\ngot  %s\nwant %s", f, p, got, want)
	}
	items.Data, page.Data = nil, nil
	if got, want := encoded(t, items), encoded(t, page); got != want {
		t.Errorf("%+v, %+v:\ngot  %s\nwant %s", f, p, got, want)
	}
	return items, statements
}

func TestItemsAreWhatIsEncoded(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	s, o := r.overheard(t)
	revision := one[int64](t, r, `SELECT max(number) FROM revisions`)
	for _, res := range all {
		item, err := s.Item(t.Context(), res.ID)
		if err != nil {
			t.Fatal(err)
		}
		if want := encoded(t, res); string(item.JSON) != want || item.ID != res.ID || item.Record != revision {
			t.Fatalf("%s at %d:\ngot  %s\nwant %s at %d", item.ID, item.Record, item.JSON, want, revision)
		}
		if n := len(o.take()); n != 1 {
			t.Fatalf("%s: %d statements", res.ID, n)
		}
	}
	vetoes := votes.PageRequest{Vetoes: true, GroupBy: "member"}
	for _, c := range filters {
		for order := range orders {
			p := votes.PageRequest{Sort: order, Limit: 7, Facets: votes.FacetNames}
			for range 4 { // pages, the first of which has nothing remembered
				items, n := linesOf(t, s, o, parseFilter(t, c.query), p)
				if n != 1 {
					t.Errorf("%q by %q: %d statements", c.query, order, n)
				}
				if items.Next == nil {
					break
				}
				p.After = items.Next
			}
		}
		vetoes.GroupBy = []string{"", "member", "year", "decade", "topic"}[len(c.query)%5]
		items, _ := linesOf(t, s, o, parseFilter(t, c.query), vetoes)
		counted, err := s.Vetoes(t.Context(), parseFilter(t, c.query), vetoes.GroupBy)
		if err != nil {
			t.Fatal(err)
		}
		counted.Revision = 0 // the page's
		if got, want := encoded(t, items.Vetoes), encoded(t, counted); got != want {
			t.Errorf("%q by %q: %s, but the vetoes alone are %s", c.query, vetoes.GroupBy, got, want)
		}
	}
}

// Another id leads to the one a vote has, and what is nowhere is not found.
func TestItemByOtherIDs(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	for _, id := range []string{"S-2024-835", "S-2022-160"} {
		res := r.resolution(t, id)
		item, err := r.Item(t.Context(), id)
		if err != nil || item.ID != res.ID || string(item.JSON) != encoded(t, res) {
			t.Errorf("%s: %s %v, want %s", id, item.ID, err, res.ID)
		}
	}
	if item, err := r.Item(t.Context(), "S-2024-9999"); !errors.Is(err, votes.ErrNotFound) {
		t.Errorf("found %s, %v", item.ID, err)
	}
}

// What a program of an earlier release wrote, or one of another shape, is read
// from its columns, wherever it stands on a page; rebuild lays it down again.
func TestItemsOfAnotherRelease(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"never laid down":  `UPDATE resolutions SET item = NULL, item_detail = NULL, item_form = NULL, item_revision = NULL WHERE %s`,
		"another shape":    fmt.Sprintf(`UPDATE resolutions SET item = '{}', item_form = %d WHERE %%s`, votes.ItemForm+1),
		"written since":    `UPDATE resolutions SET title = 'Another', revision = (SELECT max(number) FROM revisions), item_revision = 1 WHERE %s`,
		"only the counted": `UPDATE resolutions SET item_form = NULL WHERE %s AND outcome = 'vetoed'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecord(t)
			r.loadStarter(t)
			s, o := r.overheard(t)
			p := votes.PageRequest{Limit: 20}
			linesOf(t, s, o, votes.Filter{}, p) // the counts are remembered now
			r.exec(t, fmt.Sprintf(sql, `no % 3 = 1`))
			for _, res := range r.all(t) {
				if item, err := s.Item(t.Context(), res.ID); err != nil || string(item.JSON) != encoded(t, res) {
					t.Fatalf("%s: %v\ngot  %s\nwant %s", res.ID, err, item.JSON, encoded(t, res))
				}
			}
			for range 8 {
				items, _ := linesOf(t, s, o, votes.Filter{}, p)
				if p.After = items.Next; p.After == nil {
					break
				}
			}
			if _, _, err := r.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.allLaidDown(t)
		})
	}
}

// Asked again, a page asks the database only where its resolutions stand. What was
// written anew meanwhile, or by a record that took the place of this one, is read.
func TestLinesOfAPageAskedAgain(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	s, o := r.overheard(t)
	p := votes.PageRequest{Limit: 20}
	ask := func(again string, want int) {
		t.Helper()
		if _, n := linesOf(t, s, o, votes.Filter{}, p); n != want {
			t.Errorf("%s: %d statements, want %d", again, n, want)
		}
	}
	placesOnly := func() bool {
		t.Helper()
		o.take()
		if _, err := s.Items(t.Context(), votes.Filter{}, p); err != nil {
			t.Fatal(err)
		}
		asked := o.take()
		return len(asked) == 1 && !strings.Contains(asked[0].sql, "r.item END")
	}
	ask("counted", 1)
	ask("with its lines", 1)
	ask("its places", 1)
	if !placesOnly() {
		t.Error("the lines are read again")
	}
	const newTitle = `UPDATE resolutions SET title = '%s', revision = %s, item_revision = %[2]s, item = regexp_replace(regexp_replace(item,
		'"title":("([^"\\]|\\.)*"|null)', '"title":"%[1]s"'), '"revision":\d+', '"revision":' || %[2]s)`
	r.exec(t, fmt.Sprintf(newTitle, "Written anew", "3 - revision")+` WHERE no IN (SELECT no FROM resolutions ORDER BY date DESC, id DESC LIMIT 2)`)
	ask("with two lines of another revision", 2)
	ask("its places", 1)
	r.land(t, csvFile("more.csv", header+sudan+tallied).from("B", ""), store.ImportOptions{})
	ask("to see that the record has changed, and counted anew", 2)
	ask("its places", 1)
	// As if the database were another: the same numbers tell something else.
	r.exec(t, fmt.Sprintf(newTitle, "Another record", "revision"))
	s.ForgetLines()
	ask("of another record", 1)
}

// allLaidDown holds that every resolution is laid down, and as its columns have it.
func (r record) allLaidDown(t *testing.T) {
	t.Helper()
	if left := r.list(t, `SELECT id FROM resolutions WHERE item_form = $1 AND item_revision = revision IS NOT TRUE`, votes.ItemForm); len(left) > 0 {
		t.Errorf("%d are not laid down: %v", len(left), left[:min(len(left), 5)])
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Errorf("%s", differences(rep))
	}
}

// A schema without items has them laid down when it is brought up; so has a
// record of which only one was.
func TestMigrateLaysDownItems(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	r.loadStarter(t)
	before := r.list(t, `SELECT item FROM resolutions ORDER BY id`)
	revision := one[int64](t, r, `SELECT max(number) FROM revisions`)
	if err := store.MigrateDown(t.Context(), r.dsn, newestVersion-6); err != nil {
		t.Fatal(err)
	}
	migrate(t, r.dsn)
	r.allLaidDown(t)
	if after := r.list(t, `SELECT item FROM resolutions ORDER BY id`); !slices.Equal(before, after) {
		t.Error("other items are laid down than were written")
	}
	if now := one[int64](t, r, `SELECT max(number) FROM revisions`); now != revision {
		t.Errorf("the record went from revision %d to %d, though it tells nothing new", revision, now)
	}
}

// A line of a list is a fixed part of its row: what is moved out of it, or
// packed, costs a list half as much again.
func TestItemsStandInTheirRows(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, _ := published(t)
	if n := one[int](t, r, `SELECT count(*) FROM resolutions WHERE pg_column_size(item) < octet_length(item) OR pg_column_size(item_detail) < octet_length(item_detail)`); n > 0 {
		t.Errorf("%d items are packed", n)
	}
	moved := one[int](t, r, `SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'resolutions'`)
	if whole := one[int](t, r, `SELECT pg_relation_size('resolutions')`); moved > whole/20 {
		t.Errorf("%d bytes are moved out of the rows of %d", moved, whole)
	}
}
