package api

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the version of the contract, where it is new, to testdata")

// contractSums holds a line for every version of the contract there has been,
// the oldest first: the version, and the SHA-256 of the document without the
// line of its version.
const contractSums = "testdata/contract.sum"

// surfaceOf is the file with all that a version lets clients lean on.
func surfaceOf(version string) string { return "testdata/openapi-" + version + ".paths" }

// A version is a promise: what a client read under it stays as it was read.
func TestAChangedContractHasANewVersion(t *testing.T) {
	sums, err := os.ReadFile(contractSums)
	if err != nil {
		t.Fatal(err)
	}
	version, sum, err := contractSum(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		more, err := addSum(string(sums), version, sum)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(contractSums, []byte(more), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(surfaceOf(version), []byte(strings.Join(surface(t, openAPI), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		sums = []byte(more)
	}
	if err := checkSums(string(sums), version, sum); err != nil {
		t.Error(err)
	}
}

func TestSumsOfTheContract(t *testing.T) {
	const a, b = "1.0.0 aa\n", "1.1.0 bb\n"
	for _, c := range []struct {
		name, sums, version, sum string
		check, added             string // "" for none
	}{
		{"as it is kept", a + b, "1.1.0", "bb", "", a + b},
		{"changed under its version", a + b, "1.1.0", "cc", "raise its version", "raise its version"},
		{"a new version", a + b, "1.2.0", "cc", "is not in", a + b + "1.2.0 cc\n"},
		{"an old version", a + b, "1.0.0", "aa", "is not the last", "is not above"},
		{"a version between", a + b, "1.0.9", "cc", "is not in", "is not above"},
		{"ten is above nine", "1.9.0 aa\n", "1.10.0", "cc", "is not in", "1.9.0 aa\n1.10.0 cc\n"},
		{"out of order", b + a, "1.0.0", "aa", "is not above", "is not above"},
		{"twice", a + a, "1.0.0", "aa", "is not above", "is not above"},
		{"no version", "first aa\n", "1.0.0", "aa", "is no version", "is no version"},
		{"no sum", "1.0.0\n", "1.0.0", "aa", "line 1", "line 1"},
	} {
		if err := checkSums(c.sums, c.version, c.sum); c.check == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.check) {
			t.Errorf("%s: checked: %v, want %q", c.name, err, c.check)
		}
		got, err := addSum(c.sums, c.version, c.sum)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.added) || err == nil && got != c.added {
			t.Errorf("%s: added: %q, want %q", c.name, got, c.added)
		}
	}
}

func TestTheSumIsOfAllButTheVersion(t *testing.T) {
	document := string(openAPI)
	version, sum, err := contractSum(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	line := `version: "` + version + `"`
	if v, s, err := contractSum([]byte(strings.Replace(document, line, `version: "99.0.0"`, 1))); err != nil || v != "99.0.0" || s != sum {
		t.Errorf("another version: %s %s, %v", v, s, err)
	}
	if v, s, err := contractSum([]byte(document + "# one more line\n")); err != nil || v != version || s == sum {
		t.Errorf("one more line: %s %s, %v", v, s, err)
	}
	if v, _, err := contractSum([]byte(strings.Replace(document, line, "", 1))); err == nil {
		t.Errorf("no version is read as %s", v)
	}
}

var versionLine = regexp.MustCompile(`(?m)^  version: "([0-9.]+)"\n`)

// contractSum reads the version of a document, and sums up the rest.
func contractSum(document []byte) (version, sum string, err error) {
	at := versionLine.FindSubmatchIndex(document)
	if at == nil {
		return "", "", errors.New(`the document has no line version: "1.2.3" under info`)
	}
	rest := slices.Concat(document[:at[0]], document[at[1]:])
	return string(document[at[2]:at[3]]), fmt.Sprintf("%x", sha256.Sum256(rest)), nil
}

// kept is one line of the sums.
type kept struct{ version, sum string }

// parseSums reads the sums; each version must be above the one before.
func parseSums(sums string) ([]kept, error) {
	var list []kept
	for i, line := range strings.Split(strings.TrimSuffix(sums, "\n"), "\n") {
		version, sum, ok := strings.Cut(line, " ")
		if !ok {
			return nil, fmt.Errorf("line %d of the sums, %q, is not a version and a sum", i+1, line)
		}
		if _, err := numbers(version); err != nil {
			return nil, err
		}
		if n := len(list); n > 0 && !above(version, list[n-1].version) {
			return nil, fmt.Errorf("version %s is not above %s, which stands before it", version, list[n-1].version)
		}
		list = append(list, kept{version, sum})
	}
	return list, nil
}

// checkSums tells whether a document is the last one that was kept.
func checkSums(sums, version, sum string) error {
	list, err := parseSums(sums)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(k kept) bool { return k.version == version })
	switch {
	case i < 0:
		return fmt.Errorf("version %s of the contract is not in %s: go test ./api -run Version -update adds it", version, contractSums)
	case list[i].sum != sum:
		return fmt.Errorf("the contract is not version %s as it was kept: raise its version", version)
	case i < len(list)-1:
		return fmt.Errorf("version %s of the contract is not the last that was kept, %s", version, list[len(list)-1].version)
	}
	return nil
}

// addSum adds a version that is new, and never changes one that is not.
func addSum(sums, version, sum string) (string, error) {
	list, err := parseSums(sums)
	if err != nil {
		return "", err
	}
	last := list[len(list)-1]
	switch {
	case last == kept{version, sum}:
		return sums, nil
	case last.version == version:
		return "", fmt.Errorf("the contract is not version %s as it was kept: raise its version", version)
	case !above(version, last.version):
		return "", fmt.Errorf("version %s is not above %s, the last that was kept", version, last.version)
	}
	return sums + version + " " + sum + "\n", nil
}

func above(a, b string) bool {
	one, err := numbers(a)
	other, err2 := numbers(b)
	return err == nil && err2 == nil && slices.Compare(one, other) > 0
}

func numbers(version string) ([]int, error) {
	parts := strings.Split(version, ".")
	list := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || len(parts) != 3 {
			return nil, fmt.Errorf("%q is no version as 1.2.3", version)
		}
		list[i] = n
	}
	return list, nil
}

// Within a major version nothing is taken away that a client could lean on.
func TestNothingIsTakenAway(t *testing.T) {
	version, _, err := contractSum(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	major, _, _ := strings.Cut(version, ".")
	before, err := filepath.Glob(surfaceOf(major + ".*"))
	if err != nil || len(before) == 0 {
		t.Fatalf("no surface of version %s: %v", major, err)
	}
	now := surface(t, openAPI)
	for _, file := range before {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if gone := missing(strings.Split(strings.TrimSpace(string(b)), "\n"), now); len(gone) > 0 {
			t.Errorf("%s promised what is no more:\n%s", file, strings.Join(gone, "\n"))
		}
	}
}

func TestWhatIsTakenAwayIsFound(t *testing.T) {
	const document = `
openapi: 3.0.3
info: { title: t, version: "1.0.0" }
paths:
  /a:
    get:
      parameters:
        - { name: b, in: query, schema: { type: string, enum: [x, y] } }
      responses:
        "200": { description: d, content: { application/json: { schema: { $ref: "#/components/schemas/S" } } } }
components:
  schemas:
    S: { type: object, required: [c], properties: { c: { type: integer }, d: { type: array, items: { type: object, properties: { e: { type: string } } } } } }
`
	if diff := cmp.Diff([]string{
		"GET /a",
		"GET /a 200",
		"GET /a 200 application/json: c integer",
		"GET /a 200 application/json: d array or nothing",
		"GET /a 200 application/json: d[].e string or nothing",
		"GET /a query b, not required",
		"GET /a query b: string",
		"GET /a query b: string x",
		"GET /a query b: string y",
	}, surface(t, []byte(document))); diff != "" {
		t.Fatal(diff)
	}
	for what, change := range map[string][2]string{
		"the path":               {"/a:", "/aa:"},
		"the parameter":          {"name: b", "name: bb"},
		"a word of it":           {"[x, y]", "[x]"},
		"the freedom to omit it": {"in: query,", "in: query, required: true,"},
		"the media type":         {"application/json", "text/plain"},
		"a field":                {"c: { type: integer }", "cc: { type: integer }"},
		"its type":               {"c: { type: integer }", "c: { type: string }"},
		"its certainty":          {"required: [c], ", ""},
		"its being no null":      {"c: { type: integer }", "c: { type: integer, nullable: true }"},
		"a field within":         {"e: { type: string }", "f: { type: string }"},
	} {
		changed := strings.ReplaceAll(document, change[0], change[1])
		if len(missing(surface(t, []byte(document)), surface(t, []byte(changed)))) == 0 {
			t.Errorf("%s can be taken away unseen", what)
		}
	}
	more := strings.ReplaceAll(document, "c: { type: integer }", "c: { type: integer }, g: { type: string }")
	if gone := missing(surface(t, []byte(document)), surface(t, []byte(more))); len(gone) > 0 {
		t.Errorf("one more field takes away %q", gone)
	}
}

// missing lists the promises that are not kept.
func missing(promised, kept []string) []string {
	return slices.DeleteFunc(slices.Clone(promised), func(line string) bool { return slices.Contains(kept, line) })
}

// surface lists all that a client can lean on: addresses, parameters and what
// they accept, answers, and their fields. Names of schemas are not part of it:
// they never leave the document.
func surface(t *testing.T, document []byte) []string {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			at := method + " " + path
			lines[at] = true
			for _, p := range append(slices.Clone(item.Parameters), o.Parameters...) {
				name := at + " " + p.Value.In + " " + p.Value.Name
				if !p.Value.Required {
					lines[name+", not required"] = true
				}
				parameterLines(lines, name+": ", p.Value.Schema.Value)
			}
			for status, r := range o.Responses.Map() {
				lines[at+" "+status] = true
				for media, m := range r.Value.Content {
					if m.Schema != nil && strings.HasPrefix(status, "2") {
						fieldLines(lines, at+" "+status+" "+media+": ", "", m.Schema.Value, 0)
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(lines))
}

// parameterLines lists what a parameter accepts.
func parameterLines(lines map[string]bool, at string, s *openapi3.Schema) {
	if s.Items != nil {
		parameterLines(lines, at+"list of ", s.Items.Value)
		return
	}
	at += typeText(s)
	lines[at] = true
	for _, word := range s.Enum {
		lines[fmt.Sprintf("%s %v", at, word)] = true
	}
}

// deepest is how far into an answer the surface goes; a schema that holds
// itself would have no end.
const deepest = 8

// fieldLines lists the fields of an answer.
func fieldLines(lines map[string]bool, at, within string, s *openapi3.Schema, depth int) {
	if depth > deepest {
		return
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		fieldLines(lines, at, within, part.Value, depth+1)
	}
	if s.Items != nil {
		fieldLines(lines, at, within+"[]", s.Items.Value, depth+1)
	}
	if each := s.AdditionalProperties.Schema; each != nil {
		fieldLines(lines, at, joined(".", within, "*"), each.Value, depth+1)
	}
	for name, p := range s.Properties {
		field := joined(".", within, name)
		line := at + field + " " + typeText(p.Value)
		if !slices.Contains(s.Required, name) {
			line += " or nothing"
		}
		lines[line] = true
		fieldLines(lines, at, field, p.Value, depth+1)
	}
}

func typeText(s *openapi3.Schema) string {
	text := "any"
	if s.Type != nil {
		text = strings.Join(s.Type.Slice(), " or ")
	}
	if s.Nullable && s.Type != nil {
		text += " or null"
	}
	return text
}
