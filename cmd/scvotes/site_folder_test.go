package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
	"scvotes/votes/source"
)

// sums are the files of a site by address, and what is in them.
func (m *siteManifest) sums() map[string]string {
	list := make(map[string]string)
	for _, f := range m.Files {
		list[f.Address] = f.SHA256
	}
	return list
}

// An import that lands while the site is written is in none of its files.
func TestSiteIsOfOneMoment(t *testing.T) {
	t.Parallel()
	s := small(t)
	_, before := exported(t, s, siteOptions{})
	_, during := exported(t, s, siteOptions{now: func() time.Time { // asked once, when the record is held
		in, err := openInput(write(t, "more.csv", ownHeader+strings.ReplaceAll(vetoed, "835", "836")))
		if err == nil {
			_, err = importInput(t.Context(), s, in, store.ImportOptions{}, source.Options{Source: "B"})
		}
		if err != nil {
			t.Error(err)
		}
		return siteTime
	}})
	if diff := cmp.Diff(before.sums(), during.sums()); diff != "" || during.Revision.Number != before.Revision.Number {
		t.Errorf("with an import on the way (-before +during):\n%s", diff)
	}
	if now, err := s.Revision(t.Context()); err != nil || now.Number != before.Revision.Number+1 {
		t.Errorf("%v: the import is not seen later either: the test tells nothing", err)
	}
}

// Workers read one revision, or begin anew.
func TestMomentsAreOfOneRevision(t *testing.T) {
	t.Parallel()
	s := small(t)
	other := &moment{revision: votes.Revision{Number: 99}}
	err := holdMoments(t.Context(), s, 2, []*moment{other}, func([]*moment) error { return errors.New("two revisions were read as one") })
	if !errors.Is(err, errOtherMoment) {
		t.Errorf("after an import between two moments: %v", err)
	}
	tries := 0
	err = atMoments(t.Context(), s, 3, func(held []*moment) error {
		if tries++; len(held) != 3 || held[0].revision != held[2].revision {
			t.Errorf("%d moments", len(held))
		}
		if tries < 3 {
			return errOtherMoment
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Errorf("%v after %d tries", err, tries)
	}
	if err = atMoments(t.Context(), s, 1, func([]*moment) error { tries++; return errOtherMoment }); !errors.Is(err, errOtherMoment) || tries != 13 {
		t.Errorf("%v after %d tries: it is given up at some time", err, tries-3)
	}
}

// A folder is replaced whole, and only where an export alone has written to it.
func TestSiteReplacesAnEarlierOne(t *testing.T) {
	t.Parallel()
	s := small(t)
	base := t.TempDir()
	dir := filepath.Join(base, "site")
	page := earlierSite(t, dir)
	if err := mayReplace(t.TempDir()); err != nil {
		t.Errorf("an empty folder is refused: %v", err)
	}
	link := filepath.Join(base, "current")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	exported(t, s, siteOptions{dir: link})
	if read(t, page) == "old" {
		t.Error("the page is that of the export before")
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link to the folder was replaced by a folder")
	}
	onlyThese(t, base, "current", "site")

	fails := func(dir, want string) {
		t.Helper()
		err := exportSite(t.Context(), s, siteOptions{dir: dir, publicURL: siteURL, stderr: io.Discard, now: time.Now}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != exitFailed {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
	own := filepath.Join(dir, "CNAME")
	if err := os.WriteFile(own, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fails(dir, own+" is no file of the earlier export, and would be lost")
	other := filepath.Dir(write(t, "thesis.txt", "years of work"))
	fails(other, "is not empty and no earlier export (no such file or directory): name another folder, or empty it")
	fails(write(t, "file", ""), "not a directory")
	fails(filepath.Join(base, "none", "site"), "no such file or directory")
	if read(t, filepath.Join(other, "thesis.txt")) != "years of work" {
		t.Error("a folder was emptied that was refused")
	}
}

// earlierSite makes a site of one page, and returns that.
func earlierSite(t *testing.T, dir string) string {
	t.Helper()
	page := filepath.Join(dir, "about", "index.html")
	if err := os.MkdirAll(filepath.Dir(page), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	m := newSiteManifest(siteURL, votes.Revision{}, siteTime)
	m.add("/about", siteFile{Address: "/about", File: "about/index.html"})
	if err := m.write(filepath.Join(dir, manifestName)); err != nil {
		t.Fatal(err)
	}
	return page
}

func onlyThese(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("%v: there are %v, want %v", err, names, want)
	}
}

// An export that fails leaves the folder as it was, and nothing beside it.
func TestSiteIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := small(t)
	base := t.TempDir()
	dir := filepath.Join(base, "site")
	page := earlierSite(t, dir)
	for what, fault := range map[string]func(staging string) error{
		// The names are those of the pages that are written last and first.
		"a file in the way":   func(staging string) error { return os.Mkdir(filepath.Join(staging, "sitemap.xml"), 0o755) },
		"a folder in the way": func(staging string) error { return os.WriteFile(filepath.Join(staging, "v1"), nil, 0o644) },
	} {
		err := exportSite(t.Context(), s, siteOptions{dir: dir, publicURL: siteURL, stderr: io.Discard, now: func() time.Time {
			staged, err := filepath.Glob(filepath.Join(base, ".site-*"))
			if err == nil && len(staged) == 1 {
				err = fault(staged[0])
			}
			if err != nil {
				t.Error(err)
			}
			return siteTime
		}}, io.Discard)
		if err == nil {
			t.Errorf("%s: it was overlooked", what)
		}
		onlyThese(t, base, "site")
		if read(t, page) != "old" {
			t.Errorf("%s: the site that was there is another", what)
		}
	}
}

func TestSiteCommandLine(t *testing.T) {
	t.Setenv("SCVOTES_PUBLIC_URL", "")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--site", "x"}, "--site needs --public-url (or SCVOTES_PUBLIC_URL): feeds, citations and pages hold absolute addresses"},
		{[]string{"--site", "x", "--public-url", "votes.example.org"}, `--public-url "votes.example.org": it is an address as https://votes.example.org`},
		{[]string{"--site", "x", "--public-url", "https://example.org/votes"}, `--public-url "https://example.org/votes": a site has a host of its own, and its address nothing behind that`},
		{[]string{"--site", "x", "--public-url", "https://a:b@example.org"}, `--public-url "https://a:b@example.org": it is an address as https://votes.example.org`},
		{[]string{"--site", "", "--public-url", siteURL}, "--site needs the name of a folder"},
		{[]string{"--site", "x", "--format", "csv"}, "--format and --site do not go together: a site has every format"},
		{[]string{"--site", "x", "-o", "y"}, "--output and --site do not go together: a site has every format"},
		{[]string{"--pictures=false"}, "--pictures is for --site"},
		{[]string{"--public-url", siteURL}, "--public-url is for --site"},
	} {
		got := cli(t, append([]string{"export"}, c.args...)...)
		if got.code != exitUsage || got.stderr != "scvotes: "+c.want+"\n" {
			t.Errorf("%q: exit code %d, %s", c.args, got.code, got.stderr)
		}
	}
	dir := filepath.Join(t.TempDir(), "site")
	t.Setenv("SCVOTES_PUBLIC_URL", siteURL+"/")
	db := databaseOf(t, ownHeader+vetoed)
	got := cli(t, "export", "--database-url", db, "--site", dir, "--pictures=false")
	if got.code != 0 || !strings.HasPrefix(got.stdout, dir+": "+siteURL+" at revision 1\n  files:     ") || got.stderr != "writing "+dir+"\n" {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if robots := read(t, filepath.Join(dir, "robots.txt")); !strings.Contains(robots, siteURL+"/sitemap.xml\n") {
		t.Errorf("robots.txt:\n%s", robots)
	}
}
