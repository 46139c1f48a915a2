package votes_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestNear(t *testing.T) {
	record := []string{"S-2024-835", "S-2024-853", "S-2024-83", "S-2023-835", "S-2014-835", "S-2022-720", "S-RES-2334-2016", "S-RES-2343-2017",
		"S-RES-2335-2016", "S-RES-835-1993", "S-17769-Rev.1", "S-17796", "S-2334", "S-552-preliminary-question", "S-552", "S-PV.49", "S-RES-100-1953"}
	cases := []struct {
		id   string
		want []string
	}{
		// Another year, the nearest first; then a digit; then another series.
		{"S-2025-835", []string{"S-2024-835", "S-2023-835", "S-2014-835", "S-RES-835-1993"}},
		{"S-2024-836", []string{"S-2024-835", "S-2024-83"}},
		{"S-2024-385", []string{"S-2024-835"}}, // two digits turned
		{"S-835-2024", []string{"S-2024-835", "S-2023-835", "S-2014-835", "S-2024-853", "S-2024-83"}},
		{"S-RES-2334-2017", []string{"S-RES-2334-2016", "S-RES-2343-2017", "S-2334"}},
		{"S-RES-2334", []string{"S-RES-2334-2016", "S-2334"}},
		{"S-RES-2336-2016", []string{"S-RES-2334-2016", "S-RES-2335-2016"}},
		{"S-17769", []string{"S-17769-Rev.1", "S-17796"}},
		{"S-17769-Rev.2", []string{"S-17769-Rev.1", "S-17796"}},
		{"S-1769", []string{"S-17769-Rev.1"}},
		{"S-552-paragraph-1", []string{"S-552-preliminary-question", "S-552"}},
		{"S-2022-720-Rev.1", []string{"S-2022-720"}},
		{"S-PV.48", []string{"S-PV.49"}},
		{"s-2024-0836", []string{"S-2024-835", "S-2024-83"}},
		{"S-1950-99999", []string{}},
		{"", []string{}},
	}
	for _, tt := range cases {
		if diff := gocmp.Diff(tt.want, votes.Near(tt.id, record, 5)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.id, diff)
		}
		// What Near would choose, the patterns bring.
		chosen := like(votes.NearPatterns(tt.id), record)
		for _, id := range tt.want {
			if !slices.Contains(chosen, id) {
				t.Errorf("%s: no pattern of %q brings %s", tt.id, votes.NearPatterns(tt.id), id)
			}
		}
	}
	if got := votes.Near("S-2025-835", record, 2); len(got) != 2 {
		t.Errorf("asked for two: %v", got)
	}
	if got := votes.Near("S-2025-835", record, -1); len(got) != 0 {
		t.Errorf("asked for none: %v", got)
	}
}

// like chooses as SQL does.
func like(patterns, ids []string) []string {
	var forms []*regexp.Regexp
	for _, p := range patterns {
		quoted := regexp.QuoteMeta(p)
		quoted = strings.NewReplacer(`\\%`, `%`, `\\_`, `_`, `%`, `.*`, `_`, `.`).Replace(quoted)
		forms = append(forms, regexp.MustCompile("^(?:"+quoted+")$"))
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !slices.ContainsFunc(forms, func(re *regexp.Regexp) bool { return re.MatchString(id) })
	})
}

// A caller's % is no wildcard, and nobody can ask for the whole record.
func TestNearPatternsAreNarrow(t *testing.T) {
	for _, id := range []string{"%", "S-%", "_____", "S-", "S-RES-", "S-RES-%-2016", `S-\`, "-", "S-2024-83%"} {
		for _, p := range votes.NearPatterns(id) {
			if fixed := strings.Trim(p, "%_-"); len(fixed) < 3 {
				t.Errorf("%q: pattern %q", id, p)
			}
		}
	}
}

// Of the real record: an id with one slip finds the right one among a few
// hundred candidates at most.
func TestNearInTheRecord(t *testing.T) {
	var ids []string
	for _, g := range published(t).groups {
		ids = append(ids, g.id)
	}
	tried, most := 0, 0
	for i := 0; i < len(ids); i += 40 {
		id := ids[i]
		digit := regexp.MustCompile(`\d(?:-[A-Za-z].*|-\d{4})?$`).FindStringIndex(id)
		if !strings.HasPrefix(id, "S-") || digit == nil {
			continue
		}
		slip := []byte(id)
		slip[digit[0]] = '0' + (slip[digit[0]]-'0'+5)%10
		chosen := like(votes.NearPatterns(string(slip)), ids)
		tried, most = tried+1, max(most, len(chosen))
		if !slices.Contains(votes.Near(string(slip), chosen, 20), id) {
			t.Errorf("%s does not lead to %s", slip, id)
		}
	}
	if tried < 50 || most > 500 {
		t.Errorf("%d tried, %d candidates at most", tried, most)
	}
}
