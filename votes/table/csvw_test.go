package table

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"scvotes/votes"
)

// metadata is as much of csv-metadata.json as the test needs. It is read apart
// from the types that wrote it.
type metadata struct {
	Context []any `json:"@context"`
	Tables  []metadataTable
}

type metadataTable struct {
	URL         string
	TableSchema struct {
		Columns []struct {
			Name      string
			Titles    []string
			Datatype  any
			Separator string
			Required  bool
		}
		PrimaryKey  []string
		ForeignKeys []struct {
			ColumnReference string
			Reference       struct{ Resource, ColumnReference string }
		}
	}
}

// The files are what their metadata says: header, datatypes, words, required
// cells, keys that are unique, references that lead somewhere.
func TestBundleIsValidCSVW(t *testing.T) {
	for name, rec := range map[string]func(testing.TB) record{"starter": ofStarter, "published": ofPublished} {
		t.Run(name, func(t *testing.T) {
			_, files := unzipped(t, bundled(rec(t)))
			faults := csvwFaults(t, files)
			for i, f := range faults {
				if i == 20 {
					t.Fatalf("and %d more", len(faults)-i)
				}
				t.Error(f)
			}
		})
	}
}

// The check above can fail.
func TestCSVWFaultsAreFound(t *testing.T) {
	rec := ofStarter(t)
	for what, spoil := range map[string]func(r *votes.Resolution){
		`"2024-13-01" is no date`:                                   func(r *votes.Resolution) { r.Date = "2024-13-01" },
		`"lost" is none of the words`:                               func(r *votes.Resolution) { r.Outcome = "lost" },
		`reason is empty`:                                           func(r *votes.Resolution) { r.Reason = "" },
		`a second row "S-2024-835"`:                                 func(r *votes.Resolution) { r.ID = "S-2024-835" },
		`votes.csv line 2: code "XXX" is no code of members.csv`:    func(r *votes.Resolution) { r.Votes[0].Code = "XXX" },
		`accounts.csv line 2: id "S-PV.23" is no id of resolutions`: func(r *votes.Resolution) {},
	} {
		r := *rec.find(t, "S-2024-835")
		d := *r.Detail
		d.Votes = slices.Clone(d.Votes)
		r.Detail = &d
		spoil(&r)
		few := record{resolutions: []votes.Resolution{*rec.find(t, "S-2024-835"), r}, accounts: rec.accounts, members: rec.members}
		if !strings.HasPrefix(what, "a second") {
			few.resolutions = few.resolutions[1:]
		}
		_, files := unzipped(t, bundled(few))
		if all := strings.Join(csvwFaults(t, files), "\n"); !strings.Contains(all, what) {
			t.Errorf("%s: not found in\n%.600s", what, all)
		}
	}
}

// csvw is a bundle that is held against its metadata.
type csvw struct {
	files  map[string]string
	values map[string]map[string]bool // all that stands in a column, by file and column
	faults []string
}

func csvwFaults(t *testing.T, files map[string]string) []string {
	t.Helper()
	var m metadata
	if err := json.Unmarshal([]byte(files["csv-metadata.json"]), &m); err != nil {
		t.Fatal(err)
	}
	v := &csvw{files: files, values: map[string]map[string]bool{}}
	if len(m.Context) == 0 || m.Context[0] != "http://www.w3.org/ns/csvw" || len(m.Tables) != 5 {
		v.fault("@context %v, %d tables", m.Context, len(m.Tables))
	}
	for _, table := range m.Tables {
		v.header(t, table)
		v.rows(t, table)
	}
	return v.faults
}

func (v *csvw) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *csvw) header(t *testing.T, table metadataTable) {
	header, err := csv.NewReader(strings.NewReader(v.files[table.URL])).Read()
	if err != nil {
		t.Fatalf("%s: %v", table.URL, err)
	}
	var names []string
	for _, c := range table.TableSchema.Columns {
		names = append(names, c.Name)
		if !slices.Contains(c.Titles, c.Name) {
			v.fault("%s: the titles of %s are %q: a validator compares them with the header", table.URL, c.Name, c.Titles)
		}
	}
	if !slices.Equal(names, header) {
		v.fault("%s has the columns %v, by its metadata %v", table.URL, header, names)
	}
	if len(table.TableSchema.PrimaryKey) == 0 {
		v.fault("%s has no primary key", table.URL)
	}
}

func (v *csvw) rows(t *testing.T, table metadataTable) {
	keys := map[string]bool{}
	for i, row := range fileRows(t, v.files[table.URL]) {
		place := fmt.Sprintf("%s line %d: ", table.URL, i+2)
		for _, c := range table.TableSchema.Columns {
			for _, f := range cellFaults(row[c.Name], c.Datatype, c.Separator, c.Required) {
				v.fault("%s%s %s", place, c.Name, f)
			}
		}
		var key []string
		for _, k := range table.TableSchema.PrimaryKey {
			key = append(key, row[k])
		}
		if k := strings.Join(key, " "); keys[k] {
			v.fault("%sa second row %q", place, k)
		} else {
			keys[k] = true
		}
		for _, f := range table.TableSchema.ForeignKeys {
			if to := f.Reference; !v.column(t, to.Resource, to.ColumnReference)[row[f.ColumnReference]] {
				v.fault("%s%s %q is no %s of %s", place, f.ColumnReference, row[f.ColumnReference], to.ColumnReference, to.Resource)
			}
		}
	}
}

func (v *csvw) column(t *testing.T, file, name string) map[string]bool {
	key := file + " " + name
	if v.values[key] == nil {
		v.values[key] = map[string]bool{}
		for _, row := range fileRows(t, v.files[file]) {
			v.values[key][row[name]] = true
		}
	}
	return v.values[key]
}

func cellFaults(cell string, datatype any, separator string, required bool) (faults []string) {
	if cell == "" {
		if required {
			return []string{"is empty"}
		}
		return nil
	}
	base, format := fmt.Sprint(datatype), ""
	if d, ok := datatype.(map[string]any); ok {
		base, format = d["base"].(string), d["format"].(string)
	}
	items := []string{cell}
	if separator != "" {
		items = strings.Split(cell, separator)
	}
	for _, item := range items {
		var err error
		switch base {
		case "integer":
			_, err = strconv.ParseInt(item, 10, 64)
		case "boolean":
			if item != "true" && item != "false" {
				err = errors.New("")
			}
		case "date":
			_, err = time.Parse("2006-01-02", item)
		case "anyURI":
			if !strings.HasPrefix(item, "https://") && !strings.HasPrefix(item, "http://") {
				err = errors.New("")
			}
		case "string":
		default:
			err = errors.New("")
		}
		if err != nil {
			faults = append(faults, fmt.Sprintf("%q is no %s", item, base))
		}
		if format != "" && !compiled(format).MatchString(item) {
			faults = append(faults, fmt.Sprintf("%q is none of the words", item))
		}
	}
	return faults
}

var patterns = map[string]*regexp.Regexp{}

func compiled(pattern string) *regexp.Regexp {
	if patterns[pattern] == nil {
		patterns[pattern] = regexp.MustCompile(pattern)
	}
	return patterns[pattern]
}

// Metadata of some of the tables refers to none of the others.
func TestMetadataOfSomeTables(t *testing.T) {
	b, err := Metadata(About{}, Votes.Schema(), Members.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var m metadata
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	keys := m.Tables[0].TableSchema.ForeignKeys
	if len(keys) != 1 || keys[0].ColumnReference != "code" || keys[0].Reference.Resource != "members.csv" {
		t.Errorf("foreign keys of votes.csv: %+v", keys)
	}
}

// Every column and every word is in the codebook, in its table.
func TestCodebook(t *testing.T) {
	all := everyTable()
	book := Codebook(About{Revision: votes.Revision{Number: 12}}, all...)
	for _, s := range all {
		_, section, ok := strings.Cut(book, "\n## "+s.Name+".csv\n")
		if !ok {
			t.Fatalf("%s.csv has no section", s.Name)
		}
		section, _, _ = strings.Cut(section, "\n## ")
		for _, c := range s.Columns {
			if !strings.Contains(section, "| `"+c.Name+"` | ") {
				t.Errorf("%s.%s is not told", s.Name, c.Name)
			}
			for _, w := range c.Words {
				if !strings.Contains(book, "| `"+w.Value+"` | "+w.Meaning+" |") {
					t.Errorf("%s of %s.%s is not told", w.Value, s.Name, c.Name)
				}
			}
		}
	}
	if n := strings.Count(book, "\n### `outcome` in "); n != 1 {
		t.Errorf("the outcomes are told %d times", n)
	}
}
