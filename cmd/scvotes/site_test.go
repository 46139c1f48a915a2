package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scvotes/api"
	"scvotes/api/conform"
	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes"
	"scvotes/votes/starter"
)

const siteURL = "https://votes.example.org"

// siteTime is the day of the exports of these tests, and not today.
var siteTime = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// exported exports a site as the command does, at siteTime.
func exported(t *testing.T, s *store.Store, opt siteOptions) (string, *siteManifest) {
	t.Helper()
	if opt.dir == "" {
		opt.dir = filepath.Join(t.TempDir(), "site")
	}
	opt.publicURL, opt.stderr = siteURL, io.Discard
	if opt.now == nil {
		opt.now = func() time.Time { return siteTime }
	}
	var told bytes.Buffer
	if err := exportSite(t.Context(), s, opt, &told); err != nil {
		t.Fatal(err)
	}
	m, err := readManifest(filepath.Join(opt.dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("  files:     %d, ", len(m.Files)); !strings.Contains(told.String(), want) {
		t.Errorf("no %q in\n%s", want, &told)
	}
	return opt.dir, m
}

func openStore(t *testing.T, db string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// small is a record of two votes, cheap enough for their pictures.
func small(t *testing.T) *store.Store {
	t.Helper()
	return holding(t, ownHeader+vetoed+adopted)
}

// sample is every twelfth vote of the starter record, with all kinds of votes and
// members enough, and a decision of an editor.
func sample(t *testing.T) *store.Store {
	t.Helper()
	lines, err := csv.NewReader(starter.Resolutions()).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	out := csv.NewWriter(&b)
	for i, line := range lines {
		if i%12 == 0 { // the header too
			_ = out.Write(line) // a Builder takes everything
		}
	}
	out.Flush()
	s := holding(t, b.String())
	first, err := s.Resolutions(t.Context(), votes.Filter{}, votes.PageRequest{Limit: 1})
	if err == nil {
		_, _, err = s.Edit(t.Context(), []votes.Edit{{ID: first.Data[0].ID, Field: "note", Value: "edited", Reason: "r", Reference: "d"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holding is a record that holds one file.
func holding(t *testing.T, csv string) *store.Store {
	t.Helper()
	return openStore(t, databaseOf(t, csv))
}

func databaseOf(t *testing.T, csv string) string {
	t.Helper()
	db := pgtest.New(t)
	if got := cli(t, "import", "--database-url", db, "--quiet", write(t, "votes.csv", csv)); got.code != 0 {
		t.Fatal(got.stdout, got.stderr)
	}
	return db
}

// Every file has the bytes of the server's answer, and every address of the
// server has a file or a reason.
func TestSiteIsWhatTheServerAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		open     func(*testing.T) *store.Store
		pictures bool
		check    func(*testing.T, string, *siteManifest)
	}{
		"a sample": {sample, false, func(t *testing.T, dir string, m *siteManifest) {
			checkEveryRoute(t, dir, m)
			checkLinks(t, dir, m, 0)
			checkPairs(t, m)
			if m.LeftOut < 2*35 || m.names("/v1/resolutions/S-2024-835/card.png") {
				t.Errorf("%d pictures left out", m.LeftOut)
			}
		}},
		"with pictures": {small, true, func(t *testing.T, dir string, m *siteManifest) {
			checkHostFiles(t, dir)
			if m.LeftOut != 0 || !m.names("/v1/resolutions/S-2024-835/card.png") {
				t.Errorf("%d pictures left out", m.LeftOut)
			}
		}},
		"nothing": {func(t *testing.T) *store.Store { return openStore(t, pgtest.New(t)) }, false, func(t *testing.T, _ string, m *siteManifest) {
			if !m.names("/resolutions") || !m.names("/members/FRA") {
				t.Error("the pages without votes are not there")
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.open(t)
			dir, m := exported(t, s, siteOptions{pictures: c.pictures})
			checkSite(t, s, dir, m)
			c.check(t, dir, m)
		})
	}
}

func (m *siteManifest) names(address string) bool {
	return slices.ContainsFunc(m.Files, func(f siteFile) bool { return f.Address == address })
}

// checkSite holds every file and every move against a running server.
func checkSite(t *testing.T, s *store.Store, dir string, m *siteManifest) {
	t.Helper()
	server := httptest.NewServer(api.New(reader{s}, api.Options{Version: versionText(), PublicURL: siteURL, Now: func() time.Time { return siteTime }}))
	defer server.Close()
	for address, why := range m.Dead { // the contract's examples are of votes that this record may not hold
		if !strings.HasPrefix(why, "linked from /docs, ") {
			t.Errorf("dead: %s, %s", address, why)
		}
	}
	eachAtOnce(m.Files, func(f siteFile) {
		if err := f.check(dir, server.URL, m.Headers); err != nil {
			t.Errorf("%s: %v", f.Address, err)
		}
	})
	eachAtOnce(m.Moved, func(move siteMove) {
		status, header, _, err := askPlainly(server.URL + move.Address)
		if err != nil || status != move.Status || header.Get("Location") != move.Location {
			t.Errorf("%s: %v, %d to %q; the site has %d to %q", move.Address, err, status, header.Get("Location"), move.Status, move.Location)
		}
	})
	ours := slices.Clone(m.Others)
	for _, f := range m.Files {
		ours = append(ours, f.File)
	}
	slices.Sort(ours)
	if found := filesIn(t, dir); !slices.Equal(ours, found) {
		t.Errorf("the manifest has %d files, the folder %d", len(ours), len(found))
	}
}

// check compares a file with the answer to its address.
func (f siteFile) check(dir, server string, everywhere map[string]string) error {
	file, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.File)))
	if err != nil {
		return err
	}
	status, header, body, err := askPlainly(server + f.Address)
	sum := sha256.Sum256(body)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("status %d", status)
	case !bytes.Equal(file, body):
		return fmt.Errorf("%d bytes, the server answers with %d others", len(file), len(body))
	case f.Bytes != int64(len(body)) || f.SHA256 != hex.EncodeToString(sum[:]):
		return fmt.Errorf("the manifest says %d bytes, %s", f.Bytes, f.SHA256)
	case header.Get("Content-Type") != f.ContentType || header.Get("ETag") != f.ETag:
		return fmt.Errorf("%s %s; the server says %s %s", f.ContentType, f.ETag, header.Get("Content-Type"), header.Get("ETag"))
	}
	for _, said := range []map[string]string{everywhere, f.Headers} {
		for name, value := range said {
			if header.Get(name) != value {
				return fmt.Errorf("%s %q; the server says %q", name, value, header.Get(name))
			}
		}
	}
	return nil
}

// plainly asks without compression, and goes nowhere else.
var plainly = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func askPlainly(address string) (status int, header http.Header, body []byte, err error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("Origin", "https://dashboard.example")
	res, err := plainly.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, res.Header, body, err
}

// eachAtOnce does something with every item, four at a time.
func eachAtOnce[T any](items []T, do func(T)) {
	queue := make(chan T)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for item := range queue {
				do(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	workers.Wait()
}

func filesIn(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// checkEveryRoute holds what the contract has and what the pages are against the
// site: each is in it, or on the list of what needs a server.
func checkEveryRoute(t *testing.T, dir string, m *siteManifest) {
	t.Helper()
	contract, err := conform.Load([]byte(read(t, filepath.Join(dir, "openapi.json"))))
	if err != nil {
		t.Fatal(err)
	}
	routes := make(map[string]bool)
	for _, o := range contract.Operations() {
		routes[o.Method+" "+o.Path] = true
	}
	for _, path := range api.PagePaths() {
		routes["GET "+path] = true
	}
	for route := range routes {
		method, path, _ := strings.Cut(route, " ")
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + `(\?|$)`)
		written := method == http.MethodGet && slices.ContainsFunc(m.Files, func(f siteFile) bool { return pattern.MatchString(f.Address) })
		pictureOfVote := m.LeftOut > 0 && strings.HasSuffix(path, ".png") && strings.Contains(path, "{")
		if needs := needsServer[route] != ""; written == needs && !pictureOfVote {
			t.Errorf("%s: written: %v, on the list of what needs a server: %v", route, written, needs)
		}
	}
	for route := range needsServer {
		if !routes[route] {
			t.Errorf("%s needs a server, and is not there", route)
		}
	}
	if len(routes) < 80 {
		t.Errorf("only %d routes", len(routes))
	}
}

var (
	// Within a tag: the contract has examples of markup that are only words.
	reHref = regexp.MustCompile(`<[a-z][^<>]*\s(?:href|src|action)="([^"]*)"|<loc>([^<]*)</loc>|content="(` + siteURL + `[^"]*)"`)
	reNext = regexp.MustCompile(`"next":"([^"]*)"`)
)

// checkLinks follows the links of every answer by other means than the export
// does: those of an address without a query all lead to a file, and the next page
// of every list is there.
func checkLinks(t *testing.T, dir string, m *siteManifest, leastPages int) {
	t.Helper()
	there := make(map[string]bool)
	for _, f := range m.Files {
		there[f.Address] = true
	}
	for _, move := range m.Moved {
		there[move.Address] = true
	}
	links, pages := 0, 0
	for _, f := range m.Files {
		body := read(t, filepath.Join(dir, filepath.FromSlash(f.File)))
		if next := reNext.FindStringSubmatch(body); next != nil && f.Address != "/openapi.json" {
			pages++
			if address, _ := siteAddress(siteURL, strings.ReplaceAll(next[1], `\u0026`, "&")); !there[address] {
				t.Errorf("%s goes on at %s, which is not there", f.Address, next[1])
			}
		}
		if !strings.Contains(f.ContentType, "html") && !strings.Contains(f.ContentType, "xml") || strings.Contains(f.Address, "?") {
			continue
		}
		for _, found := range reHref.FindAllStringSubmatch(body, -1) {
			link := html.UnescapeString(found[1] + found[2] + found[3])
			address, here := siteAddress(siteURL, link)
			if !here || strings.HasPrefix(link, "#") || strings.HasSuffix(strings.Split(address, "?")[0], ".png") && m.LeftOut > 0 {
				continue
			}
			if links++; !there[address] && m.Dead[address] == "" && !neverStatic(address) {
				t.Errorf("%s leads to %s, which is not there", f.Address, address)
			}
		}
	}
	if links < 2_000 || pages < leastPages {
		t.Errorf("%d links and %d pages: they are not found", links, pages)
	}
}

// checkPairs holds that where the page of a pair is, its votes are in every form.
func checkPairs(t *testing.T, m *siteManifest) {
	t.Helper()
	pairs := 0
	for _, f := range m.Files {
		if strings.HasPrefix(f.Address, "/agreement/") && !strings.Contains(f.Address, "?") {
			pairs++
			for _, form := range []string{"", ".csv", ".ndjson"} {
				if address := "/v1" + f.Address + "/votes" + form; !m.names(address) {
					t.Errorf("%s is not there", address)
				}
			}
		}
	}
	if pairs < 10 {
		t.Errorf("%d pairs", pairs)
	}
}

func neverStatic(address string) bool {
	u, err := url.Parse(address)
	return err == nil && needsServer["GET "+u.Path] != ""
}
