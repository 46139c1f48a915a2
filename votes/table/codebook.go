package table

import (
	"fmt"
	"strings"
)

// Codebook tells in Markdown what every column of the tables means, and every
// word of the closed lists.
func Codebook(about About, tables ...Schema) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Codebook

%s Revision %d, of %s.

All files are UTF-8. CSV has a header, commas, double quotes where they are
needed, and lines that end with a line feed. An empty cell means that the value
is not known, or that there is none. A list stands in one cell with semicolons
between its items; a semicolon inside an item is written as a comma. A text that
a spreadsheet would run as a formula has an apostrophe before it: '=1+1. Days are
YYYY-MM-DD, those of the place where the Council met. Members go by the ISO 3166
alpha-3 code of the state that sat: SUN up to 23 December 1991, RUS from the day after.
`, recordAbout, about.Revision.Number, about.day())
	lists := newWordLists()
	for _, t := range tables {
		fmt.Fprintf(&b, "\n## %s.csv\n\n%s", t.Name, t.Description)
		if len(t.Key) > 0 {
			fmt.Fprintf(&b, " No two rows have the same %s.", strings.Join(t.Key, " and "))
		}
		b.WriteString("\n\n| column | type | meaning |\n| --- | --- | --- |\n")
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, typeOf(c), escapeCell(meaningOf(c)))
			lists.add(t, c)
		}
	}
	b.WriteString("\n## Words\n")
	for _, l := range lists.all {
		fmt.Fprintf(&b, "\n### `%s` in %s\n\n| word | meaning |\n| --- | --- |\n", l.column, strings.Join(l.tables, ", "))
		for _, w := range l.words {
			fmt.Fprintf(&b, "| `%s` | %s |\n", w.Value, escapeCell(w.Meaning))
		}
	}
	return b.String()
}

func typeOf(c Heading) string {
	words := map[string]string{String: "text", Boolean: "true or false", Integer: "whole number", Date: "day", URI: "address"}
	name, ok := words[c.Datatype]
	switch {
	case len(c.Words) > 0:
		name = "word"
	case !ok:
		name = c.Datatype
	}
	if c.Separator != "" {
		name = "list"
	}
	if !c.Required {
		return name
	}
	return name + ", never empty"
}

func meaningOf(c Heading) string {
	if to, field, ok := strings.Cut(c.Refers, "."); ok {
		return fmt.Sprintf("%s `%s` in %s.csv.", c.Description, field, to)
	}
	return c.Description
}

func escapeCell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// wordLists are the closed lists, each once however many tables have it.
type wordLists struct {
	all   []*wordList
	known map[string]*wordList
}

type wordList struct {
	column string
	tables []string
	words  []Word
}

func newWordLists() *wordLists { return &wordLists{known: make(map[string]*wordList)} }

func (l *wordLists) add(t Schema, c Heading) {
	if len(c.Words) == 0 {
		return
	}
	key := c.Name + " " + pattern(c.Words)
	if l.known[key] == nil {
		l.known[key] = &wordList{column: c.Name, words: c.Words}
		l.all = append(l.all, l.known[key])
	}
	l.known[key].tables = append(l.known[key].tables, t.Name+".csv")
}
