// Package starter is the record that the binary carries, so that an empty
// database has something to show: every vetoed proposal since 1946, every
// failed one of 1994 and after, and every proposal put to the vote from January
// 2022 to June 2025, as far as published files hold them.
//
// The facts were carried over from the UN's veto list, its yearly tables of
// outcomes, its Digital Library and a draft-level sheet of 1994-2025, and
// checked against each other: who voted how, the tally, the day, the meeting,
// the sponsors. A fact on which two files differ is kept as the better
// supported one gives it, and the note on its line says what the other file
// gives. What could not be settled was left out, because missing is better than
// wrong: a tally of several votes in one meeting that cannot be told apart, or
// a member given two positions at once.
//
// Both tables are in the project's own CSV. A roll call stands in the columns
// yes, no, abstain, not_participating and absent; tally and vetoed_by are
// filled only where no roll is known. No outcome is written down: it follows
// from the votes.
package starter

import (
	_ "embed" // for the two tables
	"io"
	"strings"
)

// Name is how the starter record is named as a source.
const Name = "scvotes starter record"

// Edition is the day on which the starter record was drawn up.
const Edition = "2026-11-23"

var (
	//go:embed resolutions.csv
	resolutions string
	//go:embed statements.csv
	statements string
	//go:embed edits.csv
	edits string
)

// Resolutions returns the proposals, a line each, in the order of their days
// and meetings.
func Resolutions() io.Reader { return strings.NewReader(resolutions) }

// Statements returns what delegations and others said about a vote: the columns
// draft and resolution name the line of Resolutions that is spoken of.
func Statements() io.Reader { return strings.NewReader(statements) }

// Edits returns the decisions that go with the record, in the layout that
// scvotes edit --file reads: which of the votes that published tables number in
// one meeting are which of those that the UN's list names.
func Edits() io.Reader { return strings.NewReader(edits) }
