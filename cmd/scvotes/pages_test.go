package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// checkVetoPage holds the table of docs/vetoes.md against the record, and
// the UN's list against it veto by veto.
func checkVetoPage(t *testing.T, db string) {
	alone := pgtest.New(t)
	if got := cli(t, "import", "--database-url", alone, "--quiet", publishedFile(t, vetoList)); got.code != 0 {
		t.Fatal(got.stdout)
	}
	const query = "/v1/vetoes?group_by=member&to=2022-05-31&limit=1"
	of := func(db string) votes.VetoRecord {
		s := serveDatabase(t, db)
		return get[votes.VetoRecord](t, s+query)
	}
	record, list := of(db), of(alone)
	in := func(r votes.VetoRecord, key string) int {
		for _, g := range r.Groups {
			if g.Key == key {
				return g.VetoesCast
			}
		}
		return 0
	}
	var want []string
	for _, g := range record.Groups {
		want = append(want, tableRow(g.Name, g.VetoesCast, in(list, g.Key)))
	}
	want = append(want, tableRow("Vetoes cast", record.VetoesCast, list.VetoesCast), tableRow("Proposals vetoed", record.ProposalsVetoed, list.ProposalsVetoed))
	page := read(t, filepath.Join("..", "..", "docs", "vetoes.md"))
	var told []string
	for line := range strings.Lines(page) {
		if n := strings.Count(line, "|"); n == 5 && strings.ContainsAny(line, "0123456789") && !strings.Contains(line, "2022") {
			told = append(told, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("docs/vetoes.md (-record +page): %s", diff)
	}
	server := serveDatabase(t, db)
	asked := reCurl.FindAllStringSubmatch(page, -1)
	for _, m := range asked {
		get[map[string]any](t, server+m[1])
	}
	if len(asked) != 4 || asked[0][1] != query {
		t.Errorf("docs/vetoes.md asks for %q, first should be %s", asked, query)
	}
	checkVetoClaims(t, vetoesOf(t, db))
	if diff := cmp.Diff([]string{"S-1996-952 1996-11-19 [USA]"}, minus(vetoesOf(t, db), vetoesOf(t, alone))); diff != "" {
		t.Errorf("in the record and not in the list: %s", diff)
	}
	if missing := minus(vetoesOf(t, alone), vetoesOf(t, db)); missing != nil {
		t.Errorf("in the list and not in the record: %v", missing)
	}
}

// checkVetoClaims holds what the page says beside its table.
func checkVetoClaims(t *testing.T, vetoes []string) {
	soviet, early := 0, []string(nil)
	for _, v := range vetoes {
		if strings.Contains(v, "SUN") {
			soviet++
		}
		if day := strings.Fields(v)[1]; strings.Contains(v, "CHN") && day < "1971-10-25" {
			early = append(early, v) // the Republic of China's
		}
	}
	if soviet != 90 || early != nil {
		t.Errorf("%d vetoes of the USSR; of the Republic of China: %v", soviet, early)
	}
	if v := "S-PV.49-preliminary-question 1946-06-26 [FRA SUN]"; !slices.Contains(vetoes, v) {
		t.Errorf("%s is not in the record", v)
	}
	for _, v := range vetoes {
		if strings.Contains(v, " 1947-08-25 ") || strings.Contains(v, " 1955-12-13 ") || strings.HasPrefix(v, "S-2014-916 ") {
			t.Errorf("the page says that the record does not have %s", v)
		}
	}
}

func tableRow(name string, record, list int) string {
	difference := "0"
	if record != list {
		difference = fmt.Sprintf("%+d", record-list)
	}
	return fmt.Sprintf("| %s | %d | %d | %s |", name, record, list, difference)
}

// vetoesOf lists the vetoed proposals to May 2022: id, day and who vetoed.
func vetoesOf(t *testing.T, db string) (list []string) {
	t.Helper()
	for line := range strings.Lines(export(t, db, "ndjson")) {
		var r votes.Resolution
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Outcome == votes.Vetoed && r.Date <= "2022-05-31" {
			list = append(list, fmt.Sprint(r.ID, " ", r.Date, " ", r.VetoedBy))
		}
	}
	return list
}

func minus(a, b []string) (rest []string) {
	has := make(map[string]bool, len(b))
	for _, s := range b {
		has[s] = true
	}
	for _, s := range a {
		if !has[s] {
			rest = append(rest, s)
		}
	}
	return rest
}

// checkAccountsPage makes the edits that docs/accounts.md tells of, one after
// the other, and looks for every answer that it shows, before one or after.
func checkAccountsPage(t *testing.T, db string) {
	blocks := fenced(read(t, filepath.Join("..", "..", "docs", "accounts.md")))
	server := serveDatabase(t, db)
	shown := make(map[string]any)
	var commands []string
	for _, b := range blocks {
		switch b.language {
		case "json":
			shown[b.text] = decoded(t, json.RawMessage(b.text))
		case "sh":
			commands = append(commands, b.text)
		}
	}
	if len(shown) != 4 || len(commands) != 2 {
		t.Fatalf("%d answers, %d commands", len(shown), len(commands))
	}
	look := func() {
		for _, address := range []string{"/v1/resolutions/S-1995-394/accounts", "/v1/resolutions/S-RES-2602-2021/history",
			"/v1/discrepancies?severity=serious&state=open&limit=200"} {
			answer := get[any](t, server+address)
			for text, want := range shown {
				if contains(answer, want) {
					delete(shown, text)
				}
			}
		}
	}
	look()
	shell := newShell(t, db)
	for _, c := range commands {
		if out, err := shell(c); err != nil {
			t.Errorf("%v\n%s%s", err, c, out)
		}
		look()
	}
	for text := range shown {
		t.Errorf("no answer has\n%s", text)
	}
}

// contains tells whether an answer has, at any depth, all that part shows.
func contains(answer, part any) bool {
	if shows(answer, part) {
		return true
	}
	switch a := answer.(type) {
	case map[string]any:
		for _, v := range a {
			if contains(v, part) {
				return true
			}
		}
	case []any:
		for _, v := range a {
			if contains(v, part) {
				return true
			}
		}
	}
	return false
}

// shows tells whether every field of part is in the answer; a list shows some
// of the elements.
func shows(answer, part any) bool {
	switch p := part.(type) {
	case map[string]any:
		a, ok := answer.(map[string]any)
		for k, v := range p {
			if !ok || !shows(a[k], v) {
				return false
			}
		}
		return ok
	case []any:
		a, ok := answer.([]any)
		for _, v := range p {
			found := false
			for _, w := range a {
				found = found || shows(w, v)
			}
			if !found {
				return false
			}
		}
		return ok
	}
	return cmp.Equal(answer, part)
}
