package votes

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Sort is an order of resolutions. Where it leaves two level, their days and
// at last their ids decide, so that every order is total and can be paged.
type Sort string

// The orders.
const (
	SortNewest    Sort = "-date"
	SortOldest    Sort = "date"
	SortMargin    Sort = "margin"    // first those in which the fewest votes would have had to change for the number to be reached, or missed
	SortRelevance Sort = "relevance" // how well it answers q
	SortRevision  Sort = "revision"  // the oldest change first
)

// Sorts lists them.
var Sorts = []Sort{SortNewest, SortOldest, SortMargin, SortRelevance, SortRevision}

// FacetNames are what the resolutions that a filter chooses can be counted by.
var FacetNames = []string{"outcome", "adopted_by", "kind", "year", "decade", "topic", "agenda_item", "region", "roll_call", "vetoed_by", "sponsor"}

// Margin is how many votes in favour there were beyond the number required:
// 0 where the number was just reached, -1 where one more was wanted. It says
// nothing of vetoes.
func (t Tally) Margin() int { return t.Yes - t.Required }

// ParseSort reads the parameter sort. Without it, a filter on changes gives the
// oldest change first, so that a reader can follow them; a search gives the
// best answer first; and everything else the newest vote.
func ParseSort(q url.Values, f Filter) (Sort, Faults) {
	var p filterParser
	s := one(&p, q, "sort", parseSort)
	switch {
	case s == SortRelevance && !f.Q.Ranks():
		p.faults = append(p.faults, Fault{"sort", string(s), "relevance is how well a resolution answers q, and q asks for no word"})
	case s != "" || len(p.faults) > 0:
	case f.ChangedSince != nil:
		s = SortRevision
	case f.Q.Ranks():
		s = SortRelevance
	default:
		s = SortNewest
	}
	return s, p.faults
}

func parseSort(s string) (Sort, error) {
	if o := Sort(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Sorts, o) {
		return o, nil
	}
	list := make([]string, len(Sorts))
	for i, o := range Sorts {
		list[i] = string(o)
	}
	return "", fmt.Errorf("%q is not an order (%s)", s, strings.Join(list, ", "))
}

// ParseFacets reads the parameter facets: names with commas between, each
// counted once however often it stands there, in the order asked for.
func ParseFacets(q url.Values) ([]string, Faults) {
	var p filterParser
	var list []string
	for _, name := range each(&p, q, "facets", oneOf(FacetNames)) {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list, p.faults
}
