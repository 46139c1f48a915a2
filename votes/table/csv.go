package table

import (
	"encoding/csv"
	"io"
)

// CSVWriter writes rows as CSV in UTF-8: commas, a header, lines that end with
// a line feed, quotes where they are needed (RFC 4180 but for the line ends).
// It holds one row at a time.
type CSVWriter[T any] struct {
	table Table[T]
	csv   *csv.Writer
	begun bool
	row   []string
}

// NewCSV returns a writer of the table's rows to w. Call Flush at the end.
func NewCSV[T any](w io.Writer, t Table[T]) *CSVWriter[T] {
	return &CSVWriter[T]{table: t, csv: csv.NewWriter(w)}
}

// Write writes one row, and the header before the first.
func (w *CSVWriter[T]) Write(v T) error {
	if err := w.begin(); err != nil {
		return err
	}
	w.row = w.table.appendRow(w.row[:0], v)
	return w.csv.Write(w.row)
}

// Flush writes out what is buffered, the header too where there was no row, and
// returns the first error of all writes.
func (w *CSVWriter[T]) Flush() error {
	if err := w.begin(); err != nil {
		return err
	}
	w.csv.Flush()
	return w.csv.Error()
}

func (w *CSVWriter[T]) begin() error {
	if w.begun {
		return nil
	}
	w.begun = true
	return w.csv.Write(w.table.Header())
}
