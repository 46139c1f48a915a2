package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/api/pages"
	"scvotes/votes"
	"scvotes/votes/access"
)

const (
	editorPath    = "/editor"
	editorVotes   = editorPath + "/resolutions/"
	editorImport  = editorPath + "/import"
	sessionCookie = "scvotes_session"
	signInCookie  = "scvotes_sign_in"

	decidedLast = 20
)

// errForged is the answer to a form that did not come from a page of this server.
var errForged = errors.New("this form was not sent from the page that it belongs to, or that page is too old: open it again")

// crossOrigin refuses what a page of another site has a browser send.
var crossOrigin = http.NewCrossOriginProtection()

// editor is the pages on which people write, behind the same tokens as the API.
func (s *server) editor(e *echo.Echo, get func(string, echo.HandlerFunc)) {
	get(editorPath, s.ofEditors(s.desk))
	e.POST(editorPath+"/sign-in", s.ofEditors(s.formed(s.signIn)))
	e.POST(editorPath+"/sign-out", s.ofEditors(s.formed(s.signOut)))
	get(editorVotes+":id", s.ofEditors(s.signedIn(access.Edit, s.work)))
	e.POST(editorVotes+":id", s.ofEditors(s.signedIn(access.Edit, s.worked)))
	if s.importer != nil {
		get(editorImport, s.ofEditors(s.signedIn(access.Import, s.upload)))
		e.POST(editorImport, s.ofEditors(s.signedIn(access.Import, s.uploaded)))
	}
}

// ofEditors is what every page of the editors has: no cache keeps it, no page of
// another site sends its forms, and without a Writer there is none.
func (s *server) ofEditors(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.writer == nil {
			return echo.ErrNotFound
		}
		c.Response().Before(func() { c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store") })
		if err := crossOrigin.Check(c.Request()); err != nil {
			return errForged
		}
		return h(c)
	}
}

// forEditors tells whether an address is that of a page of the editors.
func forEditors(path string) bool {
	return path == editorPath || strings.HasPrefix(path, editorPath+"/")
}

// cookie returns the value of a cookie, empty where there is none.
func cookie(c echo.Context, name string) string {
	if k, err := c.Cookie(name); err == nil {
		return k.Value
	}
	return ""
}

// setCookie lets the browser keep a secret where no script sees it and from where
// no other site has it sent; an empty one is forgotten.
func (s *server) setCookie(c echo.Context, name, secret string) {
	k := &http.Cookie{Name: name, Value: secret, Path: editorPath, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: strings.HasPrefix(s.origin(c), "https://"), MaxAge: int(access.SessionLife.Seconds())}
	if secret == "" {
		k.MaxAge = -1
	}
	c.SetCookie(k)
}

// session returns the token of whoever is signed in, and its secret; false where
// nobody is.
func (s *server) session(c echo.Context) (access.Token, string, bool, error) {
	secret := cookie(c, sessionCookie)
	if secret == "" {
		return access.Token{}, "", false, nil
	}
	token, err := s.writer.Session(c.Request().Context(), secret)
	if errors.Is(err, access.ErrDenied) {
		return access.Token{}, "", false, nil
	}
	return token, secret, err == nil, err
}

// signedIn lets those in whose token has the scope, and leads all others to the
// desk. A form has to bring back the token that it was sent with; it is read for
// nobody else.
func (s *server) signedIn(scope access.Scope, h func(c echo.Context, e pages.Editor) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, secret, in, err := s.session(c)
		if err != nil {
			return err
		}
		if !in || !token.May(scope) {
			return c.Redirect(http.StatusSeeOther, editorPath)
		}
		c.Set(tokenKey, token)
		if c.Request().Method == http.MethodPost {
			if err := s.readForm(c); err != nil {
				return err
			}
			if !access.IsFormToken(secret, c.Request().PostForm.Get("form")) {
				return s.refuse(c, errForged)
			}
		}
		return h(c, pages.Editor{Who: token.Name, Form: access.FormToken(secret)})
	}
}

// desk answers GET /editor.
func (s *server) desk(c echo.Context) error {
	token, secret, in, err := s.session(c)
	if err != nil {
		return err
	}
	if !in {
		return s.showSignIn(c, http.StatusOK, "")
	}
	d := pages.Desk{Editor: pages.Editor{Who: token.Name, Form: access.FormToken(secret)}, MayEdit: token.May(access.Edit),
		MayImport: s.importer != nil && token.May(access.Import)}
	status := http.StatusOK
	switch symbol := strings.TrimSpace(c.QueryParam("symbol")); {
	case symbol != "":
		id, err := votes.ParseID(symbol)
		if err == nil {
			return c.Redirect(http.StatusSeeOther, editorVotes+url.PathEscape(id))
		}
		status, d.Faults = http.StatusBadRequest, votes.Faults{{Parameter: "symbol", Value: symbol, Message: "it is not a symbol"}}
	case c.QueryParam("made") != "":
		if n, err := strconv.ParseInt(c.QueryParam("made"), 10, 64); err == nil {
			d.Said = fmt.Sprintf("Edit %d was made.", n)
		}
	}
	ctx := c.Request().Context()
	page, err := s.reader.Edits(ctx, votes.EditFilter{}, decidedLast, 0)
	if err != nil {
		return err
	}
	d.Edits = page.Data
	body, err := s.pages.ShowDesk(ctx, c, d)
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

// showSignIn shows the form to sign in, which has a secret of its own: there is
// no session yet.
func (s *server) showSignIn(c echo.Context, status int, fault string) error {
	secret := cookie(c, signInCookie)
	if secret == "" {
		secret = access.NewSession()
		s.setCookie(c, signInCookie, secret)
	}
	body, err := s.pages.ShowDesk(c.Request().Context(), c, pages.Desk{Editor: pages.Editor{Form: access.FormToken(secret), Fault: fault}})
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

// signIn answers POST /editor/sign-in.
func (s *server) signIn(c echo.Context) error {
	form := c.Request().PostForm
	if !access.IsFormToken(cookie(c, signInCookie), form.Get("form")) {
		return errForged
	}
	credential, err := access.Parse(strings.TrimSpace(form.Get("token")))
	secret := access.NewSession()
	if err == nil {
		_, err = s.writer.SignIn(c.Request().Context(), s.callOf(c), credential, secret)
	}
	if errors.Is(err, access.ErrDenied) {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge{code: "invalid_token", detail: err.Error()}.header())
		return s.showSignIn(c, http.StatusUnauthorized, "Nobody was signed in: "+err.Error()+".")
	}
	if err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, secret)
	s.setCookie(c, signInCookie, "")
	return c.Redirect(http.StatusSeeOther, editorPath)
}

// signOut answers POST /editor/sign-out.
func (s *server) signOut(c echo.Context) error {
	secret := cookie(c, sessionCookie)
	if !access.IsFormToken(secret, c.Request().PostForm.Get("form")) {
		return errForged
	}
	if err := s.writer.SignOut(c.Request().Context(), secret); err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, "")
	return c.Redirect(http.StatusSeeOther, editorPath)
}

// work answers GET /editor/resolutions/{id}: the forms by which it is edited, the
// first of them filled in as the address says.
func (s *server) work(c echo.Context, e pages.Editor) error {
	q := c.QueryParams()
	return s.showWork(c, e, http.StatusOK, pages.Work{Draft: pages.EditDraft{Field: q.Get("field"), Of: q.Get("of"), Value: q.Get("value")}})
}

// showWork shows the page with what was filled in.
func (s *server) showWork(c echo.Context, e pages.Editor, status int, w pages.Work) error {
	ctx := c.Request().Context()
	id, err := resolutionID(c)
	if err != nil {
		return err
	}
	r, _, err := s.reader.Resolution(ctx, id)
	if errors.Is(err, votes.ErrNotFound) {
		return s.pages.Missing(ctx, id)
	}
	if err != nil {
		return err
	}
	if r.ID != id && c.Request().Method != http.MethodPost {
		return c.Redirect(http.StatusSeeOther, strings.TrimSuffix(editorVotes+url.PathEscape(r.ID)+"?"+c.QueryString(), "?"))
	}
	made, err := s.reader.Edits(ctx, votes.EditFilter{ID: r.ID}, votes.MaxLimit, 0)
	if err != nil {
		return err
	}
	w.Editor, w.ID, w.Name, w.Title, w.Revision = e, r.ID, r.ID, string(cmp.Or(r.Title, r.AgendaItem)), r.Revision
	w.Edits, w.Discrepancies = made.Data, r.Discrepancies
	w.Fields, w.Kinds = pages.EditorFields(w.Draft.Field), pages.StatementKinds(w.Statement.Kind)
	body, err := s.pages.ShowWork(ctx, c, w)
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

// worked answers POST /editor/resolutions/{id}: what an edit would change, or,
// when that was seen, the edit made.
func (s *server) worked(c echo.Context, e pages.Editor) error {
	id, err := resolutionID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	w, err := draftOf(form)
	if err != nil {
		return err
	}
	edit, err := s.editOf(c.Request().Context(), id, w.Draft)
	if err != nil {
		return s.showFault(c, e, w, err)
	}
	if form.Get("do") == "make" {
		number, err := s.makeDraft(c, id, edit, form)
		if err == nil {
			return c.Redirect(http.StatusSeeOther, editorPath+"?made="+number)
		}
		return s.showFault(c, e, w, s.refuse(c, err))
	}
	made, err := s.tryDraft(c.Request().Context(), s.callOf(c), edit)
	if err != nil {
		return s.showFault(c, e, w, err)
	}
	if w.Preview, err = pages.PreviewOf(made, rand.Text()); err != nil {
		return err
	}
	return s.showWork(c, e, http.StatusOK, w)
}

// editOf is the edit that a draft on the page of a vote means. One that takes an
// edit back has the id of that, which may be of a vote that was joined to this one.
func (s *server) editOf(ctx context.Context, id string, d pages.EditDraft) (votes.Edit, error) {
	edit := d.Edit(id)
	number, err := strconv.ParseInt(d.Value, 10, 64)
	if d.Field != votes.EditUndo || err != nil { // the number is told with all else that is wrong
		return edit, nil
	}
	made, _, err := s.reader.MadeEdit(ctx, number)
	if errors.Is(err, votes.ErrNotFound) {
		return edit, votes.Faults{{Parameter: votes.EditUndo, Value: d.Value, Message: "there is no such edit"}}
	}
	edit.ID = made.ID
	return edit, err
}

// showFault shows the page once more, with what is wrong; what is not for the
// caller to mend stays an error.
func (s *server) showFault(c echo.Context, e pages.Editor, w pages.Work, why error) error {
	p, known := problemOf(why)
	if !known || p.Status >= http.StatusInternalServerError || p.Status == http.StatusNotFound {
		return why
	}
	if e.Faults = p.Errors; len(e.Faults) == 0 {
		e.Fault = p.Detail
	}
	return s.showWork(c, e, p.Status, w)
}

// draftOf reads the form of an edit, or that of a statement, which makes one.
func draftOf(form url.Values) (pages.Work, error) {
	field := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	w := pages.Work{Draft: pages.EditDraft{Field: field("field"), Of: field("of"), Value: field("value"), Reason: field("reason"), Reference: field("reference")}}
	if w.Draft.Field != votes.EditStatement || w.Draft.Value != "" {
		return w, nil
	}
	w.Statement = pages.StatementDraft{Speaker: field("speaker"), For: field("for"), Kind: field("kind"), Date: field("date"), Text: field("text"), Source: field("source")}
	value, err := json.Marshal(votes.Statement{Speaker: w.Statement.Speaker, For: votes.Code(strings.ToUpper(w.Statement.For)), Kind: w.Statement.Kind,
		Date: votes.Date(w.Statement.Date), Text: w.Statement.Text, Source: w.Statement.Source})
	w.Draft.Value, w.Draft.Reference = string(value), w.Statement.Source
	return w, err
}

// tryDraft tells what a draft would make of the record.
func (s *server) tryDraft(ctx context.Context, call access.Call, edit votes.Edit) (made votes.Edited, err error) {
	want, err := single(edit)
	if err != nil {
		return made, err
	}
	_, err = s.writer.Change(ctx, call, func(ctx context.Context, ch Changes) (access.Reply, error) {
		var err error
		if made, err = ch.Edit(ctx, want.edits); err != nil {
			return access.Reply{}, err
		}
		return access.Reply{}, ch.TakeBack(ctx)
	})
	return made, err
}

// makeDraft makes the edit that was seen in a preview, once for each preview, and
// returns its number.
func (s *server) makeDraft(c echo.Context, id string, edit votes.Edit, form url.Values) (string, error) {
	want, err := single(edit)
	if err != nil {
		return "", err
	}
	want.of = id
	key, ok := parseKey(form.Get("key"))
	if !ok {
		return "", errForged
	}
	asked, err := encode([]any{id, form.Get("revision"), want.edits})
	if err != nil {
		return "", err
	}
	call := s.callOf(c)
	call.Key, call.Fingerprint = key, sha256.Sum256(asked)
	want.when = precondition{[]string{`"` + form.Get("revision") + `"`}}
	reply, err := s.writer.Change(c.Request().Context(), call, func(ctx context.Context, ch Changes) (access.Reply, error) {
		if err := s.checkBefore(ctx, c, ch, want); err != nil {
			return access.Reply{}, err
		}
		made, err := ch.Edit(ctx, want.edits)
		if err != nil {
			return access.Reply{}, err
		}
		return access.Reply{Status: http.StatusSeeOther, Body: strconv.AppendInt(nil, made.Edits[0].Number, 10)}, nil
	})
	return string(reply.Body), err
}
