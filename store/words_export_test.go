package store

import (
	"context"
	"testing"

	"scvotes/votes"
)

// SearchColumns returns the search columns that the program lays down for
// resolutions, those that Postgres makes of the same words, and how many of
// them the program made without asking it.
func SearchColumns(ctx context.Context, q querier, records []*votes.Resolution) (have, want [][]byte, own int, err error) {
	laid := make([]wordsLaid, len(records))
	for i, r := range records {
		laid[i] = layWords(r)
	}
	l := &lexicon{}
	if have, err = l.columns(ctx, q, laid); err != nil {
		return nil, nil, 0, err
	}
	for _, w := range laid {
		if l.tells(w) {
			own++
		}
		var column []byte
		if err := q.QueryRow(ctx, `SELECT tsvectorsend(`+searchColumn+`)
			  FROM (SELECT $1::text AS symbols, $2::text AS words_a, $3::text AS words_b, $4::text AS words_c, $5::text AS words_d) w`,
			w.texts[0], w.texts[1], w.texts[2], w.texts[3], w.texts[4]).Scan(&column); err != nil {
			return nil, nil, 0, err
		}
		want = append(want, column)
	}
	return have, want, own, nil
}

// FirstLoadAfter sets how many accounts make a first load, until the test ends.
func FirstLoadAfter(t testing.TB, accounts int) {
	was := firstLoadAfter
	firstLoadAfter = accounts
	t.Cleanup(func() { firstLoadAfter = was })
}

// FewDiscrepancies sets how many are looked up all together, until the test ends.
func FewDiscrepancies(t testing.TB, most int) {
	was := fewDiscrepancies
	fewDiscrepancies = most
	t.Cleanup(func() { fewDiscrepancies = was })
}
