package pages

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

func TestDataPage(t *testing.T) {
	body := samplePage(t, newSample(t), "/data")
	for _, want := range []string{
		`href="/v1/export/scvotes.zip" download="scvotes-r3.zip"`, `href="/v1/export/accounts.ndjson"`, `href="/v1/feed.atom?outcome=vetoed"`,
		"from 30 December 2014 to 20 November 2024",
		"1 serious, which touch votes, tally, outcome or veto, and 1 minor",
		`/v1/discrepancies?kind=date_swapped&amp;state=open`, "one list has it as vetoed",
		`<a href="/v1/imports/2">old.csv</a>`, "1,200",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "settled<") || strings.Contains(body, "kind=tally") {
		t.Error("a discrepancy that was corrected is shown as open")
	}
	if n := strings.Count(body, "(undl)"); n != 1 {
		t.Errorf("one source and edition stands %d times", n)
	}
}

func TestHoldingsCountEveryYear(t *testing.T) {
	r := newSample(t)
	r.all[2].RollCall = votes.RollDisputed
	h, err := sampleSite(r).holdings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Years) != 11 || h.Years[0].Year != 2024 || h.Years[10].Year != 2014 {
		t.Errorf("years are %+v", h.Years)
	}
	if diff := cmp.Diff(yearHoldings{Year: 2023}, h.Years[1]); diff != "" {
		t.Errorf("a year without votes: %s", diff)
	}
	if diff := cmp.Diff(yearHoldings{Votes: 3, Complete: 2, Disputed: 1}, h.Total); diff != "" {
		t.Error(diff)
	}
	if h.Resolutions != 1 || h.Highest != 2623 {
		t.Errorf("%d of %d resolutions", h.Resolutions, h.Highest)
	}
}

func TestDataOfAnEmptyRecord(t *testing.T) {
	body := samplePage(t, &sample{}, "/data")
	if !strings.Contains(body, "The record is empty") {
		t.Errorf("got %s", body)
	}
}

func TestDataDescribesItselfToMachines(t *testing.T) {
	body := samplePage(t, newSample(t), "/data")
	m := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal("no JSON-LD")
	}
	var d dataset
	if err := json.Unmarshal([]byte(m[1]), &d); err != nil {
		t.Fatal(err)
	}
	if d.Type != "Dataset" || d.Temporal != "2014-12-30/2024-11-20" || len(d.Distribution) != 1+2*len(downloads) {
		t.Errorf("got %+v", d)
	}
	for _, file := range d.Distribution {
		if !strings.HasPrefix(file.URL, sampleOrigin+"/v1/export/") {
			t.Errorf("a file at %s", file.URL)
		}
	}
}

func TestEveryKindOfDiscrepancyHasItsMeaning(t *testing.T) {
	for _, kind := range votes.DiscrepancyKinds {
		if kindMeanings[kind] == "" {
			t.Errorf("%s has none", kind)
		}
	}
}

func TestDataPassesAFaultOn(t *testing.T) {
	r := newSample(t)
	r.fault = errors.New("the database is away")
	if _, err := sampleGet(t, r, "/data"); !errors.Is(err, r.fault) {
		t.Errorf("got %v", err)
	}
}
