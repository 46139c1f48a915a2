package api

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

// The votes behind a pair are those of its figure, and what was counted and what
// was left out add up to what the filter chose.
func TestThePairIsThatOfTheAgreement(t *testing.T) {
	f := newFake(t)
	// One of the two took no part in this one: it is on the roll, and not in n.
	for i, v := range f.all[2].Votes {
		if v.Code == "FRA" {
			f.all[2].Votes[i].Position = votes.NotParticipating
		}
	}
	h := New(f, testOptions(nil))
	for query, want := range map[string]votes.Pair{
		"":                              {A: "FRA", B: "USA", N: 2, Agreed: 1, Share: new(0.5), LeftOut: 1},
		"method=lijphart":               {A: "FRA", B: "USA", N: 2, Agreed: 1, Share: new(0.5), LeftOut: 1},
		"members=P5":                    {A: "FRA", B: "USA", N: 2, Agreed: 1, Share: new(0.5), LeftOut: 1},
		"exclude_unanimous=true":        {A: "FRA", B: "USA", N: 2, Agreed: 1, Share: new(0.5), LeftOut: 1},
		"from=2022-01-01":               {A: "FRA", B: "USA", N: 2, Agreed: 1, Share: new(0.5)},
		"from=2024-01-01":               {A: "FRA", B: "USA", N: 1, Share: new(0.0)},
		"from=2014-01-01&to=2015-01-01": {A: "FRA", B: "USA", LeftOut: 1},
		"to=1980-12-31":                 {A: "FRA", B: "USA"},
	} {
		chosen := decode[list[object]](t, get(t, h, "/v1/resolutions?"+withoutFigures(query))).Total
		whole := decode[agreementAnswer](t, get(t, h, "/v1/agreement?members=FRA,USA&"+query))
		got := decode[pairAnswer](t, get(t, h, "/v1/agreement/FRA/USA/votes?"+query))
		if diff := cmp.Diff(want, got.Pair); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
		if query != "members=P5" { // there the pairs are of more than these two
			if diff := cmp.Diff(whole.Data, []votes.Pair{got.Pair}); diff != "" {
				t.Errorf("%s: the agreement (-) and the pair (+):\n%s", query, diff)
			}
		}
		if got.Total != got.Pair.N || len(got.Data) != got.Total {
			t.Errorf("%s: %d votes behind n = %d", query, got.Total, got.Pair.N)
		}
		for name, counted := range map[string]figure{"agreement": whole.figure, "pair": got.figure} {
			sum := counted.Events
			for _, n := range counted.Excluded {
				sum += n
			}
			if sum != chosen {
				t.Errorf("%s of %s: %d counted and %v left out of %d", name, query, counted.Events, counted.Excluded, chosen)
			}
		}
	}
}

// withoutFigures leaves of a query what a list of resolutions takes.
func withoutFigures(query string) string {
	switch query {
	case "method=lijphart", "members=P5", "exclude_unanimous=true":
		return ""
	}
	return query
}

func TestDifferChoosesAndCountsNothing(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	all := decode[pairAnswer](t, get(t, h, "/v1/agreement/USA/CHN/votes"))
	differ := decode[pairAnswer](t, get(t, h, "/v1/agreement/USA/CHN/votes?differ=true"))
	agree := decode[pairAnswer](t, get(t, h, "/v1/agreement/USA/CHN/votes?differ=false"))
	if all.Total != 3 || differ.Total+agree.Total != all.Total || differ.Total == 0 {
		t.Errorf("%d differ, %d agree of %d", differ.Total, agree.Total, all.Total)
	}
	if diff := cmp.Diff([]votes.Pair{all.Pair, all.Pair}, []votes.Pair{differ.Pair, agree.Pair}); diff != "" {
		t.Errorf("the figure changed with what is shown of it:\n%s", diff)
	}
	// The columns are those of the address, however the pair is written.
	if v := all.Data[0]; v.ID != "S-2024-835" || v.A != votes.No || v.B != votes.Yes || all.Pair.A != "CHN" {
		t.Errorf("%+v of %+v", v, all.Pair)
	}
}

func TestAMemberIsItsSeat(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for path, want := range map[string]votes.Code{"/v1/members/SUN": "RUS", "/v1/members/SUN?seat=false": "SUN", "/v1/members/RUS": "RUS"} {
		m := decode[memberAnswer](t, get(t, h, path))
		if m.Code != want || m.Record.Code != want {
			t.Errorf("%s: %s, record of %s", path, m.Code, m.Record.Code)
		}
		if vetoes := map[string]int{"/v1/members/SUN": 1, "/v1/members/SUN?seat=false": 1, "/v1/members/RUS": 1}[path]; m.Vetoes != vetoes || m.Record.Vetoes != vetoes {
			t.Errorf("%s: %d vetoes, %d in the record", path, m.Vetoes, m.Record.Vetoes)
		}
	}
	if m := decode[memberAnswer](t, get(t, h, "/v1/members/RUS?seat=false")); m.Vetoes != 0 || m.Record.Events != 3 {
		t.Errorf("the Russian Federation by itself: %d vetoes in %d votes", m.Vetoes, m.Record.Events)
	}
	if res := get(t, h, "/v1/members/LIE"); res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
}

// Of the ten that put S/2024/835 forward, each had nine others with it.
func TestPairsWithOneSponsor(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	all := decode[sponsorPairAnswer](t, get(t, h, "/v1/sponsors/pairs"))
	of := decode[sponsorPairAnswer](t, get(t, h, "/v1/sponsors/pairs?with=Algeria"))
	if all.Total != 45 || of.Total != 9 || of.Proposals != all.Proposals {
		t.Errorf("%d pairs, %d of them with Algeria, of %d and %d proposals", all.Total, of.Total, all.Proposals, of.Proposals)
	}
	for _, p := range of.Data {
		if p.A != "DZA" && p.B != "DZA" {
			t.Errorf("%s and %s", p.A, p.B)
		}
	}
}
