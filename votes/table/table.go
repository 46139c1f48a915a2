// Package table is the one definition of every flat table that leaves scvotes:
// its columns, what they mean, and how a row fills them. CSV over REST, the
// files of the download, their CSVW metadata and the codebook are all written
// from it, so that none can say what the others do not.
package table

import (
	"strings"

	"scvotes/votes"
)

// Table is a table whose rows are made from values of T.
type Table[T any] struct {
	Name        string // of the file, without .csv
	Description string
	Key         []string // the columns that together name a row; nil where none do
	Columns     []Column[T]
}

// Column is one column of a table. A cell that is empty means that the value is
// not known, or that there is none.
type Column[T any] struct {
	Name        string // in the header, and the field's name in JSON where it has one there
	Description string
	Datatype    string // of each item, where the cell is a list
	Separator   string // between the items of a list; "" where the cell is no list
	Required    bool   // no cell of it is empty
	Refers      string // "resolutions.id" where it names a row of that table
	Words       []Word // all that a cell, or an item of it, can be; nil where that is open
	Value       func(T) string
}

// Word is one value of a closed list, and what it means.
type Word struct{ Value, Meaning string }

// The datatypes in use, those of CSVW (W3C, Metadata Vocabulary for Tabular
// Data, 5.11.1).
const (
	String  = "string"
	Integer = "integer"
	Number  = "number"
	Boolean = "boolean" // true or false
	Date    = "date"    // YYYY-MM-DD
	URI     = "anyURI"
)

// Header returns the names of the columns in their order.
func (t Table[T]) Header() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Row returns the cells of one row, in the order of the header. Texts are marked
// where a spreadsheet would take them for formulas: see votes.Cell.
func (t Table[T]) Row(v T) []string { return t.appendRow(make([]string, 0, len(t.Columns)), v) }

func (t Table[T]) appendRow(row []string, v T) []string {
	for _, c := range t.Columns {
		cell := c.Value(v)
		if c.Datatype == String || c.Datatype == URI {
			cell = votes.Cell(cell) // numbers, days, true and false are no formulas, though -1 begins like one
		}
		row = append(row, cell)
	}
	return row
}

// Schema is a table without its rows, so that tables of different rows can
// stand in one list.
type Schema struct {
	Name, Description string
	Key               []string
	Columns           []Heading
}

// Heading is a column without what fills it.
type Heading struct {
	Name, Title, Description string // Title is Name for people
	Datatype, Separator      string
	Required                 bool
	Refers                   string
	Words                    []Word
}

// Schema returns the table without its rows.
func (t Table[T]) Schema() Schema {
	s := Schema{Name: t.Name, Description: t.Description, Key: t.Key}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, Heading{c.Name, titleOf(c.Name), c.Description, c.Datatype, c.Separator, c.Required, c.Refers, c.Words})
	}
	return s
}

// titleOf makes a column's name readable: agenda_item is Agenda item.
func titleOf(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		switch {
		case w == "id" || w == "url":
			words[i] = strings.ToUpper(w)
		case w == "sha256":
			words[i] = "SHA-256"
		case i == 0:
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}
