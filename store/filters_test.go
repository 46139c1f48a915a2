package store_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

// chosen is what a Filter means, written down without a thought for speed.
func chosen(f votes.Filter, r *votes.Resolution) bool {
	sponsors := make([]votes.Code, len(r.Sponsors))
	for i, s := range r.Sponsors {
		sponsors[i] = s.Code.Seat()
	}
	vetoes := make([]votes.Code, len(r.VetoedBy))
	for i, c := range r.VetoedBy {
		vetoes[i] = c.Seat()
	}
	anyOf := func(list []votes.Code) func([]votes.Code) bool {
		return func(wanted []votes.Code) bool {
			return slices.ContainsFunc(wanted, func(c votes.Code) bool { return slices.Contains(list, c.Seat()) })
		}
	}
	voted := func(wanted []votes.Voted) bool {
		return slices.ContainsFunc(wanted, func(w votes.Voted) bool {
			return slices.ContainsFunc(r.Votes, func(v votes.MemberVote) bool {
				return v.Seat == w.Code.Seat() && (v.Position == w.Position || w.Position == "" && v.Position.Voted())
			})
		})
	}
	discrepancy := func(d votes.Discrepancy) bool {
		return f.Discrepancy == votes.AnyDiscrepancy || d.Severity == f.Discrepancy
	}
	sameText := func(wanted []string, is votes.Text) bool {
		return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, string(is)) })
	}
	return among(f.RollCall, r.RollCall) && among(f.Outcome, r.Outcome) && among(f.AdoptedBy, r.AdoptedBy) && among(f.Kind, r.Kind) &&
		(f.Procedural == nil || *f.Procedural == r.Procedural) &&
		sameText(f.Topic, r.Topic) && sameText(f.AgendaItem, r.AgendaItem) && sameText(f.Region, r.Region) &&
		(f.AgainstMin == 0 || r.Tally != nil && r.Tally.No >= f.AgainstMin) &&
		(len(f.Margin) == 0 || r.Tally != nil && slices.Contains(f.Margin, r.Tally.Yes-r.Tally.Required)) &&
		among(f.Vetoes, len(r.VetoedBy)) &&
		(f.ChangedSince == nil || r.Revision > *f.ChangedSince) &&
		(f.Discrepancy == "" || slices.ContainsFunc(r.Discrepancies, discrepancy)) &&
		among(f.Year, r.Date.Year()) &&
		(f.From == "" || r.Date >= f.From) && (f.To == "" || r.Date <= f.To) &&
		every(f.VetoedBy, anyOf(vetoes)) && every(f.Sponsor, anyOf(sponsors)) && every(f.Voted, voted)
}

func among[T comparable](wanted []T, is T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, is)
}

func every[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(v T) bool { return !holds(v) })
}

// filters are queries as they come in; those that choose nothing say so.
var filters = []struct {
	query string
	none  bool
}{
	{query: ""},
	{query: "outcome=vetoed"},
	{query: "outcome=vetoed,failed"},
	{query: "outcome=withdrawn", none: true},
	{query: "year=2024"},
	{query: "year=1946,2003,2024"},
	{query: "from=2024-11-20"},
	{query: "to=1946-12-31"},
	{query: "from=1970-01-01&to=1979-12-31"},
	{query: "from=2024-11-20&to=2024-11-20"},
	{query: "from=2024-11-21&to=2024-11-21", none: true},
	{query: "vetoed_by=USA"},
	{query: "vetoed_by=RUS"},
	{query: "vetoed_by=SUN"},
	{query: "vetoed_by=GBR&vetoed_by=FRA"},
	{query: "vetoed_by=GBR,CHN"},
	{query: "vetoed_by=USA&vetoed_by=RUS", none: true}, // not once in these files
	{query: "sponsor=USA"},
	{query: "sponsor=RUS&year=1995,1996"},
	{query: "sponsor=FRA&sponsor=GBR&sponsor=DEU"},
	{query: "sponsor=DZA,MLT"},
	{query: "voted=USA:no"},
	{query: "voted=SUN:abstain"},
	{query: "voted=USA:no&voted=GBR:abstain"},
	{query: "voted=CHN:no,RUS:no&outcome=failed"},
	{query: "voted=KEN:any"},
	{query: "voted=RUS:not_participating,RUS:absent"},
	{query: "voted=SUN:any&year=1950", none: true}, // absent, so it took no part
	{query: "roll_call=disputed"},
	{query: "roll_call=none,partial"},
	{query: "roll_call=disputed&voted=USA:any", none: true}, // such a roll feeds no figure
	{query: "roll_call=complete&year=1995"},
	{query: "discrepancy=true"},
	{query: "discrepancy=serious"},
	{query: "discrepancy=minor&outcome=vetoed"},
	{query: "discrepancy=serious&roll_call=complete"}, // another account settles it, or a rule explains it
	{query: "adopted_by=majority"},
	{query: "adopted_by=no_vote,unanimity&year=1994,2024"},
	{query: "adopted_by=unanimity&outcome=vetoed", none: true},
	{query: "kind=amendment"},
	{query: "kind=recommendation,preliminary_question"},
	{query: "kind=oral_proposal", none: true},
	{query: "procedural=true"},
	{query: "procedural=false&outcome=failed"},
	{query: "topic=Somalia"},
	{query: "topic=cyprus&topic=COTE D'IVOIRE"},
	{query: "topic=" + url.QueryEscape("Middle East, including the Palestinian question")}, // a comma is no "or" here
	{query: "topic=Middle East", none: true},                                               // the whole text, not its beginning
	{query: "topic=Som_lia&topic=Somali%25", none: true},                                   // signs that mean something to SQL
	{query: "agenda_item=the situation in the middle east"},
	{query: "agenda_item=" + url.QueryEscape("NON-PROLIFERATION/Democratic People’s Republic of KOREA")},
	{query: "region=africa"},
	{query: "region=Asia&region=Europe&outcome=vetoed,failed"},
	{query: "region=Africa&topic=Cyprus", none: true},
	{query: "against_min=1"},
	{query: "against_min=2&outcome=adopted"},
	{query: "against_min=3&from=2000-01-01"},
	{query: "margin=-1"},
	{query: "margin=0,1"},
	{query: "margin=-1,-2&outcome=vetoed", none: true},
	{query: "margin=5&against_min=1"},
	{query: "margin=7", none: true},
	{query: "vetoes=1&from=2000-01-01"},
	{query: "vetoes=2,3"},
	{query: "vetoes=0&outcome=failed"},
	{query: "vetoes=0&outcome=vetoed", none: true},
	{query: "vetoes=5", none: true},
	{query: "changed_since=0"},
	{query: "changed_since=1&outcome=vetoed"},
	{query: "changed_since=2"},
	{query: "changed_since=3"},
	{query: "changed_since=99", none: true},
	{query: "changed_since=1&region=Africa&adopted_by=majority&kind=draft_resolution&voted=CHN:abstain"},
	{query: "outcome=vetoed&vetoed_by=USA&year=2024&voted=DZA:yes&sponsor=DZA&from=2024-02-01&to=2024-12-31"},
}

// nothingIsEmpty makes a nil list and an empty one the same.
var nothingIsEmpty = cmp.Transformer("list", func(list []votes.Resolution) map[int]votes.Resolution {
	m := make(map[int]votes.Resolution)
	for i, r := range list {
		m[i] = r
	}
	return m
})

func parseFilter(t *testing.T, query string) votes.Filter {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	f, faults := votes.ParseFilter(q)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return f
}

func ids(list []votes.Resolution) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}
