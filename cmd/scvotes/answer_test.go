package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// reply is what came back from one request, whole.
type reply struct {
	status            int
	etag, contentType string
	modified          string
	retryAfter, cache string
	body              []byte
}

// newClient is one that keeps a connection of its own to each instance.
func newClient() *http.Client {
	return &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}
}

var visitor = newClient()

func receive(client *http.Client, url string) (reply, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes are to be compared
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, fmt.Errorf("%s breaks off: %w", url, err)
	}
	h := resp.Header
	return reply{resp.StatusCode, h.Get("ETag"), h.Get("Content-Type"), h.Get("Last-Modified"), h.Get("Retry-After"), h.Get("Cache-Status"), body}, nil
}

// probe is something to ask an instance, of which the answer shows the
// edition of the canaries that it was made from.
type probe struct {
	path     string
	titles   int            // that many canaries are in the answer, at the least
	count    *regexp.Regexp // or else: finds the number of editions in the answer
	revision bool           // the answer tells the revision of the record
}

var (
	reTitle    = regexp.MustCompile(`canary edition (\d+)`)
	reRevision = regexp.MustCompile(`"revision":(\d+)`)
	reTotal    = regexp.MustCompile(`"total":(\d+)`)
	reEvents   = regexp.MustCompile(`"events":(\d+)`)
)

// probes are asked again and again: a cache may hold their answers.
var probes = []probe{
	{path: "/v1/resolutions/S-RES-2334-2016", titles: 1, revision: true},
	{path: "/v1/resolutions?year=2016&sort=-date", titles: 2, revision: true},
	{path: "/v1/resolutions?from=2015-08-07&to=2015-08-07&limit=3&facets=outcome", count: reTotal, revision: true},
	{path: "/v1/agreement?from=2015-01-01&to=2015-12-31&members=USA,RUS,CHN", count: reEvents, revision: true},
	{path: "/v1/resolutions.csv?year=2016", titles: 2},
	{path: "/v1/resolutions.ndjson?from=2016-12-20&to=2016-12-31", titles: 2},
	{path: "/resolutions/S-RES-2334-2016", titles: 1},
	{path: "/v1/feed.atom?year=2016", titles: 2},
}

// coldProbe is one that hardly anybody has asked before: the database has
// to answer it.
func coldProbe() probe {
	return probe{path: fmt.Sprintf("/v1/resolutions?from=%d-%02d-%02d&to=2016-12-31&sort=-date&limit=%d",
		1990+rand.IntN(25), 1+rand.IntN(12), 1+rand.IntN(28), 2+rand.IntN(20)), titles: 2, revision: true}
}

// edition tells which edition of the canaries an answer was made from. It
// fails where the answer has parts of two.
func (q probe) edition(body []byte) (int, error) {
	found := reTitle.FindAllSubmatch(body, -1)
	if q.count != nil {
		if found = q.count.FindAllSubmatch(body, -1); len(found) != 1 {
			return 0, fmt.Errorf("%d matches of %s", len(found), q.count)
		}
	}
	if len(found) < max(q.titles, 1) {
		return 0, fmt.Errorf("%d canaries, want %d", len(found), q.titles)
	}
	for _, m := range found {
		if !bytes.Equal(m[1], found[0][1]) {
			return 0, fmt.Errorf("one answer of editions %s and %s", found[0][1], m[1])
		}
	}
	return strconv.Atoi(string(found[0][1]))
}

// check holds an answer against itself: its edition, and the revision that it
// tells, have to belong together. base is the revision before edition 1.
func (q probe) check(a reply, base int) (edition int, err error) {
	if edition, err = q.edition(a.body); err != nil {
		return 0, err
	}
	if told := reRevision.FindAllSubmatch(a.body, -1); q.revision {
		if len(told) == 0 {
			return 0, fmt.Errorf("no revision is told")
		}
		if last := string(told[len(told)-1][1]); last != strconv.Itoa(base+edition) {
			return 0, fmt.Errorf("it tells revision %s and is of edition %d, so of revision %d", last, edition, base+edition)
		}
	}
	return edition, nil
}

// away tells whether an answer says in the right way that the database is
// away: it is no fault while it is.
func (a reply) away() bool {
	return a.status == http.StatusServiceUnavailable && a.retryAfter != "" &&
		(strings.HasPrefix(a.contentType, "application/problem+json") || strings.HasPrefix(a.contentType, "text/html"))
}
