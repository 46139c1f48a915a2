package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// What is asked of scvotes.
const (
	pathRecord = "/v1/resolutions/" + recordID
	pathList   = "/v1/resolutions"
	pathPage   = "/resolutions/" + recordID
	pathImage  = pathRecord + "/council.svg"
)

// The names of what is measured. They stand in the history, so they stay.
const (
	keyPeer       = "peer: "
	keyEchoRecord = "Echo from memory: single record"
	keyEchoList   = "Echo from memory: list of 50"
	keyWarm       = "warm: single record"
	keyWarmList   = "warm: list of 50"
	keyWarmKnown  = "warm: single record, 304"
	keyCold       = "cold: single record"
	keyColdAny    = "cold: single record, any of all"
	keyColdList   = "cold: list of 50"
	keyColdLists  = "cold: list of 50, any of 160"
	keyColdKnown  = "cold: single record, 304"
	keyBench      = "pgbench: statement of the single record"
	keyBenchList  = "pgbench: statement of the list of 50"

	// byOneThread is what stands behind the name of what one thread of wrk asks for.
	byOneThread = ", by one thread"
)

// contestant is one thing that is measured.
type contestant struct {
	name    string
	brief   bool // no target hangs on it: measured for a shorter time
	measure func(ctx context.Context, d time.Duration) (sample, error)
}

// entry is a contestant of scvotes: what is asked, of which server.
type entry struct {
	name, path string
	header     []string
	brief      bool
	threads    int // of wrk, the usual number where it is 0
}

var echoEntries = []entry{
	{name: keyEchoRecord, path: pathRecord},
	{name: keyEchoList, path: pathList},
}

var warmEntries = []entry{
	{name: keyWarm, path: pathRecord},
	{name: "warm: single record, gzip", path: pathRecord, header: []string{"Accept-Encoding: gzip"}, brief: true},
	{name: keyWarmList, path: pathList},
	{name: "warm: list of 50, gzip", path: pathList, header: []string{"Accept-Encoding: gzip"}, brief: true},
	{name: keyWarmKnown, path: pathRecord, header: []string{known}},
	{name: "warm: page of a vote", path: pathPage, header: []string{"Accept: text/html"}, brief: true},
	{name: "warm: picture of a vote", path: pathImage, brief: true},
}

var coldEntries = []entry{
	{name: keyCold, path: pathRecord},
	{name: keyColdList, path: pathList},
	{name: keyColdKnown, path: pathRecord, header: []string{known}},
	{name: "cold: page of a vote", path: pathPage, header: []string{"Accept: text/html"}, brief: true},
	{name: "cold: vetoes", path: "/v1/vetoes", brief: true},
	{name: "cold: members", path: "/v1/members", brief: true},
	{name: "cold: agreement of the P5 since 2010", path: "/v1/agreement?members=P5&from=2010-01-01", brief: true},
	{name: "cold: council of a day", path: "/v1/council?date=2024-11-20", brief: true},
	{name: "cold: tallies by year", path: "/v1/tallies?group_by=year", brief: true},
}

// known stands for the ETag of the answer, as one sends it who has it already.
const known = "If-None-Match: "

// contestants are all that are measured, in the order of each round: those that
// are compared stand close to each other.
func (s *site) contestants(ctx context.Context) []contestant {
	var list []contestant
	add := func(name string, make func() (contestant, error)) {
		if ctx.Err() != nil || !s.only.MatchString(name) {
			return
		}
		c, err := make()
		if err != nil {
			s.logf("%s: %v", name, err)
			s.missing = append(s.missing, missing{name, firstLine(err)})
			return
		}
		c.name = name
		list = append(list, c)
	}
	addAll := func(p *process, wantCache string, entries []entry) {
		for _, e := range entries {
			add(e.name, func() (contestant, error) { return s.wrkChecked(ctx, p, e, wantCache) })
		}
	}
	addAll(s.static, "", echoEntries)
	addAll(s.warm, "hit", warmEntries)
	addAll(s.static, "", calm(echoEntries))
	addAll(s.warm, "hit", calm(warmEntries))
	mixed := func(name string, p *process, paths []string, err error) {
		add(name, func() (contestant, error) {
			if err != nil {
				return contestant{}, err
			}
			return s.anyOf(p, paths)
		})
	}
	records, err := s.everyRecord()
	mixed("warm: single record, any of all", s.warm, records, err)
	add(keyBench, func() (contestant, error) { return s.pgbenchOf(ctx, "record.sql", pathRecord) })
	add(keyBenchList, func() (contestant, error) { return s.pgbenchOf(ctx, "list.sql", pathList) })
	addAll(s.cold, "", coldEntries)
	mixed(keyColdAny, s.cold, records, err)
	mixed(keyColdLists, s.cold, everyYear(), nil)
	return append(list, s.startPeers(ctx)...)
}

// calm are those of some entries on which a target of lateness hangs, asked by one
// thread of wrk: it leaves a processor to the server, where two leave it none of two.
func calm(entries []entry) []entry {
	var list []entry
	for _, e := range entries {
		if !e.brief && e.header == nil {
			e.name, e.threads = e.name+byOneThread, 1
			list = append(list, e)
		}
	}
	return list
}

// wrkChecked asks twice before it measures: the answer has to be the one that is
// meant, and from the cache exactly where that is what is measured.
func (s *site) wrkChecked(ctx context.Context, p *process, e entry, wantCache string) (contestant, error) {
	if len(e.header) > 0 && e.header[0] == known {
		a, err := ask(ctx, http.MethodGet, p.url+e.path, "")
		if err != nil {
			return contestant{}, err
		}
		e.header = []string{known + a.header.Get("ETag")}
	}
	var a answer
	for range 2 {
		var err error
		if a, err = ask(ctx, http.MethodGet, p.url+e.path, "", e.header...); err != nil {
			return contestant{}, err
		}
	}
	if err := e.check(a); err != nil {
		return contestant{}, err
	}
	cache := a.header.Get("Cache-Status")
	if hit := strings.Contains(cache, "; hit"); p != s.static && hit != (wantCache == "hit") {
		return contestant{}, fmt.Errorf("Cache-Status is %q", cache)
	}
	return contestant{brief: e.brief, measure: s.wrkOf(load{url: p.url + e.path, header: e.header, threads: e.threads})}, nil
}

func (e entry) check(a answer) error {
	switch {
	case len(e.header) > 0 && strings.HasPrefix(e.header[0], known):
		if a.status != http.StatusNotModified {
			return fmt.Errorf("status %d, not 304", a.status)
		}
		return nil
	case a.status != http.StatusOK:
		return fmt.Errorf("status %d: %.300s", a.status, a.body)
	case len(e.header) > 0 && strings.HasSuffix(e.header[0], "gzip"):
		if a.header.Get("Content-Encoding") != "gzip" {
			return errors.New("it is not compressed")
		}
		return nil
	case e.path == pathRecord:
		return isTheRecord(a)
	case e.path == pathList:
		return isAList(a)
	}
	return nil
}

func isAList(a answer) error {
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(a.body, &page); err != nil {
		return err
	}
	if len(page.Data) != 50 {
		return fmt.Errorf("%d resolutions, not 50", len(page.Data))
	}
	return nil
}

func (s *site) wrkOf(l load) func(context.Context, time.Duration) (sample, error) {
	return func(ctx context.Context, d time.Duration) (sample, error) { return s.wrk(ctx, l, d) }
}

// anyOf asks for one of many paths, another one each time.
func (s *site) anyOf(p *process, paths []string) (contestant, error) {
	s.scripts++
	script, err := s.script(fmt.Sprintf("any%d.lua", s.scripts), anyOfScript(paths))
	return contestant{measure: s.wrkOf(load{url: p.url, script: script})}, err
}

// everyRecord are the paths of all resolutions.
func (s *site) everyRecord() ([]string, error) {
	b, err := os.ReadFile(s.path(recordName))
	if err != nil {
		return nil, err
	}
	lines, err := jsonLines(b)
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(lines))
	for i, line := range lines {
		var r struct{ ID string }
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, err
		}
		paths[i] = pathList + "/" + r.ID
	}
	return paths, nil
}

// everyYear are lists of each year, from its begin and from its end.
func everyYear() (paths []string) {
	for year := 1946; year <= 2025; year++ {
		for _, sort := range []string{"date", "-date"} {
			paths = append(paths, fmt.Sprintf("%s?year=%d&sort=%s", pathList, year, sort))
		}
	}
	return paths
}

func (s *site) pgbenchOf(ctx context.Context, name, path string) (contestant, error) {
	st, err := s.statementOf(ctx, path)
	if err != nil {
		return contestant{}, err
	}
	text, variables, err := st.script()
	if err != nil {
		return contestant{}, err
	}
	file, err := s.script(name, text)
	return contestant{measure: func(ctx context.Context, d time.Duration) (sample, error) { return s.pgbench(ctx, file, variables, d) }}, err
}

// answers are what Echo is to serve from memory: what scvotes answers, headers
// and all, but for the date, which any server gives anew.
func (s *site) answers(ctx context.Context) ([]byte, error) {
	var all []kept
	for _, path := range []string{pathRecord, pathList} {
		a, err := ask(ctx, http.MethodGet, s.warm.url+path, "")
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d: %.300s", path, a.status, a.body)
		}
		a.header.Del("Date")
		all = append(all, kept{path, a.header, a.body})
	}
	return json.Marshal(all)
}

// rest is between two measurements.
const rest = 300 * time.Millisecond

// measure goes round by round through all contestants, so that a machine that
// becomes slower or faster does so for each of them. The first round is a short
// one that does not count: caches fill, and programs that compile do.
func measure(ctx context.Context, list []contestant, set settings, logf func(string, ...any)) []result {
	results := make([]result, len(list))
	for i, c := range list {
		results[i].Name = c.name
	}
	for round := range set.rounds + 1 {
		d := set.each
		if round == 0 {
			d = time.Second
		}
		logf("round %d of %d", round, set.rounds)
		for turn := range list {
			i := turn
			if round%2 == 0 {
				i = len(list) - 1 - turn
			}
			c := list[i]
			select {
			case <-ctx.Done():
				return results
			case <-time.After(rest):
			}
			if results[i].Failed != "" {
				continue
			}
			took := d
			if c.brief {
				took = d * 2 / 3
			}
			got, err := c.measure(ctx, took)
			if err != nil && ctx.Err() == nil {
				logf("%s: %v", c.name, err)
				results[i].Failed = firstLine(err)
			} else if err == nil && round > 0 {
				results[i].Samples = append(results[i].Samples, got)
			}
		}
	}
	return results
}
