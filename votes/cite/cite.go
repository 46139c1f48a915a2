// Package cite writes one resolution so that other programs can cite it
// (BibTeX, CSL-JSON, RIS) or compare its vote with those of parliaments
// (Popolo).
//
// What is cited is the UN's document. scvotes, at the revision that was read,
// stands in the note: it vouches for the vote, not for the text.
package cite

import (
	"cmp"
	"fmt"
	"strings"

	"scvotes/votes"
)

// Access is where and when a record was read.
type Access struct {
	URL      string // of the resolution's page
	Accessed votes.Date
	Revision int64
}

const council = "United Nations Security Council"

// citation is what all formats tell, in words, not yet escaped for any.
//
// The type is "report" in each of them. "Legislation" is nearer to what an
// adopted resolution is, but takes its fields from national law (code, section,
// session): Zotero, which reads all three formats, would drop the symbol and
// the issuing body. A report has both, and its kind in words, and fits drafts
// that failed as well.
type citation struct {
	key    string // un-s-2024-835
	kind   string // "Draft resolution"
	number string // the symbol; "" where there is no document
	title  string
	date   votes.Date // of the vote: for a resolution that of its adoption
	url    string
	note   string
	access Access
}

func of(r *votes.Resolution, a Access) citation {
	symbol := cmp.Or(r.Resolution, r.Draft, r.Meeting)
	c := citation{key: "un-" + strings.ToLower(r.ID), number: string(symbol), date: r.Date, url: cmp.Or(symbol.URL(), a.URL), access: a}
	c.kind = kindOf(r, symbol)
	c.title = titleOf(r, c.kind, symbol)
	c.note = noteOf(r, a)
	return c
}

// kindOf says what document it is. A proposal that had none, made in a meeting,
// is cited by the record of that meeting.
func kindOf(r *votes.Resolution, symbol votes.Symbol) string {
	switch {
	case r.Resolution != "":
		return "Resolution"
	case symbol.MeetingNumber() > 0, symbol == r.Meeting:
		return "Verbatim record"
	}
	switch r.Kind {
	case votes.DraftResolution, votes.Paragraph, votes.PreliminaryQuestion: // the document is the draft
		return "Draft resolution"
	case votes.OtherProposal, "":
		return "Proposal"
	}
	return capital(strings.ReplaceAll(string(r.Kind), "_", " "))
}

// titleOf gives the title, or the document with its agenda item, and which part
// of it was voted on where that does not say so.
func titleOf(r *votes.Resolution, kind string, symbol votes.Symbol) string {
	title := oneLine(string(r.Title))
	if title == "" {
		title = kind + " " + strings.TrimPrefix(string(symbol), "S/RES/")
		if item := oneLine(string(r.AgendaItem)); item != "" {
			title += ": " + item
		}
	}
	if part := oneLine(string(r.Part)); !strings.Contains(strings.ToLower(title), strings.ToLower(part)) {
		title += " (" + part + ")"
	}
	return title
}

// noteOf tells what became of it, and where that was looked up.
func noteOf(r *votes.Resolution, a Access) string {
	says := capital(string(r.Outcome))
	if len(r.VetoedBy) > 0 {
		names := make([]string, len(r.VetoedBy))
		for i, code := range r.VetoedBy {
			names[i] = code.NameOn(r.Date)
		}
		says += " by " + strings.Join(names, ", ")
	}
	note := []string{says}
	switch {
	case r.AdoptedBy == votes.ByNoVote:
		note[0] += " without a vote"
	case r.Outcome == votes.Withdrawn: // there is nothing to count
	case r.Tally != nil:
		note = append(note, r.Tally.String())
	default:
		note = append(note, "tally not known")
	}
	if r.RollCall == votes.RollDisputed {
		note = append(note, "roll call disputed between sources")
	}
	if r.Meeting != "" {
		note = append(note, "meeting "+string(r.Meeting))
	}
	note = append(note, fmt.Sprintf("%s. Record of the vote: scvotes", r.Date), fmt.Sprintf("revision %d", a.Revision))
	if a.URL != "" {
		note = append(note, a.URL)
	}
	if a.Accessed != "" {
		note = append(note, "accessed "+string(a.Accessed))
	}
	return strings.Join(note, ", ")
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// oneLine folds white space and leaves out control characters: none of the
// formats has a way to write them.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
