package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"scvotes/votes"
)

// EditList is the edits of a file, and the line on which each stands.
type EditList struct {
	Edits []votes.Edit
	Lines []int
}

var editColumns = []string{"id", "field", "value", "reason", "reference"}

// maxEdits is how many edits one file may have, and so one revision.
const maxEdits = 10_000

// ReadEdits reads a file of edits, with the columns id, field, value, reason and
// reference in any order. Its error is of what is wrong with the file, or
// votes.Faults: every fault of every edit, each with its line in Parameter.
func ReadEdits(r io.Reader) (EditList, error) {
	file := bufio.NewReaderSize(r, 64<<10)
	start, err := file.Peek(64 << 10)
	if err != nil && err != io.EOF {
		return EditList{}, err
	}
	if fault := notCSV(start); fault != "" && len(bytes.TrimSpace(start)) > 0 { // of an empty one, header tells what it should have
		return EditList{}, votes.Faults{{Message: fault}}
	}
	if bytes.HasPrefix(start, []byte(byteOrderMark)) {
		file.Discard(len(byteOrderMark)) // it is in the buffer: it cannot fail
	}
	e := editReader{guard: &guard{r: file}}
	e.csv = csv.NewReader(e.guard)
	e.csv.FieldsPerRecord = -1 // told by row, with every other fault
	if err := e.header(); err != nil {
		return e.list, err
	}
	for {
		row, err := e.next()
		switch fault := (votes.Faults)(nil); {
		case err == io.EOF:
			return e.list, e.result()
		case errors.As(err, &fault): // what follows cannot be told apart
			e.faults = append(e.faults, fault...)
			return e.list, e.result()
		case err != nil:
			return e.list, err
		}
		if e.row(row); len(e.list.Edits) > maxEdits || len(e.faults) > maxProblems {
			return e.list, votes.Faults{{Message: fmt.Sprintf("more than %d edits, or than %d faults, in one file", maxEdits, maxProblems)}}
		}
	}
}

// editReader is a file of edits on its way through ReadEdits.
type editReader struct {
	guard   *guard
	csv     *csv.Reader
	columns []string
	list    EditList
	faults  votes.Faults
}

// next returns the next row. An error that is of the file is votes.Faults.
func (e *editReader) next() ([]string, error) {
	e.guard.left = maxRow
	row, err := e.csv.Read()
	var broken *csv.ParseError
	switch {
	case errors.Is(err, errRowTooLong):
		return nil, votes.Faults{{Parameter: fmt.Sprint("line ", e.below()), Message: fmt.Sprintf("a row longer than %d bytes", maxRow)}}
	case errors.As(err, &broken):
		return nil, votes.Faults{{Parameter: fmt.Sprint("line ", broken.StartLine), Message: `a quote (") that begins or ends in the wrong place, or never ends`}}
	}
	return row, err
}

// below is the line below the last edit that was read.
func (e *editReader) below() int {
	if n := len(e.list.Lines); n > 0 {
		return e.list.Lines[n-1] + 1
	}
	return 1
}

func (e *editReader) header() error {
	header, err := e.next()
	if err == io.EOF {
		return votes.Faults{{Message: fmt.Sprintf("no header (%s)", strings.Join(editColumns, ","))}}
	}
	if err != nil {
		return err
	}
	if e.columns = header; !slices.Equal(slices.Sorted(slices.Values(header)), slices.Sorted(slices.Values(editColumns))) {
		return votes.Faults{{Parameter: "line 1", Message: fmt.Sprintf("the columns are %s; they have to be %s, in any order",
			votes.Legible(cut(strings.Join(header, ","), maxHeading)), strings.Join(editColumns, ","))}}
	}
	return nil
}

// row reads one edit.
func (e *editReader) row(row []string) {
	line, _ := e.csv.FieldPos(0)
	if len(row) != len(e.columns) {
		e.faults = append(e.faults, votes.Fault{Parameter: fmt.Sprint("line ", line), Message: fmt.Sprintf("%d fields, the header has %d", len(row), len(e.columns))})
		return
	}
	field := func(column string) string { return votes.FromCell(row[slices.Index(e.columns, column)]) }
	edit := votes.Edit{ID: field("id"), Field: field("field"), Value: field("value"), Reason: field("reason"), Reference: field("reference")}
	e.list.Edits, e.list.Lines = append(e.list.Edits, edit), append(e.list.Lines, line)
	for _, f := range edit.Check() {
		e.faults = append(e.faults, e.list.At(len(e.list.Edits)-1, f))
	}
}

func (e *editReader) result() error {
	switch {
	case len(e.faults) > 0:
		return e.faults
	case len(e.list.Edits) == 0:
		return votes.Faults{{Message: "there is no edit in it"}}
	}
	return nil
}

// At tells a fault of the i-th edit with its line.
func (l EditList) At(i int, f votes.Fault) votes.Fault {
	f.Parameter = fmt.Sprintf("line %d, %s", l.Lines[i], f.Parameter)
	return f
}

// Explain puts its line before each fault that the record found in the edits.
func (l EditList) Explain(faults votes.Faults) votes.Faults {
	told := make(votes.Faults, len(faults))
	for i, at := range votes.PlacesOf(faults, l.Edits) {
		told[i] = l.At(at, faults[i])
	}
	return told
}
