// Package source reads what others publish of the Council's votes. Each
// published layout is one Format; every one of them turns rows into accounts
// (votes.Account) with the problems found on the way, each at its line and
// column.
//
// The readers understand, they do not judge: whether a roll fits the Council of
// the day, or an outcome the Charter, is for votes.Check and votes.Reconcile.
// What they promise is that no row is lost unseen: a row that cannot be read
// puts a Refused problem on its account, so that a roll short of one row never
// passes for what the source said.
package source

import (
	"errors"
	"fmt"
	"io"

	"scvotes/votes"
)

// Options tell Read what it cannot see in the file itself.
type Options struct {
	File     string // the name used in problems; the edition is read from it where a format prints it there
	Format   string // the name of a Format; "" or "auto" finds it by the header
	Source   string // who published the file; "" takes the format's own
	Edition  string // a date or a version
	Encoding string // "utf-8" (also ""), or "latin1" for the Western European code page of spreadsheets
	Gather   bool   // hold every account in memory until the end: for a file whose rows are scattered
}

// Report adds up what was read. Rows is always AccountRows plus RefusedRows.
type Report struct {
	Format      string
	Rows        int // rows with anything in them, without the header
	AccountRows int // rows of the accounts that were yielded
	RefusedRows int // rows that could be given to no account
	Accounts    int
	Problems    []votes.Problem // of the file and of rows without an account; the others are on their accounts
}

// ErrScattered is returned, wrapped with the line, when a vote's rows do not
// stand together. The accounts yielded until then may be short of rows: throw
// them away and read the file again with Options.Gather.
var ErrScattered = errors.New("the rows of one vote do not stand together")

// Read reads one file and yields its accounts in the order of their first
// rows, a vote at a time, so that memory does not grow with the file. The
// account is yield's to keep; an error of yield ends the reading.
//
// A file that cannot be read at all (empty, not text, an unknown header, a
// quote that never closes) gives an error that wraps votes.ErrInvalid, and the
// same faults stand in the report.
func Read(r io.Reader, opt Options, yield func(*votes.Account) error) (Report, error) {
	rd := &reading{opt: opt, yield: yield, finished: map[uint64]int{}}
	err := rd.file(r)
	rd.report.Rows = rd.report.AccountRows + rd.report.RefusedRows
	return rd.report, err
}

// note puts a problem that belongs to no account into the report.
func (rd *reading) note(p votes.Problem) {
	p = rd.placed(p)
	switch n := len(rd.report.Problems); {
	case n < maxProblems:
		rd.report.Problems = append(rd.report.Problems, p)
	case n == maxProblems:
		rd.report.Problems = append(rd.report.Problems, votes.Problem{File: p.File, Line: p.Line, Kind: p.Kind,
			Severity: votes.Noted, Message: "problems from here on are counted, not listed"})
	}
}

// fail notes a problem that ends the reading and returns it as an error.
func (rd *reading) fail(p votes.Problem) error {
	p.Severity = votes.Refused
	rd.note(p)
	return fmt.Errorf("%w: %s", votes.ErrInvalid, rd.placed(p))
}
