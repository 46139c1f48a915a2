package votes

import "cmp"

// formatRank is who is believed first: facts that were checked against several
// sources, then the UN's own files, then other people's.
var formatRank = map[string]int{
	"scvotes": 0, "undl": 1, "dppa-vetoes": 2, "un-vetoes": 3, "un-outcomes": 4, "draft-sheet": 5, "scvotes-statements": 6,
}

// fieldRank is where one field is ranked otherwise: the sheet was made for
// topics and regions, the Digital Library only brackets a word in the title.
var fieldRank = map[string]map[string]int{
	"topic":  {"scvotes": 0, "draft-sheet": 1, "undl": 2},
	"region": {"scvotes": 0, "draft-sheet": 1, "undl": 2},
}

func rankFor(field, format string) int {
	if r, ok := fieldRank[field]; ok {
		if n, ok := r[format]; ok {
			return n
		}
	}
	if n, ok := formatRank[format]; ok {
		return n
	}
	return len(formatRank) // a format that nobody has placed yet
}

// byRank puts the account first whose word counts most for a field. An account
// that contradicts itself, the Charter or the membership comes after all
// others. For the votes themselves a full roll comes before a tally. The last
// comparisons only make the order the same every time.
func byRank(field string) func(a, b *Account) int {
	return func(a, b *Account) int {
		fuller := 0
		if field == "votes" {
			fuller = -cmp.Compare(a.completeness(), b.completeness())
		}
		return cmp.Or(
			-cmp.Compare(boolToInt(a.Date != ""), boolToInt(b.Date != "")),
			-cmp.Compare(boolToInt(a.Sound()), boolToInt(b.Sound())),
			fuller,
			cmp.Compare(rankFor(field, a.Source.Format), rankFor(field, b.Source.Format)),
			cmp.Compare(a.Source.Format, b.Source.Format),
			cmp.Compare(a.Source.Name, b.Source.Name),
			-cmp.Compare(a.Source.Edition, b.Source.Edition),
			cmp.Compare(len(a.Key), len(b.Key)),
			cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Line, b.Line),
		)
	}
}

// completeness orders what an account tells of the vote itself.
func (a *Account) completeness() int {
	c, ok := CouncilOn(a.Date)
	switch {
	case a.Date == "" || !ok:
		return 0
	case a.NoVote, len(a.Votes) == len(c.Seats):
		return 4
	case a.Tally != nil:
		return 3
	case len(a.Votes) > 0:
		return 2
	default:
		return 1
	}
}
