package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestAReaderFindsTheVote goes the way of a reader: the first page, a search, a
// filter, the vote. It does so with scripts and without: nothing hangs on them.
func TestAReaderFindsTheVote(t *testing.T) {
	server := serveStarter(t)
	for _, scripts := range []bool{true, false} {
		tab, _ := newTab(t)
		do(t, tab, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts}),
			chromedp.Navigate(server+"/"),
			chromedp.SendKeys(chromedp.CSS(`#q`), "ceasefire Gaza"+kb.Enter),
			chromedp.WaitVisible(chromedp.CSS(`form.filter`)),
			chromedp.SetValue(chromedp.CSS(`#outcome`), "vetoed"),
			chromedp.Click(chromedp.CSS(`form.filter button`)),
			chromedp.WaitReady(chromedp.CSS(`option[value=vetoed][selected]`)),
			chromedp.WaitVisible(chromedp.CSS(`a[href="/resolutions/S-2024-835"]`)))
		count := ask(t, tab, chromedp.Text(chromedp.CSS(`[role=status]`)))
		do(t, tab, chromedp.Click(chromedp.CSS(`a[href="/resolutions/S-2024-835"]`)), chromedp.WaitVisible(chromedp.CSS(`.verdict`)))
		title, verdict := ask(t, tab, chromedp.Title()), ask(t, tab, chromedp.Text(chromedp.CSS(`.verdict`)))
		if title != "S/2024/835: Vetoed · scvotes" {
			t.Errorf("scripts %v: title %q", scripts, title)
		}
		if want := "14 in favour, 9 needed: carried, but for the negative vote of the United States, a permanent member."; verdict != want {
			t.Errorf("scripts %v: verdict %q", scripts, verdict)
		}
		if !strings.HasSuffix(count, "votes") && count != "1 vote" {
			t.Errorf("scripts %v: found %q", scripts, count)
		}
	}
}

// TestTheHorseshoeCanBeHeard reads the table of the Council as a screen reader does.
func TestTheHorseshoeCanBeHeard(t *testing.T) {
	server := serveStarter(t)
	tab, _ := newTab(t)
	do(t, tab, chromedp.Navigate(server+"/resolutions/S-2024-835"), chromedp.WaitVisible(chromedp.CSS("h1")))
	tree := ask(t, tab, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	var heard []string
	for _, n := range tree.Nodes {
		if n.Role != nil && n.Name != nil {
			heard = append(heard, textOf(n.Role)+": "+textOf(n.Name)+" "+textOf(n.Description))
		}
	}
	for _, want := range []string{"14 in favour", "1 against", "United States", "veto"} {
		if !slices.ContainsFunc(heard, func(s string) bool {
			return (strings.HasPrefix(s, "image: ") || strings.HasPrefix(s, "img: ") || strings.HasPrefix(s, "graphics-document: ")) && strings.Contains(s, want)
		}) {
			t.Errorf("no picture tells %q: %q", want, heard)
		}
	}
}

// TestTheKeyboardIsEnough follows the links of a page by Tab and Enter alone.
func TestTheKeyboardIsEnough(t *testing.T) {
	server := serveStarter(t)
	tab, _ := newTab(t)
	do(t, tab, chromedp.Navigate(server+"/"), chromedp.KeyEvent(kb.Tab))
	focused := ask(t, tab, chromedp.Evaluate[string](`document.activeElement.textContent`))
	if focused != "Skip to the content" {
		t.Errorf("the first stop is %q", focused)
	}
	for range 60 {
		do(t, tab, chromedp.KeyEvent(kb.Tab))
		focused = ask(t, tab, chromedp.Evaluate[string](`document.activeElement.getAttribute('href') || ''`))
		if strings.HasPrefix(focused, "/resolutions/S-") {
			break
		}
	}
	outline := ask(t, tab, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`))
	do(t, tab, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".verdict")))
	where := ask(t, tab, chromedp.Location())
	if where != server+focused {
		t.Errorf("Enter on %s leads to %s", focused, where)
	}
	if outline == "none" {
		t.Error("the focus cannot be seen")
	}
}

// TestAnAgreementCellOpensItsVotes follows a cell of the heat map.
func TestAnAgreementCellOpensItsVotes(t *testing.T) {
	server := serveStarter(t)
	tab, _ := newTab(t)
	do(t, tab, chromedp.Navigate(server+"/agreement"))
	ask(t, tab, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(`svg a[href*="/agreement/"]`))))
	where, heading := ask(t, tab, chromedp.Location()), ask(t, tab, chromedp.Text(chromedp.CSS("h1")))
	if !strings.HasPrefix(where, server+"/agreement/") || heading == "" {
		t.Errorf("the cell leads to %s, %q", where, heading)
	}
}

// TestBothThemesDiffer looks at the ground of the page in both.
func TestBothThemesDiffer(t *testing.T) {
	server := serveStarter(t)
	tab, _ := newTab(t)
	ground := func(scheme string) string {
		do(t, tab, prefer(scheme), chromedp.Navigate(server+"/"))
		return ask(t, tab, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
	}
	if light, dark := ground("light"), ground("dark"); light == dark {
		t.Errorf("both are %s", light)
	}
}

func textOf(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}
