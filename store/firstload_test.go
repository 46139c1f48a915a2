package store_test

import (
	"bytes"
	"errors"
	"fmt"
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
		{"one member twice", "votes", `IF NEW.code = 'FRA' AND NEW.position = 'abstain' THEN NEW.code := 'GBR'; END IF`, "votes_pkey"},
		{"a veto of an elected member", "vetoes", `NEW.code := 'DNK'`, "vetoes_need_a_permanent_seat"},
		{"a sponsor of no resolution", "sponsors", `IF NEW.ord = 2 THEN NEW.resolution_no := -NEW.resolution_no; END IF`, "sponsors_resolution_no_fkey"},
		{"a sponsor that is no state", "sponsors", `IF NEW.ord = 2 THEN NEW.code := 'XXX'; END IF`, "sponsors_code_fkey"},
		{"an account of no source", "accounts", `NEW.source_id := 999`, "accounts_source_id_fkey"},
		{"one id twice", "resolutions", `NEW.id := 'S-2025-1'`, "resolutions_id_key"},
	} {
		for _, way := range []string{"first load", "first load that is tried", "merge"} {
			t.Run(fault.name+"/"+way, func(t *testing.T) {
				r, f := newRecord(t), whole
				if way == "merge" {
					r.land(t, begin, store.ImportOptions{})
					f = end
				}
				before, guards := r.counts(t), protections(t, r)
				r.exec(t, `CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+fault.change+`; RETURN NEW; END $$`)
				r.exec(t, `CREATE TRIGGER fault BEFORE INSERT ON `+fault.table+` FOR EACH ROW EXECUTE FUNCTION fault()`)
				rep, err := r.Import(t.Context(), store.ImportOptions{DryRun: way == "first load that is tried"}, f.read)
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

// Proposals of one meeting that one source tells of are written as they are
// read: nothing of the meeting is read again. Another source's account of the
// meeting finds the one that it can be of all the same.
func TestProposalsOfOneMeetingInOneFile(t *testing.T) {
	r := newRecord(t)
	var list []*votes.Account
	for n := range 6 {
		list = append(list, &votes.Account{Source: votes.Source{Name: "a sheet", Format: "draft-sheet"}, Line: 2 + n, Rows: 1,
			Key: fmt.Sprint("k", n), Date: "1947-08-18", Meeting: "S/PV.186", Draft: votes.Symbol(fmt.Sprint("S/47", 9-n)), Tally: &votes.Tally{Yes: n, Abstain: 11 - n}})
	}
	s, heard := r.overheard(t)
	if rep, err := s.Import(t.Context(), store.ImportOptions{}, given(list...)); err != nil || rep.ResolutionsNew != 6 || rep.AccountsUnmatched != 6 {
		t.Fatalf("%v: %+v", err, rep)
	}
	for _, asked := range heard.take() {
		if strings.Contains(asked.sql, "near") {
			t.Errorf("accounts were looked at again, though nothing was to be matched: %s", asked.sql)
		}
	}
	if diff := cmp.Diff([]string{"S-479", "S-478", "S-477", "S-476", "S-475", "S-474"}, r.list(t, `SELECT id FROM resolutions ORDER BY no`)); diff != "" {
		t.Errorf("not in the order of the file (-want +got):\n%s", diff)
	}
	table := &votes.Account{Source: votes.Source{Name: "yearly tables", Format: "un-outcomes"}, Line: 2, Rows: 1,
		Key: "t", Date: "1947-08-18", Meeting: "S/PV.186", Draft: "S/PV.186", Tally: &votes.Tally{Yes: 3, Abstain: 8}}
	if rep, err := r.Import(t.Context(), store.ImportOptions{}, given(table)); err != nil || rep.AccountsMatched != 1 || rep.ResolutionsNew != 0 {
		t.Errorf("%v: %+v", err, rep)
	}
	if diff := cmp.Diff([]string{"(S-476,k3)", "(S-476,t)"}, r.rows(t, `SELECT resolution_id, key FROM accounts WHERE resolution_id = 'S-476' ORDER BY id`)); diff != "" {
		t.Errorf("the table's account is elsewhere (-want +got):\n%s", diff)
	}
	if rep := r.verify(t); len(rep.Differences) > 0 {
		t.Error(differences(rep))
	}
}
