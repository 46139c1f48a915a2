package main

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"scvotes/votes/access"
)

// closedRoute is a request for which a token is needed, one that comes to something.
type closedRoute struct {
	method, route string
	address, body string
	scope         access.Scope
	status        int // for a token that has the scope
}

// closedRoutes are all that are closed, in an order in which each works. The
// receiver is where messages may go, the discrepancy one that is open.
func closedRoutes(receiver, discrepancy string) []closedRoute {
	const edit, admin = access.Edit, access.Admin
	const hook = "/v1/webhooks/1"
	statement := `{"speaker":"A minister","for":"RUS","kind":"reaction","date":"2024-11-21","text":"No.","source":"Newsweek","reason":"r"}`
	return []closedRoute{
		{"POST", "/v1/resolutions/{id}/edits", veto + "/edits", topics, edit, 201},
		{"POST", "/v1/resolutions/{id}/statements", veto + "/statements", statement, edit, 201},
		{"POST", "/v1/resolutions/{id}/discrepancies/{key}/explanation", discrepancy + "/explanation", `{"reason":"r","reference":"d"}`, edit, 201},
		{"POST", "/v1/edits", "/v1/edits", `{"reason":"r","reference":"d","edits":[{"id":"S/2014/916","field":"note","value":"n"}]}`, edit, 201},
		{"POST", "/v1/edits/{number}/undo", "/v1/edits/1/undo", `{"reason":"r","reference":"d"}`, edit, 201},
		{"POST", "/v1/imports", "/v1/imports?file=votes.csv", anAdoptedVote, access.Import, 201},
		{"GET", "/v1/jobs/{id}", "/v1/jobs/job_none", "", access.Import, 404},
		{"DELETE", "/v1/jobs/{id}", "/v1/jobs/job_none", "", access.Import, 404},
		{"GET", "/v1/webhooks", "/v1/webhooks", "", admin, 200},
		{"POST", "/v1/webhooks", "/v1/webhooks", fmt.Sprintf(`{"url":%q}`, receiver), admin, 201},
		{"GET", "/v1/webhooks/{id}", hook, "", admin, 200},
		{"PATCH", "/v1/webhooks/{id}", hook, `{"filter":"vetoed_by=USA"}`, admin, 200},
		{"POST", "/v1/webhooks/{id}/test", hook + "/test", "", admin, 200},
		{"GET", "/v1/webhooks/{id}/deliveries", hook + "/deliveries", "", admin, 200},
		{"DELETE", "/v1/webhooks/{id}", hook, "", admin, 204},
		{"GET", "/v1/audit", "/v1/audit", "", admin, 200},
	}
}

// TestEachScopeAtEachRoute asks every closed route without a token, with one that
// was revoked, and with each scope: that of the route alone is let in, and what
// the others were refused is in the audit log and nowhere else.
func TestEachScopeAtEachRoute(t *testing.T) {
	receiver := newHooks(t)
	d := newDeskWith(t, netip.MustParsePrefix("127.0.0.0/8"))
	found := unpacked[struct {
		Data []struct{ Resolution, Key string }
	}](t, d.ask(t, http.MethodGet, "/v1/discrepancies?state=open&limit=1", ""), 200)
	routes := closedRoutes(receiver.URL, "/v1/resolutions/"+found.Data[0].Resolution+"/discrepancies/"+found.Data[0].Key)
	d.hasAll(t, routes)
	tokens := make(map[access.Scope]string)
	for _, scope := range access.Scopes {
		tokens[scope] = newTokenOf(t, d.db, string(scope))
	}
	revoked := newTokenOf(t, d.db, "read,import,edit,admin")
	if r := cli(t, "--database-url", d.db, "token", "revoke", revoked); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	refused := 0
	for _, r := range routes {
		before := d.everything(t)
		for _, token := range []string{"", revoked} {
			d.askAs(t, token, r, http.StatusUnauthorized)
		}
		for _, scope := range access.Scopes {
			if scope != r.scope {
				d.askAs(t, tokens[scope], r, http.StatusForbidden)
				if r.method != http.MethodGet {
					refused++
				}
			}
		}
		if after := d.everything(t); after != before {
			t.Errorf("%s %s: what was refused was done: %d, then %d", r.method, r.address, before, after)
		}
		d.askAs(t, tokens[r.scope], r, r.status)
	}
	if n := sqlCount(t, d.db, `SELECT count(*) FROM audit_log WHERE outcome = 'refused' AND status = 403`); n != refused {
		t.Errorf("%d refusals are in the audit log, want %d", n, refused)
	}
}

// hasAll tells of a closed route that is not asked, and of one that writes and is
// open to everybody.
func (d *desk) hasAll(t *testing.T, routes []closedRoute) {
	t.Helper()
	for _, o := range d.contract.Operations() {
		asked := slices.ContainsFunc(routes, func(r closedRoute) bool { return r.method == o.Method && r.route == o.Path })
		writes := o.Method != http.MethodGet && o.Path != "/v1/decide" // which keeps nothing
		if asked != (o.Security != nil) || writes && !asked {
			t.Errorf("%s %s: asked %v, closed %v", o.Method, o.Path, asked, o.Security != nil)
		}
	}
}

// askAs asks with a token, or without one.
func (d *desk) askAs(t *testing.T, token string, r closedRoute, status int) {
	t.Helper()
	d.token = token
	kind := "application/json"
	if !strings.HasPrefix(r.body, "{") {
		kind = "text/csv"
	}
	if got := d.ask(t, r.method, r.address, r.body, "Content-Type", kind, "If-Match", "*"); got.status != status {
		t.Errorf("%s %s: status %d, want %d\n%.500s", r.method, r.address, got.status, status, got.body)
	}
}

// everything is a number that moves with whatever the routes change.
func (d *desk) everything(t *testing.T) int {
	t.Helper()
	return sqlCount(t, d.db, `SELECT (SELECT max(number) FROM revisions) + (SELECT count(*) + count(NULLIF(filter, '')) FROM webhooks) + (SELECT count(*) FROM jobs)
		+ (SELECT count(*) FROM webhook_messages)`)
}
