package store_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/synthetic"
)

// longSheet is an invented sheet that is longer than a batch of an import, and
// long enough to make a first load.
func longSheet(t testing.TB) (whole, begin, end file) {
	t.Helper()
	store.FirstLoadAfter(t, 300)
	var b bytes.Buffer
	if err := synthetic.WriteSheet(&b, 600, 1); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.String(), "\n")
	part := func(from, to int) file {
		return csvFile("sheet.csv", lines[0]+strings.Join(lines[from:to], ""))
	}
	const cut = 1 + 20*15
	return part(1, len(lines)), part(1, cut), part(cut, len(lines))
}

// protections lists what guards the tables: constraints, indexes, triggers.
func protections(t testing.TB, r record) []string {
	return r.rows(t, `
		SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT indrelid::regclass::text, '', pg_get_indexdef(indexrelid), indisvalid::text FROM pg_index WHERE indrelid::regclass::text !~ '^pg_'
		UNION ALL SELECT tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
		ORDER BY 1, 2, 3`)
}

// The first load takes keys, indexes and triggers off and puts them back. It
// gives the record that the same file gives in two pieces, of which the second
// is merged into what is there.
func TestFirstLoadIsAsAnyOther(t *testing.T) {
	askedOneByOne(t)
	whole, begin, end := longSheet(t)
	r, other := newRecord(t), newRecord(t)
	before := protections(t, r)
	rep := r.land(t, whole, store.ImportOptions{})
	if diff := cmp.Diff(before, protections(t, r)); diff != "" {
		t.Errorf("what guards the tables is not as before (-before +after):\n%s", diff)
	}
	first := other.land(t, begin, store.ImportOptions{})
	second := other.land(t, end, store.ImportOptions{})
	if rep.ResolutionsNew != 600 || rep.Votes != 9000 || first.Votes+second.Votes != rep.Votes ||
		first.Sponsors+second.Sponsors != rep.Sponsors || rep.AccountsUnmatched != 600 || second.AccountsUnmatched != 580 {
		t.Errorf("%+v\n%+v\n%+v", rep, first, second)
	}
	const everything = `SELECT id, draft, resolution, meeting, date, outcome, adopted_by, reason, yes, roll, search FROM resolutions ORDER BY id`
	if diff := cmp.Diff(r.rows(t, everything), other.rows(t, everything)); diff != "" {
		t.Errorf("in one piece and in two (-one +two):\n%s", diff)
	}
	for _, r := range []record{r, other} {
		if found, err := r.Verify(t.Context()); err != nil || len(found.Differences) > 0 || found.Resolutions != 600 {
			t.Errorf("verify: %v, %+v", err, found)
		}
	}
	// Numbers that the import gave itself are not given again.
	r.land(t, csvFile("own.csv", "draft,date,tally\nS/2025/9001,2025-07-02,15-0-0\n"), store.ImportOptions{})
}

// What a trigger does behind the program's back stands for a fault of the
// program: the database itself has to refuse it, on the way of a first load as on
// any other, and keep nothing.
func TestImportOfABrokenRecordIsRefused(t *testing.T) {
	askedOneByOne(t)
	whole, begin, end := longSheet(t)
	for _, fault := range []struct{ name, table, change, constraint string }{
		{"a position that the tally does not count", "votes", `IF NEW.code = 'FRA' AND NEW.position = 'abstain' THEN NEW.position := 'yes'; END IF`, "record_is_whole"},
		{"a vote without a seat", "votes", `IF NEW.code = 'FRA' AND NEW.position = 'abstain' THEN NEW.code := 'IND'; END IF`, "votes_need_a_seat"},
		{"a vote by no state", "votes", `IF NEW.code = 'FRA' AND NEW.position = 'abstain' THEN NEW.code := 'XXX'; END IF`, "votes_code_fkey"},
		{"a vote on no resolution", "votes", `IF NEW.code = 'FRA' AND NEW.position = 'abstain' THEN NEW.resolution_no := -NEW.resolution_no; END IF`, "votes_resolution_no_fkey"},
		{"a tally that is not that of the roll", "resolutions", `IF NEW.abstain = 2 THEN NEW.yes := NEW.yes - 1; NEW.abstain := 3; END IF`, "record_is_whole"},
		{"a sponsor that is no state", "sponsors", `IF NEW.ord = 2 THEN NEW.code := 'XXX'; END IF`, "sponsors_code_fkey"},
		{"an account of no source", "accounts", `NEW.source_id := 999`, "accounts_source_id_fkey"},
		{"one id twice", "resolutions", `NEW.id := 'S-2025-1'`, "resolutions_id_key"},
	} {
		for _, way := range []string{"first load", "merge"} {
			t.Run(fault.name+"/"+way, func(t *testing.T) {
				r, f := newRecord(t), whole
				if way == "merge" {
					r.land(t, begin, store.ImportOptions{})
					f = end
				}
				before, guards := r.counts(t), protections(t, r)
				r.exec(t, `CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+fault.change+`; RETURN NEW; END $$`)
				r.exec(t, `CREATE TRIGGER fault BEFORE INSERT ON `+fault.table+` FOR EACH ROW EXECUTE FUNCTION fault()`)
				rep, err := r.Import(t.Context(), store.ImportOptions{}, f.read)
				var refusal *pgconn.PgError
				if !errors.As(err, &refusal) || refusal.ConstraintName != fault.constraint {
					t.Errorf("err=%v, want it refused by %s", err, fault.constraint)
				}
				if rep.Landed || rep.Revision != 0 {
					t.Errorf("it landed: %+v", rep)
				}
				r.exec(t, `DROP FUNCTION fault CASCADE`)
				sameCounts(t, before, r.counts(t))
				if diff := cmp.Diff(guards, protections(t, r)); diff != "" {
					t.Errorf("what guards the tables is not as before (-before +after):\n%s", diff)
				}
			})
		}
	}
}

// Two accounts of one key can only come from a reader with a fault. Neither
// lands, however far apart they stand, and the rest does.
func TestTwinsFarApartAreRefused(t *testing.T) {
	askedOneByOne(t)
	whole, _, _ := longSheet(t)
	r := newRecord(t)
	n := 0
	read := func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		return whole.read(rep, func(a *votes.Account) error {
			if n++; n == 10 || n == 550 {
				a.Key = "twin"
			}
			return yield(a)
		})
	}
	rep, err := r.Import(t.Context(), store.ImportOptions{KeepGoing: true}, read)
	if err != nil || rep.AccountsRefused != 2 || rep.RowsRefused != 30 || rep.ResolutionsNew != 598 || rep.Votes != 598*15 || rep.Accounts != 598 {
		t.Fatalf("%v: %d accounts and %d rows refused, %d resolutions with %d votes", err, rep.AccountsRefused, rep.RowsRefused, rep.ResolutionsNew, rep.Votes)
	}
	if want := []string{"duplicate, line 137", "duplicate, line 8237"}; !slices.Equal(refusals(rep), want) {
		t.Errorf("%v, want %v", refusals(rep), want)
	}
	if found, err := r.Verify(t.Context()); err != nil || len(found.Differences) > 0 || found.Resolutions != 598 {
		t.Errorf("verify: %v, %+v", err, found)
	}
	again := newRecord(t)
	n = 0
	if rep, err := again.Import(t.Context(), store.ImportOptions{}, read); !errors.Is(err, votes.ErrInvalid) || rep.Landed {
		t.Errorf("without --keep-going: landed=%v err=%v", rep.Landed, err)
	}
}

// A reader that breaks off late leaves nothing of what was written by then.
func TestReaderThatBreaksOffLeavesNothing(t *testing.T) {
	whole, _, _ := longSheet(t)
	r := newRecord(t)
	before := r.counts(t)
	n := 0
	_, err := r.Import(t.Context(), store.ImportOptions{KeepGoing: true}, func(rep *votes.ImportReport, yield func(*votes.Account) error) error {
		return whole.read(rep, func(a *votes.Account) error {
			if n++; n == 599 {
				return io.ErrUnexpectedEOF
			}
			return yield(a)
		})
	})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("err=%v, want the reader's own", err)
	}
	sameCounts(t, before, r.counts(t))
}

// The votes are held to their resolutions and states as foreign keys would.
func TestVotesGoWithTheirResolution(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	held := one[int](t, r, `SELECT count(*) FROM votes v JOIN resolutions r ON r.no = v.resolution_no AND r.id <> 'S-2024-835'`)
	r.exec(t, `DELETE FROM resolutions WHERE id = 'S-2024-835'`)
	if n := one[int](t, r, `SELECT count(*) FROM votes`); n != held || n == 0 {
		t.Errorf("%d votes, want the %d of the other resolutions", n, held)
	}
	const others = `DELETE FROM terms; DELETE FROM state_names; DELETE FROM sponsors; DELETE FROM statements; DELETE FROM discrepancies; DELETE FROM vetoes; `
	for sql, constraint := range map[string]string{
		others + `UPDATE resolutions SET no = DEFAULT WHERE id = 'S-RES-2747-2024'`: "votes_resolution_no_fkey",
		others + `UPDATE states SET code = 'XXX', seat = 'XXX' WHERE code = 'USA'`:  "votes_code_fkey",
		others + `DELETE FROM states WHERE code = 'USA'`:                            "votes_code_fkey",
	} {
		_, err := r.db.Exec(t.Context(), sql)
		var refusal *pgconn.PgError
		if !errors.As(err, &refusal) || refusal.ConstraintName != constraint {
			t.Errorf("%s: err=%v, want it refused by %s", sql, err, constraint)
		}
	}
	if n := one[int](t, r, `SELECT count(*) FROM sponsors s WHERE NOT EXISTS (SELECT FROM resolutions WHERE no = resolution_no)`); n != 0 {
		t.Errorf("%d sponsors stay behind their resolution", n)
	}
	r.exec(t, `TRUNCATE resolutions CASCADE`)
	if n := one[int](t, r, `SELECT (SELECT count(*) FROM votes) + (SELECT count(*) FROM sponsors)`); n != 0 {
		t.Errorf("%d votes and sponsors stay behind all resolutions", n)
	}
}
