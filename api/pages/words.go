package pages

import (
	"fmt"
	"html/template"
	"strings"

	"scvotes/votes"
)

// functions are what templates can say beside what is in their pages.
var functions = template.FuncMap{
	"day":       longDate,
	"outcome":   outcomeWord,
	"position":  positionWord,
	"percent":   percent,
	"plural":    plural,
	"state":     func(c votes.Code) string { return c.NameOn("") },
	"thousands": thousands,
	"kind":      kindWord,
	"statement": statementWord,
	"choices": func(name, label string, options []option) selectField {
		return selectField{name, label, "any", options}
	},
	"ordered": func(name, label string, options []option) selectField {
		return selectField{name, label, "as fits best", options}
	},
}

// longDate writes a day as people read it: 20 November 2024.
func longDate(d votes.Date) string {
	if d == "" {
		return "unknown"
	}
	return d.Time().Format("2 January 2006")
}

func outcomeWord(o votes.Outcome) string {
	return map[votes.Outcome]string{votes.Adopted: "Adopted", votes.Vetoed: "Vetoed", votes.Failed: "Failed", votes.Withdrawn: "Not put to the vote"}[o]
}

func positionWord(p votes.Position) string {
	return map[votes.Position]string{votes.Yes: "in favour", votes.No: "against", votes.Abstain: "abstained",
		votes.NotParticipating: "did not participate", votes.Absent: "absent"}[p]
}

func kindWord(k votes.Kind) string {
	return map[votes.Kind]string{votes.DraftResolution: "draft resolution", votes.Amendment: "amendment", votes.Paragraph: "separate paragraph",
		votes.OralProposal: "oral proposal", votes.Recommendation: "recommendation (admission or appointment)",
		votes.PreliminaryQuestion: "preliminary question whether the matter is procedural", votes.OtherProposal: "other proposal"}[k]
}

func statementWord(kind string) string {
	return map[string]string{"explanation_of_vote": "Explanation of vote", "reaction": "Reaction", "joint_statement": "Joint statement"}[kind]
}

// selectField is a field of a form that offers choices.
type selectField struct {
	Name, Label, None string
	Options           []option
}

// percent writes a share without decimals, "–" where there is none.
func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", *share*100)
}

// plural writes a count with its noun: 1 vote, 2 votes.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// named lists names as a sentence does: A, B and C.
func named(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// nameOf is what a vote is called in lists: its symbol, or its meeting.
func nameOf(r votes.Resolution) string {
	for _, s := range []votes.Symbol{r.Resolution, r.Draft, r.Meeting} {
		if s != "" {
			if r.Part != "" {
				return string(s) + ", " + string(r.Part)
			}
			return string(s)
		}
	}
	return r.ID
}

// about is what a vote was about, as far as it is known.
func about(r votes.Resolution) string {
	for _, t := range []votes.Text{r.Title, r.AgendaItem, r.Topic} {
		if t != "" {
			return string(t)
		}
	}
	return nameOf(r)
}
