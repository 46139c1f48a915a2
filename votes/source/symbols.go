package source

import (
	"slices"
	"strings"

	"scvotes/votes"
)

// notGiven are words that sheets write where they know no symbol.
var notGiven = []string{"-", "missing", "none", "-none-", "n/a", "na"}

// symbols reads what names the vote: draft, resolution and meeting. The day
// must have been read before. A symbol that cannot be read is noted while
// another names the vote, and refuses it where none is left: a vote must not
// be filed under its meeting because its draft was misspelt.
func (r *row) symbols(draft, resolution, meeting string) {
	a := r.a
	d, res := r.symbol(draft), r.symbol(resolution)
	if swapped(d, res, a.Date) {
		if res == "" {
			r.note(draft, votes.KindSymbol, "%s is a resolution's symbol, not a draft's", votes.Quote(d))
		} else {
			r.note(draft, votes.KindSymbol, "%s and %s stood in each other's column", votes.Quote(d), votes.Quote(res))
		}
		d, res = res, d
	}
	severity := votes.Refused
	var faults []func()
	if res != "" {
		sym, err := votes.ParseResolution(res, a.Date)
		if a.Resolution = sym; err != nil {
			faults = append(faults, func() { r.problem(resolution, votes.KindSymbol, severity, "%s", err) })
		}
	}
	if d != "" {
		parsed, err := parseDrafts(d)
		if err != nil {
			faults = append(faults, func() { r.problem(draft, votes.KindSymbol, severity, "%s", err) })
		}
		a.Draft, a.Part, a.Note = parsed.Symbol, parsed.Part, parsed.Note
		a.Kind = kindOf(parsed.Part)
		if d != string(a.Draft) {
			r.keep(draft)
		}
	}
	if a.Resolution != "" || a.Draft != "" {
		severity = votes.Noted
	}
	for _, report := range faults {
		report()
	}
	if m := r.symbol(meeting); m != "" {
		sym, err := votes.ParseMeeting(m)
		if a.Meeting = sym; err != nil {
			r.note(meeting, votes.KindSymbol, "%s", err)
			r.keep(meeting)
		}
	}
}

// symbol returns a symbol as printed, "" where a word stands for none.
func (r *row) symbol(column string) string {
	s := r.text(column)
	if slices.Contains(notGiven, strings.ToLower(s)) {
		r.keep(column)
		return ""
	}
	return s
}

// swapped tells whether draft and resolution stand in each other's column.
func swapped(draft, resolution string, day votes.Date) bool {
	if draft == "" || votes.Symbol(draft).ResolutionNumber() == 0 && !strings.Contains(strings.ToUpper(draft), "RES/") {
		return false
	}
	if _, err := votes.ParseResolution(draft, day); err != nil {
		return false
	}
	if resolution == "" {
		return true
	}
	d, err := votes.ParseDraft(resolution)
	return err == nil && d.Symbol != ""
}

// parseDrafts reads a draft's symbol, the first of several that are joined by
// "|" as the UN Digital Library does.
func parseDrafts(s string) (votes.Draft, error) {
	list := strings.Split(s, "|")
	d, err := parseDraft(strings.TrimSpace(list[0]))
	for _, other := range list[1:] {
		if err != nil {
			break
		}
		var o votes.Draft
		o, err = parseDraft(strings.TrimSpace(other))
		d.Others = append(append(d.Others, o.Symbol), o.Others...)
	}
	return d, err
}

// parseDraft is votes.ParseDraft, but takes the part in brackets behind a
// symbol word for word, as Writer writes it. Brackets alone name a part of what
// the resolution or the meeting stands for.
func parseDraft(s string) (votes.Draft, error) {
	symbol, inside, ok := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	if !ok || !strings.HasSuffix(s, ")") {
		return votes.ParseDraft(s)
	}
	inside = strings.TrimSpace(inside)
	if symbol == "" {
		return votes.Draft{Part: inside}, nil
	}
	whole, err := votes.ParseDraft(s)
	plain, plainErr := votes.ParseDraft(symbol)
	if err != nil || whole.Note != "" || plainErr != nil || plain.Symbol == "" || plain.Part != "" || plain.Note != "" {
		return whole, err
	}
	plain.Part = inside
	return plain, nil
}

// kindOf tells what was put to the vote from the words that name the part. The
// whole of a draft is left open: not every draft is one of a resolution.
func kindOf(part string) votes.Kind {
	p := strings.ToLower(part)
	switch {
	case p == "":
		return ""
	case strings.Contains(p, "preliminary question"), strings.Contains(p, "procedural nature"):
		return votes.PreliminaryQuestion
	case strings.Contains(p, "admission"), strings.Contains(p, "recommend"):
		return votes.Recommendation
	case strings.Contains(p, "amendment"):
		return votes.Amendment
	case strings.HasPrefix(p, "para"), strings.Contains(p, "paragraph"):
		return votes.Paragraph
	case strings.HasPrefix(p, "oral"):
		return votes.OralProposal
	}
	return votes.OtherProposal
}
