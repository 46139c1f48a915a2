package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scvotes/votes"
)

func newEdit(db *database) *cobra.Command {
	var file, reason, reference string
	c := &cobra.Command{
		Use:   "edit ID FIELD VALUE --reason R --reference D | --file EDITS.csv",
		Short: "Decide what the sources leave open",
		Long: `Set a field of a resolution, explain a discrepancy, add a statement, or join or
part two votes. An edit beats every account, and needs a reason and a reference.
All edits of one call are one revision. Nothing is overwritten: another edit,
"undo" with the number of the first, takes it back.

Fields: ` + votes.EditFields + `
  position:USA no            a member's position
  discrepancy:1a2b3c4d explained
  statement '{"speaker":"...","for":"USA","kind":"explanation_of_vote","date":"2024-11-20","text":"...","source":"S/PV.9790"}'
  merge S-PV.57-ireland      this id is the same vote as that one
  split draft-sheet#1711     that account (FORMAT#KEY) is of another vote
  undo 7

A file of edits has the columns id,field,value,reason,reference.`,
		Example: "  scvotes edit 'S/RES/2602 (2021)' tally 15-0-0 --reason 'the meeting record gives the vote' --reference S/PV.8892",
		RunE: func(c *cobra.Command, args []string) error {
			list, err := editsFrom(args, file, reason, reference)
			if err != nil {
				return err
			}
			s, closeStore, err := db.open(c.Context())
			if err != nil {
				return err
			}
			defer closeStore()
			kept, revision, err := s.As(commandCall(c, list.target())).Edit(c.Context(), list.edits)
			if err != nil {
				return list.explain(err)
			}
			for _, e := range kept {
				fmt.Fprintf(c.OutOrStdout(), "edit %d: %s %s\n", e.Number, e.ID, e.Field)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "the record is at revision %d\n", revision)
			return err
		},
	}
	c.Flags().StringVar(&file, "file", "", "a CSV file of edits; - is the standard input")
	c.Flags().StringVar(&reason, "reason", "", "why; needed for every edit")
	c.Flags().StringVar(&reference, "reference", "", "the document that shows it; needed for every edit")
	return c
}

// editList is the edits of one call, and where each stands.
type editList struct {
	edits []votes.Edit
	file  string // "" for the command line
	lines []int  // of a file
}

func editsFrom(args []string, file, reason, reference string) (editList, error) {
	switch {
	case file != "" && len(args) > 0:
		return editList{}, usageError{errors.New("either --file or ID FIELD VALUE")}
	case file != "" && (reason != "" || reference != ""):
		return editList{}, usageError{errors.New("with --file, reason and reference stand in the file")}
	case file == "-":
		return readEdits("standard input", os.Stdin)
	case file != "":
		f, err := os.Open(file)
		if err != nil {
			return editList{}, fmt.Errorf("%s: %w", file, plainPathError(err))
		}
		defer f.Close()
		return readEdits(file, f)
	case len(args) != 3:
		return editList{}, usageError{errors.New("edit needs ID FIELD VALUE, or --file (see scvotes edit --help)")}
	}
	list := editList{edits: []votes.Edit{{ID: args[0], Field: args[1], Value: args[2], Reason: reason, Reference: reference}}}
	var faults []error
	for _, f := range list.edits[0].Check() {
		faults = append(faults, list.fault(f, 0))
	}
	if len(faults) > 0 {
		return list, usageError{inputFaults(faults)}
	}
	return list, nil
}

// target is what the edits are of, for the audit log.
func (l editList) target() string {
	if l.file != "" {
		return filepath.Base(l.file)
	}
	return l.edits[0].ID
}

var editColumns = []string{"id", "field", "value", "reason", "reference"}

// readEdits reads a file of edits and tells every fault with its line.
func readEdits(name string, r io.Reader) (editList, error) {
	list := editList{file: name}
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1 // told below, with every other fault
	header, err := in.Read()
	if err != nil {
		return list, fmt.Errorf("%s: no header (%s): %w", name, strings.Join(editColumns, ","), votes.ErrInvalid)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if !slices.Equal(slices.Sorted(slices.Values(header)), slices.Sorted(slices.Values(editColumns))) {
		return list, fmt.Errorf("%s: line 1: the columns are %s; they have to be %s, in any order: %w", name,
			strings.Join(header, ","), strings.Join(editColumns, ","), votes.ErrInvalid)
	}
	var faults []error
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil { // a broken quote: what follows cannot be told apart
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			break
		}
		line, _ := in.FieldPos(0)
		if len(row) != len(header) {
			faults = append(faults, fmt.Errorf("%s: line %d: %d fields, the header has %d", name, line, len(row), len(header)))
			continue
		}
		field := func(column string) string { return row[slices.Index(header, column)] }
		e := votes.Edit{ID: field("id"), Field: field("field"), Value: field("value"), Reason: field("reason"), Reference: field("reference")}
		list.edits, list.lines = append(list.edits, e), append(list.lines, line)
		for _, f := range e.Check() {
			faults = append(faults, list.fault(f, len(list.edits)-1))
		}
	}
	switch {
	case len(faults) > 0:
		return list, inputFaults(faults)
	case len(list.edits) == 0:
		return list, fmt.Errorf("%s: there is no edit in it: %w", name, votes.ErrInvalid)
	}
	return list, nil
}

// explain puts its place before each fault that the record found in the edits.
// They passed Check, so a fault in an id is one that the record does not hold:
// alone on the command line, that is what show says of it, too.
func (l editList) explain(err error) error {
	var faults votes.Faults
	if !errors.As(err, &faults) {
		return err
	}
	if len(l.edits) == 1 && l.file == "" && faults[0].Parameter == "id" {
		missing := l.edits[0].ID
		if l.edits[0].Field == votes.EditMerge { // the other one may come later
			missing = l.edits[0].Value
		}
		return fmt.Errorf("resolution %s: %w", missing, votes.ErrNotFound)
	}
	told := make([]error, len(faults))
	at := 0
	for i, f := range faults {
		// Faults come in the order of the edits.
		for j := at; j < len(l.edits); j++ {
			if e := l.edits[j]; f.Parameter == "id" && f.Value == e.ID || f.Parameter == e.Field && f.Value == e.Value {
				at = j
				break
			}
		}
		told[i] = l.fault(f, at)
	}
	return inputFaults(told)
}

// fault tells one fault of the i-th edit.
func (l editList) fault(f votes.Fault, i int) error {
	place := f.Parameter
	if l.file != "" {
		place = fmt.Sprintf("%s: line %d, %s", l.file, l.lines[i], f.Parameter)
	}
	return fmt.Errorf("%s: %s", place, plain(errors.New(f.Message)))
}

// inputFaults is faults of the input, one a line.
func inputFaults(faults []error) error {
	return fmt.Errorf("%w: %w", votes.ErrInvalid, errors.Join(faults...))
}
