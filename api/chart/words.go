package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"scvotes/votes"
)

// nameOf is what a vote is called: its symbol, or its meeting.
func nameOf(r votes.Resolution) string {
	name := cmp.Or(string(r.Resolution), string(r.Draft), string(r.Meeting), r.ID)
	if r.Part != "" {
		name += ", " + string(r.Part)
	}
	return name
}

// about is what a vote was about, as far as it is known.
func about(r votes.Resolution) string {
	return string(cmp.Or(r.Title, r.AgendaItem, r.Topic))
}

// longDate writes a day as people read it.
func longDate(d votes.Date) string {
	if d == "" {
		return "a day not known"
	}
	return d.Time().Format("2 January 2006")
}

// outcomeWords are those of a sentence.
func outcomeWords(r votes.Resolution) string {
	switch {
	case r.Outcome == votes.Vetoed:
		return "vetoed"
	case r.Outcome == votes.Failed:
		return "not adopted"
	case r.Outcome == votes.Withdrawn:
		return "not put to the vote"
	case r.AdoptedBy == votes.ByUnanimity:
		return "adopted unanimously"
	case r.AdoptedBy == votes.ByNoVote:
		return "adopted without a vote"
	}
	return "adopted"
}

// withArticle writes a state's name as a sentence does.
func withArticle(name string) string {
	for _, beginning := range []string{"United ", "USSR", "Russian "} {
		if strings.HasPrefix(name, beginning) {
			return "the " + name
		}
	}
	return name
}

// listed joins names as a sentence does: A, B and C.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// namesOn are the names of a day, as a sentence has them.
func namesOn(codes []votes.Code, d votes.Date) []string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = withArticle(c.NameOn(d))
	}
	return names
}

// inWords tells a roll and its count: what a reader of the picture sees.
func inWords(r votes.Resolution, seats []seat) string {
	var parts []string
	if t := r.Tally; t != nil {
		count := fmt.Sprintf("%d in favour, %d against%s, %d abstaining", t.Yes, t.No, vetoWords(r), t.Abstain)
		if t.NotVoting > 0 {
			count += fmt.Sprintf(", %d not voting", t.NotVoting)
		}
		parts = append(parts, fmt.Sprintf("%s; %d in favour needed", count, t.Required))
	}
	parts = append(parts, capital(outcomeWords(r)))
	if r.Tally == nil && len(r.VetoedBy) > 0 {
		parts[len(parts)-1] += " by " + listed(namesOn(r.VetoedBy, r.Date))
	}
	// What the picture leaves open has its reason told.
	switch r.RollCall {
	case votes.RollDisputed:
		parts = append(parts, "Who voted how is in dispute between the sources")
	case votes.RollTallyOnly:
		parts = append(parts, "Who else voted how is not known")
	case votes.RollNone:
		parts = append(parts, "There was no roll call")
	}
	for _, p := range append(slices.Clone(votes.Positions), unknown) {
		var names []string
		for _, s := range seats {
			if s.position == p && s.voted {
				names = append(names, s.words())
			}
		}
		if names != nil && (p != unknown || r.RollCall == votes.RollPartial) {
			parts = append(parts, capital(signs[p].words)+": "+listed(names))
		}
	}
	return strings.Join(parts, ". ") + "."
}

// vetoWords stand behind the votes against.
func vetoWords(r votes.Resolution) string {
	switch len(r.VetoedBy) {
	case 0:
		return ""
	case 1:
		return " (" + r.VetoedBy[0].NameOn(r.Date) + ", a veto)"
	}
	return " (" + listed(namesOn(r.VetoedBy, r.Date)) + ", vetoes)"
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// plural writes a count with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
