package store

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// lexicon makes search columns without asking Postgres for each: it remembers
// what Postgres makes of a word, and lays the words of a resolution together as
// to_tsvector, setweight and || would. The words are folded, so that white space
// alone parts them, and few of them are new.
type lexicon struct {
	known map[string]lexeme
}

// lexeme is what Postgres makes of one word in English; empty where the word is
// too common to be kept. alone is false for the few that it takes for several.
type lexeme struct {
	text  string
	alone bool
}

// maxKnown bounds a lexicon: more words than the record of eighty years has.
const maxKnown = 200_000

// wordsLaid are the texts of wordColumns, taken apart.
type wordsLaid struct {
	texts   []string
	symbols []string
	words   [4][]string
}

func layWords(r *votes.Resolution) wordsLaid {
	w := wordsLaid{texts: wordsOf(r)}
	w.symbols = strings.Fields(w.texts[0])
	for i := range w.words {
		w.words[i] = strings.Fields(w.texts[1+i])
	}
	return w
}

// learn asks Postgres for the words that are new, and for the search columns
// that only it can tell, which it returns in their places.
func (l *lexicon) learn(ctx context.Context, q querier, laid []wordsLaid) ([][]byte, error) {
	if l.known == nil || len(l.known) > maxKnown {
		l.known = make(map[string]lexeme)
	}
	var unknown []string
	for i := range laid {
		for _, words := range laid[i].words {
			for _, w := range words {
				if _, ok := l.known[w]; !ok {
					l.known[w] = lexeme{}
					unknown = append(unknown, w)
				}
			}
		}
	}
	if len(unknown) > 0 {
		rows, err := q.Query(ctx, `
			SELECT w, coalesce(s[1], ''), coalesce(array_length(s, 1), 0) <= 1 AND (SELECT count(*) FROM ts_parse('default', w)) = 1
			  FROM (SELECT w, tsvector_to_array(to_tsvector('english', w)) AS s FROM unnest($1::text[]) AS u (w)) stems`, unknown)
		if err != nil {
			return nil, err
		}
		var word string
		var x lexeme
		if _, err = pgx.ForEachRow(rows, []any{&word, &x.text, &x.alone}, func() error { l.known[word] = x; return nil }); err != nil {
			return nil, err
		}
	}
	return l.askForOdd(ctx, q, laid)
}

// askForOdd asks Postgres for the search columns that the lexicon cannot tell.
func (l *lexicon) askForOdd(ctx context.Context, q querier, laid []wordsLaid) ([][]byte, error) {
	out := make([][]byte, len(laid))
	var odd []int
	texts := make([][]string, len(wordColumns))
	for i, w := range laid {
		if l.tells(w) {
			continue
		}
		odd = append(odd, i)
		for j := range texts {
			texts[j] = append(texts[j], w.texts[j])
		}
	}
	if len(odd) == 0 {
		return out, nil
	}
	rows, err := q.Query(ctx, `
		SELECT tsvectorsend(`+searchColumn+`)
		  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS w (`+columnList(wordColumns, "")+`, ord)
		 ORDER BY ord`, texts[0], texts[1], texts[2], texts[3], texts[4])
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	for i, column := range list {
		out[odd[i]] = column
	}
	return out, err
}

// maxWords is how many words the lexicon lays down: Postgres keeps of a word so
// many places and none far behind, and shorter texts reach neither bound.
const maxWords = 250

// tells tells whether column knows all words.
func (l *lexicon) tells(w wordsLaid) bool {
	n := len(w.symbols)
	for _, s := range w.symbols {
		if !plainSymbol(s) {
			return false
		}
	}
	for _, words := range w.words {
		if n += len(words); n > maxWords {
			return false
		}
		for _, word := range words {
			if !l.known[word].alone {
				return false
			}
		}
	}
	return true
}

// placed is one word of a search column: its weight and position as they are kept.
type placed struct {
	text string
	at   uint16
}

// column returns the search column in its binary form, of words that it tells.
func (l *lexicon) column(w wordsLaid) []byte {
	list := make([]placed, 0, maxWords)
	last := 0 // the last place that is taken: || counts on from there
	add := func(words []string, weight uint16, symbol bool) {
		begin := last
		for i, word := range words {
			if !symbol {
				word = l.known[word].text
			}
			if word != "" {
				last = begin + i + 1
				list = append(list, placed{word, weight<<14 | uint16(last)})
			}
		}
	}
	add(w.symbols, 3, true)
	for i, words := range w.words {
		add(words, 3-uint16(i), false)
	}
	return vector(list)
}

// plainSymbol tells whether a symbol is surely one word to Postgres: small
// letters and digits that do not begin with a digit, or digits alone.
func plainSymbol(s string) bool {
	if strings.Trim(s, "0123456789") == "" {
		return true
	}
	return s[0] >= 'a' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// vector writes words with their places as the type tsvector is sent.
func vector(list []placed) []byte {
	slices.SortStableFunc(list, func(a, b placed) int { return strings.Compare(a.text, b.text) })
	buf := make([]byte, 4, 4+len(list)*12)
	n := uint32(0)
	for i := 0; i < len(list); n++ {
		j := i
		for j < len(list) && list[j].text == list[i].text {
			j++
		}
		buf = append(append(buf, list[i].text...), 0)
		buf = binary.BigEndian.AppendUint16(buf, uint16(j-i))
		for ; i < j; i++ {
			buf = binary.BigEndian.AppendUint16(buf, list[i].at)
		}
	}
	binary.BigEndian.PutUint32(buf, n)
	return buf
}

// columns returns the search columns of many.
func (l *lexicon) columns(ctx context.Context, q querier, laid []wordsLaid) ([][]byte, error) {
	list, err := l.learn(ctx, q, laid)
	for i := range list {
		if list[i] == nil {
			list[i] = l.column(laid[i])
		}
	}
	return list, err
}
