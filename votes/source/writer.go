package source

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"

	"scvotes/votes"
)

// Writer writes resolutions as the project's own CSV, so that the format
// "scvotes" reads the same record back, and a second round gives the same
// bytes. The header is written before the first resolution, or by Flush.
type Writer struct {
	csv    *csv.Writer
	header bool
}

// NewWriter returns a Writer to w. Call Flush at the end.
func NewWriter(w io.Writer) *Writer { return &Writer{csv: csv.NewWriter(w)} }

// Write writes one resolution. One without Detail keeps its tally only.
func (w *Writer) Write(r votes.Resolution) error {
	if err := w.start(); err != nil {
		return err
	}
	fields := map[string]string{
		"draft":       writtenDraft(r.Draft, string(r.Part)),
		"resolution":  string(r.Resolution),
		"meeting":     string(r.Meeting),
		"date":        string(r.Date),
		"kind":        string(r.Kind),
		"procedural":  "no",
		"title":       clean(string(r.Title)),
		"agenda_item": clean(string(r.AgendaItem)),
		"topic":       clean(string(r.Topic)),
		"region":      clean(string(r.Region)),
		"sponsors":    writtenSponsors(r),
		"vetoed_by":   joinCodes(writtenVetoes(r)),
		"note":        clean(string(r.Note)),
	}
	if r.Procedural {
		fields["procedural"] = "yes"
	}
	var roll []votes.Vote
	if r.Detail != nil {
		for _, p := range votes.Positions {
			holding := codesHolding(r.Votes, p)
			fields[string(p)] = joinCodes(holding)
			for _, c := range holding {
				roll = append(roll, votes.Vote{Code: c, Position: p})
			}
		}
		fields["source"] = writtenSources(r.Sources)
	}
	fields["tally"] = writtenTally(r, roll)
	line := make([]string, len(scvotesFormat.Columns))
	for i, c := range scvotesFormat.Columns {
		line[i] = votes.Cell(fields[c.Name])
	}
	return w.csv.Write(line)
}

// Flush writes out what is buffered and returns the first error of all writes.
func (w *Writer) Flush() error {
	if err := w.start(); err != nil {
		return err
	}
	w.csv.Flush()
	return w.csv.Error()
}

func (w *Writer) start() error {
	if w.header {
		return nil
	}
	w.header = true
	var names []string
	for _, c := range scvotesFormat.Columns {
		names = append(names, c.Name)
	}
	return w.csv.Write(names)
}

// writtenDraft puts the part in brackets behind the symbol. A bar in it would be
// read as the end of a document.
func writtenDraft(draft votes.Symbol, part string) string {
	part = strings.ReplaceAll(clean(part), "|", ",")
	switch {
	case part == "":
		return string(draft)
	case draft == "":
		return "(" + part + ")"
	}
	return string(draft) + " (" + part + ")"
}

// writtenSponsors writes a group (E10) by its name where the sponsors are its
// members of the day, and else each state by its code and others by name.
func writtenSponsors(r votes.Resolution) string {
	if as := clean(string(r.SponsoredAs)); as != "" {
		var members []votes.Sponsor
		for _, s := range splitList(as) {
			list, _, _ := votes.ParseSponsors(s, r.Date)
			members = append(members, list...)
		}
		if slices.Equal(members, r.Sponsors) {
			return strings.Join(splitList(as), ";")
		}
	}
	var list []string
	for _, s := range r.Sponsors {
		if s.Code != "" {
			list = append(list, string(s.Code))
		} else {
			list = append(list, strings.ReplaceAll(clean(s.Name), ";", ","))
		}
	}
	return strings.Join(list, ";")
}

// writtenVetoes gives who vetoed, but where a roll with gaps shows it: a veto
// stated beside such a roll says that the number of votes was reached, which
// the record does not take from anybody.
func writtenVetoes(r votes.Resolution) []votes.Code {
	if r.Detail == nil || r.RollCall != votes.RollPartial {
		return r.VetoedBy
	}
	against := codesHolding(r.Votes, votes.No)
	return slices.DeleteFunc(slices.Clone(r.VetoedBy), func(c votes.Code) bool { return slices.Contains(against, c) })
}

// writtenTally gives the counts where the roll alone does not tell them.
func writtenTally(r votes.Resolution, roll []votes.Vote) string {
	switch {
	case r.Outcome == votes.Withdrawn:
		return "withdrawn"
	case r.AdoptedBy == votes.ByNoVote:
		return "no vote"
	case r.Tally == nil, len(roll) > 0 && votes.Count(roll).String() == r.Tally.String():
		return ""
	}
	return r.Tally.String()
}

// writtenSources gives the documents that the sources lean on, and a source
// that names none by its own name and edition.
func writtenSources(list []votes.Source) string {
	var cites []string
	for _, s := range list {
		if s.Format == statementsFormat.Name {
			continue // of what was said about the vote, not of the vote: StatementWriter tells it
		}
		c := clean(string(s.Cites))
		if c == "" {
			c = strings.TrimSpace(s.Name + " " + s.Edition)
		}
		if c != "" && !slices.Contains(cites, c) {
			cites = append(cites, c)
		}
	}
	return strings.Join(cites, "; ")
}

func codesHolding(roll []votes.MemberVote, p votes.Position) []votes.Code {
	var list []votes.Code
	for _, v := range roll {
		if v.Position == p {
			list = append(list, v.Code)
		}
	}
	return list
}

// joinCodes sorts, so that the same record gives the same bytes.
func joinCodes(codes []votes.Code) string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = string(c)
	}
	slices.Sort(list)
	return strings.Join(list, ";")
}
