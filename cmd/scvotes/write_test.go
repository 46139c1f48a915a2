package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"scvotes/api"
	"scvotes/api/conform"
)

// desk is a server that is written to, over the network, and whoever writes.
type desk struct {
	db, url, token string
	contract       *conform.Contract
	lose           atomic.Bool // the connection breaks when the next answer is due
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return newDeskWith(t)
}

// newDeskWith also has webhooks, which may go to the networks.
func newDeskWith(t *testing.T, networks ...netip.Prefix) *desk {
	t.Helper()
	d := &desk{db: loaded(t)}
	s := openApart(t, d.db)
	h := api.New(reader{s}, api.Options{Writer: writer{s}, Importer: importer{s}, Hooks: hookKeeper{s, networks}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.lose.Swap(false) {
			h.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { server.Close(); s.Close() })
	d.url, d.token = server.URL, newTokenOf(t, d.db, "edit,import,admin")
	var err error
	if d.contract, err = conform.Load(d.ask(t, http.MethodGet, "/openapi.json", "").body); err != nil {
		t.Fatal(err)
	}
	return d
}

// try asks with the token and further headers, as name and value in turn.
func (d *desk) try(method, address, body string, headers ...string) (answer, error) {
	req, err := http.NewRequest(method, d.url+address, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if d.token != "" {
		req.Header.Set("Authorization", "Bearer "+d.token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	// Over a connection of its own: Go would ask again by itself, for there is a key.
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, b}, err
}

// ask tries, and holds the answer against the contract.
func (d *desk) ask(t *testing.T, method, address, body string, headers ...string) answer {
	t.Helper()
	got, err := d.try(method, address, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	if d.contract == nil {
		return got
	}
	path, _, _ := strings.Cut(address, "?")
	o, err := d.contract.Find(method, path)
	if err == nil {
		err = d.contract.Check(o, got.status, got.header, got.body)
	}
	if err != nil {
		t.Errorf("%s %s: %v\n%.600s", method, address, err, got.body)
	}
	return got
}

// edited is the part of an answer to edits that the tests look at.
type edited struct {
	Edits    []struct{ Number int64 }
	Revision int64
	Effects  []struct {
		ID      string
		Changes []struct{ Field string }
	}
	Resolution *struct {
		Topic, Outcome string
		Revision       int64
		Tally          struct{ Yes, Abstain int }
	}
}

func unpacked[T any](t *testing.T, got answer, status int) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(got.body, &v); err != nil || got.status != status {
		t.Fatalf("status %d, want %d; %v\n%.600s", got.status, status, err, got.body)
	}
	return v
}

const (
	veto   = "/v1/resolutions/S-2024-835"
	topics = `{"reason":"the draft names it","reference":"S/2024/835","edits":[{"field":"topic","value":"Gaza"}]}`
)

// TestWritingOverREST goes the way of an editor: looks, tries, edits, undoes,
// says what was said, and finds all of it in the history and the audit log.
func TestWritingOverREST(t *testing.T) {
	d := newDesk(t)
	look := d.ask(t, http.MethodGet, veto, "")
	before := unpacked[struct{ Revision int64 }](t, look, 200).Revision
	tried := unpacked[edited](t, d.ask(t, http.MethodPost, veto+"/edits?dry_run=true",
		`{"reason":"r","reference":"d","edits":[{"field":"position:CHE","value":"no"}]}`), 200)
	if len(tried.Effects) != 1 || len(tried.Effects[0].Changes) < 3 {
		t.Errorf("%+v", tried)
	}
	made := unpacked[edited](t, d.ask(t, http.MethodPost, veto+"/edits", topics, "If-Match", look.header.Get("ETag")), 201)
	if made.Resolution.Topic != "Gaza" || made.Resolution.Revision != made.Revision || made.Resolution.Tally.Yes != 14 {
		t.Errorf("%+v", made.Resolution)
	}
	for _, old := range []string{look.header.Get("ETag"), fmt.Sprintf(`"%d"`, before)} {
		if got := d.ask(t, http.MethodPost, veto+"/edits", topics, "If-Match", old); got.status != http.StatusPreconditionFailed {
			t.Errorf("If-Match %s: status %d", old, got.status)
		}
	}
	undone := unpacked[edited](t, d.ask(t, http.MethodPost, fmt.Sprintf("/v1/edits/%d/undo", made.Edits[0].Number), `{"reason":"r","reference":"d"}`,
		"If-Match", fmt.Sprintf(`"%d"`, made.Revision)), 201)
	said := unpacked[edited](t, d.ask(t, http.MethodPost, veto+"/statements",
		`{"speaker":"A minister","for":"RUS","kind":"reaction","date":"2024-11-21","text":"No.","source":"Newsweek","reason":"r"}`,
		"If-Match", fmt.Sprintf(`"%d"`, undone.Revision)), 201)
	d.ask(t, http.MethodPost, "/v1/edits", "id,field,value,reason,reference\nS/2024/835,note,one,r,d\nS/2014/916,note,two,r,d\n",
		"Content-Type", "text/csv", "If-Match", fmt.Sprintf(`"%d"`, said.Revision))
	list := unpacked[struct {
		Data []struct {
			Number   int64
			UndoneBy *int64 `json:"undone_by"`
		}
	}](t, d.ask(t, http.MethodGet, "/v1/edits?id=S-2024-835", ""), 200)
	if n := len(list.Data); n != 4 || list.Data[3].UndoneBy == nil || *list.Data[3].UndoneBy != undone.Edits[0].Number {
		t.Errorf("%d edits: %+v", n, list)
	}
	history := unpacked[struct{ Data []struct{ Revision int64 } }](t, d.ask(t, http.MethodGet, veto+"/history", ""), 200)
	if history.Data[0].Revision != said.Revision+1 {
		t.Errorf("%+v", history.Data[0])
	}
	if r := cli(t, "--database-url", d.db, "verify"); r.code != 0 || !strings.Contains(r.stdout, "; 0 differences") {
		t.Errorf("%+v", r)
	}
	log := string(d.ask(t, http.MethodGet, "/v1/audit", "").body)
	for _, want := range []string{`"route":"/v1/resolutions/{id}/edits","target":"S-2024-835","outcome":"done","status":201`, `"outcome":"refused","status":412`,
		`"route":"/v1/edits/{number}/undo"`, `"route":"scvotes token create"`, `"client":"127.0.0.1"`, `"who":"night desk"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log does not tell %s:\n%s", want, log)
		}
	}
	if r := cli(t, "--database-url", d.db, "audit"); strings.Contains(r.stdout, d.token[20:]) || !strings.Contains(r.stdout, "night desk ("+d.token[4:16]+")") {
		t.Errorf("%+v", r)
	}
}

func TestATokenThatWasRevokedIsOfNoUse(t *testing.T) {
	d := newDesk(t)
	if r := cli(t, "--database-url", d.db, "token", "revoke", d.token[4:16]); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		address := map[string]string{http.MethodPost: veto + "/edits", http.MethodGet: veto}[method]
		if got := d.ask(t, method, address, ""); got.status != 401 || !strings.Contains(got.header.Get("WWW-Authenticate"), "was revoked") {
			t.Errorf("%s: status %d, %v", method, got.status, got.header)
		}
	}
}

// Of editors that read the same, one changes it; the others are told to look again.
func TestEditorsAtOnce(t *testing.T) {
	d := newDesk(t)
	revision := unpacked[struct{ Revision int64 }](t, d.ask(t, http.MethodGet, veto, ""), 200).Revision
	var all sync.WaitGroup
	var made, moved atomic.Int32
	for i := range 8 {
		all.Go(func() {
			got, err := d.try(http.MethodPost, veto+"/edits", strings.Replace(topics, "Gaza", fmt.Sprint("topic ", i), 1), "If-Match", fmt.Sprintf(`"%d"`, revision))
			switch {
			case err == nil && got.status == http.StatusCreated:
				made.Add(1)
			case err == nil && got.status == http.StatusPreconditionFailed:
				moved.Add(1)
			default:
				t.Errorf("status %d, %v\n%s", got.status, err, got.body)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 || moved.Load() != 7 {
		t.Errorf("%d edits were made, %d refused", made.Load(), moved.Load())
	}
}

// A client that lost the connection before the answer asks again, with the same
// key, and is answered as if nothing had happened.
func TestAnAnswerThatWasLost(t *testing.T) {
	d := newDesk(t)
	revision := fmt.Sprintf(`"%d"`, unpacked[struct{ Revision int64 }](t, d.ask(t, http.MethodGet, veto, ""), 200).Revision)
	ask := func() (answer, error) {
		return d.try(http.MethodPost, veto+"/edits", topics, "If-Match", revision, "Idempotency-Key", `"8e03978e"`)
	}
	d.lose.Store(true)
	if got, err := ask(); err == nil {
		t.Fatalf("the connection held: %+v", got)
	}
	first, err := ask()
	if err != nil || first.status != http.StatusCreated || first.header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("status %d, %v, %v", first.status, first.header, err)
	}
	again, err := ask()
	if err != nil || !bytes.Equal(first.body, again.body) || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("another answer: %s", again.body)
	}
	if edits := unpacked[struct{ Total int }](t, d.ask(t, http.MethodGet, "/v1/edits?id=S-2024-835", ""), 200); edits.Total != 1 {
		t.Errorf("%d edits", edits.Total)
	}
}
