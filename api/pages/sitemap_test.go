package pages

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

func TestSitemap(t *testing.T) {
	rec, err := sampleGet(t, newSample(t), "/sitemap.xml")
	if err != nil {
		t.Fatal(err)
	}
	var got urlSet
	if err := xml.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var sections []string
	for _, p := range got.Pages[:len(nav)+1] {
		sections = append(sections, strings.TrimPrefix(p.Loc, sampleOrigin))
	}
	if diff := cmp.Diff([]string{"/", "/resolutions", "/vetoes", "/members", "/agreement", "/council", "/what-if", "/data", "/about", "/docs"}, sections); diff != "" {
		t.Error(diff)
	}
	want := []mapAddress{
		{sampleOrigin + "/resolutions/S-2024-835", "2026-11-18T10:00:00Z"}, // of the first import
		{sampleOrigin + "/resolutions/S-RES-2623-2022", "2026-11-20T10:00:00Z"},
		{sampleOrigin + "/resolutions/S-2014-916", ""}, // of an edit
	}
	if diff := cmp.Diff(want, got.Pages[len(nav)+1:]); diff != "" {
		t.Error(diff)
	}
}

// A file may hold 50,000 addresses; more votes are shared out by year.
func TestSitemapOfALargeRecord(t *testing.T) {
	r := newSample(t)
	r.total = 50_000
	rec, err := sampleGet(t, r, "/sitemap.xml")
	if err != nil {
		t.Fatal(err)
	}
	var index mapIndex
	if err := xml.Unmarshal(rec.Body.Bytes(), &index); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range index.Maps {
		rec, err := sampleGet(t, r, strings.TrimPrefix(m.Loc, sampleOrigin))
		if err != nil {
			t.Fatalf("%s: %v", m.Loc, err)
		}
		var part urlSet
		if err := xml.Unmarshal(rec.Body.Bytes(), &part); err != nil {
			t.Fatalf("%s: %v", m.Loc, err)
		}
		for _, p := range part.Pages {
			listed = append(listed, strings.TrimPrefix(p.Loc, sampleOrigin+votesPath))
		}
	}
	if diff := cmp.Diff([]string{"S-2024-835", "S-RES-2623-2022", "S-2014-916"}, listed); diff != "" {
		t.Error(diff)
	}
}

func TestSitemapOfAYear(t *testing.T) {
	for query, want := range map[string]error{"2024": nil, "1999": votes.ErrNotFound, "soon": votes.ErrInvalid, "2022,2024": votes.ErrInvalid} {
		if _, err := sampleGet(t, newSample(t), "/sitemap.xml?year="+query); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", query, err, want)
		}
	}
}

func TestRobots(t *testing.T) {
	rec, err := sampleGet(t, newSample(t), "/robots.txt")
	if err != nil || !strings.Contains(rec.Body.String(), "\nSitemap: https://votes.example.org/sitemap.xml\n") {
		t.Errorf("got %v and %s", err, rec.Body)
	}
}
