package table

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Metadata describes tables as the W3C's "CSV on the Web" has it (Metadata
// Vocabulary for Tabular Data, https://www.w3.org/TR/tabular-metadata/), for a
// file csv-metadata.json beside NAME.csv of each.
func Metadata(about About, tables ...Schema) ([]byte, error) {
	m := csvwGroup{
		Context:     []any{"http://www.w3.org/ns/csvw", map[string]string{"@language": "en"}},
		Title:       recordTitle,
		Description: recordAbout,
		License:     csvwID{unTerms},
		Rights:      rights,
		Source:      about.sourceNames(),
		Modified:    csvwTyped{about.Revision.Committed.UTC().Format(time.RFC3339), "xsd:dateTime"},
		Dialect:     csvwDialect{Encoding: "utf-8", Header: true, Delimiter: ",", QuoteChar: `"`, LineTerminators: []string{"\n"}},
	}
	for _, t := range tables {
		m.Tables = append(m.Tables, csvwTableOf(t, tables))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

type csvwGroup struct {
	Context     []any       `json:"@context"`
	Title       string      `json:"dc:title"`
	Description string      `json:"dc:description"`
	License     csvwID      `json:"dc:license"`
	Rights      string      `json:"dc:rights"`
	Source      []string    `json:"dc:source,omitempty"`
	Modified    csvwTyped   `json:"dc:modified"`
	Dialect     csvwDialect `json:"dialect"`
	Tables      []csvwTable `json:"tables"`
}

type csvwID struct {
	ID string `json:"@id"`
}

type csvwTyped struct {
	Value string `json:"@value"`
	Type  string `json:"@type"`
}

type csvwDialect struct {
	Encoding        string   `json:"encoding"`
	Header          bool     `json:"header"`
	Delimiter       string   `json:"delimiter"`
	QuoteChar       string   `json:"quoteChar"`
	LineTerminators []string `json:"lineTerminators"`
}

type csvwTable struct {
	URL         string     `json:"url"`
	Title       string     `json:"dc:title"`
	Description string     `json:"dc:description"`
	Schema      csvwSchema `json:"tableSchema"`
}

type csvwSchema struct {
	Columns     []csvwColumn     `json:"columns"`
	PrimaryKey  []string         `json:"primaryKey,omitempty"`
	ForeignKeys []csvwForeignKey `json:"foreignKeys,omitempty"`
}

type csvwColumn struct {
	Name string `json:"name"`
	// Titles holds the word of the header first: a validator compares it with
	// the titles where there are any (section 5.5, compatible columns).
	Titles      []string `json:"titles"`
	Description string   `json:"dc:description"`
	Datatype    any      `json:"datatype"`
	Separator   string   `json:"separator,omitempty"`
	Required    bool     `json:"required,omitempty"`
}

type csvwDatatype struct {
	Base   string `json:"base"`
	Format string `json:"format"`
}

type csvwForeignKey struct {
	ColumnReference string `json:"columnReference"`
	Reference       struct {
		Resource        string `json:"resource"`
		ColumnReference string `json:"columnReference"`
	} `json:"reference"`
}

// csvwTableOf leaves out references to tables that are not among all.
func csvwTableOf(t Schema, all []Schema) csvwTable {
	out := csvwTable{URL: t.Name + ".csv", Title: titleOf(t.Name), Description: t.Description, Schema: csvwSchema{PrimaryKey: t.Key}}
	for _, c := range t.Columns {
		column := csvwColumn{Name: c.Name, Titles: []string{c.Name}, Description: c.Description, Datatype: c.Datatype,
			Separator: c.Separator, Required: c.Required}
		if c.Title != c.Name {
			column.Titles = append(column.Titles, c.Title)
		}
		if len(c.Words) > 0 {
			column.Datatype = csvwDatatype{c.Datatype, pattern(c.Words)}
		}
		out.Schema.Columns = append(out.Schema.Columns, column)
		to, field, refers := strings.Cut(c.Refers, ".")
		if refers && slices.ContainsFunc(all, func(s Schema) bool { return s.Name == to }) {
			key := csvwForeignKey{ColumnReference: c.Name}
			key.Reference.Resource, key.Reference.ColumnReference = to+".csv", field
			out.Schema.ForeignKeys = append(out.Schema.ForeignKeys, key)
		}
	}
	return out
}

// pattern is the regular expression of the words, none of which has a sign that
// means anything in one.
func pattern(words []Word) string {
	values := make([]string, len(words))
	for i, w := range words {
		values[i] = w.Value
	}
	return "^(" + strings.Join(values, "|") + ")$"
}
