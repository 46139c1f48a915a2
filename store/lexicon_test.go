package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"scvotes/store"
	"scvotes/votes"
)

// What the program lays down as a search column has to be what Postgres would:
// a search, ranked or not, and the words laid down by a migration, tell no
// difference.
func TestLexiconLaysWordsDownAsPostgres(t *testing.T) {
	r := newRecord(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"the", "and", "situation", "Council", "peace-keeping", "1e5", "3rd", "2nd", "007", "10", "-4", "S/2024/835", "U.N.",
		"Côte d'Ivoire", "Türkiye", "日本", "Россия", "x2", "a1b2", "5km", "http://un.org/a?b=c", "me@un.org", "Israel's", "running", "runs", "0x1f", "1.5.2", "ﬁ", "İ", "ß", "٣"}
	text := func(n int) votes.Text {
		words := make([]string, n)
		for i := range words {
			words[i] = pieces[rnd.IntN(len(pieces))]
		}
		return votes.Text(strings.Join(words, " "))
	}
	var records []*votes.Resolution
	for i := range 300 {
		records = append(records, &votes.Resolution{Draft: votes.Symbol(fmt.Sprintf("S/2024/%d/Rev.1", i)), Meeting: []votes.Symbol{"S/PV.9790", "S/PV.9790 (Resumption 1)"}[i%2],
			Title: text(rnd.IntN(20)), AgendaItem: text(rnd.IntN(9)), Topic: text(2), Note: text(rnd.IntN(20)),
			VetoedBy: []votes.Code{"RUS", "CHN"}[:rnd.IntN(3)], Detail: &votes.Detail{}})
	}
	records = append(records, &votes.Resolution{}, // and what is more than a search column holds
		&votes.Resolution{Title: votes.Text(strings.Repeat("peace and war ", 400)), Note: text(17_000), Draft: "S/Ω/1"})
	have, want, own, err := store.SearchColumns(t.Context(), r.db, records)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if string(have[i]) != string(want[i]) {
			t.Errorf("%q, %q:\n%q\nPostgres:\n%q", records[i].Title, records[i].Note, have[i], want[i])
		}
	}
	if own < 100 {
		t.Errorf("%d of %d without asking Postgres: the test tests nothing", own, len(records))
	}
}
