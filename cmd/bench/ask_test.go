package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// record is an answer as a peer might give it, with changes to it.
func record(t *testing.T, change func(votes []map[string]any, r map[string]any)) answer {
	t.Helper()
	votes := make([]map[string]any, 15)
	for i := range votes {
		votes[i] = map[string]any{"code": string(rune('A' + i)), "position": "yes"}
	}
	votes[4] = map[string]any{"code": "USA", "position": "no"}
	r := map[string]any{"id": recordID, "tally": map[string]any{"yes": 14}, "votes": votes}
	if change != nil {
		change(votes, r)
	}
	b, err := json.Marshal(map[string]any{"data": []any{r}})
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: http.StatusOK, body: b}
}

func TestIsTheRecord(t *testing.T) {
	if err := isTheRecord(record(t, nil)); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(votes []map[string]any, r map[string]any){
		"a vote is missing":   func(votes []map[string]any, r map[string]any) { r["votes"] = votes[1:] },
		"no votes":            func(_ []map[string]any, r map[string]any) { delete(r, "votes") },
		"another was against": func(votes []map[string]any, _ map[string]any) { votes[4]["code"] = "GBR" },
		"an abstention":       func(votes []map[string]any, _ map[string]any) { votes[0]["position"] = "abstain" },
		"no tally":            func(_ []map[string]any, r map[string]any) { delete(r, "tally") },
		"another tally":       func(_ []map[string]any, r map[string]any) { r["tally"] = map[string]any{"yes": 13} },
	} {
		if isTheRecord(record(t, change)) == nil {
			t.Errorf("%s: taken for the record", name)
		}
	}
	for name, a := range map[string]answer{
		"an error":  {status: http.StatusInternalServerError, body: record(t, nil).body},
		"a page":    {status: http.StatusOK, body: []byte("<p>14 in favour</p>")},
		"no answer": {status: http.StatusOK},
	} {
		if isTheRecord(a) == nil {
			t.Errorf("%s: taken for the record", name)
		}
	}
}

func TestChecksOfAnswers(t *testing.T) {
	full := record(t, nil)
	list := func(n int) answer {
		return answer{status: http.StatusOK, body: []byte(`{"data":[` + strings.TrimSuffix(strings.Repeat("{},", n), ",") + `]}`)}
	}
	gzipped := answer{status: http.StatusOK, header: http.Header{"Content-Encoding": {"gzip"}}}
	for _, c := range []struct {
		name  string
		entry entry
		a     answer
		sound bool
	}{
		{"record", entry{path: pathRecord}, full, true},
		{"something else for the record", entry{path: pathRecord}, list(50), false},
		{"list", entry{path: pathList}, list(50), true},
		{"short list", entry{path: pathList}, list(49), false},
		{"304", entry{path: pathRecord, header: []string{known + `"1"`}}, answer{status: http.StatusNotModified}, true},
		{"200 for 304", entry{path: pathRecord, header: []string{known + `"1"`}}, full, false},
		{"gzip", entry{path: pathRecord, header: []string{"Accept-Encoding: gzip"}}, gzipped, true},
		{"not compressed", entry{path: pathRecord, header: []string{"Accept-Encoding: gzip"}}, full, false},
		{"a page", entry{path: pathPage}, answer{status: http.StatusOK}, true},
		{"no page", entry{path: pathPage}, answer{status: http.StatusNotFound}, false},
	} {
		if err := c.entry.check(c.a); (err == nil) != c.sound {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCalm(t *testing.T) {
	want := []string{keyWarm + byOneThread, keyWarmList + byOneThread}
	var have []string
	for _, e := range calm(warmEntries) {
		if have = append(have, e.name); e.threads != 1 {
			t.Errorf("%s: asked by %d threads", e.name, e.threads)
		}
	}
	if !slices.Equal(have, want) {
		t.Errorf("%q, want %q", have, want)
	}
	if warmEntries[0].threads != 0 {
		t.Error("the entries themselves were changed")
	}
}
