package store_test

import (
	"slices"
	"strings"
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

// tampered is a change made behind the program's back, and what Verify has to
// name: the resolution, and words that tell what is wrong with it.
var tampered = []struct{ name, sql, id, tells string }{
	{"a position", `UPDATE votes v SET position = 'abstain' FROM resolutions r WHERE r.no = resolution_no AND id = 'S-2024-835' AND code = 'CHE'`,
		"S-2024-835", `position of Switzerland: "abstain", but the accounts give "yes"`},
	{"a vote taken away", `DELETE FROM votes v USING resolutions r WHERE r.no = resolution_no AND id = 'S-2024-835' AND code = 'CHE'`,
		"S-2024-835", `position of Switzerland: null, but the accounts give "yes"`},
	{"a veto", `DELETE FROM vetoes WHERE code = 'USA'`, "S-2024-835", `vetoed_by: [], but the accounts give ["USA"]`},
	{"a tally", `UPDATE resolutions SET yes = 13, abstain = 1 WHERE id = 'S-2024-835'`, "S-2024-835", `tally: {"yes":13,`},
	{"an outcome", `UPDATE resolutions SET outcome = 'failed', carried_but_for_veto = false, yes = 8, abstain = 6 WHERE id = 'S-2024-835'`,
		"S-2024-835", `outcome: "failed", but the accounts give "vetoed"`},
	{"a title", `UPDATE resolutions SET title = 'Something else' WHERE id = 'S-RES-2753-2024'`, "S-RES-2753-2024", `title: "Something else", but the accounts give null`},
	{"a day", `UPDATE resolutions SET date = '2024-11-21' WHERE id = 'S-2024-835'`, "S-2024-835", `date: "2024-11-21", but the accounts give "2024-11-20"`},
	{"a sponsor", `DELETE FROM sponsors s USING resolutions r WHERE r.no = resolution_no AND id = 'S-2024-826' AND code = 'SLE'`, "S-2024-826", `sponsors: `},
	{"a statement", `UPDATE statements SET text = 'Said otherwise.'`, "S-2024-835", `Said otherwise.`},
	{"a source", `UPDATE resolutions SET sources = '[]' WHERE id = 'S-2024-835'`, "S-2024-835", "differs"},
	{"a discrepancy deleted", `DELETE FROM discrepancies`, "S-2024-826", `discrepancies: [], but the accounts give [{"key":`},
	{"a discrepancy explained away", `UPDATE discrepancies SET state = 'explained', explanation = 'never mind'`, "S-2024-826", `never mind`},
	{"where a field is from", `UPDATE resolutions SET provenance = '[]' WHERE id = 'S-2024-835'`, "S-2024-835", "otherwise where its fields are from"},
	{"an account deleted, of two", `DELETE FROM accounts WHERE resolution_id = 'S-2024-826' AND content->'source'->>'name' = 'B'`,
		"S-2024-826", "discrepancies: "},
	{"the only account deleted", `DELETE FROM accounts WHERE resolution_id = 'S-RES-2753-2024'`, "S-RES-2753-2024", "no account tells of it"},
	{"what an account says", `UPDATE accounts SET content = replace(content::text, '"topic":"Somalia"', '"topic":"Sudan"')::json`,
		"S-RES-2753-2024", `topic: "Somalia", but the accounts give "Sudan"`},
	{"an account called superseded", `UPDATE accounts SET superseded_by = id WHERE resolution_id = 'S-RES-2753-2024'`, "S-RES-2753-2024", "no account tells of it"},
	{"a match", `UPDATE accounts SET resolution_id = 'S-2024-835' WHERE resolution_id = 'S-RES-2753-2024'`, "S-2024-835", "line 2, belongs to S-RES-2753-2024"},
	{"the rule of a match", `UPDATE accounts SET match_rule = 'kept apart' WHERE resolution_id = 'S-RES-2753-2024'`, "S-RES-2753-2024", `is matched by "same symbol", not by "kept apart"`},
	{"a doubt", `UPDATE accounts SET match_doubt = 'who knows' WHERE resolution_id = 'S-RES-2753-2024'`, "S-RES-2753-2024", `has the doubt "", not "who knows"`},
	{"the symbol that an account is filed under", `UPDATE accounts SET base_id = 'S-2024-835' WHERE resolution_id = 'S-RES-2753-2024'`, "S-RES-2753-2024", "is filed under another symbol"},
	{"the meeting that an account is filed under", `UPDATE accounts SET meeting = NULL WHERE resolution_id = 'S-RES-2753-2024'`, "S-RES-2753-2024", "is filed under another symbol or meeting"},
	{"a resolution taken out", `DELETE FROM resolutions WHERE id = 'S-2024-835'`, "S-2024-835", "not in the record"},
	{"a resolution that no account tells of", `INSERT INTO resolutions (id, draft, date, kind, procedural, outcome, reason, roll_call, carried_but_for_veto, links, digest, revision)
		VALUES ('S-2024-999', 'S/2024/999', '2024-11-20', 'other', false, 'withdrawn', '', 'none', false, '{}', '', 1)`, "S-2024-999", "no account tells of it"},
	{"what the API tells", `UPDATE resolutions SET item = replace(item, '"vetoed"', '"adopted"') WHERE id = 'S-2024-835'`, "S-2024-835", "the API tells otherwise"},
	{"what the API tells in full", `UPDATE resolutions SET item_detail = replace(item_detail, '"line":', '"line":1') WHERE id = 'S-2024-835'`, "S-2024-835", "the API tells otherwise"},
	{"an edit taken out", `DELETE FROM edits`, "S-2024-826", `region: "Africa", but the accounts give null`},
}

// rebuilt has Rebuild mend what was tampered with. It cannot bring back what an
// account said or named: that stays named.
func rebuilt(t *testing.T, r record, name string) {
	t.Helper()
	if _, _, err := r.Rebuild(t.Context()); err != nil {
		t.Fatalf("Rebuild: %v", err)
	}
	if rep := r.verify(t); len(rep.Differences) > 0 && name != "what an account says" && !strings.Contains(name, "filed under") {
		t.Errorf("after Rebuild:%s", differences(rep))
	}
	if n, revision, err := r.Rebuild(t.Context()); n != 0 || revision != 0 || err != nil {
		t.Errorf("a second Rebuild changes %d resolutions, revision %d, %v", n, revision, err)
	}
}

// Whatever is changed by hand, with every trigger and key off, is named.
func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r := newRecord(t)
	other := strings.NewReplacer("E10;CHN;FRA", "E10;FRA", ",RUS,,", ",RUS,CHN,").Replace(sudan)
	for _, c := range tampered {
		t.Run(c.name, func(t *testing.T) {
			r.clear(t)
			r.land(t, csvFile("a.csv", header+somalia+sudan+gaza).from("A", ""), store.ImportOptions{})
			r.land(t, csvFile("b.csv", header+other).from("B", ""), store.ImportOptions{})
			r.land(t, csvFile("said.csv", statementHeader+onGaza), store.ImportOptions{})
			revision := r.edit(t, votes.Edit{ID: "S-2024-826", Field: "region", Value: "Africa", Reason: "r", Reference: "d"})
			clean := r.verify(t)
			if len(clean.Differences) > 0 || clean.Accounts != 5 || clean.Edits != 1 || clean.Resolutions != 3 || clean.Revision != revision {
				t.Fatalf("before: %+v", clean)
			}

			r.exec(t, `SET session_replication_role = replica`)
			r.exec(t, c.sql)
			r.exec(t, `SET session_replication_role = origin`)
			rep := r.verify(t)
			if !slices.Contains(found(rep), c.id) || !strings.Contains(differences(rep), c.tells) {
				t.Errorf("Verify finds%s\nwant %s: %s", differences(rep), c.id, c.tells)
			}
			if c.name != "a match" && !slices.Equal(found(rep), []string{c.id}) {
				t.Errorf("Verify names %v, want %s alone", found(rep), c.id)
			}
			rebuilt(t, r, c.name)
		})
	}
}

// Verify reads one moment and writes nothing.
func TestVerifyWritesNothing(t *testing.T) {
	askedOneByOne(t)
	r := newRecord(t)
	if rep := r.verify(t); len(rep.Differences) > 0 || rep.Accounts+rep.Resolutions+rep.Edits != 0 {
		t.Errorf("the empty record: %+v", rep)
	}
	r.loadStarter(t)
	before := r.counts(t)
	r.exec(t, `ALTER DATABASE `+one[string](t, r, `SELECT quote_ident(current_database())`)+` SET default_transaction_read_only = on`)
	defer r.exec(t, `ALTER DATABASE `+one[string](t, r, `SELECT quote_ident(current_database())`)+` RESET default_transaction_read_only`)
	r.Store = openStore(t, r.dsn)
	if rep := r.verify(t); len(rep.Differences) > 0 || rep.Resolutions != 427 {
		t.Errorf("%d resolutions looked at:%s", rep.Resolutions, differences(rep))
	}
	sameCounts(t, before, r.counts(t))
}
