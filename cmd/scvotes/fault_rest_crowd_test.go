//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// post is a file that somebody sends until it is taken.
type post struct {
	way         sending
	file, token string
	key         string // Idempotency-Key

	tries int
	jobID string // where it is taken in later
	err   error
}

// send sends it once.
func (p *post) send(t *testing.T, api *instance) (status int, body []byte, err error) {
	text, kind, _ := p.way.request(t, p.file)
	var from io.Reader = bytes.NewReader(text)
	if p.way.chunked {
		from = io.MultiReader(from) // whose length is not known
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api.address+"/v1/imports", from)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", p.token)
	req.Header.Set("Content-Type", kind)
	if p.way.job {
		req.Header.Set("Prefer", "respond-async")
	}
	if p.key != "" {
		req.Header.Set("Idempotency-Key", p.key)
	}
	p.tries++
	res, err := uploader.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

var uploader = &http.Client{Timeout: 90 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func jobID(t *testing.T, body []byte) string {
	t.Helper()
	var j votes.Job
	if err := json.Unmarshal(body, &j); err != nil || j.ID == "" {
		t.Fatalf("no job: %v: %s", err, body)
	}
	return j.ID
}

// untilTaken sends it until it was accepted. No answer, or a 503 or 429, is for
// trying again; a server that nobody kills gives an answer each time.
func (p *post) untilTaken(t *testing.T, api *instance, goneOK bool) {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		status, body, err := p.send(t, api)
		switch {
		case err != nil && !goneOK:
			p.err = err
			return
		case err != nil || status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests || status == http.StatusConflict && p.key != "":
			continue // of a key: its first request is still under way
		case status == http.StatusAccepted:
			var j votes.Job
			p.err = json.Unmarshal(body, &j)
			p.jobID = j.ID
			return
		case status != http.StatusOK && status != http.StatusCreated:
			p.err = fmt.Errorf("answered %d: %.300s", status, body)
		}
		return
	}
	p.err = fmt.Errorf("it was not taken in %d tries", p.tries)
}

// crowdOf are n senders, the half with a key each, who go on until they are told
// that their file was taken.
func crowdOf(n int, token string, ways ...sending) []*post {
	var all []*post
	for k := range n {
		p := &post{way: ways[k%len(ways)], file: strings.ReplaceAll(crowdText(k), "told by", "sent by"), token: token}
		if k%2 == 1 {
			p.key = fmt.Sprintf("crowd-%d", k)
		}
		all = append(all, p)
	}
	return all
}

// Files that are all sent at once, to be taken in at once or later, land one
// after the other, each once, also where the API is killed in the middle.
func testCrowdOverREST(t *testing.T, s *site) {
	atOnce := []sending{{}, {form: true}, {chunked: true}}
	later := []sending{{job: true}, {form: true, job: true}}
	for _, c := range []struct {
		name  string
		ways  []sending
		n     int
		kills int
	}{
		{"at once", atOnce, pgtest.Times(6, 64), 0},
		{"as jobs", later, pgtest.Times(6, 64), 0},
		{"killed", append(atOnce, later...), pgtest.Times(10, 64), pgtest.Times(1, 6)},
	} {
		t.Run(c.name, func(t *testing.T) { s.crowdOverREST(t, c.ways, c.n, c.kills) })
	}
}

func (s *site) crowdOverREST(t *testing.T, ways []sending, n, kills int) {
	database := fmt.Sprintf("sent_%d", freePort(t))
	dsn, rnd := s.database(t, database), pgtest.Chance(t)
	api := newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + dsn})
	api.ready(t)
	all := crowdOf(n, importToken(t, dsn), ways...)
	readers := startReading(t, api, kills > 0)
	begun := time.Now()
	var senders sync.WaitGroup
	for _, p := range all {
		senders.Go(func() { p.untilTaken(t, api, kills > 0) })
	}
	for k := range kills {
		waitForImport(t, s, database, sceneBase+(k*n)/(2*kills))
		time.Sleep(upTo(rnd, 300*time.Millisecond))
		api.killAll()
		if !pgtest.Soaking() { // as if it had been silent for a while
			if _, err := s.ask(database, `UPDATE jobs SET seen = now() - interval '1 minute' WHERE state = 'running'`); err != nil {
				t.Fatal(err)
			}
		}
		api.restart(t)
		api.ready(t)
	}
	senders.Wait()
	accepted := time.Since(begun)
	tries, jobs := 0, 0
	for k, p := range all {
		tries += p.tries
		if p.err != nil {
			t.Fatalf("sender %d, %v: %v", k, p.way, p.err)
		}
		if p.jobID == "" {
			continue
		}
		jobs++
		if j := jobEnds(t, api.address, p.token, p.jobID); j.State != votes.JobDone {
			t.Errorf("sender %d was told 202, and its job is %s: %s", k, j.State, j.Error)
		}
	}
	took := time.Since(begun)
	gap := readers.heals()
	s.holdsCrowd(t, database, n)
	clean(t, dsn, "a crowd of uploads")
	t.Logf("figure: %d files sent at once (%d of them taken in later), the API killed %d times: accepted in %v and %d tries, all in after %v, each once; longest without a good answer to readers %v",
		n, jobs, kills, round(accepted), tries, round(took), round(gap))
}

// holdsCrowd holds that the files of all senders are in the record, each once.
func (s *site) holdsCrowd(t *testing.T, database string, n int) {
	t.Helper()
	want := fmt.Sprintf("%d revisions, %d imports, %d accounts of the vote sent by all, %d votes of their own, 0 left of files", sceneBase+n, 2+n, 1, 10*n)
	if err := s.holds(database, want, `SELECT (SELECT count(*) FROM revisions) || ' revisions, ' || (SELECT count(*) FROM imports) || ' imports, '
		|| (SELECT count(*) FROM accounts WHERE resolution_id = 'S-2013-9999' AND superseded_by IS NULL) || ' accounts of the vote sent by all, '
		|| (SELECT count(*) FROM resolutions WHERE title LIKE 'sent by %' AND title <> 'sent by all') || ' votes of their own, '
		|| (SELECT count(*) FROM jobs WHERE finished IS NULL AND state <> 'arriving') || ' left of files'`); err != nil {
		t.Error(err)
	}
	if !pgtest.Soaking() {
		return
	}
	// What arrived at a server that was killed is forgotten after a quarter of an hour.
	if _, err := s.ask(database, `UPDATE jobs SET seen = now() - interval '16 minutes' WHERE state = 'arriving'`); err != nil {
		t.Fatal(err)
	}
	until(t, time.Minute, "nothing is left of files", func() error {
		return s.holds(database, "0 rows", `SELECT (SELECT count(*) FROM job_chunks) + (SELECT count(*) FROM jobs WHERE finished IS NULL) || ' rows'`)
	})
}

// waitForImport waits until so many revisions are there, and an import is under
// way or has just ended.
func waitForImport(t *testing.T, s *site, database string, revisions int) {
	t.Helper()
	until(t, time.Minute, fmt.Sprintf("revision %d is there", revisions), func() error {
		got, err := s.ask(database, fmt.Sprintf(`SELECT count(*) >= %d FROM revisions`, revisions))
		if err == nil && got != "t" {
			err = fmt.Errorf("it is not")
		}
		return err
	})
}
