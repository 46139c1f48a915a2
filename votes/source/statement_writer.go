package source

import (
	"encoding/csv"
	"io"

	"scvotes/votes"
)

// StatementWriter writes the statements of resolutions as the format
// "scvotes-statements" reads them back.
type StatementWriter struct {
	csv    *csv.Writer
	header bool
}

// NewStatementWriter returns a StatementWriter to w. Call Flush at the end.
func NewStatementWriter(w io.Writer) *StatementWriter { return &StatementWriter{csv: csv.NewWriter(w)} }

// Write writes a line for each statement of a resolution.
func (w *StatementWriter) Write(r votes.Resolution) error {
	if err := w.start(); err != nil || r.Detail == nil {
		return err
	}
	for _, s := range r.Statements {
		line := []string{writtenDraft(r.Draft, string(r.Part)), string(r.Resolution), string(r.Meeting), s.Speaker, string(s.For),
			s.Kind, string(s.Date), s.Text, s.Source}
		for i, text := range line {
			line[i] = votes.Cell(text)
		}
		if err := w.csv.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes out what is buffered and returns the first error of all writes.
func (w *StatementWriter) Flush() error {
	if err := w.start(); err != nil {
		return err
	}
	w.csv.Flush()
	return w.csv.Error()
}

func (w *StatementWriter) start() error {
	if w.header {
		return nil
	}
	w.header = true
	return w.csv.Write([]string{"draft", "resolution", "meeting", "speaker", "for", "kind", "date", "text", "source"})
}
