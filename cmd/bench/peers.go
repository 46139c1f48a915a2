package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// peer is another program that can put such a record online. Each serves the same
// record with its votes in one answer, in the way that is natural and fast for it.
type peer struct {
	name  string
	needs string // a file of the peers' folder without which it is missing
	// start brings it up and tells how it is asked.
	start func(s *site, ctx context.Context) (*process, question, error)
}

// question is one request to a peer: a GET, or a POST with a body.
type question struct{ path, body string }

func (q question) method() string {
	if q.body == "" {
		return http.MethodGet
	}
	return http.MethodPost
}

var peers = []peer{
	{"PocketBase", "pocketbase", startPocketBase},
	{"json-server", "npm/node_modules/json-server/package.json", startJSONServer},
	{"PostGraphile", "npm/node_modules/postgraphile/package.json", startPostGraphile},
	{"Datasette", "python/bin/datasette", startDatasette},
}

// startPocketBase has it load the record through its own library: collections of
// resolutions and of votes, the votes expanded in the answer.
func startPocketBase(s *site, ctx context.Context) (*process, question, error) {
	program, data := s.ofPeers("pocketbase"), s.path("pocketbase")
	if _, err := s.output(ctx, nil, program, "load", s.path(recordName), "--dir", data); err != nil {
		return nil, question{}, err
	}
	q := question{path: "/api/collections/resolutions/records/" + recordID + "?expand=votes_via_resolution"}
	p, err := s.start(ctx, "PocketBase", q, nil, func(addr string) []string {
		return []string{program, "serve", "--http", addr, "--dir", data}
	})
	return p, q, err
}

// startJSONServer gives it each resolution with its votes inside, which is the
// fastest for it: it looks through its lists from the start.
func startJSONServer(s *site, ctx context.Context) (*process, question, error) {
	lines, err := os.ReadFile(s.path(recordName))
	if err != nil {
		return nil, question{}, err
	}
	var db struct {
		Resolutions []json.RawMessage `json:"resolutions"`
	}
	if db.Resolutions, err = jsonLines(lines); err != nil {
		return nil, question{}, err
	}
	b, err := json.Marshal(db)
	if err != nil {
		return nil, question{}, err
	}
	if err := os.WriteFile(s.path("db.json"), b, 0o644); err != nil {
		return nil, question{}, err
	}
	q := question{path: "/resolutions/" + recordID}
	p, err := s.start(ctx, "json-server", q, production, func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr) // from freeAddr
		return []string{s.node(), s.ofPeers("npm/node_modules/json-server/lib/cli/bin.js"), "--read-only", "--quiet", "--host", host, "--port", port, s.path("db.json")}
	})
	return p, q, err
}

// startPostGraphile reads the very database that scvotes reads.
func startPostGraphile(s *site, ctx context.Context) (*process, question, error) {
	const query = `{ resolutionByRowId(rowId: "` + recordID + `") { rowId draft resolution meeting date title agendaItem outcome reason
		yes no: noVotes abstain notVoting members required votesByResolutionNo { nodes { code position } } } }`
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return nil, question{}, err
	}
	q := question{path: "/graphql", body: string(body)}
	// It reads a URL only; the socket's folder stands where the parameters are.
	schema := filepath.Join(s.root, "cmd/bench/peers/postgraphile/schema.sql")
	if _, err := s.output(ctx, nil, s.program("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", s.postgres.DSN(), "-f", schema); err != nil {
		return nil, question{}, err
	}
	database := "postgres://scvotes@/scvotes?host=" + url.QueryEscape(socketFolder(s.postgres.DSN()))
	p, err := s.start(ctx, "PostGraphile", q, production, func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr) // from freeAddr
		return []string{s.node(), s.ofPeers("npm/node_modules/postgraphile/dist/cli-run.js"), "-P", "postgraphile/presets/amber",
			"-c", database, "-s", "postgraphile", "-n", host, "-p", port}
	})
	return p, q, err
}

// startDatasette gives it an SQLite file that it may take for unchangeable, and
// one query that brings a resolution with its votes.
func startDatasette(s *site, ctx context.Context) (*process, question, error) {
	python, scripts, file := s.ofPeers("python/bin/python"), filepath.Join(s.root, "cmd/bench/peers/datasette"), s.path("record.db")
	if _, err := s.output(ctx, nil, python, filepath.Join(scripts, "load.py"), s.path(recordName), file); err != nil {
		return nil, question{}, err
	}
	q := question{path: "/record/resolution.json?_shape=array&_json=votes&id=" + recordID}
	p, err := s.start(ctx, "Datasette", q, nil, func(addr string) []string {
		_, port, _ := net.SplitHostPort(addr) // from freeAddr
		return []string{python, filepath.Join(scripts, "serve.py"), file, filepath.Join(scripts, "metadata.json"), port}
	})
	return p, q, err
}

var production = []string{"NODE_ENV=production", "GRAPHILE_ENV=production"}

// startPeers brings up those that are there; of the others it is told.
func (s *site) startPeers(ctx context.Context) []contestant {
	var list []contestant
	for _, p := range peers {
		name := keyPeer + p.name
		if !s.only.MatchString(name) {
			continue
		}
		c, err := s.startPeer(ctx, p)
		if err != nil {
			s.logf("%s: %v", p.name, err)
			s.missing = append(s.missing, missing{name, firstLine(err)})
			continue
		}
		list = append(list, c)
	}
	return list
}

func (s *site) startPeer(ctx context.Context, p peer) (contestant, error) {
	if s.peers == "" {
		return contestant{}, errors.New("no folder of peers was named (-peers)")
	}
	if _, err := os.Stat(s.ofPeers(p.needs)); err != nil {
		return contestant{}, fmt.Errorf("it is not installed: %w", err)
	}
	s.logf("starting %s", p.name)
	process, q, err := p.start(s, ctx)
	if err != nil {
		return contestant{}, err
	}
	l := load{url: process.url + q.path}
	if q.body != "" {
		if l.script, err = s.script(p.name+".lua", postScript(q.body)); err != nil {
			return contestant{}, err
		}
	}
	a, err := ask(ctx, q.method(), l.url, q.body)
	if err == nil {
		err = isTheRecord(a)
	}
	return contestant{name: keyPeer + p.name, measure: s.wrkOf(l)}, err
}

func (s *site) ofPeers(name string) string { return filepath.Join(s.peers, name) }

// node is the Node.js that came with the peers: some need a newer one than the
// system has.
func (s *site) node() string { return s.ofPeers("npm/node_modules/node/bin/node") }

var dsnHost = regexp.MustCompile(`host='([^']*)'`)

// socketFolder is the folder of the socket that the private Postgres listens on.
func socketFolder(dsn string) string {
	if m := dsnHost.FindStringSubmatch(dsn); m != nil {
		return m[1]
	}
	return ""
}

// jsonLines splits a file of JSON values, a line each.
func jsonLines(b []byte) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for line := range bytes.Lines(b) {
		if !json.Valid(line) {
			return nil, fmt.Errorf("line %d is no JSON", len(all)+1)
		}
		all = append(all, line)
	}
	return all, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
