package store_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"scvotes/store/pgtest"
)

// The program runs on databases that are nearly Postgres only as far as they
// have what it uses. docs/scale.md says of each feature which of them have it;
// these tests hold that table against the SQL, both ways.

const featureTable = "../docs/scale.md"

func TestSQLUsesNoOtherFeatures(t *testing.T) {
	doc, err := os.ReadFile(featureTable)
	if err != nil {
		t.Fatal(err)
	}
	terms := featuresIn(t, string(doc))
	r := newFeatureReader(t, terms, append(migrationTexts(t), programTexts(t)...))
	found := map[string]bool{}
	for _, use := range r.all() {
		found[use.what] = true
		if !slices.Contains(terms, use.what) {
			t.Errorf("%s: %s. The table in docs/scale.md does not name it: say there which databases have it, or do without", use.where, use.what)
		}
	}
	for _, term := range terms {
		if !found[term] {
			t.Errorf("docs/scale.md names %s, which no SQL uses any more", term)
		}
	}
}

func TestNewFeaturesAreNoticed(t *testing.T) {
	terms := []string{"SELECT", "FROM", "WHERE", "UPDATE", "SET", "INSERT", "INTO", "CREATE TABLE", "CREATE INDEX", "ON", "USING", "USING gin",
		"SET CONSTRAINTS ALL", "IMMEDIATE", "count()", "pg_advisory_xact_lock()", "=", "*", "text", "AND", "BETWEEN", "DISTINCT", "WITH", "AS",
		"IF", "THEN", "BEGIN", "END", "LANGUAGE plpgsql", "FOR EACH ROW"}
	for sql, want := range map[string]string{
		"SELECT count(*) FROM r WHERE a = $1":                  "",
		"UPDATE r SET a = 'MERGE INTO x' -- LISTEN y":          "",
		"SELECT pg_advisory_xact_lock($1)":                     "",
		"SET CONSTRAINTS ALL IMMEDIATE":                        "",
		"CREATE INDEX i ON r USING gin (a)":                    "",
		"INSERT INTO r (a) SELECT a FROM s":                    "",
		"SELECT similarity(a, $1) FROM r":                      "similarity()",
		"SELECT SIMILARITY (a, $1) FROM r":                     "similarity()",
		"SELECT a FROM r WHERE a % $1":                         "%",
		"SELECT a FROM r WHERE a @> $1":                        "@>",
		"CREATE INDEX i ON r USING gist (a)":                   "USING gist",
		"CREATE INDEX i ON r USING gin (a gin_trgm_ops)":       "gin_trgm_ops",
		"CREATE UNIQUE INDEX i ON r (a)":                       "CREATE UNIQUE INDEX",
		"CREATE INDEX CONCURRENTLY i ON r (a)":                 "CONCURRENTLY",
		"MERGE INTO r USING s ON r.a = s.a":                    "MERGE",
		"CREATE EXTENSION pg_trgm":                             "CREATE EXTENSION",
		"SET statement_timeout = 1000":                         "SET statement_timeout",
		"SET LOCAL work_mem = '1GB'":                           "SET LOCAL",
		"SELECT a FROM r; SET search_path = x":                 "SET search_path",
		"SELECT pg_advisory_lock($1)":                          "pg_advisory_lock()",
		"LISTEN changes":                                       "LISTEN",
		"listen changes":                                       "listen: keywords are written in capitals",
		"Select a from r WHERE a = 1":                          "Select: keywords are written in capitals from: keywords are written in capitals",
		"SELECT a FROM r FOR UPDATE":                           "FOR UPDATE",
		"SELECT DISTINCT ON (a) a FROM r":                      "DISTINCT ON",
		"WITH RECURSIVE x AS (SELECT a FROM r) SELECT a":       "WITH RECURSIVE",
		"WITH x AS (UPDATE r SET a = 1) SELECT a":              "AS (UPDATE",
		"SELECT a::jsonb FROM r":                               "jsonb",
		"CREATE TABLE s (a hstore)":                            "",
		"CREATE TABLE s (a jsonb, b text)":                     "jsonb",
		"CREATE TABLE s (a text[])":                            "text[]",
		"SELECT a COLLATE \"de\" FROM r":                       `COLLATE "de"`,
		"$$ BEGIN IF a = 1 THEN SET x = 1; END $$":             "SET x",
		"LANGUAGE plpython3u AS $$ BEGIN END $$":               "LANGUAGE plpython3u",
		"SELECT count(*) FROM r TABLESAMPLE bernoulli (1)":     "TABLESAMPLE bernoulli()",
		"SELECT txid_current(), /* now() */ 'now()', count(*)": "txid_current()",
	} {
		r := newFeatureReader(t, terms, []sqlText{plainSQL("sample.sql", sql)})
		var news []string
		for _, use := range r.all() {
			if !slices.Contains(terms, use.what) {
				news = append(news, use.what)
			}
		}
		if got := strings.Join(news, " "); got != want {
			t.Errorf("%s: noticed %q, want %q", sql, got, want)
		}
	}
}

func TestTheProgramsStringsAreRead(t *testing.T) {
	const src = `package store
func f() {
	tx.Query(ctx, ` + "`SELECT a,\n\t\tpg_try_advisory_lock(1) FROM r WHERE ` + w.String() + `\n\t\tLIMIT 1`" + `)
	tx.CopyFrom(ctx, nil)
	pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.Serializable})
	pgx.BeginFunc(ctx, tx, nil)
	return fmt.Errorf("LISTEN %w: hidden(%s)", err)
}`
	var got []string
	for _, use := range newFeatureReader(t, []string{"SELECT", "FROM", "WHERE"}, goTexts(t, "f.go", src)).all() {
		got = append(got, use.where+" "+use.what)
	}
	slices.Sort(got)
	want := []string{"store/f.go:3 SELECT", "store/f.go:4 FROM", "store/f.go:4 WHERE", "store/f.go:4 pg_try_advisory_lock()",
		"store/f.go:5 LIMIT", "store/f.go:6 COPY", "store/f.go:7 SERIALIZABLE", "store/f.go:8 SAVEPOINT"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// featuresIn returns what the table names, from the code of its second column.
func featuresIn(t *testing.T, doc string) []string {
	_, table, ok := strings.Cut(doc, "<!-- sql:begin -->")
	table, _, ended := strings.Cut(table, "<!-- sql:end -->")
	if !ok || !ended {
		t.Fatalf("%s has no table between <!-- sql:begin --> and <!-- sql:end -->", featureTable)
	}
	var list []string
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		if len(cells) < 3 {
			continue
		}
		for i, code := range strings.Split(cells[2], "`") {
			if i%2 == 0 {
				continue
			}
			term := strings.ReplaceAll(code, "\x00", "|")
			if slices.Contains(list, term) {
				t.Errorf("docs/scale.md names %s twice", term)
			}
			list = append(list, term)
		}
	}
	if len(list) < 50 {
		t.Fatalf("only %d features in %s", len(list), featureTable)
	}
	return list
}

// sqlGrammar is what Postgres itself says of its words.
type sqlGrammar struct{ keywords, reserved, types map[string]bool }

// sqlWords asks the server of the tests, so that the words of a later release count too.
var sqlWords = sync.OnceValue(func() *sqlGrammar { return new(sqlGrammar) })

func grammarOf(t *testing.T) *sqlGrammar {
	g := sqlWords()
	if g.keywords != nil {
		return g
	}
	db := connect(t, pgtest.NewEmpty(t))
	words := func(sql string) map[string]bool {
		rows, err := db.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(list) < 50 {
			t.Fatalf("%d words, %v", len(list), err)
		}
		set := map[string]bool{}
		for _, w := range list {
			set[w] = true
		}
		return set
	}
	*g = sqlGrammar{
		words(`SELECT word FROM pg_get_keywords()`),
		words(`SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')`),
		words(`SELECT typname FROM pg_type WHERE typtype IN ('b', 'p', 'r') AND typname !~ '^_'
		       UNION SELECT unnest(ARRAY['integer', 'bigint', 'smallint', 'boolean', 'real'])`),
	}
	for _, w := range []string{"raise", "perform", "elsif", "loop", "while", "foreach", "exception", "diagnostics"} {
		g.keywords[w] = true // of PL/pgSQL
	}
	return g
}
