package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// wordColumns are what the words of a resolution are laid down in on the way to
// its search column: by weight, as Postgres ranks them.
var wordColumns = []string{"symbols", "words_a", "words_b", "words_c", "words_d"}

// searchColumn makes the search column of the words laid down. Symbols stand as
// they are; words by their stems, in English, the language of the sources.
const searchColumn = `setweight(to_tsvector('simple', symbols), 'A') || setweight(to_tsvector('english', words_a), 'A') ||
	setweight(to_tsvector('english', words_b), 'B') || setweight(to_tsvector('english', words_c), 'C') ||
	setweight(to_tsvector('english', words_d), 'D')`

// wordsOf returns the texts of wordColumns. Among the names are those of the
// members that sponsored, vetoed or explained: a search for France then finds
// what France had a part in, not every vote since 1946.
func wordsOf(r *votes.Resolution) []string {
	var symbols []string
	for _, s := range []votes.Symbol{r.Draft, r.Resolution, r.Meeting} {
		if s != "" {
			symbols = append(symbols, votes.SearchKey(s))
		}
	}
	fold := func(to *strings.Builder, parts ...string) {
		for _, part := range parts {
			to.WriteString(apart)
			to.WriteString(votes.Fold(part))
		}
	}
	var title, about, names, last strings.Builder
	fold(&title, string(r.Title))
	fold(&about, string(r.AgendaItem), string(r.Topic), string(r.Region), string(r.Part))
	for _, s := range r.Sponsors {
		fold(&names, s.Name)
		names.WriteString(foldedNames()[s.Code])
	}
	fold(&names, string(r.SponsoredAs))
	for _, c := range r.VetoedBy {
		names.WriteString(foldedNames()[c])
	}
	if r.Detail != nil {
		for _, s := range r.Statements {
			fold(&names, s.Speaker)
			names.WriteString(foldedNames()[s.For])
			fold(&last, s.Text)
		}
	}
	fold(&last, string(r.Note))
	return []string{strings.Join(symbols, " "), title.String(), about.String(), names.String(), last.String()}
}

// apart stands before each text: a word too common to be kept, that takes a
// place all the same, so that no phrase reaches from one text into the next.
const apart = " the "

// layDownWords fills the search column of the resolutions that were written
// before there was one. Nothing that the record tells changes by it, so that it
// makes no revision.
func (s *Store) layDownWords(ctx context.Context) error {
	return s.layDown(ctx, `SELECT id FROM resolutions WHERE search = '' AND id > $1 ORDER BY id LIMIT $2`,
		func(ctx context.Context, tx pgx.Tx, _ []string, records map[string]*votes.Resolution) error {
			return writeWords(ctx, tx, slices.Collect(maps.Values(records)))
		})
}

func writeWords(ctx context.Context, tx pgx.Tx, records []*votes.Resolution) error {
	if _, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE words (id text COLLATE "C", `+strings.Join(wordColumns, ` text, `)+` text)`); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"words"}, append([]string{"id"}, wordColumns...),
		pgx.CopyFromSlice(len(records), func(i int) ([]any, error) {
			row := []any{records[i].ID}
			for _, words := range wordsOf(records[i]) {
				row = append(row, words)
			}
			return row, nil
		})); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE resolutions r SET search = `+searchColumn+` FROM words w WHERE w.id = r.id`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DROP TABLE words`)
	return err
}

// foldedNames gives every name of each state, so that Turkey finds Türkiye.
var foldedNames = sync.OnceValue(func() map[votes.Code]string {
	all := make(map[votes.Code]string)
	for _, state := range votes.States() {
		for _, code := range votes.CodesOfSeat(state.Code) {
			s, _ := votes.StateByCode(code)
			for _, n := range s.Names {
				all[state.Code] += apart + votes.Fold(n.Name)
			}
		}
	}
	return all
})

// searchFor is the text search that finds what is looked for, as SQL; "" where
// nothing is.
func (w *where) searchFor(s votes.Search) string {
	terms := make([]string, len(s.Terms))
	for i, t := range s.Terms {
		var either []string
		if len(t.Words) > 0 {
			either = append(either, w.words(t))
		}
		for _, r := range t.Readings {
			key := "'" + r.Key + "'"
			if r.Prefix {
				key += ":*"
			}
			either = append(either, "to_tsquery('simple', "+w.name(key)+")")
		}
		terms[i] = "(" + strings.Join(either, " || ") + ")"
		if t.Not {
			terms[i] = "!!" + terms[i]
		}
	}
	return strings.Join(terms, " && ")
}

// words looks for words side by side. The beginning of a word is looked for as
// it stands too: it may be the beginning of one that is too common to be kept.
func (w *where) words(t votes.SearchTerm) string {
	words := t.Words
	if !t.Prefix {
		return "phraseto_tsquery('english', " + w.name(strings.Join(words, " ")) + ")"
	}
	last := w.name("'" + words[len(words)-1] + "':*")
	beginning := "(to_tsquery('english', " + last + ") || to_tsquery('simple', " + last + "))"
	if len(words) == 1 {
		return beginning
	}
	// One query for the whole phrase, so that common words in it keep their places.
	return "(to_tsquery('english', " + w.name("'"+strings.Join(words, "' <-> '")+"':*") + ") && " + beginning + ")"
}

// rank is how well a resolution answers a search; "" where nothing is looked for.
func (w *where) rank(s votes.Search) string {
	if !s.Ranks() {
		return ""
	}
	return "ts_rank(r.search, " + w.searchFor(s) + ")"
}
