package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
	"scvotes/votes/access"
)

const (
	editsAt   = "/v1/resolutions/S-2024-835/edits"
	someEdits = `{"reason":"r","reference":"S/2024/835","edits":[{"field":"topic","value":"Gaza"}]}`
)

// send sends a body to be changed by, and holds the answer against the contract.
func send(t *testing.T, h http.Handler, address, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	res := post(t, h, address, body, headers...)
	text := read(t, res)
	path, _, _ := strings.Cut(address, "?")
	if err := contractOf(t).Check(operationOfMethod(t, http.MethodPost, path), res.StatusCode, res.Header, []byte(text)); err != nil {
		t.Errorf("%s: status %d: %v\n%.500s", address, res.StatusCode, err, text)
	}
	return res, text
}

func TestAnEditIsMade(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Edit)
	for _, c := range []struct{ address, body, kind, location string }{
		{editsAt, someEdits, "application/json", "/v1/edits/4"},
		{editsAt, "id,field,value,reason,reference\nS/2024/835,topic,Gaza,r,d\nS-2024-835,region,Asia,r,d\n", "text/csv; charset=utf-8", "/v1/edits?revision=14"},
		{"/v1/resolutions/S-2024-835/statements", `{"speaker":"A","for":"USA","kind":"reaction","date":"2024-11-21","text":"No.","source":"Newsweek","reason":"r"}`, "application/json", "/v1/edits/4"},
		{"/v1/resolutions/S-2024-835/discrepancies/0a1b2c3d/explanation", `{"reason":"r","reference":"d"}`, "application/json", "/v1/edits/4"},
		{"/v1/edits/1/undo", `{"reason":"r","reference":"d"}`, "application/json", "/v1/edits/4"},
	} {
		res, text := send(t, h, c.address, c.body, "Authorization", token, "Content-Type", c.kind, "If-Match", fmt.Sprintf(`"%d"`, w.record.all[0].Revision))
		a := decodeText[editedAnswer](t, text)
		if res.StatusCode != http.StatusCreated || res.Header.Get("Location") != c.location || a.Resolution == nil || a.Resolution.ID != "S-2024-835" ||
			*a.Revision != w.record.revision.Number || len(a.Effects) != 1 {
			t.Errorf("%s: status %d, %s\n%s", c.address, res.StatusCode, res.Header.Get("Location"), text)
		}
		if got := res.Header.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("Cache-Control %q", got)
		}
	}
	if res, text := send(t, h, "/v1/edits", strings.Replace(someEdits, `"field"`, `"id":"S-2014-916","field"`, 1), "Authorization", token, "If-Match", fmt.Sprintf(`"%d"`, w.record.revision.Number)); res.StatusCode != 201 ||
		decodeText[editedAnswer](t, text).Resolution != nil {
		t.Errorf("of any resolution: status %d\n%s", res.StatusCode, text)
	}
	call := w.calls[0]
	if len(w.calls) != 6 || call.Who != "desk 1" || call.Client != "192.0.2.1" || call.Method != "POST" || call.Route != "/v1/resolutions/{id}/edits" ||
		call.Target != "S-2024-835" || call.Request == "" || len(w.log) != 0 {
		t.Errorf("%d calls: %+v", len(w.calls), call)
	}
}

func TestAnEditThatIsOnlyTried(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Edit)
	res, text := send(t, h, editsAt+"?dry_run=true", someEdits, "Authorization", token, "Idempotency-Key", `"a"`)
	a := decodeText[editedAnswer](t, text)
	if res.StatusCode != http.StatusOK || !a.DryRun || a.Revision != nil || len(a.Edits) != 0 || a.Resolution != nil || res.Header.Get("Location") != "" {
		t.Errorf("status %d\n%s", res.StatusCode, text)
	}
	i := slices.IndexFunc(a.Effects[0].Changes, func(c votes.Change) bool { return c.Field == "topic" })
	if i < 0 || string(a.Effects[0].Changes[i].To) != `"edited"` {
		t.Errorf("%s", text)
	}
	if w.record.revision.Number != 12 || len(w.calls) != 0 || len(w.replies) != 0 {
		t.Error("something was kept")
	}
	// Where If-Match is given, it counts all the same.
	if res, _ := send(t, h, editsAt+"?dry_run=true", someEdits, "Authorization", token, "If-Match", `"2"`); res.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestTheDiscrepanciesThatGoAreTold(t *testing.T) {
	h, w := written(t)
	_, text := send(t, h, "/v1/resolutions/S-2014-916/edits?dry_run=true", someEdits, "Authorization", w.token(t, access.Edit))
	if moved := decodeText[editedAnswer](t, text).Effects[0].Discrepancies; len(moved.Gone) != 1 || moved.Gone[0].Key != "0a1b2c3d" || len(moved.Come) != 0 {
		t.Errorf("%s", text)
	}
}

func TestWhatAnEditIsRefusedFor(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Edit)
	etag := get(t, h, "/v1/resolutions/S-2024-835").Header.Get("ETag")
	const csv = "id,field,value,reason,reference\n"
	for name, c := range map[string]struct {
		status        int
		says          string // in the problem
		address, body string
		headers       []string
	}{
		"no If-Match":         {428, "If-Match", editsAt, someEdits, nil},
		"another revision":    {412, "moved on", editsAt, someEdits, []string{"If-Match", `"2"`}},
		"another tag":         {412, "moved on", editsAt, someEdits, []string{"If-Match", `W/"0123"`}},
		"without quotes":      {412, "moved on", editsAt, someEdits, []string{"If-Match", `3`}},
		"the record's":        {412, "moved on", "/v1/edits", strings.Replace(someEdits, `"field"`, `"id":"S-2014-916","field"`, 1), []string{"If-Match", `"3"`}},
		"its revision":        {201, "", editsAt, someEdits, []string{"If-Match", `"1", "3"`}},
		"its tag":             {201, "", editsAt, someEdits, []string{"If-Match", etag}},
		"whatever it is":      {201, "", editsAt, someEdits, []string{"If-Match", "*"}},
		"no resolution":       {404, "no resolution S-1999-1", "/v1/resolutions/S-1999-1/edits", someEdits, []string{"If-Match", `"3"`}},
		"nonsense":            {404, "not an id", "/v1/resolutions/nonsense/edits", someEdits, []string{"If-Match", `"3"`}},
		"no edit":             {400, "there is no edit", editsAt, `{"edits":[]}`, []string{"If-Match", `"3"`}},
		"faults":              {400, "edits[1].reason", editsAt, `{"reference":"d","edits":[{"field":"topic","value":"x","reason":"r"},{"field":"colour","value":"x"}]}`, []string{"If-Match", `"3"`}},
		"another's":           {400, "edits[0].id", editsAt, strings.Replace(someEdits, `"field"`, `"id":"S-2014-916","field"`, 1), []string{"If-Match", `"3"`}},
		"no JSON":             {400, "body", editsAt, `{"edits":`, []string{"If-Match", `"3"`}},
		"unknown field":       {400, "colour", editsAt, `{"colour":1}`, []string{"If-Match", `"3"`}},
		"NUL":                 {400, "no text", editsAt, strings.Replace(someEdits, "Gaza", `a\u0000b`, 1), []string{"If-Match", `"3"`}},
		"another kind":        {415, "application/json or text/csv", editsAt, "a", []string{"If-Match", `"3"`, "Content-Type", "text/plain"}},
		"no kind":             {415, "application/json", "/v1/edits/1/undo", "a", []string{"If-Match", `"3"`, "Content-Type", ""}},
		"too large":           {413, "1024 KiB", editsAt, strings.Repeat("a", maxEditsBody+1), []string{"If-Match", `"3"`}},
		"too many":            {400, "no more than 1000", editsAt, csv + strings.Repeat("S-2024-835,topic,x,r,d\n", 1001), []string{"If-Match", `"3"`, "Content-Type", "text/csv"}},
		"lines":               {400, "line 3, tally", editsAt, csv + "S-2024-835,topic,x,r,d\nS-2024-835,tally,most,r,d\n", []string{"If-Match", `"3"`, "Content-Type", "text/csv"}},
		"no header":           {400, "no header", editsAt, "\n", []string{"If-Match", `"3"`, "Content-Type", "text/csv"}},
		"of the record":       {400, "edits[0].id", "/v1/edits", strings.Replace(someEdits, `"field"`, `"id":"S-1999-1","field"`, 1), []string{"If-Match", "*"}},
		"no such edit":        {404, "no edit 9", "/v1/edits/9/undo", `{"reason":"r","reference":"d"}`, []string{"If-Match", `"3"`}},
		"no number":           {404, "not the number", "/v1/edits/x/undo", `{}`, []string{"If-Match", `"3"`}},
		"no reason":           {400, "reason", "/v1/edits/1/undo", `{}`, []string{"If-Match", `"3"`}},
		"no speaker":          {400, "needs speaker", "/v1/resolutions/S-2024-835/statements", `{"reason":"r","source":"s"}`, []string{"If-Match", `"3"`}},
		"no member":           {400, "by its code", "/v1/resolutions/S-2024-835/statements", `{"speaker":"a","for":"XXX","kind":"reaction","text":"t","reason":"r","source":"s"}`, []string{"If-Match", `"3"`}},
		"no such state of it": {400, "explained or open", "/v1/resolutions/S-2024-835/discrepancies/a/explanation", `{"state":"solved","reason":"r","reference":"d"}`, []string{"If-Match", `"3"`}},
		"parameter":           {400, "dry_rum", editsAt + "?dry_rum=true", someEdits, []string{"If-Match", `"3"`}},
		"a key too long":      {400, "Idempotency-Key", editsAt, someEdits, []string{"If-Match", `"3"`, "Idempotency-Key", strings.Repeat("a", 129)}},
		"half a key":          {400, "Idempotency-Key", editsAt, someEdits, []string{"If-Match", `"3"`, "Idempotency-Key", `"a`}},
	} {
		w.record.all[0].Revision = 3
		w.log = nil
		res, text := send(t, h, c.address, c.body, append([]string{"Authorization", token}, c.headers...)...)
		if res.StatusCode != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: status %d, want %d\n%s", name, res.StatusCode, c.status, text)
		}
		if told := len(w.log) == 1 && w.log[0].Outcome == access.Refused && w.log[0].Status == c.status; told != (c.status >= 400) {
			t.Errorf("%s: the audit log is told %+v", name, w.log)
		}
		w.record.revision.Number = 12
	}
}

// The same request with the same key is done once.
func TestAKeyIsForOneRequest(t *testing.T) {
	h, w := written(t)
	token := w.token(t, access.Edit)
	ask := func(token, body, key, match string) (*http.Response, string) {
		t.Helper()
		return send(t, h, editsAt, body, "Authorization", token, "If-Match", match, "Idempotency-Key", key)
	}
	first, text := ask(token, someEdits, `"k-1"`, `"3"`)
	for _, key := range []string{`"k-1"`, "k-1"} {
		again, same := ask(token, someEdits, key, `"3"`)
		if again.StatusCode != 201 || same != text || again.Header.Get("Location") != first.Header.Get("Location") || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("again: status %d, %v\n%s", again.StatusCode, again.Header, same)
		}
	}
	if len(w.calls) != 1 || first.Header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%d changes", len(w.calls))
	}
	for _, c := range []struct{ body, match string }{{strings.Replace(someEdits, "Gaza", "Sudan", 1), `"3"`}, {someEdits, "*"}} {
		if res, _ := ask(token, c.body, `"k-1"`, c.match); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("another request: status %d", res.StatusCode)
		}
	}
	if res, _ := ask(w.token(t, access.Edit), someEdits, `"k-1"`, "*"); res.StatusCode != 201 || res.Header.Get("Idempotency-Replayed") != "" {
		t.Errorf("of another token: status %d", res.StatusCode)
	}
	w.busy = true
	if res, _ := ask(token, someEdits, `"k-2"`, "*"); res.StatusCode != http.StatusConflict || res.Header.Get("Retry-After") == "" {
		t.Errorf("under way: status %d, %v", res.StatusCode, res.Header)
	}
}

// Every route that writes, with every scope and with none.
func TestWhatEachScopeAllows(t *testing.T) {
	h, w := written(t)
	closed, reads := 0, 0
	for _, o := range contractOf(t).Operations() {
		if o.Security == nil {
			if o.Method != http.MethodGet && o.Path != "/v1/decide" {
				t.Errorf("%s %s is open to everybody", o.Method, o.Path)
			}
			continue
		}
		if closed++; o.Method == http.MethodGet {
			reads++
		}
		needs := (*o.Security)[0]["token"]
		if len(needs) != 1 {
			t.Fatalf("%s %s needs %v", o.Method, o.Path, needs)
		}
		at := operationOf(o.Path, o.Parameters).address
		if res := ask(t, h, o.Method, at); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s %s without a token: status %d", o.Method, at, res.StatusCode)
		}
		for _, scope := range access.Scopes {
			res := ask(t, h, o.Method, at, "Authorization", w.token(t, scope))
			if allowed := res.StatusCode != http.StatusForbidden; allowed != (needs[0] == string(scope)) || res.StatusCode == http.StatusUnauthorized {
				t.Errorf("%s %s with the scope %s: status %d", o.Method, at, scope, res.StatusCode)
			}
		}
	}
	if closed < 6 {
		t.Errorf("%d closed routes", closed)
	}
	refused := 0
	for _, e := range w.log {
		if e.Status == http.StatusForbidden && e.Outcome == access.Refused {
			refused++
		}
	}
	if refused < 3*(closed-reads) {
		t.Errorf("%d refusals are in the audit log", refused)
	}
}
