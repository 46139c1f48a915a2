package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
)

// newToken makes a token that lives for an hour, and returns how it is shown.
func (r record) newToken(t testing.TB, scopes ...access.Scope) (access.Credential, access.Token) {
	t.Helper()
	_, c := access.New()
	token, err := r.CreateToken(t.Context(), c, "night desk", scopes, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return c, token
}

func TestATokenIsKeptWithoutItsSecret(t *testing.T) {
	r := newRecord(t)
	c, made := r.newToken(t, access.Edit, access.Import)
	got, err := r.Authenticate(t.Context(), c)
	if err != nil || got.ID != c.ID || got.Name != "night desk" || !slices.Equal(got.Scopes, []access.Scope{access.Edit, access.Import}) {
		t.Errorf("%+v, %v", got, err)
	}
	if made.Expires == nil || made.Expires.Sub(made.Created) != time.Hour || made.Revoked != nil || made.LastUsed != nil {
		t.Errorf("%+v", made)
	}
	if n := one[int](t, r, `SELECT count(*) FROM tokens WHERE hash = $1 AND octet_length(hash) = 32`, c.Sum()); n != 1 {
		t.Errorf("%d rows have the sum", n)
	}
	_, forever := access.New()
	token, err := r.CreateToken(t.Context(), forever, "for ever", []access.Scope{access.Read}, 0)
	if err != nil || token.Expires != nil {
		t.Errorf("%+v, %v", token, err)
	}
	if list, err := r.Tokens(t.Context()); err != nil || len(list) != 2 || list[0].ID != forever.ID {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWhoIsDenied(t *testing.T) {
	r := newRecord(t)
	good, _ := r.newToken(t, access.Edit)
	old, _ := r.newToken(t, access.Edit)
	r.exec(t, `UPDATE tokens SET created = now() - interval '2 days', expires = now() - interval '1 second' WHERE id = $1`, old.ID)
	gone, _ := r.newToken(t, access.Edit)
	token, err := r.RevokeToken(t.Context(), gone.ID)
	if err != nil || token.Revoked == nil {
		t.Fatal(token, err)
	}
	again, err := r.RevokeToken(t.Context(), gone.ID)
	if err != nil || !again.Revoked.Equal(*token.Revoked) {
		t.Errorf("revoked twice: %v, %v", again.Revoked, err)
	}
	_, stranger := access.New()
	imposter := stranger
	imposter.ID = good.ID
	for name, c := range map[string]struct {
		shown access.Credential
		why   error
	}{"good": {good, nil}, "expired": {old, access.ErrExpired}, "revoked": {gone, access.ErrRevoked}, "unknown": {stranger, access.ErrUnknown},
		"wrong secret": {imposter, access.ErrUnknown}} {
		got, err := r.Authenticate(t.Context(), c.shown)
		if !errors.Is(err, c.why) || c.why != nil && (got.ID != "" || !errors.Is(err, access.ErrDenied)) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := r.RevokeToken(t.Context(), "nothing"); !errors.Is(err, votes.ErrNotFound) {
		t.Errorf("revoking nothing: %v", err)
	}
	r.db.Close(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Authenticate(ctx, good); err == nil || errors.Is(err, access.ErrDenied) {
		t.Errorf("without a database: %v", err)
	}
}

func TestTheLastUseIsNotedOnceAMinute(t *testing.T) {
	r := newRecord(t)
	c, _ := r.newToken(t, access.Read)
	use := func() time.Time {
		t.Helper()
		if _, err := r.Authenticate(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		return one[time.Time](t, r, `SELECT last_used FROM tokens`)
	}
	first := use()
	if again := use(); !again.Equal(first) {
		t.Error("it is written each time")
	}
	r.exec(t, `UPDATE tokens SET last_used = last_used - interval '61 seconds'`)
	if later := use(); later.Before(first) {
		t.Error("it is not written after a minute")
	}
}

func TestTheSchemaHoldsWhatATokenIs(t *testing.T) {
	r := newRecord(t)
	const insert = `INSERT INTO tokens (id, name, hash, scopes, expires) VALUES `
	for name, values := range map[string]string{
		"an id of other letters": `('ABCDEFGHIJKL', 'n', sha256('a'), '{edit}', NULL)`,
		"no name":                `('abcdefghijkl', '', sha256('a'), '{edit}', NULL)`,
		"a short hash":           `('abcdefghijkl', 'n', 'a', '{edit}', NULL)`,
		"no scope":               `('abcdefghijkl', 'n', sha256('a'), '{}', NULL)`,
		"another scope":          `('abcdefghijkl', 'n', sha256('a'), '{edit,write}', NULL)`,
		"over before it began":   `('abcdefghijkl', 'n', sha256('a'), '{edit}', now() - interval '1 day')`,
	} {
		if _, err := r.db.Exec(t.Context(), insert+values); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	r.exec(t, insert+`('abcdefghijkl', 'n', sha256('a'), '{edit}', NULL)`)
	if _, err := r.db.Exec(t.Context(), insert+`('abcdefghijkm', 'n', sha256('a'), '{edit}', NULL)`); err == nil {
		t.Error("the same secret twice is taken")
	}
}

func someCall() access.Call {
	return access.Call{Caller: access.Caller{Token: "abcdefghijkl", Who: "night desk", Client: "192.0.2.7", Request: "r-1"},
		Method: "POST", Route: "/v1/resolutions/{id}/edits", Target: "S-2024-835"}
}

func TestTheAuditLogOnlyGrows(t *testing.T) {
	r := newRecord(t)
	if err := r.Note(t.Context(), access.Entry{Call: someCall(), Outcome: access.Refused, Status: 412}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`UPDATE audit_log SET who = 'nobody'`, `DELETE FROM audit_log`, `TRUNCATE audit_log`, `TRUNCATE audit_log CASCADE`,
		`UPDATE audit_log SET who = 'nobody' WHERE false`,
		`INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (number) DO UPDATE SET who = 'nobody'`,
		`SET session_replication_role = replica; DELETE FROM audit_log`} {
		if _, err := r.db.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is done", sql)
		}
		r.exec(t, `RESET session_replication_role`)
	}
	log, err := r.Audit(t.Context(), 10, 0)
	if err != nil || log.Total != 1 || log.Next != 0 {
		t.Fatal(log, err)
	}
	want := access.Entry{Number: log.Data[0].Number, At: log.Data[0].At, Call: someCall(), Outcome: access.Refused, Status: 412}
	if log.Data[0] != want || time.Since(want.At).Abs() > time.Hour {
		t.Errorf("%+v, want %+v", log.Data[0], want)
	}
}

func TestWhatChangesTheRecordIsInTheAuditLog(t *testing.T) {
	r := newRecord(t)
	as := record{r.As(someCall()), r.db, r.dsn}
	as.land(t, csvFile("votes.csv", header+gaza), store.ImportOptions{})
	for _, f := range []struct {
		file
		store.ImportOptions
	}{{csvFile("votes.csv", header+gaza), store.ImportOptions{}}, {csvFile("more.csv", header+sudan), store.ImportOptions{DryRun: true}}} {
		if _, err := as.take(t, f.file, f.ImportOptions); err != nil { // nothing new, nothing kept
			t.Fatal(err)
		}
	}
	if _, _, err := as.To("here").Edit(t.Context(), []votes.Edit{{ID: "S-2024-835", Field: "topic", Value: "Gaza", Reason: "r", Reference: "d"}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := as.Edit(t.Context(), []votes.Edit{{ID: "S-2024-1", Field: "topic", Value: "Gaza", Reason: "r", Reference: "d"}}); err == nil {
		t.Error("an edit of nothing")
	}
	r.exec(t, `UPDATE resolutions SET topic = 'by hand'`)
	if n, _, err := as.Rebuild(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	c, _ := as.newToken(t, access.Edit)
	if _, err := as.RevokeToken(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	r.land(t, csvFile("more.csv", header+sudan), store.ImportOptions{}) // what nobody called is not told
	want := []string{"done S-2024-835 1", "done here 2", "done S-2024-835 3", "done S-2024-835", "done S-2024-835"}
	if later := newestVersion - 10; later > 0 { // the log itself is of version 10
		if err := store.MigrateDown(t.Context(), r.dsn, later, store.WithCall(someCall())); err != nil {
			t.Fatal(err)
		}
		want = append(want, "done S-2024-835")
	}
	got := r.list(t, `SELECT concat_ws(' ', outcome, target, revision) FROM audit_log ORDER BY number`)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTheAuditLogComesInPages(t *testing.T) {
	r := newRecord(t)
	for range 5 {
		if err := r.Note(t.Context(), access.Entry{Call: someCall(), Outcome: access.Failed}); err != nil {
			t.Fatal(err)
		}
	}
	seen, before := 0, int64(0)
	for pages := 1; ; pages++ {
		log, err := r.Audit(t.Context(), 2, before)
		if err != nil || log.Total != 5 || pages > 3 {
			t.Fatal(log, err)
		}
		for _, e := range log.Data {
			if before != 0 && e.Number >= before {
				t.Errorf("%d after %d", e.Number, before)
			}
			before = e.Number
			seen++
		}
		if log.Next == 0 {
			break
		}
	}
	if seen != 5 {
		t.Errorf("%d of 5", seen)
	}
}
