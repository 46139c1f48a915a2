package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// featureUse is one place in the SQL that uses a feature. A feature is called
// as it is written: keywords in capitals (ON CONFLICT), a function with its
// brackets (json_agg()), an operator, a type, or how an index is built (USING gin).
type featureUse struct{ what, where string }

// featureReader finds the features by the shape of the SQL. It goes by what the
// house writes: keywords in capitals, names in small letters. SQL written
// otherwise is told too, so that nothing goes by unseen.
type featureReader struct {
	*sqlGrammar
	terms  [][]string      // known features of several words, the longest first
	ours   map[string]bool // tables and functions of our own making
	tokens [][]sqlToken
	files  []string
	uses   []featureUse
}

// compounds are features whose words are all plain when they stand alone.
var compounds = []string{"DISTINCT ON", "SET NULL", "SET DEFAULT", "UPDATE OF", "FOR UPDATE", "WITH RECURSIVE", "CREATE UNIQUE INDEX",
	"CREATE EXTENSION", "CREATE TYPE", "NOT VALID", "SET LOCAL"}

func newFeatureReader(t *testing.T, terms []string, texts []sqlText) *featureReader {
	r := &featureReader{sqlGrammar: grammarOf(t), ours: map[string]bool{}}
	for _, term := range append(slices.Clone(terms), compounds...) {
		var words []string
		for _, tok := range tokensOf(plainSQL("", term)) {
			words = append(words, tok.text)
		}
		if len(words) > 0 && r.isKeyword(words[0]) {
			r.terms = append(r.terms, words)
		}
	}
	slices.SortStableFunc(r.terms, func(a, b []string) int { return len(b) - len(a) })
	for _, text := range texts {
		tokens := tokensOf(text)
		r.tokens, r.files = append(r.tokens, tokens), append(r.files, text.file)
		for i, tok := range tokens {
			if i > 0 && tok.kind == sqlWord && slices.Contains([]string{"TABLE", "FUNCTION"}, tokens[i-1].text) {
				r.ours[tok.text] = true
			}
		}
	}
	return r
}

func (r *featureReader) all() []featureUse {
	for n, tokens := range r.tokens {
		s := sqlRun{r, tokens, r.files[n]}
		for i := 0; i < len(tokens); {
			i += s.feature(i)
		}
	}
	return r.uses
}

// isKeyword tells whether a word is one by how it is written.
func (g *sqlGrammar) isKeyword(w string) bool {
	return len(w) > 1 && w == strings.ToUpper(w) && g.keywords[strings.ToLower(w)]
}

// sqlRun is one text on the way through it.
type sqlRun struct {
	*featureReader
	tokens []sqlToken
	file   string
}

func (s sqlRun) found(i int, what string) {
	s.uses = append(s.uses, featureUse{what, fmt.Sprintf("%s:%d", s.file, s.tokens[i].line)})
	s.featureReader.uses = s.uses
}

// at returns what stands at i, "" beyond either end.
func (s sqlRun) at(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return s.tokens[i].text
}

// feature tells of what begins at i, and returns how many tokens that takes.
func (s sqlRun) feature(i int) int {
	tok := s.tokens[i]
	switch {
	case tok.kind == sqlOperator:
		s.found(i, tok.text)
	case tok.kind != sqlWord:
	case s.isKeyword(tok.text):
		return s.keyword(i)
	case s.isCall(i):
		s.found(i, strings.ToLower(tok.text)+"()")
	case s.inSmallLetters(i):
		s.found(i, tok.text+": keywords are written in capitals")
	case s.isType(i):
		if s.at(i+1) == "[" {
			s.found(i, tok.text+"[]")
		} else {
			s.found(i, tok.text)
		}
	case strings.HasSuffix(tok.text, "_ops") && s.kindOf(i-1) == sqlWord:
		s.found(i, tok.text) // an operator class of an index
	}
	return 1
}

// keyword tells of a keyword with those that belong to it.
func (s sqlRun) keyword(i int) int {
	switch w := s.at(i); {
	case w == "SET" && s.begins(i) && !s.isKeyword(s.at(i+1)):
		s.found(i, "SET "+s.at(i+1))
		return 2
	case w == "USING" && s.buildsIndex(i):
		s.found(i, "USING "+s.at(i+1))
		return 2
	case w == "AS" && s.at(i+1) == "(" && slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "MERGE"}, s.at(i+2)):
		s.found(i, "AS ("+s.at(i+2))
		return 3
	}
	for _, term := range s.terms {
		if s.stands(i, term) {
			s.found(i, written(term))
			return len(term)
		}
	}
	what := s.at(i)
	if slices.Contains([]string{"LANGUAGE", "COLLATE"}, what) {
		what += " " + s.at(i+1)
	}
	s.found(i, what)
	return 1
}

func (s sqlRun) stands(i int, term []string) bool {
	for n, w := range term {
		if s.at(i+n) != w {
			return false
		}
	}
	return true
}

// written is a feature of several words as the table has it.
func written(term []string) string {
	return strings.ReplaceAll(strings.Join(term, " "), "( ", "(")
}

func (s sqlRun) kindOf(i int) sqlKind {
	if i < 0 || i >= len(s.tokens) {
		return 0
	}
	return s.tokens[i].kind
}

// begins tells whether a statement begins at i.
func (s sqlRun) begins(i int) bool {
	return i == 0 || slices.Contains([]string{";", "THEN", "ELSE", "BEGIN", "LOOP"}, s.at(i-1))
}

// buildsIndex tells whether i is in a CREATE INDEX.
func (s sqlRun) buildsIndex(i int) bool {
	for ; i >= 0 && s.at(i) != ";"; i-- {
		if s.at(i) == "INDEX" {
			return true
		}
	}
	return false
}

// verbs are the words that a statement may begin with.
var verbs = strings.Fields(`alter analyze begin call close cluster comment commit copy create deallocate declare delete discard do drop
	execute explain fetch grant insert listen lock merge move notify prepare refresh reindex release reset revoke rollback savepoint
	select set show truncate unlisten update vacuum values with`)

// inSmallLetters tells whether the word at i is a keyword that is not written in
// capitals: a verb where a statement begins, or what can be no name.
func (s sqlRun) inSmallLetters(i int) bool {
	w := strings.ToLower(s.at(i))
	if s.begins(i) && slices.Contains(verbs, w) && s.kindOf(i+1) == sqlWord {
		return true
	}
	return s.reserved[w] && !slices.Contains([]string{"true", "false", "binary"}, w) && slices.ContainsFunc(s.tokens, func(t sqlToken) bool { return t.kind == sqlWord && s.isKeyword(t.text) })
}

// isCall tells whether a function is called at i.
func (s sqlRun) isCall(i int) bool {
	if s.at(i+1) != "(" || s.ours[s.at(i)] {
		return false
	}
	switch before := s.at(i - 1); before {
	case "INTO", "AS", ")", "INDEX", "CONSTRAINT": // a list of columns follows
		return false
	case "ON":
		return !s.buildsIndex(i)
	}
	return s.at(i-1) != "WITH" || s.kindOf(i-1) != sqlWord
}

// isType tells whether a type stands at i: behind :: or behind the name of a column.
func (s sqlRun) isType(i int) bool {
	if !s.types[s.at(i)] {
		return false
	}
	before := s.at(i - 1)
	return before == "::" || before == "RETURNS" || s.kindOf(i-1) == sqlWord && !s.isKeyword(before)
}
