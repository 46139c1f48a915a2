package pages

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// shownToEditors renders a page of the editors.
func shownToEditors(t *testing.T, p any) string {
	t.Helper()
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/editor", nil), httptest.NewRecorder())
	s := sampleSite(newSample(t))
	var body []byte
	var err error
	switch p := p.(type) {
	case Desk:
		body, err = s.ShowDesk(t.Context(), c, p)
	case Work:
		body, err = s.ShowWork(t.Context(), c, p)
	case Upload:
		body, err = s.ShowUpload(t.Context(), c, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	checkHTML(t, string(body))
	if n := strings.Count(string(body), "<h1"); n != 1 {
		t.Errorf("%d headings of the first order", n)
	}
	return string(body)
}

func TestThePagesOfTheEditors(t *testing.T) {
	undone := int64(2)
	edits := []votes.MadeEdit{{Edit: votes.Edit{Number: 1, ID: "S-2024-835", Field: "topic", Value: "<b>", Reason: "r", Reference: "d"}, At: time.Unix(0, 0), UndoneBy: &undone},
		{Edit: votes.Edit{Number: 2, ID: "S-2024-835", Field: "undo", Value: "1", Reason: "r", Reference: "d"}}}
	signedIn := Editor{Who: "night desk", Form: "formtoken", Said: "Edit 2 was made."}
	made := votes.Edited{Effects: []votes.Effect{{ID: "S-2024-835", What: votes.Changed, Changes: []votes.Change{
		{Field: "agenda_item", From: json.RawMessage(`null`), To: json.RawMessage(`"a <b>"`)},
		{Field: "tally", From: json.RawMessage(`{"yes":14,"no":1,"abstain":0,"not_voting":0}`), To: json.RawMessage(`null`)},
		{Field: "vetoed_by", From: json.RawMessage(`["USA","GBR"]`), To: json.RawMessage(`[]`)},
		{Field: "sponsors", From: json.RawMessage(`[{"code":"FRA","name":"France"}]`), To: json.RawMessage(`[{"code":null,"name":"a group"}]`)},
		{Field: "statements", From: json.RawMessage(`[]`), To: json.RawMessage(`[{"speaker":"A","text":"No."}]`)},
		{Field: "procedural", From: json.RawMessage(`true`), To: json.RawMessage(`false`)},
		{Field: "discrepancies", From: json.RawMessage(`[{"key":"a","message":"one goes"},{"key":"c","state":"open","message":"one stays"}]`),
			To: json.RawMessage(`[{"key":"b","message":"one comes"},{"key":"c","state":"explained","message":"one stays"}]`)}}}}}
	preview, err := PreviewOf(made, "key-1")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		page any
		has  []string
		not  string
	}{
		"sign in": {Desk{Editor: Editor{Form: "formtoken", Fault: "the token has expired"}}, []string{`type="password"`, `value="formtoken"`, `role="alert">the token has expired`}, "Sign out"},
		"desk": {Desk{Editor: signedIn, MayEdit: true, Edits: edits}, []string{"Signed in as <strong>night desk</strong>", `role="status">Edit 2 was made.`, "Undone by 2",
			`?field=undo&amp;value=2">Undo edit 2`, "&lt;b&gt;"}, "Undo edit 1<"},
		"another scope": {Desk{Editor: signedIn}, []string{"does not have the scope edit", "Nothing yet"}, "symbol"},
		"work": {Work{Editor: signedIn, ID: "S-2024-835", Name: "S-2024-835", Revision: 4, Fields: EditorFields("tally"), Kinds: StatementKinds(""),
			Draft: EditDraft{Field: "tally", Value: "13-1-1", Reason: "r", Reference: "d"}, Edits: edits, Discrepancies: []votes.Discrepancy{{Key: "0a1b", Message: "they differ"}}},
			[]string{`<option value="tally" selected>`, "position of a member", "13-1-1</textarea>", "?field=discrepancy&amp;of=0a1b&amp;value=explained"}, "What would change</h2>"},
		"preview": {Work{Editor: signedIn, ID: "S-2024-835", Name: "S-2024-835", Revision: 4, Preview: preview, Draft: EditDraft{Field: "topic", Value: `a "b"`}},
			[]string{"S-2024-835 would be changed", "<th scope=\"row\">agenda item</th><td>–</td><td>a &lt;b&gt;</td>", "<td>14 in favour, 1 against, 0 abstaining, 0 not voting</td><td>–</td>",
				"<td>USA, GBR</td><td>–</td>", "<td>France</td><td>a group</td>", "<td>–</td><td>A: “No.”</td>", "<td>true</td><td>false</td>", "Discrepancies that go:</p><ul><li>one goes",
				"come:</p><ul><li>one comes", "told otherwise:</p><ul><li>one stays: explained", `name="key" value="key-1"`, `name="revision" value="4"`, `value="a &#34;b&#34;"`}, "discrepancies</th>"},
		"no change": {Work{Editor: signedIn, ID: "S-2024-835", Preview: &Preview{}}, []string{"the record says so already"}, "Field by field"},
	} {
		body := shownToEditors(t, c.page)
		for _, want := range c.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
		if strings.Contains(body, c.not) {
			t.Errorf("%s: %s", name, c.not)
		}
	}
}

func TestThePageOfAnUpload(t *testing.T) {
	topic := []votes.Change{{Field: "topic", From: json.RawMessage(`null`), To: json.RawMessage(`"Gaza"`)}}
	changed := votes.ChangeToCome{ID: "S-2024-835", Date: "2024-11-20", Title: "A <b>", Outcome: votes.Vetoed, What: votes.Changed, Changes: topic}
	same := votes.ChangeToCome{ID: "S-2024-312", Date: "2024-04-18", Outcome: votes.Vetoed, What: votes.Changed}
	gone := votes.ChangeToCome{ID: "S-2024-173", What: votes.Deleted}
	for name, c := range map[string]struct {
		would votes.WouldChange
		has   []string
		not   string
	}{
		"changes":          {votes.WouldChange{Total: 203, Data: []votes.ChangeToCome{gone, changed}}, []string{"20 November 2024, vetoed: A &lt;b&gt;", "S-2024-173 would be deleted", "And 201 more resolutions."}, "another source"},
		"changes and same": {votes.WouldChange{Total: 1203, Data: []votes.ChangeToCome{changed, same}}, []string{"S-2024-835 would be changed", "1,202 resolutions would get another source"}, "S-2024-312"},
		"same":             {votes.WouldChange{Total: 1, Data: []votes.ChangeToCome{same}}, []string{"1 resolution would get another source"}, "would be kept beside"},
		"nothing":          {votes.WouldChange{}, []string{"would be kept beside what is known"}, "another source"},
	} {
		u := Upload{Editor: Editor{Who: "night desk", Form: "formtoken"}, Report: &votes.ImportReport{DryRun: true}, SHA256: "0a", Name: "votes.csv", Content: "YQ=="}
		if err := u.Try(&c.would); err != nil {
			t.Fatal(err)
		}
		body := shownToEditors(t, u)
		for _, want := range c.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s\n%s", name, want, body)
			}
		}
		if strings.Contains(body, c.not) {
			t.Errorf("%s: %s", name, c.not)
		}
	}
}

func TestADraftIsAnEdit(t *testing.T) {
	got := EditDraft{Field: "position", Of: "USA", Value: "no", Reason: "r", Reference: "d"}.Edit("S-2024-835")
	if want := (votes.Edit{ID: "S-2024-835", Field: "position:USA", Value: "no", Reason: "r", Reference: "d"}); got != want {
		t.Errorf("%+v", got)
	}
}

// The form offers every field that an edit can have.
func TestTheFormOffersEveryField(t *testing.T) {
	for _, o := range EditorFields("") {
		edit := votes.Edit{ID: "S-2024-835", Field: o.Value, Value: "x", Reason: "r", Reference: "d"}
		for _, f := range edit.Check() {
			if strings.Contains(f.Message, "is not a field") {
				t.Errorf("%s: %s", o.Value, f.Message)
			}
		}
	}
}
