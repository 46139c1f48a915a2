package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// asked are the requests that are measured, one a line: the route as the
// contract writes it, then values for its {names} as name:value, then the query.
// A {name} that a line gives no value is taken from the record: see sample.
//
// Every route of the contract and every page is here; a test holds that. What a
// filter costs is asked of /v1/resolutions; the other routes have the questions
// that go another way through the program.
const asked = `
/v1/resolutions
/v1/resolutions limit=200
/v1/resolutions sort=date
/v1/resolutions sort=margin
/v1/resolutions cursor={cursor}
/v1/resolutions outcome=vetoed
/v1/resolutions outcome=failed
/v1/resolutions adopted_by=majority
/v1/resolutions kind=draft_resolution
/v1/resolutions kind=preliminary_question
/v1/resolutions procedural=false
/v1/resolutions procedural=true
/v1/resolutions vetoed_by=USA
/v1/resolutions vetoed_by=USA&vetoed_by=GBR
/v1/resolutions vetoes=2
/v1/resolutions sponsor=USA
/v1/resolutions sponsor=FRA&sponsor=GBR
/v1/resolutions sponsor=JPN&outcome=failed
/v1/resolutions voted=USA:no
/v1/resolutions voted=FRA:any
/v1/resolutions voted=CHN:abstain&voted=RUS:abstain
/v1/resolutions voted=CHN:abstain&voted=RUS:abstain&outcome=adopted
/v1/resolutions from=1990-01-01&to=1999-12-31
/v1/resolutions year=1993
/v1/resolutions topic={topic}
/v1/resolutions agenda_item={agenda_item}
/v1/resolutions region=Africa
/v1/resolutions region=Africa&outcome=vetoed
/v1/resolutions region=Africa&sort=margin
/v1/resolutions roll_call=disputed
/v1/resolutions roll_call=tally_only
/v1/resolutions discrepancy=true
/v1/resolutions discrepancy=serious
/v1/resolutions discrepancy=serious&outcome=vetoed
/v1/resolutions against_min=1
/v1/resolutions margin=-1
/v1/resolutions margin=0
/v1/resolutions changed_since=0
/v1/resolutions q=ceasefire
/v1/resolutions q=ceasefire&sort=-date
/v1/resolutions q=ceasefire&sort=relevance
/v1/resolutions q=situation
/v1/resolutions q=ceasefire+-avaria
/v1/resolutions q=%22humanitarian+access%22
/v1/resolutions q=united
/v1/resolutions q={symbol}
/v1/resolutions facets=outcome,year,topic,region,vetoed_by,sponsor
/v1/resolutions outcome=vetoed&facets=outcome,year,topic,region,vetoed_by,sponsor
/v1/resolutions fields=id,date,outcome
/v1/resolutions include=votes
/v1/resolutions.csv
/v1/resolutions.csv vetoed_by=USA
/v1/resolutions.ndjson
/v1/resolutions.ndjson vetoed_by=USA
/v1/resolutions/{id}
/v1/resolutions/{id}/votes
/v1/resolutions/{id}/votes.csv
/v1/resolutions/{id}/votes.ndjson
/v1/resolutions/{id}/accounts
/v1/resolutions/{id}/history
/v1/resolutions/{id}/popolo.json
/v1/resolutions/{id}/citation.bib
/v1/resolutions/{id}/citation.json
/v1/resolutions/{id}/citation.ris
/v1/resolutions/{id}/council.svg
/v1/resolutions/{id}/council.png
/v1/resolutions/{id}/card.png
/v1/discrepancies
/v1/discrepancies severity=serious
/v1/discrepancies kind=conflict
/v1/discrepancies state=open
/v1/discrepancies.csv
/v1/discrepancies.ndjson
/v1/members
/v1/members.csv
/v1/members.ndjson
/v1/members/{code}
/v1/members/{code} code:BRA
/v1/members/{code}/votes
/v1/members/{code}/votes code:BRA
/v1/members/{code}/votes position=no&lone=true
/v1/members/{code}/votes.csv
/v1/members/{code}/votes.ndjson
/v1/council date=1990-08-02
/v1/vetoes
/v1/vetoes group_by=year
/v1/vetoes vetoed_by=USA
/v1/vetoes.csv
/v1/vetoes.ndjson
/v1/tallies
/v1/tallies group_by=member
/v1/tallies group_by=sponsor
/v1/tallies from=2000-01-01&group_by=topic
/v1/tallies outcome=vetoed
/v1/tallies.csv
/v1/tallies.ndjson
/v1/agreement
/v1/agreement members=all
/v1/agreement members=all&group_by=year
/v1/agreement from=2010-01-01&exclude_unanimous=true
/v1/agreement.csv
/v1/agreement.ndjson
/v1/agreement/{a}/{b}/votes
/v1/agreement/{a}/{b}/votes differ=true
/v1/agreement/{a}/{b}/votes.csv
/v1/agreement/{a}/{b}/votes.ndjson
/v1/cohesion
/v1/cohesion.csv
/v1/cohesion.ndjson
/v1/sponsors
/v1/sponsors.csv
/v1/sponsors.ndjson
/v1/sponsors/pairs
/v1/sponsors/pairs with=USA
/v1/sponsors/pairs.csv
/v1/sponsors/pairs.ndjson
/v1/decide
/v1/decide/history rule=no_veto
/v1/decide/history.csv rule=no_veto
/v1/decide/history.ndjson rule=no_veto
/v1/audit
/v1/edits
/v1/edits id={id}
/v1/edits/{number} number:1
/v1/imports
/v1/imports/{id} id:{import}
/v1/jobs/{id} id:{job}
/v1/webhooks
/v1/webhooks/{id} id:{webhook}
/v1/webhooks/{id}/deliveries id:{webhook}
/v1/export/resolutions.csv
/v1/export/resolutions.ndjson
/v1/export/votes.csv
/v1/export/votes.ndjson
/v1/export/members.csv
/v1/export/members.ndjson
/v1/export/accounts.csv
/v1/export/accounts.ndjson
/v1/export/scvotes.zip
/v1/feed.atom
/v1/feed.json
/v1/feed.json vetoed_by=USA
/v1/charts/card.png
/v1/charts/vetoes.svg
/v1/charts/vetoes.png
/v1/charts/agreement.svg
/v1/charts/agreement.png
/v1/charts/timeline.svg
/v1/charts/timeline.png
/
/resolutions
/resolutions q=ceasefire
/resolutions outcome=vetoed
/resolutions/{id}
/vetoes
/members
/members/{code}
/agreement
/agreement/{a}/{b}
/council date=1990-08-02
/what-if
/data
/about
/embed/resolutions/{id}
/oembed url={origin}/resolutions/{id}
/sitemap.xml
/robots.txt
/style.css
/favicon.svg
/docs
/openapi.yaml
/openapi.json
/healthz
/readyz
/metrics
`

// decideBody is what the one route that is posted to is asked.
const decideBody = `{"date": "2024-11-20", "votes": [{"code": "USA", "position": "no"}], "others": "yes"}`

// request is one line of asked.
type request struct {
	route  string // as in the contract: /v1/resolutions/{id}
	given  map[string]string
	query  string
	method string
}

// requests reads asked.
func requests() []request {
	var list []request
	for line := range strings.Lines(strings.TrimSpace(asked)) {
		words := strings.Fields(line)
		r := request{route: words[0], given: map[string]string{}, method: "GET"}
		if r.route == "/v1/decide" {
			r.method = "POST"
		}
		for _, word := range words[1:] {
			if name, value, ok := strings.Cut(word, ":"); ok && !strings.Contains(word, "=") {
				r.given[name] = value
			} else {
				r.query = word
			}
		}
		list = append(list, r)
	}
	return list
}

// String is the request as the table names it.
func (r request) String() string {
	s := r.route
	for _, name := range sortedKeys(r.given) {
		if v := r.given[name]; !strings.HasPrefix(v, "{") {
			s = strings.ReplaceAll(s, "{"+name+"}", v)
		}
	}
	if r.query != "" {
		s += "?" + r.query
	}
	return s
}

// sample is what the addresses are made with: values by name, one of them after
// the other.
type sample map[string][]string

// address is the i-th address of the request.
func (r request) address(values sample, i int) (string, error) {
	var missing string
	fill := func(text string, escape func(string) string) string {
		for strings.Contains(text, "{") {
			before, rest, _ := strings.Cut(text, "{")
			name, after, _ := strings.Cut(rest, "}")
			value, ok := r.given[name]
			if inner := strings.Trim(value, "{}"); ok && inner != value {
				name, ok = inner, false
			}
			if !ok {
				list := values[name]
				if len(list) == 0 {
					missing = name
					return ""
				}
				value = list[i%len(list)]
			}
			text = before + escape(value) + after
		}
		return text
	}
	address := fill(r.route, url.PathEscape)
	if r.query != "" {
		address += "?" + fill(r.query, url.QueryEscape)
	}
	if missing != "" {
		return "", fmt.Errorf("%s: nothing to put for {%s}", r, missing)
	}
	return address, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
