package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "the folder to write a picture of each page to")

// tallest is the height of a page that fits one picture; of a taller one the
// beginning is shown.
const tallest = 12_000

// TestScreenshots takes a picture of every page, narrow and wide, light and
// dark, for people to look at: make screenshots.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is named with -screenshots")
	}
	server := serveStarter(t)
	tab, _ := newTab(t)
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			do(t, tab, chromedp.EmulateViewport(width, 900), prefer(scheme))
			for _, page := range shownPages {
				do(t, tab, chromedp.Navigate(server+page), chromedp.WaitReady(chromedp.CSS("main")))
				name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(page), "-")
				if name == "" {
					name = "home"
				}
				shot := chromedp.FullScreenshot(100)
				if ask(t, tab, chromedp.Evaluate[int](`document.documentElement.scrollHeight`)) > tallest {
					shot = chromedp.CaptureScreenshot()
				}
				keepPicture(t, fmt.Sprintf("%s-%d-%s", name, width, scheme), ask(t, tab, shot))
			}
		}
	}
}

func keepPicture(t *testing.T, name string, picture []byte) {
	t.Helper()
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
