package table

import (
	"strconv"
	"strings"

	"scvotes/votes"
)

// The kinds of column. Each takes the name, what it means, and what fills a cell.

func text[T any, S ~string](name, description string, of func(T) S) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: String, Value: func(v T) string { return string(of(v)) }}
}

func day[T any](name, description string, of func(T) votes.Date) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: Date, Value: func(v T) string { return string(of(v)) }}
}

func address[T any](name, description string, of func(T) string) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: URI, Value: of}
}

func truth[T any](name, description string, of func(T) bool) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: Boolean, Required: true,
		Value: func(v T) string { return strconv.FormatBool(of(v)) }}
}

func count[T any, N int | int64](name, description string, of func(T) N) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: Integer, Required: true,
		Value: func(v T) string { return strconv.FormatInt(int64(of(v)), 10) }}
}

// countIf is a number that may not be known.
func countIf[T any, N int | int64](name, description string, of func(T) (n N, known bool)) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: Integer, Value: func(v T) string {
		n, known := of(v)
		if !known {
			return ""
		}
		return strconv.FormatInt(int64(n), 10)
	}}
}

// number is a figure with all its digits, so that it equals the JSON; nil is
// not known.
func number[T any](name, description string, of func(T) *float64) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: Number, Value: func(v T) string {
		f := of(v)
		if f == nil {
			return ""
		}
		return strconv.FormatFloat(*f, 'g', -1, 64)
	}}
}

// listMark stands between the items of a list.
const listMark = ";"

// list is a cell of several values. CSVW has no way to quote its separator, so
// a semicolon inside a value is written as a comma.
func list[T any, S ~string](name, description string, of func(T) []S) Column[T] {
	return Column[T]{Name: name, Description: description, Datatype: String, Separator: listMark, Value: func(v T) string {
		values := of(v)
		items := make([]string, len(values))
		for i, item := range values {
			items[i] = strings.ReplaceAll(string(item), listMark, ",")
		}
		return strings.Join(items, listMark)
	}}
}

// always says that no cell of the column is empty.
func (c Column[T]) always() Column[T] {
	c.Required = true
	return c
}

// among says what a cell, or an item of it, can be.
func (c Column[T]) among(words []Word) Column[T] {
	c.Words = words
	return c
}

// names says that a cell names a row of another table: "resolutions.id".
func (c Column[T]) names(column string) Column[T] {
	c.Refers = column
	return c
}
