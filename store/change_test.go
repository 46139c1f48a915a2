package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/access"
)

// keyed is a call of a token with a key, that asks for body.
func (r record) keyed(t testing.TB, key, body string) access.Call {
	t.Helper()
	c, _ := r.newToken(t, access.Edit)
	call := someCall()
	call.Token, call.Key, call.Fingerprint = c.ID, key, sha256.Sum256([]byte(body))
	return call
}

// topic is a change that gives S-2024-835 a topic.
func topic(value string) func(context.Context, *store.Changes) (access.Reply, error) {
	return func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		made, err := c.Edit(ctx, []votes.Edit{{ID: "S-2024-835", Field: "topic", Value: value, Reason: "r", Reference: "d"}})
		return access.Reply{Status: 201, Header: map[string]string{"Location": "/here"}, Body: []byte(fmt.Sprint(made.Revision))}, err
	}
}

func withGaza(t testing.TB) record {
	t.Helper()
	r := newRecord(t)
	r.land(t, csvFile("votes.csv", header+gaza), store.ImportOptions{})
	return r
}

func TestAChangeIsKeptWithItsReplyAndItsEntry(t *testing.T) {
	r := withGaza(t)
	call := r.keyed(t, "k", "a")
	first, err := r.Change(t.Context(), call, topic("Gaza"))
	if err != nil || first.Again || string(first.Body) != "2" {
		t.Fatal(first, err)
	}
	again, err := r.Change(t.Context(), call, func(context.Context, *store.Changes) (access.Reply, error) {
		t.Error("it is done again")
		return access.Reply{}, nil
	})
	if err != nil || !again.Again || string(again.Body) != "2" || again.Status != 201 || again.Header["Location"] != "/here" {
		t.Errorf("%+v, %v", again, err)
	}
	if got := r.resolution(t, "S-2024-835"); got.Topic != "Gaza" || got.Revision != 2 {
		t.Errorf("%q at %d", got.Topic, got.Revision)
	}
	if got := r.list(t, `SELECT concat_ws(' ', outcome, who, token = $1, status, revision) FROM audit_log`, call.Token); !slices.Equal(got, []string{"done night desk t 201 2"}) {
		t.Errorf("%q", got)
	}
	other := call
	other.Fingerprint = sha256.Sum256([]byte("b"))
	if _, err := r.Change(t.Context(), other, topic("Sudan")); !errors.Is(err, access.ErrKeyUsed) {
		t.Errorf("another request: %v", err)
	}
	r.exec(t, `UPDATE replies SET at = at - interval '24 hours 1 second'`)
	if late, err := r.Change(t.Context(), other, topic("Sudan")); err != nil || late.Again || string(late.Body) != "3" {
		t.Errorf("after a day: %+v, %v", late, err)
	}
	r.exec(t, `UPDATE replies SET at = at - interval '24 hours 1 second'`)
	if _, err := r.Change(t.Context(), r.keyed(t, "k", "a"), topic("Yemen")); err != nil {
		t.Error(err)
	}
	if n := one[int](t, r, `SELECT count(*) FROM replies`); n != 1 {
		t.Errorf("%d replies are left: old ones are to go", n)
	}
}

// A change that fails, or is only tried, leaves nothing: no edit, no reply, no
// entry, and the same key does it later.
func TestAChangeThatIsNotKept(t *testing.T) {
	r := withGaza(t)
	call := r.keyed(t, "k", "a")
	before := r.counts(t)
	fault := errors.New("the answer could not be made")
	_, err := r.Change(t.Context(), call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		if _, err := topic("Gaza")(ctx, c); err != nil {
			t.Error(err)
		}
		return access.Reply{}, fault
	})
	if !errors.Is(err, fault) {
		t.Error(err)
	}
	for range 3 {
		reply, err := r.Change(t.Context(), call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
			reply, err := topic("Gaza")(ctx, c)
			if err == nil {
				err = c.TakeBack(ctx)
			}
			return reply, err
		})
		if err != nil || string(reply.Body) != "2" {
			t.Errorf("%+v, %v", reply, err)
		}
	}
	after := r.counts(t)
	for table, n := range before {
		if after[table] != n {
			t.Errorf("%s: %d rows were %d", table, after[table], n)
		}
	}
	if n := one[int](t, r, `SELECT (SELECT count(*) FROM replies) + (SELECT count(*) FROM audit_log)`); n != 0 {
		t.Errorf("%d replies and entries are left", n)
	}
	if _, err := r.Change(t.Context(), call, topic("Gaza")); err != nil {
		t.Fatal(err)
	}
	if page, err := r.Edits(t.Context(), votes.EditFilter{}, 10, 0); err != nil || len(page.Data) != 1 || page.Data[0].Number != 1 {
		t.Errorf("the numbers of what was only tried are not given back: %+v, %v", page, err)
	}
}

func TestAKeyThatIsBeingDealtWith(t *testing.T) {
	r := withGaza(t)
	call := r.keyed(t, "k", "a")
	if _, err := r.Change(t.Context(), call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		if _, err := r.Change(ctx, call, topic("Sudan")); !errors.Is(err, access.ErrUnderWay) {
			t.Errorf("the same key: %v", err)
		}
		other := call
		other.Key = "another"
		if _, err := r.Change(ctx, other, func(context.Context, *store.Changes) (access.Reply, error) { return access.Reply{Status: 204}, nil }); err != nil {
			t.Errorf("another key: %v", err)
		}
		return topic("Gaza")(ctx, c)
	}); err != nil {
		t.Error(err)
	}
}

// Many at once with one key: it is done once, and each is answered with it or
// told that it is under way.
func TestOneKeyFromManySides(t *testing.T) {
	r := withGaza(t)
	call := r.keyed(t, "k", "a")
	var all sync.WaitGroup
	var mu sync.Mutex
	answered, busy := 0, 0
	for range 16 {
		all.Go(func() {
			reply, err := r.Change(t.Context(), call, topic("Gaza"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && string(reply.Body) == "2":
				answered++
			case errors.Is(err, access.ErrUnderWay):
				busy++
			default:
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
	all.Wait()
	if n := one[int](t, r, `SELECT count(*) FROM edits`); n != 1 || answered < 1 || answered+busy != 16 {
		t.Errorf("%d edits; %d answered, %d told to wait", n, answered, busy)
	}
}

// What is read in a change stands until it is kept: of two that read the same
// revision, the second reads what the first made.
func TestWhatAChangeReadsStands(t *testing.T) {
	r := withGaza(t)
	stale := errors.New("moved on")
	var all sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		all.Go(func() {
			_, results[i] = r.Change(t.Context(), someCall(), func(ctx context.Context, c *store.Changes) (access.Reply, error) {
				got, _, err := c.Resolution(ctx, "S-2024-835")
				if err != nil || got.Revision != 1 {
					return access.Reply{}, errors.Join(stale, err)
				}
				return topic(fmt.Sprint("topic ", i))(ctx, c)
			})
		})
	}
	all.Wait()
	won := 0
	for _, err := range results {
		switch {
		case err == nil:
			won++
		case err.Error() != stale.Error():
			t.Error(err)
		}
	}
	if won != 1 || r.resolution(t, "S-2024-835").Revision != 2 {
		t.Errorf("%d of 8 won", won)
	}
}

func TestWhatEditsMakeOfTheRecord(t *testing.T) {
	r := withGaza(t)
	var made votes.Edited
	_, err := r.Change(t.Context(), someCall(), func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		var err error
		made, err = c.Edit(ctx, []votes.Edit{{ID: "S/2024/835", Field: "position:CHE", Value: "abstain", Reason: "r", Reference: "d"}})
		if now, _, err := c.Resolution(ctx, "S-2024-835"); err != nil || now.Tally.Abstain != 1 {
			t.Errorf("%+v, %v", now, err)
		}
		return access.Reply{Status: 201}, err
	})
	if err != nil || len(made.Effects) != 1 || made.Effects[0].What != votes.Changed || made.Edits[0].ID != "S-2024-835" {
		t.Fatalf("%+v, %v", made, err)
	}
	fields := ""
	for _, c := range made.Effects[0].Changes {
		fields += c.Field + ";"
	}
	if !strings.Contains(fields, "position of Switzerland;") || !strings.Contains(fields, "tally;") {
		t.Errorf("%s", fields)
	}
}

// A record that the schema does not take is a fault of the edits, told at once.
func TestEditsFromWhichNoRecordFollows(t *testing.T) {
	r := withGaza(t)
	for _, e := range []votes.Edit{{Field: "date", Value: "1960-01-01"}, {Field: "vetoed_by", Value: "Switzerland"}, {Field: "kind", Value: "amendment"}} {
		e.ID, e.Reason, e.Reference = "S-2024-835", "r", "d"
		_, err := r.Change(t.Context(), someCall(), func(ctx context.Context, c *store.Changes) (access.Reply, error) {
			if _, err := c.Edit(ctx, []votes.Edit{e}); err != nil {
				return access.Reply{}, err
			}
			return access.Reply{}, c.TakeBack(ctx)
		})
		if err != nil && !errors.Is(err, votes.ErrInvalid) {
			t.Errorf("%s %s: %v", e.Field, e.Value, err)
		}
	}
}

func TestEditsComeInPages(t *testing.T) {
	r := withGaza(t)
	r.land(t, csvFile("more.csv", header+sudan), store.ImportOptions{})
	if page, err := r.Edits(t.Context(), votes.EditFilter{}, 10, 0); err != nil || page.Total != 0 || len(page.Data) != 0 || page.Revision != 2 {
		t.Errorf("none: %+v, %v", page, err)
	}
	other := one[string](t, r, `SELECT id FROM resolutions WHERE id <> 'S-2024-835'`)
	for i, e := range []votes.Edit{{ID: "S-2024-835", Field: "topic", Value: "Gaza"}, {ID: other, Field: "topic", Value: "Sudan"},
		{ID: "S-2024-835", Field: "undo", Value: "1"}, {ID: "S-2024-835", Field: "undo", Value: "3"}} {
		e.Reason, e.Reference = "r", "d"
		if made, _, err := r.Edit(t.Context(), []votes.Edit{e}); err != nil || made[0].Number != int64(i+1) {
			t.Fatal(made, err)
		}
	}
	var got []string
	for before := int64(0); ; {
		page, err := r.Edits(t.Context(), votes.EditFilter{}, 3, before)
		if err != nil || page.Total != 4 {
			t.Fatal(page, err)
		}
		for _, e := range page.Data {
			undone := "counts"
			if e.UndoneBy != nil {
				undone = fmt.Sprint("undone by ", *e.UndoneBy)
			}
			got = append(got, fmt.Sprint(e.Number, " ", e.Revision, " ", undone))
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	if want := []string{"4 6 counts", "3 5 undone by 4", "2 4 counts", "1 3 counts"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, f := range []votes.EditFilter{{ID: other}, {Revision: 4}} {
		if page, err := r.Edits(t.Context(), f, 3, 0); err != nil || page.Total != 1 || page.Data[0].Number != 2 {
			t.Errorf("%+v: %+v, %v", f, page, err)
		}
	}
	if e, revision, err := r.MadeEdit(t.Context(), 3); err != nil || revision != 6 || e.UndoneBy == nil || *e.UndoneBy != 4 {
		t.Errorf("%+v, %d, %v", e, revision, err)
	}
	if _, _, err := r.MadeEdit(t.Context(), 9); !errors.Is(err, votes.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
}

// taking is a change that takes a file in.
func taking(f file, opt store.ImportOptions) func(context.Context, *store.Changes) (access.Reply, error) {
	return func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		rep, err := c.Import(ctx, opt, f.read)
		return access.Reply{Status: 201, Body: []byte(fmt.Sprint(rep.Landed, rep.Revision))}, err
	}
}

// A program dies between what it keeps and its answer: whoever asks again is
// given that answer, and nothing is taken in twice.
func TestAFileLandsWithItsReply(t *testing.T) {
	r := newRecord(t)
	call := r.keyed(t, "k", "a")
	votesCSV := csvFile("votes.csv", header+gaza)
	if reply, err := r.Change(t.Context(), call, taking(votesCSV, store.ImportOptions{DryRun: true})); err != nil || string(reply.Body) != "false 0" {
		t.Errorf("a dry run: %+v, %v", reply, err)
	}
	fault := errors.New("the answer could not be made")
	if _, err := r.Change(t.Context(), call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		reply, err := taking(votesCSV, store.ImportOptions{})(ctx, c)
		return reply, errors.Join(err, fault)
	}); !errors.Is(err, fault) {
		t.Error(err)
	}
	refused := csvFile("votes.csv", header+strings.Replace(gaza, "USA", "Ruritania", 1))
	if _, err := r.Change(t.Context(), call, taking(refused, store.ImportOptions{})); !errors.Is(err, votes.ErrInvalid) {
		t.Errorf("a file at fault: %v", err)
	}
	if n := one[int](t, r, `SELECT (SELECT count(*) FROM replies) + (SELECT count(*) FROM audit_log) + (SELECT count(*) FROM imports) + (SELECT count(*) FROM resolutions)`); n != 0 {
		t.Fatalf("%d rows are left of what did not land", n)
	}
	for i, again := range []bool{false, true, true} {
		reply, err := r.Change(t.Context(), call, taking(votesCSV, store.ImportOptions{}))
		if err != nil || reply.Again != again || string(reply.Body) != "true 1" {
			t.Errorf("%d: %+v, %v", i, reply, err)
		}
	}
	if got := r.list(t, `SELECT concat_ws(' ', outcome, status, revision) FROM audit_log`); !slices.Equal(got, []string{"done 201 1"}) {
		t.Errorf("%q", got)
	}
	known := r.keyed(t, "k", "a")
	for i, again := range []bool{false, true} {
		if reply, err := r.Change(t.Context(), known, taking(votesCSV, store.ImportOptions{})); err != nil || reply.Again != again || string(reply.Body) != "false 0" {
			t.Errorf("a known file, %d: %+v, %v", i, reply, err)
		}
	}
	if n := one[int](t, r, `SELECT count(*) FROM imports`); n != 1 {
		t.Errorf("%d imports", n)
	}
}

func TestAWebhookIsKeptWithItsReply(t *testing.T) {
	r := newRecord(t)
	call, in := r.keyed(t, "k", "a"), newReceivers()
	adding := func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		w, err := c.Store().AddWebhook(ctx, votes.Webhook{URL: "https://a.example", Events: votes.WebhookEvents}, votes.WebhookSecret(make([]byte, 32)))
		c.To(fmt.Sprint(w.ID))
		return access.Reply{Status: 201, Body: []byte(fmt.Sprint(w.ID))}, err
	}
	fault := errors.New("the answer could not be made")
	if _, err := r.Change(t.Context(), call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
		reply, err := adding(ctx, c)
		return reply, errors.Join(err, fault)
	}); !errors.Is(err, fault) {
		t.Error(err)
	}
	first, err := r.Change(t.Context(), call, adding)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.Change(t.Context(), call, adding); err != nil || !again.Again || string(again.Body) != string(first.Body) {
		t.Errorf("%+v, %v", again, err)
	}
	if list, err := r.Webhooks(t.Context()); err != nil || len(list) != 1 || fmt.Sprint(list[0].ID) != string(first.Body) {
		t.Errorf("kept: %+v, %v", list, err)
	}
	call = r.keyed(t, "k", "b")
	for range 2 {
		if _, err := r.Change(t.Context(), call, func(ctx context.Context, c *store.Changes) (access.Reply, error) {
			m, err := c.Store().TestWebhook(ctx, one[int64](t, r, `SELECT id FROM webhooks`), in.send)
			return access.Reply{Status: 200, Body: []byte(m.ID)}, err
		}); err != nil {
			t.Error(err)
		}
	}
	if n := one[int](t, r, `SELECT count(*) FROM webhook_messages`); n != 1 {
		t.Errorf("%d tests were sent", n)
	}
	if got := r.list(t, `SELECT concat_ws(' ', outcome, target, status) FROM audit_log ORDER BY number`); !slices.Equal(got, []string{"done " + string(first.Body) + " 201", "done " + call.Target + " 200"}) {
		t.Errorf("%q", got)
	}
}
