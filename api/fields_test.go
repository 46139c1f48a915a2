package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// object is a JSON object by its fields, each as it was sent.
type object = map[string]json.RawMessage

// lineObjects reads NDJSON.
func lineObjects(t *testing.T, body string) []object {
	t.Helper()
	var list []object
	for line := range strings.Lines(body) {
		var o object
		if err := json.Unmarshal([]byte(line), &o); err != nil || !strings.HasSuffix(line, "\n") {
			t.Fatalf("%v in %q", err, line)
		}
		list = append(list, o)
	}
	return list
}

// What of a resolution is asked for is answered, as it is in the whole, in
// lists and by itself, and nothing else is.
func TestFieldsAndInclude(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	whole := map[string]object{}
	for _, id := range []string{"S-2024-835", "S-13729"} {
		whole[id] = decode[object](t, get(t, h, "/v1/resolutions/"+id))
	}
	inAList := slices.DeleteFunc(slices.Clone(fieldNames()), func(name string) bool { return slices.Contains([]string{"votes", "statements", "sources"}, name) })
	for query, want := range map[string][]string{
		"":                                inAList,
		"include=sponsors":                inAList,
		"include=votes":                   append(slices.Clone(inAList), "votes"),
		"include=votes,statements":        append(slices.Clone(inAList), "votes", "statements"),
		"include=votes&include=sources":   append(slices.Clone(inAList), "votes", "sources"),
		"fields=id":                       {"id"},
		"fields=tally,id":                 {"id", "tally"},
		"fields=id,votes":                 {"id", "votes"},
		"fields=id&include=statements":    {"id", "statements"},
		"fields=id&include=sponsors":      {"id", "sponsors"},
		"fields=id,discrepancies,links":   {"discrepancies", "id", "links"},
		"include=votes,sources&fields=id": {"id", "sources", "votes"},
	} {
		want = slices.Sorted(slices.Values(want))
		page := decode[list[object]](t, get(t, h, "/v1/resolutions?outcome=vetoed&"+query))
		vetoes := decode[list[object]](t, get(t, h, "/v1/vetoes?"+query))
		lines := lineObjects(t, read(t, get(t, h, "/v1/resolutions.ndjson?outcome=vetoed&"+query)))
		if len(page.Data) != 2 || len(vetoes.Data) != 2 || len(lines) != 2 {
			t.Fatalf("%s: %d, %d and %d rows", query, len(page.Data), len(vetoes.Data), len(lines))
		}
		for _, row := range slices.Concat(page.Data, vetoes.Data, lines) {
			if got := slices.Sorted(maps.Keys(row)); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
			var id string
			if err := json.Unmarshal(row["id"], &id); err != nil {
				t.Fatal(err)
			}
			for name, value := range row {
				if string(value) != string(whole[id][name]) {
					t.Errorf("%s: %s of %s is %s, and %s in the whole", query, name, id, value, whole[id][name])
				}
			}
		}
		if fields, ok := strings.CutPrefix(query, "fields="); ok && !strings.Contains(query, "&") {
			alone := decode[object](t, get(t, h, "/v1/resolutions/S-2024-835?fields="+fields))
			if got := slices.Sorted(maps.Keys(alone)); !slices.Equal(got, want) {
				t.Errorf("%s by itself: %v, want %v", query, got, want)
			}
		}
	}
}

func TestFaultsOfFieldsAndInclude(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string]string{
		"/v1/resolutions?fields=id,tallly":             `"tallly" is none of them; did you mean tally?`,
		"/v1/resolutions?fields=":                      `"" is none of id, draft`,
		"/v1/resolutions?include=roll":                 `"roll" is none of votes, statements, sources, sponsors`,
		"/v1/resolutions?include=vote":                 `did you mean votes?`,
		"/v1/resolutions/S-2024-835?include=votes":     "there is no such parameter here",
		"/v1/resolutions.csv?fields=id":                "there is no such parameter here",
		"/v1/resolutions.csv?include=votes":            "there is no such parameter here",
		"/v1/resolutions?facets=colour":                `"colour" is none of outcome`,
		"/v1/resolutions/S-2024-835/votes?fields=code": "this address takes no parameters",
	} {
		res := get(t, h, address)
		p := decode[problem](t, res)
		if res.StatusCode != http.StatusBadRequest || len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, want) {
			t.Errorf("%s: status %d, %+v; want something with %q", address, res.StatusCode, p.Errors, want)
		}
	}
}

func TestFacetsAndDeletionsStandWhereTheyAreAskedFor(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	plain := decode[object](t, get(t, h, "/v1/resolutions"))
	if string(plain["facets"]) != "{}" || plain["deleted"] != nil {
		t.Errorf("facets %s, deleted %s", plain["facets"], plain["deleted"])
	}
	counted := decode[object](t, get(t, h, "/v1/resolutions?outcome=vetoed&facets=outcome&limit=1"))
	if diff := cmp.Diff(`{"outcome":[{"value":"vetoed","name":"vetoed","count":2}]}`, string(counted["facets"])); diff != "" {
		t.Error(diff)
	}
	changed := decode[object](t, get(t, h, "/v1/resolutions?changed_since=2&limit=1"))
	if diff := cmp.Diff(`[{"id":"S-PV.7354-draft","revision":3}]`, string(changed["deleted"])); diff != "" {
		t.Error(diff)
	}
}
