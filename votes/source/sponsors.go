package source

import (
	"slices"
	"strings"

	"scvotes/votes"
)

// sponsors reads who put the draft forward. What is no state stays as printed.
func (r *row) sponsors(column string) {
	r.a.Sponsors, r.a.SponsoredAs = r.sponsorList(column, r.text(column))
}

func (r *row) sponsorList(column, printed string) ([]votes.Sponsor, string) {
	if printed == "" {
		return nil, ""
	}
	list, as, problems := r.rd.memory.parseSponsors(printed, r.a.Date)
	for _, p := range problems {
		q := r.problem(column, p.Kind, p.Severity, "%s", p.Message)
		q.Suggestion = p.Suggestion
	}
	if len(problems) > 0 {
		r.keep(column)
	}
	return list, as
}

// splitList splits a list of this project's own CSV.
func splitList(s string) []string {
	list := strings.Split(s, ";")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
