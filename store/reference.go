package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// The states, their names and the terms on the Council, as facts is given them.
const (
	factStates = `json_to_recordset($1::json->'states') AS x(code text, seat text, name text)`
	factNames  = `json_to_recordset($1::json->'names') AS x(code text, name text, from_date date, to_date date)`
	factTerms  = `json_to_recordset($1::json->'terms') AS x(code text, permanent boolean, from_date date, to_date date, regional_group text, note text)`
)

// facts are the states, names and terms of package votes, as JSON.
func facts() (string, error) {
	type row map[string]any
	or := func(d votes.Date, open string) string {
		if d == "" {
			return open
		}
		return string(d)
	}
	var all struct {
		States []row `json:"states"`
		Names  []row `json:"names"`
		Terms  []row `json:"terms"`
	}
	for _, s := range votes.States() {
		all.States = append(all.States, row{"code": s.Code, "seat": s.Code.Seat(), "name": s.Names[len(s.Names)-1].Name})
		for _, n := range s.Names {
			all.Names = append(all.Names, row{"code": s.Code, "name": n.Name, "from_date": or(n.From, "-infinity"), "to_date": or(n.To, "infinity")})
		}
	}
	for _, t := range votes.Terms() {
		all.Terms = append(all.Terms, row{"code": t.Code, "permanent": t.Permanent, "from_date": or(t.From, "-infinity"),
			"to_date": or(t.To, "infinity"), "regional_group": string(t.Group), "note": string(t.Note)})
	}
	b, err := json.Marshal(all)
	return string(b), err
}

// referenceStands tells whether the tables hold the states, names and terms of
// package votes.
func referenceStands(ctx context.Context, q querier) (stands bool, err error) {
	want, err := facts()
	if err != nil {
		return false, err
	}
	err = q.QueryRow(ctx, `SELECT NOT EXISTS (
		(SELECT code, seat, name FROM `+factStates+` EXCEPT SELECT code, seat, name FROM states)
		UNION ALL (SELECT code, name, from_date::text FROM (
			(SELECT code, name, from_date, to_date FROM `+factNames+` EXCEPT SELECT code, name, from_date, to_date FROM state_names)
			UNION ALL (SELECT code, name, from_date, to_date FROM state_names EXCEPT SELECT code, name, from_date, to_date FROM `+factNames+`)) names)
		UNION ALL (SELECT code, note, from_date::text FROM (
			(SELECT `+termColumns+` FROM `+factTerms+` EXCEPT SELECT `+termColumns+` FROM terms)
			UNION ALL (SELECT `+termColumns+` FROM terms EXCEPT SELECT `+termColumns+` FROM `+factTerms+`)) terms))`, want).Scan(&stands)
	return stands, err
}

const termColumns = `code, permanent, from_date, to_date, regional_group, note`

// seedReference writes the states, their names and the terms on the Council.
// They are facts of package votes, so what the table held before is replaced.
func seedReference(ctx context.Context, tx pgx.Tx) error {
	if stands, err := referenceStands(ctx, tx); err != nil || stands {
		return err
	}
	want, err := facts()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM state_names; DELETE FROM terms`); err != nil {
		return fmt.Errorf("laying down the states and terms: %w", err)
	}
	for _, sql := range []string{`
		INSERT INTO states (code, seat, name) SELECT code, seat, name FROM ` + factStates + `
		ON CONFLICT (code) DO UPDATE SET seat = excluded.seat, name = excluded.name
		WHERE (states.seat, states.name) <> (excluded.seat, excluded.name)`, `
		INSERT INTO state_names (code, name, from_date, to_date) SELECT code, name, from_date, to_date FROM ` + factNames, `
		INSERT INTO terms (` + termColumns + `) SELECT ` + termColumns + ` FROM ` + factTerms,
	} {
		if _, err := tx.Exec(ctx, sql, want); err != nil {
			return fmt.Errorf("laying down the states and terms: %w", err)
		}
	}
	return nil
}
