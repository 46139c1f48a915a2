package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"scvotes/votes"
	"scvotes/votes/access"
)

// newUploading is a browser at a server that takes files in.
func newUploading(t *testing.T, scopes ...access.Scope) (*editing, *fakeImporter) {
	t.Helper()
	e := newEditing(t)
	e.signIn(t, scopes...)
	return e, e.importer
}

// sendFile sends a form with a file; without a name it brings none.
func (e *editing) sendFile(t *testing.T, form url.Values, name, content string, headers ...string) (status int, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for field := range form {
		_ = w.WriteField(field, form.Get(field))
	}
	if name != "" {
		part, _ := w.CreateFormFile(fileField, name)
		_, _ = io.WriteString(part, content)
	}
	w.Close()
	return e.sendBody(t, "/editor/import", w.FormDataContentType(), &b, headers...)
}

func TestAFileIsTriedAndLanded(t *testing.T) {
	e, f := newUploading(t, access.Import)
	if _, desk := e.open(t, "/editor"); !strings.Contains(desk, `href="/editor/import"`) {
		t.Errorf("the desk leads nowhere:\n%s", desk)
	}
	_, page := e.open(t, "/editor/import")
	form := formOf(t, page, "CSV file")
	form.Set("source", "A <desk>")
	form.Set("edition", "2026-02-06")
	f.report = votes.ImportReport{DryRun: true, Rows: 1234, Accounts: 2, ResolutionsChanged: 1, WouldChange: &votes.WouldChange{Total: 203, Data: []votes.ChangeToCome{
		{ID: "S-2024-835", What: votes.Changed, Changes: []votes.Change{{Field: "topic", From: json.RawMessage(`"old"`), To: json.RawMessage(`"<new>"`)}}},
		{ID: "S-2024-900", What: votes.Created}}},
		Problems: []votes.Problem{{Line: 7, Column: "vote", Severity: votes.Noted, Message: `"y" read as yes`}}}
	status, page := e.sendFile(t, form, `C:\desk\votes.csv`, smallCSV)
	for _, want := range []string{"Rows: 1,234", `<td class="number">7</td><td>vote</td><td>noted</td>`, "S-2024-835 would be changed", "<td>old</td><td>&lt;new&gt;</td>",
		"S-2024-900 would be created", "And 201 more"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if want := (votes.ImportOrder{File: "votes.csv", Source: "A <desk>", Edition: "2026-02-06", Encoding: "utf-8", DryRun: true}); status != 200 || f.order != want || f.content != smallCSV {
		t.Fatalf("status %d, %+v, %q\n%s", status, f.order, f.content, page)
	}
	land := formOf(t, page, "Land this file")
	land.Set("do", "land")
	f.report, f.content = votes.ImportReport{Landed: true, Import: 7, Revision: 9}, ""
	status, page = e.sendFile(t, land, "", "")
	if want := (votes.ImportOrder{File: "votes.csv", Source: "A <desk>", Edition: "2026-02-06", Encoding: "utf-8"}); status != 200 || f.order != want || f.content != smallCSV ||
		!strings.Contains(page, "votes.csv landed as import 7: the record is at revision 9.") || strings.Contains(page, "Land this file") {
		t.Errorf("status %d, %+v, %q\n%s", status, f.order, f.content, page)
	}
	if f.call.Who != "desk 1" || f.call.Route != "/editor/import" {
		t.Errorf("%+v", f.call)
	}
	f.report = votes.ImportReport{}
	if _, page = e.sendFile(t, land, "", ""); !strings.Contains(page, "there is nothing to land") {
		t.Errorf("a second time:\n%s", page)
	}
}

func TestAnUploadThatIsRefused(t *testing.T) {
	e, f := newUploading(t, access.Import)
	_, page := e.open(t, "/editor/import")
	form := formOf(t, page, "CSV file")
	with := func(more ...string) url.Values {
		v := url.Values{"form": {form.Get("form")}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for name, c := range map[string]struct {
		form          url.Values
		file, content string
		fault         error
		status        int
		says          string
		taken         bool
	}{
		"a faulty file": {with(), "votes.csv", smallCSV, fmt.Errorf("x: %w", votes.ErrInvalid), 422, `<td class="number">2</td><td>date</td><td>refused</td><td>no day</td>`, true},
		"no file":       {with(), "", "", nil, 400, "choose one file", false},
		"large":         {with(), "votes.csv", strings.Repeat("\n", smallFile+1), nil, 413, "POST /v1/imports", false},
		"larger":        {with(), "votes.csv", strings.Repeat("\n", mostUpload+1), nil, 413, "POST /v1/imports", false},
		"other bytes":   {with("do", "land", "name", "votes.csv", "content", "YWJj", "digest", digest([]byte("abd"))), "", "", nil, 400, "not the bytes that were tried", false},
		"no bytes":      {with("do", "land", "name", "votes.csv", "content", "?", "digest", digest(nil)), "", "", nil, 400, "not the bytes that were tried", false},
		"a control":     {with("source", "a\x1bb"), "votes.csv", smallCSV, nil, 400, "not a plain text", false},
		"no database":   {with(), "votes.csv", smallCSV, votes.ErrUnavailable, 503, "The database is away", true},
		"no token":      {url.Values{}, "votes.csv", smallCSV, nil, 403, "was not sent from", false},
		"another token": {url.Values{"form": {"a" + form.Get("form")}}, "votes.csv", smallCSV, nil, 403, "was not sent from", false},
	} {
		t.Run(name, func(t *testing.T) {
			*f = fakeImporter{fault: c.fault, report: votes.ImportReport{Rows: 1, RowsRefused: 1,
				Problems: []votes.Problem{{Line: 2, Column: "date", Severity: votes.Refused, Message: "no day"}}}}
			status, page := e.sendFile(t, c.form, c.file, c.content)
			if status != c.status || !strings.Contains(page, c.says) || strings.Contains(page, "Land this file") || (f.content != "") != c.taken {
				t.Errorf("status %d, %d bytes taken\n%.3000s", status, len(f.content), page)
			}
		})
	}
	*f = fakeImporter{}
	if status, _ := e.sendFile(t, form, "votes.csv", smallCSV, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden || f.content != "" {
		t.Errorf("from another site: status %d", status)
	}
}

func TestWhoMayNotImportIsLedToTheDesk(t *testing.T) {
	e, f := newUploading(t, access.Read, access.Edit, access.Admin)
	_, desk := e.open(t, "/editor")
	if strings.Contains(desk, `href="/editor/import"`) {
		t.Error("the desk leads to what may not be done")
	}
	form := formOf(t, desk, "Sign out")
	if status, page := e.sendFile(t, form, "votes.csv", smallCSV); status != 200 || !strings.Contains(page, "desk</h1>") || f.content != "" {
		t.Errorf("status %d\n%s", status, page)
	}
	if _, page := e.open(t, "/editor/import"); strings.Contains(page, `type="file"`) {
		t.Errorf("%s", page)
	}
}
