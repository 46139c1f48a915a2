package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

// lives tells of each resolution where it comes from: of S/2014/916 everything
// that can be told, of the others as little as possible. One id is gone.
func lives(all []votes.Resolution) (map[string]*votes.Accounts, map[string]*votes.History) {
	told, changed := map[string]*votes.Accounts{}, map[string]*votes.History{}
	day := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for _, r := range all {
		told[r.ID] = &votes.Accounts{ID: r.ID, Revision: r.Revision}
		changed[r.ID] = &votes.History{ID: r.ID, Revision: r.Revision,
			Data: []votes.Revised{{Revision: 1, Committed: day, What: votes.Created, Summary: "an import"}}}
	}
	const full, gone = "S-2014-916", "S-PV.7354-draft"
	first, newer := int64(1), int64(2)
	edit := votes.Edit{Number: 1, ID: full, Field: "topic", Value: "Palestine", Reason: "as the agenda has it", Reference: "S/PV.7354"}
	wrong := fullAccount()
	told[full].Fields = []votes.FieldSource{{Field: "votes", Source: "A list", Edition: "2", Line: 9, Rule: "the only account that tells it"}}
	told[full].Edits = []votes.Edit{edit}
	told[full].Accounts = []votes.AccountView{
		{Number: 2, Source: wrong.Source, File: "list.csv", SHA256: "00ff", Import: 1, MatchedBy: votes.RuleSymbol,
			Finds: "failed: 8 in favour, 9 required", Account: wrong},
		{Number: 1, Source: wrong.Source, File: "list.csv", SHA256: "00ff", Import: 1, Sound: true, SupersededBy: &newer,
			MatchedBy: votes.RuleAlone, Doubt: "it may be another vote", Account: &votes.Account{Source: wrong.Source}},
	}
	changed[full].Data = []votes.Revised{
		{Revision: 3, Committed: day, What: votes.Changed, Summary: "edit of S-2014-916: topic", Edits: []votes.Edit{edit},
			Changes: []votes.Change{{Field: "topic", From: json.RawMessage(`null`), To: json.RawMessage(`"Palestine"`)},
				{Field: "tally", From: json.RawMessage(`{"yes":8}`), To: json.RawMessage(`null`)}}},
		{Revision: 1, Committed: day, What: votes.Created, Summary: "an import", Import: &first},
	}
	changed[gone] = &votes.History{ID: gone, Revision: 3,
		Data: []votes.Revised{{Revision: 3, Committed: day, What: votes.Deleted, Summary: "edit of S-PV.7354-draft: merge"}}}
	return told, changed
}

// fullAccount has something in every field that an answer shows.
func fullAccount() *votes.Account {
	procedural := false
	return &votes.Account{
		Source: votes.Source{Name: "A list", Edition: "2", Format: "draft-sheet", URL: "https://example.org", Cites: "S/PV.7354", Line: 9},
		Line:   9, Rows: 15, Key: "1711", ID: "S-2014-916", Resolution: "S/RES/2193 (2014)", Draft: "S/2014/916", Part: "paragraph 4",
		Meeting: "S/PV.7354", Date: "2014-12-30", Kind: votes.DraftResolution, Procedural: &procedural, Title: "A title",
		AgendaItem: "The situation in the Middle East", Topic: "Middle East", Region: "Middle East",
		Sponsors: []votes.Sponsor{{Code: "JOR", Name: "Jordan"}, {Name: "President"}}, SponsoredAs: "Jordan, President",
		Votes: []votes.Vote{{Code: "USA", Position: votes.No}}, Tally: &votes.Tally{Yes: 8, No: 2, Abstain: 5},
		Stated: votes.StatedVetoed, VetoedBy: []votes.Code{"USA"}, NoVote: true,
		Statements: []votes.Statement{{Speaker: "A speaker", Kind: "reaction", Text: "A text.", Source: "S/PV.7354"}},
		Note:       "A note.", Printed: map[string]string{"Outcome results": "Vetoed"},
		Problems: []votes.Problem{{File: "list.csv", Line: 9, Column: "Outcome results", Kind: votes.KindOutcome, Severity: votes.Serious,
			Message: "stated as vetoed", Suggestion: "failed"}},
	}
}

// The contract test is as good as the account that it is shown.
func TestTheFullAccountIsFull(t *testing.T) {
	v := reflect.ValueOf(*fullAccount())
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Tag.Get("json") != "-" && v.Field(i).IsZero() {
			t.Errorf("%s is empty", f.Name)
		}
	}
}

func TestAccountsAndHistoryAreToldWhole(t *testing.T) {
	f := newFake(t)
	h := New(f, testOptions(nil))
	accounts := decode[votes.Accounts](t, get(t, h, "/v1/resolutions/S-2014-916/accounts"))
	if diff := cmp.Diff(*f.told["S-2014-916"], accounts); diff != "" {
		t.Error(diff)
	}
	history := decode[votes.History](t, get(t, h, "/v1/resolutions/S-PV.7354-draft/history"))
	if diff := cmp.Diff(f.changed["S-PV.7354-draft"].Data[0].What, history.Data[0].What); diff != "" {
		t.Error(diff)
	}
}

// losing cannot tell where an id leads.
type losing struct{ *fake }

func (losing) Resolution(context.Context, string) (*votes.Resolution, int64, error) {
	return nil, 0, errors.New("the connection is gone")
}

func (losing) Item(context.Context, string) (votes.Item, error) {
	return votes.Item{}, errors.New("the connection is gone")
}

func TestAnIDThatCannotBeFollowedIsNotCalledUnknown(t *testing.T) {
	h := New(losing{newFake(t)}, testOptions(nil))
	for _, side := range []string{accountsSuffix, historySuffix} {
		if res := get(t, h, "/v1/resolutions/S-2022-160"+side); res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: status %d", side, res.StatusCode)
		}
	}
}

func TestDiscrepanciesAreChosenAndCounted(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for address, want := range map[string]struct {
		keys   []string
		facets discrepancyFacets
	}{
		"?limit=1": {
			[]string{"S-RES-2623-2022 0a1b2c3d", "S-RES-2623-2022 4d5e6f70", "S-2014-916 0a1b2c3d"},
			discrepancyFacets{map[string]int{"permanent_no_on_adopted": 1, "date_swapped": 1, "outcome": 1},
				map[string]int{"explained": 1, "open": 1, "corrected": 1}}},
		"?limit=1&severity=serious&state=explained,corrected": {
			[]string{"S-RES-2623-2022 0a1b2c3d", "S-2014-916 0a1b2c3d"},
			discrepancyFacets{map[string]int{"permanent_no_on_adopted": 1, "outcome": 1}, map[string]int{"explained": 1, "corrected": 1}}},
		"?source=A+list,+second+edition": {
			[]string{"S-RES-2623-2022 4d5e6f70"}, discrepancyFacets{map[string]int{"date_swapped": 1}, map[string]int{"open": 1}}},
		"?limit=1&source=A+list,+second+edition&source=A+list": {
			[]string{"S-RES-2623-2022 4d5e6f70", "S-2014-916 0a1b2c3d"},
			discrepancyFacets{map[string]int{"date_swapped": 1, "outcome": 1}, map[string]int{"open": 1, "corrected": 1}}},
		"?kind=identity": {nil, discrepancyFacets{map[string]int{}, map[string]int{}}},
	} {
		t.Run(address, func(t *testing.T) {
			var got []string
			for next := new("/v1/discrepancies" + address); next != nil; {
				res := get(t, h, *next)
				page := decode[discrepancyAnswer](t, res)
				for _, d := range page.Data {
					got = append(got, d.Resolution+" "+d.Key)
				}
				if diff := cmp.Diff(want.facets, page.Facets); diff != "" || page.Total != len(want.keys) || page.Revision != 12 {
					t.Errorf("%s: total %d, revision %d, %s", *next, page.Total, page.Revision, diff)
				}
				link := ""
				if page.Next != nil {
					link = "<" + *page.Next + `>; rel="next"`
				}
				if res.Header.Get("Link") != link {
					t.Errorf("Link is %q, want %q", res.Header.Get("Link"), link)
				}
				next = page.Next
			}
			if diff := cmp.Diff(want.keys, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryFaultOfADiscrepancyFilterIsTold(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	resolutions := decode[list[votes.Resolution]](t, get(t, h, "/v1/resolutions?limit=1"))
	next, err := url.Parse(*resolutions.Next)
	if err != nil {
		t.Fatal(err)
	}
	res := get(t, h, "/v1/discrepancies?knd=tally&kind=tally,error&severity=high&state=new&limit=201&cursor="+next.Query().Get("cursor"))
	got := map[string]string{}
	for _, f := range decode[problem](t, res).Errors {
		got[f.Parameter] = f.Value
	}
	want := map[string]string{"knd": "tally", "kind": "error", "severity": "high", "state": "new", "limit": "201",
		"cursor": next.Query().Get("cursor")} // a cursor of the other list
	if diff := cmp.Diff(want, got); diff != "" || res.StatusCode != 400 {
		t.Errorf("status %d: %s", res.StatusCode, diff)
	}
}

func TestResolutionsAreChosenByWhatIsKnownOfThem(t *testing.T) {
	h := New(newFake(t), testOptions(nil))
	for query, want := range map[string][]string{
		"discrepancy=true":                            {"S-RES-2623-2022", "S-2014-916"},
		"discrepancy=serious":                         {"S-RES-2623-2022", "S-2014-916"},
		"discrepancy=minor":                           {"S-RES-2623-2022"},
		"roll_call=tally_only":                        {"S-13729"},
		"roll_call=tally_only,complete&to=2014-12-31": {"S-2014-916", "S-13729"},
		"roll_call=COMPLETE&discrepancy=minor":        {"S-RES-2623-2022"},
		"roll_call=disputed":                          nil,
	} {
		var got []string
		for _, r := range decode[list[votes.Resolution]](t, get(t, h, "/v1/resolutions?"+query)).Data {
			got = append(got, r.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	res := get(t, h, "/v1/vetoes?roll_call=all&discrepancy=false")
	want := votes.Faults{
		{Parameter: "roll_call", Value: "all", Message: `"all" is not how much of a roll is known (complete, partial, tally_only, none, disputed)`},
		{Parameter: "discrepancy", Value: "false", Message: `"false" is none of true, serious, minor`},
	}
	if diff := cmp.Diff(want, decode[problem](t, res).Errors); diff != "" || res.StatusCode != 400 {
		t.Errorf("status %d: %s", res.StatusCode, diff)
	}
}
