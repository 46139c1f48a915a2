package starter_test

import (
	"cmp"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
)

const dataFolder = "../../../shared/data"

// source reads one of the published files; the test is skipped where the folder
// that holds them is missing, and nowhere else.
func source(t *testing.T, name string) []map[string]string {
	t.Helper()
	if _, err := os.Stat(dataFolder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the published files are not in %s", dataFolder)
	}
	f, err := os.Open(filepath.Join(dataFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, fields := range lines[1:] {
		r := make(map[string]string, len(fields))
		for i, s := range fields {
			r[lines[0][i]] = s
		}
		rows = append(rows, r)
	}
	return rows
}

var (
	firstSymbol = regexp.MustCompile(`^S/[\w./]+`)
	admission   = regexp.MustCompile(`^(?:Admission of new Members|Applications? for [Mm]embership) (.+)$`)
	whoVetoed   = map[string]string{"USSR": "SUN", "Russian Federation": "RUS", "USA": "USA", "UK": "GBR", "France": "FRA", "China": "CHN"}
)

// A veto is a vetoed proposal as the UN's list tells it.
type veto struct{ symbol, date, of, by string }

// The veto list ends in May 2022, and these are the vetoes before that day
// which it does not have.
var notListed = map[veto]int{
	{"S/1996/952", "1996-11-19", "", "USA"}: 1, // the vote on a second term of the Secretary-General
}

func TestVetoesAreThoseOfTheUNList(t *testing.T) {
	listed := map[veto]int{}
	for v, n := range notListed {
		listed[v] = n
	}
	for _, r := range source(t, "un_veto_list_1946_2022.csv") {
		v := veto{symbol: firstSymbol.FindString(r["draft"]), date: r["date"]}
		if m := admission.FindStringSubmatch(r["agenda_item"]); m != nil {
			v.of = m[1]
		} else if strings.HasSuffix(r["agenda_item"], "preliminary question") {
			v.of = "preliminary question"
		}
		var by []string
		for _, s := range strings.Split(r["permanent_members_casting_negative_vote"], ";") {
			by = append(by, whoVetoed[strings.TrimSpace(s)])
		}
		slices.Sort(by)
		v.by = strings.Join(by, ";")
		listed[v]++
	}
	held := map[veto]int{}
	for _, r := range resolutions(t) {
		d, err := r.decide()
		if err != nil || d.Outcome != votes.Vetoed || r.date() > "2022-05-26" {
			continue
		}
		v := veto{symbol: string(draft(t, r).Symbol), date: r.col["date"]}
		if name, ok := strings.CutPrefix(r.col["title"], "Admission of "); ok {
			v.of = strings.TrimPrefix(name, "the ")
		} else if r.col["kind"] == "preliminary_question" {
			v.of = "preliminary question"
		}
		by := make([]string, len(d.VetoedBy))
		for i, c := range d.VetoedBy {
			by[i] = string(c)
		}
		slices.Sort(by)
		v.by = strings.Join(by, ";")
		held[v]++
	}
	if diff := gocmp.Diff(listed, held, gocmp.AllowUnexported(veto{})); diff != "" {
		t.Errorf("vetoed proposals (-UN list +starter record):\n%s", diff)
	}
}

// A tally without a roll comes from the yearly tables, which name the
// proposal's symbol (one of them without its Rev.1) and the tally.
func TestTalliesAreThoseOfTheYearlyTables(t *testing.T) {
	published := map[[2]string]bool{}
	for _, r := range source(t, "un_outcomes_1946_1993.csv") {
		published[[2]string{r["symbol"], r["tally"]}] = true
	}
	tallies := 0
	for _, r := range resolutions(t) {
		if r.col["tally"] == "" {
			continue
		}
		tallies++
		symbol := string(draft(t, r).Symbol)
		if symbol == "S/18087/Rev.1" {
			symbol = "S/18087"
		}
		if !published[[2]string{symbol, r.col["tally"]}] {
			t.Errorf("%v: no yearly table gives it %s", r, r.col["tally"])
		}
	}
	if tallies < 150 {
		t.Errorf("only %d tallies", tallies)
	}
}

// Who voted how comes from the draft-level sheet, which tells its votes apart
// by ID. A member that it gives twice has no position here.
func TestRollsAreThoseOfTheSheet(t *testing.T) {
	positions := map[string]map[votes.Code]string{}
	symbols := map[string]string{}
	for _, r := range source(t, "sc_draft_votes_1994_2025.csv") {
		k := r["ID"]
		if positions[k] == nil {
			positions[k] = map[votes.Code]string{}
		}
		code, ok := votes.FindState(r["Member State"])
		if !ok {
			continue // a misspelt member, in a roll that is not held
		}
		if _, twice := positions[k][code]; twice {
			positions[k][code] = ""
		} else {
			positions[k][code] = strings.ToLower(r["Vote"])
		}
		symbols[k] = r["Meeting"] + " " + r["Draft"] + " " + r["Resolution"]
	}
	published := map[string][]string{}
	for k, roll := range positions {
		for _, s := range symbolsIn(symbols[k]) {
			published[s] = append(published[s], rollText(roll))
		}
	}
	for _, r := range resolutions(t) {
		held := map[votes.Code]string{}
		for _, v := range r.roll() {
			held[v.Code] = string(v.Position)
		}
		symbol := cmp.Or(string(draft(t, r).Symbol), r.col["resolution"])
		if len(held) > 0 && !slices.Contains(published[symbol], rollText(held)) {
			t.Errorf("%v: the sheet has no such roll under %s: %s", r, symbol, rollText(held))
		}
	}
}

var anySymbol = regexp.MustCompile(`S/\d{4}/\d+|\d{4} ?\(\d{4}\)|^(?:S/)?(?:PV\.?)?\d{4}`)

// symbolsIn lists the documents, resolutions and the meeting that a line of the
// sheet names, as this record writes them.
func symbolsIn(s string) []string {
	var list []string
	for _, m := range anySymbol.FindAllString(s, -1) {
		if r, err := votes.ParseResolution(m, ""); err == nil {
			list = append(list, string(r))
		} else if d, err := votes.ParseDraft(m); err == nil && d.Symbol.MeetingNumber() == 0 {
			list = append(list, string(d.Symbol))
		} else if p, err := votes.ParseMeeting(m); err == nil {
			list = append(list, string(p))
		}
	}
	return list
}

// rollText writes a roll so that two can be compared: known positions by code.
func rollText(roll map[votes.Code]string) string {
	var list []string
	for code, position := range roll {
		if position != "" {
			list = append(list, string(code)+" "+position)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
