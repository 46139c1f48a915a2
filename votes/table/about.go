package table

import (
	"fmt"
	"strings"

	"scvotes/votes"
)

// About is what a file tells of where it is from.
type About struct {
	Address  string // of the server, without a slash at the end; "" where there is none
	Version  string // of the program; "" where it is not known
	Revision votes.Revision
	Sources  []votes.Source // by whom the record is; nil where that is not known
}

const (
	recordTitle = "scvotes: the voting record of the United Nations Security Council"
	recordAbout = "Every proposal put to the vote in the Security Council that the record holds, adopted or not: who voted how, " +
		"what became of it under the Charter, and where each fact is from."
	unTerms = "https://www.un.org/en/about-us/terms-of-use"
	rights  = "Facts carried over from published records of the United Nations and from others, each named in accounts.csv. " +
		"Material of the United Nations is for non-commercial use with attribution."
)

// sourceNames names each source and edition once.
func (a About) sourceNames() []string {
	names := make([]string, len(a.Sources))
	for i, s := range a.Sources {
		if names[i] = s.Name; s.Edition != "" {
			names[i] += ", " + s.Edition
		}
	}
	return names
}

// day is that on which the revision was committed.
func (a About) day() votes.Date { return votes.DateOf(a.Revision.Committed) }

// terms tells in words what may be done with the record.
func (a About) terms() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Terms

This is revision %d of the scvotes record, of %s.

- The program scvotes is free software under the MIT licence.
- The record is made of facts: who voted how, when, on what. They were carried
  over from published files. accounts.csv names the source of each account, with
  its edition, file and line.
- Titles, notes and other words of the United Nations stay under its terms of
  use: non-commercial use, with attribution. See %s
- Words of other sources stay theirs.
- scvotes is no service of the United Nations, and this is not the official
  record: that is the verbatim record of each meeting, to which meeting_url leads.
- It is given as it is, without warranty. Where sources contradict each other,
  discrepancies.csv says so.
`, a.Revision.Number, a.day(), unTerms)
	if len(a.Sources) > 0 {
		b.WriteString("\n## Sources\n\n")
		for _, name := range a.sourceNames() {
			fmt.Fprintf(&b, "- %s\n", name)
		}
	}
	b.WriteString("\nTo cite the record, see CITATION.cff; give the revision.\n")
	return b.String()
}

// citation is a CITATION.cff (Citation File Format 1.2.0). It names no licence:
// the format knows code licences only, and the record is under none of them.
func (a About) citation() string {
	var b strings.Builder
	fmt.Fprintf(&b, `cff-version: 1.2.0
message: "If you use this record, please cite it with its revision."
type: dataset
title: %q
abstract: %q
authors:
  - name: "scvotes contributors"
version: "revision %d"
date-released: "%s"
`, recordTitle, recordAbout, a.Revision.Number, a.day())
	if strings.HasPrefix(a.Address, "http") {
		fmt.Fprintf(&b, "url: %q\n", a.Address)
	}
	return b.String()
}
