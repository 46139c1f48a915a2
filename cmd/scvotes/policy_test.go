package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// hearViolations notes what a page does against its policy, from its first
// element on. The browser puts it there, whom no policy binds.
const hearViolations = `
	window.violations = [];
	document.addEventListener("securitypolicyviolation", e => violations.push(e.effectiveDirective + " " + (e.blockedURI || e.sample)));`

func listenForViolations(t *testing.T, tab context.Context) {
	t.Helper()
	do(t, tab, command(page.Enable, page.EnableParams{}),
		command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hearViolations}))
}

// checkPolicy tells what the page that is open did against its policy.
func checkPolicy(t *testing.T, tab context.Context, name string) {
	t.Helper()
	for _, v := range ask(t, tab, chromedp.Evaluate[[]string](`violations`)) {
		t.Errorf("%s: %s", name, v)
	}
	styled := ask(t, tab, chromedp.Evaluate[int](`[...document.querySelectorAll("[style]")].length + [...document.scripts].filter(s => s.type !== "application/ld+json").length`))
	if styled > 0 {
		t.Errorf("%s: %d style attributes and scripts", name, styled)
	}
}

// TestPagesKeepToTheirPolicy opens every page, and every picture as a page of its
// own, and hears of no violation: nothing is made by a style or a script that the
// policy would have to let through for it.
func TestPagesKeepToTheirPolicy(t *testing.T) {
	server := serveStarter(t)
	tab, _ := newTab(t)
	listenForViolations(t, tab)
	pictures := []string{"/v1/charts/vetoes.svg", "/v1/charts/agreement.svg?members=P5", "/v1/charts/timeline.svg", "/v1/resolutions/S-2024-835/council.svg"}
	for _, address := range slices.Concat(shownPages, pictures) {
		root := "main"
		if strings.Contains(address, ".svg") {
			root = "svg"
		}
		do(t, tab, chromedp.Navigate(server+address), chromedp.WaitReady(chromedp.CSS(root)))
		checkPolicy(t, tab, address)
	}
	// What is heard when there is something to hear.
	do(t, tab, chromedp.Navigate(server+"/"), chromedp.WaitReady(chromedp.CSS("main")))
	heard := ask(t, tab, chromedp.Evaluate[[]string](`new Promise(done => {
		document.addEventListener("securitypolicyviolation", () => { if (new Set(violations.map(v => v.split(" ")[0])).size > 2) done(violations.sort()) });
		document.body.insertAdjacentHTML("beforeend", '<p style="color:red">x</p><img src="http://127.0.0.1:1/x.png"><p onclick="x()">x</p>');
	})`, chromedp.EvalAwaitPromise))
	if got := strings.Join(heard, ", "); !strings.Contains(got, "style-src-attr") || !strings.Contains(got, "img-src") || !strings.Contains(got, "script-src-attr") {
		t.Errorf("heard %q of a style, a picture from elsewhere and a script", got)
	}
	// A picture of its own has the colours of its sheet, dark where the reader wants
	// it: the policy names the right one.
	colours := make(map[string]bool)
	for _, scheme := range []string{"light", "dark"} {
		do(t, tab, prefer(scheme), chromedp.Navigate(server+pictures[0]), chromedp.WaitReady(chromedp.CSS("svg")))
		colours[ask(t, tab, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("rect.f-paper")).fill`))] = true
	}
	if len(colours) != 2 {
		t.Errorf("light and dark are both %v", colours)
	}
}
