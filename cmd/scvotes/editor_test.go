package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTheEditorsPagesInABrowser signs in, edits a vote, takes it back and takes a
// file in, as a person does it, narrow and dark, wide and light; every page is held
// against axe-core, html-validate and its policy.
func TestTheEditorsPagesInABrowser(t *testing.T) {
	axe := readChecker(t, "node_modules/axe-core/axe.min.js")
	d := newDesk(t)
	e := &editorsTab{desk: d, axe: axe, html: t.TempDir()}
	for _, look := range []struct {
		name          string
		width, height int64
		scheme        string
		joined, file  string
	}{{"narrow-dark", 320, 800, "dark", "6", anAdoptedVote}, {"wide-light", 1280, 900, "light", "5", gazaVote}} {
		t.Run(look.name, func(t *testing.T) {
			e.tab, e.seen = newTab(t)
			e.look, e.width, e.joined = look.name, look.width, look.joined
			do(t, e.tab, chromedp.EmulateViewport(look.width, look.height), prefer(look.scheme))
			listenForViolations(t, e.tab)
			e.day(t)
			e.takeIn(t, look.file)
		})
	}
	if r := cli(t, "--database-url", d.db, "audit"); strings.Count(r.stdout, "POST /editor/resolutions/{id}") != 6 || strings.Count(r.stdout, "POST /editor/sign-in") != 4 {
		t.Errorf("%s", r.stdout)
	}
	if r := cli(t, "--database-url", d.db, "verify"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	validateHTML(t, e.html)
}

// editorsTab is a tab at the editors' pages.
type editorsTab struct {
	*desk
	tab    context.Context
	seen   *traffic
	axe    string
	html   string // the folder of the pages as they came
	look   string
	joined string // the number of an edit that joins two votes
	width  int64
}

// day is what an editor does, by forms and links alone.
func (e *editorsTab) day(t *testing.T) {
	const preview, makeIt = `form.filter button[value="preview"]`, `button[value="make"]`
	e.seen.reset()
	do(t, e.tab, chromedp.Navigate(e.url+"/editor"), chromedp.WaitReady(chromedp.CSS("main")))
	e.check(t, "sign-in")
	e.load(t, chromedp.SendKeys(chromedp.CSS("#token"), e.token+kb.Enter))
	e.check(t, "desk")
	e.load(t, chromedp.SendKeys(chromedp.CSS("#symbol"), "S/2024/835"+kb.Enter))
	e.fill(t, "position", "CHE", "no")
	e.load(t, chromedp.Click(chromedp.CSS(preview)))
	e.check(t, "preview")
	e.load(t, chromedp.Click(chromedp.CSS(makeIt)))
	e.check(t, "made")
	e.load(t, chromedp.Click(chromedp.CSS(`a[href*="field=undo"]`)))
	e.fill(t, "", "", "")
	e.load(t, chromedp.Click(chromedp.CSS(preview)))
	e.load(t, chromedp.Click(chromedp.CSS(makeIt)))
	e.load(t, chromedp.Click(chromedp.CSS(`a[href$="field=undo&value=`+e.joined+`"]`))) // of a vote that was joined to another
	e.fill(t, "", "", "")
	e.load(t, chromedp.Click(chromedp.CSS(preview)))
	e.check(t, "parted")
	e.load(t, chromedp.Click(chromedp.CSS(makeIt)))
	do(t, e.tab, chromedp.Navigate(e.url+"/editor/resolutions/S-2024-835"), chromedp.WaitReady(chromedp.CSS("main")))
	e.fill(t, "tally", "", "most")
	e.load(t, chromedp.Click(chromedp.CSS(preview)))
	e.check(t, "fault")
	e.load(t, chromedp.Click(chromedp.CSS(`form[action="/editor/sign-out"] button`)))
	e.seen.check(t, e.url, "/editor")
}

// takeIn signs in and has a file taken in, by keyboard where there is a key for it.
func (e *editorsTab) takeIn(t *testing.T, content string) {
	t.Helper()
	e.seen.reset()
	e.load(t, chromedp.SendKeys(chromedp.CSS("#token"), e.token+kb.Enter))
	e.press(t, "Take a file in")
	e.check(t, "file")
	try := func(content string) {
		do(t, e.tab, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{write(t, "votes-"+e.look+".csv", content)}))
		e.press(t, "See what would change")
	}
	try(strings.ReplaceAll(content, "20", "02"))
	e.check(t, "file-refused")
	try(content)
	e.check(t, "file-tried")
	e.press(t, "Land this file")
	e.check(t, "file-landed")
	if text := ask(t, e.tab, chromedp.Evaluate[string](`document.querySelector("[role=status]").textContent`)); !strings.Contains(text, "landed as import") {
		t.Errorf("the page says %q", text)
	}
	e.load(t, chromedp.Click(chromedp.CSS(`form[action="/editor/sign-out"] button`)))
	e.seen.check(t, e.url, "/editor/import")
}

// press goes to a link or button by the tab key, and presses Enter on it.
func (e *editorsTab) press(t *testing.T, text string) {
	t.Helper()
	for range 100 {
		do(t, e.tab, chromedp.KeyEvent(kb.Tab))
		if ask(t, e.tab, chromedp.Evaluate[string](`document.activeElement.textContent`)) == text {
			e.load(t, chromedp.KeyEvent(kb.Enter))
			return
		}
	}
	t.Fatalf("the tab key does not lead to %q", text)
}

// load takes a step that leads to another page, and waits for it.
func (e *editorsTab) load(t *testing.T, step chromedp.Action[chromedp.Void]) {
	t.Helper()
	ask(t, e.tab, chromedp.WaitEvent(page.LoadEventFired, nil, step))
}

// fill fills in the form of an edit; what is empty stays as it is.
func (e *editorsTab) fill(t *testing.T, field, of, value string) {
	t.Helper()
	for id, text := range map[string]string{"field": field, "of": of, "value": value, "reason": "to be seen", "reference": "S/PV.9790"} {
		if text == "" {
			continue
		}
		if got := ask(t, e.tab, chromedp.Evaluate[string](fmt.Sprintf(`(i => { i.value = %q; return i.value })(document.getElementById(%q))`, text, id))); got != text {
			t.Errorf("%s is %q, not %q", id, got, text)
		}
	}
}

// check holds the page that is open against axe-core, its window and its policy, and
// keeps it as it came, and its picture where those are wanted.
func (e *editorsTab) check(t *testing.T, name string) {
	t.Helper()
	checkAccess(t, e.tab, e.axe, name, e.width)
	checkPolicy(t, e.tab, name)
	html := e.seen.document(t, e.tab)
	if strings.Contains(string(html), e.token[20:]) {
		t.Errorf("%s: the token is in the page", name)
	}
	if err := os.WriteFile(filepath.Join(e.html, name+"-"+e.look+".html"), html, 0o644); err != nil {
		t.Fatal(err)
	}
	if *screenshots != "" {
		keepPicture(t, "editor-"+name+"-"+e.look, ask(t, e.tab, chromedp.FullScreenshot(100)))
	}
}
