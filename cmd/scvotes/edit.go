package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scvotes/votes"
	"scvotes/votes/source"
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
			kept, revision, err := s.As(commandCall(c, list.target())).Edit(c.Context(), list.Edits)
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
	source.EditList
	file string // "" for the command line
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
	edit := votes.Edit{ID: args[0], Field: args[1], Value: args[2], Reason: reason, Reference: reference}
	list := editList{EditList: source.EditList{Edits: []votes.Edit{edit}}}
	if faults := edit.Check(); len(faults) > 0 {
		return list, usageError{list.tell(faults)}
	}
	return list, nil
}

// readEdits reads a file of edits and tells every fault with its line.
func readEdits(name string, r io.Reader) (editList, error) {
	list := editList{file: name}
	var err error
	var faults votes.Faults
	if list.EditList, err = source.ReadEdits(r); errors.As(err, &faults) {
		return list, list.tell(faults)
	} else if err != nil {
		return list, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// target is what the edits are of, for the audit log.
func (l editList) target() string {
	if l.file != "" {
		return filepath.Base(l.file)
	}
	return l.Edits[0].ID
}

// explain puts its place before each fault that the record found in the edits.
// They passed Check, so a fault in an id is one that the record does not hold:
// alone on the command line, that is what show says of it, too.
func (l editList) explain(err error) error {
	var faults votes.Faults
	if !errors.As(err, &faults) {
		return err
	}
	if l.file != "" {
		return l.tell(l.Explain(faults))
	}
	if faults[0].Parameter == "id" {
		missing := l.Edits[0].ID
		if l.Edits[0].Field == votes.EditMerge { // the other one may come later
			missing = l.Edits[0].Value
		}
		return fmt.Errorf("resolution %s: %w", missing, votes.ErrNotFound)
	}
	return l.tell(faults)
}

// tell tells each fault on a line, with the file.
func (l editList) tell(faults votes.Faults) error {
	told := make([]error, len(faults))
	for i, f := range faults {
		words := []string{l.file, f.Parameter, plain(errors.New(f.Message))}
		told[i] = errors.New(strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ": "))
	}
	return fmt.Errorf("%w: %w", votes.ErrInvalid, errors.Join(told...))
}
