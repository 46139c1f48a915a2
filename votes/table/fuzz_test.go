package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"scvotes/votes"
	"scvotes/votes/anytext"
)

// anyRecord is a part of the starter record with a text in every field that holds
// one, but for the words of closed lists.
func anyRecord(t testing.TB, text string) record {
	all := ofStarter(t)
	var rec record
	for _, r := range all.resolutions {
		if r.ID != "S-2024-835" && r.ID != "S-2014-916" {
			continue
		}
		detail := *r.Detail
		r.Detail = &detail
		detail.Votes = slices.Clone(detail.Votes)
		r.Title, r.Part, r.Note, r.SponsoredAs = "x", "x", "x", "x"
		r.Sponsors = []votes.Sponsor{{Name: "x"}, {Code: "FRA", Name: "x"}, {Name: "x"}}
		r.Discrepancies = []votes.Discrepancy{{Kind: votes.KindTally, Severity: votes.SeverityMinor, State: votes.StateOpen, Sides: []votes.Side{{}, {Line: 3}}}}
		anytext.Fill(&r, text, "Kind", "Severity", "State", "Provenance")
		rec.resolutions = append(rec.resolutions, r)
	}
	for _, a := range all.accounts[:2] {
		account := *a.Account
		account.Sponsors, account.Problems = []votes.Sponsor{{Name: "x"}}, nil
		a.Account = &account
		anytext.Fill(&a, text, "Kind", "Stated", "Statements", "Printed", "Columns", "VoteLines")
		rec.accounts = append(rec.accounts, a)
	}
	for _, m := range all.members[:2] {
		m.Names, m.Terms = slices.Clone(m.Names), slices.Clone(m.Terms)
		anytext.Fill(&m, text)
		rec.members = append(rec.members, m)
	}
	return rec
}

// FuzzTables: whatever the texts of a record are, its tables are read back to the
// same texts, no cell of them runs in a spreadsheet, no number has a mark, and the
// download has the files that it always has.
func FuzzTables(f *testing.F) {
	for _, s := range []string{"x", "=1+1", "'=1", "-1", "a;=b;'-c", "\t=1", "\r\n@x", `"=1"`, "a,\"b\"\n;c", "\x00", "\u202e", "\xff", "＝1", "../../etc/passwd", "# x\n- y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rec := anyRecord(t, text)
		holdTable(t, Resolutions, rec.resolutions)
		holdTable(t, Accounts, rec.accounts)
		holdTable(t, Members, rec.members)
		for i := range rec.resolutions {
			holdTable(t, Votes, VotesOf(&rec.resolutions[i]))
			holdTable(t, Discrepancies, DiscrepanciesOf(&rec.resolutions[i]))
		}
		b := bundled(rec)
		b.Address, b.Version = text, text
		names, files := unzipped(t, b)
		if want := "resolutions.csv votes.csv members.csv accounts.csv discrepancies.csv resolutions.ndjson csv-metadata.json codebook.md TERMS.md CITATION.cff revision.json"; strings.Join(names, " ") != want {
			t.Errorf("files %v", names)
		}
		for _, line := range strings.Split(strings.TrimSpace(files["resolutions.ndjson"]), "\n") {
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
		if !json.Valid([]byte(files["csv-metadata.json"])) || !json.Valid([]byte(files["revision.json"])) {
			t.Errorf("the metadata is not JSON")
		}
		for _, line := range strings.Split(files["CITATION.cff"], "\n") {
			if line != "" && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "- ") && !strings.Contains(line, ":") {
				t.Errorf("CITATION.cff has the line %q", line)
			}
		}
	})
}

func holdTable[T any](t *testing.T, table Table[T], rows []T) {
	var out bytes.Buffer
	w := NewCSV(&out, table)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	read, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(read) != len(rows)+1 {
		t.Fatalf("%s: %d rows of %d, %v", table.Name, len(read), len(rows), err)
	}
	for i, row := range rows {
		for j, c := range table.Columns {
			cell, want := read[i+1][j], strings.ReplaceAll(c.Value(row), "\r\n", "\n") // encoding/csv reads every line end as one
			switch {
			case c.Datatype != String && c.Datatype != URI:
				if cell != want {
					t.Errorf("%s.%s: %q of %q", table.Name, c.Name, cell, want)
				}
			case votes.FromCell(cell) != want:
				t.Errorf("%s.%s: %q is read as %q, not %q", table.Name, c.Name, cell, votes.FromCell(cell), want)
			case runsInSpreadsheet(cell):
				t.Errorf("%s.%s: %q runs", table.Name, c.Name, cell)
			}
			if utf8.ValidString(want) != utf8.ValidString(cell) {
				t.Errorf("%s.%s: %q of %q", table.Name, c.Name, cell, want)
			}
		}
	}
}

// runsInSpreadsheet tells what the writer promises never to write, in other words
// than it has itself.
func runsInSpreadsheet(cell string) bool {
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
		if part = strings.TrimLeft(part, " \"\u00a0"); part != "" && strings.ContainsAny(part[:1], "=+-@") {
			return true
		}
	}
	return cell != "" && strings.ContainsAny(cell[:1], "\t\r\n")
}
