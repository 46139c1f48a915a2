package cite

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"scvotes/votes"
	"scvotes/votes/source"
	"scvotes/votes/starter"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

var looked = Access{URL: "https://votes.example.org/v1/resolutions/", Accessed: "2026-11-23", Revision: 12}

// record is the starter record, by id.
var record = sync.OnceValues(func() (map[string]*votes.Resolution, error) {
	var accounts []*votes.Account
	keep := func(a *votes.Account) error { votes.Check(a); accounts = append(accounts, a); return nil }
	_, err := source.Read(starter.Resolutions(), source.Options{Source: starter.Name, Edition: starter.Edition}, keep)
	byID := map[string]*votes.Resolution{}
	for _, a := range accounts {
		r, _ := votes.Reconcile([]*votes.Account{a}, nil)
		r.Revision = 12
		byID[r.ID] = &r
	}
	return byID, err
})

func find(t *testing.T, id string) *votes.Resolution {
	t.Helper()
	all, err := record()
	if err != nil {
		t.Fatal(err)
	}
	if all[id] == nil {
		t.Fatalf("the starter record has no %s", id)
	}
	return all[id]
}

func accessTo(r *votes.Resolution) Access {
	a := looked
	a.URL += r.ID
	return a
}

func popoloJSON(r *votes.Resolution, _ Access) ([]byte, error) {
	b, err := json.MarshalIndent(Popolo(r, "https://votes.example.org"), "", "  ")
	return append(b, '\n'), err
}

var formats = map[string]func(*votes.Resolution, Access) ([]byte, error){".bib": BibTeX, ".ris": RIS, ".csl.json": CSL, ".popolo.json": popoloJSON}

// A veto over fourteen votes, an adoption over a negative vote, a veto of which
// the tally alone is known, one of which nothing is, a proposal without a
// document, and a preliminary question.
func TestGolden(t *testing.T) {
	for _, id := range []string{"S-2024-835", "S-RES-2623-2022", "S-13729", "S-PV.23", "S-PV.57-ireland", "S-552-preliminary-question"} {
		r := find(t, id)
		for suffix, write := range formats {
			got, err := write(r, accessTo(r))
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("testdata", strings.ToLower(id)+suffix)
			if *update {
				if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(name, got, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestUnusualRecords(t *testing.T) {
	for name, tt := range map[string]struct {
		r           votes.Resolution
		title, note string
	}{
		"no title": {votes.Resolution{ID: "S-12345", Draft: "S/12345", Kind: votes.DraftResolution, Date: "1977-05-01", Outcome: votes.Failed,
			Tally: &votes.Tally{Yes: 8, Abstain: 6, NotVoting: 1}},
			"Draft resolution S/12345", "Failed, 8-0-6-1, 1977-05-01."},
		"an agenda item for a title": {votes.Resolution{ID: "S-12345", Draft: "S/12345", Kind: votes.Amendment, AgendaItem: "The  question of\nCyprus", Date: "1977-05-01",
			Outcome: votes.Failed}, "Amendment S/12345: The question of Cyprus", "Failed, tally not known, 1977-05-01."},
		"adopted without a vote": {votes.Resolution{ID: "S-RES-1-1946", Resolution: "S/RES/1 (1946)", Meeting: "S/PV.2", Kind: votes.DraftResolution, Date: "1946-01-25",
			Outcome: votes.Adopted, AdoptedBy: votes.ByNoVote}, "Resolution 1 (1946)", "Adopted without a vote, meeting S/PV.2, 1946-01-25."},
		"disputed": {votes.Resolution{ID: "S-RES-1000-1995", Resolution: "S/RES/1000 (1995)", Title: "Cyprus", Date: "1995-06-23", Outcome: votes.Adopted,
			RollCall: votes.RollDisputed}, "Cyprus", "Adopted, tally not known, roll call disputed between sources, 1995-06-23."},
		"withdrawn": {votes.Resolution{ID: "S-2020-1", Draft: "S/2020/1", Title: "Syria", Part: "paragraph 4", Kind: votes.Paragraph, Date: "2020-01-01",
			Outcome: votes.Withdrawn}, "Syria (paragraph 4)", "Withdrawn, 2020-01-01."},
		"a part that the title names": {votes.Resolution{ID: "S-PV.57-ireland", Draft: "S/PV.57", Meeting: "S/PV.57", Title: "Admission of Ireland", Part: "ireland",
			Date: "1946-08-29", Outcome: votes.Vetoed, VetoedBy: []votes.Code{"SUN"}}, "Admission of Ireland", "Vetoed by USSR, tally not known, meeting S/PV.57, 1946-08-29."},
		"a vote in writing": {votes.Resolution{ID: "V131", Meeting: "V131", Title: "Libya", Kind: votes.DraftResolution, Date: "2020-06-05", Outcome: votes.Adopted,
			Tally: &votes.Tally{Yes: 15}}, "Libya", "Adopted, 15-0-0, meeting V131, 2020-06-05."},
		"two vetoes": {votes.Resolution{ID: "S-2022-431", Draft: "S/2022/431", Title: "DPRK", Date: "2022-05-26", Outcome: votes.Vetoed,
			Tally: &votes.Tally{Yes: 13, No: 2}, VetoedBy: []votes.Code{"CHN", "RUS"}}, "DPRK", "Vetoed by China, Russian Federation, 13-2-0, 2022-05-26."},
	} {
		c := of(&tt.r, looked)
		if c.title != tt.title || !strings.HasPrefix(c.note, tt.note) {
			t.Errorf("%s: %q; %q", name, c.title, c.note)
		}
		if c.url == "" {
			t.Errorf("%s: no address", name)
		}
		if faults := popoloFaults(t, Popolo(&tt.r, "https://votes.example.org")); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestKind(t *testing.T) {
	for _, tt := range []struct {
		r    votes.Resolution
		want string
	}{
		{votes.Resolution{Resolution: "S/RES/1 (1946)", Draft: "S/3", Kind: votes.DraftResolution}, "Resolution"},
		{votes.Resolution{Draft: "S/3", Kind: votes.DraftResolution}, "Draft resolution"},
		{votes.Resolution{Draft: "S/3", Kind: votes.PreliminaryQuestion, Part: "preliminary question"}, "Draft resolution"},
		{votes.Resolution{Draft: "S/3", Kind: votes.Amendment}, "Amendment"},
		{votes.Resolution{Draft: "S/3", Kind: votes.OtherProposal}, "Proposal"},
		{votes.Resolution{Draft: "S/PV.57", Meeting: "S/PV.57", Kind: votes.Recommendation}, "Verbatim record"},
		{votes.Resolution{Meeting: "S/PV.100", Kind: votes.OralProposal}, "Verbatim record"},
	} {
		if c := of(&tt.r, Access{}); c.kind != tt.want {
			t.Errorf("%+v: %q, want %q", tt.r, c.kind, tt.want)
		}
	}
}

// What stands in a title comes through as text, in every format.
func TestEscapes(t *testing.T) {
	r := &votes.Resolution{ID: "S-1", Draft: "S/1", Kind: votes.DraftResolution, Date: "2000-01-02", Outcome: votes.Failed,
		Title: "50% of {all} \"Côte_d'Ivoire\" \\ #1 & $2 ~x^2 }\r\nER  - \nTY  - BOOK"}
	a := Access{URL: "https://x.example/a_b?c={d}&e=50%25#f", Accessed: "2026-11-23", Revision: 1}

	bib, err := BibTeX(r, a)
	if err != nil {
		t.Fatal(err)
	}
	entry := string(bib)
	want := `  title       = {{50\% of {\textbraceleft}all{\textbraceright} "Côte\_d'Ivoire" {\textbackslash} \#1 \& \$2 {\textasciitilde}x{\textasciicircum}2 {\textbraceright} ER - TY - BOOK}},`
	if !strings.Contains(entry, want+"\n") {
		t.Errorf("BibTeX:\n%s\nwant\n%s", entry, want)
	}
	if depth := strings.Count(entry, "{") - strings.Count(entry, "}"); depth != 0 {
		t.Errorf("%d braces are left open:\n%s", depth, entry)
	}
	if !strings.Contains(bibURL(a.URL), "https://x.example/a_b?c=%7Bd%7D&e=50%25#f") {
		t.Errorf("url: %s", bibURL(a.URL))
	}

	ris, err := RIS(r, a)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(ris), "\r\n")
	for i, line := range lines[:len(lines)-1] {
		if !regexp.MustCompile(`^[A-Z][A-Z0-9]  - `).MatchString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("RIS line %d: %q", i+1, line)
		}
	}
	if n := strings.Count(string(ris), "\r\nER  - "); n != 1 || lines[0] != "TY  - RPRT" || lines[len(lines)-1] != "" {
		t.Errorf("RIS: %d ends in\n%s", n, ris)
	}

	csl, err := CSL(r, a)
	if err != nil {
		t.Fatal(err)
	}
	var items []map[string]any
	if err := json.Unmarshal(csl, &items); err != nil {
		t.Fatal(err)
	}
	if len(items) != 1 || items[0]["title"] != `50% of {all} "Côte_d'Ivoire" \ #1 & $2 ~x^2 } ER - TY - BOOK` {
		t.Errorf("CSL: %v", items)
	}
}

// Every vote of the starter record can be cited, each under a key of its own.
func TestWholeRecord(t *testing.T) {
	all, err := record()
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`^@techreport\{(un-[a-z0-9.-]+),\n`)
	keys := map[string]string{}
	for id, r := range all {
		bib, err := BibTeX(r, accessTo(r))
		if err != nil {
			t.Fatal(err)
		}
		m := key.FindSubmatch(bib)
		if m == nil || keys[string(m[1])] != "" {
			t.Fatalf("%s, after %s:\n%s", id, keys[string(m[1])], bib)
		}
		keys[string(m[1])] = id
		if depth := strings.Count(string(bib), "{") - strings.Count(string(bib), "}"); depth != 0 {
			t.Errorf("%s: %d braces are left open", id, depth)
		}
		if faults := cslFaults(t, r); len(faults) > 0 {
			t.Errorf("%s: %v", id, faults)
		}
		if faults := popoloFaults(t, Popolo(r, "https://votes.example.org")); len(faults) > 0 {
			t.Errorf("%s: %v", id, faults)
		}
	}
	if len(all) < 400 {
		t.Errorf("%d votes", len(all))
	}
}

// cslFaults holds an item against what the schema of CSL-JSON 1.0 says of the
// fields in use: their names, types, and that there are no others.
func cslFaults(t *testing.T, r *votes.Resolution) (faults []string) {
	t.Helper()
	b, err := CSL(r, accessTo(r))
	if err != nil {
		t.Fatal(err)
	}
	var items []map[string]any
	if err := json.Unmarshal(b, &items); err != nil {
		t.Fatal(err)
	}
	text := []string{"id", "type", "title", "publisher", "genre", "number", "URL", "note", "source"}
	for name, v := range items[0] {
		ok := false
		switch name {
		case "issued", "accessed":
			parts, _ := v.(map[string]any)["date-parts"].([]any)
			ok = len(parts) == 1 && len(parts[0].([]any)) == 3
		case "author":
			names, _ := v.([]any)
			ok = len(names) == 1 && names[0].(map[string]any)["literal"] == council
		default:
			s, isText := v.(string)
			ok = isText && s != "" && strings.Contains(" "+strings.Join(text, " ")+" ", " "+name+" ")
		}
		if !ok {
			faults = append(faults, name)
		}
	}
	return faults
}
