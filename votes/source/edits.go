package source

import (
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

// ReadEdits reads a file of edits, with the columns id, field, value, reason and
// reference in any order. Its error is of what is wrong with the file, or
// votes.Faults: every fault of every edit, each with its line in Parameter.
func ReadEdits(r io.Reader) (EditList, error) {
	var list EditList
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1 // told below, with every other fault
	header, err := in.Read()
	if tooLarge := whole(err); tooLarge != nil {
		return list, tooLarge
	}
	if err != nil {
		return list, votes.Faults{{Message: fmt.Sprintf("no header (%s)", strings.Join(editColumns, ","))}}
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if !slices.Equal(slices.Sorted(slices.Values(header)), slices.Sorted(slices.Values(editColumns))) {
		return list, votes.Faults{{Parameter: "line 1", Message: fmt.Sprintf("the columns are %s; they have to be %s, in any order",
			strings.Join(header, ","), strings.Join(editColumns, ","))}}
	}
	var faults votes.Faults
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if tooLarge := whole(err); tooLarge != nil {
			return list, tooLarge
		}
		if err != nil { // a broken quote: what follows cannot be told apart
			faults = append(faults, votes.Fault{Message: err.Error()})
			break
		}
		line, _ := in.FieldPos(0)
		if len(row) != len(header) {
			faults = append(faults, votes.Fault{Parameter: fmt.Sprint("line ", line), Message: fmt.Sprintf("%d fields, the header has %d", len(row), len(header))})
			continue
		}
		field := func(column string) string { return row[slices.Index(header, column)] }
		e := votes.Edit{ID: field("id"), Field: field("field"), Value: field("value"), Reason: field("reason"), Reference: field("reference")}
		list.Edits, list.Lines = append(list.Edits, e), append(list.Lines, line)
		for _, f := range e.Check() {
			faults = append(faults, list.At(len(list.Edits)-1, f))
		}
	}
	switch {
	case len(faults) > 0:
		return list, faults
	case len(list.Edits) == 0:
		return list, votes.Faults{{Message: "there is no edit in it"}}
	}
	return list, nil
}

// whole returns an error that is of the reading, not of what was read.
func whole(err error) error {
	var broken *csv.ParseError
	if err == nil || err == io.EOF || errors.As(err, &broken) {
		return nil
	}
	return err
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
