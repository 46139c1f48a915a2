package table

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

// bundled is the download of a record at revision 12.
func bundled(rec record) Bundle {
	return Bundle{
		About: About{Address: "https://votes.example.org", Version: "v1.2.3",
			Revision: votes.Revision{Number: 12, Committed: time.Date(2026, 11, 23, 13, 30, 5, 0, time.FixedZone("", 3600))}},
		EachResolution: rec.each, EachAccount: rec.eachAccount, Members: rec.members,
	}
}

// unzipped writes a bundle and opens it again.
func unzipped(t *testing.T, b Bundle) (names []string, files map[string]string) {
	t.Helper()
	var out bytes.Buffer
	if err := WriteBundle(&out, b); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if !f.Modified.Equal(b.Revision.Committed.Truncate(time.Second)) {
			t.Errorf("%s is dated %v", f.Name, f.Modified)
		}
		names, files[f.Name] = append(names, f.Name), string(content)
	}
	return names, files
}

func TestBundle(t *testing.T) {
	rec := ofStarter(t)
	names, files := unzipped(t, bundled(rec))
	want := []string{"resolutions.csv", "votes.csv", "members.csv", "accounts.csv", "discrepancies.csv", "resolutions.ndjson",
		"csv-metadata.json", "codebook.md", "TERMS.md", "CITATION.cff", "revision.json"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatalf("files (-want +got):\n%s", diff)
	}
	rolls, discrepancies := 0, 0
	for _, r := range rec.resolutions {
		rolls += len(r.Votes)
		discrepancies += len(r.Discrepancies)
	}
	rows := map[string]int{"resolutions.csv": len(rec.resolutions), "votes.csv": rolls, "members.csv": len(rec.members),
		"accounts.csv": len(rec.accounts), "discrepancies.csv": discrepancies, "resolutions.ndjson": len(rec.resolutions)}

	var told struct {
		Revision  int64
		Committed time.Time
		Program   string
		Files     []struct {
			Name, SHA256 string
			Rows         *int
			Bytes        int
		}
	}
	if err := json.Unmarshal([]byte(files["revision.json"]), &told); err != nil {
		t.Fatal(err)
	}
	if told.Revision != 12 || told.Program != "v1.2.3" || told.Committed.Format(time.RFC3339) != "2026-11-23T12:30:05Z" || len(told.Files) != len(names)-1 {
		t.Errorf("revision.json: %+v", told)
	}
	for _, f := range told.Files {
		sum := sha256.Sum256([]byte(files[f.Name]))
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != len(files[f.Name]) {
			t.Errorf("%s: told %d bytes with checksum %s", f.Name, f.Bytes, f.SHA256)
		}
		n, counted := rows[f.Name]
		switch {
		case counted != (f.Rows != nil):
			t.Errorf("%s: rows %v", f.Name, f.Rows)
		case counted && (n == 0 || *f.Rows != n):
			t.Errorf("%s: told %d rows, want %d", f.Name, *f.Rows, n)
		}
		if lines := strings.Count(files[f.Name], "\n"); f.Name == "resolutions.ndjson" && lines != n {
			t.Errorf("%s has %d lines, want %d", f.Name, lines, n)
		}
	}
	for name, words := range map[string][]string{
		"TERMS.md":     {"revision 12", "2026-11-23", "MIT", "non-commercial", "- scvotes starter record, 2026-11-23\n"},
		"CITATION.cff": {"cff-version: 1.2.0\n", "message: \"", "title: \"", "authors:\n  - name: \"", "version: \"revision 12\"\n", "date-released: \"2026-11-23\"\n", "url: \"https://votes.example.org\"\n"},
		"codebook.md":  {"Revision 12, of 2026-11-23"},
	} {
		for _, w := range words {
			if !strings.Contains(files[name], w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
}

// A line of NDJSON is the JSON of the resolution, and its row of the CSV.
func TestBundleNDJSON(t *testing.T) {
	rec := ofStarter(t)
	_, files := unzipped(t, bundled(rec))
	d := json.NewDecoder(strings.NewReader(files["resolutions.ndjson"]))
	for i, line := range fileRows(t, files["resolutions.csv"]) {
		var got votes.Resolution
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := rec.resolutions[i]
		want.Provenance = nil // is no part of the JSON
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-record +file):\n%s", want.ID, diff)
		}
		if line["id"] != got.ID || line["reason"] != got.Reason {
			t.Errorf("line %d is %s, the row %s", i, got.ID, line["id"])
		}
	}
}

func TestSameRecordSameBytes(t *testing.T) {
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := WriteBundle(out, bundled(ofStarter(t))); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the bytes differ")
	}
}

func fileRows(t *testing.T, content string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestBundleOfAChangingRecord(t *testing.T) {
	rec := ofStarter(t)
	late := bundled(rec)
	late.Revision.Number = 0
	passes := 0
	growing := bundled(rec)
	growing.EachResolution = func(yield func(*votes.Resolution) error) error {
		passes++
		return all(rec.resolutions[:passes], func(r votes.Resolution) error { return yield(&r) })
	}
	for name, b := range map[string]Bundle{"a later revision": late, "another number of resolutions": growing} {
		if err := WriteBundle(io.Discard, b); err == nil || !strings.Contains(err.Error(), "the record changed while it was written") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever cannot be read or written is told, at whatever place it happens.
func TestBundleTellsOfFaults(t *testing.T) {
	rec := ofStarter(t)
	var whole bytes.Buffer
	if err := WriteBundle(&whole, bundled(rec)); err != nil {
		t.Fatal(err)
	}
	for _, place := range []int{0, 1, whole.Len() / 3, whole.Len() / 2, whole.Len() - 1} {
		n := fullAfter(place)
		if err := WriteBundle(&n, bundled(rec)); !errors.Is(err, errFull) {
			t.Errorf("full after %d of %d bytes: %v", place, whole.Len(), err)
		}
	}
	gone := errors.New("the connection is gone")
	for pass := range 4 {
		b := bundled(rec)
		b.EachResolution = func(yield func(*votes.Resolution) error) error {
			if pass--; pass < 0 {
				return gone
			}
			return rec.each(yield)
		}
		if err := WriteBundle(io.Discard, b); !errors.Is(err, gone) {
			t.Errorf("resolutions: %v", err)
		}
	}
	b := bundled(rec)
	b.EachAccount = func(func(votes.FoundAccount) error) error { return gone }
	if err := WriteBundle(io.Discard, b); !errors.Is(err, gone) {
		t.Errorf("accounts: %v", err)
	}
}
